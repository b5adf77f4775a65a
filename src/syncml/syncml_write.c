/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syncml_write.c: struct syncml into XML, in the element order of the DTD (MS-MDM 2.2).
 *
 * Windows does not validate but reads by order, so the order here is the contract. Every child of
 * Meta carries the metinf namespace. Data is either escaped text or markup that
 * syncml_markup_read made; the caller says which by is_markup. The size functions write to a
 * scratch buffer and count, so that they cannot disagree with the writer.
 */
#include <stdio.h>

#include "syncml/syncml.h"
#include "xml/xml_write.h"

static void add_leaf(struct xml_writer *w, const char *name, struct text value)
{
	if (value.ptr)
		xml_add_leaf(w, name, value);
}

static void add_meta_leaf(struct xml_writer *w, const char *name, struct text value)
{
	if (!value.ptr)
		return;
	xml_open(w, name);
	xml_add_attr_c(w, "xmlns", "syncml:metinf");
	xml_add_text(w, value);
	xml_close(w);
}

static void add_meta(struct xml_writer *w, const struct syncml_meta *meta)
{
	char size[24];
	int len;

	if (!meta->format.ptr && !meta->type.ptr && !meta->mark.ptr && !meta->size)
		return;
	xml_open(w, "Meta");
	add_meta_leaf(w, "Format", meta->format);
	add_meta_leaf(w, "Type", meta->type);
	add_meta_leaf(w, "Mark", meta->mark);
	if (meta->size) {
		len = snprintf(size, sizeof(size), "%lld", (long long)meta->size);
		add_meta_leaf(w, "Size", text_make(size, (size_t)len));
	}
	xml_close(w);
}

static void add_uri(struct xml_writer *w, const char *name, struct text uri, struct text label)
{
	if (!uri.ptr)
		return;
	xml_open(w, name);
	xml_add_leaf(w, "LocURI", uri);
	add_leaf(w, "LocName", label);
	xml_close(w);
}

static void add_item(struct xml_writer *w, const struct syncml_item *item)
{
	const struct text none = {.ptr = NULL};

	xml_open(w, "Item");
	add_uri(w, "Target", item->target, none);
	add_uri(w, "Source", item->source, none);
	add_meta(w, &item->meta);
	if (item->data.ptr && item->is_markup) {
		xml_open(w, "Data");
		xml_add_markup(w, item->data);
		xml_close(w);
	} else {
		add_leaf(w, "Data", item->data);
	}
	if (item->is_more)
		xml_add_leaf_c(w, "MoreData", "");
	xml_close(w);
}

/* Recursion is as deep as the program nests Atomic and Sequence: once. */
static void add_command(struct xml_writer *w, const struct syncml_command *command)
{
	xml_open(w, syncml_verb_name(command->verb));
	add_leaf(w, "CmdID", command->cmd_id);
	add_leaf(w, "MsgRef", command->msg_ref);
	add_leaf(w, "CmdRef", command->cmd_ref);
	add_leaf(w, "Cmd", command->cmd);
	add_leaf(w, "TargetRef", command->target_ref);
	add_leaf(w, "SourceRef", command->source_ref);
	add_meta(w, &command->meta);
	add_leaf(w, "Data", command->data);
	for (size_t i = 0; i < command->item_count; i++)
		add_item(w, &command->items[i]);
	for (size_t i = 0; i < command->member_count; i++)
		add_command(w, &command->members[i]);
	xml_close(w);
}

static void add_header(struct xml_writer *w, const struct syncml_header *header)
{
	const struct text none = {.ptr = NULL};

	xml_open(w, "SyncHdr");
	xml_add_leaf_c(w, "VerDTD", "1.2");
	xml_add_leaf_c(w, "VerProto", "DM/1.2");
	xml_add_leaf(w, "SessionID", header->session_id);
	xml_add_leaf_int(w, "MsgID", header->msg_id);
	add_uri(w, "Target", header->target, none);
	add_uri(w, "Source", header->source, header->source_name);
	xml_close(w);
}

static void write_message(struct buf *buf, const struct syncml *message, size_t command_count)
{
	struct xml_writer w;

	xml_writer_init(&w, buf);
	xml_open(&w, "SyncML");
	xml_add_attr_c(&w, "xmlns", "SYNCML:SYNCML1.2");
	add_header(&w, &message->header);
	xml_open(&w, "SyncBody");
	for (size_t i = 0; i < command_count; i++)
		add_command(&w, &message->commands[i]);
	if (message->is_final)
		xml_add_leaf_c(&w, "Final", "");
	xml_close(&w);
	xml_close(&w);
}

void syncml_write(struct buf *buf, const struct syncml *message)
{
	write_message(buf, message, message->command_count);
}

size_t syncml_envelope_size(const struct syncml *message)
{
	struct buf scratch;
	size_t size;

	buf_init(&scratch, NULL);
	write_message(&scratch, message, 0);
	size = scratch.len;
	buf_done(&scratch);
	return size;
}

size_t syncml_command_size(const struct syncml_command *command)
{
	struct xml_writer w;
	struct buf scratch;
	size_t size;

	buf_init(&scratch, NULL);
	xml_writer_init(&w, &scratch);
	add_command(&w, command);
	size = scratch.len;
	buf_done(&scratch);
	return size;
}
