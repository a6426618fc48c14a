"""What every pytest run here shares; the kernels that nbval starts inherit this environment."""

import os
from collections.abc import Generator

import pytest

# The percent texts are executed as notebooks, not imported to look for doctests.
collect_ignore_glob = ["lectures/*.py", "labs/*.py"]

LAB_CPU_SECONDS = 240  # where pyproject.toml names no other bound: two minutes of two cores

os.environ.setdefault("COURSEKIT_BUDGET", "ci")
# Notebooks run side by side: threads of numpy's BLAS would wait for each other, and their waiting counts as CPU time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Make pyproject's bounds on labs known."""
    parser.addini("lab_cpu_seconds", "lines of a lab's name and the CPU seconds that its cells may take", "linelist")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """After the last cell of a lab that nbval runs, hold its kernel to the lab's bound.

    CPU seconds over all threads: two cores spend up to two of them in a second, and neighbours do not count.
    """
    kernel = getattr(item.parent, "kernel", None)
    last = nextitem is None or nextitem.parent is not item.parent
    spent = 0.0
    if kernel is not None and last and item.path.parent.name == "labs":
        import psutil

        spent = sum(psutil.Process(kernel.km.provisioner.pid).cpu_times()[:2])
    yield
    limits = dict(line.split() for line in item.config.getini("lab_cpu_seconds"))
    limit = float(limits.get(item.path.stem, LAB_CPU_SECONDS))
    if spent > limit:
        pytest.fail(f"{item.path.stem} took {spent:.0f} CPU seconds, more than {limit:.0f}", pytrace=False)


def pytest_configure(config: pytest.Config) -> None:
    """Before the first kernel starts, so that none of them reports on stderr that it looks for fonts."""
    if config.getoption("nbval", default=False):
        import matplotlib.font_manager  # noqa: F401 - for its effect: it builds the cache
