/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syncml_order.c: see syncml_order.h. The table is the DTD as far as a server may use it: a word is
 * a child that may come once, a word with * one that may repeat, "|" separates children whose order
 * is free. management.md section 2.2.
 */
#include "sim/device/syncml_order.h"

#include "sim/device/syncml_check.h"

static const char COMMANDS[] = "Alert|Add|Replace|Delete|Get|Exec|Atomic|Sequence";

/* order NULL: any number of what is in `any`. */
static const struct {
	const char *name;
	const char *order;
	const char *any;
} ELEMENTS[] = {
    {"SyncML", "SyncHdr SyncBody", NULL},
    {"SyncHdr", "VerDTD VerProto SessionID MsgID Target Source RespURI NoResp Cred Meta", NULL},
    {"SyncBody", NULL, "Status|Alert|Add|Replace|Delete|Get|Exec|Atomic|Sequence|Final"},
    {"Target", "LocURI LocName", NULL},
    {"Source", "LocURI LocName", NULL},
    {"Cred", "Meta Data", NULL},
    {"Chal", "Meta", NULL},
    {"Status", "CmdID MsgRef CmdRef Cmd TargetRef* SourceRef* Cred Chal Data Item*", NULL},
    {"Alert", "CmdID Data Item*", NULL},
    {"Add", "CmdID Meta Item*", NULL},
    {"Replace", "CmdID Meta Item*", NULL},
    {"Delete", "CmdID Meta Item*", NULL},
    {"Get", "CmdID Meta Item*", NULL},
    {"Exec", "CmdID Meta Item", NULL},
    {"Atomic", "CmdID Meta", COMMANDS},
    {"Sequence", "CmdID Meta", COMMANDS},
    {"Item", "Target Source Meta Data MoreData", NULL},
    {"Meta", "Format Type Mark Size Version NextNonce MaxMsgSize MaxObjSize", NULL},
};

static bool word_is(struct text word, const struct xml *x)
{
	if (text_ends(word, TEXT("*")))
		word.len--;
	return text_eq_c(word, x->name);
}

static bool is_any_of(const char *any, const struct xml *x)
{
	struct text rest = text_of(any);

	while (any && rest.ptr)
		if (text_eq_c(text_cut(&rest, '|'), x->name))
			return true;
	return false;
}

static const char *namespace_of(const struct xml *parent)
{
	return strcmp(parent->name, "Meta") == 0 ? NS_METINF : NS_SYNCML;
}

static int namespace_check(struct task *task, const struct xml *parent)
{
	for (const struct xml *x = parent->first; x; x = x->next)
		if (strcmp(x->space, namespace_of(parent)) != 0)
			return TASK_BROKEN(task, CODE_NONE,
					   "SyncML: %s in %s is in namespace \"%s\", not \"%s\"",
					   x->name, parent->name, x->space, namespace_of(parent));
	return 0;
}

/* Walks the ordered words along the children; what is left must be among `any`. */
static int children_check(struct task *task, const struct xml *parent, const char *order,
			  const char *any)
{
	const struct xml *x = parent->first;
	struct text rest = order ? text_of(order) : (struct text){0};

	while (x && rest.ptr) {
		struct text word = text_cut(&rest, ' ');
		bool repeats = text_ends(word, TEXT("*"));

		if (!word_is(word, x))
			continue;
		do
			x = x->next;
		while (repeats && x && word_is(word, x));
	}
	for (; x; x = x->next)
		if (!is_any_of(any, x))
			return TASK_BROKEN(task, CODE_NONE, "SyncML: %s may not stand there in %s",
					   x->name, parent->name);
	return 0;
}

static int element_check(struct task *task, const struct xml *x)
{
	int r = 0;

	/* A value may be markup of any kind. */
	if (strcmp(x->name, "Data") == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(ELEMENTS); i++) {
		if (strcmp(ELEMENTS[i].name, x->name) != 0)
			continue;
		if (xml_text(x).len > 0)
			return TASK_BROKEN(task, CODE_NONE, "SyncML: text between elements of %s",
					   x->name);
		r = namespace_check(task, x);
		if (r == 0)
			r = children_check(task, x, ELEMENTS[i].order, ELEMENTS[i].any);
		for (const struct xml *child = x->first; child && r == 0; child = child->next)
			r = element_check(task, child);
		return r;
	}
	if (x->first)
		return TASK_BROKEN(task, CODE_NONE, "SyncML: %s holds elements", x->name);
	return 0;
}

int syncml_order_check(struct task *task, const struct xml *root)
{
	return element_check(task, root);
}
