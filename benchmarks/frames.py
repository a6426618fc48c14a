"""`python -m benchmarks.frames [SLUG...]`: CPU milliseconds from a control's event to the encoded picture.

Each notebook is run in a kernel with one thread; then every control of every interactive is swept through its range.
Exit status 1 if a median is over the limit.
"""

import json
import os
import sys

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # the kernel inherits it

from pathlib import Path

import nbformat

from coursekit.notebooks import execute, read_source

LIMIT_MS = 50.0

SWEEP = """
import json as _json, statistics as _statistics, time as _time
from coursekit.figures import Interactive as _Interactive

def _values(control):
    if hasattr(control, "options"):
        return list(control.options) * 4
    span = control.max - control.min
    return [type(control.value)(control.min + span * ((7 * i) % 17) / 16) for i in range(17)]

_rows = []
for _name, _view in list(globals().items()):
    if isinstance(_view, _Interactive):
        for _key, _control in _view.controls.items():
            _times = []
            for _value in _values(_control):
                if _control.value != _value:
                    _start = _time.process_time()
                    _control.value = _value
                    _times.append((_time.process_time() - _start) * 1e3)
            _rows.append([f"{_name}.{_key}", _statistics.median(_times), max(_times)])
print(_json.dumps(_rows))
"""


def main(slugs: list[str]) -> int:
    """Print the table for the notebooks named, or for all."""
    root = Path(__file__).parent.parent
    paths = [p for p in sorted(root.glob("l*/l*_*.py")) if not slugs or p.stem.partition("_")[2] in slugs]
    if not paths:
        print(f"no notebook has a slug among {', '.join(slugs)}")
        return 2
    print("| notebook | control | median, ms | slowest, ms | |\n|---|---|---|---|---|")
    held = True
    for path in paths:
        notebook = read_source(path)
        notebook.cells.append(nbformat.v4.new_code_cell(SWEEP))
        output = execute(notebook, cwd=path.parent).cells[-1].outputs[0]
        for control, median, slowest in json.loads(output.text):
            held &= median <= LIMIT_MS
            verdict = "holds" if median <= LIMIT_MS else f"OVER {LIMIT_MS:g}"
            print(f"| {path.stem} | {control} | {median:.1f} | {slowest:.1f} | {verdict} |", flush=True)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
