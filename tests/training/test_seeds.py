"""One seed and one number of threads give the same bits; the state can be kept."""

import random

import numpy as np
import pytest
import torch

from coursekit.training import seed_all
from coursekit.training.seeds import random_state, restore_random_state


def draws(generator: torch.Generator) -> list[float]:
    """Draw from every source, among them normals, of which numpy keeps every second one."""
    own = torch.randn(2, generator=generator).tolist()
    return [*own, *torch.rand(1).tolist(), random.random(), np.random.normal()]  # noqa: NPY002


def test_seed_all_repeats_every_source():
    first = draws(seed_all(11))
    assert draws(seed_all(11)) == first
    other = draws(seed_all(12))
    assert all(a != b for a, b in zip(first, other, strict=True))


def test_seed_all_sets_the_threads():
    before = torch.get_num_threads()
    seed_all(0, n_threads=1)
    assert torch.get_num_threads() == 1
    seed_all(0, n_threads=before)
    assert torch.get_num_threads() == before


def test_seed_all_gives_each_process_its_own_generator_and_equal_networks(monkeypatch: pytest.MonkeyPatch):
    own, shared = [], []
    for rank in ("0", "1", "2"):
        monkeypatch.setenv("RANK", rank)
        own.append(torch.rand(1, generator=seed_all(7)).item())
        shared.append(torch.rand(1).item())
    assert len(set(own)) == 3
    assert len(set(shared)) == 1
    monkeypatch.delenv("RANK")
    assert torch.rand(1, generator=seed_all(7)).item() == own[0]


@pytest.mark.parametrize(("seed", "threads"), [(-1, 2), (2**31, 2), (0, 0)])
def test_seed_all_refuses_numbers_out_of_range(seed: int, threads: int):
    with pytest.raises(ValueError, match=r"must be at (least|most)"):
        seed_all(seed, threads)


def test_random_state_is_put_back():
    generator = seed_all(3)
    draws(generator)
    state = random_state(generator)
    expected = draws(generator)
    assert draws(generator) != expected
    restore_random_state(state, generator)
    assert draws(generator) == expected
