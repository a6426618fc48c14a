"""The checks at the public boundary: what passes, what is refused, and that the message names argument and value."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from coursekit import validation


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, 2, 3], np.array([1.0, 2.0, 3.0])),
        ((True, False), np.array([1.0, 0.0])),
        (7, np.array(7.0)),
        (np.arange(3, dtype=np.uint8), np.array([0.0, 1.0, 2.0])),
        (np.zeros((2, 3, 1)), np.zeros((2, 3, 1))),
    ],
)
def test_finite_array_returns_float64(value, expected):
    array = validation.finite_array("u", value)
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, expected, strict=True)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_finite_array_keeps_floating_dtype(dtype):
    u = np.ones((3, 2), dtype=dtype)
    assert validation.finite_array("u", u) is u


class Unreadable:
    def __array__(self, *args, **kwargs):
        raise ValueError("not today")


@pytest.mark.parametrize(
    ("value", "options", "error", "match"),
    [
        (1j, {}, TypeError, "^u must be real, got dtype complex128$"),
        (np.ones(2, dtype=np.complex64), {}, TypeError, "u must be real, got dtype complex64"),
        ("abc", {}, TypeError, "u must hold numbers, got dtype <U3"),
        (None, {}, TypeError, "u must hold numbers, got dtype object"),
        ([None, 1.0], {}, TypeError, "u must hold numbers, got dtype object"),
        (np.array(["2020-01-01"], dtype="M8[D]"), {}, TypeError, r"u must hold numbers, got dtype datetime64\[D\]"),
        ([[1, 2], [3]], {}, ValueError, "u must be a rectangular array: .*inhomogeneous"),
        (Unreadable(), {}, ValueError, "u must be a rectangular array: not today"),
        ([1.0, np.nan, np.inf], {}, ValueError, "^u must be finite, got 2 NaN or infinite of 3$"),
        (np.float32(-np.inf), {}, ValueError, "u must be finite, got 1 NaN or infinite of 1"),
        (np.ones((2, 3)), {"ndim": 1}, ValueError, r"^u must have 1 axes, got shape \(2, 3\)$"),
        (1.0, {"ndim": (1, 2)}, ValueError, r"u must have 1 or 2 axes, got shape \(\)"),
        ([], {}, ValueError, r"u needs at least 1 along each axis, got shape \(0,\)"),
        (np.ones((5, 2)), {"min_size": 3}, ValueError, r"u needs at least 3 along each axis, got shape \(5, 2\)"),
    ],
)
def test_finite_array_refuses(value, options, error, match):
    with pytest.raises(error, match=match):
        validation.finite_array("u", value, **options)


def test_finite_array_accepts_each_number_of_axes():
    for value in (1.0, [1.0, 2.0]):
        assert validation.finite_array("u", value, ndim=(0, 1), min_size=2).ndim == np.ndim(value)
    assert validation.finite_array("u", np.ones((0, 3)), min_size=0).shape == (0, 3)


@pytest.mark.parametrize(
    "value", [2, 2.0, np.int8(2), np.uint64(2), np.float32(2), np.array(2), np.array(2.0), Fraction(4, 2)]
)
def test_number_accepts_real_numbers(value):
    result = validation.number("h", value)
    assert (type(result), result) == (float, 2.0)


@pytest.mark.parametrize(
    ("value", "error", "match"),
    [
        (True, TypeError, "^h must be a real number, got True$"),
        (np.True_, TypeError, "h must be a real number, got np.True_"),
        (np.array(True), TypeError, "h must be a real number, got np.True_"),
        ("2", TypeError, "h must be a real number, got '2'"),
        (None, TypeError, "h must be a real number, got None"),
        (2j, TypeError, "h must be a real number, got 2j"),
        (np.complex128(2), TypeError, "h must be a real number"),
        (np.array([2.0]), TypeError, r"h must be a real number, got array\(\[2.\]\)"),
        (Decimal(2), TypeError, "h must be a real number"),
        (np.nan, ValueError, "^h must be finite, got nan$"),
        (-np.inf, ValueError, "h must be finite, got -inf"),
        (10**400, ValueError, "h must fit into a float"),
    ],
)
def test_number_refuses(value, error, match):
    with pytest.raises(error, match=match):
        validation.number("h", value)


@pytest.mark.parametrize(
    ("bounds", "inside", "outside", "match"),
    [
        ({"above": 0}, 5e-324, 0.0, "^h must be > 0, got 0$"),
        ({"least": 1}, 1.0, np.nextafter(1, 0), "^h must be >= 1, got 0.9999999999999999$"),
        ({"below": 1}, np.nextafter(1, 0), 1.0, "^h must be < 1, got 1$"),
        ({"most": 2.5}, 2.5, 2.6, "^h must be <= 2.5, got 2.6$"),
        ({"above": -1, "most": 1}, 1.0, -1.0, "^h must be > -1, got -1$"),
        ({"above": -1, "most": 1}, 0.0, 1.5, "^h must be <= 1, got 1.5$"),
    ],
)
def test_number_bounds(bounds, inside, outside, match):
    assert validation.number("h", inside, **bounds) == inside
    with pytest.raises(ValueError, match=match):
        validation.number("h", outside, **bounds)


@pytest.mark.parametrize("value", [3, np.int16(3), np.uint8(3), np.array(3)])
def test_whole_number_accepts_integers(value):
    result = validation.whole_number("d", value, least=3, most=3)
    assert (type(result), result) == (int, 3)


@pytest.mark.parametrize(
    ("value", "error", "match"),
    [
        (3.0, TypeError, "^d must be a whole number, got 3.0$"),
        (np.float64(3), TypeError, r"d must be a whole number, got np.float64\(3.0\)"),
        (True, TypeError, "d must be a whole number, got True"),
        ("3", TypeError, "d must be a whole number, got '3'"),
        (np.array([3]), TypeError, "d must be a whole number"),
        (0, ValueError, "^d must be at least 1, got 0$"),
        (10, ValueError, "^d must be at most 9, got 10$"),
    ],
)
def test_whole_number_refuses(value, error, match):
    with pytest.raises(error, match=match):
        validation.whole_number("d", value, least=1, most=9)


def test_whole_number_has_no_largest():
    assert validation.whole_number("d", 10**400) == 10**400


@pytest.mark.parametrize("value", ["Ball", "", None, 3, ["ball"], np.array("ball")])
def test_one_of_refuses(value):
    with pytest.raises(ValueError, match=r"^region must be one of 'ball', 'sphere', got "):
        validation.one_of("region", value, ("ball", "sphere"))


def test_one_of_returns_the_option():
    assert validation.one_of("region", "sphere", ("ball", "sphere")) == "sphere"


def test_same_shape_names_all():
    assert validation.same_shape(a=np.ones((2, 3)), b=np.zeros((2, 3)), c=np.ones((2, 3), dtype=bool)) is None
    with pytest.raises(ValueError, match=r"^shapes must agree, got a \(2, 3\), b \(3, 2\)$"):
        validation.same_shape(a=np.ones((2, 3)), b=np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"a \(1,\), b \(\)"):
        validation.same_shape(a=np.ones(1), b=np.array(1.0))


def test_generator_returns_itself():
    rng = np.random.default_rng(1)
    assert validation.generator("rng", rng) is rng


@pytest.mark.parametrize("value", [None, 7, np.random.RandomState(7), np.random.PCG64(7), np.random.default_rng])
def test_generator_refuses(value):
    with pytest.raises(TypeError, match=r"^rng must be a numpy Generator \(np.random.default_rng\(seed\)\), got "):
        validation.generator("rng", value)
