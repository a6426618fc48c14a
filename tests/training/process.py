"""What each of two processes runs in test_parallel: `python -m tests.training.process FOLDER`."""

import sys
from pathlib import Path

import torch
from torch import nn

from coursekit.training import EMA, Player, adamw, fit, parallel, seed_all, warmup_cosine

BATCH = 7


def generators(alone: bool) -> list[torch.Generator]:
    """Return this process's generator, or those that two processes would have."""
    own = seed_all(3, n_threads=1)
    return [own, torch.Generator().manual_seed(own.initial_seed() + 1_000_003)] if alone else [own]


def players(draws: list[torch.Generator]) -> dict[str, Player]:
    """Return a maker and a judge; the judge sees its network twice in a loss, and has a gradient penalty."""

    def batch(size: int) -> torch.Tensor:
        return torch.cat([torch.randn(BATCH, size, generator=one, dtype=torch.float64) for one in draws])

    maker = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).double()
    normed = nn.utils.parametrizations.spectral_norm(nn.Linear(2, 5))
    judge = nn.Sequential(normed, nn.Tanh(), nn.Linear(5, 1)).double()

    def make(network: nn.Module, generator: torch.Generator) -> torch.Tensor:
        return nn.functional.softplus(-judge(network(batch(3)))).mean()

    def tell(network: nn.Module, generator: torch.Generator) -> torch.Tensor:
        real = batch(2).requires_grad_()
        on_real, on_made = network(real), network(maker(batch(3)).detach())
        (slope,) = torch.autograd.grad(on_real.sum(), real, create_graph=True)
        penalty = slope.square().sum(1).mean()
        return (nn.functional.softplus(-on_real) + nn.functional.softplus(on_made)).mean() + penalty

    schedule = warmup_cosine(12, 3)
    return {
        "judge": Player(judge, tell, adamw(judge, 1e-2), schedule=schedule, updates=2),
        "maker": Player(maker, make, adamw(maker, 1e-2), schedule=schedule, average=EMA(maker, 0.9)),
    }


def trained(steps: int, *, alone: bool = False, checkpoint: Path | None = None) -> torch.Tensor:
    """Train, and return all numbers behind each other; alone, draw the batches that two processes would."""
    draws = generators(alone)
    both = players(draws)
    result = fit(both, steps, generator=draws[0], checkpoint=checkpoint, every=3, progress=False)
    average = both["maker"].average
    assert average is not None
    tensors = [value for player in both.values() for value in player.network.state_dict().values()]
    tensors += [*average.weights, *map(torch.from_numpy, result.history.values())]
    return torch.cat([tensor.detach().reshape(-1) for tensor in tensors])


def main(folder: Path) -> None:
    """Train in one go, and with a stop in the middle."""
    whole = trained(12, checkpoint=folder / "whole.pt")
    trained(6, checkpoint=folder / "half.pt")
    halves = trained(12, checkpoint=folder / "half.pt")
    torch.save([whole, halves], folder / f"{parallel.rank()}.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
