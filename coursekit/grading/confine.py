"""What the sandbox's processes ask of the Linux kernel: namespaces, Landlock, other uid, limits, seccomp.

Only the standard library and libc, because this is what must not fail. Every call that fails raises OSError:
a process that could not be confined does not go on to run a submission. On other systems than Linux this can be
imported, and no more.
"""

import ctypes
import mmap
import os
import struct
from collections.abc import Sequence
from functools import cache
from typing import Any

__all__ = [
    "address_space",
    "adopt_orphans",
    "drop_identity",
    "landlock_ruleset",
    "landlock_version",
    "limit",
    "load_filter",
    "no_new_privileges",
    "private_folder",
    "restrict_files",
    "unshare_all",
]

# linux/sched.h: mount, cgroup, UTS, IPC, pid and network namespaces; not user, which bubblewrap has made.
CLONE_NEW = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x20000000, 0x40000000)
MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 36, 38
SECCOMP_MODE_FILTER = 2
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
# linux/landlock.h: the number of file rights that each version of the interface knows.
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
READ_FILE, READ_DIR, WRITE_FILE = 1 << 2, 1 << 3, 1 << 1
SIGKILL = 9


class _Program(ctypes.Structure):
    """struct sock_fprog of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


@cache
def _libc() -> Any:
    """Return the C library."""
    return ctypes.CDLL(None, use_errno=True)


def _done(result: int, what: str) -> int:
    """Return the result of a libc call, or raise what errno says."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _prctl(option: int, value: int, pointer: object = 0) -> None:
    """Call prctl(2), which wants its unused arguments to be zero."""
    long = ctypes.c_ulong
    _done(_libc().prctl(option, long(value), pointer or long(0), long(0), long(0)), f"prctl {option}")


def unshare_all() -> None:
    """Give this process new namespaces; its next child is process 1 of a new pid namespace."""
    flags = 0
    for flag in CLONE_NEW:
        flags |= flag
    _done(_libc().unshare(flags), "unshare")


def adopt_orphans() -> None:
    """Become the parent of descendants that lose theirs."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def private_folder(path: str, n_bytes: int) -> None:
    """Mount an empty file system of at most this size on a folder; it goes with the mount namespace."""
    options = f"size={n_bytes},nr_inodes=1000,mode=1777".encode()
    _done(_libc().mount(b"tmpfs", path.encode(), b"tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options), f"mount {path}")


def landlock_version() -> int:
    """Return the version of the kernel's Landlock interface, 0 if there is none."""
    return max(0, _libc().syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(1)))


def landlock_ruleset(readable: Sequence[str], writeable: Sequence[str]) -> int:
    """Return a file descriptor for: read these trees, write these files, and nothing else; no TCP.

    Parameters
    ----------
    readable : sequence      paths that may be read, with everything below them; one that is missing is left out
    writeable : sequence     files that may be read and written

    Returns
    -------
    int                      the descriptor, for `restrict_files`
    """
    version = landlock_version()
    handled = (1 << FILE_RIGHTS.get(version, 16)) - 1
    # From version 4 on TCP, from 6 on abstract sockets and signals to the outside.
    rights = struct.pack("=QQQ", handled, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _done(
        _libc().syscall(LANDLOCK_CREATE_RULESET, rights, ctypes.c_size_t(size), ctypes.c_uint(0)), "Landlock"
    )
    rules = [(path, READ_FILE) for path in readable] + [(path, READ_FILE | WRITE_FILE) for path in writeable]
    for path, allowed in rules:
        try:
            parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            granted = allowed | (READ_DIR if os.path.isdir(path) else 0)
            rule = struct.pack("=Qi", granted, parent)
            arguments = (ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint(0))
            _done(_libc().syscall(LANDLOCK_ADD_RULE, *arguments), f"Landlock, {path}")
        finally:
            os.close(parent)
    return ruleset


def no_new_privileges() -> None:
    """Make sure that no program started from here gains rights; needed by the two that follow."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1)


def restrict_files(ruleset: int) -> None:
    """Keep this process and its children to a Landlock ruleset, for good."""
    _done(_libc().syscall(LANDLOCK_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint(0)), "Landlock")


def load_filter(program: bytes) -> None:
    """Let the kernel refuse system calls by this BPF program, for good."""
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(_Program(len(program) // 8, program)))


def drop_identity(uid: int | None) -> None:
    """Become another user (None stays), without capabilities, and die with the parent process."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        _prctl(PR_SET_DUMPABLE, 1)  # or /proc/self would belong to root
    header = struct.pack("=Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _done(_libc().capset(header, bytes(24)), "capset")
    _prctl(PR_SET_PDEATHSIG, SIGKILL)  # after setresuid, which clears it


def limit(name: str, value: int) -> None:
    """Set one resource limit, soft and hard, where it is not lower already."""
    import resource

    kind = getattr(resource, f"RLIMIT_{name}")
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def address_space() -> int:
    """Return how many bytes of address space this process has mapped, without /proc: the limit at which mmap fails."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    low, high = 0, 1 << 47
    try:
        while high - low > 1 << 20:
            middle = (low + high) // 2
            resource.setrlimit(resource.RLIMIT_AS, (middle, hard))
            try:
                mmap.mmap(-1, mmap.PAGESIZE).close()
                high = middle
            except OSError:
                low = middle
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    return high
