"""Sliders that move a picture: artists made once, redrawn by blitting, sent as one image.

The computation is a pure function from the controls' values to what is drawn, so that it can be tested and so
that the static panel beside the sliders (for print, web and slides) shows the same frames.
"""

import io
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from traitlets import Unicode

from coursekit.figures.display import display_png
from coursekit.figures.style import COLOURS, LINE_STYLES, STYLE

__all__ = ["Choice", "Interactive", "Picture", "Plot", "Slider"]

FRAME_DPI = 100  # an 8 x 3.2 inch frame is 800 x 320 pixels: sharp enough, and fast


@dataclass(frozen=True)
class Slider:
    """A number between `low` and `high`; whole numbers if `step` is an int."""

    label: str
    low: float
    high: float
    step: float
    value: float

    def widget(self) -> widgets.Widget:
        """Return the ipywidgets slider; it moves by mouse and by arrow keys."""
        kind = widgets.IntSlider if isinstance(self.step, int) else widgets.FloatSlider
        return kind(value=self.value, min=self.low, max=self.high, step=self.step, **labelled(self.label))


@dataclass(frozen=True)
class Choice:
    """One of a few named options."""

    label: str
    options: Sequence[str]
    value: str

    def widget(self) -> widgets.Widget:
        """Return the ipywidgets menu."""
        return widgets.Dropdown(options=list(self.options), value=self.value, **labelled(self.label))


def labelled(label: str) -> dict[str, Any]:
    """Return the arguments that show a label in full beside a control."""
    return {
        "description": label,
        "style": {"description_width": "13em"},
        "layout": widgets.Layout(width="32em", max_width="100%"),
    }


@dataclass(frozen=True)
class Plot:
    """Axes with fixed limits; `lines`, `points` and `verticals` name what `compute` returns.

    A line or points take (x, y), a vertical takes x. `fixed` holds lines that never move.
    """

    x_label: str
    y_label: str
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    lines: Sequence[str] = ()
    points: Sequence[str] = ()
    verticals: Sequence[str] = ()
    fixed: Mapping[str, tuple[Any, Any]] | None = None
    title: str = ""
    x_scale: str = "linear"
    y_scale: str = "linear"
    legend: Any = "best"  # where, as matplotlib's `loc`

    def artists(self, ax: Axes) -> dict[str, Artist]:
        """Draw what stays, and return the artists that move, by name."""
        ax.set(
            xlabel=self.x_label,
            ylabel=self.y_label,
            title=self.title,
            xscale=self.x_scale,
            yscale=self.y_scale,
        )
        ax.set(xlim=self.x_limits, ylim=self.y_limits)
        for label, (x, y) in (self.fixed or {}).items():
            ax.plot(x, y, color="#888888", linewidth=1.5, label=label)
        moving: dict[str, Artist] = {}
        cues = list(zip(COLOURS.values(), LINE_STYLES, strict=True))
        for name, (colour, dashes) in zip(self.lines, cues, strict=False):
            (moving[name],) = ax.plot([], [], color=colour, linestyle=dashes, label=name, animated=True)
        for name, (colour, _) in zip(self.points, cues[len(self.lines) :] + cues, strict=False):
            (moving[name],) = ax.plot([], [], "o", color=colour, label=name, animated=True)
        for name, (colour, dashes) in zip(self.verticals, cues[::-1], strict=False):
            moving[name] = ax.axvline(self.x_limits[0], color=colour, linestyle=dashes, label=name, animated=True)
        if len(moving) + len(self.fixed or {}) > 1:
            ax.legend(loc=self.legend, fontsize=9)
        return moving


@dataclass(frozen=True)
class Picture:
    """An image with fixed grey limits; `name` is what `compute` returns for it, always of one shape."""

    name: str
    title: str
    limits: tuple[float, float] = (0.0, 1.0)
    cmap: str = "gray"

    def artists(self, ax: Axes) -> dict[str, Artist]:
        """Return the image artist, by name."""
        ax.set_axis_off()
        ax.set_title(self.title)
        low, high = self.limits
        blank = np.zeros((2, 2))
        return {self.name: ax.imshow(blank, vmin=low, vmax=high, cmap=self.cmap, animated=True, aspect="equal")}


class LabelledImage(widgets.Image):
    """An image widget with a label for those who do not see it, in the place of the alt text that it lacks.

    The front end writes `tooltip` into the title of a widget whose `description` is empty, and fails on a widget
    that has no description at all, as the image widget of ipywidgets 8.1.
    """

    description = Unicode("").tag(sync=True)


class Interactive:
    """A picture that controls move, with a reading in words below it.

    Parameters
    ----------
    compute : callable       `compute(**values)` returns what each panel's names stand for, and "reading": a
                             sentence with the numbers to look at. Pure, and fast: a frame should take under 50 ms.
    controls : mapping       name -> Slider or Choice (at most three sliders)
    panels : sequence        Plot and Picture, drawn side by side
    settings : sequence      values of the controls for the static panel, each a mapping; two to four
    alt : str                what the picture shows, for a reader who cannot see it
    height : float           of a frame, in inches

    Attributes
    ----------
    controls : dict          name -> ipywidgets control
    image : widgets.Image    the current frame
    """

    def __init__(
        self,
        compute: Callable[..., Mapping[str, Any]],
        *,
        controls: Mapping[str, Slider | Choice],
        panels: Sequence[Plot | Picture],
        settings: Sequence[Mapping[str, Any]],
        alt: str,
        height: float = 3.2,
    ) -> None:
        self.compute, self.alt, self.settings = compute, alt, [dict(setting) for setting in settings]
        self.defaults = {name: control.value for name, control in controls.items()}
        self.labels = {name: control.label for name, control in controls.items()}
        self.has_picture = any(isinstance(panel, Picture) for panel in panels)
        self.draw_background(panels, height)
        self.controls = {name: control.widget() for name, control in controls.items()}
        self.image = LabelledImage(tooltip=alt, layout=widgets.Layout(max_width="100%", align_self="flex-start"))
        self.reading = widgets.HTML()
        self.refresh()
        for control in self.controls.values():
            control.observe(self.refresh, names="value")

    def draw_background(self, panels: Sequence[Plot | Picture], height: float) -> None:
        """Draw once what never moves, and keep it to draw over."""
        with matplotlib.rc_context(dict(STYLE)):
            self.figure = Figure(figsize=(8.0, height), dpi=FRAME_DPI)
            self.canvas = FigureCanvasAgg(self.figure)
            axes = np.atleast_1d(self.figure.subplots(1, len(panels)))
            self.moving: dict[str, tuple[Axes, Artist]] = {}
            for ax, panel in zip(axes, panels, strict=True):
                for name, artist in panel.artists(ax).items():
                    self.moving[name] = (ax, artist)
            first = self.compute(**self.defaults)
            for name, (_, artist) in self.moving.items():
                place(artist, first[name])
            self.canvas.draw()
            self.figure.set_layout_engine("none")  # the layout is settled; blitting relies on it
            self.background = self.canvas.copy_from_bbox(self.figure.bbox)

    def frame(self, **values: Any) -> tuple[np.ndarray, str]:
        """Return the picture (H, W, 3) and the reading for these values; other controls keep their start."""
        drawn = self.compute(**{**self.defaults, **values})
        self.canvas.restore_region(self.background)
        for name, (ax, artist) in self.moving.items():
            place(artist, drawn[name])
            ax.draw_artist(artist)
        return np.asarray(self.canvas.buffer_rgba())[..., :3], str(drawn["reading"])

    def refresh(self, change: Any = None) -> None:
        """Send the frame for the current values of the controls."""
        pixels, reading = self.frame(**{name: control.value for name, control in self.controls.items()})
        self.image.format = "jpeg" if self.has_picture else "png"
        self.image.value = encoded(pixels, self.image.format)
        self.reading.value = f'<p role="status" aria-live="polite">{reading}</p>'

    def show(self) -> None:
        """Display the controls with the picture, then the static panel of the chosen settings."""
        display(widgets.VBox([*self.controls.values(), self.image, self.reading]))
        panel, readings, heights = self.static_panel()
        display_png(
            encoded(panel, "png", compress_level=9),
            alt=f"{self.alt} {' '.join(readings)}",
            width=panel.shape[1],
            frames=[[height, reading] for height, reading in zip(heights, readings, strict=True)],
        )

    def static_panel(self) -> tuple[np.ndarray, list[str], list[int]]:
        """Return the frames of the chosen settings under each other, the readings above them, their heights."""
        rows, readings = [], []
        for setting in self.settings:
            pixels, reading = self.frame(**setting)
            values = ", ".join(f"{self.labels[name]} = {value}" for name, value in setting.items())
            rows.append(np.concatenate([heading(f"{values}: {reading}", pixels.shape[1]), pixels]))
            readings.append(f"{values}: {reading}")
        return np.concatenate(rows), readings, [len(row) for row in rows]


def place(artist: Any, data: Any) -> None:
    """Give an artist its new data: an image takes an array, a line (x, y), a vertical x."""
    if hasattr(artist, "set_array"):
        array = np.asarray(data)
        artist.set_data(array)
        artist.set_extent((-0.5, array.shape[1] - 0.5, array.shape[0] - 0.5, -0.5))
    elif np.ndim(data) == 0:
        artist.set_xdata([data, data])
    else:
        artist.set_data(*data)


def heading(text: str, width: int) -> np.ndarray:
    """Return a text as pixels (H, width, 3), in as many lines as it needs."""
    lines = textwrap.wrap(text, width=width // 9)
    fig = Figure(figsize=(width / FRAME_DPI, 0.12 + 0.2 * len(lines)), dpi=FRAME_DPI)
    canvas = FigureCanvasAgg(fig)
    fig.text(0.01, 0.5, "\n".join(lines), fontsize=10, fontweight="bold", va="center")
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def encoded(pixels: np.ndarray, kind: str, compress_level: int = 1) -> bytes:
    """Return the picture as PNG (fast, lossless) or JPEG (small, for photographs)."""
    buffer = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if kind == "png":
        image.save(buffer, "png", compress_level=compress_level)
    else:
        image.save(buffer, "jpeg", quality=90, subsampling=0)
    return buffer.getvalue()
