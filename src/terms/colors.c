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

static void accent_write(struct buf *buf, const char *color, const char *text)
{
	buf_printf(buf,
		   ".terms .button.primary,.terms a.button.primary:link,"
		   ".terms .button.primary:hover,.oobe-dark .button.primary,"
		   ".oobe-dark a.button.primary:link,.oobe-dark .button.primary:hover"
		   "{background:%s;color:%s}\n"
		   ".terms .button.primary:hover{text-decoration:underline}\n",
		   color, text);
}

/* Whatever the colour, a button that is only a line in the colour of the text can be read on it. */
static void background_write(struct buf *buf, const char *color, const char *text)
{
	buf_printf(buf,
		   "body.oobe-dark{background:%s;color:%s}\n"
		   ".oobe-dark .button,.oobe-dark a.button:link,.oobe-dark .button:hover"
		   "{border-color:%s;background:transparent;color:%s}\n"
		   ".oobe-dark .button:hover{text-decoration:underline}\n"
		   ".oobe-dark .button.primary,.oobe-dark a.button.primary:link,"
		   ".oobe-dark .button.primary:hover{background:%s;color:%s}\n"
		   ".oobe-dark .pin input,.oobe-dark .pin .notice{border-color:%s}\n"
		   ".oobe-dark .button.primary:focus,.oobe-dark .pin input:focus"
		   "{outline-color:%s}\n",
		   color, text, text, text, text, color, text, text);
}

/* A user's own colours are never overruled. The web views of Windows 10 know them by a feature of
 * their own, and pass over a query with one that they do not know. */
#define ONLY_OUR_COLORS "@media (-ms-high-contrast:none),not all and (forced-colors:active){\n"

static const char *sheet_write(struct arena *arena, uint8_t colors[COLORS][3],
			       const bool is_given[COLORS])
{
	static void (*const writers[COLORS])(struct buf *, const char *, const char *) = {
	    [COLOR_ACCENT] = accent_write,
	    [COLOR_BACKGROUND] = background_write,
	};
	/* The accent after the background, which has an Accept of its own. */
	static const size_t order[COLORS] = {COLOR_BACKGROUND, COLOR_ACCENT};
	bool is_any = false;
	struct buf buf;

	buf_init(&buf, arena);
	for (size_t i = 0; i < COLORS; i++) {
		const uint8_t *color = colors[order[i]];

		if (!is_given[order[i]])
			continue;
		buf_add_c(&buf, is_any ? "" : ONLY_OUR_COLORS);
		is_any = true;
		writers[order[i]](&buf, color_css(arena, color), text_color_on(color));
	}
	buf_add_c(&buf, is_any ? "}\n" : "");
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
