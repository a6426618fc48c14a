"""`coursekit grade` and `coursekit secret`: the grade of record, and what its inputs are drawn from."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from coursekit.grading.sandbox import Sandbox
    from coursekit.grading.scheduler import Cluster
    from coursekit.grading.seeds import Secret

__all__ = ["DONE", "FAILED", "INTERRUPTED", "UNSAFE", "USAGE", "add_parsers", "grade", "secret"]

# What a script can rely on.
DONE, FAILED, USAGE, UNSAFE, INTERRUPTED = 0, 1, 2, 3, 130
CODES = "exit status: 0 graded, 1 some could not be graded (run it again), 2 wrong use, 3 not safe here, 130 stopped"
BAR = 30


def add_parsers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both subcommands."""
    one = commands.add_parser("grade", help="for staff: grade submissions in a sandbox", epilog=CODES)
    one.add_argument("submissions", metavar="SUBMISSIONS", nargs="+", type=Path, help="folder, LMS zip or files")
    one.add_argument("--out", metavar="REPORT", type=Path, required=True, help="the folder of records and reports")
    one.add_argument("--topic", default="", help="grade every notebook as this one (default: each says which it is)")
    one.add_argument("--policy", type=Path, help="TOML: deadline, late_per_day, attempts, pass_mark, ...")
    one.add_argument("--roster", type=Path, help="CSV: folder, name, canvas_id, sis_id, login; or a Canvas gradebook")
    one.add_argument("--overrides", type=Path, help="CSV: student, topic, exercise, points, reason, by")
    one.add_argument("--assignment", default="", help="the column in Canvas: 'Homework 7 (12345)'")
    one.add_argument("--jobs", type=int, default=0, help="how many at a time (default: the number of cores)")
    one.add_argument("--level", type=int, choices=(1, 2, 3), help="isolation level (default: the best to be had)")
    one.add_argument("--scheduler", metavar="ADDRESS", default="", help="tcp:// or tls:// of a Dask scheduler")
    one.add_argument("--accept-unsafe", action="store_true", help="grade even if submissions are hardly isolated")
    one.add_argument("--regrade", action="store_true", help="grade again what is graded already")
    one.add_argument("--dry-run", action="store_true", help="say what would be graded, and run nothing")
    one.add_argument("--seed-of", metavar="IDENTITY", default="", help="draw from an older secret")
    two = commands.add_parser("secret", help="for staff: what the inputs of grading are drawn from")
    two.add_argument("--rotate", action="store_true", help="make a new one; the old stay for regrades")
    two.add_argument("--restore", action="store_true", help="read one that was kept elsewhere from standard input")
    for command in (one, two):
        command.add_argument("--secret", metavar="FILE", type=Path, help="default: in your configuration")


def grade(options: argparse.Namespace, root: Path) -> int:
    """Grade a class and write its reports.

    Parameters
    ----------
    options : Namespace          as `add_parsers` defines them
    root : Path                  the course's folder, for the notebooks as they are now

    Returns
    -------
    int                          the exit status, see `CODES`

    Raises
    ------
    ValueError                   something in the options, the roster, the rules or the secret
    """
    from coursekit.grading.batch import Terms, grade_batch, planned
    from coursekit.grading.catalogue import exercises_of
    from coursekit.grading.levels import SAFE_LEVEL
    from coursekit.grading.policy import Policy, read_overrides, read_policy, read_roster, standings
    from coursekit.grading.release import released_digests
    from coursekit.grading.reports import write_reports
    from coursekit.grading.sandbox import SandboxError
    from coursekit.grading.submissions import collect

    for path in (options.policy, options.roster, options.overrides):
        if path is not None and not path.is_file():
            raise ValueError(f"there is no file {path}")
    if options.jobs < 0:
        raise ValueError(f"--jobs must be >= 0, got {options.jobs}")
    if options.topic:
        exercises_of(options.topic)
    policy = read_policy(options.policy) if options.policy else Policy()
    roster = read_roster(options.roster) if options.roster else []
    overrides = read_overrides(options.overrides) if options.overrides else []
    submissions = collect(options.submissions)
    terms = Terms(secret_of(options), options.topic, released_digests(root), policy.trust_file_times)
    if options.dry_run:
        for submission in submissions:
            record = planned(submission, terms)
            lines = [f"{one.file}: {one.problem or f'{one.topic}, attempt {one.attempt}'}" for one in record.attempts]
            print(f"{one_line(record.student)}: {one_line('; '.join([*lines, record.problem]).strip('; '))}")
        print(f"{len(submissions)} students; nothing was run.")
        return DONE
    try:
        where = place(options)
    except SandboxError as error:
        print(f"coursekit grade: {error}", file=sys.stderr)
        return UNSAFE
    with where:
        print(where.describe(), flush=True)
        if where.level < SAFE_LEVEL and not options.accept_unsafe:
            print(
                "This is not enough for a grade of record: a submission could read the grader's files and other "
                "submissions. Mend what is named above, or say --accept-unsafe.",
                file=sys.stderr,
            )
            return UNSAFE
        start = time.monotonic()
        result = grade_batch(
            submissions,
            options.out,
            where,
            terms,
            jobs=options.jobs,
            regrade=options.regrade,
            on_done=progress(sys.stdout),
        )
    counted = standings(result.records, policy, roster=roster, overrides=overrides, topic=options.topic)
    remarks = write_reports(options.out, counted, result.records, policy, assignment=options.assignment)
    n_new = len(result.records) - result.n_kept
    print(f"{n_new} graded in {time.monotonic() - start:.1f} s, {result.n_kept} were graded already.")
    for remark in remarks:
        print(one_line(remark))
    for student, reason in result.broken:
        print(f"NOT GRADED {one_line(student)}: {one_line(reason)}", file=sys.stderr)
    print(f"The page is {options.out / 'index.html'}")
    return FAILED if result.broken else DONE


def place(options: argparse.Namespace) -> "Sandbox | Cluster":
    """Return where submissions are to be run: here, or on the workers of a scheduler."""
    from coursekit.grading.sandbox import Sandbox

    if not options.scheduler:
        return Sandbox(options.level)
    try:
        from coursekit.grading.scheduler import Cluster
    except ModuleNotFoundError as error:
        raise ValueError(f"--scheduler needs Dask ({error}): python -m pip install -e '.[cluster]'") from None
    return Cluster(options.scheduler, options.level)


def secret_of(options: argparse.Namespace) -> "Secret":
    """Return the secret to draw from."""
    from coursekit.grading.seeds import current_secret, default_path, read_secrets

    path = options.secret or default_path()
    if not options.seed_of:
        return current_secret(path)
    known = {one.identity: one for one in read_secrets(path)}
    if options.seed_of not in known:
        raise ValueError(f"{path} has no secret {options.seed_of}; it has {', '.join(known) or 'none'}")
    return known[options.seed_of]


def secret(options: argparse.Namespace) -> int:
    """Say which secrets there are; make or restore one.

    Parameters
    ----------
    options : Namespace          as `add_parsers` defines them

    Returns
    -------
    int                          the exit status
    """
    from coursekit.grading.seeds import current_secret, default_path, read_secrets, restore_secret, rotate_secret

    path = options.secret or default_path()
    if options.restore:
        restore_secret(path, sys.stdin.read())
    elif options.rotate:
        rotate_secret(path)
    else:
        current_secret(path)
    known = read_secrets(path)
    print(f"{path}\nKeep a copy of this file where only you can read it: without it no grade can be reproduced.")
    for one in known:
        print(f"  {one.identity}{'  counts now' if one == known[-1] else ''}")
    return DONE


def one_line(text: str) -> str:
    """Return a text that cannot move the terminal's cursor."""
    return "".join(c if c.isprintable() else " " for c in text)


def progress(stream: TextIO) -> Callable[[int, int], None]:
    """Return an `on_done` that draws a bar on a terminal, and elsewhere prints a line for each tenth."""

    def on_done(done: int, total: int) -> None:
        if stream.isatty():
            full = BAR * done // total
            end = "\n" if done == total else ""
            print(f"\r[{'#' * full}{'.' * (BAR - full)}] {done} of {total}{end}", end="", file=stream, flush=True)
        elif done == total or done * 10 // total > (done - 1) * 10 // total:
            print(f"{done} of {total}", file=stream, flush=True)

    return on_done
