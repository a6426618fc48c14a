"""The file that `coursekit slides` writes, opened from the disk: typeset, shown with one key, also on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from coursekit.notebooks import read_stored
from coursekit.presenting.arranging import arranged
from coursekit.presenting.slides import slides_page
from tests.browser.chromium import PHONE, ROOT, Watch, opened, raw_formulas, too_wide, violations, without_alt

LECTURES = ["lec07_laplacian", "lec16_motion_blur"]
ALL = sorted(path.stem for folder in ("lectures", "labs") for path in (ROOT / folder).glob("*.ipynb"))
MARGIN = 16  # px below the last line of a slide: its padding, and what the deck does not scroll for

# Where we are, how far down the slide has been seen, its end, what is cut off at its side, fragments still to come.
STATE = """() => {
  const slide = Reveal.getCurrentSlide(), { h, v } = Reveal.getIndices();
  return {
    place: [h, v], seen: slide.scrollTop + slide.clientHeight, end: slide.scrollHeight,
    cut: slide.scrollWidth - slide.clientWidth, hidden: slide.querySelectorAll(".fragment:not(.visible)").length,
    last: slide === Reveal.getSlides().at(-1) && !Reveal.availableFragments().next,
  };
}"""


# Every slide with all its fragments: its place, and by how much it is longer than the screen.
LENGTHS = """() => Reveal.getSlides().map((slide) => {
  const { h, v } = Reveal.getIndices(slide);
  Reveal.slide(h, v, 99);
  return [h, v, slide.scrollHeight - slide.clientHeight];
})"""


def written(name: str, folder: Path) -> str:
    """Write the slides of a notebook and return their address."""
    path = folder / f"{name}.html"
    (stored,) = ROOT.glob(f"l*s/{name}.ipynb")
    path.write_text(slides_page(read_stored(stored), name=name), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module", params=LECTURES)
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a deck."""
    return written(request.param, tmp_path_factory.mktemp("slides"))


@pytest.fixture(scope="module")
def deck(browser: Browser, watch: Watch, file: str) -> Iterator[Page]:
    """The deck on a laptop, ready to be shown."""
    with opened(browser, watch) as page:
        page.goto(file)
        expect(page.locator("html.deck.ready")).to_be_attached()
        yield page


def test_formulas_are_typeset_and_pictures_described(deck: Page):
    assert deck.locator("mjx-container").count() > 20
    assert deck.locator("mjx-merror").count() == 0
    assert raw_formulas(deck) == []
    assert deck.locator("img").count() > 5
    assert without_alt(deck) == []


def test_code_keeps_its_lines(deck: Page):
    name = deck.url.rpartition("/")[2].removesuffix(".html")
    cells = arranged(read_stored(ROOT / "lectures" / f"{name}.ipynb"), name=name).cells
    tags = [cell.metadata.get("tags", []) for cell in cells]
    code = [
        cell.source
        for cell, own in zip(cells, tags, strict=True)
        if cell.cell_type == "code" and "interactive" not in own
    ]
    lines = "all => all.map((pre) => [...pre.children].map((line) => line.textContent.trimEnd()).join('\\n'))"
    assert deck.locator(".code pre").evaluate_all(lines) == [source.rstrip() for source in code]


@pytest.mark.parametrize("name", ALL)
def test_no_slide_is_longer_than_the_screen(browser: Browser, watch: Watch, tmp_path: Path, name: str):
    with opened(browser, watch) as page:
        page.goto(written(name, tmp_path))
        expect(page.locator("html.deck.ready")).to_be_attached()
        lengths = page.evaluate(LENGTHS)
    assert len(lengths) > 20
    assert [place for *place, over in lengths if over > MARGIN] == []


def test_one_key_shows_everything_on_every_slide(deck: Page):
    deck.evaluate("Reveal.slide(0, 0)")
    states = [deck.evaluate(STATE)]
    while not (states[-1]["last"] and states[-1]["seen"] + MARGIN >= states[-1]["end"]):
        assert len(states) < 300, f"stuck at {states[-1]}"
        deck.keyboard.press("ArrowRight")
        states.append(deck.evaluate(STATE))
    left = {tuple(state["place"]): state for state in states}  # each slide as it was left
    assert len(left) == deck.evaluate("Reveal.getTotalSlides()") > 20
    assert [state for state in left.values() if state["hidden"] or state["seen"] + MARGIN < state["end"]] == []
    assert [state["place"] for state in states if state["cut"] > 0] == []


def test_notes_stand_beside_the_slides(deck: Page):
    assert deck.locator("aside.notes").count() > 3
    assert all("Instructor" in text for text in deck.locator("aside.notes").all_text_contents())
    expect(deck.locator("aside.notes").first).to_be_hidden()


def test_slides_can_be_read_by_everybody(deck: Page):
    for place in ("0, 0", "1, 1, 9"):  # the title; code, output and a picture
        deck.evaluate(f"Reveal.slide({place})")
        assert violations(deck) == []


def test_slides_flow_on_a_phone(browser: Browser, watch: Watch, file: str):
    with opened(browser, watch, viewport=PHONE) as page:
        page.goto(file)
        expect(page.locator("html.ready:not(.deck)")).to_be_attached()
        assert too_wide(page) == []
        assert violations(page) == []  # here all slides are on one page
