#!/usr/bin/env python3
"""Set up, start and test the course. Needs Python 3.11 or newer and nothing else; see `course.py --help`.

Every command works in `.venv` beside this file, which is made at the first run (`start` installs the extra
`student`, `test`, `build` and `site` the extra `dev`) and brought up to date when pyproject.toml has changed.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

# Older Pythons can read the syntax of this file, so that they print this line and no traceback.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        f"course.py needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable}). "
        "Install a newer one, or name it if you have it: python3.12 course.py start"
    )

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
# What has been installed into .venv; its "state" is "complete" only after an installation has ended well.
STAMP = VENV / "course.json"
LOG = VENV / "install.log"
HELP_FOR_PIP = (
    ("No space left", "the disk is full: make room, then run the same command again"),
    ("No matching distribution found for torch", "PyTorch has no build for this Python: take 3.11 to 3.13"),
    ("Long Path", "the path is too long for Windows: move the course to a short one such as C:\\course"),
    ("Permission denied", "a file could not be replaced: close JupyterLab, then run the same command again"),
    ("onnection", "no package registry was reached: check the network, then run the same command again"),
)


def gates(quick: bool) -> list[tuple[str, list[str]]]:
    """Return the one list of gates for contributors, pre-commit and CI: name and what follows `python -m`."""
    workers = ["-n", str(max(2, min(4, os.cpu_count() or 1))), "--dist", "loadfile"]
    nbval = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=300", "-p", "no:cacheprovider"]
    built = ["lectures", *(["labs"] if (ROOT / "labs").is_dir() else [])]  # git keeps no empty folder
    pages = changed_notebooks() if quick else built
    marked = ["-m", "not slow"] if quick else []
    listed = [
        ("lint", ["ruff", "check", "."]),
        ("spelling", ["codespell_lib"]),
        ("types", ["mypy"]),
        ("docstrings", ["tests.course.docstrings"]),
        ("pairs", ["coursekit", "pair-check"]),
        ("tests", ["pytest", "-q", *workers, *marked, "tests", "coursekit"]),
    ]
    return listed + ([("notebooks", ["pytest", "-q", *nbval, *workers, *pages])] if pages else [])


def changed_notebooks() -> list[str]:
    """Return the notebooks that differ from the last commit, new ones included; none without git."""
    found: list[str] = []
    for question in (["diff", "--name-only", "HEAD"], ["ls-files", "--others", "--exclude-standard"]):
        command = ["git", *question, "--", "lectures", "labs"]
        try:
            said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
        except OSError:
            return []
        found += [name for name in said.splitlines() if name.endswith(".ipynb") and (ROOT / name).exists()]
    return sorted(set(found))


# ------------------------------------------------------------------------------------------ the environment


def venv_python() -> Path:
    """Return where the interpreter of .venv is, or would be."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def environment() -> dict[str, str]:
    """Return the environment for .venv: nothing in it brings in packages or kernels from elsewhere."""
    foreign = ("PYTHONPATH", "PYTHONHOME", "JUPYTER_PATH")
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return {**kept, "JUPYTER_PREFER_ENV_PATH": "1", "PIP_USER": "0", "PYTHONUTF8": "1"}


def installed_version() -> str:
    """Return the version of the Python in .venv, "" if it does not run or pip is not whole there."""
    probe = "import sys, importlib.metadata as m; m.distribution('pip').read_text('INSTALLER') or sys.exit(1)"
    command = [str(venv_python()), "-c", f"{probe}; print(sys.version.split()[0])"]
    try:
        answer = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def read_stamp() -> dict[str, str]:
    """Return what is remembered of .venv: nothing of one that was made by hand."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return {"state": "torn"}


def write_stamp(stamp: dict[str, str]) -> None:
    """Remember in one step, so that a killed run leaves the old stamp or the new one."""
    fresh = STAMP.with_suffix(".new")
    fresh.write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    os.replace(fresh, STAMP)


def ready(extra: str, newest: bool = False) -> None:
    """Make .venv hold the course with this extra: at once if it does already."""
    stamp, version = read_stamp(), installed_version()
    wanted = {
        "state": "complete",
        "root": str(ROOT),
        "pyproject": hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest(),
        "python": version,
    }
    same = all(stamp.get(key) == value for key, value in wanted.items())
    if version and same and stamp.get("extra") in (extra, "dev") and not newest:
        return
    if not version:
        make_venv(ours=bool(stamp))
        stamp, wanted["python"] = {}, installed_version()
    # The dev extra holds the student one: once there, it is kept up to date.
    wanted["extra"] = "dev" if stamp.get("extra") == "dev" else extra
    write_stamp({"state": "installing", "extra": wanted["extra"]})
    sweep()
    if not pip_install(wanted["extra"], newest):
        if stamp.get("state") == "complete":  # pip had changed nothing yet: the next run tries again
            write_stamp({**stamp, "pyproject": ""})
        sys.exit(1)
    write_stamp(wanted)


def make_venv(ours: bool) -> None:
    """Make .venv afresh; what an interrupted run has left there goes first, what is not ours stays."""
    if VENV.exists() and any(VENV.iterdir()) and not ours:
        sys.exit(f"{VENV} does not work and was not made by course.py: remove it, then try again.")
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit(
            f"This Python ({sys.executable}) cannot make virtual environments. "
            "On Debian and Ubuntu: sudo apt install python3-venv. Then run the same command again."
        )
    print(f"Making {VENV}", flush=True)
    VENV.mkdir(exist_ok=True)
    write_stamp({"state": "installing"})
    try:
        for entry in VENV.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry != STAMP:
                entry.unlink()
    except OSError as error:
        sys.exit(f"{error}\nClose every program that uses {VENV}, then run the same command again.")
    # Run from an activated .venv, sys.executable would be the very file that has just gone.
    python = getattr(sys, "_base_executable", None) or sys.executable
    if subprocess.run([python, "-m", "venv", str(VENV)], check=False).returncode:
        sys.exit(f"{python} -m venv failed, see above. The next run starts afresh.")


def sweep() -> None:
    """Forget what a killed pip left half copied (it writes INSTALLER last and never looks) or moved to ~name."""
    for pattern in ("lib/python*/site-packages/*", "Lib/site-packages/*"):
        for found in VENV.glob(pattern):
            half = found.suffix == ".dist-info" and not (found / "INSTALLER").exists()
            if found.is_dir() and (half or found.name.startswith("~")):
                shutil.rmtree(found)


def pip_install(extra: str, newest: bool) -> bool:
    """Install the course with this extra into .venv, and say whether that worked."""
    command = [str(venv_python()), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--upgrade", "--upgrade-strategy", "eager"] if newest else []
    print(f"Installing what the course needs ({extra}) into .venv: minutes the first time.", flush=True)
    begin, width = time.monotonic(), shutil.get_terminal_size().columns - 1
    pip = subprocess.Popen(
        [*command, "-e", f".[{extra}]"],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    with pip, LOG.open("w", encoding="utf-8") as log:
        for line in pip.stdout or ():
            log.write(line)
            if sys.stdout.isatty():
                print("\r" + line.strip()[:width].ljust(width), end="", flush=True)
    if sys.stdout.isatty():
        print("\r" + " " * width, end="\r")
    if pip.returncode == 0:
        print(f"Installed in {time.monotonic() - begin:.0f} s", flush=True)
        return True
    said = LOG.read_text(encoding="utf-8")
    hint = next((hint for words, hint in HELP_FOR_PIP if words in said), f"all that pip said is in {LOG}")
    print("\n".join([*said.splitlines()[-10:], f"The installation failed: {hint}"]), file=sys.stderr)
    return False


# --------------------------------------------------------------------------------------------- the commands


def hand_over(python: str, arguments: list[str]) -> int:
    """Let `python -m coursekit` take the place of this process, or run below it where the system cannot."""
    # -P: the folder from which this was called may hold another coursekit.
    command = [python, "-P", "-m", "coursekit", *arguments]
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(python, command, environment())
    with subprocess.Popen(command, env=environment()) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the same Ctrl-C has reached the command, which decides what it means
                continue


def test(python: str, options: argparse.Namespace, rest: list[str]) -> int:
    """Run the gates, all of them even if one fails, and sum up."""
    chosen = [("pytest", ["pytest", *rest])] if rest else gates(options.quick)
    chosen = [gate for gate in chosen if not options.only or gate[0] in options.only]
    outcomes = []
    for name, arguments in chosen:
        print(f"\n== {name}: python -m {' '.join(arguments)}", flush=True)
        begin = time.monotonic()
        budgeted = {**environment(), "COURSEKIT_BUDGET": "ci"}
        code = subprocess.run([python, "-m", *arguments], cwd=ROOT, env=budgeted, check=False).returncode
        outcomes.append((name, code, time.monotonic() - begin))
    print()
    for name, code, seconds in outcomes:
        print(f"{name:10} {'FAILED' if code else 'ok':6} {seconds:7.1f} s")
    failed = sum(code != 0 for _, code, _ in outcomes)
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed or not outcomes else 0


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(
        prog="course.py", description="Set up, start and test the course.", allow_abbrev=False
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, says: str, more: str = "") -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=says, description=f"{says}. {more}", allow_abbrev=False)
        made.add_argument("--this-python", action="store_true", help="the running Python, install nothing")
        return made

    start = command("start", "open JupyterLab on the start page", "Your notebooks lie in work/.")
    run = command("run", "run one notebook and write it as a page", "For a machine without a browser.")
    run.add_argument("notebook", metavar="LECTURE", help="laplacian, lec07, lec07_laplacian or a file")
    slides = command("slides", "write a lecture's slides as one HTML file", "It needs no network.")
    slides.add_argument("--out", metavar="FILE", help="where to (default: work/NAME.slides.html)")
    present = command("present", "open a lecture in JupyterLab as slides", "On a copy, with working sliders.")
    for one in (slides, present):
        one.add_argument("notebook", metavar="LECTURE", help="as for run")
    for one in (start, present):
        one.add_argument("--no-browser", action="store_true", help="only print the address")
        one.add_argument("--port", type=int, help="the port to use if it is free (default: 8888)")
    for one in (start, run, slides, present):
        one.add_argument("--work", metavar="FOLDER", help="where your copies and pages lie (default: work/)")
    check = command("test", "run every test and every notebook", "Other arguments are for pytest alone.")
    check.add_argument("--quick", action="store_true", help="no slow tests, only changed notebooks")
    names = [name for name, _ in gates(quick=False)]
    check.add_argument("--only", action="append", choices=names, help="run this gate only; may be repeated")
    check.add_argument("--newest", action="store_true", help="first upgrade all packages within their bounds")
    build = command("build", "for authors: bring notebooks up to date with their .py and run them")
    build.add_argument("notebooks", metavar="NOTEBOOK", nargs="+", help="as for run")
    site = command("site", "build the course as a static site", "From the executed notebooks; needs no network.")
    site.add_argument("--out", metavar="DIR", help="where the pages go (default: build/site)")
    site.add_argument("--repository", metavar="URL", help="for buttons that open a notebook elsewhere")
    command("doctor", "check what the course needs, and say what to do")
    return top


def main(argv: list[str]) -> int:
    """Do what the command line says and return the exit status."""
    top = parser()
    options, rest = top.parse_known_args(argv)
    if options.command is None:
        top.print_help()
        return 2
    if rest and options.command != "test":
        top.error(f"{options.command} does not know {' '.join(rest)}")
    if rest and (options.quick or options.only):
        top.error("arguments for pytest go without --quick and --only")
    python = sys.executable if options.this_python else str(venv_python())
    if not options.this_python and options.command == "doctor":
        if read_stamp().get("state", "complete") != "complete" or not installed_version():
            found = "not complete" if VENV.exists() else "missing"
            print(f"FAIL  {VENV} is {found}: run python3 course.py start")
            return 1
    elif not options.this_python:
        extra = "dev" if options.command in ("test", "build", "site") else "student"
        ready(extra, newest=getattr(options, "newest", False))
    if options.command == "test":
        return test(python, options, rest)
    return hand_over(python, [argument for argument in argv if argument != "--this-python"])


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a Windows console cannot show every name that pip prints
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. The same command takes it up again.")
