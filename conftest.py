"""What every pytest run here shares; the kernels that nbval starts inherit this environment."""

import os

import pytest

# The percent texts are executed as notebooks, not imported to look for doctests.
collect_ignore_glob = ["lectures/*.py", "labs/*.py"]

os.environ.setdefault("COURSEKIT_BUDGET", "ci")
# Notebooks run side by side: threads of numpy's BLAS would wait for each other, and their waiting counts as CPU time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_configure(config: pytest.Config) -> None:
    """Before the first kernel starts, so that none of them reports on stderr that it looks for fonts."""
    if config.getoption("nbval", default=False):
        import matplotlib.font_manager  # noqa: F401 - for its effect: it builds the cache
