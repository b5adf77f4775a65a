/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.c: seccomp and its lesser relatives, for the signing process.
 *
 * The filter is a list of what a loop of receive, compute, send needs; everything else fails with
 * EPERM rather than killing, so that a library that merely tries something gets along without it.
 * A call on the list works on open descriptors or on memory; none of them opens, connects, forks
 * or executes. Where a token's library has to open files the list is one of what is refused.
 */
#include "signer/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define SANDBOX_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SANDBOX_ARCH AUDIT_ARCH_AARCH64
#endif

static int descriptors_close(int keep_fd, struct trail *trail)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "/dev/null: %m");
	if ((keep_fd > 3 && close_range(3, (unsigned)keep_fd - 1, 0) != 0) ||
	    close_range((unsigned)keep_fd + 1, ~0U, 0) != 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "close_range: %m");
	return 0;
}

int signer_sandbox_enter(int keep_fd, struct trail *trail)
{
	/* The server drains its requests after SIGTERM and ends the signer last, by closing the
	 * control socket. */
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2};
	const struct rlimit none = {0, 0};
	sigset_t empty;

	sigemptyset(&empty);
	(void)sigprocmask(SIG_SETMASK, &empty, NULL);
	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		(void)signal(ignored[i], SIG_IGN);
	(void)prctl(PR_SET_NAME, "muster-signer", 0, 0, 0);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "giving up privileges: %m");
	return descriptors_close(keep_fd, trail);
}

#ifdef SANDBOX_ARCH

static const int allowed[] = {
    /* the loop */
    __NR_recvmsg, __NR_recvfrom, __NR_sendmsg, __NR_sendto, __NR_ppoll, __NR_close,
#ifdef __NR_poll
    __NR_poll,
#endif
    /* complaints on standard error */
    __NR_write, __NR_writev, __NR_read,
    /* memory */
    __NR_brk, __NR_mmap, __NR_munmap, __NR_mremap, __NR_mprotect, __NR_madvise, __NR_mlock,
    __NR_munlock,
    /* threads of the library: there is one, locks are taken nevertheless */
    __NR_futex, __NR_sched_yield, __NR_getpid, __NR_gettid,
    /* randomness and time */
    __NR_getrandom, __NR_clock_gettime, __NR_gettimeofday,
#ifdef __NR_time
    __NR_time,
#endif
    /* signals and the end */
    __NR_rt_sigreturn, __NR_rt_sigprocmask, __NR_rt_sigaction, __NR_sigaltstack, __NR_tgkill,
    __NR_restart_syscall, __NR_exit, __NR_exit_group};

enum {
	ALLOWED = sizeof(allowed) / sizeof(allowed[0]),
	FILTER_HEAD = 4,
	FILTER_LEN = FILTER_HEAD + ALLOWED + 2
};

/* load arch; other: kill. load number. */
static void filter_begin(struct sock_filter *filter)
{
	const struct sock_filter head[FILTER_HEAD] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SANDBOX_ARCH, 1, 0),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};

	for (size_t at = 0; at < FILTER_HEAD; at++)
		filter[at] = head[at];
}

/* on the list: jump to the last instruction; else EPERM. */
static void filter_write(struct sock_filter filter[FILTER_LEN])
{
	size_t at = FILTER_HEAD;

	filter_begin(filter);
	for (size_t i = 0; i < ALLOWED; i++, at++)
		filter[at] = (struct sock_filter)BPF_JUMP(
		    BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)allowed[i], (uint8_t)(ALLOWED - i), 0);
	filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	filter[at] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

static int filter_install(const struct sock_fprog *program, struct trail *trail)
{
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) == 0)
		return 0;
	if (errno == EINVAL || errno == ENOSYS)
		return SANDBOX_E_NO_FILTER;
	return ERR_FAIL(trail, ERR_SYSTEM, "seccomp: %m");
}

/* The sandbox is believed only after it was seen to hold. */
static int walls_check(struct trail *trail)
{
	int file = open("/", O_RDONLY | O_CLOEXEC);
	int file_errno = errno;
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (file >= 0 || sock >= 0 || file_errno != EPERM || errno != EPERM)
		return ERR_FAIL(trail, ERR_SYSTEM, "the sandbox does not hold");
	return 0;
}

int signer_sandbox_seal(struct trail *trail)
{
	struct sock_filter filter[FILTER_LEN];
	const struct sock_fprog program = {.len = FILTER_LEN, .filter = filter};
	int r;

	filter_write(filter);
	r = filter_install(&program, trail);
	return r ? r : walls_check(trail);
}

static const int refused[] = {__NR_execve,
			      __NR_execveat,
			      __NR_ptrace,
			      __NR_process_vm_readv,
			      __NR_process_vm_writev,
			      __NR_bind,
			      __NR_listen,
			      __NR_accept,
			      __NR_accept4,
			      __NR_mount,
			      __NR_umount2,
			      __NR_pivot_root,
			      __NR_chroot,
			      __NR_unshare,
			      __NR_setns,
			      __NR_init_module,
			      __NR_finit_module,
			      __NR_delete_module,
			      __NR_kexec_load,
			      __NR_bpf,
			      __NR_perf_event_open,
			      __NR_keyctl,
			      __NR_add_key,
			      __NR_request_key,
			      __NR_userfaultfd,
			      __NR_reboot,
			      __NR_swapon,
			      __NR_swapoff};

enum { REFUSED = sizeof(refused) / sizeof(refused[0]), NARROW_LEN = FILTER_HEAD + REFUSED + 2 };

int signer_sandbox_narrow(struct trail *trail)
{
	struct sock_filter filter[NARROW_LEN];
	const struct sock_fprog program = {.len = NARROW_LEN, .filter = filter};
	int r;

	filter_begin(filter);
	for (size_t i = 0; i < REFUSED; i++)
		filter[FILTER_HEAD + i] = (struct sock_filter)BPF_JUMP(
		    BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)refused[i], (uint8_t)(REFUSED - i), 0);
	filter[FILTER_HEAD + REFUSED] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter[FILTER_HEAD + REFUSED + 1] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	r = filter_install(&program, trail);
	/* refused before it is looked at: on a descriptor that is none it would be EBADF */
	if (r == 0 && (listen(-1, 0) != -1 || errno != EPERM))
		return ERR_FAIL(trail, ERR_SYSTEM, "the sandbox does not hold");
	return r;
}

#else

int signer_sandbox_seal(struct trail *trail)
{
	return SANDBOX_E_NO_FILTER;
}

int signer_sandbox_narrow(struct trail *trail)
{
	return SANDBOX_E_NO_FILTER;
}

#endif
