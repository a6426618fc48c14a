"""`coursekit doctor`: one line for each thing that the course needs, and what to do about what is wrong."""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

from coursekit.commands.start import isolated

__all__ = ["Finding", "doctor", "findings"]

INSTALL = "run python3 course.py start, or: python -m pip install -e .[student]"
# Where a package is imported by another name than it is installed by.
MODULES = {"pillow": "PIL", "pywavelets": "pywt", "scikit-image": "skimage", "scikit-learn": "sklearn"}
FREE_GB = 1.0


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at and found, and what to do if that will not do ("" if it will)."""

    said: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"FAIL  {self.said}: {self.remedy}" if self.remedy else f"OK    {self.said}"


def doctor(root: Path, work: Path) -> int:
    """Print a line for each requirement and return the exit status.

    Parameters
    ----------
    root : Path              the course's folder
    work : Path              the folder of the student's copies

    Returns
    -------
    int                      0, or 1 if anything fails
    """
    os.environ.update(isolated(work, os.environ))  # what `coursekit start` works in
    failed = 0
    for finding in findings(root, work):
        print(finding, flush=True)
        failed += bool(finding.remedy)
    print("\nEverything is there." if not failed else f"\nTo mend: {failed}.")
    return 1 if failed else 0


def findings(root: Path, work: Path) -> Iterator[Finding]:
    """Yield what is found, one requirement after the other.

    Parameters
    ----------
    root : Path              the course's folder
    work : Path              the folder of the student's copies

    Yields
    ------
    Finding                  a check that fails unexpectedly is one more finding, not the end
    """
    yield python_version()
    checks: list[tuple[str, Callable[[], Finding]]] = [
        (name, partial(package, name, bounds)) for name, bounds in requirements(root)
    ]
    checks += [
        ("widgets", widgets),
        ("kernel", partial(kernel, work)),
        ("torch device", device),
        ("disk", partial(disk, work)),
        (str(work), partial(writing, work)),
        ("grading", grading),
    ]
    with ThreadPoolExecutor(max_workers=2) as pool:  # most of the time goes into importing the packages
        yield from pool.map(looked_at, checks)


def looked_at(check: tuple[str, Callable[[], Finding]]) -> Finding:
    """Return what one named check finds."""
    name, look = check
    try:
        return look()
    except Exception as error:  # the machine is in some state that nobody thought of
        return Finding(f"{name}: {type(error).__name__}: {error}", INSTALL)


def python_version() -> Finding:
    """Look at the interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    said = f"Python {version} ({sys.executable})"
    return Finding(said, "" if sys.version_info >= (3, 11) else "install Python 3.11 or newer")


def requirements(root: Path) -> list[tuple[str, str]]:
    """Return the packages of the extra `student`, the library's own first, each with its bounds."""
    from packaging.requirements import Requirement

    # Not from what pip has noted at the installation, which an update of the course leaves behind.
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = map(Requirement, [*project["dependencies"], *project["optional-dependencies"]["student"]])
    return [(one.name, ",".join(sorted(map(str, one.specifier), reverse=True))) for one in wanted]


def package(name: str, bounds: str) -> Finding:
    """Look at one package: there, inside its bounds, and it can be imported."""
    from packaging.specifiers import SpecifierSet

    wanted = f"{name} {bounds}".strip()
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(f"{wanted} is not installed", INSTALL)
    said = f"{name} {version} ({bounds or 'any version'})"
    if not SpecifierSet(bounds, prereleases=True).contains(version):
        return Finding(said, f"this version is outside the bounds: python -m pip install '{wanted}'")
    # In a process of its own: a package with a broken library can end the one that imports it.
    module = MODULES.get(name, name.replace("-", "_"))
    command = [sys.executable, "-c", f"import {module}"]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    if tried.returncode:
        reason = (tried.stderr.strip().splitlines() or [f"exit status {tried.returncode}"])[-1]
        remedy = f"python -m pip install --force-reinstall '{wanted}'"
        return Finding(f"{said} cannot be imported ({reason})", remedy)
    return Finding(said)


def widgets() -> Finding:
    """Look whether the two halves of the widgets, in Python and in JupyterLab, belong together."""
    from packaging.requirements import Requirement

    listed = [Requirement(line) for line in metadata.requires("ipywidgets") or []]
    half = next(one for one in listed if one.name.replace("-", "_") == "jupyterlab_widgets")
    version = metadata.version("jupyterlab_widgets")
    said = f"ipywidgets {metadata.version('ipywidgets')} with jupyterlab_widgets {version} ({half.specifier})"
    agree = half.specifier.contains(version, prereleases=True)
    return Finding(said, "" if agree else "python -m pip install --upgrade ipywidgets jupyterlab_widgets")


def kernel(work: Path) -> Finding:
    """Start the kernel that a notebook gets, and ask it who it is."""
    from jupyter_client.manager import start_new_kernel

    (work / ".jupyter").mkdir(parents=True, exist_ok=True)
    said: list[str] = []
    manager, client = start_new_kernel(startup_timeout=60, kernel_name="python3", stderr=subprocess.DEVNULL)
    try:
        client.execute_interactive(
            "import sys; print(sys.executable)",
            timeout=60,
            output_hook=lambda message: said.append(message["content"].get("text", "")),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    found = "".join(said).strip()
    if Path(found) == Path(sys.executable):
        return Finding("the kernel of the notebooks starts, and is this Python")
    return Finding(f"the kernel of the notebooks is another Python ({found})", INSTALL)


def device() -> Finding:
    """Say where the labs will run; any answer will do."""
    import torch

    if torch.cuda.is_available():
        return Finding(f"torch uses the GPU: {torch.cuda.get_device_name()}")
    return Finding("torch uses the CPU, which is enough for every lab")


def grading() -> Finding:
    """Say whether this machine can grade, and at which level; only course staff need it, so any answer will do."""
    if sys.platform != "linux":
        return Finding("grading a class needs Linux; the course itself does not")
    from coursekit.grading.sandbox import describe_machine

    (enough, level), *obstacles = describe_machine()
    said = "; ".join([level, *(text for _, text in obstacles)])
    return Finding(said if enough else f"{said} (only course staff need it)")


def disk(work: Path) -> Finding:
    """Look at the room where the copies and pages will lie."""
    there = next(folder for folder in (work, *work.parents) if folder.exists())
    free = shutil.disk_usage(there).free / 1e9
    said = f"{free:.1f} GB free in {there}"
    return Finding(said, "" if free >= FREE_GB else f"make room, {FREE_GB:g} GB or more")


def writing(work: Path) -> Finding:
    """Try to write there."""
    try:
        work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=work):
            pass
    except OSError as error:
        reason = error.strerror or type(error).__name__
        remedy = f"name another folder: start --work {Path.home() / 'course'}"
        return Finding(f"{work} cannot be written ({reason})", remedy)
    return Finding(f"{work}{os.sep} can be written")
