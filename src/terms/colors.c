/* SPDX-License-Identifier: Apache-2.0 */
/*
 * colors.c: colors.conf, see branding.h. Only colours get out of it, so that it can break nothing
 * else, and black or white text is chosen for each: one of the two always has a contrast of 4.5 or
 * more (WCAG 2.1, 1.4.3).
 */
#include "base/buf.h"
#include "terms/branding.h"

enum { COLOR_ACCENT, COLOR_BACKGROUND, COLORS };

static const char *const names[COLORS] = {"accent", "background"};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool color_read(struct text t, uint8_t ret[3])
{
	if (t.len != 7 || t.ptr[0] != '#')
		return false;
	for (size_t i = 0; i < 3; i++) {
		int high = hex_digit(t.ptr[1 + 2 * i]);
		int low = hex_digit(t.ptr[2 + 2 * i]);

		if (high < 0 || low < 0)
			return false;
		ret[i] = (uint8_t)(high * 16 + low);
	}
	return true;
}

/* Of sRGB to linear light; within a thousandth of the exact curve. */
static double linear(uint8_t value)
{
	double c = value / 255.0;

	return c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878);
}

/* At this luminance black and white contrast alike. */
static const char *text_color_on(const uint8_t color[3])
{
	double luminance =
	    0.2126 * linear(color[0]) + 0.7152 * linear(color[1]) + 0.0722 * linear(color[2]);

	return luminance > 0.179 ? "#000" : "#fff";
}

static const char *color_css(struct arena *arena, const uint8_t color[3])
{
	return arena_printf(arena, "#%02x%02x%02x", color[0], color[1], color[2]);
}

static const char *sheet_write(struct arena *arena, uint8_t colors[COLORS][3],
			       const bool is_given[COLORS])
{
	struct buf buf;

	buf_init(&buf, arena);
	if (is_given[COLOR_ACCENT])
		buf_printf(&buf,
			   ".terms .button.primary,.terms a.button.primary:link,"
			   ".terms .button.primary:hover,.oobe-dark .button.primary,"
			   ".oobe-dark .button.primary:hover{background:%s;color:%s}\n"
			   ".terms .button.primary:hover{text-decoration:underline}\n",
			   color_css(arena, colors[COLOR_ACCENT]),
			   text_color_on(colors[COLOR_ACCENT]));
	if (is_given[COLOR_BACKGROUND]) {
		const char *text = text_color_on(colors[COLOR_BACKGROUND]);

		buf_printf(&buf,
			   "body.oobe-dark{background:%s;color:%s}\n"
			   ".oobe-dark .button.primary,.oobe-dark .pin input{border-color:%s}\n"
			   ".oobe-dark .button.primary:focus,.oobe-dark .pin input:focus"
			   "{outline-color:%s}\n",
			   color_css(arena, colors[COLOR_BACKGROUND]), text, text, text);
	}
	return buf.data ? buf.data : "";
}

const char *terms_colors_read(struct arena *arena, struct text conf, const char **ret_why)
{
	uint8_t colors[COLORS][3];
	bool is_given[COLORS] = {false};
	struct text rest = conf;

	while (rest.ptr) {
		struct text line = text_cut(&rest, '\n');
		struct text value = text_cut(&line, ';');
		struct text name;
		size_t i = 0;

		if (text_is_empty(text_trim(value)))
			continue;
		name = text_trim(text_cut(&value, '='));
		while (i < COLORS && !text_eq_c(name, names[i]))
			i++;
		if (i == COLORS || is_given[i]) {
			*ret_why = "expected one line 'accent = #rrggbb' and one 'background = "
				   "#rrggbb' at most";
			return NULL;
		}
		if (!value.ptr || !color_read(text_trim(value), colors[i])) {
			*ret_why = "a colour is written #rrggbb, with six hexadecimal digits";
			return NULL;
		}
		is_given[i] = true;
	}
	return sheet_write(arena, colors, is_given);
}
