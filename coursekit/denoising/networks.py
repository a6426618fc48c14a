"""Small networks that look at a noisy image: a residual U-Net that denoises, and a classifier."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from coursekit.deep.diffusion import sinusoidal_embedding
from coursekit.validation import whole_number

__all__ = ["NoisyClassifier", "ResidualBlock", "TimeEmbedding", "UNet"]


class TimeEmbedding(nn.Module):
    """Time in [0, 1], and a class where there is one, as a vector (n, dim) for the blocks to read.

    Parameters
    ----------
    dim : int                even, the length of the vector
    n_classes : int          0 for none; class number `n_classes` stands for "no class given"
    """

    def __init__(self, dim: int, n_classes: int = 0) -> None:
        super().__init__()
        self.dim, self.n_classes = dim, n_classes
        self.mix = nn.Sequential(nn.Linear(dim, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.classes = nn.Embedding(n_classes + 1, dim) if n_classes else None

    def forward(self, time: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return the vectors (n, dim) for times (n,) and class numbers (n,)."""
        vector = self.mix(sinusoidal_embedding(1000 * time, self.dim))
        if self.classes is None:
            return vector
        if labels is None:
            labels = torch.full((len(time),), self.n_classes, device=time.device)
        return vector + self.classes(labels)


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut; the vector scales and shifts the channels between them.

    Parameters
    ----------
    n_in : int               channels in, a multiple of 8
    n_out : int              channels out, a multiple of 8
    dim : int                length of the vector
    """

    def __init__(self, n_in: int, n_out: int, dim: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.GroupNorm(8, n_in), nn.SiLU(), nn.Conv2d(n_in, n_out, 3, padding=1))
        self.modulation = nn.Linear(dim, 2 * n_out)
        self.norm = nn.GroupNorm(8, n_out)
        self.second = nn.Conv2d(n_out, n_out, 3, padding=1)
        nn.init.zeros_(self.second.weight)  # the block starts as its shortcut
        self.shortcut = nn.Conv2d(n_in, n_out, 1) if n_in != n_out else nn.Identity()

    def forward(self, x: Tensor, vector: Tensor) -> Tensor:
        """Return (n, n_out, H, W) for x (n, n_in, H, W) and the vector (n, dim)."""
        scale, shift = self.modulation(vector)[:, :, None, None].chunk(2, dim=1)
        h = self.norm(self.first(x)) * (1 + scale) + shift
        return self.shortcut(x) + self.second(functional.silu(h))


class UNet(nn.Module):
    """A residual U-Net: halve the image level by level, then back up, with skip connections of equal size.

    Parameters
    ----------
    width : int              channels at full size, a multiple of 8; twice as many after each halving
    n_levels : int           sizes of the image, >= 1; height and width must be divisible by 2 ** (n_levels - 1)
    channels : int           of the image: 1 for grey
    n_classes : int          0 for a network that knows no classes

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range; later, an image that cannot be halved that often

    Notes
    -----
    Follows Ronneberger et al. (2015) and Ho et al. (2020), without attention. The last convolution starts at zero.
    """

    def __init__(self, width: int = 16, n_levels: int = 2, channels: int = 1, n_classes: int = 0) -> None:
        super().__init__()
        if whole_number("width", width, least=8) % 8:
            raise ValueError(f"width must be a multiple of 8, got {width}")
        whole_number("n_levels", n_levels, least=1)
        widths = [width * 2**level for level in range(n_levels)]
        dim = 4 * width
        self.channels, self.n_levels = whole_number("channels", channels, least=1), n_levels
        self.embedding = TimeEmbedding(dim, whole_number("n_classes", n_classes, least=0))
        self.enter = nn.Conv2d(channels, width, 3, padding=1)
        self.down = nn.ModuleList(
            ResidualBlock(before, after, dim) for before, after in zip([width, *widths], widths, strict=False)
        )
        self.middle = ResidualBlock(widths[-1], widths[-1], dim)
        self.up = nn.ModuleList(
            ResidualBlock(below + here, here, dim)
            for below, here in zip([widths[-1], *widths[::-1]], widths[::-1], strict=False)
        )
        last = nn.Conv2d(width, channels, 3, padding=1)
        nn.init.zeros_(last.weight)
        self.leave = nn.Sequential(nn.GroupNorm(8, width), nn.SiLU(), last)

    def forward(self, x: Tensor, time: Tensor, labels: Tensor | None = None) -> Tensor:
        """Return the prediction (n, channels, H, W) for x of that shape, times (n,) in [0, 1] and classes (n,)."""
        factor = 2 ** (self.n_levels - 1)
        if x.ndim != 4 or x.shape[1] != self.channels or x.shape[2] % factor or x.shape[3] % factor:
            raise ValueError(
                f"x must be (n, {self.channels}, H, W), H and W divisible by {factor}, got {tuple(x.shape)}"
            )
        if labels is not None and self.embedding.n_classes == 0:
            raise ValueError("labels must be None for a network without classes, got some")
        vector = functional.silu(self.embedding(time, labels))
        x = self.enter(x)
        skips = []
        for level, block in enumerate(self.down):
            x = block(functional.avg_pool2d(x, 2) if level else x, vector)
            skips.append(x)
        x = self.middle(x, vector)
        for level, block in enumerate(self.up):
            x = functional.interpolate(x, scale_factor=2.0) if level else x
            x = block(torch.cat([x, skips.pop()], dim=1), vector)
        return self.leave(x)


class NoisyClassifier(nn.Module):
    """Class logits (n, n_classes) for an image at any noise level; the downward half of a U-Net.

    Parameters
    ----------
    n_classes : int          >= 2
    width : int              channels at full size, a multiple of 8
    channels : int           of the image
    """

    def __init__(self, n_classes: int, width: int = 16, channels: int = 1) -> None:
        super().__init__()
        dim = 4 * width
        self.embedding = TimeEmbedding(dim)
        self.enter = nn.Conv2d(channels, width, 3, padding=1)
        self.fine, self.coarse = ResidualBlock(width, width, dim), ResidualBlock(width, 2 * width, dim)
        self.leave = nn.Linear(2 * width, whole_number("n_classes", n_classes, least=2))

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        """Return the logits for x (n, channels, H, W), scaled as for the U-Net, and times (n,) in [0, 1]."""
        vector = functional.silu(self.embedding(time))
        x = functional.avg_pool2d(self.fine(self.enter(x), vector), 2)
        return self.leave(self.coarse(x, vector).mean(dim=(2, 3)))
