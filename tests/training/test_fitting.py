"""The loop against one written out, to the bit; what it does when something goes wrong."""

import itertools
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from coursekit.training import EMA, Player, adamw, fit, seed_all, warmup_cosine
from coursekit.training.fitting import look
from coursekit.training.players import Training
from coursekit.training.progress import Progress


def line_loss(network: nn.Module, generator: torch.Generator) -> torch.Tensor:
    x = torch.randn(7, 3, generator=generator)
    return ((network(x) - x.sum(1, keepdim=True)) ** 2).mean()


def line(seed: int = 0, **settings) -> tuple[Player, torch.Generator]:
    generator = seed_all(seed)
    network = nn.Linear(3, 1)
    return Player(network, line_loss, torch.optim.SGD(network.parameters(), lr=0.1), **settings), generator


def test_fit_is_gradient_descent_written_out():
    player, generator = line(schedule=lambda step: 1 / (step + 1))
    start = [weight.detach().clone() for weight in player.network.parameters()]
    result = fit(player, 6, generator=generator)

    other, draws = line()
    weights = list(other.network.parameters())
    assert all(torch.equal(a, b) for a, b in zip(start, weights, strict=True))
    losses = []
    for step in range(6):
        loss = line_loss(other.network, draws)
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.add_(gradient, alpha=-(0.1 * (1 / (step + 1))))
        losses.append(loss.item())
    assert result.history["loss"].tolist() == losses
    assert (result.n_steps, result.interrupted, list(result.history)) == (6, False, ["loss"])
    assert all(torch.equal(a, b) for a, b in zip(player.network.parameters(), weights, strict=True))
    assert all(weight.grad is None for weight in player.network.parameters())
    assert not player.network.training


def test_fit_averages_after_each_update():
    player, generator = line(updates=3)
    player.average = EMA(player.network, 0.9)
    fit(player, 4, generator=generator)
    assert player.average.n_updates == 12


def two_players() -> tuple[dict[str, Player], list[str]]:
    """Two networks that see each other, and the order in which their losses are asked for."""
    order: list[str] = []
    one, two = nn.Linear(2, 2), nn.Linear(2, 1)

    def loss(name: str):
        def of(network: nn.Module, generator: torch.Generator) -> torch.Tensor:
            order.append(name)
            assert all(weight.requires_grad for weight in network.parameters())
            other = two if network is one else one
            assert not any(weight.requires_grad for weight in other.parameters())
            return two(one(torch.randn(5, 2, generator=generator))).mean() ** 2

        return of

    players = {
        "one": Player(one, loss("one"), torch.optim.SGD(one.parameters(), lr=0.1), updates=2),
        "two": Player(two, loss("two"), torch.optim.SGD(two.parameters(), lr=0.0)),
    }
    return players, order


def test_fit_lets_players_move_in_turn_and_leaves_the_others_alone():
    generator = seed_all(1)
    players, order = two_players()
    before = [weight.detach().clone() for weight in players["two"].network.parameters()]
    result = fit(players, 3, generator=generator)
    assert order == ["one", "one", "two"] * 3
    assert {name: len(losses) for name, losses in result.history.items()} == {"one": 3, "two": 3}
    assert all(torch.equal(a, b) for a, b in zip(before, players["two"].network.parameters(), strict=True))
    assert all(weight.requires_grad for player in players.values() for weight in player.network.parameters())


def test_fit_leaves_frozen_weights_frozen():
    generator = seed_all(1)
    players, _ = two_players()
    players["two"].network.bias.requires_grad_(False)
    players["two"].loss = lambda network, generator: network(torch.ones(1, 2)).sum()
    fit(players, 1, generator=generator)
    assert [weight.requires_grad for weight in players["two"].network.parameters()] == [True, False]


def test_fit_records_the_mean_over_the_updates_of_a_step():
    values = itertools.cycle([1.0, 2.0, 6.0])
    player, generator = line(updates=3)
    player.loss = lambda network, generator: network.bias.sum() * 0 + next(values)
    assert fit(player, 2, generator=generator).history["loss"].tolist() == [3.0, 3.0]


# Resuming: 20 + 20 steps are 40, to the bit, with dropout (global random numbers), averages and schedules.


def game() -> tuple[dict[str, Player], torch.Generator]:
    generator = seed_all(5)
    maker, judge = nn.Sequential(nn.Linear(3, 5), nn.Dropout(0.2), nn.Linear(5, 2)), nn.Linear(2, 1)

    def make(network: nn.Module, generator: torch.Generator) -> torch.Tensor:
        return nn.functional.softplus(-judge(network(torch.randn(7, 3, generator=generator)))).mean()

    def tell(network: nn.Module, generator: torch.Generator) -> torch.Tensor:
        real = torch.randn(7, 2, generator=generator) + 1
        made = maker(torch.randn(7, 3, generator=generator))
        return (nn.functional.softplus(-network(real)) + nn.functional.softplus(network(made))).mean()

    schedule = warmup_cosine(40, 5)
    players = {
        "judge": Player(judge, tell, adamw(judge, 1e-2, betas=(0.5, 0.99)), schedule=schedule, updates=2),
        "maker": Player(maker, make, adamw(maker, 1e-2), schedule=schedule, average=EMA(maker, 0.9)),
    }
    return players, generator


def everything(players: dict[str, Player]) -> list[torch.Tensor]:
    weights = [weight for player in players.values() for weight in player.network.state_dict().values()]
    average = players["maker"].average
    assert average is not None
    moments = [value for player in players.values() for s in player.optimizer.state.values() for value in s.values()]
    return [*weights, *average.weights, *moments]


def test_fit_goes_on_from_a_checkpoint_to_the_bit(tmp_path: Path):
    path = tmp_path / "run.pt"
    whole, generator = game()
    expected = fit(whole, 40, generator=generator)

    first, generator = game()
    assert fit(first, 20, generator=generator, checkpoint=path, every=10).n_steps == 20
    second, generator = game()
    torch.rand(3)  # whatever happened before
    torch.rand(3, generator=generator)
    result = fit(second, 40, generator=generator, checkpoint=path)
    assert result.n_steps == 40
    for name in expected.history:
        assert result.history[name].tolist() == expected.history[name].tolist()
    pairs = list(zip(everything(second), everything(whole), strict=True))
    assert len(pairs) > 20
    assert all(torch.equal(a, b) for a, b in pairs)
    again, generator = game()
    assert fit(again, 40, generator=generator, checkpoint=path).history["maker"].tolist() == (
        expected.history["maker"].tolist()
    )  # nothing left to do


def test_fit_writes_checkpoints_on_the_way(tmp_path: Path):
    path = tmp_path / "run.pt"
    player, generator = line()
    calls = itertools.count()
    player.loss = lambda network, generator: network.bias.sum() / (next(calls) < 7)
    with pytest.raises(FloatingPointError, match="step 8 of 9"):
        fit(player, 9, generator=generator, checkpoint=path, every=3)
    assert torch.load(path, weights_only=True)["state"]["done"] == 6
    player, generator = line()
    assert fit(player, 9, generator=generator, checkpoint=path).n_steps == 9
    assert torch.load(path, weights_only=True)["state"]["done"] == 9


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lr": 0.2}, "loss.lr: 0.1 there, 0.2 now"),
        ({"width": 4}, r"loss.network: 4 weights \(\w+\) there, 5 weights \(\w+\) now"),
        ({"schedule": warmup_cosine(8, 2)}, r"loss.schedule: None there, WarmupCosine\(steps=8, warmup=2\) now"),
        ({"batch": 8}, "config.batch: 7 there, 8 now"),
        ({"average": 0.5}, "loss.average: none there, 0.5 now"),
    ],
)
def test_fit_refuses_the_checkpoint_of_another_training(change: dict, said: str, tmp_path: Path):
    def run(lr=0.1, width=3, schedule=None, batch=7, average=None):
        generator = seed_all(0)
        network = nn.Linear(width, 1)
        player = Player(network, lambda n, g: n.bias.sum(), torch.optim.SGD(network.parameters(), lr=lr))
        player.schedule, player.average = schedule, average and EMA(network, average)
        fit(player, 2, generator=generator, checkpoint=tmp_path / "run.pt", config={"batch": batch})

    run()
    run()  # the same settings are accepted
    with pytest.raises(ValueError, match=f"other settings .*{said}"):
        run(**change)


# What goes wrong.


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_fit_stops_at_the_step_whose_loss_is_not_finite(value: float):
    values = iter([1.0] * 5 + [value])
    player, generator = line()
    player.loss = lambda network, generator: network.bias.sum() * 0 + next(values)
    before = [weight.detach().clone() for weight in player.network.parameters()]
    with pytest.raises(FloatingPointError, match=f"loss of 'judge' is {value} at step 6 of 60"):
        fit({"judge": player}, 60, generator=generator)
    assert all(torch.equal(a, b) for a, b in zip(before, player.network.parameters(), strict=True))
    assert not player.network.training


def test_look_finds_the_step_among_those_that_a_gpu_has_run_ahead():
    player, generator = line()
    training = Training({"judge": player}, 120, generator, {})
    training.losses["judge"][57] = float("nan")
    training.done = 50
    look(training, Progress("", 120, shown=False))  # fine so far
    training.done = 100
    with pytest.raises(FloatingPointError, match="loss of 'judge' is nan at step 58 of 120"):
        look(training, Progress("", 120, shown=False))


def test_fit_says_which_number_to_lower_when_memory_runs_out():
    player, generator = line()
    player.loss = lambda network, generator: torch.empty(1 << 50).sum()
    with pytest.raises(MemoryError, match="update of 'loss', step 1 of 2: lower the batch first") as caught:
        fit(player, 2, generator=generator)
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_fit_passes_other_errors_on():
    player, generator = line()
    player.loss = lambda network, generator: network(torch.zeros(2, 5))
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        fit(player, 1, generator=generator)


def interrupted_at(step: int, how) -> tuple[Player, torch.Generator]:
    player, generator = line()
    calls = itertools.count(1)

    def loss(network: nn.Module, generator: torch.Generator) -> torch.Tensor:
        if next(calls) == step:
            how()
        return line_loss(network, generator)

    player.loss = loss
    return player, generator


def stop_button() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_fit_finishes_the_step_when_interrupted_and_goes_on_later(tmp_path: Path):
    before = signal.getsignal(signal.SIGINT)
    player, generator = interrupted_at(4, stop_button)
    result = fit(player, 9, generator=generator, checkpoint=tmp_path / "run.pt")
    assert (result.interrupted, result.n_steps, result.history["loss"].shape) == (True, 4, (4,))
    assert not player.network.training
    assert signal.getsignal(signal.SIGINT) is before
    resumed, generator = interrupted_at(0, stop_button)
    whole, draws = line()
    rest = fit(resumed, 9, generator=generator, checkpoint=tmp_path / "run.pt")
    assert rest.history["loss"].tolist() == fit(whole, 9, generator=draws).history["loss"].tolist()
    assert not rest.interrupted


def stop_button_twice() -> None:
    stop_button()
    stop_button()


def test_fit_stops_at_once_at_the_second_interrupt():
    player, generator = interrupted_at(4, stop_button_twice)
    result = fit(player, 9, generator=generator)
    assert (result.interrupted, result.n_steps) == (True, 3)
    assert np.isfinite([weight.detach().numpy().sum() for weight in player.network.parameters()]).all()


def test_fit_off_the_main_thread_can_be_interrupted_from_within():
    def stop() -> None:
        raise KeyboardInterrupt

    player, generator = interrupted_at(3, stop)
    results = []
    thread = threading.Thread(target=lambda: results.append(fit(player, 9, generator=generator)))
    thread.start()
    thread.join()
    assert (results[0].interrupted, results[0].n_steps) == (True, 2)


def test_fit_is_not_interrupted_if_the_last_step_was_done():
    player, generator = interrupted_at(5, stop_button)
    assert not fit(player, 5, generator=generator).interrupted


@pytest.mark.parametrize(
    ("loss", "error", "said"),
    [
        (lambda n, g: 3.0, TypeError, "loss of 'loss' must return a tensor, got float"),
        (lambda n, g: n(torch.zeros(2, 3)), ValueError, r"a scalar with a gradient, got shape \(2, 1\)"),
        (lambda n, g: torch.tensor(1.0), ValueError, "got one that depends on none of its weights"),
    ],
)
def test_fit_refuses_what_is_no_loss(loss, error, said: str):
    player, generator = line()
    player.loss = loss
    with pytest.raises(error, match=said):
        fit(player, 1, generator=generator)


def test_fit_refuses_numbers_below_one_and_no_players():
    player, generator = line()
    for arguments, name in [((player, 0), "steps"), (({}, 1), "players")]:
        with pytest.raises(ValueError, match=f"{name} must"):
            fit(*arguments, generator=generator)
    with pytest.raises(ValueError, match="every must"):
        fit(player, 1, generator=generator, every=0)
    player.updates = 0
    with pytest.raises(ValueError, match="updates of 'loss' must"):
        fit(player, 1, generator=generator)


# The switches.


def test_fit_computes_the_loss_in_the_precision_asked_for():
    player, generator = line(autocast=torch.bfloat16)
    seen = []

    def loss(network: nn.Module, generator: torch.Generator) -> torch.Tensor:
        out = network(torch.ones(1, 3))
        seen.append(out.dtype)
        return out.float().sum()

    player.loss = loss
    fit(player, 1, generator=generator)
    assert seen == [torch.bfloat16]
    assert all(weight.dtype == torch.float32 for weight in player.network.parameters())


def test_fit_scales_the_loss_in_half_precision_so_that_small_gradients_survive():
    # A gradient of 2^-30 is zero in float16 (the smallest number is 2^-24), unless it is scaled on its way.
    player, generator = line(autocast=torch.float16)
    nn.init.zeros_(player.network.weight)
    player.loss = lambda network, generator: network(torch.ones(1, 3)).float().sum() * 2.0**-30
    fit(player, 1, generator=generator)
    # Powers of two, but for the learning rate 0.1 in float32.
    assert player.network.weight.tolist() == [[pytest.approx(-0.1 * 2.0**-30, rel=1e-7)] * 3]


def test_fit_compiles_where_asked(monkeypatch: pytest.MonkeyPatch):
    given = []

    def compile_(network: nn.Module) -> nn.Module:
        given.append(network)
        return network

    monkeypatch.setattr(torch, "compile", compile_)
    for compiled in (False, True):
        player, generator = line(compiled=compiled)
        fit(player, 1, generator=generator)
        assert given == [player.network] * compiled
