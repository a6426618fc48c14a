"""What an attack could reach on this machine, and whether it did: files, sockets, a process, a shared folder."""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

from coursekit.grading.sandbox import Sandbox

COURSE = Path(__file__).resolve().parents[2]
SHARED = Path("/dev/shm")
# Right, so that whoever can read it has the points.
ANSWER = """
def laplacian5(u, h=1.0):
    p = np.pad(u, 1, mode="edge")
    return (p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:] - 4 * u) / h**2
"""


class World:
    """A folder that everybody may write to, services that take whoever connects, and a process to be ended."""

    def __init__(self) -> None:
        # Not pytest's tmp_path: nobody else can enter that, which would hide what the sandbox lets through.
        self.home = Path(tempfile.mkdtemp(prefix="world-"))
        (self.home / "bob").mkdir()
        self.files = {"grades.json": '{"bob": 40}', "bob/answer.py": ANSWER, "secret": secrets.token_hex()}
        self.restore()
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(self.tcp.getsockname())
        self.unix, self.abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        self.name = f"world-{secrets.token_hex(8)}"
        self.unix.bind(str(self.home / "service"))
        self.abstract.bind(f"\0{self.name}")
        (self.home / "service").chmod(0o777)
        self.services = (self.tcp, self.unix, self.abstract)
        for service in self.services:
            service.setblocking(False)
        self.unix.listen()
        self.abstract.listen()
        self.udp.setblocking(False)
        self.victim = subprocess.Popen(["sleep", "1000"])
        self.listing = self.listed()

    def restore(self) -> None:
        """Put the files back."""
        for name, text in self.files.items():
            (self.home / name).parent.mkdir(exist_ok=True)
            (self.home / name).write_text(text, encoding="utf-8")
            (self.home / name).chmod(0o666)
        for folder in (self.home, self.home / "bob"):
            folder.chmod(0o777)

    def listed(self) -> dict[str, int]:
        """Return every path in the folder with its mode."""
        return {str(path.relative_to(self.home)): path.lstat().st_mode for path in sorted(self.home.rglob("*"))}

    def fill(self, code: str) -> str:
        """Put what is to be attacked into an attack."""
        values = {
            "HOME": self.home,
            "PORT": self.tcp.getsockname()[1],
            "ABSTRACT": self.name,
            "VICTIM": self.victim.pid,
            "GRADER": os.getpid(),
            "COURSE": COURSE,
            "ROOT": os.geteuid() == 0,
        }
        for name, value in values.items():
            code = code.replace(f"@{name}@", str(value))
        return code

    def changes(self) -> list[str]:
        """Return what is not as it was."""
        found = [f"file {name}" for name, text in self.files.items() if self.read(name) != text]
        found += [f"listing {name}" for name in set(self.listed().items()) ^ set(self.listing.items())]
        found += [f"connection to {service.getsockname()!r}" for service in self.services if self.reached(service)]
        with contextlib.suppress(BlockingIOError):
            found.append(f"connection {self.udp.recv(100)!r}")
        found += [f"shared {name}" for name in os.listdir(SHARED) if name.startswith("left-by")]
        found += ["the victim has ended"] if self.victim.poll() is not None else []
        return found

    def read(self, name: str) -> str:
        """Return a file's text, or what stands for its being gone."""
        try:
            return (self.home / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "gone"

    def reached(self, service: socket.socket) -> bool:
        """Say whether anybody has connected since the last look."""
        try:
            service.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Leave nothing."""
        for service in (*self.services, self.udp):
            service.close()
        self.victim.kill()
        self.victim.wait()
        for folder in (self.home, self.home / "bob"):
            with contextlib.suppress(FileNotFoundError):
                folder.chmod(0o777)
        shutil.rmtree(self.home)


def leftovers(sandbox: Sandbox, seconds: float = 3.0) -> list[str]:
    """Return the processes of the last submission that are still there after so many seconds."""
    end = time.monotonic() + seconds
    while found := remaining(sandbox):
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    return [f"{process.pid} {process.name()}" for process in found]


def remaining(sandbox: Sandbox) -> list[psutil.Process]:
    """Return what runs under the last submission's uid, or below the sandbox's first process and does not belong."""
    found = []
    for zygote in sandbox.zygotes.values():
        below = psutil.Process(zygote.process.pid).children(recursive=True)
        found += below[2 if zygote.plan.namespaces else 0 :]  # bubblewrap's process 1 and the zygote
        if zygote.uid is not None:
            found += [one for one in psutil.process_iter() if has_uid(one, zygote.uid)]
    return found


def has_uid(process: psutil.Process, uid: int) -> bool:
    """Say whether a process runs under a uid, and does run."""
    try:
        return process.uids().real == uid and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
