"""The frozen network and the table: what ships recognises digits, and the table shows what it must."""

import numpy as np
import pytest
import torch

from coursekit import data
from coursekit.sample_quality import describe, frechet_distance, quality_report
from coursekit.sample_quality.features import TOTAL_VARIANCE, load_network, train_network
from coursekit.sample_quality.report import FLOOR, GAUSSIAN

TRAIN, TRAIN_LABELS, HELD_OUT, HELD_OUT_LABELS = data.digits()


def test_digits_halves_share_no_picture():
    assert (len(TRAIN), len(HELD_OUT)) == (898, 899)
    both = {image.tobytes() for image in TRAIN} & {image.tobytes() for image in HELD_OUT}
    assert both == set()
    assert min(TRAIN.min(), HELD_OUT.min()) == 0
    assert max(TRAIN.max(), HELD_OUT.max()) == 1


def test_shipped_network_recognises_held_out_digits():
    assert (describe(HELD_OUT).labels == HELD_OUT_LABELS).mean() >= 0.97
    assert sum(weight.numel() for weight in load_network().parameters()) == 88_874


def test_shipped_features_have_the_unit_of_the_tables():
    # weights are stored with 11 bits: each of the few hundred products of a feature is off by at most 2^-11
    assert describe(TRAIN).features.var(axis=0, ddof=1).sum() == pytest.approx(TOTAL_VARIANCE, rel=2**-8)


@pytest.mark.slow
def test_trained_again_the_network_is_as_good():
    network, accuracy = train_network(seed=3)
    assert accuracy >= 0.97
    with torch.no_grad():
        variance = network.body(torch.tensor(TRAIN[:, None], dtype=torch.float32)).var(dim=0).sum()
    assert float(variance) == pytest.approx(TOTAL_VARIANCE, rel=1e-4)  # float32 sums over 898 x 32


def test_describe_takes_arrays_tensors_and_larger_pictures_alike():
    images = HELD_OUT[:3]
    expected = describe(images).features
    assert np.array_equal(describe(torch.tensor(images[:, None])).features, expected)
    doubled = images.repeat(2, axis=1).repeat(2, axis=2)
    assert np.array_equal(describe(doubled).features, expected)  # means of four equal values are exact


def test_describe_clips_what_no_screen_shows():
    images = HELD_OUT[:3]
    over = np.where(images == 1, 1.5, np.where(images == 0, -0.5, images))
    assert np.array_equal(describe(over).features, describe(images).features)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 8, 9), r"H a multiple of 8, got \(2, 8, 9\)"),
        ((2, 12, 12), r"H a multiple of 8, got \(2, 12, 12\)"),
        ((2, 3, 8, 8), r"\(n, 1, H, H\)"),
        ((8, 8), "images must have 3 or 4 axes"),
    ],
)
def test_describe_refuses_other_shapes(shape, message):
    with pytest.raises(ValueError, match=message):
        describe(np.zeros(shape))


@pytest.fixture(scope="module")
def report():
    rng = np.random.default_rng(0)
    near_copies = TRAIN[rng.permutation(898)[:300]] + 0.02 * rng.standard_normal((300, 8, 8))
    ones = TRAIN[TRAIN_LABELS == 1][rng.integers(80, size=300)]
    fresh = HELD_OUT[rng.permutation(899)[:300]]
    samples = {"near-copies": near_copies, "only ones": ones, "held-out pictures": fresh}
    return quality_report(samples, train=TRAIN, held_out=HELD_OUT, n_splits=7, rng=rng)


def test_quality_report_begins_with_floor_and_gaussian(report):
    assert list(report.rows) == [FLOOR, GAUSSIAN, "near-copies", "only ones", "held-out pictures"]
    assert report.n == 300


def test_quality_report_each_failure_shows_in_its_own_column(report):
    floor = report[FLOOR]
    assert floor.neighbour_ratio == 1
    assert report[GAUSSIAN].frechet > 5 * floor.frechet
    assert report["near-copies"].neighbour_ratio < 0.3
    assert report["near-copies"].frechet < 2 * floor.frechet
    assert report["only ones"].label_entropy < 0.1
    assert report["only ones"].recall < 0.3
    assert report["only ones"].precision > 0.8
    assert abs(report[FLOOR].kernel) < report[GAUSSIAN].kernel / 10


def test_quality_report_measures_in_the_frozen_features(report):
    ones = TRAIN[TRAIN_LABELS == 1][np.random.default_rng(1).integers(80, size=300)]
    again = quality_report({"a": ones}, train=TRAIN, held_out=HELD_OUT, rng=np.random.default_rng(2))
    expected = frechet_distance(describe(ones).features, describe(HELD_OUT).features)
    assert again["a"].frechet == expected


def test_quality_report_prints_every_row_and_n(report):
    text = str(report).splitlines()
    assert text[0].startswith("n = 300")
    assert [line[: len(name)] for line, name in zip(text[1:-1], report.rows, strict=True)] == list(report.rows)
    assert len({len(line) for line in text[:-1]}) == 1
    assert f"±{report.floor_sd:.3f}" in text[-1]


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ({}, "sets of one size, got {}"),
        ({"a": TRAIN[:20], "b": TRAIN[:30]}, "sets of one size, got {'a': 20, 'b': 30}"),
        ({"a": HELD_OUT}, "899 samples need a floor of as many real pictures, train holds 898"),
    ],
)
def test_quality_report_refuses_sets_it_cannot_compare(samples, message):
    with pytest.raises(ValueError, match=message):
        quality_report(samples, train=TRAIN, held_out=HELD_OUT, rng=np.random.default_rng(0))


def test_quality_report_wants_a_generator():
    with pytest.raises(TypeError, match="rng must be a numpy Generator"):
        quality_report({"a": TRAIN[:20]}, train=TRAIN, held_out=HELD_OUT, rng=0)
