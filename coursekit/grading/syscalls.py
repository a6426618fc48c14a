"""The system calls that a submission may make, as a seccomp filter; made by the grader, loaded in the sandbox.

A list of what is allowed, so that a call which a future kernel adds is refused. A submission may compute, use
memory and threads, look at the clock, and read and write the files that it can see. It may not start a process
or a program, open a socket, send a signal, look into another process, mount, or talk to a device.
"""

import contextlib
import errno
import tempfile
from typing import Any

__all__ = ["filter_program"]

ALLOWED = tuple(
    """
    access alarm brk chdir clock_getres clock_gettime clock_nanosleep close close_range dup dup2 dup3 epoll_create1
    epoll_ctl epoll_pwait epoll_wait eventfd2 exit exit_group faccessat faccessat2 fadvise64 fchdir fcntl fdatasync
    flock fstat fstatfs fsync ftruncate futex futex_waitv getcpu getcwd getdents64 getegid geteuid getgid getgroups
    getitimer getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit getrusage getsid
    gettid gettimeofday getuid lseek lstat madvise membarrier mincore mkdir mkdirat mmap mprotect mremap munmap
    nanosleep newfstatat open openat pause pipe pipe2 poll ppoll pread64 preadv pselect6 pwrite64 pwritev read readlink
    readlinkat readv recvfrom recvmsg rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending
    rt_sigprocmask rt_sigreturn rt_sigtimedwait sched_get_priority_max sched_get_priority_min sched_getaffinity
    sched_getparam sched_getscheduler sched_yield select sendmsg sendto set_robust_list set_tid_address setitimer
    sigaltstack stat statfs statx sysinfo time times umask uname unlink unlinkat wait4 waitid write writev
    """.split()  # noqa: SIM905 - this reads as the list that it is
)

# Refused in words that a student understands; whatever is not listed does not exist (ENOSYS), which libraries expect.
DENIED = tuple(
    """
    execve execveat fork vfork kill tkill tgkill rt_sigqueueinfo pidfd_send_signal socket socketpair connect bind
    ptrace process_vm_readv process_vm_writev mount umount2 unshare setns chroot pivot_root setuid setgid setresuid
    setresgid setgroups chmod fchmod fchmodat chown fchown lchown fchownat link linkat symlink symlinkat mknod mknodat
    memfd_create shmget semget msgget mq_open setrlimit bpf perf_event_open keyctl add_key request_key
    """.split()  # noqa: SIM905
)

CLONE_THREAD = 0x00010000
PR_SET_NAME, PR_GET_NAME, PR_SET_VMA = 15, 16, 0x53564D41


def filter_program() -> bytes:
    """Return the filter as a BPF program for this machine's architecture.

    Returns
    -------
    bytes                    8 for each instruction

    Raises
    ------
    ImportError              pyseccomp is missing
    RuntimeError             libseccomp is missing
    """
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(defaction=seccomp.ERRNO(errno.ENOSYS))

    def add(action: int, name: str, *arguments: Any) -> None:
        # What is not allowed is refused: a call that this machine does not know errs on the safe side.
        with contextlib.suppress(OSError):
            rules.add_rule(action, seccomp.resolve_syscall(seccomp.Arch.NATIVE, name), *arguments)

    for name in ALLOWED:
        add(seccomp.ALLOW, name)
    for name in DENIED:
        add(seccomp.ERRNO(errno.EPERM), name)
    # Threads, not processes; clone3 hides its flags in memory, so it does not exist and libc falls back to clone.
    add(seccomp.ALLOW, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, CLONE_THREAD))
    add(seccomp.ERRNO(errno.EPERM), "clone", seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, 0))
    # Reading one's own limits, or lowering them.
    add(seccomp.ALLOW, "prlimit64", seccomp.Arg(0, seccomp.EQ, 0))
    for option in (PR_SET_NAME, PR_GET_NAME, PR_SET_VMA):
        add(seccomp.ALLOW, "prctl", seccomp.Arg(0, seccomp.EQ, option))
    # "Not a terminal" is the answer that open() and isatty() expect; no other device call is meant.
    add(seccomp.ERRNO(errno.ENOTTY), "ioctl")
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
