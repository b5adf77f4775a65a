/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child.c: the signing process: one thread, one loop, no state but its key and its sockets.
 *
 * Order at start: give up what is not needed, load the key, sign once to see that it works (and
 * so that the library has loaded what it loads lazily), lock the door, say hello. Then questions
 * are answered in the order they come. It has no store, no log and no configuration; what went
 * wrong is told to the server in the answer. It ends when the control socket closes.
 *
 * With a key on a token the door stays open: its library may talk to a device or a daemon.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "signer/channel.h"
#include "signer/core.h"
#include "signer/key.h"
#include "signer/sandbox.h"
#include "signer/wire.h"

enum { SECURE_HEAP = 64 * 1024, SECURE_HEAP_MIN = 32 };

struct child {
	struct signer_core core;
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

static bool question_answer(struct child *child, int fd, const struct signer_question *question)
{
	struct x509_leaf_request request = {
	    .spki_der = text_make(question->spki, question->spki_len),
	    .subject_cn = text_make(question->cn, question->cn_len),
	    .not_before = question->not_before,
	    .not_after = question->not_after,
	};
	struct signer_answer reply = {.magic = SIGNER_MAGIC_ANSWER, .number = question->number};
	enum x509_leaf_verdict verdict = X509_LEAF_OK;
	struct arena arena;
	struct trail trail;
	struct text der;
	bool sent;

	memcpy(request.serial, question->serial, sizeof(request.serial));
	arena_init(&arena);
	trail_reset(&trail);
	reply.result =
	    signer_core_sign(&child->core, &arena, &request, clock_now(), &der, &verdict, &trail);
	if (reply.result == 0 && der.len > sizeof(reply.der))
		reply.result = ERR_FAIL(&trail, ERR_LIMIT, "a certificate of %zu bytes", der.len);
	if (reply.result == 0) {
		reply.der_len = (uint32_t)der.len;
		memcpy(reply.der, der.ptr, der.len);
	}
	reply.verdict = (uint32_t)verdict;
	if (reply.result < 0)
		why_write(reply.why, &trail);
	sent = answer(fd, &reply, sizeof(reply));
	arena_done(&arena);
	return sent;
}

/* False: this channel is over. */
static bool channel_serve(struct child *child, int fd)
{
	struct signer_question question;
	ssize_t n = recv(fd, &question, sizeof(question), MSG_TRUNC | MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n != (ssize_t)sizeof(question) || question.magic != SIGNER_MAGIC_QUESTION ||
	    question.spki_len > sizeof(question.spki) || question.cn_len > sizeof(question.cn))
		return false;
	return question_answer(child, fd, &question);
}

/* The socket that came with a message; -1 for none. */
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

static int prepare(struct child *child, int control, const char *certificate_path, const char *key,
		   struct trail *trail)
{
	int r = signer_sandbox_enter(control, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	/* private numbers go to locked pages where the limits allow it */
	(void)CRYPTO_secure_malloc_init(SECURE_HEAP, SECURE_HEAP_MIN);
	r = signer_core_load(&child->core, certificate_path, key, trail);
	if (r == 0 && !signer_key_is_uri(key))
		r = signer_sandbox_seal(trail);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

void signer_child_run(int control, const char *certificate_path, const char *key)
{
	struct child child = {.n = 1, .polled[0] = {.fd = control, .events = POLLIN}};
	struct signer_hello hello = {.magic = SIGNER_MAGIC_HELLO};
	struct trail trail;

	trail_reset(&trail);
	hello.result = prepare(&child, control, certificate_path, key, &trail);
	if (hello.result < 0) {
		/* for an operator, not for the log of a request */
		(void)snprintf(hello.why, SIGNER_WHY_MAX, "%s", trail.cause);
	} else {
		hello.ca_len = (uint32_t)child.core.ca.der.len;
		memcpy(hello.ca, child.core.ca.der.ptr, child.core.ca.der.len);
	}
	if (answer(control, &hello, sizeof(hello)) && hello.result == 0)
		serve(&child);
	/* no exit handlers: they belong to the program this process was forked from */
	_exit(0);
}
