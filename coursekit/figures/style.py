"""The one figure style: readable from the back row and by a colour-blind reader."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

__all__ = ["COLOURS", "DPI", "LINE_STYLES", "STYLE"]

# Okabe and Ito (2008), darkened where the original has less than 3:1 contrast on white.
COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "blue": "#0072B2",
        "orange": "#C44E00",
        "green": "#007A5A",
        "purple": "#A6407B",
        "sky": "#2F8FC4",
        "black": "#222222",
    }
)

# A second cue beside colour, in the order of COLOURS.
LINE_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))

DPI = 110

STYLE: Any = MappingProxyType(  # matplotlib's type for rcParams lists every key
    {
        "figure.constrained_layout.use": True,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "font.size": 11,
        "axes.titlesize": 11,
        "axes.titlelocation": "left",
        "axes.grid": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "grid.color": "#DDDDDD",
        "lines.linewidth": 2.0,
        "legend.frameon": False,
        "image.cmap": "gray",
        "image.interpolation": "nearest",
    }
)
