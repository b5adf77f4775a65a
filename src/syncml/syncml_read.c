/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syncml_read.c: an XML tree into struct syncml (OMA SyncML RepPro 1.2, MS-MDM 2.2).
 *
 * Elements are found by local name in any namespace, because the namespaces of Meta children
 * differ between Windows versions and samples; counting them in any namespace is also what makes
 * a second SyncHdr under a foreign prefix visible as a duplicate. What a verb may contain is in
 * one table. Refuses a message as a whole or takes it as a whole: a command is never skipped, an
 * unknown element of the body stays in its place so that it can be answered.
 */
#include "base/limits.h"
#include "syncml/syncml.h"
#include "xml/xml_read.h"

#define SINGLES_MAX 8

static const struct {
	const char *name;
	enum syncml_verb verb;
	bool has_members;
	const char *singles[SINGLES_MAX];
} verbs[] = {
    {"Alert", SYNCML_ALERT, false, {"CmdID", "Data"}},
    {"Add", SYNCML_ADD, false, {"CmdID", "Meta"}},
    {"Replace", SYNCML_REPLACE, false, {"CmdID", "Meta"}},
    {"Delete", SYNCML_DELETE, false, {"CmdID", "Meta"}},
    {"Get", SYNCML_GET, false, {"CmdID", "Meta"}},
    {"Exec", SYNCML_EXEC, false, {"CmdID", "Meta"}},
    {"Atomic", SYNCML_ATOMIC, true, {"CmdID", "Meta"}},
    {"Sequence", SYNCML_SEQUENCE, true, {"CmdID", "Meta"}},
    {"Status", SYNCML_STATUS, false, {"CmdID", "MsgRef", "CmdRef", "Cmd", "Data"}},
    {"Results", SYNCML_RESULTS, false, {"CmdID", "MsgRef", "CmdRef", "Cmd", "Meta"}},
    {"", SYNCML_UNKNOWN, false, {"CmdID"}},
};

struct reader {
	struct arena *arena;
	size_t count; /* commands and items so far */
	int outcome;  /* the first one; 0 while all is well */
};

static void refuse(struct reader *reader, enum syncml_outcome outcome)
{
	if (!reader->outcome)
		reader->outcome = outcome;
}

static const struct xml_node *child(const struct xml_node *node, const char *name)
{
	return xml_child_any_ns(node, name);
}

/* NULL node: nothing to check. */
static void check_singles(struct reader *reader, const struct xml_node *node,
			  const char *const *names, size_t n)
{
	for (size_t i = 0; i < n && names[i]; i++) {
		if (xml_count(node, NULL, names[i]) > 1)
			refuse(reader, SYNCML_E_DUPLICATE);
	}
}

static int64_t read_number(struct text t, int64_t otherwise)
{
	int64_t number;

	return text_to_i64(t, &number) && number >= 0 ? number : otherwise;
}

static void count_one(struct reader *reader)
{
	if (++reader->count > LIMIT_SYNCML_COMMANDS)
		refuse(reader, SYNCML_E_LIMIT);
}

/* The LocURI inside a Target or Source; as it came, because who a message is from is compared
 * byte for byte. */
static struct text read_locuri(struct reader *reader, const struct xml_node *node)
{
	static const char *const singles[] = {"LocURI", "LocName"};
	struct text uri = xml_text(child(node, "LocURI"));

	check_singles(reader, node, singles, ARRAY_LEN(singles));
	if (uri.ptr && uri.len > LIMIT_SYNCML_LOCURI)
		refuse(reader, SYNCML_E_LIMIT);
	return uri;
}

static struct syncml_meta read_meta(struct reader *reader, const struct xml_node *node)
{
	static const char *const singles[] = {"Format", "Type", "Mark", "Size"};

	check_singles(reader, node, singles, ARRAY_LEN(singles));
	return (struct syncml_meta){
	    .format = xml_child_text(node, NULL, "Format"),
	    .type = xml_child_text(node, NULL, "Type"),
	    .mark = xml_child_text(node, NULL, "Mark"),
	    .size = read_number(xml_child_text(node, NULL, "Size"), 0),
	};
}

/* Data with elements in it comes back as markup, anything else as its text. */
static struct text read_data(struct reader *reader, const struct xml_node *data, bool *ret_markup)
{
	struct buf buf;

	*ret_markup = data && data->first;
	if (!*ret_markup)
		return xml_text(data);
	buf_init(&buf, reader->arena);
	xml_inner_write(&buf, data);
	return buf_text(&buf);
}

static void read_item(struct reader *reader, const struct xml_node *node, struct syncml_item *item)
{
	static const char *const singles[] = {"Target", "Source", "Meta",
					      "Type",   "Data",   "MoreData"};
	const struct xml_node *data = child(node, "Data");

	count_one(reader);
	check_singles(reader, node, singles, ARRAY_LEN(singles));
	item->target = read_locuri(reader, child(node, "Target"));
	item->source = read_locuri(reader, child(node, "Source"));
	item->meta = read_meta(reader, child(node, "Meta"));
	if (!item->meta.type.ptr)
		item->meta.type = xml_child_text(node, NULL, "Type");
	item->data = read_data(reader, data, &item->is_markup);
	item->original_error = xml_attr(data, "originalerror");
	item->is_more = child(node, "MoreData") != NULL;
}

static void read_items(struct reader *reader, const struct xml_node *node,
		       struct syncml_command *command)
{
	command->item_count = xml_count(node, NULL, "Item");
	command->items = ARENA_ARRAY(reader->arena, command->item_count, struct syncml_item);
	node = child(node, "Item");
	for (size_t i = 0; node && !reader->outcome; i++, node = xml_next(node, NULL, "Item"))
		read_item(reader, node, &command->items[i]);
}

static size_t find_verb(const struct xml_node *node)
{
	size_t i = 0;

	while (i < ARRAY_LEN(verbs) - 1 && !text_eq_c(node->name, verbs[i].name))
		i++;
	return i;
}

static void read_commands(struct reader *reader, const struct xml_node *parent,
			  const char *const *skip, struct syncml_command **ret, size_t *ret_n);

static void read_command(struct reader *reader, const struct xml_node *node,
			 struct syncml_command *command)
{
	static const char *const not_members[] = {"CmdID", "Meta", "NoResp", NULL};
	size_t i = find_verb(node);
	const struct xml_node *data = child(node, "Data");

	count_one(reader);
	check_singles(reader, node, verbs[i].singles, SINGLES_MAX);
	command->verb = verbs[i].verb;
	command->name = node->name;
	command->cmd_id = xml_child_text(node, NULL, "CmdID");
	command->meta = read_meta(reader, child(node, "Meta"));
	command->data = xml_text_trimmed(data);
	command->code = command->data.ptr ? read_number(command->data, -1) : -1;
	command->original_error = xml_attr(data, "originalerror");
	command->msg_ref = xml_child_text(node, NULL, "MsgRef");
	command->cmd_ref = xml_child_text(node, NULL, "CmdRef");
	command->cmd = xml_child_text(node, NULL, "Cmd");
	command->target_ref = xml_child_text(node, NULL, "TargetRef");
	command->source_ref = xml_child_text(node, NULL, "SourceRef");
	if (verbs[i].verb != SYNCML_UNKNOWN)
		read_items(reader, node, command);
	if (verbs[i].has_members)
		read_commands(reader, node, not_members, &command->members, &command->member_count);
}

static bool is_skipped(const struct xml_node *node, const char *const *skip)
{
	for (; *skip; skip++) {
		if (text_eq_c(node->name, *skip))
			return true;
	}
	return false;
}

/* Recursion ends with the depth that xml_read allows. */
static void read_commands(struct reader *reader, const struct xml_node *parent,
			  const char *const *skip, struct syncml_command **ret, size_t *ret_n)
{
	struct syncml_command *commands;
	size_t n = 0;

	if (parent->child_count > LIMIT_SYNCML_COMMANDS) {
		refuse(reader, SYNCML_E_LIMIT);
		return;
	}
	commands = ARENA_ARRAY(reader->arena, parent->child_count, struct syncml_command);
	for (const struct xml_node *node = parent->first; node && !reader->outcome;
	     node = node->next) {
		if (!is_skipped(node, skip))
			read_command(reader, node, &commands[n++]);
	}
	*ret = commands;
	*ret_n = n;
}

static void read_header(struct reader *reader, const struct xml_node *node,
			struct syncml_header *header)
{
	static const char *const singles[] = {"VerDTD", "VerProto", "SessionID", "MsgID",
					      "Target", "Source",   "Cred",      "Meta"};

	check_singles(reader, node, singles, ARRAY_LEN(singles));
	header->ver_dtd = xml_child_text(node, NULL, "VerDTD");
	header->ver_proto = xml_child_text(node, NULL, "VerProto");
	header->session_id = xml_child_text(node, NULL, "SessionID");
	header->msg_id = read_number(xml_child_text(node, NULL, "MsgID"), 0);
	header->target = read_locuri(reader, child(node, "Target"));
	header->source = read_locuri(reader, child(node, "Source"));
	header->source_name = xml_child_text(child(node, "Source"), NULL, "LocName");
	if (text_is_empty(header->session_id) || !text_is_printable(header->session_id) ||
	    header->session_id.len > LIMIT_SYNCML_SESSION_ID || header->msg_id < 1 ||
	    header->msg_id > LIMIT_SYNCML_MSG_ID)
		refuse(reader, SYNCML_E_HEADER);
}

static bool is_syncml(const struct xml_node *root)
{
	return xml_is(root, NULL, "SyncML") &&
	       text_starts(text_trim(root->ns), TEXT("SYNCML:SYNCML1."));
}

int syncml_read(struct arena *arena, struct text body, struct syncml *ret)
{
	static const char *const parts[] = {"SyncHdr", "SyncBody"};
	static const char *const not_commands[] = {"Final", NULL};
	struct reader reader = {.arena = arena};
	struct syncml message = {.is_final = false};
	const struct xml_node *root, *header, *content;

	switch (xml_read(arena, body, &xml_limits_syncml, &root)) {
	case 0:
		break;
	case XML_E_TOO_DEEP:
	case XML_E_TOO_MANY:
	case XML_E_TOO_LONG:
		return SYNCML_E_LIMIT;
	default:
		return SYNCML_E_MALFORMED;
	}
	header = child(root, parts[0]);
	content = child(root, parts[1]);
	if (!is_syncml(root) || !header || !content)
		return SYNCML_E_SHAPE;
	check_singles(&reader, root, parts, ARRAY_LEN(parts));
	check_singles(&reader, content, not_commands, 1);
	read_header(&reader, header, &message.header);
	read_commands(&reader, content, not_commands, &message.commands, &message.command_count);
	message.is_final = child(content, "Final") != NULL;
	if (reader.outcome)
		return reader.outcome;
	*ret = message;
	return 0;
}

int syncml_markup_read(struct arena *arena, struct text data, struct text *ret)
{
	const struct xml_node *root;
	struct buf buf;

	buf_init(&buf, arena);
	buf_add_c(&buf, "<Data xmlns=\"SYNCML:SYNCML1.2\">");
	buf_add_text(&buf, data);
	buf_add_c(&buf, "</Data>");
	if (xml_read(arena, buf_text(&buf), &xml_limits_syncml, &root) != 0)
		return SYNCML_E_MALFORMED;
	buf_init(&buf, arena);
	xml_inner_write(&buf, root);
	*ret = buf_text(&buf);
	return 0;
}

const char *syncml_outcome_name(int outcome)
{
	static const char *const names[] = {
	    [SYNCML_E_MALFORMED] = "malformed", [SYNCML_E_LIMIT] = "limit",
	    [SYNCML_E_SHAPE] = "not SyncML",    [SYNCML_E_DUPLICATE] = "duplicate element",
	    [SYNCML_E_HEADER] = "header",
	};

	if (outcome <= 0 || (size_t)outcome >= ARRAY_LEN(names))
		return "none";
	return names[outcome];
}

const char *syncml_verb_name(enum syncml_verb verb)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (verbs[i].verb == verb)
			return verbs[i].name;
	}
	return "";
}
