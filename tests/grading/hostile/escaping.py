"""Reaching what is outside: files, network, other processes, programs, the kernel."""

from tests.grading.hostile.bank import Hostile

# Try many things, say what worked.
TRY = """
def tried(*actions):
    worked = []
    for action in actions:
        try:
            action()
            worked.append(action)
        except Exception:
            pass
    if worked:
        raise RuntimeError(f"READ: {len(worked)} worked")

def call(name, *arguments):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)

def system_call(number, *arguments):
    call("syscall", number, *arguments)
"""


def escaping(name: str, tries: str, code: str, *status: str, effect: str = "") -> Hostile:
    """Return a submission that has the functions above."""
    return Hostile(name, tries, TRY + code, status or ("ran",), effect)


BANK = (
    escaping(
        "change_grades",
        "write into the grade store",
        """
def laplacian5(u, h=1.0):
    with open("@HOME@/grades.json", "w") as file:
        file.write('{"me": 100}')
    return 0 * u
""",
        effect="grades.json",
    ),
    escaping(
        "delete_others",
        "delete, rename and truncate other students' files",
        """
def laplacian5(u, h=1.0):
    import os
    tried(
        lambda: os.rename("@HOME@/bob/answer.py", "@HOME@/bob/gone.py"),
        lambda: os.truncate("@HOME@/bob/answer.py", 0),
        lambda: os.chmod("@HOME@/bob", 0),
        lambda: os.remove("@HOME@/bob/answer.py"),
        lambda: os.rmdir("@HOME@/bob"),
    )
    return 0 * u
""",
        effect="bob",
    ),
    escaping(
        "links",
        "reach a file through links",
        """
def laplacian5(u, h=1.0):
    import os
    def through(make):
        link = ("/scratch" if os.path.isdir("/scratch") else "@HOME@") + "/link"
        make("@HOME@/grades.json", link)
        open(link, "a").write("me")
    tried(
        lambda: through(os.symlink),
        lambda: through(os.link),
        lambda: open("/proc/self/root@HOME@/grades.json", "a").write("me"),
        lambda: open("/proc/self/cwd/..@HOME@/grades.json", "a").write("me"),
        lambda: os.open("..@HOME@/grades.json", os.O_WRONLY, dir_fd=os.open(".", os.O_RDONLY)),
    )
    return 0 * u
""",
        effect="grades.json",
    ),
    escaping(
        "open_folders",
        "climb out through folders that are open already",
        """
def laplacian5(u, h=1.0):
    import os
    def climb(fd):
        return lambda: os.close(os.open("../" * 20 + "@HOME@/grades.json".lstrip("/"), os.O_RDWR, dir_fd=fd))
    tried(*[climb(fd) for fd in range(64)])
    return 0 * u
""",
    ),
    escaping(
        "network",
        "send the inputs home",
        """
def laplacian5(u, h=1.0):
    import socket
    def inet(address):
        socket.create_connection(address, timeout=0.5).sendall(u.tobytes())
    def datagram():
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", @PORT@))
    tried(lambda: inet(("127.0.0.1", @PORT@)), lambda: inet(("localhost", @PORT@)), datagram)
    return 0 * u
""",
        effect="connection",
    ),
    escaping(
        "local_sockets",
        "talk to services of the machine",
        """
def laplacian5(u, h=1.0):
    import socket
    def unix(address):
        line = socket.socket(socket.AF_UNIX)
        line.connect(address)
        line.sendall(b"x")
    netlink = getattr(socket, "AF_NETLINK", 16)
    tried(
        lambda: unix("@HOME@/service"),
        lambda: unix("\\0@ABSTRACT@"),
        lambda: socket.socket(netlink, socket.SOCK_RAW, 0),
        lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    )
    return 0 * u
""",
        effect="connection",
    ),
    escaping(
        "signals",
        "end other processes",
        """
def laplacian5(u, h=1.0):
    import os, signal
    def end(pid):
        return lambda: os.kill(pid, signal.SIGKILL)
    tried(end(@VICTIM@), end(@GRADER@), end(os.getppid()), end(1), end(-1), lambda: os.killpg(0, 9))
    return 0 * u
""",
    ),
    escaping(
        "tracing_others",
        "attach to other processes, read and write their memory",
        """
def laplacian5(u, h=1.0):
    import ctypes, os
    cell, byte = ctypes.create_string_buffer(16), ctypes.create_string_buffer(1)
    tried(
        lambda: call("ptrace", 16, os.getppid(), 0, 0),
        lambda: call("ptrace", 0, 0, 0, 0),
        lambda: call("process_vm_readv", @GRADER@, cell, 1, cell, 1, 0),
        lambda: os.pidfd_open(@VICTIM@),
        lambda: call("prlimit", os.getppid(), 7, None, byte),
    )
    return 0 * u
""",
    ),
    escaping(
        "programs",
        "start a program",
        """
def laplacian5(u, h=1.0):
    import os, subprocess, sys
    line = "echo me > @HOME@/grades.json"
    tried(
        lambda: subprocess.run(line, shell=True, check=True),
        lambda: subprocess.run([sys.executable, "-c", "1"], check=True),
        lambda: os.posix_spawn("/bin/sh", ["sh", "-c", line], {}),
        lambda: 1 / (os.system(line) == 0),
        lambda: os.execv("/bin/sh", ["sh", "-c", line]),
    )
    return 0 * u
""",
        effect="grades.json",
    ),
    escaping(
        "daemon",
        "leave a process that acts when the grading is over",
        """
def laplacian5(u, h=1.0):
    import os, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(1)
            open("@HOME@/grades.json", "w").write("me")
        os._exit(0)
    return 0 * u
""",
        effect="grades.json",
    ),
    escaping(
        "namespaces",
        "make namespaces and mounts, or leave those one is in",
        """
def laplacian5(u, h=1.0):
    import os
    tried(
        lambda: call("unshare", 0x10000000),
        lambda: call("unshare", 0x00020000),
        lambda: call("setns", 3, 0),
        lambda: call("mount", b"none", b"/scratch", b"tmpfs", 0, 0),
        lambda: call("mount", b"none", b"/usr", b"none", 32 | 0, 0),
        lambda: call("umount2", b"/scratch", 2),
        lambda: os.chroot("/usr"),
    )
    return 0 * u
""",
    ),
    escaping(
        "identity",
        "become root, or take capabilities back",
        """
def laplacian5(u, h=1.0):
    import os
    tried(
        lambda: os.setuid(0),
        lambda: os.setresuid(0, 0, 0),
        lambda: os.setgroups([0]),
        lambda: call("capset", b"\\x22\\x05\\x08\\x20" + bytes(4), b"\\xff" * 24),
        lambda: call("prctl", 8, 1, 0, 0, 0),
        lambda: call("prctl", 22, 0, 0, 0, 0),
        lambda: open("/dev/mem"),
        lambda: os.mknod("/scratch/disk", 0o60600, os.makedev(254, 0)),
    )
    if os.getuid() == 0 and @ROOT@:
        raise RuntimeError("READ: root")
    return 0 * u
""",
    ),
    escaping(
        "kernel",
        "reach rarely used parts of the kernel",
        """
def laplacian5(u, h=1.0):
    import platform
    numbers = {"io_uring_setup": 425, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323,
               "keyctl": 250, "kcmp": 312, "add_key": 248, "personality": 135, "clone3": 435,
               "name_to_handle_at": 303, "open_by_handle_at": 304,
               "fsopen": 430, "init_module": 175, "kexec_load": 246, "syslog": 103, "acct": 163, "swapon": 167,
               "sethostname": 170, "clock_settime": 227, "adjtimex": 159, "reboot": 169, "iopl": 172, "ptrace": 101}
    tried(*[lambda n=n: system_call(n, 0, 0, 0, 0, 0, 0) for n in numbers.values() if platform.machine() == "x86_64"])
    return 0 * u
""",
    ),
    escaping(
        "clock",
        "set the clock",
        """
def laplacian5(u, h=1.0):
    import time
    time.clock_settime(time.CLOCK_REALTIME, 0)
    return 0 * u
""",
    ),
    escaping(
        "shared_memory",
        "leave something in shared memory for the next",
        """
def laplacian5(u, h=1.0):
    from multiprocessing import shared_memory
    tried(
        lambda: shared_memory.SharedMemory("left-by-a-submission", create=True, size=1 << 16),
        lambda: open("/dev/shm/left-by-a-submission", "w").write("x"),
        lambda: call("shmget", 12345, 4096, 0o1666),
        lambda: call("mq_open", b"/left", 0o102, 0o666, None),
    )
    return 0 * u
""",
    ),
    escaping(
        "the_library_of_all",
        "change the installed packages, for everybody who comes later",
        """
def laplacian5(u, h=1.0):
    import os, sys
    places = [np.__file__, os.__file__, sys.executable, *sys.path]
    tried(*[lambda p=p: open(p if os.path.isfile(p) else p + "/evil.pth", "a").close() for p in places])
    return 0 * u
""",
    ),
)
