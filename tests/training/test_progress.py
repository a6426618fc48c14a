"""Where progress is shown, what it says, and that it leaves compared outputs alone."""

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import IPython
import IPython.display
import nbformat
import pytest

from coursekit.notebooks import execute
from coursekit.training.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(bar: Progress, steps: range) -> list[int]:
    """Drive a bar as `fit` does, and return after which steps it was due."""
    found = []
    for done in steps:
        if bar.due(done):
            bar.show(done, {"loss": 1 / done})
            found.append(done)
    return found


def test_progress_in_a_log_is_a_line_for_each_tenth(capsys: pytest.CaptureFixture[str]):
    times = iter(range(100))
    bar = Progress("digits", 25, clock=lambda: next(times))
    assert shown(bar, range(1, 26)) == [3, 5, 8, 10, 13, 15, 18, 20, 23, 25]
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[0] == "digits: 3 of 25 steps, loss 0.3333, 1 s, 7 s to go"
    assert lines[-1] == "digits: 25 of 25 steps, loss 0.04, 10 s"


def test_progress_after_a_checkpoint_reckons_with_its_own_steps(capsys: pytest.CaptureFixture[str]):
    times = iter(range(100))
    bar = Progress("", 40, done=20, clock=lambda: next(times))
    assert shown(bar, range(21, 25)) == [24]
    assert capsys.readouterr().err == "24 of 40 steps, loss 0.04167, 1 s, 4 s to go\n"


def test_progress_in_a_terminal_is_one_line_redrawn(monkeypatch: pytest.MonkeyPatch):
    stderr = Terminal()
    monkeypatch.setattr(sys, "stderr", stderr)
    now = [0.0]
    bar = Progress("", 4, clock=lambda: now[0])
    for done, moment in [(1, 0.1), (2, 0.3), (3, 0.5), (4, 0.5)]:
        now[0] = moment
        shown(bar, range(done, done + 1))
    first, second = stderr.getvalue().split("\r\x1b[K")[1:]
    assert first.startswith("█" * 15 + "░" * 15 + " 2 of 4 steps, loss 0.5, 0 s, 0 s to go")
    assert second.rstrip() == "█" * 30 + " 4 of 4 steps, loss 0.25, 0 s"


def test_progress_in_a_terminal_leaves_its_line_when_stopped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stderr", stderr := Terminal())
    times = iter(range(100))
    bar = Progress("", 9, clock=lambda: next(times))
    shown(bar, range(1, 4))
    bar.close()
    assert stderr.getvalue().endswith("to go\n")


def kernel(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Pretend to be in a notebook's kernel; return what it displays."""
    seen: list[str] = []

    def display(bar, display_id: bool):
        seen.append(bar.data)
        return SimpleNamespace(update=lambda bar: seen.append(bar.data))

    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setattr(IPython.display, "display", display)
    return seen


def test_progress_in_a_notebook_is_one_display_updated(monkeypatch: pytest.MonkeyPatch):
    seen = kernel(monkeypatch)
    monkeypatch.setenv("COURSEKIT_BUDGET", "laptop")
    times = iter(range(100))
    shown(Progress("<b>", 3, clock=lambda: next(times)), range(1, 4))
    assert seen[0].startswith('<progress value="1" max="3"></progress> &lt;b&gt;: 1 of 3 steps, loss 1,')
    assert len(seen) == 3


def test_progress_shows_nothing_where_outputs_are_compared_or_if_not_wanted(monkeypatch: pytest.MonkeyPatch, capsys):
    seen = kernel(monkeypatch)
    monkeypatch.setenv("COURSEKIT_BUDGET", "ci")
    assert shown(Progress("", 3), range(1, 4)) == []
    monkeypatch.setenv("COURSEKIT_BUDGET", "laptop")
    assert shown(Progress("", 3, shown=False), range(1, 4)) == []
    assert seen == []
    assert capsys.readouterr().err == ""


CELL = """
import torch
from coursekit.training import Player, fit, seed_all
generator = seed_all(0)
network = torch.nn.Linear(3, 1)
def loss(network, generator):
    return network(torch.randn(5, 3, generator=generator)).square().mean()
result = fit(Player(network, loss, torch.optim.SGD(network.parameters(), 0.1)), 200, generator=generator)
result.n_steps
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("budget", "kinds"), [("ci", ["execute_result"]), ("laptop", ["display_data", "execute_result"])]
)
def test_fit_in_an_executed_notebook(budget: str, kinds: list[str], tmp_path: Path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    (cell,) = execute(notebook, cwd=tmp_path, env={"COURSEKIT_BUDGET": budget, "OMP_NUM_THREADS": "1"}).cells
    assert [output.output_type for output in cell.outputs] == kinds
    assert cell.outputs[-1].data["text/plain"] == "200"
    if budget == "laptop":
        assert 'value="200" max="200"' in cell.outputs[0].data["text/html"]  # the last state, not the first
