"""`python -m tests.course.docstrings`: pydoclint on the library, without the one rule that our style breaks.

Our sections say shapes, units and ranges where pydoclint expects a type (`a : (n,) array    weights >= 0`). It can
compare those with the annotations or forbid them (DOC111), and has no switch to leave them alone.
"""

import subprocess
import sys
from pathlib import Path

__all__ = ["main", "violations"]

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = "DOC111"


def violations(*paths: Path) -> list[str]:
    """Return one line for each violation in these files and folders."""
    command = [sys.executable, "-m", "pydoclint.main", "--quiet", "--config", str(ROOT / "pyproject.toml")]
    command += ["--show-filenames-in-every-violation-message", "true", *map(str, paths)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [line.strip() for line in (said.stdout + said.stderr).splitlines()]
    if said.returncode and not any(": DOC" in line for line in lines):
        return [f"pydoclint failed: {' '.join(lines)}"]
    return [line for line in lines if ": DOC" in line and NOT_OURS not in line]


def main() -> int:
    """Print the violations in the library, and return the exit status."""
    found = violations(ROOT / "coursekit")
    for line in found:
        print(line)
    print(f"{len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
