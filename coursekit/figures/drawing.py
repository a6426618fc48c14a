"""A few drawing functions, so that a notebook shows its computation and not its plotting."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from coursekit.figures.style import COLOURS, LINE_STYLES, STYLE

__all__ = ["curves", "figure", "pictures"]


def figure(n_rows: int = 1, n_cols: int = 1, *, width: float = 8.0, height: float = 3.2) -> tuple[Figure, Any]:
    """Return a figure in the course's style and its axes, as `plt.subplots` does; size in inches."""
    with matplotlib.rc_context(dict(STYLE)):
        fig = Figure(figsize=(width, height))  # not pyplot's: nothing to close, nothing shown twice
        return fig, fig.subplots(n_rows, n_cols)


def curves(
    ax: Axes,
    lines: Mapping[str, tuple[Any, Any]],
    *,
    x_label: str,
    y_label: str,
    title: str = "",
    x_scale: str = "linear",
    y_scale: str = "linear",
    marker: str = "",
) -> Axes:
    """Draw named (x, y) lines, told apart by colour and dashes; a legend where there is more than one.

    Parameters
    ----------
    ax : Axes                where to draw
    lines : mapping          label -> (x, y)
    x_label : str            with units
    y_label : str            with units
    title : str              above the axes
    x_scale : str            "linear" or "log"
    y_scale : str            "linear" or "log"
    marker : str             matplotlib marker at the points

    Returns
    -------
    Axes                     `ax`
    """
    with matplotlib.rc_context(dict(STYLE)):
        cues = zip(COLOURS.values(), LINE_STYLES, strict=True)
        for (label, (x, y)), (colour, dashes) in zip(lines.items(), cues, strict=False):
            ax.plot(x, y, color=colour, linestyle=dashes, marker=marker, label=label)
        ax.set(xlabel=x_label, ylabel=y_label, title=title, xscale=x_scale, yscale=y_scale)
        if len(lines) > 1:
            ax.legend()
    return ax


def pictures(
    images: Mapping[str, np.ndarray],
    *,
    n_rows: int = 1,
    limits: tuple[float, float] | Sequence[tuple[float, float] | None] | None = (0.0, 1.0),
    cmap: str = "gray",
    height: float = 3.0,
    colour_bar: str = "",
) -> Figure:
    """Draw images side by side, each under its title.

    Parameters
    ----------
    images : mapping     title -> (H, W) or (H, W, 3) array
    n_rows : int         rows of the grid
    limits : pair        grey values of black and white; None stretches each image, a list gives one for each
    cmap : str           colour map of the (H, W) images
    height : float       of one row, in inches
    colour_bar : str     label of a colour bar beside the last image; none if empty

    Returns
    -------
    Figure               to draw over, then to `show`
    """
    n_cols = -(-len(images) // n_rows)
    fig, axes = figure(n_rows, n_cols, width=8.0, height=height * n_rows)
    each = limits if isinstance(limits, list) else [limits] * len(images)
    flat = np.atleast_1d(axes).ravel()
    for ax in flat:
        ax.set_axis_off()
    for ax, (title, image), pair in zip(flat, images.items(), each, strict=False):
        low, high = pair or (None, None)
        drawn = ax.imshow(image, vmin=low, vmax=high, cmap=cmap, interpolation="nearest")
        ax.autoscale(False)  # what is drawn over a picture does not move its frame
        ax.set_title(title, fontsize=11, loc="left")
    if colour_bar:
        fig.colorbar(drawn, ax=list(flat), label=colour_bar, shrink=0.8)
    return fig
