"""The table of a lab: every number beside what real data and a Gaussian reach at the same number of samples."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from coursekit.sample_quality.distances import frechet_distance, kernel_distance
from coursekit.sample_quality.features import describe
from coursekit.sample_quality.neighbours import label_entropy, neighbour_ratio, precision_recall
from coursekit.validation import finite_array, generator, whole_number

__all__ = ["FLOOR", "GAUSSIAN", "QualityReport", "QualityRow", "quality_report"]

FLOOR, GAUSSIAN = "real against real", "Gaussian with the pixels' covariance"


@dataclass(frozen=True)
class QualityRow:
    """The measures of one set of samples; `neighbour_ratio` of the floor is 1, by symmetry."""

    frechet: float
    kernel: float
    precision: float
    recall: float
    neighbour_ratio: float
    label_entropy: float


@dataclass(frozen=True)
class QualityReport:
    """Rows by name: the floor and the Gaussian first, then the samples. Printed, it is a table.

    `floor_sd` is the spread of the floor's Frechet distance over the random splits: differences below it say little.
    """

    rows: dict[str, QualityRow]
    n: int
    floor_sd: float

    def __getitem__(self, name: str) -> QualityRow:
        """Return the row of that name."""
        return self.rows[name]

    def __str__(self) -> str:
        """Return the table as text."""
        width = max(map(len, self.rows))
        head = ["Frechet", " kernel", "precision", "recall", "nn ratio", "class entropy"]
        lines = [f"{f'n = {self.n}':{width}}  " + "  ".join(head)]
        for name, row in self.rows.items():
            values = zip(head, vars(row).values(), strict=True)
            cells = [f"{value:{len(title)}.{3 if title in head[:2] else 2}f}" for title, value in values]
            lines.append(f"{name:{width}}  " + "  ".join(cells))
        return "\n".join([*lines, f"(Frechet of real against real: ±{self.floor_sd:.3f} over random halves)"])


def quality_report(
    samples: Mapping[str, np.ndarray],
    *,
    train: np.ndarray,
    held_out: np.ndarray,
    n_splits: int = 20,
    rng: np.random.Generator,
) -> QualityReport:
    """Compare samples with held-out pictures, in the frozen features of digits.

    Labs `gan` and `diffusion`. The first two rows are always there: real data against real data (the mean over
    random splits of all that is real), and a Gaussian with the mean and the covariance of the training pixels.

    Parameters
    ----------
    samples : mapping        name -> (n, H, H) or (n, 1, H, H) pictures in [0, 1], every set with the same n
    train : (m, H, H)        pictures that the generators were trained on, m >= n
    held_out : (m', H, H)    pictures to compare with, m' within one of m
    n_splits : int           random splits for the floor, >= 2
    rng : Generator          draws the splits and the Gaussian

    Returns
    -------
    QualityReport            rows, n, floor_sd

    Raises
    ------
    TypeError                not real numbers, no generator
    ValueError               no samples, sets of different sizes, more samples than training pictures, NaN

    Notes
    -----
    Frechet, kernel distance, precision and recall are taken in the 32 features against `held_out`; the ratio of
    nearest neighbours in pixels. Pictures are clipped to [0, 1] first.
    """
    rng, n_splits = generator("rng", rng), whole_number("n_splits", n_splits, least=2)
    if len({np.shape(images)[0] for images in samples.values()}) != 1:
        raise ValueError(f"samples must hold sets of one size, got { {k: len(v) for k, v in samples.items()} }")
    n = len(next(iter(samples.values())))
    if n > len(train):
        raise ValueError(f"{n} samples need a floor of as many real pictures, train holds {len(train)}")
    pixels = {name: clipped(name, images) for name, images in [("train", train), ("held_out", held_out)]}
    pixels[GAUSSIAN] = gaussian_pictures(pixels["train"], n, rng)
    pixels |= {name: clipped(name, images) for name, images in samples.items()}
    seen = {name: describe(images) for name, images in pixels.items()}
    features = {name: one.features for name, one in seen.items()}
    real = np.concatenate([features["train"], features["held_out"]])
    splits = [np.split(rng.permutation(real), [n, n + len(held_out)])[:2] for _ in range(n_splits)]
    floors = [distances(a, b) for a, b in splits]
    frechet, kernel, precision, recall = map(float, np.mean(floors, axis=0))
    even = label_entropy(seen["held_out"].labels, 10)
    rows = {FLOOR: QualityRow(frechet, kernel, precision, recall, 1.0, even)}
    for name in [GAUSSIAN, *samples]:
        ratio = neighbour_ratio(pixels[name], pixels["train"], pixels["held_out"])
        measured = distances(features[name], features["held_out"])
        rows[name] = QualityRow(*measured, ratio, label_entropy(seen[name].labels, 10))
    return QualityReport(rows, n, float(np.std([floor[0] for floor in floors], ddof=1)))


def distances(generated: np.ndarray, real: np.ndarray) -> tuple[float, float, float, float]:
    """Return Frechet's distance, the kernel's, precision and recall of feature vectors."""
    shares = precision_recall(real, generated)
    return frechet_distance(generated, real), kernel_distance(generated, real), shares.precision, shares.recall


def clipped(name: str, images: np.ndarray) -> np.ndarray:
    """Return pictures (n, H, H) with values in [0, 1]."""
    array = finite_array(name, images, ndim=(3, 4))
    return np.clip(array.reshape(len(array), *array.shape[-2:]), 0, 1)


def gaussian_pictures(images: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return n pictures of a Gaussian with the mean and the covariance of these, clipped to [0, 1]."""
    flat = images.reshape(len(images), -1)
    drawn = rng.multivariate_normal(flat.mean(axis=0), np.cov(flat, rowvar=False), size=n, method="eigh")
    return np.clip(drawn.reshape(n, *images.shape[1:]), 0, 1)
