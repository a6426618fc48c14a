"""The prerequisites as a picture: notebooks in rows, each below all that it needs."""

import io
import textwrap
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import isotonic_regression

from coursekit.syllabus import PARTS, Entry

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["alt_text", "depths", "graph_svg", "paths", "rows"]

# One hue for each part, told apart by colour-blind readers too; the number in the box says the same.
FILLS = ("#b7d3ee", "#f6cfa4", "#bfe3c6", "#e3c6e6", "#f2e3a0", "#d9d9d9")
WIDTH, HEIGHT = 1.1, 0.62
ACROSS, DOWN = 1.22, 1.12
LANE = 0.3
"""The width that a line needs where it passes a row, beside boxes of width `ACROSS`."""


def depths(entries: Iterable[Entry]) -> dict[str, int]:
    """Return how many notebooks come before each one on its longest path.

    Parameters
    ----------
    entries : iterable of Entry      the needs of each are among them

    Returns
    -------
    dict of int              slug to depth, 0 for one that needs nothing
    """
    needs = {entry.plan.slug: entry.plan.needs for entry in entries}
    found: dict[str, int] = {}

    def depth(slug: str) -> int:
        if slug not in found:
            found[slug] = 1 + max((depth(one) for one in needs[slug]), default=-1)
        return found[slug]

    return {slug: depth(slug) for slug in needs}


def paths(entries: Iterable[Entry]) -> list[list[str]]:
    """Return for each arrow the boxes and bends that it joins, from the top: one in each row.

    Parameters
    ----------
    entries : iterable of Entry

    Returns
    -------
    list of list of str      a slug at either end; "need>slug@row" is a bend where the arrow passes a row
    """
    entries = list(entries)
    depth = depths(entries)
    arrows = [(need, entry.plan.slug) for entry in entries for need in entry.plan.needs]
    return [
        [need, *(f"{need}>{slug}@{level}" for level in range(depth[need] + 1, depth[slug])), slug]
        for need, slug in arrows
    ]


def rows(entries: Iterable[Entry]) -> list[list[str]]:
    """Return boxes and bends by depth, ordered so that few arrows cross.

    Parameters
    ----------
    entries : iterable of Entry

    Returns
    -------
    list of list of str      from the top
    """
    entries = list(entries)
    depth, arrows = depths(entries), paths(entries)
    for arrow in arrows:
        depth |= {bend: depth[arrow[0]] + i for i, bend in enumerate(arrow)}
    found = [[node for node in depth if depth[node] == level] for level in range(max(depth.values()) + 1)]
    neighbours: dict[str, list[str]] = {node: [] for node in depth}
    for arrow in arrows:
        for above, below in pairwise(arrow):
            neighbours[above].append(below)
            neighbours[below].append(above)
    place = positions(found)
    for _ in range(40):  # each moves towards the middle of its neighbours
        for row in found:
            row.sort(key=lambda node: sum(place[one] for one in neighbours[node]) / max(1, len(neighbours[node])))
            place = positions(found)
    return found


def positions(found: list[list[str]], desired: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return where each box and bend stands across: as near as can be to `desired`, in order and not overlapping.

    Parameters
    ----------
    found : list of list of str      the rows, each in its order
    desired : mapping        node to place; None centres each row

    Returns
    -------
    dict of float            node to place, in the units of the picture
    """
    place: dict[str, float] = {}
    for row in found:
        widths = np.array([LANE if "@" in node else ACROSS for node in row])
        offsets = np.cumsum(widths) - widths / 2 - widths.sum() / 2
        wanted = offsets if desired is None else np.array([desired[node] for node in row])
        # Least squares under "each at least its width right of the last" is isotonic once the widths are taken off.
        free = isotonic_regression(wanted - offsets).x
        place |= dict(zip(row, (free + offsets).tolist(), strict=True))
    return place


def straightened(found: list[list[str]], arrows: list[list[str]]) -> dict[str, float]:
    """Return places at which the arrows are nearly upright, for rows in a given order."""
    links: dict[str, list[str]] = {node: [] for row in found for node in row}
    for arrow in arrows:
        for above, below in pairwise(arrow):
            links[above].append(below)
            links[below].append(above)
    place = positions(found)
    for _ in range(60):
        middle = {node: float(np.mean([place[one] for one in near])) if near else 0.0 for node, near in links.items()}
        place = positions(found, {node: (place[node] + middle[node]) / 2 for node in place})
    return place


def alt_text(entries: Iterable[Entry]) -> str:
    """Return what the picture shows, for a reader who cannot see it."""
    entries = list(entries)
    first = [entry.plan.name for entry in entries if not entry.plan.needs]
    return (
        f"{len(entries)} boxes, one for each lecture and lab, with arrows from what is needed down to what needs it. "
        f"Nothing is needed for {', '.join(first)}. The tables below list the needs of each."
    )


def graph_svg(entries: Iterable[Entry], colours: Mapping[str, str]) -> bytes:
    """Return the picture as SVG, the same bytes each time.

    Parameters
    ----------
    entries : iterable of Entry
    colours : mapping        "line", "text", and "planned" for the inside of boxes: colours that suit the page

    Returns
    -------
    bytes                    boxes in their part's colour, dashed for a notebook that is not built
    """
    import matplotlib
    from matplotlib.figure import Figure

    entries = list(entries)
    found = rows(entries)
    x = straightened(found, paths(entries))
    y = {node: -DOWN * level for level, row in enumerate(found) for node in row}
    left, right = min(x.values()) - ACROSS / 2, max(x.values()) + ACROSS / 2
    wide, high = right - left, DOWN * len(found) - DOWN + HEIGHT + 0.1
    fig = Figure(figsize=(wide, high))
    ax = fig.add_axes((0, 0, 1, 1), xlim=(left, right), ylim=(HEIGHT / 2 + 0.05 - high, HEIGHT / 2 + 0.05))
    ax.axis("off")
    for arrow in paths(entries):
        draw_arrow(ax, [(x[node], y[node]) for node in arrow], colours["line"])
    for entry in entries:
        draw_box(ax, entry, (x[entry.plan.slug], y[entry.plan.slug]), colours)
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "coursekit", "svg.fonttype": "path"}):
        fig.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def draw_arrow(ax: "Axes", points: list[tuple[float, float]], colour: str) -> None:
    """Draw one arrow from box to box, upright where it passes a row."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    half = HEIGHT / 2
    knots = [(points[0][0], points[0][1] - half)]
    codes = [Path.MOVETO]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (y0 + y1) / 2
        knots += [(x0, middle), (x1, middle), (x1, y1 + half)]
        codes += [Path.CURVE4] * 3
        if (x1, y1) != points[-1]:
            knots.append((x1, y1 - half))
            codes.append(Path.LINETO)
    style = "-|>,head_length=3.5,head_width=1.6"
    ax.add_patch(FancyArrowPatch(path=Path(knots, codes), arrowstyle=style, color=colour, lw=0.9, zorder=1))


def draw_box(ax: "Axes", entry: Entry, centre: tuple[float, float], colours: Mapping[str, str]) -> None:
    """Draw one notebook's box and name."""
    from matplotlib.patches import FancyBboxPatch

    built, (x, y), round_by = entry.path is not None, centre, 0.06
    fill = FILLS[PARTS.index(entry.plan.part)] if built else colours["planned"]
    corner = (x - WIDTH / 2 + round_by, y - HEIGHT / 2 + round_by)
    box = FancyBboxPatch(corner, WIDTH - 2 * round_by, HEIGHT - 2 * round_by, boxstyle=f"round,pad={round_by}")
    box.set(facecolor=fill, edgecolor=colours["line"], linestyle="-" if built else (0, (3, 2)), lw=1.0, zorder=3)
    ax.add_patch(box)
    number = f"{'lab ' if entry.plan.kind == 'lab' else ''}{entry.plan.number}"
    name = textwrap.fill(f"{number} {entry.plan.name}", 14)
    ax.text(x, y, name, ha="center", va="center", fontsize=8.6, color="#111111" if built else colours["text"], zorder=4)
