"""Budgets change sizes only, and say which they are."""

from dataclasses import dataclass

import pytest
import torch

from coursekit.training import budget, chosen, device


@dataclass(frozen=True)
class Sizes:
    steps: int
    width: int
    expect: str = ""


ROWS = {"ci": Sizes(20, 16, "about a minute"), "laptop": Sizes(300, 16), "gpu": Sizes(7000, 64)}


@pytest.mark.parametrize("name", ["ci", "laptop", "gpu"])
def test_budget_and_chosen_follow_the_environment(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COURSEKIT_BUDGET", name)
    assert budget() == name
    assert chosen(**ROWS) is ROWS[name]


@pytest.mark.parametrize(("there", "name"), [(True, "gpu"), (False, "laptop")])
def test_budget_without_a_wish_follows_the_machine(there: bool, name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COURSEKIT_BUDGET", "")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert budget() == name


def test_budget_names_the_value_it_refuses(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COURSEKIT_BUDGET", "huge")
    with pytest.raises(ValueError, match="COURSEKIT_BUDGET must be one of 'ci', 'laptop', 'gpu', got 'huge'"):
        budget()


def test_chosen_prints_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for name in ROWS:
        monkeypatch.setenv("COURSEKIT_BUDGET", name)
        chosen(**ROWS)
    assert capsys.readouterr().out == (
        "Budget ci: steps 20, width 16; about a minute\n"
        "Budget laptop: steps 300, width 16\n"
        "Budget gpu: steps 7000, width 64; there is no CUDA device here: this will take very long\n"
    )


def test_chosen_wants_rows_of_one_dataclass():
    with pytest.raises(TypeError, match="rows of one dataclass, got Sizes, dict"):
        chosen(ci=Sizes(1, 2), laptop={"steps": 3}, gpu=Sizes(3, 4))


@pytest.mark.parametrize(
    ("name", "there", "expected"),
    [("ci", True, "cpu"), ("laptop", False, "cpu"), ("laptop", True, "cuda:3"), ("gpu", True, "cuda:3")],
)
def test_device_is_the_cpu_wherever_outputs_are_compared(name, there, expected, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COURSEKIT_BUDGET", name)
    monkeypatch.setenv("LOCAL_RANK", "3")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert device() == torch.device(expected)
