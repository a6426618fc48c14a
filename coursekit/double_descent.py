"""Least squares on both sides of interpolation: minimum norm, exact risk, ridge, leave-one-out, gradient descent.

Throughout, y = A x* + noise: n rows of data, p unknowns, noise of variance `var`. Where a risk is computed, the rows
of A are standard normal in p dimensions and B = |x*|^2; then the excess risk E|x - x*|^2 is also what a prediction at
a new standard normal row loses beyond the noise.
"""

import numpy as np
from scipy.linalg import solve_triangular

from coursekit.validation import finite_array, generator, number, whole_number

__all__ = [
    "excess_losses",
    "excess_risk",
    "gradient_descent",
    "loo_residuals",
    "min_norm_lstsq",
    "min_norm_prefixes",
    "optimal_ridge",
    "random_relu_features",
    "ridge",
    "spectrum_risk",
    "weak_features_risk",
]

CHUNK = 1 << 21  # numbers of A that a simulation holds at a time: 16 MB


# Solutions


def min_norm_lstsq(A: np.ndarray, y: np.ndarray, rcond: float = 1e-10) -> np.ndarray:
    """Return the shortest of all x that make |A x - y| as small as it can be.

    Lecture `double_descent`, "infinitely many fits": A = U S V' gives V S^-1 U' y, over the nonzero singular values.

    Parameters
    ----------
    A : (n, p) array         any shape, any rank
    y : (n,) or (n, k) array one target, or k targets fitted separately
    rcond : float            >= 0; a singular value at most `rcond` times the largest counts as zero

    Returns
    -------
    (p,) or (p, k) array     in units of `y` over units of `A`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               rows of A and y disagree, empty, NaN, rcond < 0

    Notes
    -----
    Source: Penrose (1956). Differs from numpy.linalg.lstsq in the default of `rcond`, there eps * max(n, p).

    Examples
    --------
    >>> min_norm_lstsq([[1.0, 1.0]], [2.0])
    array([1., 1.])
    """
    A = finite_array("A", A, ndim=2)
    y = finite_array("y", y, ndim=(1, 2))
    rcond = number("rcond", rcond, least=0)
    if len(A) != len(y):
        raise ValueError(f"A and y must have as many rows, got shapes {A.shape} and {y.shape}")
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    kept = s > rcond * s[0]
    return (Vt[kept].T / s[kept]) @ (U[:, kept].T @ y)


def ridge(A: np.ndarray, y: np.ndarray, lam: float) -> np.ndarray:
    """Return the x that minimises |A x - y|^2 + lam |x|^2.

    Lecture `double_descent`, "ridge removes the peak": V S (S^2 + lam)^-1 U' y.

    Parameters
    ----------
    A : (n, p) array         any shape, any rank
    y : (n,) or (n, k) array one target, or k targets fitted separately
    lam : float              >= 0, in squared units of `A`; 0 gives `min_norm_lstsq`, the limit

    Returns
    -------
    (p,) or (p, k) array     in units of `y` over units of `A`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               rows of A and y disagree, empty, NaN, lam < 0

    Notes
    -----
    Source: Hoerl and Kennard (1970). The squared error is a sum over the n rows, not their mean.

    Examples
    --------
    >>> ridge([[1.0, 1.0]], [2.0], 2.0)
    array([0.5, 0.5])
    """
    A = finite_array("A", A, ndim=2)
    y = finite_array("y", y, ndim=(1, 2))
    lam = number("lam", lam, least=0)
    if len(A) != len(y):
        raise ValueError(f"A and y must have as many rows, got shapes {A.shape} and {y.shape}")
    if lam == 0:
        return min_norm_lstsq(A, y)
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    return (Vt.T * (s / (s**2 + lam))) @ (U.T @ y)


def gradient_descent(
    A: np.ndarray, y: np.ndarray, x0: np.ndarray, n_steps: int, step: float | None = None
) -> np.ndarray:
    """Return where gradient descent on |A x - y|^2 / 2 stands after `n_steps` steps from `x0`.

    Lecture `double_descent`, "which fit does gradient descent choose?": x <- x - step * A'(A x - y).

    Parameters
    ----------
    A : (n, p) array         any shape, not zero
    y : (n,) array           the target
    x0 : (p,) array          where to start
    n_steps : int            >= 0
    step : float             between 0 and 2 / (largest singular value)^2, beyond which the steps diverge;
                             None takes half of that

    Returns
    -------
    (p,) array               tends to x0 + A^+ (y - A x0): the fit nearest to where it started

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               shapes disagree, empty, NaN, A = 0, n_steps < 0, a step out of bounds

    Notes
    -----
    Each step adds a combination of the rows of A, so what x0 has outside their span never changes.

    Examples
    --------
    >>> gradient_descent([[1.0, 1.0]], [2.0], [3.0, 0.0], 50).round(6)
    array([ 2.5, -0.5])
    """
    A = finite_array("A", A, ndim=2)
    y = finite_array("y", y, ndim=1)
    x = finite_array("x0", x0, ndim=1)
    if A.shape != (y.size, x.size):
        raise ValueError(f"A must have shape (n, p) for y (n,) and x0 (p,), got {A.shape}, {y.shape} and {x.shape}")
    n_steps = whole_number("n_steps", n_steps, least=0)
    largest = float(np.linalg.norm(A, 2)) ** 2
    if largest == 0:
        raise ValueError(f"A must not be zero everywhere, got shape {A.shape} of zeros")
    step = 1 / largest if step is None else number("step", step, above=0, below=2 / largest)
    for _ in range(n_steps):
        x = x - step * (A.T @ (A @ x - y))
    return x.copy()


def min_norm_prefixes(A: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the minimum-norm least-squares solutions for the first 1, 2, ..., P columns of A, all at once.

    Lecture `double_descent`, "one feature at a time": row p - 1 equals `min_norm_lstsq(A[:, :p], y)`.

    Parameters
    ----------
    A : (n, P) array         its first min(n, P) columns must be independent
    y : (n,) array           the target

    Returns
    -------
    (P, P) array             row p - 1 holds the p coefficients, then zeros; in units of `y` over units of `A`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               rows of A and y disagree, empty, NaN, dependent columns

    Notes
    -----
    Two factorisations take the place of P. Up to p = n: the inverse of the triangular R in A = QR begins with the
    inverse of each smaller R, so each solution adds one column to the last. Beyond: a Cholesky factor also begins with
    the smaller ones; starting at p = P, where A A' is well conditioned, columns are taken *away*, so that the bad
    condition at p = n comes last and spoils nothing before it. Errors grow with the squared condition of A[:, :p].

    Examples
    --------
    >>> min_norm_prefixes([[1.0, 1.0, 0.0]], [2.0])
    array([[2., 0., 0.],
           [1., 1., 0.],
           [1., 1., 0.]])
    """
    A = finite_array("A", A, ndim=2)
    y = finite_array("y", y, ndim=1)
    n, P = A.shape
    if y.size != n:
        raise ValueError(f"A and y must have as many rows, got shapes {A.shape} and {y.shape}")
    m = min(n, P)
    solutions = np.zeros((P, P))
    Q, R = np.linalg.qr(A[:, :m])
    size = np.abs(np.diag(R))
    if size.min() <= 1e-12 * size.max():
        at = size.argmin() + 1
        raise ValueError(f"A must have independent columns up to p = {m}, got a dependent one at p = {at}")
    R_inverse = solve_triangular(R, np.eye(m))
    solutions[:m, :m] = np.cumsum(R_inverse * (Q.T @ y), axis=1).T
    if n < P:
        L = np.linalg.cholesky(A @ A.T)
        b = solve_triangular(L, y, lower=True)
        Z = solve_triangular(L, A[:, :n:-1], lower=True)  # columns P - 1, ..., n + 1: each prefix of Z is taken away
        F = np.linalg.cholesky(np.eye(P - n - 1) - Z.T @ Z)
        added = solve_triangular(F, Z.T, lower=True).T * solve_triangular(F, Z.T @ b, lower=True)
        duals = solve_triangular(L.T, np.cumsum(np.column_stack([b, added]), axis=1))
        solutions[n:] = np.tril((duals.T @ A)[::-1], n)  # for p = n + 1, ..., P
    return solutions


# Exact risk


def excess_risk(n: int, p: int, B: float, var: float) -> float:
    """Return the expected squared error E|x - x*|^2 of the minimum-norm least-squares fit.

    Lecture `double_descent`, "the exact curve": var p / (n - p - 1) for p < n - 1,
    B (1 - n/p) + var n / (p - n - 1) for p > n + 1, infinite between.

    Parameters
    ----------
    n : int                  >= 1, rows of data; each is standard normal in p dimensions
    p : int                  >= 1, unknowns
    B : float                >= 0, squared length of the true x*
    var : float              > 0, variance of the noise

    Returns
    -------
    float                    in squared units of x*; inf for p = n - 1, n, n + 1

    Raises
    ------
    TypeError                a wrong type
    ValueError               n < 1, p < 1, B < 0, var <= 0, NaN

    Notes
    -----
    Exact at finite n, unlike the limits in Hastie et al. (2022): E tr (A'A)^-1 = p / (n - p - 1) for an inverse
    Wishart matrix. Source: Belkin, Hsu and Xu (2020); Breiman and Freedman (1983) for p < n.

    Examples
    --------
    >>> excess_risk(40, 20, 1.0, 0.25).__round__(4), excess_risk(40, 60, 1.0, 0.25).__round__(4)
    (0.2632, 0.8596)
    """
    n = whole_number("n", n, least=1)
    p = whole_number("p", p, least=1)
    B = number("B", B, least=0)
    var = number("var", var, above=0)
    if p < n - 1:
        return var * p / (n - p - 1)
    if p > n + 1:
        return B * (1 - n / p) + var * n / (p - n - 1)
    return np.inf


def weak_features_risk(n: int, p: int, beta: np.ndarray, var: float) -> float:
    """Return the expected squared error of predicting a new y from the first p of D features.

    Lecture `double_descent`, "leave features out": what is left out acts as noise of variance
    v = var + |beta[p:]|^2; v (1 + p/(n - p - 1)) for p < n - 1,
    |beta[:p]|^2 (1 - n/p) + v (1 + n/(p - n - 1)) for p > n + 1, infinite between.

    Parameters
    ----------
    n : int                  >= 1, rows of data; each is standard normal in D dimensions
    p : int                  0 to D, features used
    beta : (D,) array        the true coefficients
    var : float              > 0, variance of the noise

    Returns
    -------
    float                    in squared units of y, the noise of the new y included

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               n < 1, p not in 0 to D, var <= 0, NaN

    Notes
    -----
    Source: Belkin, Hsu and Xu (2020). With p = D it is `excess_risk` plus `var`.

    Examples
    --------
    >>> weak_features_risk(10, 0, [3.0, 4.0], 1.0)
    26.0
    """
    n = whole_number("n", n, least=1)
    beta = finite_array("beta", beta, ndim=1)
    p = whole_number("p", p, least=0, most=beta.size)
    var = number("var", var, above=0)
    used = float(beta[:p] @ beta[:p])
    noise = var + float(beta[p:] @ beta[p:])
    if p < n - 1:
        return noise * (1 + p / (n - p - 1))
    if p > n + 1:
        return used * (1 - n / p) + noise * (1 + n / (p - n - 1))
    return np.inf


def optimal_ridge(n: int, p: int, B: float, var: float) -> float:
    """Return the `lam` of `ridge` with the least expected squared error E|x - x*|^2.

    Lecture `double_descent`, "ridge removes the peak": p var / B, whatever the number of rows.

    Parameters
    ----------
    n : int                  >= 1, rows of data
    p : int                  >= 1, unknowns
    B : float                > 0, squared length of the true x*, in no direction known before
    var : float              > 0, variance of the noise

    Returns
    -------
    float                    for |A x - y|^2 + lam |x|^2, in squared units of `A`

    Raises
    ------
    TypeError                a wrong type
    ValueError               n < 1, p < 1, B <= 0, var <= 0, NaN

    Notes
    -----
    Best for every A at once, when averaged over the direction of x*: each singular value asks for the same `lam`,
    see `spectrum_risk`.

    Examples
    --------
    >>> optimal_ridge(40, 20, 1.0, 0.25)
    5.0
    """
    whole_number("n", n, least=1)
    p = whole_number("p", p, least=1)
    B = number("B", B, above=0)
    var = number("var", var, above=0)
    signal_to_noise = B / p / var  # of one coordinate
    return 1 / signal_to_noise


def spectrum_risk(s: np.ndarray, p: int, B: float, var: float, lam: float = 0.0) -> float:
    """Return E|x - x*|^2 of `ridge` for a design with the given singular values.

    Lecture `double_descent`, "a small singular value": the mean over the noise and over all directions of x*,
    sum (var s^2 + lam^2 B/p) / (s^2 + lam)^2 + (p - r) B/p.

    Parameters
    ----------
    s : (r,) array           > 0, the r <= p singular values of A that are not zero
    p : int                  >= 1, unknowns
    B : float                >= 0, squared length of the true x*
    var : float              >= 0, variance of the noise
    lam : float              >= 0; 0 is the minimum-norm fit

    Returns
    -------
    float                    in squared units of x*

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               a singular value <= 0, more than p of them, B, var or lam < 0, NaN

    Notes
    -----
    Its mean over standard normal designs is `excess_risk` where lam = 0.

    Examples
    --------
    >>> spectrum_risk([2.0, 0.5], 3, 3.0, 1.0)
    5.25
    """
    s = finite_array("s", s, ndim=1)
    p = whole_number("p", p, least=1)
    B = number("B", B, least=0)
    var = number("var", var, least=0)
    lam = number("lam", lam, least=0)
    if s.min() <= 0:
        raise ValueError(f"s must be > 0, got {s.min():g}")
    if s.size > p:
        raise ValueError(f"s must have at most p = {p} entries, got {s.size}")
    inside = ((var * s**2 + lam**2 * B / p) / (s**2 + lam) ** 2).sum()
    return float(inside + (p - s.size) * B / p)


def excess_losses(
    n: int, p: int, B: float, var: float, n_draws: int, lam: float = 0.0, *, rng: np.random.Generator
) -> np.ndarray:
    """Return |x - x*|^2 of the minimum-norm or ridge fit for `n_draws` fresh data sets.

    Lecture `double_descent`, "the exact curve": their mean is `excess_risk` where lam = 0.

    Parameters
    ----------
    n : int                  >= 1, rows of data; each is standard normal in p dimensions
    p : int                  >= 1, unknowns
    B : float                >= 0, squared length of the true x*; all its entries are equal
    var : float              >= 0, variance of the noise
    n_draws : int            >= 1, data sets
    lam : float              >= 0; 0 is the minimum-norm fit
    rng : Generator          draws design and noise

    Returns
    -------
    (n_draws,) array         in squared units of x*

    Raises
    ------
    TypeError                a wrong type
    ValueError               n, p or n_draws < 1, B, var or lam < 0, NaN

    Notes
    -----
    Solved with the smaller of A'A and A A', many data sets in one call: good to the squared condition of A, which is
    ample for a simulation. The losses have a variance only where |n - p| > 3, and a mean only where |n - p| > 1.

    Examples
    --------
    >>> excess_losses(9, 3, 1.0, 0.0, 2, rng=np.random.default_rng(0)).round(12)
    array([0., 0.])
    """
    n = whole_number("n", n, least=1)
    p = whole_number("p", p, least=1)
    B = number("B", B, least=0)
    var = number("var", var, least=0)
    n_draws = whole_number("n_draws", n_draws, least=1)
    lam = number("lam", lam, least=0)
    generator("rng", rng)
    truth = np.full(p, np.sqrt(B / p))
    parts, chunk = [], max(1, CHUNK // (n * p))
    for start in range(0, n_draws, chunk):
        count = min(chunk, n_draws - start)
        A = rng.standard_normal((count, n, p))
        y = (A @ truth + np.sqrt(var) * rng.standard_normal((count, n)))[..., None]
        At = np.swapaxes(A, 1, 2)
        if p <= n:
            x = np.linalg.solve(At @ A + lam * np.eye(p), At @ y)
        else:
            x = At @ np.linalg.solve(A @ At + lam * np.eye(n), y)
        parts.append(((x[..., 0] - truth) ** 2).sum(axis=1))
    return np.concatenate(parts)


# Leave one out


def loo_residuals(A: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return what each y_i misses when it is predicted by the fit to the other n - 1, from one fit to all.

    Lecture `double_descent`, "leave one out": r_i / (1 - h_i) for n > p, with h_i the leverages (the diagonal of the
    projection onto the columns of A); [K^-1 y]_i / [K^-1]_ii with K = A A' for n <= p, where r_i = 0 and h_i = 1.

    Parameters
    ----------
    A : (n, p) array         n >= 2, of rank min(n, p)
    y : (n,) array           the target

    Returns
    -------
    (n,) array               y_i minus its prediction by the minimum-norm fit to the others, in units of `y`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               shapes disagree, fewer than two rows, NaN, rank below min(n, p), a leverage of 1 where
                             n > p (then without that row the fit is no longer unique)

    Notes
    -----
    Source: Allen (1974) for n > p.

    Examples
    --------
    >>> loo_residuals([[1.0], [1.0], [1.0]], [1.0, 2.0, 6.0])
    array([-3. , -1.5,  4.5])
    """
    A = finite_array("A", A, ndim=2)
    y = finite_array("y", y, ndim=1)
    n, p = A.shape
    if y.size != n:
        raise ValueError(f"A and y must have as many rows, got shapes {A.shape} and {y.shape}")
    if n < 2:
        raise ValueError(f"A must have at least 2 rows, got {n}")
    if np.linalg.matrix_rank(A) < min(n, p):
        raise ValueError(f"A must have rank min(n, p) = {min(n, p)}, got rank {np.linalg.matrix_rank(A)}")
    if n > p:
        Q, _ = np.linalg.qr(A)
        leverage = (Q**2).sum(axis=1)
        if leverage.max() > 1 - 1e-12:
            raise ValueError(f"A must have leverages below 1, got 1 at row {leverage.argmax()}")
        return (y - Q @ (Q.T @ y)) / (1 - leverage)
    K_inverse = np.linalg.inv(A @ A.T)
    return K_inverse @ y / np.diag(K_inverse)


# Features


def random_relu_features(X: np.ndarray, p: int, *, rng: np.random.Generator) -> np.ndarray:
    """Return p random features max(0, w'x / sqrt(d)) of each row x of X, with w standard normal.

    Lecture `double_descent`, "digits": the first layer of a network that is never trained.

    Parameters
    ----------
    X : (n, d) array         rows of data; stack training and test rows, so that both meet the same w
    p : int                  >= 1, features
    rng : Generator          draws the (d, p) weights

    Returns
    -------
    (n, p) array             >= 0, in units of `X`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not two axes, empty, NaN, p < 1

    Notes
    -----
    Source: Rahimi and Recht (2007), with the rectifier in the place of the cosine.

    Examples
    --------
    >>> random_relu_features([[1.0, 0.0], [-2.0, 0.0]], 3, rng=np.random.default_rng(1)).round(2)
    array([[0.24, 0.58, 0.23],
           [0.  , 0.  , 0.  ]])
    """
    X = finite_array("X", X, ndim=2)
    p = whole_number("p", p, least=1)
    generator("rng", rng)
    d = X.shape[1]
    return np.maximum(0, X @ rng.standard_normal((d, p)) / np.sqrt(d))
