"""Balancing a similarity matrix until every row and column sums to 1, and what the balanced matrix says.

K is a symmetric, nonnegative (n, n) matrix of similarities between n nodes (the pixels of a photograph, say), and
W = diag(c) K diag(c) its doubly stochastic scaling: a filter that keeps the mean. The same algebra solves
transport with entropy. Signals on the nodes are (n,) arrays; pictures are raveled first.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse, special
from scipy.linalg import blas
from scipy.sparse import csgraph

from coursekit.validation import finite_array, number, same_shape, whole_number

__all__ = [
    "AlternatingResult",
    "GridTransportResult",
    "PlanResult",
    "SinkhornResult",
    "apply_filter",
    "balance",
    "balance_alternating",
    "balance_chebyshev",
    "balance_log",
    "balanced",
    "contraction",
    "entropic_plan",
    "entropic_plan_fast",
    "gaussian_affinity",
    "power_affinity",
    "recover_signal",
    "sinkhorn_symmetric",
    "transport_on_grid",
]


@dataclass(frozen=True)
class SinkhornResult:
    """A scaling c (n,) > 0 and how the iteration went; `log_c` is its logarithm, for where c overflows.

    `residual` is the largest |row sum - 1| of diag(c) K diag(c), `history` (n_iter,) the same after each step.
    """

    c: np.ndarray
    log_c: np.ndarray
    converged: bool
    n_iter: int
    residual: float
    history: np.ndarray


@dataclass(frozen=True)
class AlternatingResult:
    """Two scalings (n,) that make diag(rows) K diag(columns) doubly stochastic, and how the sweeps went.

    `history` (n_iter,) is the largest |row sum - 1| after each sweep; the column sums are 1.
    """

    rows: np.ndarray
    columns: np.ndarray
    converged: bool
    n_iter: int
    history: np.ndarray


@dataclass(frozen=True)
class PlanResult:
    """A transport plan (n, m), its cost <plan, C>, and how the iteration went.

    `history` (n_iter,) is the largest error of a marginal seen in each step.
    """

    plan: np.ndarray
    cost: float
    converged: bool
    n_iter: int
    history: np.ndarray


@dataclass(frozen=True)
class GridTransportResult:
    """The plan u_i K_ij v_j between two histograms on a grid, as its factors u and v (H, W), and its cost."""

    u: np.ndarray
    v: np.ndarray
    cost: float
    converged: bool
    n_iter: int
    history: np.ndarray


# Similarities


def gaussian_affinity(features: np.ndarray, h: float) -> np.ndarray:
    """Return the similarities exp(-|g_i - g_j|^2 / (2 h^2)) of n nodes.

    Lecture `sinkhorn`, "who is heard?". Positive semi-definite for every `h`.

    Parameters
    ----------
    features : (n,) or (n, d) array   what is compared: grey values, or grey values and positions
    h : float                         > 0, the bandwidth, in units of the features

    Returns
    -------
    (n, n) array                      symmetric, in [0, 1], with ones on the diagonal

    Raises
    ------
    TypeError                         a wrong type, complex input
    ValueError                        h <= 0, NaN, not one or two axes

    Examples
    --------
    >>> gaussian_affinity([0.0, 1.0], 1.0).round(4)
    array([[1.    , 0.6065],
           [0.6065, 1.    ]])
    """
    h = number("h", h, above=0)
    return np.exp(-_squared_distances(features) / (2 * h**2))


def power_affinity(features: np.ndarray, h: float, p: float) -> np.ndarray:
    """Return the similarities exp(-(|g_i - g_j| / h)^p) of n nodes.

    Lecture `sinkhorn`, "when it fails": positive semi-definite for 0 < p <= 2, in general not for p > 2. With
    p = 2 it is `gaussian_affinity` of the bandwidth h / sqrt 2.

    Parameters
    ----------
    features : (n,) or (n, d) array   what is compared
    h : float                         > 0, the bandwidth, in units of the features
    p : float                         > 0, the exponent

    Returns
    -------
    (n, n) array                      symmetric, in [0, 1], with ones on the diagonal

    Raises
    ------
    TypeError                         a wrong type, complex input
    ValueError                        h <= 0, p <= 0, NaN, not one or two axes

    Examples
    --------
    >>> power_affinity([0.0, 1.0], 2.0, 3.0).round(4)
    array([[1.    , 0.8825],
           [0.8825, 1.    ]])
    """
    h = number("h", h, above=0)
    p = number("p", p, above=0)
    return np.exp(-((_squared_distances(features) / h**2) ** (p / 2)))


def _squared_distances(features: np.ndarray) -> np.ndarray:
    """Return |g_i - g_j|^2 from differences, so that near neighbours lose no digits."""
    features = finite_array("features", features, ndim=(1, 2))
    total = np.zeros((len(features), len(features)))
    for column in features.reshape(len(features), -1).T:
        total += (column[:, None] - column) ** 2
    return total


# Balancing


def sinkhorn_symmetric(K: np.ndarray, n: int) -> np.ndarray:
    """Return the scaling c after `n` steps of the symmetric Sinkhorn recursion, started from ones.

    Lecture `sinkhorn`, "one square root": c <- sqrt(c / (K c)), entry by entry. At its fixed point
    c_i (K c)_i = 1, so that diag(c) K diag(c) is symmetric with all sums 1.

    Parameters
    ----------
    K : (m, m) array         symmetric, nonnegative similarities; no row may be zero
    n : int                  >= 0, the number of steps

    Returns
    -------
    (m,) array               > 0

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               K not square, not symmetric, negative, NaN, or with a zero row; n < 0

    Notes
    -----
    The square root averages log c with -log(K c). Oracle: for K = [[a, b], [b, d]] the limit has
    W_11 = sqrt(a d) / (sqrt(a d) + b).

    Examples
    --------
    >>> sinkhorn_symmetric([[2.0, 2.0], [2.0, 2.0]], 30).round(6)
    array([0.5, 0.5])
    """
    K = _similarities("K", K)
    n = whole_number("n", n, least=0)
    c = np.ones(len(K))
    for _ in range(n):
        c = np.sqrt(c / (K @ c))
    return c


def balance(K: np.ndarray, tol: float = 1e-12, max_iter: int = 1000) -> SinkhornResult:
    """Return the scaling that makes diag(c) K diag(c) doubly stochastic, by the symmetric recursion.

    Lecture `sinkhorn`, "one square root". For a positive semi-definite `K` the error halves in each step,
    whatever the bandwidth; see `contraction`.

    Parameters
    ----------
    K : (n, n) array         symmetric, nonnegative, with total support (any positive diagonal will do)
    tol : float              > 0, the largest accepted |row sum - 1|
    max_iter : int           >= 1

    Returns
    -------
    SinkhornResult           c, log_c, converged, n_iter, residual, history; a warning if not converged

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not square, not symmetric, negative, NaN, a zero row, or no scaling exists

    Notes
    -----
    A scaling exists if and only if `K` has total support (Sinkhorn and Knopp, 1967). This is decided before
    the first step, from the pattern of zeros, by a matching and the strong components of what it leaves.

    Examples
    --------
    >>> result = balance([[4.0, 1.0], [1.0, 1.0]])
    >>> balanced([[4.0, 1.0], [1.0, 1.0]], result.c).round(6)
    array([[0.666667, 0.333333],
           [0.333333, 0.666667]])
    """
    K = _supported(_similarities("K", K))
    c = np.ones(len(K))
    history: list[float] = []
    sums = K @ c
    for _ in _steps(tol, max_iter, history):
        c = np.sqrt(c / sums)
        sums = K @ c
        history.append(float(np.abs(c * sums - 1).max()))
    return _scaling(c, np.log(c), tol, history)


def balance_chebyshev(K: np.ndarray, tol: float = 1e-12, max_iter: int = 1000) -> SinkhornResult:
    """Return the same scaling as `balance`, in about a third of its steps.

    Lecture `sinkhorn`, "why so fast". With u = log c the equation is u + log(K exp u) = 0, whose derivative at the
    solution is I + W. For a positive semi-definite `K` its eigenvalues lie in [1, 2], and the Chebyshev
    iteration for that interval shrinks the error by 3 - sqrt 8 = 0.17 a step where the square root has 0.5.

    Parameters
    ----------
    K : (n, n) array         symmetric, nonnegative, with total support; best positive semi-definite
    tol : float              > 0, the largest accepted |row sum - 1|
    max_iter : int           >= 1

    Returns
    -------
    SinkhornResult           c, log_c, converged, n_iter, residual, history; a warning if not converged

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not square, not symmetric, negative, NaN, a zero row, or no scaling exists

    Notes
    -----
    Negative eigenvalues of W (above -1) are outside the interval: they slow it down, as they slow `balance`.
    Starts from 1 / sqrt(K 1), the first step of `balance`. A large product K c takes as long as reading K from
    memory: only the half on one side of the diagonal is read.

    Examples
    --------
    >>> K = gaussian_affinity(np.linspace(0, 1, 5), 0.3)
    >>> bool(np.allclose(balance_chebyshev(K).c, balance(K).c, rtol=1e-11))
    True
    """
    K = _supported(_similarities("K", K))
    columns = np.asfortranarray(K.T)  # the order that BLAS wants, without a copy for numpy's usual order
    log_c = -np.log(blas.dsymv(1, columns, np.ones(len(K)))) / 2
    history: list[float] = []
    move, rho = np.zeros(len(K)), 0.0
    for _ in _steps(tol, max_iter, history):
        c = np.exp(log_c)
        residual = np.log(c * blas.dsymv(1, columns, c))
        history.append(float(np.abs(np.expm1(residual)).max()))
        if history[-1] <= tol:
            break
        # The interval [1, 2] has its centre at 1.5 and half its width is 0.5: 3 is their ratio.
        following = 1 / (6 - rho) if rho else 1 / 3
        move = following * rho * move - (4 * following if rho else 2 / 3) * residual
        log_c, rho = log_c + move, following
    return _scaling(c, np.log(c), tol, history)


def balance_log(log_K: np.ndarray, tol: float = 1e-10, max_iter: int = 1000) -> SinkhornResult:
    """Return the same scaling as `balance` from the logarithms of the similarities.

    Lecture `sinkhorn`, "when it fails": exp(-800) is 0 in floating point, and its logarithm is not.

    Parameters
    ----------
    log_K : (n, n) array     symmetric, finite, of any size and sign
    tol : float              > 0, the largest accepted |row sum - 1|; rounding alone makes up to eps * |log_K|
    max_iter : int           >= 1

    Returns
    -------
    SinkhornResult           c (may overflow or underflow), log_c, converged, n_iter, residual, history

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not square, not symmetric, NaN or infinite

    Examples
    --------
    >>> result = balance_log([[-2000.0, -2000.0], [-2000.0, -2000.0]])
    >>> (result.log_c + np.log(2) / 2).round(6)
    array([1000., 1000.])
    """
    log_K = _symmetric("log_K", finite_array("log_K", log_K, ndim=2))
    log_c = np.zeros(len(log_K))
    history: list[float] = []
    sums = special.logsumexp(log_K, axis=1)
    for _ in _steps(tol, max_iter, history):
        log_c = (log_c - sums) / 2
        sums = special.logsumexp(log_K + log_c, axis=1)
        history.append(float(np.abs(np.expm1(log_c + sums)).max()))
    with np.errstate(over="ignore", under="ignore"):
        return _scaling(np.exp(log_c), log_c, tol, history)


def balance_alternating(K: np.ndarray, tol: float = 1e-12, max_iter: int = 10_000) -> AlternatingResult:
    """Return the row and column scalings found by dividing rows and columns by their sums in turn.

    Lecture `sinkhorn`, "rows, then columns". The error shrinks by the square of W's second singular value a
    sweep: slow where the nodes fall into groups that hardly see each other.

    Parameters
    ----------
    K : (n, n) array         nonnegative, with total support; need not be symmetric
    tol : float              > 0, the largest accepted |row sum - 1|
    max_iter : int           >= 1, the number of sweeps

    Returns
    -------
    AlternatingResult        rows, columns, converged, n_iter, history; a warning if not converged

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not square, negative, NaN, a zero row or column, or no scaling exists

    Examples
    --------
    >>> result = balance_alternating([[4.0, 1.0], [1.0, 1.0]])
    >>> (result.rows[:, None] * [[4.0, 1.0], [1.0, 1.0]] * result.columns).round(6)
    array([[0.666667, 0.333333],
           [0.333333, 0.666667]])
    """
    K = _supported(_nonnegative("K", K), symmetric=False)
    columns = np.ones(len(K))
    history: list[float] = []
    rows = 1 / K.sum(axis=1)
    for _ in _steps(tol, max_iter, history):
        columns = 1 / (rows @ K)
        sums = K @ columns
        history.append(float(np.abs(rows * sums - 1).max()))
        if history[-1] > tol:
            rows = 1 / sums
    converged = _settled(tol, history)
    return AlternatingResult(rows, columns, converged, len(history), np.array(history))


def balanced(K: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Return W = diag(c) K diag(c).

    Lecture `sinkhorn`, "one square root".

    Parameters
    ----------
    K : (n, n) array         similarities
    c : (n,) array           the scaling

    Returns
    -------
    (n, n) array             doubly stochastic if `c` comes from `balance`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               shapes that do not fit, NaN

    Examples
    --------
    >>> balanced([[1.0, 2.0], [2.0, 3.0]], [2.0, 0.5])
    array([[4.  , 2.  ],
           [2.  , 0.75]])
    """
    K = _square("K", finite_array("K", K, ndim=2))
    c = _vector("c", c, len(K))
    return c[:, None] * K * c


# What the balanced matrix does and says


def apply_filter(K: np.ndarray, c: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return W x for W = diag(c) K diag(c), without forming W.

    Lecture `sinkhorn`, "three ways to normalise": with a balanced `c` constants stay as they are, and the mean
    of x too.

    Parameters
    ----------
    K : (n, n) array         similarities
    c : (n,) array           the scaling
    x : (n,) array           the signal

    Returns
    -------
    (n,) array               in units of `x`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               shapes that do not fit, NaN

    Examples
    --------
    >>> apply_filter([[1.0, 1.0], [1.0, 1.0]], [0.5, 2.0], [4.0, 1.0])
    array([2., 8.])
    """
    K = finite_array("K", K, ndim=2)
    c = finite_array("c", c, ndim=1)
    x = finite_array("x", x, ndim=1)
    if K.shape != (len(x), len(x)) or c.shape != x.shape:
        raise ValueError(f"K must be (n, n) and c (n,) for x of length {len(x)}, got K {K.shape}, c {c.shape}")
    return c * (K @ (c * x))


def contraction(W: np.ndarray) -> float:
    """Return the factor by which a step of the symmetric recursion shrinks the error, near its end.

    Lecture `sinkhorn`, "why so fast": e <- (I - W) e / 2, so the slowest error is an eigenvector of the least
    eigenvalue of W.

    Parameters
    ----------
    W : (n, n) array         symmetric, doubly stochastic

    Returns
    -------
    float                    in [0, 1]; at most 1/2 if W is positive semi-definite

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not square, not symmetric, negative, NaN, or sums that are not 1 (to 1e-6)

    Examples
    --------
    >>> contraction([[0.25, 0.75], [0.75, 0.25]])
    0.75
    """
    W = _doubly_stochastic(W)
    return float((1 - np.linalg.eigvalsh(W)[0]) / 2)


def recover_signal(W: np.ndarray, h: float) -> np.ndarray:
    """Return the signal whose Gaussian similarities were balanced to `W`.

    Lecture `sinkhorn`, "reading the picture back". -2 h^2 log W_ij is (g_i - g_j)^2 plus a term of i and one of
    j; taking off the means of rows and columns removes both, and leaves -2 g_i g_j.

    Parameters
    ----------
    W : (n, n) array         `balanced` of `gaussian_affinity(g, h)`, g one number a node; all entries > 0
    h : float                > 0, the bandwidth

    Returns
    -------
    (n,) array               g minus its mean, with the sign that makes the first entry negative or 0

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not square, not symmetric, an entry <= 0, NaN, h <= 0

    Notes
    -----
    A shift and the sign of g leave all similarities as they were, so neither can be recovered. `W` need not be
    balanced: every diag(d) K diag(d) gives the same result.

    Examples
    --------
    >>> K = gaussian_affinity([1.0, 2.0, 6.0], 2.0)
    >>> recover_signal(balanced(K, balance(K).c), 2.0).round(6)
    array([-2., -1.,  3.])
    """
    W = _similarities("W", W)
    h = number("h", h, above=0)
    if (W == 0).any():
        raise ValueError(f"W must be > 0 everywhere, got {np.count_nonzero(W == 0)} zeros: their logarithm is lost")
    distances = -2 * h**2 * np.log(W)
    centre = np.eye(len(W)) - 1 / len(W)
    values, vectors = np.linalg.eigh(-centre @ distances @ centre / 2)
    g = np.sqrt(abs(values[-1])) * vectors[:, -1]
    return -g if g[0] > 0 else g


# Transport with entropy: the same scaling, with other sums


def entropic_plan(
    a: np.ndarray, b: np.ndarray, C: np.ndarray, eps: float, tol: float = 1e-9, max_iter: int = 10_000
) -> PlanResult:
    """Return the plan P with row sums `a` and column sums `b` that minimises <P, C> + eps sum P (log P - 1).

    Lecture `sinkhorn`, "the same algebra": P = diag(u) exp(-C / eps) diag(v), by sweeps over rows and columns.

    Parameters
    ----------
    a : (n,) array           > 0, sum 1: what is there
    b : (m,) array           > 0, sum 1: what is wanted
    C : (n, m) array         cost of moving one unit; sets the unit of `eps`
    eps : float              > 0
    tol : float              > 0, the largest accepted error of a row or column sum
    max_iter : int           >= 1

    Returns
    -------
    PlanResult               plan (n, m), cost, converged, n_iter, history; a warning if not converged

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               shapes that do not fit, a weight <= 0, sums that are not 1, NaN, eps <= 0

    Notes
    -----
    Differs from Cuturi (2013): iterates the logarithms, so that a small `eps` does not underflow. Oracle: with
    a = b uniform and symmetric C the plan is 1/n times the balanced exp(-C / eps).

    Examples
    --------
    >>> entropic_plan([0.5, 0.5], [0.5, 0.5], [[0.0, 1.0], [1.0, 0.0]], 1.0).plan.round(4)
    array([[0.3655, 0.1345],
           [0.1345, 0.3655]])
    """
    a, b, C, eps = _transport(a, b, C, eps)
    log_u, log_v = np.zeros(len(a)), np.zeros(len(b))
    history: list[float] = []
    for _ in _steps(tol, max_iter, history):
        log_v = np.log(b) - special.logsumexp(log_u[:, None] - C / eps, axis=0)
        sums = special.logsumexp(log_v - C / eps, axis=1)
        history.append(float(np.abs(np.exp(log_u + sums) - a).max()))
        if history[-1] > tol:
            log_u = np.log(a) - sums
    return _plan(np.exp(log_u[:, None] + log_v - C / eps), C, tol, history)


def entropic_plan_fast(
    a: np.ndarray, b: np.ndarray, C: np.ndarray, eps: float, tol: float = 1e-9, max_iter: int = 10_000
) -> PlanResult:
    """Return the same plan as `entropic_plan`, by extrapolated sweeps.

    Lecture `sinkhorn`, "the same algebra". A sweep moves log v by log(b / column sums), nearly a linear function
    of log v. So combine the last twenty points such that their moves, combined alike, cancel best, and go on from there
    (Anderson acceleration); where that went astray, take the plain sweep. A small `eps` is reached through larger ones.

    Parameters
    ----------
    a : (n,) array           > 0, sum 1
    b : (m,) array           > 0, sum 1
    C : (n, m) array         cost of moving one unit; sets the unit of `eps`
    eps : float              > 0
    tol : float              > 0, the largest accepted error of a row or column sum
    max_iter : int           >= 1, sweeps in all

    Returns
    -------
    PlanResult               plan (n, m), cost, converged, n_iter, history; a warning if not converged

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               shapes that do not fit, a weight <= 0, sums that are not 1, NaN, eps <= 0

    Notes
    -----
    A plain sweep never raises the sum of the errors of all columns (the rows are exact). A point that did is given
    up, so the errors fall as surely as without extrapolation. Sources: Anderson (1965), Walker and Ni (2011).

    Examples
    --------
    >>> entropic_plan_fast([0.5, 0.5], [0.5, 0.5], [[0.0, 1.0], [1.0, 0.0]], 1.0).plan.round(4)
    array([[0.3655, 0.1345],
           [0.1345, 0.3655]])
    """
    a, b, C, eps = _transport(a, b, C, eps)
    tol, max_iter = number("tol", tol, above=0), whole_number("max_iter", max_iter, least=1)
    log_v = np.zeros(len(b))
    history: list[float] = []
    n_stages = max(0, int(np.ceil(np.log(np.ptp(C) / (500 * eps)) / np.log(4)))) if np.ptp(C) > 0 else 0
    roughly = 0.1 * min(a.min(), b.min())
    for stage in range(n_stages, 0, -1):
        if len(history) < max_iter - 1:  # the last sweep is kept for eps itself
            log_v, _ = _extrapolated_sweeps(a, b, C, eps * 4**stage, log_v, roughly, max_iter - 1, history)
        log_v = 4 * log_v  # eps log v is what hardly changes with eps
    _, plan = _extrapolated_sweeps(a, b, C, eps, log_v, tol, max_iter, history)
    return _plan(plan, C, tol, history)


def _extrapolated_sweeps(
    a: np.ndarray,
    b: np.ndarray,
    C: np.ndarray,
    eps: float,
    log_v: np.ndarray,
    tol: float,
    max_iter: int,
    history: list[float],
) -> tuple[np.ndarray, np.ndarray]:
    """Return log_v (m,) and the plan u_i b_j v_j exp(-C_ij / eps), (n, m), appending to `history`."""
    past: list[tuple[np.ndarray, np.ndarray]] = []
    plain, inside, accepted = log_v, log_v, np.inf
    M = _kernel(b, C, eps, inside)
    while True:
        if np.abs(log_v - inside).max() > 50:  # v would get large: move it into the kernel
            inside = log_v
            M = _kernel(b, C, eps, inside)
        v = np.exp(log_v - inside)
        u = a / (M @ v)  # always makes the row sums exact
        column_sums = v * (u @ M)
        errors = np.abs(column_sums - b)
        history.append(float(errors.max()))
        if history[-1] <= tol or len(history) >= max_iter:
            M *= u[:, None]
            M *= v
            return log_v, M
        if errors.sum() > accepted:
            log_v, accepted = plain, np.inf
            past.clear()
        else:
            accepted, move = errors.sum(), np.log(b / column_sums)
            plain = log_v + move
            log_v = _extrapolated(log_v, move, past)


def _kernel(b: np.ndarray, C: np.ndarray, eps: float, log_v: np.ndarray) -> np.ndarray:
    """Return b_j exp(log_v_j - C_ij / eps), each row over its largest entry; at least exp(-600), so no sum is 0."""
    M = np.empty(C.shape)
    for i in range(0, len(C), 64):  # strips stay in cache
        logs = log_v + np.log(b) - C[i : i + 64] / eps
        logs -= logs.max(axis=1, keepdims=True)
        np.exp(np.maximum(logs, -600), out=M[i : i + 64])
    return M


def _extrapolated(x: np.ndarray, move: np.ndarray, past: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the next point (m,) of the iteration x <- x + move by Anderson's rule, and append this one to `past`.

    Were the moves linear in x, a combination of the last points (weights of sum 1) would move by the same combination
    of their moves. Take the weights for which that is least.
    """
    past.append((x, move))
    del past[:-20]
    if len(past) == 1:
        return x + move
    steps = np.diff(np.array(past), axis=0)  # (k, 2, m): from point to point, of x and of its move
    steps /= np.maximum(np.linalg.norm(steps[:, 1], axis=1), np.finfo(float).tiny)[:, None, None]
    changes = steps[:, 1]
    gram = changes @ changes.T + 1e-12 * np.eye(len(changes))  # they may repeat each other: keep it regular
    return x + move - np.linalg.solve(gram, changes @ move) @ steps.sum(axis=1)


def transport_on_grid(
    a: np.ndarray, b: np.ndarray, eps: float, tol: float = 1e-9, max_iter: int = 10_000
) -> GridTransportResult:
    """Return the entropic plan between two histograms on a grid, for the squared distance between pixels.

    Lecture `sinkhorn`, "the same algebra". exp(-(dx^2 + dy^2) / eps) is a product, so a kernel of (H W)^2 entries is
    applied as two matrix products with (H, H) and (W, W) matrices. A sweep is then so cheap that the work of
    `entropic_plan_fast` between sweeps would cost more than it saves. In its place each sweep goes too far, by a
    factor computed from the rate that is observed on the way (Young's formula for over-relaxation).

    Parameters
    ----------
    a : (H, W) array         >= 0, sum 1
    b : (H, W) array         >= 0, sum 1
    eps : float              > 0, in units of the squared longer side of the grid
    tol : float              > 0, the largest accepted error of the sum of a row or column of the plan
    max_iter : int           >= 1

    Returns
    -------
    GridTransportResult      u, v, cost (squared longer sides), converged, n_iter, history

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               shapes that differ, a negative weight, sums that are not 1, NaN, eps too small

    Examples
    --------
    >>> result = transport_on_grid([[1.0, 0.0]], [[0.0, 1.0]], 0.1)
    >>> round(result.cost, 12)
    0.25
    """
    a = _weights("a", finite_array("a", a, ndim=2), zero_allowed=True)
    b = _weights("b", finite_array("b", b, ndim=2), zero_allowed=True)
    same_shape(a=a, b=b)
    eps = number("eps", eps, above=0)
    distances = [_squared_distances(np.arange(size) / max(a.shape)) for size in a.shape]
    down, across = (np.exp(-d / eps) for d in distances)
    u, v = np.ones(a.shape), np.ones(a.shape)
    history: list[float] = []
    omega, tiny = 1.0, np.finfo(float).tiny  # where a is 0, so is u, and 0 / tiny stays 0
    for _ in _steps(tol, max_iter, history):
        row_sums = u * _positive(down @ v @ across, eps)
        error = float(np.abs(row_sums - a).max())
        u = u * (a / np.maximum(row_sums, tiny)) ** omega
        column_sums = v * _positive(down @ u @ across, eps)
        history.append(max(error, float(np.abs(column_sums - b).max())))
        if history[-1] > tol:
            v = v * (b / np.maximum(column_sums, tiny)) ** omega
        if len(history) % 8 == 1 and len(history) > 8:
            omega = 1.0 if history[-1] > 10 * min(history) else _relaxation(omega, history[-1] / history[-9])
    moved_down = (distances[0] * down) @ v @ across
    moved_across = down @ v @ (distances[1] * across)
    cost = float((u * (moved_down + moved_across)).sum())
    return GridTransportResult(u, v, cost, _settled(tol, history), len(history), np.array(history))


def _relaxation(omega: float, ratio: float) -> float:
    """Return the next relaxation factor, from that of the last eight sweeps and the error's ratio over them."""
    rate = ratio ** (1 / 8)
    if ratio >= 1 or rate <= omega - 1 + 0.02:  # not settled yet, or as good as over-relaxed sweeps can be
        return omega
    plain = (rate + omega - 1) ** 2 / (omega**2 * rate)  # Young: the rate that plain sweeps would have
    best = 2 / (1 + np.sqrt(1 - min(plain, 0.9999)))
    return float(min(max(omega, best), 1 + omega / 2))  # a plateau looks like a slow rate: at most half of the way


def _positive(sums: np.ndarray, eps: float) -> np.ndarray:
    if not sums.all():
        raise ValueError(f"eps must be larger for this grid, got {eps:g}: the kernel underflows")
    return sums


# Shared: steps, results, and what is refused


def _steps(tol: float, max_iter: int, history: list[float]) -> Iterator[None]:
    """Yield until the last entry of `history` is at most `tol`, at most `max_iter` times."""
    tol = number("tol", tol, above=0)
    for _ in range(whole_number("max_iter", max_iter, least=1)):
        yield
        if history[-1] <= tol:
            return


def _settled(tol: float, history: list[float]) -> bool:
    """Return whether the error reached `tol`, and warn if it did not."""
    if history[-1] > tol:
        message = f"not converged: error {history[-1]:.1e} after {len(history)} steps, wanted {tol:g}"
        warnings.warn(message, RuntimeWarning, stacklevel=4)
    return history[-1] <= tol


def _scaling(c: np.ndarray, log_c: np.ndarray, tol: float, history: list[float]) -> SinkhornResult:
    return SinkhornResult(c, log_c, _settled(tol, history), len(history), history[-1], np.array(history))


def _plan(plan: np.ndarray, C: np.ndarray, tol: float, history: list[float]) -> PlanResult:
    return PlanResult(plan, float((plan * C).sum()), _settled(tol, history), len(history), np.array(history))


def _square(name: str, K: np.ndarray) -> np.ndarray:
    if K.shape[0] != K.shape[1]:
        raise ValueError(f"{name} must be square, got shape {K.shape}")
    return K


def _symmetric(name: str, K: np.ndarray) -> np.ndarray:
    """Return a matrix that equals its transpose to 1e-10 of its largest entry."""
    size = len(_square(name, K))
    if all(np.array_equal(K[i : i + 64, i:], K[i:, i : i + 64].T) for i in range(0, size, 64)):  # stays in cache
        return K
    worst = np.abs(K - K.T)
    if worst.max() > 1e-10 * np.abs(K).max():
        i, j = np.unravel_index(worst.argmax(), K.shape)
        raise ValueError(f"{name} must be symmetric, got {K[i, j]:g} at [{i}, {j}] and {K[j, i]:g} at [{j}, {i}]")
    return K


def _nonnegative(name: str, K: np.ndarray) -> np.ndarray:
    """Return a square matrix of similarities, none negative and no row or column zero."""
    K = _square(name, finite_array(name, K, ndim=2))
    least = K.min()
    if least < 0:
        raise ValueError(f"{name} must be nonnegative, got {least:g}")
    if least > 0:
        return K
    for axis, kind in ((1, "row"), (0, "column")):
        empty = ~K.any(axis=axis)
        if empty.any():
            raise ValueError(f"{name} must have no zero {kind}, got one: {kind} {empty.argmax()}")
    return K


def _similarities(name: str, K: np.ndarray) -> np.ndarray:
    return _symmetric(name, _nonnegative(name, K))


def _supported(K: np.ndarray, symmetric: bool = True) -> np.ndarray:
    """Return a matrix with total support: each positive entry lies on a permutation of positive entries.

    A symmetric matrix with a positive diagonal has it. Otherwise match rows with columns; a positive entry lies
    on some perfect matching if and only if it joins nodes of one strong component, once matched columns are the rows.
    """
    if K.diagonal().all() and (symmetric or np.array_equal(K > 0, K.T > 0)):
        return K
    pattern = sparse.csr_array(K > 0)
    match = csgraph.maximum_bipartite_matching(pattern, perm_type="column")
    if (match < 0).any():
        raise ValueError("K must have total support, got a pattern of zeros without any positive permutation")
    _, label = csgraph.connected_components(pattern[:, match], connection="strong")
    i, j = np.nonzero(K[:, match])
    if (label[i] != label[j]).any():
        first = (label[i] != label[j]).argmax()
        where = f"[{i[first]}, {match[j[first]]}]"
        raise ValueError(f"K must have total support, got an entry at {where} that no scaling can keep above 0")
    return K


def _doubly_stochastic(W: np.ndarray) -> np.ndarray:
    W = _similarities("W", W)
    worst = np.abs(W.sum(axis=1) - 1).max()
    if worst > 1e-6:
        raise ValueError(f"W must have rows of sum 1, got one that is off by {worst:g}")
    return W


def _vector(name: str, value: np.ndarray, n: int) -> np.ndarray:
    vector = finite_array(name, value, ndim=1)
    if len(vector) != n:
        raise ValueError(f"{name} must have shape ({n},), got {vector.shape}")
    return vector


def _weights(name: str, value: np.ndarray, zero_allowed: bool) -> np.ndarray:
    if value.min() < 0 or (value.min() == 0 and not zero_allowed):
        raise ValueError(f"{name} must be {'>=' if zero_allowed else '>'} 0, got {value.min():g}")
    if abs(value.sum() - 1) > 1e-9:
        raise ValueError(f"{name} must have the sum 1, got {value.sum():.10g}")
    return value


def _transport(
    a: np.ndarray, b: np.ndarray, C: np.ndarray, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return the arguments of a transport problem, checked against each other."""
    a = _weights("a", finite_array("a", a, ndim=1), zero_allowed=False)
    b = _weights("b", finite_array("b", b, ndim=1), zero_allowed=False)
    C = finite_array("C", C, ndim=2)
    if C.shape != (len(a), len(b)):
        raise ValueError(f"C must have shape ({len(a)}, {len(b)}) for these a and b, got {C.shape}")
    return a, b, C, number("eps", eps, above=0)
