"""Grade on several machines: each student is a task for the workers of a Dask cluster.

This side reads the files, keeps the secret, and writes the records. A worker gets a `Task`: code and seeds, and
grades it in a sandbox of its own. Dask gives the tasks of a worker that dies to another. Whoever can talk to the
cluster can run programs on it: `tls://` and its certificates are set in Dask's own configuration.
"""

import asyncio
import secrets
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from distributed import Client, Security
from distributed.core import CommClosedError, rpc

from coursekit.grading.catalogue import environment
from coursekit.grading.levels import SandboxError
from coursekit.grading.planning import Task
from coursekit.grading.remote import Grading, resource, state, work
from coursekit.grading.results import StudentRecord, read_record

__all__ = ["Cluster"]

CONNECT_SECONDS = 5.0
LOOK_SECONDS = 15.0


class Cluster:
    """The workers of a scheduler that can grade at one level. To be closed, best by `with`.

    Parameters
    ----------
    address : str            of the scheduler, tcp://HOST:PORT or tls://HOST:PORT
    level : int              what each worker must give; None takes the best that one of them gives

    Raises
    ------
    ValueError               nobody answers there, or there is no worker
    SandboxError             no worker can grade; says why for each
    """

    def __init__(self, address: str, level: int | None = None) -> None:
        self.name = f"coursekit-{secrets.token_hex(4)}"
        reached(address)
        self.client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        try:
            self.client.register_plugin(Grading(self.name, level, environment()), name=self.name)
            found = self.states()
            self.level = level or max((one for one, _, _ in found.values()), default=0)
            self.fit = [worker for worker, (one, _, _) in found.items() if one and one == self.level]
            self.places = sum(found[worker][2] for worker in self.fit)
            lower = f"it gives less than level {self.level}; to use it as well, ask for --level"
            self.refused = [
                f"left out {worker}: {reason or f'{lower} {one}'}"
                for worker, (one, reason, _) in sorted(found.items())
                if worker not in self.fit
            ]
            if not self.fit:
                raise SandboxError("\n".join(["no worker can grade", *self.refused]))
        except BaseException:
            self.close()
            raise

    def states(self) -> dict[str, tuple[int, str, int]]:
        """Return what `state` says of each worker that is there now."""
        return dict(self.client.run(state, self.name, on_error="ignore"))

    def describe(self) -> str:
        """Return who takes part at which level, and who does not."""
        n = len(self.fit) + len(self.refused)
        first = f"level {self.level} on {len(self.fit)} of {n} workers, {self.places} at a time"
        return "\n".join([first, *self.refused])

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the sandboxes, not the workers."""
        self.close()

    def close(self) -> None:
        """End the sandboxes and the connection."""
        with suppress(Exception):  # the scheduler may be gone
            self.client.unregister_worker_plugin(self.name)
        self.client.close(timeout=CONNECT_SECONDS)

    def grade(self, task: Task) -> StudentRecord:
        """Have one student graded; several threads may ask at the same time.

        Parameters
        ----------
        task : Task              of this level

        Returns
        -------
        StudentRecord            of that task

        Raises
        ------
        SandboxError             a worker's sandbox failed, no worker is left, or the scheduler is gone
        """
        try:
            return checked(task, self.answer(task))
        except Exception as error:
            if self.client.status == "running" and not isinstance(error, (CommClosedError, CancelledError)):
                raise
            raise SandboxError("the connection to the scheduler is lost") from error

    def answer(self, task: Task) -> Any:
        """Return what `work` returns on some worker."""
        future = self.client.submit(work, self.name, task, resources={resource(self.name, self.level): 1}, pure=False)
        while True:
            try:
                return future.result(timeout=LOOK_SECONDS)
            except TimeoutError:
                if future.done():
                    raise
                if not any(one == self.level for one, _, _ in self.states().values()):
                    future.cancel()
                    raise SandboxError("no worker is left that can grade") from None


def checked(task: Task, text: Any) -> StudentRecord:
    """Return what a worker has sent, if it is an answer to this task."""
    record = read_record(text)
    asked, answered = (replace(one, attempts=()) for one in (task.record, record))
    if asked != answered or [one.digest for one in record.attempts] != [one.digest for one in task.record.attempts]:
        raise SandboxError("a worker has sent the record of another task")
    return record


def reached(address: str) -> None:
    """Make sure that a scheduler with workers answers, before there is a client which would go on trying."""

    async def identity() -> dict[str, Any]:
        async with rpc(address, connection_args=Security().get_connection_args("client")) as scheduler:
            return dict(await scheduler.identity())

    async def within() -> dict[str, Any]:
        return await asyncio.wait_for(identity(), CONNECT_SECONDS)

    try:
        found = asyncio.run(within())
    except Exception as error:  # of many kinds: no such host, nobody there, another protocol, no certificate
        reason = " ".join(str(error).split())[:200] or f"nothing after {CONNECT_SECONDS:g} s"
        raise ValueError(f"no scheduler answers at {address} ({reason}): start one with `dask scheduler`") from None
    if not found.get("workers"):
        remedy = f"start some with `dask worker {address}`, or wait until those started have registered"
        raise ValueError(f"the scheduler at {address} has no workers: {remedy}")
