"""The processes inside the sandbox, before any line of a submission runs.

The zygote imports numpy and scipy once and then only forks: for each submission a keeper, process 1 of its own
namespaces, which only forks in turn: for each exercise a process that confines itself and then belongs to the
submission (`player`). Zygote and keeper never read what a submission sends: a player talks to the grader over
a socket of its own. Started by `zygotes.Zygote`, never imported by the grader.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import confine

__all__ = ["Setting", "main"]

PATIENCE_MS = 500
MESSAGE = 1 << 20


@dataclass(frozen=True)
class Setting:
    """What every player of this zygote shares."""

    namespaces: bool
    ruleset: int | None
    program: bytes | None
    mapped: int
    scratch_bytes: int
    path_fds: tuple[int, ...]


def main(fd: int) -> None:
    """Be the zygote: the grader's settings come first, then one socket for each submission."""
    control = socket.socket(fileno=fd)
    order = json.loads(control.recv(MESSAGE))
    try:
        setting = prepare(order)
    except BaseException:
        control.send(json.dumps({"failed": reason()}).encode())
        os._exit(1)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.close(null)
    control.send(json.dumps({"ready": True}).encode())
    # Keepers that have ended are reaped here, not left to a process 1 that may not care; their CPU time adds up.
    confine.adopt_orphans()
    signal.signal(signal.SIGCHLD, reap)
    while True:
        message, fds, *_ = socket.recv_fds(control, MESSAGE, 1)
        if not message:
            os._exit(0)
        if os.fork() == 0:
            control.close()
            guarded(become_keeper, socket.socket(fileno=fds[0]), setting, json.loads(message)["uid"])
        os.close(fds[0])


def reap(*_: object) -> None:
    """Take note of the children that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def prepare(order: dict[str, Any]) -> Setting:
    """Import what players will need and open what they cannot open themselves."""
    sys.path += order["folders"]
    fds = reach_by_descriptor() if order["by_descriptor"] else ()
    for name in order["packages"]:
        importlib.import_module(name)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    from . import player

    player.settle()
    ruleset = confine.landlock_ruleset(order["readable"], order["writeable"]) if order["landlock"] else None
    program = bytes.fromhex(order["program"]) if order["program"] else None
    gc.collect()
    gc.freeze()  # what is here now is shared with all players; the collector need not touch it
    return Setting(order["namespaces"], ruleset, program, confine.address_space(), order["scratch_bytes"], fds)


def reason() -> str:
    """Return the exception in hand as one line, with where it was raised."""
    kind, error, trace = sys.exc_info()
    where = traceback.extract_tb(trace)[-1]
    return f"{kind.__name__ if kind else ''}: {error} ({os.path.basename(where.filename)}, line {where.lineno})"


def reach_by_descriptor() -> tuple[int, ...]:
    """Let Python find its library through open folders, and return these.

    Another user may be unable to walk to the library (/root/...), but may read what an open folder holds.
    """
    fds = {path: os.open(path, os.O_PATH) for path in sys.path if os.path.isdir(path)}
    sys.path[:] = [f"/proc/self/fd/{fd}" for fd in fds.values()]
    for module in list(sys.modules.values()):  # what is imported already will look for its submodules later
        folders = getattr(module, "__path__", [])
        for i, folder in enumerate(folders):
            home = max((path for path in fds if folder.startswith(f"{path}/")), key=len, default=None)
            if home is not None:
                folders[i] = f"/proc/self/fd/{fds[home]}{folder.removeprefix(home)}"
    return tuple(fds.values())


def guarded(function: Callable[..., None], channel: socket.socket, *arguments: Any) -> None:
    """Call `function` and end this process; say on the channel why, if it fails."""
    try:
        function(channel, *arguments)
    except BaseException:
        try:
            channel.send(json.dumps({"failed": reason()}).encode())
        finally:
            os._exit(1)
    os._exit(0)


def become_keeper(channel: socket.socket, setting: Setting, uid: int | None) -> None:
    """Be the keeper of one submission: start the players that the grader asks for, until it hangs up."""
    if setting.namespaces:
        confine.unshare_all()
        if os.fork():  # only a child is in the new pid namespace
            return
        confine.private_folder(os.environ["HOME"], setting.scratch_bytes)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    channel.send(json.dumps({"pid": os.getpid()}).encode())
    while True:
        message, fds, *_ = socket.recv_fds(channel, MESSAGE, 1)
        if not message:
            return
        if not fds:
            continue  # an order to end a player that has ended already
        pid = os.fork()
        if pid == 0:
            channel.detach()
            guarded(become_player, socket.socket(fileno=fds[0]), setting, uid, json.loads(message))
        os.close(fds[0])
        channel.send(json.dumps(watch(channel, pid)).encode())


def watch(channel: socket.socket, pid: int) -> dict[str, Any]:
    """Wait until a player has ended, by itself or because the grader wants it; say how."""
    ended = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(channel, select.POLLIN)
    killed = False
    if ended not in dict(poll.poll()):
        order = channel.recv(MESSAGE)
        poll.unregister(channel)
        # "wait": its socket is closed, so it is probably ending; nothing at all: the grader is gone.
        if order != b"wait" or not poll.poll(PATIENCE_MS):
            os.kill(pid, signal.SIGKILL)
            killed = True
            poll.poll()
    # Where a player may fork (level 1) its children share its group; until it is reaped the number is its own.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    os.close(ended)
    _, status, usage = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    return {"code": code, "killed": killed, "cpu": usage.ru_utime + usage.ru_stime, "rss": usage.ru_maxrss << 10}


def become_player(channel: socket.socket, setting: Setting, uid: int | None, limits: dict[str, int]) -> None:
    """Give up everything, for good, then play; the first frame says whether that worked."""
    from . import player, wire

    try:
        confined(channel, setting, uid, limits)
    except BaseException:
        wire.send(channel, wire.pack({"failed": reason()}))
        os._exit(1)
    wire.send(channel, wire.pack({"confined": True}))
    player.play(channel)


def confined(channel: socket.socket, setting: Setting, uid: int | None, limits: dict[str, int]) -> None:
    """Keep one socket and the limits, and lose the rest."""
    os.setsid()
    kept = sorted({0, 1, 2, channel.fileno(), *setting.path_fds, *([setting.ruleset] if setting.ruleset else [])})
    for low, high in zip(kept, [*kept[1:], 1 << 16], strict=True):
        os.closerange(low + 1, high)
    confine.limit("AS", setting.mapped + limits["memory"])
    confine.limit("CPU", limits["cpu"])
    confine.limit("FSIZE", setting.scratch_bytes)
    confine.limit("NOFILE", 64)
    confine.limit("NPROC", 32)
    confine.limit("CORE", 0)
    confine.limit("MEMLOCK", 0)
    confine.drop_identity(uid)
    confine.no_new_privileges()
    if setting.ruleset is not None:
        confine.restrict_files(setting.ruleset)
        os.close(setting.ruleset)
    if setting.program is not None:
        confine.load_filter(setting.program)
