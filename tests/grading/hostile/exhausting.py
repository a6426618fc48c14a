"""Using things up: time, memory, processes, threads, disk, output; and ending the process."""

from tests.grading.hostile.bank import Hostile

BANK = (
    Hostile(
        "endless_loop",
        "never end",
        """
def laplacian5(u, h=1.0):
    while True:
        pass
""",
        ("timed out",),
    ),
    Hostile(
        "stubborn_loop",
        "never end, whatever is raised or signalled",
        """
def laplacian5(u, h=1.0):
    import signal
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_PROF, 0)
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
""",
        ("timed out",),
    ),
    Hostile(
        "sleep",
        "wait for ever, which costs no computing time",
        """
def laplacian5(u, h=1.0):
    import time
    time.sleep(1000)
""",
        ("timed out",),
    ),
    Hostile(
        "compiled_loop",
        "stay in compiled code, where no Python handler runs",
        """
def laplacian5(u, h=1.0):
    return sum(range(10**12)) + 0 * u
""",
        ("timed out",),
    ),
    Hostile(
        "endless_cell",
        "never end before there is a function to call",
        """
N = sum(iter(int, 1))
def laplacian5(u, h=1.0):
    return N * u
""",
        ("missing",),
    ),
    Hostile(
        "slow_text",
        "a text that takes the parser minutes",
        "import "
        + "a." * 100_000
        + "a\n"
        + """
def laplacian5(u, h=1.0):
    return 0 * u
""",
        ("missing",),
    ),
    Hostile(
        "deep_text",
        "a text that is too deep for the parser",
        "x = "
        + "(" * 50_000
        + ")" * 50_000
        + "\n"
        + "y = "
        + "-" * 100_000
        + "1\n"
        + """
def laplacian5(u, h=1.0):
    return 0 * u
""",
        ("missing",),
    ),
    Hostile(
        "memory",
        "ask for 64 GB",
        """
def laplacian5(u, h=1.0):
    return np.ones(1 << 33).sum() * u
""",
        ("out of memory",),
    ),
    Hostile(
        "memory_bit_by_bit",
        "take memory until there is none, and ask again when refused",
        """
def laplacian5(u, h=1.0):
    kept = []
    for _ in range(1000):
        try:
            kept.append(np.ones(1 << 22))
        except MemoryError:
            pass
    return len(kept) * u
""",
    ),
    Hostile(
        "memory_of_the_system",
        "take memory that does not count as the process's own",
        """
def laplacian5(u, h=1.0):
    import ctypes, os
    libc = ctypes.CDLL(None)
    for _ in range(100):
        libc.memfd_create(b"x", 0)
        libc.shmget(0, 1 << 24, 0o1600)
        os.pipe()
    return 0 * u
""",
    ),
    Hostile(
        "processes",
        "start processes without end",
        """
def laplacian5(u, h=1.0):
    import os, time
    for _ in range(40):
        if os.fork() == 0:
            time.sleep(3)
            os._exit(0)
    return 0 * u
""",
    ),
    Hostile(
        "threads",
        "start threads without end",
        """
def laplacian5(u, h=1.0):
    import threading, time
    for _ in range(200):
        threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
    return 0 * u
""",
    ),
    Hostile(
        "open_files",
        "open files without end",
        """
def laplacian5(u, h=1.0):
    import os
    while True:
        os.open("/dev/null", os.O_RDONLY)
""",
    ),
    Hostile(
        "disk",
        "fill the disk, in large files and in many",
        """
def laplacian5(u, h=1.0):
    import os
    refused = 0
    for place in ("@HOME@", "/scratch", "/tmp", "/var/tmp", "/dev/shm", "/", "."):
        try:
            with open(os.path.join(place, "flood"), "wb") as file:
                for _ in range(64):
                    file.write(bytes(1 << 20))
        except OSError:
            refused += 1
        try:
            for i in range(2000):
                os.mkdir(os.path.join(place, f"flood{i}"))
        except OSError:
            refused += 1
    if refused < 14:
        raise RuntimeError("READ more than there should be room for")
    return 0 * u
""",
        ("ran", "crashed"),
    ),
    Hostile(
        "output",
        "print without end",
        """
def laplacian5(u, h=1.0):
    import os, sys
    for _ in range(20):
        print("x" * (1 << 20))
        sys.stderr.write("y" * (1 << 20))
        os.write(1, b"z" * (1 << 20))
        os.write(2, b"z" * (1 << 20))
    return 0 * u
""",
    ),
    Hostile(
        "recursion",
        "recurse until the stack is gone",
        """
def laplacian5(u, h=1.0):
    import sys
    sys.setrecursionlimit(10**9)
    return laplacian5(u.copy(), h) + [eval("(" * 90 + ")" * 90)]
""",
        ("timed out", "crashed", "out of memory"),
    ),
    Hostile(
        "crash",
        "crash the interpreter",
        """
def laplacian5(u, h=1.0):
    import ctypes
    return ctypes.string_at(0)
""",
        ("crashed",),
    ),
    Hostile(
        "exit",
        "end the process and be taken for well",
        """
def laplacian5(u, h=1.0):
    import os
    os._exit(0)
""",
        ("crashed",),
    ),
    Hostile(
        "system_exit",
        "leave by exceptions that few catch",
        """
def laplacian5(u, h=1.0):
    if u.sum() > 0:
        raise KeyboardInterrupt
    raise SystemExit(0)
""",
    ),
    Hostile(
        "limits",
        "raise one's own limits",
        """
def laplacian5(u, h=1.0):
    import resource
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NPROC):
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    raise RuntimeError("READ without limits")
""",
    ),
)
