"""Slides of an executed notebook as one HTML file that needs no network."""

from importlib.resources import files
from typing import Any

from nbformat import NotebookNode
from traitlets.config import Config

from coursekit.presenting.arranging import arranged
from coursekit.presenting.assets import mathjax, vendored

__all__ = ["slides_page"]


def slides_page(notebook: NotebookNode, *, name: str) -> str:
    """Return the slides of a notebook.

    Parameters
    ----------
    notebook : NotebookNode  executed; its cells' `slideshow` metadata say where a slide begins
    name : str               the file's name without its ending, such as "lec07_laplacian"

    Returns
    -------
    str                      HTML: one file for the lecture room, for paper and for a phone
    """
    from nbconvert import SlidesExporter  # slow to import, and only this needs it

    deck = {
        "title": notebook.metadata.get("coursekit", {}).get("title", name),
        "css": part("slides.css"),
        "js": part("slides.js"),
        "mathjax": mathjax(at_once=False),
        "reveal_css": vendored("reveal.js/reveal.css"),
        "reveal_js": vendored("reveal.js/reveal.js"),
        "notes_js": vendored("reveal.js/notes.js"),
    }
    exporter: Any = SlidesExporter(
        raw_template=part("slides.html.j2"),
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        config=Config({"CSSHTMLHeaderPreprocessor": {"style": "xcode"}}),
    )
    html, _ = exporter.from_notebook_node(arranged(notebook, name=name), resources={"deck": deck})
    return str(html)


def part(name: str) -> str:
    """Return one of the files beside this one."""
    return files("coursekit.presenting").joinpath(name).read_text(encoding="utf-8")
