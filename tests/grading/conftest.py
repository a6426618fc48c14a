"""Sandboxes at each level, one for the whole run; and submissions to put into them."""

from collections.abc import Iterator

import pytest

from coursekit.grading.sandbox import Sandbox, SandboxError
from tests.grading.world import World


def started(level: int) -> Sandbox:
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
    with Sandbox() as one:
        yield one


@pytest.fixture
def world() -> Iterator[World]:
    one = World()
    yield one
    one.close()
