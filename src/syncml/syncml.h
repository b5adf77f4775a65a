/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syncml.h: SyncML DM 1.2 messages as structs, and the codec between them and XML.
 *
 * The body is one array in document order: the order of Status elements, and the rule that an Add
 * stands before its Exec, are only visible there. Reading is lenient where Windows and its
 * documentation are (element order, namespaces of Meta, CDATA, Type beside Meta, markup or escaped
 * text in Data) and strict where a second reading would be possible: an element that may occur
 * once and occurs twice makes the whole message refused. Writing is exact: the order of the DTD,
 * the metinf namespace always, never CDATA.
 *
 * A struct text that was not in the message has ptr NULL. References, codes and ids are kept as
 * they came; the numbers beside them are -1 where the text is not a plain decimal.
 */
#ifndef MUSTER_SYNCML_SYNCML_H
#define MUSTER_SYNCML_SYNCML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/text.h"

enum syncml_outcome {
	SYNCML_E_MALFORMED = 1, /* not XML that xml_read accepts */
	SYNCML_E_LIMIT = 2,     /* more or longer than base/limits.h allows */
	SYNCML_E_SHAPE = 3,     /* XML, but not SyncML, SyncHdr, SyncBody */
	SYNCML_E_DUPLICATE = 4, /* an element that may occur once occurs twice */
	SYNCML_E_HEADER = 5     /* no usable SessionID or MsgID */
};

enum syncml_verb {
	SYNCML_ALERT,
	SYNCML_ADD,
	SYNCML_REPLACE,
	SYNCML_DELETE,
	SYNCML_GET,
	SYNCML_EXEC,
	SYNCML_ATOMIC,
	SYNCML_SEQUENCE,
	SYNCML_STATUS,
	SYNCML_RESULTS,
	SYNCML_UNKNOWN /* kept in its place: it is owed a Status 400 or 406 */
};

struct syncml_meta {
	struct text format;
	struct text type;
	struct text mark;
	int64_t size; /* 0: not said */
};

struct syncml_item {
	struct text target; /* LocURI */
	struct text source; /* LocURI */
	struct syncml_meta meta;
	struct text data;           /* character data, or the markup itself when is_markup */
	struct text original_error; /* msft:originalerror of Data */
	bool is_markup;             /* Data holds elements */
	bool is_more;               /* MoreData: not the last chunk */
};

struct syncml_command {
	enum syncml_verb verb;
	struct text name; /* element name */
	struct text cmd_id;
	struct syncml_meta meta;
	struct text data; /* Alert and Status: the code */
	int64_t code;
	struct text msg_ref; /* Status and Results; what is missing there means "1" */
	struct text cmd_ref;
	struct text cmd;
	struct text target_ref; /* the first */
	struct text source_ref;
	struct text original_error; /* msft:originalerror of a Status */
	struct syncml_item *items;
	size_t item_count;
	struct syncml_command *members; /* Atomic and Sequence */
	size_t member_count;
};

struct syncml_header {
	struct text ver_dtd;
	struct text ver_proto;
	struct text session_id;
	int64_t msg_id; /* 1 and up */
	struct text target;
	struct text source;
	struct text source_name; /* LocName */
};

struct syncml {
	struct syncml_header header;
	struct syncml_command *commands;
	size_t command_count;
	bool is_final;
};

/* One whole message, or an enum syncml_outcome. The result lives in the arena. */
MUST_CHECK int syncml_read(struct arena *arena, struct text body, struct syncml *ret);
/* A short English name of an outcome, for trails and counters. */
const char *syncml_outcome_name(int outcome);

/* Append the message. ver_dtd and ver_proto are always written as 1.2. */
void syncml_write(struct buf *buf, const struct syncml *message);
/* Bytes syncml_write would append for the message without commands, or for one command. */
size_t syncml_envelope_size(const struct syncml *message);
size_t syncml_command_size(const struct syncml_command *command);

/* Bring the content of an xml-format node into the form that may stand inside Data: elements and
 * text, no CDATA, no instruction. SYNCML_E_MALFORMED: it is not well-formed content. */
MUST_CHECK int syncml_markup_read(struct arena *arena, struct text data, struct text *ret);

const char *syncml_verb_name(enum syncml_verb verb);

#endif
