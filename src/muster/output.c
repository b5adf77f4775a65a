/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output.c: see output.h.
 */
#include "muster/output.h"

#include "muster/term.h"

/* A value somebody made long must not push the others off the screen. Both fit what is honest: a
 * node of Windows, a sentence. */
enum { GAP = 2, CELL_MAX = 100, LAST_CELL_MAX = 240 };

static void value_add(struct buf *buf, const struct json *value);

/* {"entra_group": "x", "exclude": true} is "entra_group=x exclude=yes". */
static void members_add(struct buf *buf, const struct json *object)
{
	for (size_t i = 0; i < object->count; i++) {
		if (i > 0)
			buf_add_byte(buf, ' ');
		buf_add_text(buf, object->items[i].name);
		buf_add_byte(buf, '=');
		value_add(buf, &object->items[i]);
	}
}

static void items_add(struct buf *buf, const struct json *array)
{
	for (size_t i = 0; i < array->count; i++) {
		if (i > 0)
			buf_add_c(buf, array->items[i].kind == JSON_OBJECT ? "; " : ", ");
		value_add(buf, &array->items[i]);
	}
}

/* The plain text of a value, not yet harmless. */
static void value_add(struct buf *buf, const struct json *value)
{
	size_t before = buf->len;

	if (!value) {
		buf_add_byte(buf, '-');
		return;
	}
	switch (value->kind) {
	case JSON_NULL:
		break;
	case JSON_BOOL:
		buf_add_c(buf, value->integer ? "yes" : "no");
		break;
	case JSON_INTEGER:
		buf_printf(buf, "%lld", (long long)value->integer);
		break;
	case JSON_REAL:
		json_write(buf, value);
		break;
	case JSON_STRING:
		buf_add_text(buf, value->text);
		break;
	case JSON_ARRAY:
		items_add(buf, value);
		break;
	case JSON_OBJECT:
		members_add(buf, value);
		break;
	}
	if (buf->len == before)
		buf_add_byte(buf, '-');
}

struct cell {
	struct text text; /* harmless */
	size_t width;
};

static struct cell cell_make(struct arena *arena, struct text plain)
{
	struct cell cell;
	struct buf buf;

	buf_init(&buf, arena);
	cell.width = term_add(&buf, plain);
	cell.text = buf_text(&buf);
	return cell;
}

/* At most max columns; what is left out is "...". */
static struct cell cell_cut(struct arena *arena, const struct json *value, size_t max)
{
	static const char mark[] = "...";
	struct cell cell;
	struct buf plain, buf;
	struct text rest;
	uint32_t c;

	buf_init(&plain, arena);
	value_add(&plain, value);
	cell = cell_make(arena, buf_text(&plain));
	if (cell.width <= max)
		return cell;
	buf_init(&buf, arena);
	rest = buf_text(&plain);
	for (cell.width = 0; cell.width + TERM_CHAR_MAX + sizeof(mark) - 1 <= max;) {
		size_t len = text_first_char(rest, &c);

		cell.width += term_add(&buf, text_take(rest, len ? len : 1));
		rest = text_from(rest, len ? len : 1);
	}
	buf_add_c(&buf, mark);
	cell.width += sizeof(mark) - 1;
	cell.text = buf_text(&buf);
	return cell;
}

static struct cell cell_of_value(struct arena *arena, const struct json *value)
{
	struct buf plain;

	buf_init(&plain, arena);
	value_add(&plain, value);
	return cell_make(arena, buf_text(&plain));
}

static struct cell cell_of_header(struct arena *arena, const char *name)
{
	char *upper = arena_string(arena, name);

	for (char *c = upper; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return cell_make(arena, text_of(upper));
}

/* The last column is not padded: no line ends in blanks. */
static void row_add(struct buf *buf, const struct cell *row, const size_t *widths, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_add_text(buf, row[i].text);
		if (i + 1 < count)
			term_pad(buf, widths[i] - row[i].width + GAP);
	}
	buf_add_byte(buf, '\n');
}

void output_table(struct buf *buf, struct arena *arena, const char *const *columns,
		  const struct json *const *items, size_t n)
{
	struct cell *cells;
	size_t *widths;
	size_t count = 0;

	while (columns[count])
		count++;
	widths = ARENA_ARRAY(arena, count, size_t);
	cells = ARENA_ARRAY(arena, (n + 1) * count, struct cell);
	for (size_t row = 0; row <= n; row++) {
		for (size_t i = 0; i < count; i++) {
			struct cell *cell = &cells[row * count + i];

			*cell = row == 0 ? cell_of_header(arena, columns[i])
					 : cell_cut(arena, json_get(items[row - 1], columns[i]),
						    i + 1 < count ? CELL_MAX : LAST_CELL_MAX);
			if (cell->width > widths[i])
				widths[i] = cell->width;
		}
	}
	for (size_t row = 0; row <= n; row++)
		row_add(buf, &cells[row * count], widths, count);
}

/* Arrays of objects take one line an item. */
static bool is_block(const struct json *value)
{
	return value->kind == JSON_ARRAY && value->count > 0 && value->items[0].kind == JSON_OBJECT;
}

static void block_add(struct buf *buf, struct arena *arena, const struct json *array)
{
	buf_add_byte(buf, '\n');
	for (size_t i = 0; i < array->count; i++) {
		buf_add_c(buf, "  ");
		buf_add_text(buf, cell_of_value(arena, &array->items[i]).text);
		buf_add_byte(buf, '\n');
	}
}

void output_object(struct buf *buf, struct arena *arena, const struct json *object)
{
	size_t width = 0;

	for (size_t i = 0; i < object->count; i++) {
		size_t len = cell_make(arena, object->items[i].name).width;

		width = len > width ? len : width;
	}
	for (size_t i = 0; i < object->count; i++) {
		const struct json *value = &object->items[i];
		size_t len = term_add(buf, value->name);

		buf_add_byte(buf, ':');
		if (is_block(value)) {
			block_add(buf, arena, value);
			continue;
		}
		term_pad(buf, width - len + 1);
		buf_add_text(buf, cell_of_value(arena, value).text);
		buf_add_byte(buf, '\n');
	}
}

size_t output_findings(struct buf *buf, const struct json *answer)
{
	const struct json *findings = json_get(answer, "findings");
	size_t problems = 0;

	for (size_t i = 0; findings && i < findings->count; i++) {
		const struct json *finding = &findings->items[i];
		struct text detail = json_text(finding, "detail");
		bool is_ok = false, is_notice;

		/* What does not say that it is good is not. */
		if (!json_bool(finding, "ok", &is_ok) || !is_ok)
			problems++;
		is_notice = text_eq(json_text(finding, "state"), TEXT("notice"));
		buf_add_c(buf, !is_ok ? "problem  " : is_notice ? "notice   " : "ok       ");
		term_add(buf, json_text(finding, "what"));
		if (detail.len > 0) {
			buf_add_c(buf, ": ");
			term_add(buf, detail);
		}
		buf_add_byte(buf, '\n');
	}
	return problems;
}
