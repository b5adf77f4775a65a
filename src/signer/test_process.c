/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_process.c: the signing process: what it can do, what it cannot, and what a worker sees
 * when it is slow, gone or spoken to badly. Every case starts its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "signer/channel.h"
#include "signer/files.h"
#include "signer/signer.h"
#include "signer/wire.h"
#include "x509/test_make.h"

static struct arena arena;
static struct trail trail;
static EVP_PKEY *device_key;
static char dir[] = "/tmp/muster-process-XXXXXX";
static char cert_path[64], key_path[64];
static struct signer_process *process;
static struct signer *signer;

static int start(struct signer_process **ret, const char *certificate, const char *key)
{
	const struct signer_setup setup = {
	    .certificate = certificate,
	    .key = key,
	    .root = "",
	    .crl_url = "https://mdm.contoso.com/EnrollmentServer/CRL",
	};

	return signer_process_start(ret, &setup, &trail);
}

static int group_setup(void **state)
{
	struct x509_pair pair;

	device_key = make_rsa(2048, 65537);
	arena_init(&arena);
	trail_reset(&trail);
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(cert_path, sizeof(cert_path), "%s/ca.crt", dir);
	(void)snprintf(key_path, sizeof(key_path), "%s/ca.key", dir);
	if (x509_ca_create(&arena, "Test device CA", clock_now(), &pair, &trail) != 0 ||
	    signer_files_create(&pair, cert_path, key_path, &trail) != 0)
		return -1;
	arena_done(&arena);
	return 0;
}

static int group_teardown(void **state)
{
	EVP_PKEY_free(device_key);
	(void)unlink(cert_path);
	(void)unlink(key_path);
	(void)rmdir(dir);
	return 0;
}

static int setup(void **state)
{
	arena_init(&arena);
	trail_reset(&trail);
	if (start(&process, cert_path, key_path) != 0 ||
	    signer_open(&signer, process, &trail) != 0) {
		print_error("%s\n", trail.text);
		return -1;
	}
	return 0;
}

static int teardown(void **state)
{
	signer_free(signer);
	signer_process_stop(process);
	arena_done(&arena);
	return 0;
}

static void request_fill(struct arena *where, struct x509_leaf_request *request)
{
	*request = (struct x509_leaf_request){
	    .spki_der = make_spki(where, device_key),
	    .subject_cn = TEXT("6f1b1c52-7c0e-4d19-9d7a-0d9a5e0b7c11"),
	};
	signer_serial_make(request->serial);
	x509_leaf_times(request, clock_now(), &process->issuers.cas[0]);
}

static int sign_once(void)
{
	struct x509_leaf_request request;
	struct text der;
	int r;

	request_fill(&arena, &request);
	r = signer_sign_leaf(signer, &arena, &request, &der, &trail);
	if (r == 0)
		assert_int_equal(x509_leaf_lint(der, &request, signer_ca(signer), &trail), 0);
	return r;
}

static void process_signs(void **state)
{
	assert_true(text_eq_c(signer_ca(signer)->subject_cn, "Test device CA"));
	assert_true(signer_process_is_alive(process));
	for (int i = 0; i < 20; i++)
		assert_int_equal(sign_once(), 0);
}

/* The far side judges again: these requests come as a compromised server would send them. */
static void case10_process_refuses_what_breaks_the_template(void **state)
{
	EVP_PKEY *small = make_rsa(1024, 65537);
	struct x509_leaf_request good, bad;
	struct text der = {.ptr = "untouched"};
	const struct {
		struct text spki, cn;
		int64_t lifetime;
		uint8_t first;
		enum x509_leaf_verdict want;
	} rows[] = {
	    {TEXT_EMPTY, {0}, 0, 0, X509_LEAF_KEY},
	    {make_spki(&arena, small), {0}, 0, 0, X509_LEAF_KEY},
	    {process->issuers.cas[0].spki_der, {0}, 0, 0, X509_LEAF_CA_KEY},
	    {make_rsa_spki(&arena, text_make(arena_alloc(&arena, 4096), 4096), TEXT("\1\0\1")),
	     {0},
	     0,
	     0,
	     X509_LEAF_KEY},
	    {make_rsa_spki(&arena, make_hex(&arena, arena_printf(&arena, "%04096d", 1)),
			   TEXT("\1")),
	     {0},
	     0,
	     0,
	     X509_LEAF_KEY},
	    {{0}, TEXT("somebody"), 0, 0, X509_LEAF_SUBJECT},
	    {{0}, TEXT("6f1b1c52-7c0e-4d19-9d7a-0d9a5e0b7c11 "), 0, 0, X509_LEAF_SUBJECT},
	    {{0}, {0}, 399LL * 24 * 3600, 0, X509_LEAF_VALIDITY},
	    {{0}, {0}, 1, 0, X509_LEAF_VALIDITY},
	    {{0}, {0}, 0, 0x80, X509_LEAF_SERIAL},
	};

	request_fill(&arena, &good);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bad = good;
		if (rows[i].spki.ptr != NULL)
			bad.spki_der = rows[i].spki;
		if (rows[i].cn.ptr != NULL)
			bad.subject_cn = rows[i].cn;
		if (rows[i].lifetime != 0)
			bad.not_after = bad.not_before + rows[i].lifetime;
		bad.serial[0] |= rows[i].first;
		assert_int_equal(signer_sign_leaf(signer, &arena, &bad, &der, &trail),
				 SIGNER_E_REFUSED);
		assert_string_equal(x509_leaf_verdict_name(signer_refusal(signer)),
				    x509_leaf_verdict_name(rows[i].want));
		assert_string_equal(der.ptr, "untouched");
	}
	assert_int_equal(sign_once(), 0);
	EVP_PKEY_free(small);
}

enum { THREADS = 8, EACH = 40 };

struct worker {
	pthread_t thread;
	int failures;
	char serials[EACH][X509_SERIAL_LEN];
};

static void *worker_run(void *arg)
{
	struct worker *worker = arg;
	struct signer *own = NULL;
	struct trail own_trail;

	trail_reset(&own_trail);
	if (signer_open(&own, process, &own_trail) != 0) {
		worker->failures++;
		return NULL;
	}
	for (int i = 0; i < EACH; i++) {
		struct x509_leaf_request request;
		struct arena own_arena;
		struct text der;

		arena_init(&own_arena);
		request_fill(&own_arena, &request);
		memcpy(worker->serials[i], request.serial, X509_SERIAL_LEN);
		if (signer_sign_leaf(own, &own_arena, &request, &der, &own_trail) != 0 ||
		    x509_leaf_lint(der, &request, signer_ca(own), &own_trail) != 0)
			worker->failures++;
		arena_done(&own_arena);
	}
	signer_free(own);
	return NULL;
}

/* Each thread gets the answers to its own questions: the lint compares every field. */
static void workers_sign_in_parallel(void **state)
{
	static struct worker workers[THREADS];

	memset(workers, 0, sizeof(workers));
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&workers[i].thread, NULL, worker_run, &workers[i]),
				 0);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		assert_int_equal(workers[i].failures, 0);
	}
	for (size_t a = 0; a < (size_t)THREADS * EACH; a++)
		for (size_t b = 0; b < a; b++)
			assert_memory_not_equal(workers[a / EACH].serials[a % EACH],
						workers[b / EACH].serials[b % EACH],
						X509_SERIAL_LEN);
}

/* A dead process is an error at once, not a wait. */
static void process_that_dies_is_noticed(void **state)
{
	struct signer *late = NULL;
	int64_t start = clock_mono_ms();
	struct pollfd poller = {.fd = process->control, .events = POLLRDHUP};

	assert_int_equal(kill(signer_process_pid(process), SIGKILL), 0);
	assert_int_equal(poll(&poller, 1, 5000), 1);
	assert_false(signer_process_is_alive(process));
	assert_int_equal(sign_once(), ERR_SYSTEM);
	assert_int_equal(sign_once(), ERR_SYSTEM);
	assert_int_equal(signer_open(&late, process, &trail), ERR_SYSTEM);
	assert_null(late);
	assert_true(clock_mono_ms() - start < 5000);
}

/* A process that is stopped is an error after the wait; its late answer is nobody's. */
static void process_that_hangs_is_given_up(void **state)
{
	struct signer *hasty = NULL, *before = signer;
	int64_t start;

	process->patience_ms = 1500;
	assert_int_equal(signer_open(&hasty, process, &trail), 0);
	signer = hasty;
	assert_int_equal(kill(signer_process_pid(process), SIGSTOP), 0);
	start = clock_mono_ms();
	assert_int_equal(sign_once(), ERR_SYSTEM);
	assert_in_range(clock_mono_ms() - start, 1400, 5000);
	assert_non_null(strstr(trail.text, "does not answer"));
	assert_int_equal(kill(signer_process_pid(process), SIGCONT), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(sign_once(), 0);
	signer = before;
	assert_int_equal(sign_once(), 0);
	signer_free(hasty);
}

/* One line of /proc/PID/status. */
static void status_line(const char *name, char *ret, size_t size)
{
	FILE *f = fopen(arena_printf(&arena, "/proc/%d/status", signer_process_pid(process)), "re");
	char line[256];

	assert_non_null(f);
	ret[0] = '\0';
	while (fgets(line, sizeof(line), f) != NULL) {
		size_t len = strlen(name);

		if (strncmp(line, name, len) == 0 && line[len] == ':')
			(void)snprintf(ret, size, "%s", line + len + 2);
	}
	fclose(f);
}

static void process_is_sealed_off(void **state)
{
	static const struct {
		const char *name, *want;
	} rows[] = {
	    {"Name", "muster-signer\n"}, {"NoNewPrivs", "1\n"}, {"Seccomp", "2\n"},
	    {"Threads", "1\n"},          {"PPid", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char value[64];
		const char *want = rows[i].want;

		if (want == NULL)
			want = arena_printf(&arena, "%d\n", getpid());
		status_line(rows[i].name, value, sizeof(value));
		assert_string_equal(value, want);
	}
}

/* Descriptors of this program, its listeners and database among them, do not reach it. */
static void process_inherits_no_descriptor(void **state)
{
	struct signer_process *other;
	int extra[2], count = 0;
	char *fds;
	DIR *d;

	assert_int_equal(pipe(extra), 0);
	assert_int_equal(start(&other, cert_path, key_path), 0);
	fds = arena_printf(&arena, "/proc/%d/fd", signer_process_pid(other));
	d = opendir(fds);
	if (d == NULL) {
		/* only root may look into a process that is not dumpable; a pipe tells as well */
		char byte;

		(void)close(extra[1]);
		assert_int_equal(read(extra[0], &byte, 1), 0);
	} else {
		for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
			count += e->d_name[0] != '.';
		closedir(d);
		assert_int_equal(count, 4); /* three standard ones and the control socket */
		(void)close(extra[1]);
	}
	(void)close(extra[0]);
	signer_process_stop(other);
}

static void process_ends_with_the_server(void **state)
{
	struct signer_process *other;
	pid_t pid;

	assert_int_equal(start(&other, cert_path, key_path), 0);
	pid = signer_process_pid(other);
	assert_int_equal(kill(pid, SIGTERM), 0); /* as sent to the whole service: not yet */
	assert_int_equal(kill(pid, SIGINT), 0);
	(void)poll(NULL, 0, 50);
	assert_true(signer_process_is_alive(other));
	signer_process_stop(other);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1); /* reaped already */
	assert_int_equal(kill(pid, 0), -1);
}

/* The other end closes: end of file within the time a test may take. */
static bool is_closed(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	char byte;

	return poll(&poller, 1, 5000) == 1 && recv(fd, &byte, 1, 0) <= 0;
}

static void bad_messages_end_their_channel_only(void **state)
{
	struct signer_question good = {.magic = SIGNER_MAGIC_QUESTION, .number = 1};
	struct signer_question rows[4] = {good, good, good, good};
	char longer[sizeof(good) + 8] = {0};
	int fd;

	rows[0].magic = SIGNER_MAGIC_ANSWER;
	rows[1].spki_len = SIGNER_SPKI_MAX + 1;
	rows[2].spki_len = UINT32_MAX;
	rows[3].cn_len = UUID_TEXT_LEN + 1;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(signer_channel_open(&fd, process, &trail), 0);
		assert_int_equal(signer_channel_send(fd, &rows[i], sizeof(rows[i]), &trail), 0);
		assert_true(is_closed(fd));
		(void)close(fd);
	}
	memcpy(longer, &good, sizeof(good));
	for (size_t len = 1; len <= sizeof(longer); len += sizeof(longer) / 2 - 1) {
		assert_int_equal(signer_channel_open(&fd, process, &trail), 0);
		assert_int_equal(signer_channel_send(fd, longer, len, &trail), 0);
		assert_true(is_closed(fd));
		(void)close(fd);
	}
	assert_int_equal(sign_once(), 0);
}

static void a_worker_that_does_not_read_harms_itself_only(void **state)
{
	struct signer_question question = {.magic = SIGNER_MAGIC_QUESTION};
	struct pollfd poller = {.events = POLLOUT};
	int fd, sent = 0;
	ssize_t n;

	assert_int_equal(signer_channel_open(&fd, process, &trail), 0);
	poller.fd = fd;
	do {
		n = send(fd, &question, sizeof(question), MSG_NOSIGNAL | MSG_DONTWAIT);
		sent += n > 0;
	} while (n > 0 || (errno == EAGAIN && poll(&poller, 1, 2000) > 0));
	/* the process did not wait for room for its answers; it hung up */
	assert_true(errno == EPIPE || errno == ECONNRESET);
	assert_in_range(sent, 1, 100000);
	assert_int_equal(sign_once(), 0);
	(void)close(fd);
	assert_int_equal(sign_once(), 0);
}

static void channels_are_bounded_and_reused(void **state)
{
	int fds[SIGNER_CHANNELS_MAX], n = 0, r = 0;

	while (n < SIGNER_CHANNELS_MAX && r == 0) {
		r = signer_channel_open(&fds[n], process, &trail);
		n += r == 0;
	}
	assert_int_equal(r, ERR_LIMIT);
	assert_int_equal(n, SIGNER_CHANNELS_MAX - 1); /* one is the signer's */
	assert_int_equal(sign_once(), 0);
	for (int i = 0; i < n; i++)
		(void)close(fds[i]);
	for (int i = 0; i < 100; i++) {
		/* the process sees the closing first: its sockets are served before openings */
		assert_int_equal(signer_channel_open(&fds[0], process, &trail), 0);
		(void)close(fds[0]);
	}
	assert_int_equal(sign_once(), 0);
}

static void start_fails_with_a_reason(void **state)
{
	const struct {
		const char *cert, *key, *why;
	} rows[] = {
	    {"/nonexistent/ca.crt", key_path, "/nonexistent/ca.crt"},
	    {cert_path, "/nonexistent/ca.key", "/nonexistent/ca.key"},
	    {key_path, key_path, "cannot be read as PEM"},
	    {cert_path, "pkcs11:token=none", "pkcs11: URI"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct signer_process *none = NULL;

		trail_reset(&trail);
		assert_true(start(&none, rows[i].cert, rows[i].key) < 0);
		assert_null(none);
		if (strstr(trail.text, rows[i].why) == NULL)
			fail_msg("no '%s' in: %s", rows[i].why, trail.text);
	}
	assert_int_equal(chmod(key_path, 0644), 0);
	assert_int_equal(start(&(struct signer_process *){NULL}, cert_path, key_path), ERR_CONFIG);
	assert_int_equal(chmod(key_path, 0600), 0);
}

/* The clock of the signer is its own: moving the server's does not move it. */
static void server_cannot_move_the_clock(void **state)
{
	struct x509_leaf_request request;
	struct text der;

	clock_shift(7200);
	request_fill(&arena, &request);
	clock_shift(0);
	assert_int_equal(signer_sign_leaf(signer, &arena, &request, &der, &trail),
			 SIGNER_E_REFUSED);
	assert_int_equal(signer_refusal(signer), X509_LEAF_VALIDITY);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(process_signs),
	    CASE(case10_process_refuses_what_breaks_the_template),
	    CASE(workers_sign_in_parallel),
	    CASE(process_that_dies_is_noticed),
	    CASE(process_that_hangs_is_given_up),
	    CASE(process_is_sealed_off),
	    CASE(process_inherits_no_descriptor),
	    CASE(process_ends_with_the_server),
	    CASE(bad_messages_end_their_channel_only),
	    CASE(a_worker_that_does_not_read_harms_itself_only),
	    CASE(channels_are_bounded_and_reused),
	    CASE(start_fails_with_a_reason),
	    CASE(server_cannot_move_the_clock),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
