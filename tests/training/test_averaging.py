"""The average against its closed form, and the exchange that must lose nothing."""

import math

import pytest
import torch
from torch import nn

from coursekit.training import EMA, seed_all


def one_weight(value: float) -> nn.Linear:
    network = nn.Linear(1, 1, bias=False, dtype=torch.float64)
    set_weight(network, value)
    return network


def set_weight(network: nn.Linear, value: float) -> None:
    with torch.no_grad():
        network.weight.fill_(value)


def test_update_is_the_weighted_sum_written_out():
    decay, values = 0.6, [3.0, -1.0, 4.0, 1.0, -5.0, 9.0, 2.0, 6.0, 5.0, 3.0, 5.0, 8.0, 9.0, 7.0, 9.0]
    network = one_weight(100.0)
    average = EMA(network, decay)
    for value in values:
        set_weight(network, value)
        average.update()
    # Value i counts (1 - d_i) times the decays of all later updates, the first weights the product of all.
    decays = [min(decay, n / (n + 9)) for n in range(1, len(values) + 1)]
    assert decays[-1] == decay > decays[10]  # both branches
    shares = [(1 - d) * math.prod(decays[i + 1 :]) for i, d in enumerate(decays)]
    expected = sum(share * value for share, value in zip(shares, values, strict=True)) + 100 * math.prod(decays)
    with average.swap():
        got = network.weight.item()
    assert got == pytest.approx(expected, rel=len(values) * 4e-16)  # two roundings an update


def test_update_keeps_a_constant_network():
    network = one_weight(0.75)
    average = EMA(network, 0.999)
    for _ in range(5):
        average.update()
    assert average.weights[0].item() == 0.75  # lerp between equal numbers is exact


def test_swap_exchanges_and_restores_also_after_an_error():
    network = one_weight(2.0)
    average = EMA(network, 0.5)
    set_weight(network, 6.0)

    def inside() -> None:
        with average.swap() as swapped:
            assert swapped is network
            assert network.weight.item() == 2.0
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        inside()
    assert (network.weight.item(), average.weights[0].item()) == (6.0, 2.0)


def test_swap_and_update_refuse_to_be_used_inside_swap():
    average = EMA(one_weight(1.0), 0.5)
    with average.swap():
        with pytest.raises(RuntimeError, match=r"update\(\) inside swap"):
            average.update()
        with pytest.raises(RuntimeError, match=r"swap\(\) inside swap"), average.swap():
            pass


def test_ema_copies_buffers_and_leaves_the_weights_on_the_graph():
    seed_all(0)
    network = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 5))
    average = EMA(network, 0.9)
    network(torch.randn(2, 3)).sum().backward()  # moves the vectors of the power iteration
    average.update()
    for mine, theirs in zip(average.buffers, network.buffers(), strict=True):
        assert torch.equal(mine, theirs)
    assert all(weight.requires_grad for weight in network.parameters())


def test_ema_state_is_put_back():
    one, other = EMA(one_weight(1.0), 0.9), EMA(one_weight(5.0), 0.9)
    one.update()
    other.load_state_dict(one.state_dict())
    assert (other.n_updates, other.weights[0].item()) == (1, 1.0)
    with pytest.raises(ValueError, match="other shapes"):
        other.load_state_dict(EMA(nn.Linear(2, 3), 0.9).state_dict())


@pytest.mark.parametrize(("decay", "error"), [(1.0, ValueError), (-0.1, ValueError), ("0.9", TypeError)])
def test_ema_refuses_a_decay_that_is_none(decay, error):
    with pytest.raises(error, match="decay must be"):
        EMA(nn.Linear(1, 1), decay)


def test_ema_wants_a_network():
    with pytest.raises(TypeError, match="network must be a torch Module"):
        EMA([1.0], 0.9)
