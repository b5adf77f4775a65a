/* SPDX-License-Identifier: Apache-2.0 */
/*
 * branding.c: see branding.h. Abuse case 22: only names of the table are opened, each relative to
 * the directory that was opened before, without following links.
 */
#include "terms/branding.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/uuid.h"

enum file_kind { FILE_TEMPLATE, FILE_STYLE, FILE_COLORS, FILE_PNG, FILE_JPEG, FILE_SVG };

static const struct brand_file {
	const char *name;
	enum file_kind kind;
	enum terms_theme theme; /* of a template */
} brand_files[] = {
    {"oobe-desktop.css", FILE_TEMPLATE, THEME_OOBE_DARK},
    {"oobe-light.css", FILE_TEMPLATE, THEME_OOBE_LIGHT},
    {"settings-desktop.css", FILE_TEMPLATE, THEME_SETTINGS},
    {"inclusiveoobe-desktop.css", FILE_TEMPLATE, THEME_OOBE_INCLUSIVE},
    {"branding.css", FILE_STYLE, THEME_SETTINGS},
    {"colors.conf", FILE_COLORS, THEME_SETTINGS},
    {"logo.png", FILE_PNG, THEME_SETTINGS},
    {"logo.jpg", FILE_JPEG, THEME_SETTINGS},
    {"logo.svg", FILE_SVG, THEME_SETTINGS},
};

#define NAMES_KNOWN                                                                                \
	"logo.png, logo.jpg, logo.svg, colors.conf, branding.css, oobe-desktop.css, "              \
	"oobe-light.css, inclusiveoobe-desktop.css, settings-desktop.css"

struct loader {
	struct arena *arena;
	struct trail *trail;
	struct terms_branding *branding;
	size_t bytes;     /* all files together */
	const char *path; /* of the directory being read, for messages */
};

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void dir_close(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int fail(struct loader *loader, const char *name, const char *why)
{
	return ERR_FAIL(loader->trail, ERR_CONFIG, "%s/%s: %s", loader->path, name, why);
}

/* 0 with fd -1 when there is no such file. */
static int file_open(struct loader *loader, int dir, const char *name, int *ret, size_t *ret_size)
{
	struct stat status;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

	*ret = fd;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && errno == ELOOP)
		return fail(loader, name, "is a link; put the file itself there");
	if (fd < 0 || fstat(fd, &status))
		return fail(loader, name, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return fail(loader, name, "is not a file");
	if (status.st_size > LIMIT_BRAND_FILE)
		return fail(loader, name, "is larger than 512 KB");
	*ret_size = (size_t)status.st_size;
	return 0;
}

/* ret->ptr NULL when there is no such file. */
static int file_read(struct loader *loader, int dir, const char *name, struct text *ret)
{
	int fd CLEANUP(fd_close) = -1;
	size_t size = 0, len = 0;
	char *data;
	int r;

	ret->ptr = NULL;
	r = file_open(loader, dir, name, &fd, &size);
	if (r || fd < 0)
		return r;
	loader->bytes += size;
	if (loader->bytes > LIMIT_BRAND_TOTAL)
		return fail(loader, name, "all files together are larger than 32 MB");
	data = arena_alloc(loader->arena, size + 1);
	while (len < size) {
		ssize_t n = read(fd, data + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(loader, name, n < 0 ? strerror(errno) : "became shorter");
		len += (size_t)n;
	}
	*ret = text_make(data, len);
	return 0;
}

static const struct terms_asset *asset_add(struct loader *loader, const char *name,
					   const char *type, struct text data)
{
	struct terms_asset *asset = ARENA_NEW(loader->arena, struct terms_asset);

	asset->path = arena_printf(loader->arena, TERMS_ASSETS_PATH "%.32s/%s",
				   digest_sha256_hex(loader->arena, data), name);
	asset->type = type;
	asset->data = data;
	asset->next = loader->branding->assets;
	loader->branding->assets = asset;
	return asset;
}

/* What is wrong with the content, for what its name says it is; NULL when it is right. */
static const char *content_wrong(enum file_kind kind, struct text data)
{
	switch (kind) {
	case FILE_PNG:
		return text_starts(data, TEXT("\x89PNG\r\n\x1a\n")) ? NULL : "is not a PNG image";
	case FILE_JPEG:
		return text_starts(data, TEXT("\xff\xd8\xff")) ? NULL : "is not a JPEG image";
	case FILE_SVG:
		if (!text_is_utf8(data) || !memmem(data.ptr, data.len, "<svg", 4))
			return "is not an SVG image in UTF-8";
		return NULL;
	case FILE_TEMPLATE:
	case FILE_STYLE:
	case FILE_COLORS:
		break;
	}
	return text_is_utf8(data) ? NULL : "is not text in UTF-8";
}

#define TYPE_CSS "text/css; charset=utf-8"

static int colors_add(struct loader *loader, const char *name, struct text data,
		      struct terms_brand *brand)
{
	const char *why = "";
	const char *css = terms_colors_read(loader->arena, data, &why);

	if (!css)
		return fail(loader, name, why);
	brand->colors = asset_add(loader, "colors.css", TYPE_CSS, text_of(css));
	return 0;
}

static int brand_add(struct loader *loader, const struct brand_file *file, struct text data,
		     struct terms_brand *brand)
{
	const char *wrong = content_wrong(file->kind, data);

	if (wrong)
		return fail(loader, file->name, wrong);
	switch (file->kind) {
	case FILE_TEMPLATE:
		brand->templates[file->theme] = asset_add(loader, file->name, TYPE_CSS, data);
		break;
	case FILE_STYLE:
		brand->style = asset_add(loader, file->name, TYPE_CSS, data);
		break;
	case FILE_COLORS:
		return colors_add(loader, file->name, data, brand);
	case FILE_PNG:
		brand->logo = asset_add(loader, file->name, "image/png", data);
		break;
	case FILE_JPEG:
		brand->logo = asset_add(loader, file->name, "image/jpeg", data);
		break;
	case FILE_SVG:
		brand->logo = asset_add(loader, file->name, "image/svg+xml", data);
		break;
	}
	return 0;
}

/* The files of the table that are in a directory, on top of what brand has already. */
static int brand_read(struct loader *loader, int dir, struct terms_brand *brand)
{
	const struct terms_asset *logo_before = brand->logo;

	for (size_t i = 0; i < ARRAY_LEN(brand_files); i++) {
		const struct brand_file *file = &brand_files[i];
		struct text data;
		int r = file_read(loader, dir, file->name, &data);

		if (r)
			return r;
		if (!data.ptr)
			continue;
		if (file->kind >= FILE_PNG && brand->logo != logo_before)
			return fail(loader, file->name, "there are two logos; leave one");
		r = brand_add(loader, file, data, brand);
		if (r)
			return r;
	}
	return 0;
}

static bool name_is_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(brand_files); i++)
		if (strcmp(brand_files[i].name, name) == 0)
			return true;
	return false;
}

/* Hidden files, and what comes along with a download. */
static bool name_is_passed_over(const char *name)
{
	return name[0] == '.' || text_starts_nocase(text_of(name), TEXT("readme")) ||
	       text_starts_nocase(text_of(name), TEXT("license"));
}

static bool name_is_tenant(const char *name)
{
	char plain[UUID_TEXT_LEN + 1];
	struct uuid id;

	if (!uuid_read(text_of(name), &id))
		return false;
	uuid_write(id, plain);
	return strcmp(plain, name) == 0;
}

static int tenant_read(struct loader *loader, int parent, const char *name)
{
	struct terms_branding *branding = loader->branding;
	const char *path = loader->path;
	int dir CLEANUP(fd_close) = -1;
	struct terms_brand *brand;
	int r;

	if (branding->brand_count == LIMIT_BRANDS)
		return fail(loader, name, "there are more than 256 directories of tenants");
	dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0)
		return fail(loader, name, strerror(errno));
	brand = &branding->brands[branding->brand_count++];
	*brand = branding->brands[0];
	brand->tenant_id = arena_string(loader->arena, name);
	loader->path = arena_printf(loader->arena, "%s/%s", path, name);
	r = brand_read(loader, dir, brand);
	loader->path = path;
	return r;
}

static int entries_read(struct loader *loader, DIR *entries)
{
	const struct dirent *entry;
	int r;

	while ((entry = readdir(entries))) {
		if (name_is_known(entry->d_name) || name_is_passed_over(entry->d_name))
			continue;
		if (!name_is_tenant(entry->d_name))
			return fail(loader, entry->d_name,
				    "unknown name; known are " NAMES_KNOWN
				    ", and directories named by tenant id");
		r = tenant_read(loader, dirfd(entries), entry->d_name);
		if (r)
			return r;
	}
	return 0;
}

static int branding_read(struct loader *loader, const char *path)
{
	DIR *entries CLEANUP(dir_close) = opendir(path);
	int r;

	loader->path = path;
	if (!entries)
		return ERR_FAIL(loader->trail, ERR_CONFIG,
				"cannot read %s: %s; correct branding_dir in section [terms]", path,
				strerror(errno));
	r = brand_read(loader, dirfd(entries), &loader->branding->brands[0]);
	return r ? r : entries_read(loader, entries);
}

/* Both sheets, or none. */
static int winjs_read(struct loader *loader, const char *assets_dir)
{
	const char *path = arena_printf(loader->arena, "%s/winjs", assets_dir);
	int dir CLEANUP(fd_close) = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct text dark, light;
	int r;

	loader->path = path;
	if (dir < 0)
		return 0;
	r = file_read(loader, dir, "ui-dark.min.css", &dark);
	if (r == 0)
		r = file_read(loader, dir, "ui-light.min.css", &light);
	if (r || !dark.ptr || !light.ptr)
		return r;
	if (!text_is_utf8(dark) || !text_is_utf8(light))
		return fail(loader, "", "a style sheet is not text in UTF-8");
	loader->branding->winjs_dark = asset_add(loader, "ui-dark.min.css", TYPE_CSS, dark);
	loader->branding->winjs_light = asset_add(loader, "ui-light.min.css", TYPE_CSS, light);
	return 0;
}

static const char *fingerprint_of(struct arena *arena, const struct terms_branding *branding)
{
	struct buf buf;

	buf_init(&buf, arena);
	for (const struct terms_asset *a = branding->assets; a; a = a->next)
		buf_printf(&buf, "%s\n", a->path);
	for (size_t i = 0; i < branding->brand_count; i++) {
		const struct terms_brand *brand = &branding->brands[i];

		buf_printf(&buf, "%s %s %s %s\n", brand->tenant_id,
			   brand->logo ? brand->logo->path : "",
			   brand->style ? brand->style->path : "",
			   brand->colors ? brand->colors->path : "");
		for (size_t j = 0; j < TERMS_THEMES; j++)
			if (brand->templates[j])
				buf_printf(&buf, "%zu %s\n", j, brand->templates[j]->path);
	}
	return digest_sha256_hex(arena, buf_text(&buf));
}

int terms_branding_load(struct arena *arena, const char *assets_dir, const char *branding_dir,
			struct trail *trail, const struct terms_branding **ret)
{
	struct terms_branding *branding = ARENA_NEW(arena, struct terms_branding);
	struct loader loader = {.arena = arena, .trail = trail, .branding = branding};
	int r = 0;

	branding->brands = ARENA_ARRAY(arena, LIMIT_BRANDS, struct terms_brand);
	branding->brands[0].tenant_id = "";
	branding->brand_count = 1;
	if (assets_dir[0])
		r = winjs_read(&loader, assets_dir);
	if (r == 0 && branding_dir[0])
		r = branding_read(&loader, branding_dir);
	if (r)
		return r;
	branding->fingerprint = fingerprint_of(arena, branding);
	*ret = branding;
	return 0;
}

const struct terms_brand *terms_brand_of(const struct terms_branding *branding,
					 const char *tenant_id)
{
	static const struct terms_brand none = {.tenant_id = ""};

	if (!branding)
		return &none;
	for (size_t i = 1; i < branding->brand_count; i++)
		if (strcmp(branding->brands[i].tenant_id, tenant_id) == 0)
			return &branding->brands[i];
	return &branding->brands[0];
}

const struct terms_asset *terms_asset_find(const struct terms_branding *branding, struct text path)
{
	if (!branding)
		return NULL;
	for (const struct terms_asset *asset = branding->assets; asset; asset = asset->next)
		if (text_eq_c(path, asset->path))
			return asset;
	return NULL;
}
