/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_branding.c: what is taken from the branding and assets directories, and what is refused.
 */
#include "terms/branding.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"

#define TENANT "11111111-2222-4333-8444-555555555555"
#define PNG    "\x89PNG\r\n\x1a\n"

struct world {
	struct arena arena;
	struct trail trail;
	char root[64];
	const struct terms_branding *branding;
};

static int set_up(void **state)
{
	struct world *w = heap_alloc(sizeof(*w));

	arena_init(&w->arena);
	trail_reset(&w->trail);
	snprintf(w->root, sizeof(w->root), "/tmp/muster-brand-XXXXXX");
	assert_non_null(mkdtemp(w->root));
	*state = w;
	return 0;
}

static int entry_remove(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	return remove(path);
}

static int tear_down(void **state)
{
	struct world *w = *state;
	int r = nftw(w->root, entry_remove, 16, FTW_DEPTH | FTW_PHYS);

	arena_done(&w->arena);
	free(w);
	return r;
}

static const char *in_root(struct world *w, const char *name)
{
	return arena_printf(&w->arena, "%s/%s", w->root, name);
}

static void put(struct world *w, const char *name, const void *data, size_t len)
{
	FILE *file = fopen(in_root(w, name), "we");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	fclose(file);
}

static void put_c(struct world *w, const char *name, const char *data)
{
	put(w, name, data, strlen(data));
}

static int load(struct world *w)
{
	trail_reset(&w->trail);
	return terms_branding_load(&w->arena, w->root, w->root, &w->trail, &w->branding);
}

static void assert_refused(struct world *w, const char *why)
{
	const struct terms_branding *before = w->branding;

	assert_int_equal(load(w), ERR_CONFIG);
	if (!strstr(w->trail.cause, why))
		fail_msg("\"%s\" does not say \"%s\"", w->trail.cause, why);
	assert_ptr_equal(w->branding, before);
}

static void nothing_is_nothing(void **state)
{
	struct world *w = *state;

	assert_int_equal(terms_branding_load(&w->arena, "", "", &w->trail, &w->branding), 0);
	assert_null(w->branding->assets);
	assert_null(terms_brand_of(w->branding, TENANT)->logo);
	assert_null(terms_brand_of(NULL, TENANT)->logo);
	assert_null(terms_asset_find(NULL, TEXT(TERMS_ASSETS_PATH)));
	assert_int_equal(
	    terms_branding_load(&w->arena, in_root(w, "none"), "", &w->trail, &w->branding), 0);
	assert_int_equal(
	    terms_branding_load(&w->arena, "", in_root(w, "none"), &w->trail, &w->branding),
	    ERR_CONFIG);
}

static void everything_is_found_by_its_address(void **state)
{
	struct world *w = *state;
	const struct terms_brand *server, *tenant;
	const struct terms_asset *asset;
	const char *fingerprint;

	put_c(w, "oobe-desktop.css", "a{}");
	put_c(w, "oobe-light.css", "b{}");
	put_c(w, "settings-desktop.css", "c{}");
	put_c(w, "inclusiveoobe-desktop.css", "d{}");
	put_c(w, "branding.css", "e{}");
	put(w, "logo.png", PNG "x", 9);
	put_c(w, ".hidden", "");
	put_c(w, "README.txt", "");
	mkdir(in_root(w, TENANT), 0755);
	put_c(w, TENANT "/logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
	put_c(w, TENANT "/oobe-light.css", "f{}");
	assert_int_equal(load(w), 0);
	server = terms_brand_of(w->branding, "other");
	tenant = terms_brand_of(w->branding, TENANT);
	assert_string_equal(server->logo->type, "image/png");
	assert_string_equal(tenant->logo->type, "image/svg+xml");
	assert_ptr_equal(tenant->style, server->style);
	assert_ptr_equal(tenant->templates[THEME_SETTINGS], server->templates[THEME_SETTINGS]);
	assert_true(text_eq(tenant->templates[THEME_OOBE_LIGHT]->data, TEXT("f{}")));
	assert_true(text_eq(server->templates[THEME_OOBE_LIGHT]->data, TEXT("b{}")));
	assert_true(text_eq(server->templates[THEME_OOBE_INCLUSIVE]->data, TEXT("d{}")));
	asset = terms_asset_find(w->branding, text_of(server->style->path));
	assert_ptr_equal(asset, server->style);
	assert_string_equal(asset->type, "text/css; charset=utf-8");
	fingerprint = w->branding->fingerprint;
	assert_int_equal(load(w), 0);
	assert_string_equal(w->branding->fingerprint, fingerprint);
	put_c(w, "branding.css", "e{ }");
	assert_int_equal(load(w), 0);
	assert_string_not_equal(w->branding->fingerprint, fingerprint);
}

static void case22_no_other_address_leads_anywhere(void **state)
{
	static const char *const paths[] = {"",
					    TERMS_ASSETS_PATH,
					    TERMS_ASSETS_PATH "branding.css",
					    TERMS_ASSETS_PATH "../branding.css",
					    TERMS_ASSETS_PATH "..%2fbranding.css",
					    TERMS_ASSETS_PATH "..\\branding.css",
					    "/etc/passwd",
					    "branding.css"};
	struct world *w = *state;
	const char *path;

	put_c(w, "branding.css", "e{}");
	assert_int_equal(load(w), 0);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		assert_null(terms_asset_find(w->branding, text_of(paths[i])));
	path = terms_brand_of(w->branding, "")->style->path;
	assert_null(terms_asset_find(w->branding, text_make(path, strlen(path) - 1)));
	assert_null(terms_asset_find(w->branding, text_make(path, strlen(path) + 1)));
}

static void case22_links_and_other_things_are_refused(void **state)
{
	struct world *w = *state;

	put_c(w, "README", "e{}");
	assert_int_equal(symlink(in_root(w, "README"), in_root(w, "branding.css")), 0);
	assert_refused(w, "branding.css: is a link");
	unlink(in_root(w, "branding.css"));
	mkdir(in_root(w, "logo.png"), 0755);
	assert_refused(w, "logo.png: is not a file");
	rmdir(in_root(w, "logo.png"));
	assert_int_equal(mkfifo(in_root(w, "colors.conf"), 0644), 0);
	assert_refused(w, "colors.conf: is not a file");
	unlink(in_root(w, "colors.conf"));
	assert_int_equal(symlink("/etc", in_root(w, TENANT)), 0);
	assert_refused(w, TENANT);
	unlink(in_root(w, TENANT));
	assert_int_equal(load(w), 0);
}

static void names_and_contents_must_fit(void **state)
{
	struct world *w = *state;
	char *large = arena_alloc(&w->arena, LIMIT_BRAND_FILE + 1);

	/* The spelling of a well-known misprint. */
	put_c(w, "oobe-dekstop.css", "");
	assert_refused(w, "oobe-dekstop.css: unknown name");
	unlink(in_root(w, "oobe-dekstop.css"));
	put_c(w, "logo.png", "GIF89a");
	assert_refused(w, "logo.png: is not a PNG");
	put(w, "logo.png", PNG, 8);
	put(w, "logo.jpg", "\xff\xd8\xff\xe0", 4);
	assert_refused(w, "two logos");
	unlink(in_root(w, "logo.png"));
	assert_int_equal(load(w), 0);
	put_c(w, "logo.jpg", PNG);
	assert_refused(w, "is not a JPEG");
	unlink(in_root(w, "logo.jpg"));
	put_c(w, "logo.svg", "<html>");
	assert_refused(w, "is not an SVG");
	unlink(in_root(w, "logo.svg"));
	put_c(w, "branding.css", "\xff");
	assert_refused(w, "UTF-8");
	put(w, "branding.css", large, LIMIT_BRAND_FILE);
	assert_refused(w, "UTF-8"); /* NULs */
	put(w, "branding.css", large, LIMIT_BRAND_FILE + 1);
	assert_refused(w, "larger than");
}

static void winjs_comes_in_pairs(void **state)
{
	struct world *w = *state;
	const char *root = w->root;

	mkdir(in_root(w, "winjs"), 0755);
	put_c(w, "winjs/ui-dark.min.css", "a{}");
	assert_int_equal(terms_branding_load(&w->arena, root, "", &w->trail, &w->branding), 0);
	assert_null(w->branding->winjs_dark);
	put_c(w, "winjs/ui-light.min.css", "b{}");
	assert_int_equal(terms_branding_load(&w->arena, root, "", &w->trail, &w->branding), 0);
	assert_true(text_eq(w->branding->winjs_dark->data, TEXT("a{}")));
	assert_true(text_eq(w->branding->winjs_light->data, TEXT("b{}")));
}

static const char *colors(struct world *w, const char *conf)
{
	const char *why = NULL;
	const char *css = terms_colors_read(&w->arena, text_of(conf), &why);

	assert_true((css == NULL) == (why != NULL));
	return css;
}

static void colours_get_text_that_can_be_read(void **state)
{
	struct world *w = *state;
	const char *both;

	assert_string_equal(colors(w, ""), "");
	assert_string_equal(colors(w, "; nothing\n\r\n"), "");
	assert_non_null(strstr(colors(w, "accent = #FFFF00\n"), "{background:#ffff00;color:#000}"));
	assert_non_null(
	    strstr(colors(w, "accent=#107c10;green\r\n"), "{background:#107c10;color:#fff}"));
	assert_non_null(strstr(colors(w, "background = #002b00\n"),
			       "body.oobe-dark{background:#002b00;color:#fff}"));
	assert_non_null(strstr(colors(w, "background = #eeeeee\n"), "color:#000"));
	/* The accent decides about Accept, whatever the order in the file; forced colours stay. */
	both = colors(w, "accent = #ffff00\nbackground = #002b00\n");
	assert_true(strstr(both, "{background:#ffff00") > strstr(both, "{background:#002b00"));
	assert_true(text_starts(text_of(both), TEXT("@media (-ms-high-contrast:none),"
						    "not all and (forced-colors:active){")));
}

static void other_lines_are_refused(void **state)
{
	static const char *const wrong[] = {"accent",
					    "accent = red",
					    "accent = #12345",
					    "accent = #1234567",
					    "accent = #12345g",
					    "accent = 0067b8",
					    "colour = #000000",
					    "= #000000",
					    "accent = #000000\naccent = #000000",
					    "accent = #000000}body{display:none",
					    "accent = #00000 0"};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (colors(w, wrong[i]))
			fail_msg("%s", wrong[i]);
	put_c(w, "colors.conf", "accent = red\n");
	assert_refused(w, "colors.conf: a colour is written #rrggbb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(nothing_is_nothing, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(everything_is_found_by_its_address, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(case22_no_other_address_leads_anywhere, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(case22_links_and_other_things_are_refused, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(names_and_contents_must_fit, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(winjs_comes_in_pairs, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(colours_get_text_that_can_be_read, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(other_lines_are_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
