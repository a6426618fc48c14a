"""Figures of the course: one style, a few drawing functions, pictures with alt text, and sliders that move them."""

from coursekit.figures.display import show, show_curves, show_pictures
from coursekit.figures.drawing import curves, figure, pictures
from coursekit.figures.interactive import Choice, Interactive, Picture, Plot, Slider
from coursekit.figures.sheets import contact_sheet
from coursekit.figures.style import COLOURS

__all__ = [
    "COLOURS",
    "Choice",
    "Interactive",
    "Picture",
    "Plot",
    "Slider",
    "contact_sheet",
    "curves",
    "figure",
    "pictures",
    "show",
    "show_curves",
    "show_pictures",
]
