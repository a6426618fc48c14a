"""Start the sandbox's first process, and through it a keeper for each submission: the grader's ends of both."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import coursekit
from coursekit.grading.levels import Plan, SandboxError
from coursekit.grading.syscalls import filter_program
from coursekit.grading.view import DEVICES, SCRATCH, bubblewrap, needed_trees, package_folders, without

__all__ = ["NUMERIC", "TORCH", "Keeper", "Zygote"]

# Imported once, so that a submission that needs them pays nothing.
NUMERIC = ("numpy", "numpy.random", "scipy.fft", "scipy.linalg", "scipy.ndimage", "scipy.special")
TORCH = (*NUMERIC, "torch")
START_SECONDS = 60.0
KEEPER_SECONDS = 30.0
MESSAGE = 1 << 20
SCRATCH_BYTES = 16 << 20
# Numbers that neither Debian nor systemd gives to anybody.
FIRST_UID, N_UIDS = 60800, 200
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
    "HOME": SCRATCH,
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": SCRATCH,
    "PATH": "/usr/bin:/bin",
    "PYTHONHASHSEED": "0",
    "TMPDIR": SCRATCH,
    **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB")},
}


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
            "scratch_bytes": SCRATCH_BYTES,
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
            said = [answer.get("failed", ""), self.close().strip()]
            if plan.namespaces and "bwrap:" in said[1]:
                remedy = "" if os.geteuid() == 0 else "; as root it may work"
                said = [said[1], f"this kernel or container denies namespaces to this user{remedy}"]
            raise SandboxError("; ".join([f"the sandbox did not start at {plan}", *filter(None, said)]))

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
