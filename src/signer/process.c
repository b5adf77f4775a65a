/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.c: start, watch and stop the signing process.
 *
 * The process lives as long as the control socket is open at this end: however the server ends,
 * its socket closes and the signer goes too. Nothing restarts it: a signer that died is a defect
 * or an attack, and the program around this one (systemd) starts both afresh.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "signer/channel.h"
#include "signer/wire.h"

enum { STOP_MS = 2000, STOP_STEP_MS = 5 };

static int certificates_take(struct signer_process *process, const struct signer_hello *hello)
{
	struct signer_issuers *issuers = &process->issuers;

	issuers->count = hello->count;
	for (size_t i = 0; i < hello->count; i++) {
		struct text url =
		    text_make(hello->crl_urls[i], strnlen(hello->crl_urls[i], SIGNER_URL_MAX));

		if (x509_cert_read(&process->arena, text_make(hello->certs[i], hello->lens[i]),
				   &issuers->cas[i]) != 0)
			return -1;
		issuers->has_key[i] = hello->has_key[i] != 0;
		if (url.len > 0)
			issuers->cas[i].crl_url = arena_text(&process->arena, url);
	}
	issuers->has_root = hello->lens[SIGNER_ISSUERS_MAX] > 0;
	if (issuers->has_root && x509_cert_read(&process->arena,
						text_make(hello->certs[SIGNER_ISSUERS_MAX],
							  hello->lens[SIGNER_ISSUERS_MAX]),
						&issuers->root) != 0)
		return -1;
	return 0;
}

static int hello_read(struct signer_process *process, const char *certificate_path,
		      struct trail *trail)
{
	struct signer_hello *hello = heap_alloc(sizeof(*hello));
	int r = signer_channel_receive(process->control, hello, sizeof(*hello), trail);
	bool is_sane = r == 0 && hello->magic == SIGNER_MAGIC_HELLO &&
		       hello->count <= SIGNER_ISSUERS_MAX && hello->seal <= SIGNER_UNFILTERED;

	for (size_t i = 0; is_sane && i <= SIGNER_ISSUERS_MAX; i++)
		is_sane = hello->lens[i] <= X509_CERT_MAX;
	if (r < 0)
		r = ERR_TRACE(trail, r);
	else if (!is_sane)
		r = ERR_FAIL(trail, ERR_INTERNAL, "the signing process says something else");
	else if (hello->result < 0)
		r = ERR_FAIL(trail, hello->result, "device CA %s: %.*s", certificate_path,
			     (int)sizeof(hello->why), hello->why);
	else if (certificates_take(process, hello) != 0)
		r = ERR_FAIL(trail, ERR_INTERNAL, "the signing process sent no certificate");
	else
		process->seal = (enum signer_seal)hello->seal;
	free(hello);
	return r;
}

int signer_process_start(struct signer_process **ret, const struct signer_setup *setup,
			 struct trail *trail)
{
	struct signer_process *process;
	int fds[2], r = signer_channel_pair(fds, SIGNER_PATIENCE_MS, trail);
	pid_t pid;

	if (r < 0)
		return ERR_TRACE(trail, r);
	pid = fork();
	if (pid == 0)
		signer_child_run(fds[1], setup);
	(void)close(fds[1]);
	if (pid < 0) {
		r = ERR_FAIL(trail, ERR_SYSTEM, "fork: %m");
		(void)close(fds[0]);
		return r;
	}
	process = heap_alloc(sizeof(*process));
	process->pid = pid;
	process->control = fds[0];
	process->patience_ms = SIGNER_PATIENCE_MS;
	arena_init(&process->arena);
	pthread_mutex_init(&process->lock, NULL);
	r = hello_read(process, setup->certificate, trail);
	if (r < 0) {
		signer_process_stop(process);
		return ERR_TRACE(trail, r);
	}
	*ret = process;
	return 0;
}

bool signer_process_is_alive(struct signer_process *process)
{
	struct pollfd poller = {.fd = process->control, .events = POLLRDHUP};

	/* the kernel closes the other end with the process; asking takes no lock and reaps nothing
	 */
	return poll(&poller, 1, 0) == 0;
}

enum signer_seal signer_process_seal(const struct signer_process *process)
{
	return process->seal;
}

size_t signer_process_issuer_count(const struct signer_process *process)
{
	return process->issuers.count;
}

const struct x509_cert *signer_process_issuer(const struct signer_process *process, size_t i)
{
	return &process->issuers.cas[i];
}

bool signer_process_issuer_has_key(const struct signer_process *process, size_t i)
{
	return process->issuers.has_key[i];
}

bool signer_process_is_failing(const struct signer_process *process)
{
	return atomic_load(&process->is_failing);
}

pid_t signer_process_pid(const struct signer_process *process)
{
	return process->pid;
}

/* Until it has ended, or time is over. */
static bool wait_for(pid_t pid, int64_t until_ms)
{
	const struct timespec step = {.tv_nsec = STOP_STEP_MS * 1000000L};

	for (;;) {
		pid_t done = waitpid(pid, NULL, WNOHANG);

		if (done == pid || (done < 0 && errno == ECHILD))
			return true;
		if (clock_mono_ms() >= until_ms)
			return false;
		(void)nanosleep(&step, NULL);
	}
}

void signer_process_stop(struct signer_process *process)
{
	if (process == NULL)
		return;
	(void)close(process->control);
	if (!wait_for(process->pid, clock_mono_ms() + STOP_MS)) {
		(void)kill(process->pid, SIGKILL);
		(void)waitpid(process->pid, NULL, 0);
	}
	pthread_mutex_destroy(&process->lock);
	arena_done(&process->arena);
	free(process);
}
