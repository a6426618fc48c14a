"""A checkpoint is whole or not there, runs no code, and knows which training it is of."""

import os
import pickle
from pathlib import Path

import pytest
import torch

from coursekit.training import load_checkpoint, save_checkpoint

CONFIG = {"loss.lr": "0.002", "loss.updates": "1"}


def test_checkpoint_comes_back_as_it_was_saved(tmp_path: Path):
    path = tmp_path / "new" / "run.pt"
    state = {"weights": {"a": torch.arange(6.0).reshape(2, 3)}, "step": 7, "random": (1, "x", [2.5])}
    save_checkpoint(path, state, CONFIG)
    for config in (CONFIG, None):
        got = load_checkpoint(path, config)
        assert torch.equal(got.pop("weights")["a"], state["weights"]["a"])
        assert got == {"step": 7, "random": (1, "x", [2.5])}
    assert [file.name for file in path.parent.iterdir()] == ["run.pt"]


def test_load_checkpoint_says_which_setting_differs(tmp_path: Path):
    path = tmp_path / "run.pt"
    save_checkpoint(path, {}, CONFIG)
    with pytest.raises(ValueError, match=r"other settings \(extra: none there, 1 now; loss.lr: 0.002 there, 0.1 now\)"):
        load_checkpoint(path, {**CONFIG, "loss.lr": "0.1", "extra": "1"})


def test_save_checkpoint_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "run.pt"
    save_checkpoint(path, {"step": 1}, CONFIG)

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        save_checkpoint(path, {"step": 2}, CONFIG)
    assert load_checkpoint(path)["step"] == 1
    assert [file.name for file in tmp_path.iterdir()] == ["run.pt"]


def test_load_checkpoint_refuses_a_damaged_file(tmp_path: Path):
    path = tmp_path / "run.pt"
    save_checkpoint(path, {"weights": torch.zeros(1000)}, CONFIG)
    path.write_bytes(path.read_bytes()[:-700])
    with pytest.raises(ValueError, match="is not a checkpoint, or a damaged one"):
        load_checkpoint(path)
    path.write_text("nothing of the kind")
    with pytest.raises(ValueError, match="is not a checkpoint, or a damaged one"):
        load_checkpoint(path)


def test_load_checkpoint_runs_no_code(tmp_path: Path):
    class Evil:
        def __reduce__(self):
            return Path.touch, (tmp_path / "trace",)

    torch.save({"format": 1, "digest": "", "config": {}, "state": Evil()}, tmp_path / "evil.pt")
    (tmp_path / "evil.pickle").write_bytes(pickle.dumps(Evil(), protocol=2))
    for name in ("evil.pt", "evil.pickle"):
        with pytest.raises(ValueError, match="is not a checkpoint"):
            load_checkpoint(tmp_path / name)
    assert not (tmp_path / "trace").exists()


def test_load_checkpoint_says_which_format_it_reads(tmp_path: Path):
    torch.save({"format": 99, "digest": "", "config": {}, "state": {}}, tmp_path / "run.pt")
    with pytest.raises(ValueError, match="has format 99, this version reads format 1"):
        load_checkpoint(tmp_path / "run.pt")


def test_load_checkpoint_without_a_file_says_so(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"run\.pt"):
        load_checkpoint(tmp_path / "run.pt")
