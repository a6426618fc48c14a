"""`coursekit present` in the lecture room: the slide with the slider is there, and the slider moves its picture."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

from coursekit.notebooks import read_source
from tests.browser.chromium import Watch, opened, violations
from tests.browser.lab import moves_by_keys, moves_by_mouse, panel, picture, serving
from tests.course.demo import write_demo

SLIDER = """
# %% [markdown] slideshow={"slide_type": "slide"}
# ## A wave

# %% slideshow={"slide_type": "fragment"} tags=["interactive"]
import numpy as np

from coursekit import figures

x = np.linspace(0, 1, 50)
explorer = figures.Interactive(
    lambda k: {"wave": (x, np.sin(k * x)), "reading": f"k is {k}"},
    controls={"k": figures.Slider("number k", 1, 30, 1, 15)},
    panels=[figures.Plot("x", "y", (0, 1), (-1, 1), lines=["wave"])],
    settings=[{"k": 1}, {"k": 7}],
    alt="A wave.",
)
explorer.show()
"""


@pytest.fixture(scope="module")
def slides(browser: Browser, watch: Watch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A short lecture in slide mode, at its first slide."""
    watch.theirs.add("Cannot read properties of null (reading 'observe')")  # JupyterLab 4.6: cells not yet laid out
    folder: Path = tmp_path_factory.mktemp("present")
    source = write_demo(folder, extra=SLIDER)
    stored = source.with_suffix(".ipynb")
    nbformat.write(read_source(source), stored)
    with serving("present", str(stored), work=folder / "work") as address, opened(browser, watch) as page:
        page.goto(address)
        expect(page.get_by_role("heading", name="A demonstration")).to_be_visible()
        yield page


def test_slider_on_a_slide_moves_its_picture(slides: Page):
    slides.get_by_role("heading", name="A demonstration").click()
    wave = slides.get_by_role("heading", name="A wave")
    for _ in range(9):  # the arrow goes from cell to cell, then to the next slide
        slides.keyboard.press("ArrowRight")
        slides.wait_for_timeout(300)
        if wave.is_visible():
            break
    expect(wave).to_be_in_viewport()
    _, slider, image = panel(slides, "", "number k")
    expect(slider).to_be_in_viewport()
    expect(image).to_be_in_viewport()
    pictures = [picture(image)]
    moves_by_keys(slides, slider, 2)
    pictures.append(picture(image))
    moves_by_mouse(slides, slider, 3, stride=12)
    pictures.append(picture(image))
    assert len(set(pictures)) == 3
    expect(slider).to_be_in_viewport()  # the keys moved the slider, not the slides
    assert violations(slides, ".jp-OutputArea-output") == []
