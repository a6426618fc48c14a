"""Start the sandbox's first process, at one of three isolation levels; and find out which are to be had here.

Level 3 is bubblewrap with namespaces, and seccomp; level 2 another user, Landlock and seccomp, where namespaces
are denied; level 1 is a process of its own with limits, and whatever of the above there is.
"""

import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import coursekit
from coursekit.grading import confine
from coursekit.grading.syscalls import filter_program

__all__ = ["NUMERIC", "TORCH", "Keeper", "Plan", "SandboxError", "Zygote", "obstacles", "plan"]

# Imported once, so that a submission that needs them pays nothing.
NUMERIC = ("numpy", "numpy.random", "scipy.fft", "scipy.linalg", "scipy.ndimage", "scipy.special")
TORCH = (*NUMERIC, "torch")
START_SECONDS = 60.0
KEEPER_SECONDS = 30.0
MESSAGE = 1 << 20
TMP_BYTES = 16 << 20
# Numbers that neither Debian nor systemd gives to anybody.
FIRST_UID, N_UIDS = 60800, 200

SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
PROGRAMS = ("worker", "player", "wire", "values", "slicing", "confine")
# A package of our own around these files, so that `coursekit` itself is not there.
BOOT = """
import sys, types
package = types.ModuleType("grader")
package.__path__ = [sys.argv[1]]
sys.modules["grader"] = package
from grader import worker
worker.main(int(sys.argv[2]))
"""
ENVIRONMENT = {
    "HOME": "/tmp",  # inside the sandbox
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp",
    "PATH": "/usr/bin:/bin",
    "PYTHONHASHSEED": "0",
    **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB")},
}


class SandboxError(RuntimeError):
    """The sandbox itself did not work: nothing is known about the submission."""


@dataclass(frozen=True)
class Plan:
    """What separates a submission from the machine."""

    level: int
    namespaces: bool = False
    other_uid: bool = False
    landlock: bool = False
    seccomp: bool = False

    def __str__(self) -> str:
        """Return the level and what it is made of."""
        names = {
            "bubblewrap and namespaces": self.namespaces,
            "seccomp": self.seccomp,
            "Landlock": self.landlock,
            "another user": self.other_uid,
        }
        parts = [name for name, there in names.items() if there] or ["a process of its own with limits"]
        return f"level {self.level}: {', '.join(parts)}"


def obstacles() -> dict[str, str | None]:
    """Return what is missing on this machine for each means of isolation; None where nothing is."""
    if not sys.platform.startswith("linux"):
        return dict.fromkeys(("linux", "namespaces", "seccomp", "landlock", "other_uid"), "this needs Linux")
    try:
        filter_program()
        seccomp = None
    except (ImportError, RuntimeError, OSError) as error:
        seccomp = f"the seccomp filter cannot be made ({error}): pip install 'coursekit[grading]'"
    there = bool(shutil.which("bwrap"))
    return {
        "linux": None,
        "namespaces": None if there else "bubblewrap is missing: apt install bubblewrap, or dnf install bubblewrap",
        "seccomp": seccomp,
        "landlock": None if confine.landlock_version() else "this kernel has no Landlock",
        "other_uid": None if os.geteuid() == 0 else "only root can become another user",
    }


def plan(level: int) -> Plan:
    """Return what a level consists of here.

    Parameters
    ----------
    level : int              1, 2 or 3

    Returns
    -------
    Plan                     as root, with another user for the submissions at every level

    Raises
    ------
    SandboxError             something that the level needs is missing; says what and how to get it
    ValueError               another number
    """
    missing = obstacles()
    needs = {3: ("linux", "namespaces", "seccomp"), 2: ("linux", "other_uid", "landlock", "seccomp"), 1: ("linux",)}
    if level not in needs:
        raise ValueError(f"level must be 1, 2 or 3, got {level}")
    problems = [text for name in needs[level] if (text := missing[name])]
    if problems:
        raise SandboxError(f"level {level} is not to be had here: {'; '.join(problems)}")
    other_uid, landlock = missing["other_uid"] is None, missing["landlock"] is None and level < 3
    return Plan(level, level == 3, other_uid, landlock, missing["seccomp"] is None)


def package_folders(packages: Sequence[str]) -> list[str]:
    """Return the folders that hold the packages (normally one: site-packages)."""
    folders = []
    for package in packages:
        found = importlib.util.find_spec(package.partition(".")[0])
        if found is None or found.origin is None:
            raise SandboxError(f"{package} is not installed")
        folders.append(str(Path(found.origin).resolve().parents[1]))
    return list(dict.fromkeys(folders))


def needed_trees(python: Sequence[str]) -> list[str]:
    """Return the system's libraries and Python's folders, without those that lie in others."""
    trees = list(dict.fromkeys([*(tree for tree in SYSTEM if os.path.exists(tree)), *python]))
    return [tree for tree in trees if not any(tree.startswith(f"{other}/") for other in trees)]


def without(root: Path, hidden: Path) -> list[str]:
    """Return paths that cover `root` but not `hidden`."""
    if root == hidden:
        return []
    if root not in hidden.parents:
        return [str(root)]
    return [path for child in sorted(root.iterdir()) for path in without(child, hidden)]


def bubblewrap(trees: Sequence[str], hidden: Path, programs: Path) -> list[str]:
    """Return the command that shows its process these trees, unchangeable, and little else."""
    root = os.geteuid() == 0
    command = ["bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    command += ["--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN"]  # with which the keeper makes its namespaces
    # Real root becomes another user in each player; anybody else needs a user namespace to do any of this.
    command += (
        ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_KILL"] if root else ["--unshare-user"]
    )
    for tree in trees:
        path = Path(tree)
        for parent in reversed(path.parents[:-1]):
            command += ["--perms", "0755", "--dir", str(parent)]
        if path.is_symlink() and tree in SYSTEM:
            command += ["--symlink", os.readlink(path), tree]
        else:
            command += ["--ro-bind", tree, tree]
    if any(Path(tree) in hidden.parents for tree in trees):
        command += ["--tmpfs", str(hidden), "--remount-ro", str(hidden)]
    command += ["--dir", "/dev", "--dir", "/tmp", "--dir", "/grader"]  # inside the sandbox
    for device in DEVICES:
        command += ["--dev-bind", device, device]
    for name in PROGRAMS:
        command += ["--ro-bind", str(programs / f"{name}.py"), f"/grader/{name}.py"]
    return [*command, "--remount-ro", "/", "--chdir", "/", "--"]


class Zygote:
    """The process that has imported numpy and scipy and forks a keeper for each submission.

    Parameters
    ----------
    plan : Plan              how it and its children are separated from the machine
    packages : sequence      what it imports, once for all

    Raises
    ------
    SandboxError             it did not start
    """

    def __init__(self, plan: Plan, packages: Sequence[str] = NUMERIC) -> None:
        self.plan = plan
        self.lock = threading.Lock()
        # Each submission is another user than those before it, and than those of a second grader on this machine.
        self.uid = FIRST_UID + secrets.randbelow(N_UIDS) if plan.other_uid else None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        programs, hidden = Path(__file__).resolve().parent, Path(coursekit.__file__).resolve().parent
        folders = package_folders(packages)
        python = os.path.realpath(sys.executable)
        trees = needed_trees([sys.base_prefix, str(Path(python).parents[1]), *folders])
        order = {
            "folders": folders,
            "packages": packages,
            "namespaces": plan.namespaces,
            "by_descriptor": plan.other_uid and not plan.namespaces,
            "landlock": plan.landlock,
            "readable": [path for tree in trees for path in without(Path(tree), hidden)] if plan.landlock else [],
            "writeable": DEVICES,
            "program": filter_program().hex() if plan.seccomp else "",
            "tmp_bytes": TMP_BYTES,
        }
        command = bubblewrap(trees, hidden, programs) if plan.namespaces else []
        place = "/grader" if plan.namespaces else str(programs)
        command += [python, "-S", "-s", "-P", "-B", "-c", BOOT, place, str(theirs.fileno())]
        with theirs:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,  # so that Ctrl-C in the grader's terminal is the grader's to handle
            )
        self.control = ours
        ours.settimeout(START_SECONDS)
        try:
            ours.send(json.dumps(order).encode())
            answer = json.loads(ours.recv(MESSAGE) or b"{}")
        except OSError as error:
            answer = {"failed": str(error)}
        if "ready" not in answer:
            said = self.close()
            raise SandboxError(f"the sandbox did not start at {plan}\n{answer.get('failed', '')}{said}".strip())

    def keeper(self) -> "Keeper":
        """Fork a keeper.

        Returns
        -------
        Keeper               to be closed

        Raises
        ------
        SandboxError         it does not answer
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with self.lock, theirs:
            if self.uid is not None:
                self.uid = FIRST_UID + (self.uid + 1 - FIRST_UID) % N_UIDS
            try:
                socket.send_fds(self.control, [json.dumps({"uid": self.uid}).encode()], [theirs.fileno()])
            except OSError as error:
                ours.close()
                raise SandboxError(f"the sandbox is gone ({error})") from None
        return Keeper(ours, self.plan)

    def close(self) -> str:
        """End it and everything in it; return what it said on its way."""
        self.control.close()
        try:
            said = self.process.communicate(timeout=5)[1]
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            said = self.process.communicate()[1]
        return said.decode(errors="replace")


class Keeper:
    """The grader's end of a keeper: it starts players, one at a time, and says how each ended."""

    def __init__(self, channel: socket.socket, plan: Plan) -> None:
        self.channel = channel
        self.plan = plan
        self.pid: int | None = None
        self.channel.settimeout(KEEPER_SECONDS)
        self.pid = int(self.answer()["pid"])

    def answer(self) -> dict[str, float]:
        """Return the keeper's next message."""
        try:
            answer = json.loads(self.channel.recv(MESSAGE) or b'{"failed": "it is gone"}')
        except OSError as error:
            answer = {"failed": str(error)}
        if "failed" in answer:
            self.close()
            raise SandboxError(f"the sandbox did not work: {answer['failed']}")
        return dict(answer)

    def player(self, memory: int, cpu: int) -> socket.socket:
        """Start a player and return the grader's end of its socket."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self.channel, [json.dumps({"memory": memory, "cpu": cpu}).encode()], [theirs.fileno()])
            except OSError as error:
                ours.close()
                raise SandboxError(f"the sandbox did not work: {error}") from None
        return ours

    def end(self, *, gone: bool) -> dict[str, float]:
        """End the player, after a moment if its socket is closed already; return how it ended and what it used."""
        try:
            self.channel.send(b"wait" if gone else b"kill")
        except OSError as error:
            self.close()
            raise SandboxError(f"the sandbox did not work: {error}") from None
        return self.answer()

    def close(self) -> None:
        """End the keeper with everything that it started."""
        self.channel.close()
