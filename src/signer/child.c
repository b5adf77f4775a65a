/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child.c: the signing process: one thread, one loop, no state but its key and its sockets.
 *
 * Order at start: give up what is not needed, load the keys, sign once to see that each works (and
 * so that the library has loaded what it loads lazily), lock the door, say hello. Then questions
 * are answered in the order they come. It has no store, no log and no configuration; what went
 * wrong is told to the server in the answer. It ends when the control socket closes.
 *
 * The entries of a CRL come in memory that the server shares; they are copied before they are
 * looked at. With a key on a token the door stays ajar: its library opens files and sockets for
 * every signature, so only what no such library needs is taken away.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "signer/channel.h"
#include "signer/sandbox.h"
#include "signer/set.h"
#include "signer/wire.h"

enum { SECURE_HEAP = 64 * 1024, SECURE_HEAP_MIN = 32 };

struct child {
	struct signer_set set;
	struct pollfd polled[1 + SIGNER_CHANNELS_MAX]; /* [0] is the control socket */
	size_t n;
};

static void why_write(char why[SIGNER_WHY_MAX], const struct trail *trail)
{
	(void)snprintf(why, SIGNER_WHY_MAX, "%.*s", SIGNER_WHY_MAX - 1, trail->text);
}

/* Never waits for a worker that does not read: false, and its channel is over. */
static bool answer(int fd, const void *message, size_t len)
{
	return send(fd, message, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len;
}

/* The descriptor that came with a message; -1 for none. */
static int passed_fd(struct msghdr *msg)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(msg);
	int fd;

	if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(&fd, CMSG_DATA(header), sizeof(int));
	return fd;
}

/* Send an answer; false: the channel is over. */
static bool reply_send(int fd, struct signer_answer *reply, struct text der, struct trail *trail)
{
	if (reply->result == 0 && der.len > sizeof(reply->der))
		reply->result = ERR_FAIL(trail, ERR_LIMIT, "an answer of %zu bytes", der.len);
	if (reply->result == 0) {
		reply->der_len = (uint32_t)der.len;
		memcpy(reply->der, der.ptr, der.len);
	}
	if (reply->result < 0)
		why_write(reply->why, trail);
	return answer(fd, reply, sizeof(*reply));
}

static bool leaf_answer(struct child *child, int fd, const struct signer_question *question)
{
	struct x509_leaf_request request = {
	    .spki_der = text_make(question->spki, question->spki_len),
	    .subject_cn = text_make(question->cn, question->cn_len),
	    .not_before = question->not_before,
	    .not_after = question->not_after,
	};
	struct signer_answer reply = {.magic = SIGNER_MAGIC_ANSWER, .number = question->number};
	enum x509_leaf_verdict verdict = X509_LEAF_OK;
	struct text der = TEXT_EMPTY;
	struct arena arena;
	struct trail trail;
	bool sent;

	memcpy(request.serial, question->serial, sizeof(request.serial));
	arena_init(&arena);
	trail_reset(&trail);
	reply.result = signer_core_sign(&child->set.cores[0], &arena, &request, clock_now(), &der,
					&verdict, &trail);
	reply.verdict = (uint32_t)verdict;
	sent = reply_send(fd, &reply, der, &trail);
	arena_done(&arena);
	return sent;
}

/* Exactly len bytes. */
static bool entries_read(int fd, void *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, (char *)data + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

/* False: the channel is over, also when the entries are not all there. */
static bool crl_answer(struct child *child, int fd, const struct signer_crl_question *question,
		       int entries_fd)
{
	struct signer_answer reply = {.magic = SIGNER_MAGIC_ANSWER, .number = question->number};
	enum x509_crl_verdict verdict = X509_CRL_OK;
	struct x509_crl_request request = {
	    .count = question->count,
	    .number = question->crl_number,
	    .this_update = question->this_update,
	    .next_update = question->next_update,
	};
	struct text signature = TEXT_EMPTY;
	struct x509_crl_entry *entries;
	struct arena arena;
	struct trail trail;
	bool is_good;

	if (question->issuer >= child->set.count || question->count > LIMIT_CRL_ENTRIES)
		return false;
	arena_init(&arena);
	trail_reset(&trail);
	entries = ARENA_ARRAY(&arena, question->count, struct x509_crl_entry);
	is_good = entries_read(entries_fd, entries, question->count * sizeof(*entries));
	if (is_good) {
		request.entries = entries;
		reply.result =
		    signer_core_sign_crl(&child->set.cores[question->issuer], &arena, &request,
					 clock_now(), &signature, &verdict, &trail);
		reply.verdict = (uint32_t)verdict;
		is_good = reply_send(fd, &reply, signature, &trail);
	}
	arena_done(&arena);
	return is_good;
}

union question {
	struct signer_question leaf;
	struct signer_crl_question crl;
};

/* A descriptor belongs to a question about a CRL and to no other. */
static bool question_answer(struct child *child, int fd, const union question *question, size_t len,
			    int passed)
{
	if (len == sizeof(question->crl) && question->crl.magic == SIGNER_MAGIC_CRL)
		return passed >= 0 && crl_answer(child, fd, &question->crl, passed);
	return len == sizeof(question->leaf) && question->leaf.magic == SIGNER_MAGIC_QUESTION &&
	       question->leaf.spki_len <= sizeof(question->leaf.spki) &&
	       question->leaf.cn_len <= sizeof(question->leaf.cn) && passed < 0 &&
	       leaf_answer(child, fd, &question->leaf);
}

/* False: this channel is over. */
static bool channel_serve(struct child *child, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	union question question;
	struct iovec iov = {.iov_base = &question, .iov_len = sizeof(question)};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.bytes,
			     .msg_controllen = sizeof(control.bytes)};
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	bool is_good;
	int passed;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	passed = passed_fd(&msg);
	is_good = (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
		  question_answer(child, fd, &question, (size_t)n, passed);
	if (passed >= 0)
		(void)close(passed);
	return is_good;
}

static int channel_add(struct child *child, int fd)
{
	if (child->n == ARRAY_LEN(child->polled)) {
		(void)close(fd);
		return ERR_LIMIT;
	}
	child->polled[child->n++] = (struct pollfd){.fd = fd, .events = POLLIN};
	return 0;
}

/* False: the server has closed its end, or speaks nonsense. */
static bool control_serve(struct child *child)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct signer_opening opening;
	struct iovec iov = {.iov_base = &opening, .iov_len = sizeof(opening)};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.bytes,
			     .msg_controllen = sizeof(control.bytes)};
	ssize_t n = recvmsg(child->polled[0].fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fd;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	fd = passed_fd(&msg);
	if (n != (ssize_t)sizeof(opening) || opening.magic != SIGNER_MAGIC_OPEN || fd < 0)
		return false;
	opening.result = channel_add(child, fd);
	return answer(child->polled[0].fd, &opening, sizeof(opening));
}

static void channels_serve(struct child *child)
{
	for (size_t i = 1; i < child->n;) {
		struct pollfd *polled = &child->polled[i];

		if (polled->revents == 0 || channel_serve(child, polled->fd)) {
			i++;
			continue;
		}
		(void)close(polled->fd);
		*polled = child->polled[--child->n];
	}
}

static void serve(struct child *child)
{
	for (;;) {
		int n = poll(child->polled, child->n, -1);

		if (n < 0 && errno != EINTR)
			return;
		if (n < 0)
			continue;
		channels_serve(child);
		if (child->polled[0].revents != 0 && !control_serve(child))
			return;
	}
}

/* 0 or SANDBOX_E_NO_FILTER, or negative. */
static int shut_off(bool has_token, enum signer_seal *ret, struct trail *trail)
{
	int r = has_token ? signer_sandbox_narrow(trail) : signer_sandbox_seal(trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	if (r == SANDBOX_E_NO_FILTER)
		*ret = SIGNER_UNFILTERED;
	else
		*ret = has_token ? SIGNER_TOKEN : SIGNER_SEALED;
	return 0;
}

static int prepare(struct child *child, int control, const struct signer_setup *setup,
		   enum signer_seal *ret_seal, struct trail *trail)
{
	int r = signer_sandbox_enter(control, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	/* private numbers go to locked pages where the limits allow it */
	(void)CRYPTO_secure_malloc_init(SECURE_HEAP, SECURE_HEAP_MIN);
	r = signer_set_load(&child->set, setup, trail);
	if (r == 0)
		r = shut_off(signer_setup_has_token(setup), ret_seal, trail);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

static void hello_write(struct signer_hello *hello, const struct signer_set *set)
{
	hello->count = (uint32_t)set->count;
	for (size_t i = 0; i < set->count; i++) {
		const struct x509_cert *ca = &set->cores[i].ca;

		hello->has_key[i] = set->cores[i].key != NULL;
		hello->lens[i] = (uint32_t)ca->der.len;
		memcpy(hello->certs[i], ca->der.ptr, ca->der.len);
		if (ca->crl_url.ptr != NULL)
			(void)snprintf(hello->crl_urls[i], SIGNER_URL_MAX, "%.*s",
				       TEXT_ARG(ca->crl_url));
	}
	if (set->has_root) {
		const struct text der = set->root.ca.der;

		hello->lens[SIGNER_ISSUERS_MAX] = (uint32_t)der.len;
		memcpy(hello->certs[SIGNER_ISSUERS_MAX], der.ptr, der.len);
	}
}

void signer_child_run(int control, const struct signer_setup *setup)
{
	struct child child = {.n = 1, .polled[0] = {.fd = control, .events = POLLIN}};
	struct signer_hello hello = {.magic = SIGNER_MAGIC_HELLO};
	enum signer_seal seal = SIGNER_UNFILTERED;
	struct trail trail;

	trail_reset(&trail);
	hello.result = prepare(&child, control, setup, &seal, &trail);
	hello.seal = (uint32_t)seal;
	if (hello.result < 0) /* for an operator, not for the log of a request */
		(void)snprintf(hello.why, SIGNER_WHY_MAX, "%s", trail.cause);
	else
		hello_write(&hello, &child.set);
	if (answer(control, &hello, sizeof(hello)) && hello.result == 0)
		serve(&child);
	/* no exit handlers: they belong to the program this process was forked from */
	_exit(0);
}
