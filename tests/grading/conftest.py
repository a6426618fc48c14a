"""Sandboxes at each level, one for the whole run; and submissions to put into them."""

import os
from collections.abc import Iterator

import pytest

from coursekit.grading.sandbox import Sandbox, SandboxError
from coursekit.grading.zygotes import Plan
from tests.grading.world import World


def started(level: int | Plan | None) -> Sandbox:
    """Start a sandbox, or report the tests of its level as not run, with the reason."""
    try:
        return Sandbox(level)
    except SandboxError as error:
        pytest.skip(f"not run: {error}")


@pytest.fixture(scope="session", params=[3, 2, 1], ids=lambda level: f"level{level}")
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with started(request.param) as one:
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
