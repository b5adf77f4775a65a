/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wap.c: see wap.h. enrollment.md section 5.1: datatype must be written for numbers and booleans
 * of DMClient and WSTEP, or Windows takes them for strings and refuses the node.
 */
#include "sim/device/wap.h"

bool wap_is_node(const struct xml *x)
{
	return xml_is(x, "", "characteristic");
}

struct text wap_type(const struct xml *node)
{
	return xml_attribute(node, "type");
}

static const struct xml *node_from(const struct xml *x, const char *type)
{
	while (x && !(wap_is_node(x) && text_eq_c(wap_type(x), type)))
		x = x->next;
	return x;
}

const struct xml *wap_node(const struct xml *node, const char *type)
{
	return node ? node_from(node->first, type) : NULL;
}

const struct xml *wap_next(const struct xml *node, const char *type)
{
	return node_from(node->next, type);
}

const struct xml *wap_parm(const struct xml *node, const char *name)
{
	const struct xml *x = node ? node->first : NULL;

	while (x && !(xml_is(x, "", "parm") && text_eq_c(xml_attribute(x, "name"), name)))
		x = x->next;
	return x;
}

struct text wap_value(const struct xml *node, const char *name)
{
	const struct xml *parm = wap_parm(node, name);
	struct text value;

	if (!parm)
		return (struct text){0};
	value = xml_attribute(parm, "value");
	return value.ptr ? value : TEXT_EMPTY;
}

const char *wap_string(struct arena *arena, const struct xml *node, const char *name)
{
	struct text value = wap_value(node, name);

	return value.ptr ? arena_cstr(arena, value) : "";
}

static int parm_check(struct task *task, const struct xml *parm)
{
	struct text name = xml_attribute(parm, "name");
	struct text datatype = xml_attribute(parm, "datatype");

	if (text_is_empty(name) || parm->first)
		return TASK_BROKEN(task, CODE_PROVISIONING,
				   "provisioning document: a parm without a name or with content");
	if (datatype.ptr && !text_eq_c(datatype, "string") && !text_eq_c(datatype, "integer") &&
	    !text_eq_c(datatype, "boolean"))
		return TASK_BROKEN(task, CODE_PROVISIONING,
				   "provisioning document: %.*s has datatype \"%.*s\"",
				   TEXT_ARG(name), TEXT_ARG(datatype));
	return 0;
}

int wap_check(struct task *task, const struct xml *root)
{
	for (const struct xml *x = root->first; x; x = x->next) {
		int r;

		if (xml_text(x).len > 0)
			return TASK_BROKEN(task, CODE_PROVISIONING,
					   "provisioning document: text between elements");
		if (xml_is(x, "", "parm"))
			r = parm_check(task, x);
		else if (wap_is_node(x) && !text_is_empty(wap_type(x)))
			r = wap_check(task, x);
		else
			return TASK_BROKEN(task, CODE_PROVISIONING,
					   "provisioning document: element %s is not known or has "
					   "no type",
					   x->name);
		if (r != 0)
			return r;
	}
	return 0;
}

static int datatype_check(struct task *task, const struct xml *parm, const char *name,
			  const char *datatype, enum code code)
{
	if (text_eq_c(xml_attribute(parm, "datatype"), datatype))
		return 0;
	return TASK_BROKEN(task, code, "provisioning document: %s needs datatype=\"%s\"", name,
			   datatype);
}

int wap_integer(struct task *task, const struct xml *node, const char *name, enum code code,
		int64_t otherwise, int64_t *ret)
{
	const struct xml *parm = wap_parm(node, name);
	struct text value = wap_value(node, name);
	uint64_t number;
	int r;

	if (!parm) {
		*ret = otherwise;
		return 0;
	}
	r = datatype_check(task, parm, name, "integer", code);
	if (r != 0)
		return r;
	if (!text_to_u64(value, &number) || number > INT32_MAX)
		return TASK_BROKEN(task, code,
				   "provisioning document: %s is \"%.*s\", not a number", name,
				   TEXT_ARG(value));
	*ret = (int64_t)number;
	return 0;
}

int wap_boolean(struct task *task, const struct xml *node, const char *name, enum code code)
{
	const struct xml *parm = wap_parm(node, name);
	struct text value = wap_value(node, name);
	int r;

	if (!parm)
		return 0;
	r = datatype_check(task, parm, name, "boolean", code);
	if (r != 0)
		return r;
	if (!text_eq_c(value, "true") && !text_eq_c(value, "false"))
		return TASK_BROKEN(task, code, "provisioning document: %s is \"%.*s\"", name,
				   TEXT_ARG(value));
	return 0;
}
