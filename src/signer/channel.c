/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.c: the server's end: sockets to the signing process, and the signer that uses one.
 *
 * A channel on which anything went wrong is closed, because a late answer must never be taken for
 * the answer to another question; the next signature opens a new one. Numbers in the messages
 * check the same thing a second time.
 */
#include "signer/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "signer/core.h"
#include "signer/ops.h"
#include "signer/wire.h"

struct signer_remote {
	struct signer signer;
	struct signer_process *process;
	int fd; /* -1: to be opened with the next use */
	uint32_t number;
};

static void fd_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

int signer_channel_pair(int ret_fds[2], int patience_ms, struct trail *trail)
{
	struct timeval patience = {.tv_sec = patience_ms / 1000,
				   .tv_usec = patience_ms % 1000 * 1000L};
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "socketpair: %m");
	if (setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
	    setsockopt(fds[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0) {
		int r = ERR_FAIL(trail, ERR_SYSTEM, "setsockopt: %m");

		fd_close(&fds[0]);
		fd_close(&fds[1]);
		return r;
	}
	ret_fds[0] = fds[0];
	ret_fds[1] = fds[1];
	return 0;
}

static int silence(struct trail *trail)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return ERR_FAIL(trail, ERR_SYSTEM, "the signing process does not answer");
	return ERR_FAIL(trail, ERR_SYSTEM, "the signing process is gone: %m");
}

/* With a socket attached where passed >= 0. */
static int message_send(int fd, const void *message, size_t len, int passed, struct trail *trail)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)message, .iov_len = len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	if (passed >= 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &passed, sizeof(int));
	}
	do {
		n = sendmsg(fd, &msg, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)len ? 0 : silence(trail);
}

int signer_channel_send(int fd, const void *message, size_t len, struct trail *trail)
{
	return message_send(fd, message, len, -1, trail);
}

int signer_channel_receive(int fd, void *message, size_t len, struct trail *trail)
{
	ssize_t n;

	do {
		n = recv(fd, message, len, MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return silence(trail);
	if (n == 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "the signing process is gone");
	if ((size_t)n != len)
		return ERR_FAIL(trail, ERR_INTERNAL, "the signing process sent %zd bytes", n);
	return 0;
}

/* Hand one end over and wait until it is served. The lock is held. */
static int opening_exchange(struct signer_process *process, int passed, struct trail *trail)
{
	struct signer_opening opening = {.magic = SIGNER_MAGIC_OPEN, .number = ++process->openings};
	struct signer_opening reply;
	int r = message_send(process->control, &opening, sizeof(opening), passed, trail);

	do {
		if (r == 0)
			r = signer_channel_receive(process->control, &reply, sizeof(reply), trail);
		if (r)
			return ERR_TRACE(trail, r);
		if (reply.magic != SIGNER_MAGIC_OPEN)
			return ERR_FAIL(trail, ERR_INTERNAL,
					"the signing process replies something else");
		/* an older number: the reply to an opening that was given up */
	} while (reply.number != opening.number);
	if (reply.result < 0)
		return ERR_FAIL(trail, reply.result, "the signing process takes no more channels");
	return 0;
}

int signer_channel_open(int *ret_fd, struct signer_process *process, struct trail *trail)
{
	int fds[2];
	int r = signer_channel_pair(fds, process->patience_ms, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	pthread_mutex_lock(&process->lock);
	r = opening_exchange(process, fds[1], trail);
	pthread_mutex_unlock(&process->lock);
	fd_close(&fds[1]); /* or its end would be seen as open for ever */
	if (r < 0) {
		fd_close(&fds[0]);
		return ERR_TRACE(trail, r);
	}
	*ret_fd = fds[0];
	return 0;
}

static void question_write(struct signer_question *question,
			   const struct x509_leaf_request *request, uint32_t number)
{
	*question = (struct signer_question){
	    .magic = SIGNER_MAGIC_QUESTION,
	    .number = number,
	    .spki_len = (uint32_t)request->spki_der.len,
	    .cn_len = (uint32_t)request->subject_cn.len,
	    .not_before = request->not_before,
	    .not_after = request->not_after,
	};
	memcpy(question->serial, request->serial, sizeof(question->serial));
	if (request->spki_der.len > 0)
		memcpy(question->spki, request->spki_der.ptr, request->spki_der.len);
	if (request->subject_cn.len > 0)
		memcpy(question->cn, request->subject_cn.ptr, request->subject_cn.len);
}

/* One question, with a descriptor where passed >= 0, and the answer to it. */
static int exchange(struct signer_remote *remote, const void *question, size_t len, int passed,
		    struct signer_answer *answer, struct trail *trail)
{
	int r = message_send(remote->fd, question, len, passed, trail);

	if (r == 0)
		r = signer_channel_receive(remote->fd, answer, sizeof(*answer), trail);
	if (r)
		return ERR_TRACE(trail, r);
	if (answer->magic != SIGNER_MAGIC_ANSWER || answer->number != remote->number ||
	    answer->der_len > sizeof(answer->der) || answer->result > SIGNER_CORE_E_REFUSED)
		return ERR_FAIL(trail, ERR_INTERNAL, "the signing process answers something else");
	return 0;
}

/* Ask and look at the result. SIGNER_E_REFUSED: the verdict is in the answer. */
static int ask(struct signer_remote *remote, const void *question, size_t len, int passed,
	       struct signer_answer *answer, struct trail *trail)
{
	int r = exchange(remote, question, len, passed, answer, trail);

	if (r) {
		fd_close(&remote->fd);
		return ERR_TRACE(trail, r);
	}
	atomic_store(&remote->process->is_failing, answer->result < 0);
	if (answer->result < 0)
		return ERR_FAIL(trail, answer->result, "signing process: %.*s",
				(int)sizeof(answer->why), answer->why);
	return answer->result == SIGNER_CORE_E_REFUSED ? SIGNER_E_REFUSED : 0;
}

static int remote_sign(struct signer *signer, struct arena *arena,
		       const struct x509_leaf_request *request, struct text *ret_der,
		       struct trail *trail)
{
	struct signer_remote *remote = (struct signer_remote *)signer;
	struct signer_question question;
	struct signer_answer answer = {0};
	int r = 0;

	if (request->spki_der.len > sizeof(question.spki) ||
	    request->subject_cn.len > sizeof(question.cn)) {
		signer->refusal = request->spki_der.len > sizeof(question.spki) ? X509_LEAF_KEY
										: X509_LEAF_SUBJECT;
		return SIGNER_E_REFUSED;
	}
	if (remote->fd < 0)
		r = signer_channel_open(&remote->fd, remote->process, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	question_write(&question, request, ++remote->number);
	r = ask(remote, &question, sizeof(question), -1, &answer, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	if (r == SIGNER_E_REFUSED) {
		signer->refusal = (enum x509_leaf_verdict)answer.verdict;
		return SIGNER_E_REFUSED;
	}
	*ret_der = text_make(arena_copy(arena, answer.der, answer.der_len), answer.der_len);
	return 0;
}

/* The entries in memory that has a descriptor; its position is the start. */
static int entries_share(int *ret_fd, const struct x509_crl_request *request, struct trail *trail)
{
	const char *data = (const char *)request->entries;
	size_t len = request->count * sizeof(*request->entries), done = 0;
	int fd = memfd_create("muster-crl", MFD_CLOEXEC);

	if (fd < 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "memfd_create: %m");
	while (done < len) {
		ssize_t n = pwrite(fd, data + done, len - done, (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int r = ERR_FAIL(trail, ERR_SYSTEM, "memory for a CRL: %m");

			fd_close(&fd);
			return r;
		}
		done += (size_t)n;
	}
	*ret_fd = fd;
	return 0;
}

static int crl_ask(struct signer_remote *remote, size_t issuer,
		   const struct x509_crl_request *request, struct signer_answer *answer,
		   struct trail *trail)
{
	const struct signer_crl_question question = {
	    .magic = SIGNER_MAGIC_CRL,
	    .number = ++remote->number,
	    .issuer = (uint32_t)issuer,
	    .count = (uint32_t)request->count,
	    .crl_number = request->number,
	    .this_update = request->this_update,
	    .next_update = request->next_update,
	};
	int r = 0, fd = -1;

	if (remote->fd < 0)
		r = signer_channel_open(&remote->fd, remote->process, trail);
	if (r == 0)
		r = entries_share(&fd, request, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	r = ask(remote, &question, sizeof(question), fd, answer, trail);
	fd_close(&fd);
	return r;
}

static int remote_sign_crl(struct signer *signer, struct arena *arena, size_t issuer,
			   const struct x509_crl_request *request, struct text *ret_der,
			   struct trail *trail)
{
	struct signer_remote *remote = (struct signer_remote *)signer;
	const struct x509_cert *ca = &signer->issuers->cas[issuer];
	struct signer_answer answer = {0};
	struct text der;
	int r;

	if (request->count > LIMIT_CRL_ENTRIES) {
		signer->crl_refusal = X509_CRL_COUNT;
		return SIGNER_E_REFUSED;
	}
	r = crl_ask(remote, issuer, request, &answer, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	if (r == SIGNER_E_REFUSED) {
		signer->crl_refusal = (enum x509_crl_verdict)answer.verdict;
		return SIGNER_E_REFUSED;
	}
	/* both sides write the same bytes: the signature fits, or it is no CRL */
	der = x509_leaf_assemble(arena, x509_crl_tbs(arena, request, ca), ca,
				 text_make(answer.der, answer.der_len));
	if (x509_crl_lint(der, request, ca, trail) != 0)
		return ERR_FAIL(trail, ERR_INTERNAL, "a CRL was thrown away");
	*ret_der = der;
	return 0;
}

static void remote_free(struct signer *signer)
{
	struct signer_remote *remote = (struct signer_remote *)signer;

	fd_close(&remote->fd);
	free(remote);
}

static const struct signer_ops remote_ops = {
    .sign_leaf = remote_sign,
    .sign_crl = remote_sign_crl,
    .free = remote_free,
};

int signer_open(struct signer **ret, struct signer_process *process, struct trail *trail)
{
	struct signer_remote *remote;
	int fd, r = signer_channel_open(&fd, process, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	remote = heap_alloc(sizeof(*remote));
	remote->signer.ops = &remote_ops;
	remote->signer.issuers = &process->issuers;
	remote->signer.is_failing = &process->is_failing;
	remote->process = process;
	remote->fd = fd;
	*ret = &remote->signer;
	return 0;
}
