/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve.c: `musterd serve`: the wiring, top to bottom. The order matters: the signing process is
 * forked before any thread, secret or network input exists; the store is checked before anything
 * listens; loops and workers start last and stop first.
 *
 * SIGHUP reads the configuration and certificates again and swaps them whole or not at all. SIGTERM
 * and SIGINT stop gracefully. So does the end of the signing process, with a failure: it cannot be
 * forked again from a program that has threads and has read input, and whoever supervises this one
 * starts both afresh.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/log.h"
#include "edge/routes.h"
#include "edge/run.h"
#include "entra/app_tokens.h"
#include "entra/keys.h"
#include "musterd/background.h"
#include "musterd/commands.h"
#include "musterd/keys.h"
#include "musterd/listeners.h"
#include "musterd/startup.h"
#include "oidc/provider.h"
#include "signer/signer.h"
#include "store/db.h"

enum { STOP_GRACE_S = 20, CONFIGS_MAX = 256 };

struct serving {
	struct config_file *configs[CONFIGS_MAX]; /* the current one is the last */
	size_t config_count;
	struct http_listener listeners[EDGE_LISTENERS];
	struct edge_context context;
	struct server_keys keys;
	struct http_server *server;
	struct background *background;
	struct trail trail;
};

static const struct config *current(const struct serving *serving)
{
	return &serving->configs[serving->config_count - 1]->config;
}

/* Many devices mean many sockets; take what the system allows. */
static void descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	limit = (struct rlimit){0, 0};
	(void)setrlimit(RLIMIT_CORE, &limit);
}

static int store_open(struct serving *serving)
{
	struct trail *trail = &serving->trail;
	int r;

	r = startup_check_store_exists(current(serving), trail);
	if (r == 0)
		r = db_store_open(&serving->context.store, current(serving)->store_url, trail);
	if (r)
		return r;
	r = db_store_check(serving->context.store, trail);
	if (r == DB_E_NOT_MIGRATED)
		return ERR_FAIL(trail, ERR_CONFIG,
				"the database has an older schema; run: musterd migrate");
	if (r == DB_E_NEWER_SCHEMA)
		return ERR_FAIL(trail, ERR_CONFIG,
				"the database was made by a newer Muster; run that program");
	return r;
}

static int serving_start(struct serving *serving)
{
	struct edge_context *context = &serving->context;
	const struct config *config = current(serving);
	struct http_server_options options = {
	    .listeners = serving->listeners,
	    .listener_count = EDGE_LISTENERS,
	    .workers = config->workers,
	    .context = context,
	    .worker_start = edge_worker_start,
	    .worker_stop = edge_worker_stop,
	};
	struct signer_setup setup = startup_signer_setup(config);
	int r;

	r = signer_process_start(&context->signer, &setup, &serving->trail);
	if (r == 0)
		r = config_load_branding(serving->configs[0], &serving->trail);
	if (r == 0)
		r = keys_load(&serving->keys, config->master_key_file, &serving->trail);
	if (r == 0)
		r = startup_check_ca_bundle(config, &serving->trail);
	if (r == 0)
		r = store_open(serving);
	if (r == 0)
		r = startup_check_master_key(context->store, &serving->keys, &serving->trail);
	if (r)
		return r;
	context->keys = &serving->keys;
	context->entra_keys = entra_keys_new(entra_fetch_https);
	context->entra_app_tokens = entra_app_tokens_new();
	context->oidc = oidc_providers_new(http_server_workers(config->workers));
	atomic_store(&context->config, config);
	options.routes = edge_routes(&options.route_count);
	listeners_fill(config, serving->listeners);
	r = background_start(&serving->background, context, &serving->trail);
	if (r == 0)
		r = http_server_new(&serving->server, &options, &serving->trail);
	if (r == 0)
		atomic_store(&context->server, serving->server);
	return r;
}

static void serving_stop(struct serving *serving)
{
	struct edge_context *context = &serving->context;

	atomic_store(&context->is_stopping, 1);
	if (serving->server)
		http_server_stop(serving->server, STOP_GRACE_S);
	background_stop(serving->background);
	http_server_free(serving->server);
	entra_app_tokens_free(context->entra_app_tokens);
	oidc_providers_free(context->oidc);
	entra_keys_free(context->entra_keys);
	if (context->store)
		db_store_close(context->store);
	signer_process_stop(context->signer);
	keys_done(&serving->keys);
	for (size_t i = 0; i < serving->config_count; i++)
		config_free(serving->configs[i]);
}

/* What requests may still read is kept; of the rest only the first, which the listeners name. */
static void configs_sweep(struct serving *serving)
{
	size_t kept = 1;

	for (size_t i = 1; i < serving->config_count; i++) {
		struct config_file *file = serving->configs[i];

		if (i + 1 < serving->config_count && !edge_config_is_used(&file->config))
			config_free(file);
		else
			serving->configs[kept++] = file;
	}
	serving->config_count = kept;
}

static void config_adopt(struct serving *serving, struct config_file *fresh)
{
	if (config_is_same(current(serving), &fresh->config)) {
		config_free(fresh);
		return;
	}
	serving->configs[serving->config_count++] = fresh;
	atomic_store(&serving->context.config, &fresh->config);
	configs_sweep(serving);
}

/* Everything new is read and checked before anything is swapped. */
static void reload(struct serving *serving)
{
	const char *path = serving->configs[serving->config_count - 1]->path;
	struct http_listener listeners[EDGE_LISTENERS];
	struct config_file *fresh;
	const char *fixed;
	struct trail trail;

	trail_reset(&trail);
	if (serving->config_count == CONFIGS_MAX) {
		log_error("reload_refused",
			  LOG_TEXT("reason", "the settings changed too often; restart"));
		return;
	}
	if (config_load(&fresh, path, &trail)) {
		log_error("reload_refused", LOG_TEXT("reason", trail.cause));
		return;
	}
	fixed = config_needs_restart(current(serving), &fresh->config);
	if (fixed) {
		log_error("reload_refused",
			  LOG_TEXT("reason", "a restart is needed to change this"),
			  LOG_TEXT("setting", fixed));
		config_free(fresh);
		return;
	}
	listeners_fill(&fresh->config, listeners);
	if (config_load_branding(fresh, &trail) ||
	    http_server_reload_tls(serving->server, listeners, EDGE_LISTENERS, &trail)) {
		log_error("reload_refused", LOG_TEXT("reason", trail.cause));
		config_free(fresh);
		return;
	}
	config_adopt(serving, fresh);
	log_info("reloaded", LOG_TEXT("config", path));
}

/* Until the server has to stop. False: it has failed. */
static bool signals_wait(struct serving *serving, const sigset_t *set)
{
	int signal = 0;

	while (sigwait(set, &signal) == 0) {
		if (signal == SIGHUP) {
			reload(serving);
		} else if (signal != SIGCHLD) {
			log_info("stopping", LOG_INT("signal", signal));
			return true;
		} else if (!signer_process_is_alive(serving->context.signer)) {
			log_error("stopping", LOG_TEXT("reason", "the signing process has ended"));
			return false;
		}
	}
	return false;
}

static void ready_log(const struct serving *serving)
{
	enum signer_seal seal = signer_process_seal(serving->context.signer);

	if (seal != SIGNER_SEALED)
		log_warn("signer", LOG_TEXT("sandbox", signer_seal_text(seal)));
	for (size_t i = 0; i < EDGE_LISTENERS; i++)
		log_info("listening", LOG_TEXT("listener", serving->listeners[i].name),
			 LOG_TEXT("address", serving->listeners[i].address),
			 LOG_INT("port", http_server_port(serving->server, i)));
	log_info("ready", LOG_TEXT("version", MUSTER_VERSION));
}

int command_serve(int argc, char **argv)
{
	static struct serving serving;
	sigset_t set;
	int status = EXIT_DONE;

	trail_reset(&serving.trail);
	status = command_config("serve", argc, argv, &serving.configs[0]);
	if (status != EXIT_DONE)
		return status;
	serving.config_count = 1;
	descriptors_raise();
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file size limit is a failed write, like a full disk */
	if (serving_start(&serving)) {
		status = command_fail("serve", &serving.trail);
	} else {
		ready_log(&serving);
		if (!signals_wait(&serving, &set))
			status = EXIT_FAILED;
	}
	serving_stop(&serving);
	if (status == EXIT_DONE)
		log_info("stopped");
	return status;
}
