"""Figures: alt text is stored, sliders move pictures, the static panel is the same frames."""

import io

import numpy as np
import pytest
from PIL import Image

from coursekit import figures
from coursekit.figures import display as display_module
from coursekit.figures.interactive import encoded
from coursekit.figures.style import COLOURS

X = np.linspace(0, 1, 31)


def compute(k, kind):
    image = np.outer(np.sin(k * X[:7]), np.cos(k * X[:11])) ** 2
    return {
        "line": (X, np.sin(k * X)),
        "dot": ([k / 9], [0.5]),
        "at": k / 9,
        "image": image,
        "reading": f"{k} {kind}",
    }


@pytest.fixture
def view():
    return figures.Interactive(
        compute,
        controls={
            "k": figures.Slider("wavenumber", 1, 8, 1, 2),
            "kind": figures.Choice("kind", ["a", "b"], "a"),
        },
        panels=[
            figures.Plot("x", "y", (0, 1), (-1, 1), lines=["line"], points=["dot"], verticals=["at"]),
            figures.Picture("image", "a picture"),
        ],
        settings=[{"k": 1}, {"k": 7, "kind": "b"}],
        alt="a wave.",
    )


@pytest.fixture
def shown(monkeypatch):
    """Collect what a notebook would have displayed."""
    out = []

    def record(*objects, **keywords):
        out.append((*objects, keywords))

    monkeypatch.setattr(display_module, "display", record)
    monkeypatch.setattr("coursekit.figures.interactive.display", record)
    return out


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)))


def luminance(colour):
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_colours_contrast_with_white():
    # WCAG 2.2, 1.4.11: graphical objects need 3:1 against the background.
    assert min(1.05 / (luminance(colour) + 0.05) for colour in COLOURS.values()) >= 3


def test_show_stores_alt_text_and_caption(shown):
    fig, ax = figures.figure()
    figures.curves(ax, {"a": (X, X), "b": (X, X**2)}, x_label="x (m)", y_label="y (m)")
    figures.show(fig, alt="two curves", caption="they meet")
    (bundle, how), (caption, _) = shown
    assert bundle["text/plain"] == "two curves"
    assert how["metadata"]["image/png"]["alt"] == "two curves"
    assert caption.data == "*they meet*"


def test_show_gives_the_same_bytes_twice(shown):
    for _ in range(2):
        fig = figures.pictures({"one": np.eye(5), "two": np.ones((5, 7))}, limits=[(0, 1), None])
        figures.show(fig, alt="two pictures")
    assert shown[0][0]["image/png"] == shown[1][0]["image/png"]


def test_show_refuses_a_figure_without_alt():
    fig, _ = figures.figure()
    with pytest.raises(ValueError, match="alt must describe the figure"):
        figures.show(fig, alt=" ")


def test_curves_are_told_apart_by_dashes_too():
    _, ax = figures.figure()
    figures.curves(ax, dict.fromkeys("abc", (X, X)), x_label="x", y_label="y")
    assert len({line.get_linestyle() for line in ax.lines}) == 3
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b", "c"]


def test_interactive_controls_move_picture_and_reading(view):
    for name, value in [("k", 5), ("kind", "b")]:
        before, reading = view.image.value, view.reading.value
        view.controls[name].value = value
        assert view.reading.value != reading
        assert (view.image.value != before) == (name == "k")  # `kind` changes the words only


def test_interactive_frame_equals_a_fresh_drawing(view):
    """Blitting over the kept background leaves no trace of earlier frames."""
    first, _ = view.frame(k=3)
    first = first.copy()
    view.frame(k=8)
    again, _ = view.frame(k=3)
    np.testing.assert_array_equal(again, first)


def test_interactive_static_panel_holds_each_setting(view):
    panel, readings, heights = view.static_panel()
    frames = [view.frame(**setting)[0].copy() for setting in view.settings]
    assert panel.shape[0] > sum(frame.shape[0] for frame in frames)
    assert readings == ["wavenumber = 1: 1 a", "wavenumber = 7, kind = b: 7 b"]
    np.testing.assert_array_equal(panel[-frames[1].shape[0] :], frames[1])
    np.testing.assert_array_equal(panel[: heights[0]][-frames[0].shape[0] :], frames[0])
    assert sum(heights) == panel.shape[0]


def test_interactive_show_has_alt_label_and_status(view, shown):
    view.show()
    (box, _), (bundle, how) = shown
    assert view.image in box.children
    assert view.image.tooltip == "a wave."
    assert 'role="status"' in view.reading.value
    assert how["metadata"]["image/png"]["alt"].startswith("a wave. wavenumber = 1: 1 a")
    assert [words for _, words in how["metadata"]["image/png"]["frames"]] == view.static_panel()[1]
    assert bundle["image/png"]


def test_encoded_png_is_lossless_and_jpeg_close():
    # A smooth picture: JPEG at quality 90 quantises each 8 x 8 block's coefficients by a few grey levels.
    ramp = np.tile(np.arange(0, 240, 5, dtype=np.uint8)[:, None, None], (1, 31, 3))
    np.testing.assert_array_equal(pixels(encoded(ramp, "png")), ramp)
    assert np.abs(pixels(encoded(ramp, "jpeg")).astype(int) - ramp).max() <= 6


def test_contact_sheet_places_each_picture_inside_its_frame():
    images = np.arange(6 * 2 * 3, dtype=float).reshape(6, 2, 3) + 1
    sheet = figures.contact_sheet(images, 3)
    assert sheet.shape == (2 * 4, 3 * 5)
    for i, image in enumerate(images):
        row, column = 4 * (i // 3) + 1, 5 * (i % 3) + 1
        assert np.array_equal(sheet[row : row + 2, column : column + 3], image)
    assert np.count_nonzero(sheet) == images.size  # all the rest is frame


def test_contact_sheet_bad_input():
    with pytest.raises(ValueError, match="images must fill rows of 4, got 6"):
        figures.contact_sheet(np.zeros((6, 2, 3)), 4)
