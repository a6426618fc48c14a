"""`python -m benchmarks.grading`: what comes out, and what it costs, with ours, nbgrader and otter.

The peers are looked for in this Python or in the one of `--peers-python`: otter asks for an old wrapt, so a
virtual environment of their own is best (`pip install nbgrader otter-grader numpy`). Exit status 1 if ours
gives anybody other points than deserved, or costs more than it is allowed to.
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import nbformat

from benchmarks.grading.assignment import Submission, honest, notebook, special
from benchmarks.grading.measuring import Cost, Peak, spent
from benchmarks.grading.peers import Nbgrader, Otter, installed
from coursekit.grading.batch import Terms, grade_batch
from coursekit.grading.policy import Policy, standings
from coursekit.grading.reports import write_reports
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.seeds import Secret
from coursekit.grading.submissions import collect

# What is claimed: ten submissions a second on two idle cores, which is 200 ms of CPU each.
MAX_CPU_MS, MAX_MB = 200.0, 250.0


class Ours:
    """`coursekit grade`, in this process: a batch with all its reports."""

    name = "coursekit grade"

    def __init__(self, folder: Path, jobs: int) -> None:
        self.folder, self.jobs = folder, jobs
        self.sandbox = Sandbox()

    def grade(self, submissions: Sequence[Submission]) -> tuple[Cost, dict[str, float | None]]:
        """Grade these; None where there is no grade afterwards."""
        name = submissions[0].student
        handed, out = self.folder / "submitted" / name, self.folder / "report" / name
        for one in submissions:
            place = handed / one.student
            place.mkdir(parents=True)
            nbformat.write(notebook(one, "nbgrader"), place / "laplacian.ipynb")
        with Peak(os.getpid()).watching() as peak:
            cpu, wall = time.process_time() + spent(), time.monotonic()
            result = grade_batch(collect([handed]), out, self.sandbox, Terms(Secret(bytes(32))), jobs=self.jobs)
            write_reports(out, standings(result.records, Policy()), result.records, Policy())
            wall = time.monotonic() - wall
            time.sleep(0.2)  # the last children are counted when they have been waited for
            cpu = time.process_time() + spent() - cpu
        scores = {one.student: float(sum(each.points for each in one.attempts)) for one in result.records}
        return Cost(cpu, wall, peak.bytes), {one.student: scores.get(one.student) for one in submissions}


def points(score: float | None) -> str:
    """Return a score as it stands in the table."""
    return "no result" if score is None else f"{score:g}"


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=__doc__)
    parser.add_argument("--submissions", type=int, default=20, metavar="N", help="honest ones (default: 20)")
    parser.add_argument("--peers-python", type=Path, default=Path(sys.executable), metavar="PATH")
    parser.add_argument("--jobs", type=int, default=0, help="ours: how many at a time (default: number of cores)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return compare(Path(folder), options)


def compare(folder: Path, options: argparse.Namespace) -> int:
    """Grade everything with everybody."""
    ours = Ours(folder / "ours", options.jobs)
    print(f"{ours.sandbox.describe()}\n")
    tools: dict[str, Ours | Nbgrader | Otter | None] = {ours.name: ours}
    for peer in (Nbgrader, Otter):
        there = installed(options.peers_python, peer.module)
        tools[peer.name] = peer(options.peers_python, folder / peer.module) if there else None
    many, few = honest(options.submissions), special()
    ours.grade([replace(many[0], student="loading")])
    costs: dict[str, Cost] = {}
    scores: dict[str, dict[str, float | None]] = {}
    slow: dict[tuple[str, str], Cost] = {}
    for name, tool in tools.items():
        if tool is None:
            continue
        costs[name], scores[name] = tool.grade(many)
        for one in few:
            slow[name, one.student], score = tool.grade([one])
            scores[name] |= score
    print(f"Points out of 40; {options.submissions} honest submissions, of which half have one mistake.\n")
    print(f"| submission | deserved | {' | '.join(tools)} |\n|---|---|{'---|' * len(tools)}")
    for one in few:
        cells = [
            f"{points(scores[name][one.student])} ({slow[name, one.student].wall:.1f} s)" if name in scores else "-"
            for name in tools
        ]
        print(f"| {one.what} | {one.deserved} | {' | '.join(cells)} |")
    right = [
        f"{sum(scores[name][one.student] == one.deserved for one in many)} of {len(many)}" if name in scores else "-"
        for name in tools
    ]
    print(f"| honest ones graded right | | {' | '.join(right)} |\n")
    print("| | CPU ms a submission | submissions a second | peak memory (PSS), MB |\n|---|---|---|---|")
    for name in tools:
        if name not in costs:
            print(f"| {name} | not installed | | |")
            continue
        cost, n = costs[name], len(many)
        print(f"| {name} | {1e3 * cost.cpu / n:.0f} | {n / cost.wall:.2f} | {cost.peak / 1e6:.0f} |")
    ours.sandbox.close()
    fair = all(scores[ours.name][one.student] == one.deserved for one in [*many, *few])
    cost = costs[ours.name]
    held = fair and 1e3 * cost.cpu / len(many) <= MAX_CPU_MS and cost.peak / 1e6 <= MAX_MB
    print(f"\nOurs: {'holds' if held else 'MISSED'} (all points as deserved, <= {MAX_CPU_MS:g} ms, <= {MAX_MB:g} MB)")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
