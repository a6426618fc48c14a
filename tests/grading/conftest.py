"""Sandboxes at each level, one for the whole run; and submissions to put into them."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from coursekit.grading.levels import Plan, obstacles
from coursekit.grading.sandbox import Sandbox, SandboxError
from tests.grading.world import COURSE, World

# These start processes in sandboxes, hundreds of times: a contributor's quick run leaves them out.
SLOW_FILES = "batch damaged gradescope hostile nbgrader reports sandbox scheduler slicing submissions"
SLOW = {f"test_{name}" for name in SLOW_FILES.split()}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow here."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.stem in SLOW:
            item.add_marker(pytest.mark.slow)


def started(level: int | Plan | None) -> Sandbox:
    """Start a sandbox, or report the tests of its level as not run, with the reason."""
    try:
        return Sandbox(level)
    except SandboxError as error:
        pytest.skip(f"not run: {error}")


@pytest.fixture(scope="session", params=[3, 2, 1], ids=lambda level: f"level{level}")
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with started(request.param) as one:
        if not (one.plan.seccomp or one.plan.other_uid):
            pytest.skip(f"not run: at {one.plan} an attack could end the processes of whoever runs the tests")
        yield one


@pytest.fixture(scope="session")
def best() -> Iterator[Sandbox]:
    """The best that this machine gives."""
    with started(None) as one:
        yield one


@pytest.fixture(scope="session")
def bare() -> Iterator[Sandbox]:
    """A process with limits and nothing else (as root: another user's, or it could do harm)."""
    with started(Plan(1, other_uid=hasattr(os, "geteuid") and os.geteuid() == 0)) as one:
        yield one


@pytest.fixture
def world() -> Iterator[World]:
    one = World()
    yield one
    one.close()


@pytest.fixture
def ordinary_user() -> list[str]:
    """What to put before a command so that it runs without root, in a view of this machine where Python is in reach."""
    if missing := obstacles()["namespaces"]:
        pytest.skip(f"not run: {missing}")
    if os.geteuid() != 0:
        return []
    needed = [Path(sys.base_prefix).resolve(), COURSE]
    # Python may lie in /root, where only root can go: such a folder is shown with nothing but what is needed.
    closed = {part for path in needed for part in (*path.parents, path) if not part.stat().st_mode & 1}
    view = ["bwrap", "--dev-bind", "/", "/"]
    for folder in sorted(closed, key=lambda path: len(path.parts)):
        view += ["--perms", "0755", "--tmpfs", str(folder)]
    for path in needed if closed else []:
        hidden = [parent for parent in reversed(path.parents) if closed & set(parent.parents)]
        for parent in hidden:
            view += ["--perms", "0755", "--dir", str(parent)]
        view += ["--ro-bind", str(path), str(path)] if closed & set(path.parents) else []
    return [*view, "--chdir", str(COURSE), "setpriv", "--reuid", "60799", "--regid", "60799", "--clear-groups", "--"]
