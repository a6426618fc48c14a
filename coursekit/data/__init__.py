"""Small data sets that ship with the course; their sources and licences are listed in DATA.md."""

from importlib.resources import files

import numpy as np

__all__ = ["baseball_1970", "digits", "nile", "sunspots"]


def columns(name: str) -> tuple[np.ndarray, ...]:
    """Return the columns of the packaged table `name`.csv, which has one header line."""
    text = (files(__package__) / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(np.loadtxt(text.splitlines(), delimiter=",", skiprows=1, unpack=True))


def nile() -> tuple[np.ndarray, np.ndarray]:
    """Return the years 1871 to 1970 and the Nile's annual flow at Aswan, in 10^8 cubic metres; both (100,).

    Source: Cobb (1978), Biometrika 65.

    Returns
    -------
    two arrays       year (100,), flow (100,)

    Examples
    --------
    >>> year, flow = nile()
    >>> int(year[0]), float(flow.mean())
    (1871, 919.35)
    """
    year, flow = columns("nile")
    return year, flow


def baseball_1970() -> tuple[np.ndarray, np.ndarray]:
    """Return the batting averages of 18 players after 45 at-bats and over the rest of the season; both (18,).

    Source: Efron and Morris (1975), J. Amer. Statist. Assoc. 70.

    Returns
    -------
    two arrays       early (18,), late (18,)

    Examples
    --------
    >>> early, late = baseball_1970()
    >>> float(early[0]), float(late[0])
    (0.4, 0.346)
    """
    early, late = columns("baseball_1970")
    return early, late


def sunspots() -> tuple[np.ndarray, np.ndarray]:
    """Return the years 1700 to 2008 and the yearly mean sunspot number; both (309,).

    Source: NOAA National Geophysical Data Center; the international number as counted before its revision of 2015.

    Returns
    -------
    two arrays       year (309,), number (309,)

    Examples
    --------
    >>> year, number = sunspots()
    >>> int(year[-1]), float(number.max())
    (2008, 190.2)
    """
    year, number = columns("sunspots")
    return year, number


def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return scikit-learn's handwritten digits in two halves, one to train on and one to hold out.

    Source: Alpaydin and Kaynak, UCI Machine Learning Repository; every second picture is held out, so the writers
    are the same in both halves.

    Returns
    -------
    four arrays      train (898, 8, 8) in [0, 1], strokes bright; its labels (898,); held out (899, 8, 8); its labels

    Examples
    --------
    >>> train, train_labels, held_out, held_out_labels = digits()
    >>> train.shape, held_out.shape, float(train.max())
    ((898, 8, 8), (899, 8, 8), 1.0)
    """
    from sklearn.datasets import load_digits  # of the student extra, and slow to import

    bunch = load_digits()
    images, labels = bunch.images / 16, bunch.target
    return images[1::2], labels[1::2], images[::2], labels[::2]
