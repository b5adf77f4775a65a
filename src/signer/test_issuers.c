/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_issuers.c: the signing process with more than one CA: CRLs, earlier CAs, a root above, and
 * what it says of its sandbox.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "signer/channel.h"
#include "signer/files.h"
#include "signer/wire.h"
#include "x509/ca.h"
#include "x509/test_make.h"

#define BASE "https://mdm.contoso.com/EnrollmentServer/CRL"

static struct arena arena;
static struct trail trail;
static char dir[] = "/tmp/muster-issuers-XXXXXX";
static char paths[6][64]; /* certificate and key of three CAs */
static EVP_PKEY *device_key;
static struct signer_process *process;
static struct signer *signer;

static int group_setup(void **state)
{
	struct x509_pair pair;

	arena_init(&arena);
	trail_reset(&trail);
	device_key = make_rsa(2048, 65537);
	if (mkdtemp(dir) == NULL)
		return -1;
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(paths[2 * i], sizeof(paths[0]), "%s/ca%zu.crt", dir, i);
		(void)snprintf(paths[2 * i + 1], sizeof(paths[0]), "%s/ca%zu.key", dir, i);
		if (x509_ca_create(&arena, arena_printf(&arena, "CA %zu", i), clock_now(), &pair,
				   &trail) != 0 ||
		    signer_files_create(&pair, paths[2 * i], paths[2 * i + 1], &trail) != 0)
			return -1;
	}
	return 0;
}

static int group_teardown(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		(void)unlink(paths[i]);
	(void)rmdir(dir);
	EVP_PKEY_free(device_key);
	arena_done(&arena);
	return 0;
}

static int teardown(void **state)
{
	signer_free(signer);
	signer = NULL;
	signer_process_stop(process);
	process = NULL;
	return 0;
}

static struct signer_setup setup_of(const char *const *previous, size_t previous_count,
				    const char *const *keys, size_t key_count)
{
	return (struct signer_setup){
	    .certificate = paths[0],
	    .key = paths[1],
	    .root = "",
	    .previous = previous,
	    .previous_count = previous_count,
	    .previous_keys = keys,
	    .previous_key_count = key_count,
	    .crl_url = BASE,
	};
}

/* The second CA comes with its key, the third without. */
static void start(void)
{
	const char *const previous[] = {paths[2], paths[4]}, *const keys[] = {paths[3]};
	const struct signer_setup setup = setup_of(previous, 2, keys, 1);

	trail_reset(&trail);
	if (signer_process_start(&process, &setup, &trail) != 0)
		fail_msg("%s", trail.text);
	assert_int_equal(signer_open(&signer, process, &trail), 0);
}

static struct x509_crl_request list_of(struct x509_crl_entry *entries, size_t n)
{
	struct x509_crl_request request = {.entries = entries, .count = n};

	for (size_t i = 0; i < n; i++) {
		signer_serial_make(entries[i].serial);
		entries[i].revoked_at = clock_now();
		entries[i].reason = X509_CRL_CESSATION;
	}
	x509_crl_sort(entries, n);
	x509_crl_times(&request, clock_now(), 0);
	return request;
}

static void each_ca_with_a_key_signs_its_own_list(void **state)
{
	struct x509_crl_entry entries[2] = {0};
	struct x509_crl_request request = list_of(entries, 2);
	struct text der = {.ptr = "untouched"};

	start();
	assert_int_equal(signer_issuer_count(signer), 3);
	assert_null(signer_root(signer));
	for (size_t i = 0; i < 2; i++) {
		assert_true(signer_issuer_has_key(signer, i));
		assert_int_equal(signer_sign_crl(signer, &arena, i, &request, &der, &trail), 0);
		assert_int_equal(x509_crl_lint(der, &request, signer_issuer(signer, i), &trail), 0);
		assert_int_equal(x509_crl_lint(der, &request, signer_issuer(signer, 1 - i), &trail),
				 X509_CRL_E_DIFFERS);
	}
	assert_false(signer_issuer_has_key(signer, 2));
	der.ptr = "untouched";
	assert_int_equal(signer_sign_crl(signer, &arena, 2, &request, &der, &trail),
			 SIGNER_E_REFUSED);
	assert_int_equal(signer_crl_refusal(signer), X509_CRL_ISSUER);
	assert_string_equal(der.ptr, "untouched");
}

static void the_far_side_judges_a_list_again(void **state)
{
	struct x509_crl_entry entries[2] = {0};
	struct x509_crl_request request = list_of(entries, 2);
	struct text der;

	start();
	entries[1] = entries[0];
	assert_int_equal(signer_sign_crl(signer, &arena, 0, &request, &der, &trail),
			 SIGNER_E_REFUSED);
	assert_int_equal(signer_crl_refusal(signer), X509_CRL_ENTRY);
	request = list_of(entries, 2);
	request.next_update += 30LL * 24 * 3600;
	assert_int_equal(signer_sign_crl(signer, &arena, 0, &request, &der, &trail),
			 SIGNER_E_REFUSED);
	assert_int_equal(signer_crl_refusal(signer), X509_CRL_TIMES);
	request = list_of(entries, 2);
	request.count = LIMIT_CRL_ENTRIES + 1;
	assert_int_equal(signer_sign_crl(signer, &arena, 0, &request, &der, &trail),
			 SIGNER_E_REFUSED);
	assert_int_equal(signer_crl_refusal(signer), X509_CRL_COUNT);
}

static void a_full_list_is_signed(void **state)
{
	const size_t n = LIMIT_CRL_ENTRIES;
	struct x509_crl_entry *entries = heap_alloc(n * sizeof(*entries));
	struct x509_crl_request request = list_of(entries, n);
	struct arena own;
	struct text der;

	start();
	arena_init(&own);
	assert_int_equal(signer_sign_crl(signer, &own, 0, &request, &der, &trail), 0);
	assert_in_range(der.len, n * 40, n * 60);
	arena_done(&own);
	free(entries);
}

static void certificates_name_the_list_of_their_ca(void **state)
{
	struct x509_leaf_request request = {.subject_cn =
						TEXT("6f1b1c52-7c0e-4d19-9d7a-0d9a5e0b7c11")};
	const struct x509_cert *ca;
	struct text der;

	start();
	ca = signer_ca(signer);
	request.spki_der = make_spki(&arena, device_key);
	signer_serial_make(request.serial);
	x509_leaf_times(&request, clock_now(), ca);
	assert_int_equal(signer_sign_leaf(signer, &arena, &request, &der, &trail), 0);
	assert_true(text_eq_c(ca->crl_url, arena_printf(&arena, BASE "/%s.crl",
							hex_write(&arena, ca->subject_key_id))));
	assert_int_equal(x509_leaf_lint(der, &request, ca, &trail), 0);
}

static void a_wrong_set_of_cas_does_not_start(void **state)
{
	const char *const same[] = {paths[0]}, *const one[] = {paths[2]};
	const char *const strange[] = {paths[5]}, *const missing[] = {"/nowhere"};
	struct signer_setup root = setup_of(NULL, 0, NULL, 0);
	const struct {
		struct signer_setup setup;
		const char *why;
	} rows[] = {
	    {setup_of(same, 1, NULL, 0), "key of another CA"},
	    {setup_of(one, 1, strange, 1), "belongs to no certificate"},
	    {setup_of(missing, 1, NULL, 0), "/nowhere"},
	    {setup_of(one, 1, missing, 1), "/nowhere"},
	    {root, "is one of a root"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct signer_setup setup = rows[i].setup;

		if (i + 1 == ARRAY_LEN(rows))
			setup.root = paths[2];
		trail_reset(&trail);
		assert_int_equal(signer_process_start(&process, &setup, &trail), ERR_CONFIG);
		if (strstr(trail.cause, rows[i].why) == NULL)
			fail_msg("row %zu: %s", i, trail.cause);
	}
}

static bool is_closed(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	char byte;

	return poll(&poller, 1, 5000) == 1 && recv(fd, &byte, 1, 0) <= 0;
}

static void send_with(int fd, const void *message, size_t len, int passed)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)message, .iov_len = len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (passed >= 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &passed, sizeof(int));
	}
	assert_int_equal(sendmsg(fd, &msg, MSG_NOSIGNAL), (ssize_t)len);
}

/* Too few entries, none at all, too many, no such CA, a descriptor where none belongs. */
static void bad_questions_end_their_channel_only(void **state)
{
	const struct signer_crl_question good = {.magic = SIGNER_MAGIC_CRL, .number = 1};
	const struct signer_question leaf = {.magic = SIGNER_MAGIC_QUESTION, .number = 1};
	struct signer_crl_question question;
	struct x509_crl_entry entries[1] = {0};
	struct x509_crl_request request = list_of(entries, 1);
	struct text der;

	start();
	for (int i = 0; i < 5; i++) {
		int memory = memfd_create("test", MFD_CLOEXEC), fd;

		assert_int_equal(signer_channel_open(&fd, process, &trail), 0);
		question = good;
		question.count = i == 0 ? 1 : i == 1 ? LIMIT_CRL_ENTRIES + 1 : 0;
		question.issuer = i == 2 ? 3 : 0;
		if (i == 4)
			send_with(fd, &leaf, sizeof(leaf), memory);
		else
			send_with(fd, &question, sizeof(question), i == 3 ? -1 : memory);
		assert_true(is_closed(fd));
		(void)close(fd);
		(void)close(memory);
	}
	assert_int_equal(signer_sign_crl(signer, &arena, 0, &request, &der, &trail), 0);
}

/* In a child, as a filter cannot be taken off again: prctl(PR_SET_SECCOMP) says EINVAL, as on a
 * kernel without filters. */
static void without_filters_it_says_so(void **state)
{
	struct sock_filter filter[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_prctl, 0, 3),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {.len = ARRAY_LEN(filter), .filter = filter};
	int status = 0;
	pid_t pid;

	start();
	assert_int_equal(signer_process_seal(process), SIGNER_SEALED);
	teardown(NULL);
	pid = fork();
	if (pid == 0) {
		const struct signer_setup setup = setup_of(NULL, 0, NULL, 0);

		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0 ||
		    signer_process_start(&process, &setup, &trail) != 0)
			_exit(1);
		_exit(signer_process_seal(process) == SIGNER_UNFILTERED ? 7 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

#define CASE(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(each_ca_with_a_key_signs_its_own_list),
	    CASE(the_far_side_judges_a_list_again),
	    CASE(a_full_list_is_signed),
	    CASE(certificates_name_the_list_of_their_ca),
	    CASE(a_wrong_set_of_cas_does_not_start),
	    CASE(bad_questions_end_their_channel_only),
	    CASE(without_filters_it_says_so),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
