"""`python -m benchmarks [NAME...]` prints one table of the ROWS of each module here.

Exit status 1 if a row misses its accuracy or its target.
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"  # before numpy is imported: one thread for everybody

import argparse
import importlib
import pkgutil
import sys

import benchmarks
from benchmarks.timing import Row, measure


def main() -> int:
    """Measure the named modules (default: all of them) and print the table."""
    others = {"__main__", "browser", "frames", "grading", "lab_seeds", "timing"}
    names = sorted({m.name for m in pkgutil.iter_modules(benchmarks.__path__)} - others)
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(names)}")
    parser.add_argument("--rounds", type=int, help="timing rounds for each row")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    print("| work | peer | peer, ms | ours, ms | ratio | target | our error | accepted | |")
    print("|---|---|---|---|---|---|---|---|---|")
    held = True
    for name in arguments.names or names:
        rows: list[Row] = importlib.import_module(f"benchmarks.{name}").ROWS
        for row in rows:
            m = measure(row, arguments.rounds)
            held &= m.holds
            target = "-" if row.target is None else f"{row.target:g}"
            print(
                f"| {row.work} | {row.peer} | {m.peer_seconds * 1e3:.3g} | {m.our_seconds * 1e3:.3g} | {m.ratio:.2g} "
                f"| {target} | {m.error:.1e} | {row.accuracy:.0e} | {'holds' if m.holds else 'MISSED'} |",
                flush=True,
            )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
