"""The archive that is uploaded to Gradescope as an assignment's autograder.

It holds the package, the assignment's settings and the secret: it is for the staff only. The packages that are
needed are named, with the bounds of pyproject.toml, and installed when Gradescope builds its container.
"""

import json
import os
import re
import secrets
import tomllib
from pathlib import Path

from coursekit.grading.bridges.gradescope import POLICY, SECRET, SETTINGS
from coursekit.grading.catalogue import PACKAGE, needs_torch, topics
from coursekit.grading.policy import read_policy
from coursekit.grading.release import digest, zipped
from coursekit.grading.seeds import Secret

__all__ = ["requirements", "write_autograder"]

# Of the extra student: what shows notebooks, which nobody looks at there.
FRONT_ENDS = ("ipywidgets", "jupyterlab", "jupyterlab-slideshow", "nbclient", "nbconvert", "nbformat")
SETUP = """\
#!/usr/bin/env bash
# Run once, as root, when Gradescope builds the container; the archive lies in /autograder/source.
set -euo pipefail
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends bubblewrap libseccomp2
python=
for version in 3.13 3.12 3.11; do
    if apt-get install -y --no-install-recommends "python$version" "python$version-venv"; then
        python="python$version"
        break
    fi
done
if [ -z "$python" ]; then
    echo "This system has no Python 3.11 or newer: choose Ubuntu 22.04 or newer for the autograder." >&2
    exit 1
fi
"$python" -m venv ../venv
../venv/bin/python -m pip install --no-cache-dir --requirement requirements.txt
"""
RUN = """\
#!/usr/bin/env bash
# Run for each submission; Gradescope has copied this file to /autograder.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
chmod 600 "$here/source/secret"
export PYTHONPATH="$here/source/course" PYTHONDONTWRITEBYTECODE=1
# -P: nothing is imported from where it happens to be started, which could be the submission.
exec "$here/venv/bin/python" -P -m coursekit.grading.bridges.gradescope "$here"
"""


def requirements(pyproject: Path, *, torch: bool) -> str:
    """Return what the container needs, one line each, as pip reads it.

    Parameters
    ----------
    pyproject : Path             the course's pyproject.toml
    torch : bool                 whether PyTorch, which is large, is needed too

    Returns
    -------
    str                          the library's own needs and those of grading and students, without front ends
    """
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    left_out = (*FRONT_ENDS, *(() if torch else ("torch",)))
    lines = [*project["dependencies"], *extras["grading"], *extras["student"]]
    return "\n".join(line for line in lines if re.split(r"[^\w-]", line)[0] not in left_out) + "\n"


def write_autograder(
    path: Path, out: Path, secret: Secret, *, root: Path, policy: Path | None = None, accept_unsafe: bool = False
) -> None:
    """Write the archive.

    Parameters
    ----------
    path : Path                  the notebook, an .ipynb of the course
    out : Path                   the archive; only its owner may read it, since the secret is in it
    secret : Secret              to draw inputs from; no older one travels
    root : Path                  the course's folder
    policy : Path                rules for late submissions, TOML; None leaves lateness to Gradescope
    accept_unsafe : bool         grade even if the container isolates submissions hardly

    Raises
    ------
    ValueError                   not a notebook with exercises, or rules that make no sense
    """
    topic = path.stem.partition("_")[2]
    if topic not in topics():
        raise ValueError(f"{path.name} is not a notebook with exercises")
    settings = {"topic": topic, "notebook": digest(path), "accept_unsafe": accept_unsafe}
    files: dict[str, tuple[bytes, int]] = {
        "setup.sh": (SETUP.encode(), 0o755),
        "run_autograder": (RUN.encode(), 0o755),
        "requirements.txt": (requirements(root / "pyproject.toml", torch=needs_torch(topic)).encode(), 0o644),
        SETTINGS: (json.dumps(settings, indent=1).encode(), 0o644),
        SECRET: (f"{secret.identity} {secret.value.hex()} travelling\n".encode(), 0o600),
    }
    if policy is not None:
        read_policy(policy)
        files[POLICY] = (policy.read_bytes(), 0o644)
    for one in sorted(PACKAGE.rglob("*")):
        if one.is_file() and "__pycache__" not in one.parts:
            files[f"course/coursekit/{one.relative_to(PACKAGE).as_posix()}"] = (one.read_bytes(), 0o644)
    write_private(out, zipped(files))


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
