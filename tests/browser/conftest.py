"""One browser for all tests here; where there is none they are reported as not run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser.chromium import Watch


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all that opens pages as slow."""
    for item in items:
        if item.path.parent == Path(__file__).parent and "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium.found()
    if path is None:
        said = "not run: neither Chromium nor Chrome is installed, or COURSEKIT_BROWSER names what is not there"
        if os.environ.get("CI"):
            pytest.fail(said, pytrace=False)
        pytest.skip(said)
    with chromium.launched(path) as one:
        yield one


@pytest.fixture(scope="module")
def watch() -> Watch:
    """What the pages of one file have asked for and reported."""
    return Watch()


@pytest.fixture(autouse=True)
def quiet(watch: Watch) -> Iterator[None]:
    """Hold after each test that no page has asked for anything elsewhere or reported an error."""
    yield
    remote, errors = watch.remote[:], watch.errors[:]
    watch.remote.clear()
    watch.errors.clear()
    assert (remote, errors) == ([], [])
