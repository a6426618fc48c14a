"""`python -m benchmarks.browser [NOTEBOOK...]`: ms from an event at a slider to the frame that shows the new picture.

Each notebook is opened in JupyterLab in a headless browser and run; the first slider of each interactive cell is moved
by keys and by mouse, and the page takes the times. Exit status 1 if a median is over the limit.
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path

from tests.browser import chromium, lab

LIMIT_MS = 100.0
MOVES = 15


def main(names: list[str]) -> int:
    """Print the table for the notebooks named, such as lec07_laplacian (the default)."""
    path = chromium.found()
    if path is None:
        print("no Chromium or Chrome is installed: nothing was measured")
        return 2
    print("| notebook | cell | by | median, ms | slowest, ms | |\n|---|---|---|---|---|---|")
    held, watch = True, chromium.Watch()
    with tempfile.TemporaryDirectory() as folder, chromium.launched(path) as browser:
        work = Path(folder) / "work"
        with lab.serving("start", work=work) as address:
            for name in names or ["lec07_laplacian"]:
                stored = json.loads((work / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
                with chromium.opened(browser, watch) as page:
                    page.goto(lab.at(address, f"{name}.ipynb"))
                    lab.run_all(page, sum(cell["cell_type"] == "code" for cell in stored))
                    for cell in stored:
                        if "interactive" in cell["metadata"].get("tags", []):
                            held &= measured(page, name, "".join(cell["source"]).partition("(")[0])
    return 0 if held else 1


def measured(page: chromium.Page, name: str, source: str) -> bool:
    """Print the rows of one interactive cell, and say whether they hold."""
    _, slider, _ = lab.panel(page, source, "")
    held = True
    for said, move in (("keys", lab.moves_by_keys), ("mouse", lab.moves_by_mouse)):
        times = move(page, slider, MOVES)
        median = statistics.median(times)
        held &= median <= LIMIT_MS
        verdict = "holds" if median <= LIMIT_MS else f"OVER {LIMIT_MS:g}"
        row = f"| {name} | {source.partition(' ')[0]} | {said} | {median:.0f} | {max(times):.0f} | {verdict} |"
        print(row, flush=True)
    return held


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
