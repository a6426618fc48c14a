"""Frozen features of handwritten digits: a small network, trained once and shipped, in which samples are compared.

`python -m coursekit.sample_quality --out FILE` trains it again; what is shipped was made so.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from coursekit import data
from coursekit.training import Player, adamw, fit, seed_all, warmup_cosine
from coursekit.validation import finite_array

__all__ = ["DescribeResult", "DigitsNetwork", "describe", "load_network", "train_network"]

N_FEATURES = 32
WEIGHTS = "digits_features.pt"
# The unit of every distance: the features of the training digits have this total variance.
TOTAL_VARIANCE = 20.0


@dataclass(frozen=True)
class DescribeResult:
    """Features (n, 32) and the digit that each picture is taken for, (n,)."""

    features: np.ndarray
    labels: np.ndarray


class DigitsNetwork(nn.Module):
    """Three convolutions and two linear layers, 88 874 weights: (n, 1, 8, 8) in [0, 1] to ten logits (n, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 64, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),  # (n, 64, 4, 4)
            nn.Conv2d(64, 64, 3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(64 * 4 * 4, N_FEATURES),
        )
        self.head = nn.Linear(N_FEATURES, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        logits: torch.Tensor = self.head(self.body(x).relu())
        return logits


def describe(images: np.ndarray | torch.Tensor) -> DescribeResult:
    """Return what the frozen network sees in pictures of digits.

    Labs `gan` and `diffusion`.

    Parameters
    ----------
    images : (n, H, H) or (n, 1, H, H) array or tensor
        in [0, 1], strokes bright, H a multiple of 8; values outside are clipped, as a screen would

    Returns
    -------
    DescribeResult           features (n, 32), labels (n,)

    Raises
    ------
    TypeError                not real numbers
    ValueError               another shape, NaN

    Notes
    -----
    Larger pictures are averaged over blocks to 8 x 8. The network has seen the training half of the digits only.

    Examples
    --------
    >>> train, labels, _, _ = data.digits()
    >>> result = describe(train[:5])
    >>> result.features.shape, (result.labels == labels[:5]).all()
    ((5, 32), np.True_)
    """
    if isinstance(images, torch.Tensor):
        images = images.detach().cpu().float().numpy()
    array = finite_array("images", images, ndim=(3, 4)).astype(np.float32)
    if array.ndim == 3:
        array = array[:, None]
    if array.shape[1] != 1 or array.shape[2] != array.shape[3] or array.shape[2] % 8:
        raise ValueError(f"images must be (n, H, H) or (n, 1, H, H) with H a multiple of 8, got {np.shape(images)}")
    network = load_network()
    with torch.no_grad():
        features = network.body(F.adaptive_avg_pool2d(torch.from_numpy(array).clamp(0, 1), 8))
        labels = network.head(features.relu()).argmax(dim=1)
    return DescribeResult(features.double().numpy(), labels.numpy())


@cache
def load_network() -> DigitsNetwork:
    """Return the frozen network with the weights that ship with the course, stored in half precision."""
    network = DigitsNetwork()
    with as_file(files(__package__) / WEIGHTS) as path:
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.eval().requires_grad_(False)


def train_network(seed: int = 0, steps: int = 300) -> tuple[DigitsNetwork, float]:
    """Train the network on one half of the digits; return it and the share of the other half that it gets right.

    Parameters
    ----------
    seed : int               of the weights and the batches
    steps : int              batches of 64

    Returns
    -------
    DigitsNetwork            scaled so that the features have total variance 20
    float                    accuracy on the held-out half

    Raises
    ------
    ValueError               a negative seed, no steps
    """
    train, train_labels, held_out, held_out_labels = data.digits()
    x, y = torch.tensor(train[:, None], dtype=torch.float32), torch.tensor(train_labels)
    generator = seed_all(seed)
    network = DigitsNetwork()

    def loss(network: nn.Module, generator: torch.Generator) -> torch.Tensor:
        batch = torch.randint(len(x), (64,), generator=generator)
        return F.cross_entropy(network(x[batch]), y[batch], label_smoothing=0.1)

    optimizer = adamw(network, 3e-3, weight_decay=0.01)
    fit(Player(network, loss, optimizer, schedule=warmup_cosine(steps, 50)), steps, generator=generator, label="digits")
    with torch.no_grad():
        # The factor goes from the features into the head: ReLU passes it on, so the logits stay.
        factor = (TOTAL_VARIANCE / network.body(x).var(dim=0).sum()).sqrt()
        for weight in network.body[-1].parameters():
            weight.mul_(factor)
        network.head.weight.div_(factor)
        guesses = network(torch.tensor(held_out[:, None], dtype=torch.float32)).argmax(dim=1)
    return network, float((guesses.numpy() == held_out_labels).mean())
