"""Two processes against one with both batches, on this machine's loopback."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from coursekit.training import parallel, seed_all
from tests.course.syllabus import ROOT
from tests.training.process import trained

SECONDS = 180  # for two processes to import torch and take 24 small steps, on a machine that is busy otherwise


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def two_processes(folder: Path) -> list[list[torch.Tensor]]:
    """Start two processes with the environment that torchrun gives them; return what each has written."""
    port, started = str(free_port()), []
    for rank in "01":
        env = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo", "PYTHONPATH": str(ROOT)}
        env |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        env |= {"WORLD_SIZE": "2", "RANK": rank, "LOCAL_RANK": rank}
        command = [sys.executable, "-W", "error", "-m", "tests.training.process", str(folder)]
        started.append(subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
    try:
        said = [process.communicate(timeout=SECONDS)[0] for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert [process.returncode for process in started] == [0, 0], "\n".join(said)
    return [torch.load(folder / f"{rank}.pt") for rank in "01"]


@pytest.mark.slow
def test_two_processes_equal_one_with_the_doubled_batch_and_go_on_to_the_bit(tmp_path: Path):
    alone = trained(12, alone=True)
    (whole, halves), (other, other_halves) = two_processes(tmp_path)
    assert torch.equal(whole, other), "every process holds the same weights, buffers, average and history"
    assert torch.equal(whole, halves)
    assert torch.equal(other, other_halves)
    # float64; sums of 14 numbers in another order, 24 and 12 updates of AdamW, whose first steps are g/|g|: far below.
    assert (alone - whole).abs().max() < 1e-6


def test_wrapped_refuses_statistics_of_a_batch(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parallel, "world_size", lambda: 2)
    network = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    with pytest.raises(ValueError, match="BatchNorm sees the batch of one process only"):
        parallel.wrapped(network)


def test_require_own_draws_refuses_equal_generators(monkeypatch: pytest.MonkeyPatch):
    other = torch.Generator().manual_seed(1).get_state()
    monkeypatch.setattr(parallel, "gathered", lambda value: [value, other])
    parallel.require_own_draws(torch.Generator().manual_seed(0))
    with pytest.raises(ValueError, match="two processes would draw the same batches; make it with seed_all"):
        parallel.require_own_draws(torch.Generator().manual_seed(1))


def test_parallel_does_nothing_for_one_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    parallel.join()
    network, value = nn.BatchNorm1d(3), torch.ones(2)
    assert (parallel.world_size(), parallel.rank(), parallel.is_first()) == (1, 0, True)
    assert parallel.wrapped(network) is network
    assert parallel.average(value) is value
    assert parallel.gathered("a") == ["a"]
    parallel.require_own_draws(seed_all(0))
