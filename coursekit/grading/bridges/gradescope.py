"""What `run_autograder` does inside Gradescope's container: one submission in, results.json out.

`coursekit release --gradescope` makes the archive that holds this module, its settings and the secret. If the
submission cannot be isolated, or the grader itself fails, there is no results.json: Gradescope then shows the staff
that the autograder failed, and nobody has 0 points for it.
"""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from coursekit.grading.batch import Terms, grade_student
from coursekit.grading.levels import SAFE_LEVEL
from coursekit.grading.policy import Policy, Standing, read_policy, standings
from coursekit.grading.reports.gradescope import results
from coursekit.grading.results import StudentRecord, write_atomically
from coursekit.grading.sandbox import Sandbox, SandboxError
from coursekit.grading.seeds import read_secrets
from coursekit.grading.submissions import handed_by

__all__ = ["POLICY", "SECRET", "SETTINGS", "grade_submission"]

SETTINGS, SECRET, POLICY = "settings.json", "secret", "policy.toml"
DONE, UNSAFE = 0, 3


def grade_submission(root: Path) -> int:
    """Grade what lies in Gradescope's folders.

    Parameters
    ----------
    root : Path                  /autograder, with source/, submission/ and submission_metadata.json

    Returns
    -------
    int                          the exit status: 0 if results/results.json was written

    Raises
    ------
    ValueError                   the archive is not as it was made
    """
    target = root / "results" / "results.json"
    target.unlink(missing_ok=True)
    settings = json.loads((root / "source" / SETTINGS).read_text(encoding="utf-8"))
    try:
        with Sandbox() as sandbox:
            sys.stdout.write(f"{sandbox.describe()}\n")
            if sandbox.level < SAFE_LEVEL and not settings["accept_unsafe"]:
                sys.stdout.write("Not enough for a grade of record, unless the archive is made with --accept-unsafe.\n")
                return UNSAFE
            start = time.monotonic()
            found = graded(root, settings, sandbox)
    except SandboxError as error:
        sys.stdout.write(f"The sandbox does not work here: {error}\n")
        return UNSAFE
    document = {**found, "execution_time": round(time.monotonic() - start, 2)}
    write_atomically(target, json.dumps(document, indent=1, sort_keys=True) + "\n")
    return DONE


def graded(root: Path, settings: Mapping[str, Any], sandbox: Sandbox) -> dict[str, Any]:
    """Grade the submission, and return what Gradescope reads."""
    source, about = root / "source", metadata(root / "submission_metadata.json")
    who, number = str(about["who"]), int(about["number"])
    *_, secret = read_secrets(source / SECRET)
    # Each submission has inputs of its own, and has the same again when it is graded again.
    handed = handed_by(f"{who} #{number}", root / "submission")
    terms = Terms(secret, settings["topic"], {settings["topic"]: settings["notebook"]})
    record = grade_student(handed, sandbox, terms)
    standing = counted(replace(record, student=who), settings["topic"], about, source / POLICY)
    document = results(standing)
    lines = [document["output"], f"Graded at isolation level {record.level}; submission {number}."]
    extra = {"level": record.level, "seed": record.seed, "environment": record.environment, "submission": number}
    return {
        **document,
        "output": "\n".join(line for line in lines if line),
        "extra_data": {**document["extra_data"], **extra},
    }


def counted(record: StudentRecord, topic: str, about: Mapping[str, Any], path: Path) -> Standing:
    """Apply the rules that came with the archive; without a deadline of their own they take Gradescope's."""
    policy = read_policy(path) if path.exists() else Policy()
    if path.exists() and policy.deadline is None:
        policy = replace(policy, deadline=about["due"])
    submitted = about["created"].isoformat() if about["created"] else ""
    dated = tuple(replace(attempt, submitted=submitted) for attempt in record.attempts)
    (standing,) = standings([replace(record, attempts=dated)], policy, topic=topic)
    return standing


def metadata(path: Path) -> dict[str, Any]:
    """Return who handed in, which submission it is, when it came and when it was due, as far as it is told."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        told = {}
    users = [str(one.get("email") or one.get("id")) for one in told.get("users") or [{}]]
    return {
        "who": ", ".join(sorted(users)),
        "number": 1 + len(told.get("previous_submissions") or []),
        "created": instant(told.get("created_at")),
        "due": instant((told.get("assignment") or {}).get("due_date")),
    }


def instant(text: str | None) -> datetime | None:
    """Return a time with its zone, None if there is none."""
    time = datetime.fromisoformat(text) if text else None
    return time if time and time.tzinfo else None


if __name__ == "__main__":
    sys.exit(grade_submission(Path(sys.argv[1])))
