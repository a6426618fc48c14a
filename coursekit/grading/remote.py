"""What runs on the workers of a Dask cluster: a sandbox for each of them, and one function for each student.

Nothing here knows the secret or writes a record; see `scheduler` for the side that does.
"""

import asyncio
import warnings

from distributed import Worker, WorkerPlugin, get_worker

from coursekit.grading.batch import grade_task
from coursekit.grading.catalogue import environment
from coursekit.grading.levels import SandboxError
from coursekit.grading.planning import Task
from coursekit.grading.sandbox import Sandbox

__all__ = ["Grading", "resource", "state", "work"]


class Grading(WorkerPlugin):
    """On each worker, also one that comes later: a sandbox, or the reason why this worker is left out.

    Parameters
    ----------
    run : str                the name of this run of the grader
    level : int              the isolation level asked for; None takes the best
    wanted : dict            the `environment` on which the grades depend
    """

    def __init__(self, run: str, level: int | None, wanted: dict[str, str]) -> None:
        self.run, self.level, self.wanted = run, level, wanted
        self.sandbox: Sandbox | None = None
        self.refusal = ""

    async def setup(self, worker: Worker) -> None:
        """Start the sandbox; a worker that has one says so as a resource, which tasks ask for."""
        await asyncio.to_thread(self.start)
        if self.sandbox is not None:
            await worker.set_resources(**{resource(self.run, self.sandbox.level): worker.state.nthreads})

    def start(self) -> None:
        """Start the sandbox if everything here is as it is wanted."""
        here = environment()
        parts = [f"{name} {here.get(name)} and not {value}" for name, value in self.wanted.items()]
        other = [part for part, name in zip(parts, self.wanted, strict=True) if here.get(name) != self.wanted[name]]
        if other:
            self.refusal = f"it has {', '.join(other)}: install the same version there"
            return
        try:
            self.sandbox = Sandbox(self.level)
        except SandboxError as error:
            self.refusal = str(error)

    def teardown(self, worker: Worker) -> None:
        """End the sandbox."""
        if self.sandbox is not None:
            self.sandbox.close()


def resource(run: str, level: int) -> str:
    """Return the name under which a worker offers a run sandboxes of a level: Dask keeps it after the run."""
    return f"{run}-level-{level}"


def grading_of(worker: Worker, name: str) -> Grading:
    """Return what `setup` has made on a worker."""
    plugin = worker.plugins[name]
    assert isinstance(plugin, Grading)
    return plugin


def state(name: str, dask_worker: Worker) -> tuple[int, str, int]:
    """Return a worker's isolation level, 0 if it has no sandbox, the reason for that, and its number of threads."""
    plugin = grading_of(dask_worker, name)
    return plugin.sandbox.level if plugin.sandbox else 0, plugin.refusal, dask_worker.state.nthreads


def work(name: str, task: Task) -> str:
    """Grade one student, on a worker."""
    sandbox = grading_of(get_worker(), name).sandbox
    if sandbox is None or sandbox.level != task.record.level:
        raise SandboxError(f"this worker has no sandbox of level {task.record.level}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return grade_task(task, sandbox).to_json()
