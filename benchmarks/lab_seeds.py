"""Do a lab's bounds hold for other seeds? `python -m benchmarks.lab_seeds diffusion --seeds 5` prints a table.

The lab itself is run, at the budget of COURSEKIT_BUDGET (ci if unset), once for each seed: its line `SEED = 0` is
changed and nothing else. A row shows the numbers behind the bounds, the CPU seconds, and which cells failed.
"""

import argparse
import copy
import json
import os
import re

import nbformat

from coursekit.notebooks import execute, failures, read_source
from tests.course.syllabus import ROOT, stem

SEED_LINE = re.compile(r"^SEED = \d+$", re.MULTILINE)
# Column -> an expression in the lab's own names, evaluated after its last cell.
MEASURES = {
    "diffusion": {
        "FD": "ours.frechet",
        "precision": "ours.precision",
        "recall": "ours.recall",
        "nn": "ours.neighbour_ratio",
        "Gaussian FD": "report[GAUSSIAN].frechet",
        "copies nn": "copied.neighbour_ratio",
        "means recall": "blurred.recall",
        "purity 1": "purity[1]",
        "purity 2": "purity[2]",
        "recall 4/1": "recall[3] / recall[1]",
        "classifier": "share",
        "DPM++ 10": "few_calls",
        "DDPM 100": "many_calls",
        "eps": "frechet['eps']",
        "v": "frechet['v']",
        "x0": "frechet['x0']",
        "edm": "frechet['edm']",
        "bits": "distances[0] / distances[1]",
        "precision 0/1": "without.precision / given.precision",
        "loss": "last_loss",
        "kurtosis": "kurtosis['network'].min()",
    },
    "gan": {
        "1:1+R1 least": "min(modes_found(balanced))",
        "5:1 most": "max(modes_found(hasty))",
        "FD averaged": "mean.frechet",
        "FD last": "last.frechet",
        "precision": "mean.precision",
        "recall": "mean.recall",
        "nn": "mean.neighbour_ratio",
        "least class": "classes.min()",
        "Gaussian FD": "quality[GAUSSIAN].frechet",
        "copies nn": "copied.neighbour_ratio",
    },
}
PROBE = """
import json as _json, time as _time
from coursekit.sample_quality.report import GAUSSIAN
_found = {{}}
for _name, _text in {measures}.items():
    try:
        _found[_name] = float(eval(_text))
    except Exception:
        _found[_name] = float("nan")
print(_json.dumps({{**_found, "CPU s": _time.process_time()}}))
"""


def measured(slug: str, seed: int) -> tuple[dict[str, float], list[str]]:
    """Run the lab with a seed; return its numbers by name, and what failed."""
    notebook = copy.deepcopy(read_source(ROOT / "labs" / f"{stem(slug)}.py"))
    changed = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source, n = SEED_LINE.subn(f"SEED = {seed}", cell.source)
            changed += n
    if changed != 1:
        raise ValueError(f"{stem(slug)} must have one line `SEED = 0`, got {changed}")
    notebook.cells.append(nbformat.v4.new_code_cell(PROBE.format(measures=repr(MEASURES[slug]))))
    done = execute(notebook, cwd=ROOT / "labs", timeout=3600)
    printed = "".join(output.get("text", "") for output in done.cells[-1].outputs if output.output_type == "stream")
    return json.loads(printed), failures(done)


def main() -> None:
    """Print a row for each seed as it comes, then the range of each column."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lab_seeds", description=__doc__)
    parser.add_argument("slug", choices=sorted(MEASURES))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    os.environ.setdefault("COURSEKIT_BUDGET", "ci")
    rows = []
    for seed in range(asked.first, asked.first + asked.seeds):
        numbers, failed = measured(asked.slug, seed)
        rows.append(numbers)
        print(f"seed {seed}: " + ", ".join(f"{name} {value:.3g}" for name, value in numbers.items()), flush=True)
        print(f"  bounds hold: {not failed}" + "".join(f"\n  {line}" for line in failed), flush=True)
    for name in rows[0]:
        values = [row[name] for row in rows]
        print(f"{name:14} {min(values):8.3f} to {max(values):8.3f}")


if __name__ == "__main__":
    main()
