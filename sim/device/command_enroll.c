/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_enroll.c: `muster-device enroll`. Gathers what the command line says, runs the steps of
 * enroll.h and prints what came out. A device that was unenrolled keeps its identity and may enrol
 * again; one that is enrolled may not, as in Windows.
 */
#include "sim/device/commands.h"

#include "sim/device/file.h"
#include "sim/device/terms.h"

/* What the command works on. */
struct enrolling {
	struct task *task;
	const struct options *options;
	struct device *device;
	struct enroll_wish wish;
	EVP_PKEY *key;
};

int command_read_file(struct task *task, const char *path, struct text *ret)
{
	int r = file_read(task->arena, path, ret, task->trail);

	if (r == FILE_E_NONE)
		return ERR_FAIL(task->trail, ERR_CONFIG, "there is no file %s", path);
	return r < 0 ? ERR_TRACE(task->trail, r) : 0;
}

static const char *chosen(const char *option, const char *kept)
{
	return option ? option : kept;
}

struct directory command_directory(const struct options *options, const struct device *device)
{
	return (struct directory){
	    .control_url = chosen(options->entra_control, device->entra_control),
	    .token_file = chosen(options->entra_token_file, device->entra_token_file),
	    .tenant = chosen(options->tenant, device->tenant),
	    .app = chosen(options->app, device->app),
	    .version = (int)options->token_version,
	};
}

int command_open(struct task *task, const struct options *options, struct device *ret)
{
	int r = device_load(ret, options->dir, task->trail);

	if (r == DEVICE_E_NONE)
		return ERR_FAIL(task->trail, ERR_CONFIG,
				"%s holds no device: run muster-device enroll first", options->dir);
	if (r < 0)
		return ERR_TRACE(task->trail, r);
	if (ret->is_wiped)
		return ERR_FAIL(task->trail, ERR_CONFIG, "the device was wiped: enroll it again");
	if (!ret->is_enrolled)
		return ERR_FAIL(task->trail, ERR_CONFIG,
				"the device is not enrolled: run muster-device enroll first");
	return 0;
}

static int device_open(struct enrolling *enrolling)
{
	const struct options *options = enrolling->options;
	struct device *device = enrolling->device;
	struct task *task = enrolling->task;
	int r = device_load(device, options->dir, task->trail);

	if (r < 0)
		return ERR_TRACE(task->trail, r);
	if (r == DEVICE_E_NONE) {
		device_done(device);
		device_init(device, options->os_version);
		device->dir = device_keep(device, options->dir);
	}
	if (device->is_enrolled)
		return ERR_FAIL(task->trail, ERR_CONFIG,
				"the device is enrolled already (0x8018000A): unenroll it first");
	return 0;
}

static int join_set(struct enrolling *enrolling)
{
	const char *word = enrolling->options->join ? enrolling->options->join : "entra";
	struct device *device = enrolling->device;
	struct trail *trail = enrolling->task->trail;

	if (!join_read(word, &device->join))
		return ERR_FAIL(trail, ERR_CONFIG, "--join %s is not known; see --help", word);
	if (device->join == JOIN_CERTIFICATE &&
	    (!enrolling->options->client_certificate || !enrolling->options->client_key))
		return ERR_FAIL(trail, ERR_CONFIG,
				"--join certificate needs --client-certificate and --client-key");
	return 0;
}

static void strings_set(struct enrolling *enrolling)
{
	const struct options *options = enrolling->options;
	struct device *device = enrolling->device;
	const struct {
		const char *option;
		const char **field;
	} rows[] = {
	    {options->user, &device->user},
	    {options->tenant, &device->tenant},
	    {options->app, &device->app},
	    {options->entra_control, &device->entra_control},
	    {options->entra_token_file, &device->entra_token_file},
	    {options->device_id, &device->entra_device_id},
	    {options->name, &device->name},
	    {options->os_version, &device->os_version},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].option)
			*rows[i].field = device_keep(device, rows[i].option);
}

/* What the provisioning package names on a real device. */
static int signer_read(struct enrolling *enrolling)
{
	const struct options *options = enrolling->options;
	struct sign_identity *signer = &enrolling->wish.signer;
	struct trail *trail = enrolling->task->trail;
	int r;

	if (enrolling->device->join != JOIN_CERTIFICATE)
		return 0;
	r = certificate_load(&signer->certificate, options->client_certificate, trail);
	return r == 0 ? key_read(&signer->key, options->client_key, trail) : r;
}

static int files_read(struct enrolling *enrolling)
{
	const struct options *options = enrolling->options;
	struct enroll_wish *wish = &enrolling->wish;
	struct task *task = enrolling->task;
	struct text password;
	int r = 0;

	if (options->token_file) {
		r = command_read_file(task, options->token_file, &wish->token);
		wish->token = text_trim(wish->token);
	}
	if (r == 0 && options->csr_file)
		r = command_read_file(task, options->csr_file, &wish->csr);
	if (r == 0 && options->key_file)
		r = key_read(&enrolling->key, options->key_file, task->trail);
	if (r == 0 && options->password_file) {
		r = command_read_file(task, options->password_file, &password);
		if (r == 0)
			wish->password = arena_cstr(task->arena, text_trim(password));
	}
	return r == 0 ? signer_read(enrolling) : r;
}

static int wish_check(struct enrolling *enrolling)
{
	const struct device *device = enrolling->device;
	const struct directory *directory = &enrolling->wish.directory;
	struct trail *trail = enrolling->task->trail;

	if (device->join == JOIN_FEDERATED)
		return device->user[0]
			   ? 0
			   : ERR_FAIL(trail, ERR_CONFIG, "--join federated needs --user");
	if (device->join == JOIN_ON_PREMISES)
		return enrolling->wish.password && device->user[0]
			   ? 0
			   : ERR_FAIL(trail, ERR_CONFIG,
				      "--join on-premises needs --user and --password-file");
	if (enrolling->wish.token.ptr || device->join == JOIN_CERTIFICATE)
		return 0;
	if (!directory->control_url[0] || !directory->token_file[0] || !directory->tenant[0] ||
	    !directory->app[0] || !device->user[0])
		return ERR_FAIL(trail, ERR_CONFIG,
				"needs --entra-control, --entra-token-file, --tenant, --app and "
				"--user, or --token-file");
	return 0;
}

static int wish_make(struct enrolling *enrolling)
{
	int r = device_open(enrolling);

	if (r == 0)
		r = join_set(enrolling);
	if (r < 0)
		return r;
	strings_set(enrolling);
	enrolling->wish.discovery_url = enrolling->options->discovery_url;
	enrolling->wish.directory = command_directory(enrolling->options, enrolling->device);
	r = files_read(enrolling);
	return r == 0 ? wish_check(enrolling) : r;
}

static int terms_show(struct enrolling *enrolling, struct text token)
{
	const struct options *options = enrolling->options;
	struct terms_wish wish = {
	    .url = options->terms_url,
	    .token = token,
	    .redirect_uri = options->redirect_uri,
	    .is_declined = options->is_declined,
	};

	if (!options->terms_url ||
	    (enrolling->device->join != JOIN_ENTRA && enrolling->device->join != JOIN_WORK_ACCOUNT))
		return 0;
	if (!theme_read(options->theme ? options->theme : "settings", &wish.theme))
		return ERR_FAIL(enrolling->task->trail, ERR_CONFIG, "--theme is not known");
	return terms_run(enrolling->task, enrolling->device, &wish, &enrolling->wish.opaque_blob);
}

static int result_keep(struct enrolling *enrolling, const struct enroll_result *result)
{
	struct device *device = enrolling->device;
	struct task *task = enrolling->task;
	const char *key_file = device_path(task->arena, device, "key.pem");
	int r = file_make_dir(device->dir, task->trail);

	if (r == 0)
		r = key_write(enrolling->key, key_file, task->trail);
	if (r == 0)
		r = enroll_keep(task, device, enrolling->options->discovery_url, result, NULL);
	if (r < 0)
		return ERR_TRACE(task->trail, r);
	task_tell(task, "enrolled %s (%s) as %s with %s", device->name,
		  device_is_full(device) ? "Full" : "Device", device->ent_dmid,
		  device->provider_id);
	task_tell(task, "certificate %s, server %s", device->thumbprint, device->address);
	return 0;
}

static int enroll_steps(struct enrolling *enrolling)
{
	struct device *device = enrolling->device;
	struct task *task = enrolling->task;
	struct enroll_result result;
	struct text token;
	int r = wish_make(enrolling);

	if (r == 0)
		r = enroll_sign_in(task, device, &enrolling->wish, &token);
	if (r == 0)
		r = terms_show(enrolling, token);
	if (r == 0)
		r = enroll_join(task, device, &enrolling->wish, &token);
	if (r == 0)
		r = enroll_with_server(task, device, &enrolling->wish, token, &enrolling->key,
				       &result);
	return r == 0 ? result_keep(enrolling, &result) : r;
}

int command_enroll(struct task *task, const struct options *options)
{
	struct device device;
	struct enrolling enrolling = {.task = task, .options = options, .device = &device};
	int r = enroll_steps(&enrolling);

	EVP_PKEY_free(enrolling.key);
	EVP_PKEY_free(enrolling.wish.signer.key);
	X509_free(enrolling.wish.signer.certificate);
	device_done(&device);
	return r;
}
