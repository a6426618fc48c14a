"""Put a picture with alt text and a caption into a notebook."""

import base64
import io
from collections.abc import Mapping
from typing import Any

from IPython.display import Markdown, display
from matplotlib.figure import Figure

from coursekit.figures.drawing import curves, figure, pictures
from coursekit.figures.style import DPI

__all__ = ["show", "show_curves", "show_pictures"]


def show(fig: Figure, *, alt: str, caption: str = "") -> None:
    """Display a figure as PNG with alt text, then its caption.

    Parameters
    ----------
    fig : Figure         from `figure`, `curves` or `pictures`
    alt : str            what a reader who cannot see it should know: one or two sentences
    caption : str        the finding, in Markdown

    Raises
    ------
    ValueError           no alt text
    """
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})  # the same bytes from every version
    display_png(buffer.getvalue(), alt=alt, width=round(fig.get_figwidth() * DPI))
    if caption:
        display(Markdown(f"*{caption}*"))


def show_curves(lines: Mapping[str, tuple[Any, Any]], *, alt: str, caption: str = "", **drawing: Any) -> None:
    """Draw named (x, y) lines in one plot and display it: `curves` and `show` in one call."""
    fig, ax = figure()
    curves(ax, lines, **drawing)
    show(fig, alt=alt, caption=caption)


def show_pictures(images: Mapping[str, Any], *, alt: str, caption: str = "", **drawing: Any) -> None:
    """Draw images side by side and display them: `pictures` and `show` in one call."""
    show(pictures(images, **drawing), alt=alt, caption=caption)


def display_png(png: bytes, *, alt: str, width: int, **more: Any) -> None:
    """Display PNG bytes; the alt text is also the plain form, so a text-only reader and nbval see it.

    `more` is kept beside the alt text: slides read from it where one picture ends and the next begins.
    """
    if not alt.strip():
        raise ValueError("alt must describe the figure, got an empty text")
    data: dict[str, Any] = {"image/png": base64.b64encode(png).decode(), "text/plain": alt}
    display(data, raw=True, metadata={"image/png": {"alt": alt, "width": width, **more}})
