"""The switches for speed change how, not what, is computed."""

import time
from collections.abc import Callable

import pytest
import torch
from torch import nn

from coursekit.training import adamw, fast_dtype, pays, placed, seed_all


def trained(make: Callable[[nn.Module], torch.optim.Optimizer]) -> list[torch.Tensor]:
    generator = seed_all(2)
    network = nn.Linear(5, 3)
    optimizer = make(network)
    for _ in range(4):
        network(torch.randn(7, 5, generator=generator)).square().mean().backward()
        optimizer.step()
        optimizer.zero_grad()
    return [weight.detach() for weight in network.parameters()]


def test_adamw_takes_the_steps_of_the_plain_one():
    settings = {"lr": 0.01, "betas": (0.8, 0.95), "weight_decay": 0.1}
    plain = trained(lambda network: torch.optim.AdamW(network.parameters(), **settings, foreach=False))
    fused = trained(lambda network: adamw(network, **settings))
    # Four steps, each with some ten roundings in float32 (6e-8), of weights below 1.
    assert all((a - b).abs().max() < 4 * 10 * 6e-8 for a, b in zip(plain, fused, strict=True))


def test_adamw_first_step_is_the_learning_rate_and_the_decay():
    network = nn.Linear(4, 2)
    before = network.weight.detach().clone()
    optimizer = adamw(network, 0.5, weight_decay=0.2)
    network.weight.grad = torch.where(torch.arange(8).reshape(2, 4) % 2 == 0, 3.0, -7.0)
    optimizer.step()
    # w (1 - lr wd) - lr g/|g|, up to epsilon = 1e-8 against |g| >= 3 and float32's rounding.
    expected = before * 0.9 - 0.5 * torch.sign(torch.tensor([1.0, -1.0, 1.0, -1.0]))
    assert (network.weight - expected).abs().max() < 1e-6


@pytest.mark.parametrize(
    ("settings", "name"),
    [({"lr": 0.0}, "lr"), ({"lr": 1.0, "betas": (0.9, 1.0)}, r"betas\[1\]"), ({"lr": 1.0, "weight_decay": -1.0}, "w")],
)
def test_adamw_names_the_number_it_refuses(settings: dict, name: str):
    with pytest.raises(ValueError, match=f"{name}.* must be"):
        adamw(nn.Linear(1, 1), **settings)


@pytest.mark.parametrize(
    ("capability", "dtype"), [((9, 0), torch.bfloat16), ((8, 0), torch.bfloat16), ((7, 5), torch.float16)]
)
def test_fast_dtype_follows_the_gpu(capability, dtype, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert fast_dtype(torch.device("cuda", 0)) == dtype
    assert fast_dtype(torch.device("cpu")) is None


def test_placed_channels_last_computes_the_same():
    seed_all(3)
    network = nn.Sequential(nn.Conv2d(3, 5, 3), nn.SiLU(), nn.Conv2d(5, 7, 3))
    x = torch.randn(2, 3, 9, 11)
    expected = network(x)
    assert placed(network, torch.device("cpu"), channels_last=True) is network
    got = network(x.to(memory_format=torch.channels_last))
    assert got.is_contiguous(memory_format=torch.channels_last)
    # Sums of 27 and 45 products in another order.
    assert (got - expected).abs().max() < (27 + 45) * 6e-8 * expected.abs().max()
    assert placed(network, torch.device("cpu")) is network


def test_pays_tells_the_faster_way():
    assert pays(lambda: time.sleep(0.001), lambda: time.sleep(0.02), n_steps=3)
    assert not pays(lambda: time.sleep(0.02), lambda: time.sleep(0.001), n_steps=3)
    with pytest.raises(ValueError, match="n_steps must be"):
        pays(lambda: None, lambda: None, n_steps=0)
