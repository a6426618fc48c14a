"""Oracles: sets on a line whose balls can be drawn by hand, and loops."""

import numpy as np
import pytest

from coursekit.sample_quality import label_counts, label_entropy, neighbour_ratio, precision_recall

EPS = np.finfo(float).eps


def covered(points: np.ndarray, centres: np.ndarray, k: int) -> float:
    """Return the share of points within the k-neighbour balls, by loops."""
    inside = 0
    for p in points:
        reach = [sorted(np.linalg.norm(c - other) for other in centres)[k] for c in centres]
        inside += any(np.linalg.norm(p - c) <= r for c, r in zip(centres, reach, strict=True))
    return inside / len(points)


@pytest.mark.parametrize("k", [1, 3])
def test_precision_recall_matches_loops(k: int):
    rng = np.random.default_rng(0)
    real, generated = rng.standard_normal((17, 2)), 0.5 * rng.standard_normal((13, 2)) + 0.7
    result = precision_recall(real, generated, k)
    assert (result.precision, result.recall) == (covered(generated, real, k), covered(real, generated, k))
    assert 0 < result.recall < 1


def test_precision_recall_of_a_set_with_itself_is_one():
    x = np.random.default_rng(1).standard_normal((11, 3))
    result = precision_recall(x, x)
    assert (result.precision, result.recall) == (1, 1)


def test_precision_recall_tells_collapse_from_noise():
    rng = np.random.default_rng(2)
    real = rng.standard_normal((101, 2))
    collapsed = precision_recall(real, 1e-3 * rng.standard_normal((101, 2)))
    assert collapsed.precision == 1
    assert collapsed.recall < 0.05
    spread = precision_recall(real, rng.uniform(-40, 40, (101, 2)))
    assert spread.precision < 0.2
    assert spread.recall > 0.8


def test_precision_recall_uses_three_neighbours_unless_told():
    rng = np.random.default_rng(3)
    real, generated = rng.standard_normal((19, 2)), rng.standard_normal((23, 2))
    assert precision_recall(real, generated) == precision_recall(real, generated, 3)
    assert precision_recall(real, generated) != precision_recall(real, generated, 1)


@pytest.mark.parametrize(
    ("real", "generated", "k", "message"),
    [
        (np.zeros((5, 2)), np.zeros((5, 3)), 3, r"as many features, got \(5, 2\) and \(5, 3\)"),
        (np.zeros((3, 2)), np.zeros((5, 2)), 3, "k = 3 neighbours need more than 3 samples, got 3 and 5"),
        (np.zeros((5, 2)), np.zeros((5, 2)), 0, "k must be at least 1, got 0"),
    ],
)
def test_precision_recall_refuses_bad_input(real, generated, k, message):
    with pytest.raises(ValueError, match=message):
        precision_recall(real, generated, k)


def test_neighbour_ratio_is_zero_for_copies():
    rng = np.random.default_rng(4)
    train, held_out = rng.random((9, 3, 5)), rng.random((8, 3, 5))
    assert neighbour_ratio(train[:4], train, held_out) == 0


def test_neighbour_ratio_inverts_when_the_sets_are_exchanged():
    rng = np.random.default_rng(5)
    generated, train, held_out = rng.random((7, 4)), rng.random((9, 4)), rng.random((9, 4))
    there, back = neighbour_ratio(generated, train, held_out), neighbour_ratio(generated, held_out, train)
    assert there * back == pytest.approx(1, rel=4 * EPS)


def test_neighbour_ratio_is_near_one_for_fresh_samples():
    rng = np.random.default_rng(6)
    ratios = np.array([neighbour_ratio(*rng.standard_normal((3, 41, 2))) for _ in range(100)])
    logs = np.log(ratios)  # symmetric about 0 for three sets of one kind
    assert abs(logs.mean()) < 4 * logs.std(ddof=1) / 10


def test_neighbour_ratio_of_held_out_samples_is_infinite():
    assert neighbour_ratio(np.zeros((2, 3)), np.ones((4, 3)), np.zeros((4, 3))) == np.inf


@pytest.mark.parametrize(
    ("generated", "train", "held_out", "message"),
    [
        (np.zeros((2, 3)), np.zeros((4, 3)), np.ones((4, 2)), r"of one size, got \(2, 3\), \(4, 3\), \(4, 2\)"),
        (np.zeros((2, 3)), np.zeros((4, 3)), np.ones((6, 3)), "as large, got 4 and 6"),
    ],
)
def test_neighbour_ratio_refuses_bad_input(generated, train, held_out, message):
    with pytest.raises(ValueError, match=message):
        neighbour_ratio(generated, train, held_out)


def test_label_counts_keeps_empty_classes():
    assert label_counts(np.array([4, 1, 1]), 6).tolist() == [0, 2, 0, 0, 1, 0]


def test_label_entropy_at_its_ends_and_between():
    assert label_entropy(np.full(7, 3), 10) == 0
    assert label_entropy(np.arange(30) % 10, 10) == pytest.approx(1, abs=4 * EPS)
    # shares 1/2, 1/4, 1/4: 1.5 bits of the log2(3) possible
    assert label_entropy(np.array([0, 0, 1, 2]), 3) == pytest.approx(1.5 / np.log2(3), rel=4 * EPS)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([0, 5]), "labels must lie in 0 to 4, got 0 to 5"),
        (np.array([-1, 2]), "labels must lie in 0 to 4, got -1 to 2"),
        (np.array([], dtype=int), "not be empty"),
        (np.zeros((2, 2), dtype=int), r"one axis and not be empty, got shape \(2, 2\)"),
    ],
)
def test_label_counts_refuses_what_is_no_class(labels, message):
    with pytest.raises(ValueError, match=message):
        label_counts(labels, 5)


def test_label_counts_refuses_fractions():
    with pytest.raises(TypeError, match="labels must be whole numbers, got dtype float64"):
        label_counts(np.array([0.0, 1.0]), 2)


def test_label_entropy_refuses_a_single_class():
    with pytest.raises(ValueError, match="n_classes must be at least 2, got 1"):
        label_entropy(np.array([0]), 1)
