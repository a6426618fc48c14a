"""Many small pictures as one."""

import numpy as np

from coursekit.validation import finite_array, whole_number

__all__ = ["contact_sheet"]


def contact_sheet(images: np.ndarray, n_columns: int = 10) -> np.ndarray:
    """Return pictures as one picture, row by row, each in a black frame of one pixel.

    Parameters
    ----------
    images : (n, H, W) array     n a multiple of `n_columns`
    n_columns : int              >= 1

    Returns
    -------
    (rows (H + 2), n_columns (W + 2)) array

    Raises
    ------
    TypeError                    not real numbers
    ValueError                   not three axes, a last row that is not full, NaN

    Examples
    --------
    >>> contact_sheet(np.ones((2, 1, 1)), 2)
    array([[0., 0., 0., 0., 0., 0.],
           [0., 1., 0., 0., 1., 0.],
           [0., 0., 0., 0., 0., 0.]])
    """
    images = finite_array("images", images, ndim=3)
    n_columns = whole_number("n_columns", n_columns, least=1)
    if len(images) % n_columns:
        raise ValueError(f"images must fill rows of {n_columns}, got {len(images)}")
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    n, height, width = framed.shape
    rows = framed.reshape(n // n_columns, n_columns, height, width).transpose(0, 2, 1, 3)
    return rows.reshape(n // n_columns * height, n_columns * width)
