/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_session.c: `muster-device session` and `unenroll`, and what a session leads to: a device
 * that was told to leave says so in a new session and forgets its enrolment, one that was told to
 * wipe forgets everything it was managed by. The tree is saved also after a failed session: what
 * had been applied stays applied.
 */
#include "sim/device/commands.h"

#include "base/rand.h"
#include "sim/device/renew.h"

/* What the command works on. */
struct managing {
	struct task *task;
	const struct options *options;
	struct device *device;
	struct tree *tree;
	struct session_wish wish;
};

static const struct {
	enum csp_action action;
	const char *text;
} ACTIONS[] = {
    {CSP_REBOOT, "the device reboots"},
    {CSP_LOCK, "the device is locked"},
    {CSP_WIPE, "the device is wiped"},
    {CSP_RENEW, "the device is to renew its certificate now"},
};

static int token_read(struct managing *managing, const char *path, struct text *ret)
{
	int r;

	if (!path)
		return 0;
	r = command_read_file(managing->task, path, ret);
	*ret = text_trim(*ret);
	return r;
}

static int user_token_get(struct managing *managing)
{
	const struct options *options = managing->options;
	const struct device *device = managing->device;
	const struct directory directory = command_directory(options, device);

	if (!options->is_user_token)
		return token_read(managing, options->user_token_file, &managing->wish.user_token);
	if (!directory.control_url[0])
		return ERR_FAIL(
		    managing->task->trail, ERR_CONFIG,
		    "--user-token needs --entra-control: the device was enrolled without");
	return directory_token(managing->task, &directory,
			       options->user ? options->user : device->user,
			       device->entra_device_id[0] ? device->entra_device_id : NULL,
			       &managing->wish.user_token);
}

/* NAME=VALUE into a canonical address and the rest. */
static int pair_read(struct managing *managing, const char *pair, const char **ret_uri,
		     const char **ret_value)
{
	size_t len = strcspn(pair, "=");
	struct text query;
	const char *why;

	if (locuri_read(managing->task->arena, text_make(pair, len), ret_uri, &query, &why))
		return ERR_FAIL(managing->task->trail, ERR_CONFIG, "%.*s %s", (int)len, pair, why);
	*ret_value = pair + len + 1;
	return 0;
}

static int facts_set(struct managing *managing)
{
	const struct options *options = managing->options;
	const char *uri;
	const char *value;

	for (size_t i = 0; i < options->fact_count; i++) {
		int64_t number;
		int r = pair_read(managing, options->facts[i], &uri, &value);

		if (r < 0)
			return r;
		tree_set(managing->tree, uri, text_to_i64(text_of(value), &number) ? "int" : "chr",
			 value);
	}
	return 0;
}

static int refusals_set(struct managing *managing)
{
	const struct options *options = managing->options;
	struct csp_refusal *refusals =
	    ARENA_ARRAY(managing->task->arena, OPTIONS_FACTS, struct csp_refusal);

	for (size_t i = 0; i < options->refusal_count; i++) {
		uint64_t status;
		const char *value;
		int r = pair_read(managing, options->refusals[i], &refusals[i].uri, &value);

		if (r < 0)
			return r;
		if (!text_to_u64(text_of(value), &status) || status < 200 || status > 599)
			return ERR_FAIL(managing->task->trail, ERR_CONFIG,
					"--refuse needs LOCURI=STATUS, not %s",
					options->refusals[i]);
		refusals[i].status = (int)status;
	}
	managing->wish.refusals = refusals;
	managing->wish.refusal_count = options->refusal_count;
	return 0;
}

static int wish_make(struct managing *managing)
{
	const struct options *options = managing->options;
	int r;

	managing->wish.login = options->login;
	managing->wish.mode = strcmp(options->mode, "machine") == 0 ? "Machine" : "Maintenance";
	managing->wish.origin =
	    managing->device->sessions == 0 ? SESSION_AFTER_ENROLMENT : SESSION_BY_USER;
	r = user_token_get(managing);
	if (r == 0)
		r = token_read(managing, options->device_token_file, &managing->wish.device_token);
	if (r == 0)
		r = facts_set(managing);
	return r == 0 ? refusals_set(managing) : r;
}

static void result_tell(const struct managing *managing, const struct session_result *result)
{
	task_tell(managing->task,
		  "session %d: %u messages, %u commands, %u changes applied, %u refused",
		  (int)managing->device->sessions, result->messages, result->commands,
		  result->changes, result->refused);
	for (size_t i = 0; i < ARRAY_LEN(ACTIONS); i++)
		if (result->actions & ACTIONS[i].action)
			task_tell(managing->task, "%s", ACTIONS[i].text);
}

/* The session that says good-bye, then the device forgets; whatever the server answers. */
static int leave(struct managing *managing)
{
	struct session_wish wish = managing->wish;
	struct session_result result = {0};
	int forgotten;
	int r;

	wish.is_unenrolling = true;
	r = session_run(managing->task, managing->device, managing->tree, &wish, &result);
	tree_done(managing->tree);
	forgotten = device_forget(managing->device, managing->task->trail);
	if (forgotten < 0)
		return forgotten;
	task_tell(managing->task, "the enrolment is removed");
	return r;
}

/* %SERIAL% and %RAND:n% of a new name become the serial number and n digits. */
static const char *name_expand(struct managing *managing, struct text name)
{
	static const struct text serial = {"%SERIAL%", 8};
	static const struct text digits = {"%RAND:", 6};
	struct buf buf;

	buf_init(&buf, managing->task->arena);
	while (name.len > 0) {
		if (text_starts(name, serial)) {
			buf_add_c(&buf, managing->device->serial);
			name = text_from(name, serial.len);
		} else if (text_starts(name, digits) && name.len > 7 && name.ptr[7] == '%' &&
			   name.ptr[6] >= '1' && name.ptr[6] <= '9') {
			for (char n = '0'; n < name.ptr[6]; n++)
				buf_add_byte(&buf, (char)('0' + rand_below(10)));
			name = text_from(name, 8);
		} else {
			buf_add_byte(&buf, name.ptr[0]);
			name = text_from(name, 1);
		}
	}
	return buf.len > 0 ? buf.data : "";
}

/* A name set in a session counts after the restart. */
static void reboot(struct managing *managing)
{
	static const char uri[] = "./DevDetail/Ext/Microsoft/DNSComputerName";
	const struct tree_node *node = tree_get(managing->tree, uri);
	struct device *device = managing->device;

	if (!node || !node->data[0])
		return;
	device->name = device_keep(device, name_expand(managing, text_of(node->data)));
	tree_remove(managing->tree, uri);
	task_tell(managing->task, "the device is called %s now", device->name);
}

static int session_end(struct managing *managing, const struct session_result *result)
{
	struct device *device = managing->device;
	struct task *task = managing->task;

	if (result->actions & CSP_UNENROLL) {
		task_tell(task, "the server removes the enrolment");
		return leave(managing);
	}
	if (result->actions & CSP_WIPE) {
		device->is_wiped = true;
		tree_done(managing->tree);
		return device_forget(device, task->trail);
	}
	/* A renewal that fails is reported, in the next session by the device itself. */
	return result->actions & CSP_RENEW
		   ? renew_run(task, device, managing->tree, &(struct renew_wish){0})
		   : 0;
}

static int state_save(struct managing *managing)
{
	struct trail *trail = managing->task->trail;
	int r = tree_save(managing->tree,
			  device_path(managing->task->arena, managing->device, "tree.json"), trail);

	return r == 0 ? device_save(managing->device, trail) : r;
}

int command_one_session(struct task *task, const struct options *options, struct device *device,
			struct tree *tree, enum session_origin origin)
{
	struct managing managing = {
	    .task = task, .options = options, .device = device, .tree = tree};
	struct session_result result = {0};
	int saved;
	int r = wish_make(&managing);

	if (r != 0)
		return r;
	if (origin)
		managing.wish.origin = origin;
	r = session_run(task, device, tree, &managing.wish, &result);
	if (result.actions & CSP_REBOOT)
		reboot(&managing);
	saved = state_save(&managing);
	if (saved < 0)
		return saved;
	if (r != 0)
		return r;
	result_tell(&managing, &result);
	return session_end(&managing, &result);
}

static int unenroll(struct task *task, const struct options *options, struct device *device,
		    struct tree *tree)
{
	struct managing managing = {
	    .task = task, .options = options, .device = device, .tree = tree};
	int r = wish_make(&managing);

	return r == 0 ? leave(&managing) : r;
}

/* Open device and tree, run, release. */
static int with_device(struct task *task, const struct options *options)
{
	struct device device;
	struct tree tree;
	int r = command_open(task, options, &device);

	tree_init(&tree);
	if (r == 0)
		r = tree_load(&tree, device_path(task->arena, &device, "tree.json"), task->trail);
	if (r == 0)
		r = options->command == COMMAND_UNENROLL
			? unenroll(task, options, &device, &tree)
			: command_one_session(task, options, &device, &tree, 0);
	tree_done(&tree);
	device_done(&device);
	return r;
}

int command_session(struct task *task, const struct options *options)
{
	return with_device(task, options);
}

int command_unenroll(struct task *task, const struct options *options)
{
	return with_device(task, options);
}
