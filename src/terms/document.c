/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.c: see document.h. The built-in text, one for each kind of ownership.
 */
#include "terms/document.h"

#include "base/digest.h"

struct builtin {
	const char *number;
	const char *title;
	const char *body;
};

static const struct builtin builtins[] = {
    [TERMS_ORGANIZATION] =
	{
	    .number = "1",
	    .title = "Your organization will manage this device",
	    .body = "<p>This device belongs to your organization. When you continue, your "
		    "organization can:</p>\n<ul>\n"
		    "<li>set and enforce security and configuration settings,</li>\n"
		    "<li>install, update and remove apps and certificates,</li>\n"
		    "<li>see the device's name, model, Windows version and security state,</li>\n"
		    "<li>lock, restart or reset the device.</li>\n</ul>\n"
		    "<p>Whether the device meets your organization's rules decides which work "
		    "resources it can reach.</p>\n",
	},
    [TERMS_PERSONAL] =
	{
	    .number = "1",
	    .title = "Let your organization manage this device",
	    .body = "<p>To use work resources on this device, your organization asks to manage it. "
		    "If you accept, your organization can:</p>\n<ul>\n"
		    "<li>set and enforce security settings,</li>\n"
		    "<li>install and remove work apps and certificates,</li>\n"
		    "<li>see the device's name, model, Windows version and security state,</li>\n"
		    "<li>remove work data and settings, or reset the device.</li>\n</ul>\n"
		    "<p>Your organization does not see your personal files, messages or browsing. "
		    "You can decline; the device is then not managed and may not reach work "
		    "resources.</p>\n",
	},
};

const char *terms_mode_name(enum terms_mode mode)
{
	return mode == TERMS_ORGANIZATION ? "organization" : "personal";
}

struct terms_document terms_document_current(struct arena *arena, enum terms_mode mode)
{
	const struct builtin *builtin = &builtins[mode];
	char *both = arena_printf(arena, "%s\n%s", builtin->title, builtin->body);
	char *hash = digest_sha256_hex(arena, text_of(both));

	return (struct terms_document){
	    .version = arena_printf(arena, "%s-%.16s", builtin->number, hash),
	    .locale = "en",
	    .title = builtin->title,
	    .body = builtin->body,
	};
}
