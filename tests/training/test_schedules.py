"""The schedule against its closed form."""

import math

import pytest

from coursekit.training import warmup, warmup_cosine


def test_warmup_cosine_rises_in_a_line_and_falls_along_a_cosine():
    schedule = warmup_cosine(107, 7)
    assert [schedule(step) for step in range(7)] == [(step + 1) / 7 for step in range(7)]
    for step in range(7, 108):
        # cos^2(x/2) is (1 + cos x)/2 written otherwise; both are below 1, so 4 units in the last place.
        assert schedule(step) == pytest.approx(math.cos(math.pi * (step - 7) / 200) ** 2, abs=4 * 2.2e-16)
    assert (schedule(7), schedule(107), schedule(500)) == (1.0, 0.0, 0.0)


def test_warmup_cosine_without_warmup_starts_at_one():
    assert warmup_cosine(10, 0)(0) == 1.0


@pytest.mark.parametrize(("steps", "warmup", "name"), [(0, 0, "steps"), (5, 5, "warmup"), (5, -1, "warmup")])
def test_warmup_cosine_names_the_number_it_refuses(steps: int, warmup: int, name: str):
    with pytest.raises(ValueError, match=f"{name} must be"):
        warmup_cosine(steps, warmup)


def test_warmup_rises_in_a_line_and_stays():
    schedule = warmup(8)
    assert [schedule(step) for step in range(12)] == [k / 8 for k in range(1, 9)] + [1.0] * 4
    with pytest.raises(ValueError, match="steps must be"):
        warmup(0)
