"""The rules for labs, tried on a small one: what the solved run leaves out, what must be bounded, what is too long."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from coursekit.exercises.laplacian import check
from coursekit.notebooks import build, read_source, solved
from tests.course import traits
from tests.course.labs import loose_numbers, without_training
from tests.course.solved_run import probed_run
from tests.course.test_canaries import FAILED, NBVAL, PASSED, pytest_in
from tests.course.test_traits import GOOD

# A lab with one exercise, an interactive about a trained network, and cells that would fail without training.
DEMO = '''\
# %%
import numpy as np
import torch
from coursekit import figures
from coursekit.exercises.laplacian import check
from coursekit.training import Player, fit, seed_all

generator = seed_all(0)

# %% tags=["exercise"]
def heat_dt_max(h):
    """Return the largest stable step."""
    raise NotImplementedError

# %% tags=["check"]
check(heat_dt_max)

# %%
network = torch.nn.Linear(1, 1)


def loss(network, generator):
    x = torch.randn(16, 1, generator=generator)
    return (network(x) - 3 * x).square().mean()


player = Player(network, loss, torch.optim.SGD(network.parameters(), 0.1))
result = fit(player, 200, generator=generator)

# %% tags=["nbval-ignore-output"]
slope = network.weight.item()
slope

# %%
assert 2.9 < slope < 3.1
print("between 2.9 and 3.1")


# %% tags=["interactive", "nbval-ignore-output"]
def compute(x):
    with torch.no_grad():
        y = network(torch.tensor([[x]], dtype=torch.float32)).item()
    return {"line": (np.array([0.0, x]), np.array([0.0, y])), "reading": f"{y:.2f}"}


explorer = figures.Interactive(
    compute,
    controls={"x": figures.Slider("x", 0, 1, 0.5, 1)},
    panels=[figures.Plot("x", "y", (0, 1), (-3, 3), lines=["line"])],
    settings=[{"x": 0.5}],
    alt="a line",
)
'''


def write_lab(folder: Path, text: str = DEMO) -> Path:
    path = folder / "labs" / "lab09_demo.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_training_keeps_what_the_checks_and_interactives_need(tmp_path: Path):
    left = [cell.source for cell in without_training(read_source(write_lab(tmp_path))).cells]
    text = "\n".join(left)
    assert "def heat_dt_max" in text
    assert left.count("check(heat_dt_max)") == 1
    assert "explorer = " in text
    assert "network = torch.nn.Linear" in text
    assert "assert 2.9" not in text
    assert "result = fit(" not in text


def test_without_training_gives_each_check_what_is_there_at_its_place(tmp_path: Path):
    pair = """
# %% tags=["exercise"]
from math import tau
def {0}():
    return tau

# %% tags=["check"]
check({0})
"""
    text = "# %%\nfrom coursekit.exercises.laplacian import check\n" + pair.format("one") + pair.format("two")
    left = [cell.source for cell in without_training(read_source(write_lab(tmp_path, text))).cells][2:]
    assert [source.count("import tau") for source in left] == [1, 0, 1, 0]


def test_without_training_refuses_a_cell_that_is_not_python(tmp_path: Path):
    with pytest.raises(ValueError, match="cells that cannot be read"):
        without_training(read_source(write_lab(tmp_path, DEMO + "\n# %%\ndef (\n")))


@pytest.mark.slow
def test_solved_run_of_a_lab_checks_and_moves_without_training(tmp_path: Path):
    # The interactive needs the result of `fit`, so that `fit` is called; it must return at once.
    path = write_lab(tmp_path, DEMO.replace("torch.tensor([[x]]", "torch.tensor([[x + 0 * result.n_steps]]"))
    notebook = read_source(path)
    (exercise,) = [one for one in check.exercises.values() if one.name == "heat_dt_max"]
    part = without_training(solved(notebook, [exercise]))
    part.cells[0].source += "\n_fitting.update = None  # a step would fail\n"
    came = probed_run(part, path.parent)
    assert came.failed == []
    n, points = len(exercise.public_cases()), exercise.points
    assert came.checks == [f"heat_dt_max: all {n} public cases pass ({points} points). Grading draws others."]
    assert {name: moved and restored for name, (moved, restored, _) in came.moves.items()} == {"explorer.x": True}


def test_loose_numbers_is_empty_where_the_next_cell_asserts(tmp_path: Path):
    assert loose_numbers(read_source(write_lab(tmp_path))) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("assert 2.9 < slope < 3.1\n", ""),
        ('# %%\nassert 2.9', '# %% tags=["nbval-ignore-output"]\nassert 2.9'),
        ('# %%\nassert 2.9', '# %%\nprint("and then")\n\n# %%\nassert 2.9'),
    ],
)
def test_loose_numbers_names_the_cell(old: str, new: str, tmp_path: Path):
    assert DEMO.count(old) == 1
    found = loose_numbers(read_source(write_lab(tmp_path, DEMO.replace(old, new))))
    assert found[0] == "cell 5: not compared, and the next code cell asserts no bound"


@pytest.mark.parametrize(
    ("trait", "lecture", "lab"), [("cells", 50, 60), ("words", 2000, 2600), ("code_cells", 20, 30), ("figures", 12, 15)]
)
def test_shortcomings_lets_a_lab_be_longer(trait: str, lecture: int, lab: int):
    assert traits.shortcomings(replace(GOOD, **{trait: lab}), "labs") == []
    assert len(traits.shortcomings(replace(GOOD, **{trait: lab + 1}), "labs")) == 1
    assert traits.shortcomings(replace(GOOD, **{trait: lecture}), "lectures") == []
    assert len(traits.shortcomings(replace(GOOD, **{trait: lecture + 1}), "lectures")) == 1


BURNING = """\
# %%
import time
while time.process_time() < 3.2:
    pass
"""


@pytest.mark.slow
def test_nbval_fails_on_a_lab_that_takes_too_long(tmp_path: Path):
    path = write_lab(tmp_path, BURNING)
    assert build(path) == []
    (tmp_path / "lectures").mkdir()
    alone = NBVAL[: NBVAL.index("-n")]
    fine = pytest_in(tmp_path, *alone, "labs", "-o", "lab_cpu_seconds=lab09_demo 60")
    assert fine.returncode == PASSED, fine.stdout
    slow = pytest_in(tmp_path, *NBVAL, "labs", "-o", "lab_cpu_seconds=lab09_demo 2")
    assert slow.returncode == FAILED, slow.stdout
    assert re.search(r"lab09_demo took [345] CPU seconds, more than 2", slow.stdout)
