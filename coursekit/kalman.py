"""The Kalman filter: a running Gaussian estimate, moved by a model and corrected by measurements.

Predict and update, the filter and the smoother, the steady state of a drifting level, tests of the innovations,
and two faster ways to do the same for long series and for many. Symbols as in the lecture: state x (n,) with
covariance P (n, n), measurement z (m,), x' = F x + w with Cov(w) = Q, z = H x + v with Cov(v) = R.
"""

from dataclasses import dataclass

import numpy as np
from scipy import signal, stats

from coursekit.validation import finite_array, generator, number, same_shape, whole_number

__all__ = [
    "AlphaBetaResult",
    "BatchResult",
    "FilterResult",
    "LinearGaussian",
    "LocalLevelResult",
    "PassesResult",
    "SimulationResult",
    "SmootherResult",
    "WhitenessResult",
    "alpha_beta",
    "batch_posterior",
    "constant_velocity",
    "disc_frame",
    "exponential_smoothing",
    "find_disc",
    "fit_local_level",
    "fixed_gain_variance",
    "innovation_acf",
    "kalman_filter",
    "nis",
    "nis_bounds",
    "on_grid",
    "predict",
    "rts_smoother",
    "rts_step",
    "simulate",
    "smooth_long",
    "smooth_many",
    "steady_gain",
    "update",
    "whiteness",
]

# A covariance computed by the caller may be unsymmetric or indefinite by rounding, relative to its largest entry.
ROUNDING = 1e-12


# The model and the results


@dataclass(frozen=True, eq=False)
class LinearGaussian:
    """A linear model with Gaussian noise: x' = F x + w, z = H x + v.

    Lecture `kalman`, "then the world moves". The prior (x0, P0) is for the state of the first measurement: no
    prediction comes before it. Plain numbers stand for 1 x 1 matrices, a list for the only row of H.

    Attributes
    ----------
    F : (n, n) array         how the state moves in one step
    H : (m, n) array         what is measured of it
    Q : (n, n) array         covariance of the motion's noise w
    R : (m, m) array         covariance of the measurement's noise v
    x0 : (n,) array          mean of the first state before anything is measured
    P0 : (n, n) array        its covariance

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               shapes that do not fit, NaN, a covariance unsymmetric or with a negative eigenvalue

    Examples
    --------
    >>> LinearGaussian(F=1, H=1, Q=0.5, R=2, x0=0, P0=10).Q
    array([[0.5]])
    """

    F: np.ndarray
    H: np.ndarray
    Q: np.ndarray
    R: np.ndarray
    x0: np.ndarray
    P0: np.ndarray

    def __post_init__(self) -> None:
        F = np.atleast_2d(finite_array("F", self.F, ndim=(0, 1, 2)))
        n = F.shape[1]
        H = np.atleast_2d(finite_array("H", self.H, ndim=(0, 1, 2)))
        checked = {
            "F": _matrix("F", F, (n, n)),
            "H": _matrix("H", H, (H.shape[0], n)),
            "Q": _covariance("Q", self.Q, n),
            "R": _covariance("R", self.R, H.shape[0]),
            "x0": _vector("x0", self.x0, n),
            "P0": _covariance("P0", self.P0, n),
        }
        for name, value in checked.items():
            own = value.astype(float)  # a copy: what becomes of the caller's array does not reach the model
            own.setflags(write=False)
            object.__setattr__(self, name, own)


@dataclass(frozen=True)
class FilterResult:
    """What a filter knew at each of N times, and the log-likelihood of all measurements.

    `mean` (N, n) and `cov` (N, n, n) use the measurements up to and with the time, `predicted_mean` and
    `predicted_cov` those before it. `innovation` (N, m) is measurement minus prediction, NaN where nothing
    was measured; `innovation_cov` (N, m, m) is its covariance S.
    """

    mean: np.ndarray
    cov: np.ndarray
    predicted_mean: np.ndarray
    predicted_cov: np.ndarray
    innovation: np.ndarray
    innovation_cov: np.ndarray
    loglik: float


@dataclass(frozen=True)
class SmootherResult:
    """Mean (N, n) and covariance (N, n, n) of each state given all measurements."""

    mean: np.ndarray
    cov: np.ndarray


@dataclass(frozen=True)
class BatchResult:
    """Mean (N, n) and covariance (N, n, n) of each state given all measurements, and their log-likelihood."""

    mean: np.ndarray
    cov: np.ndarray
    loglik: float


@dataclass(frozen=True)
class PassesResult:
    """Both passes at once: filtered mean and covariance, smoothed `mean` and `cov`, and the log-likelihood.

    For one series the means are (N, n) and `loglik` is (); for many they are (n_series, N, n) and (n_series,).
    The covariances (N, n, n) do not depend on the measurements, so that all series share them.
    """

    filtered_mean: np.ndarray
    filtered_cov: np.ndarray
    mean: np.ndarray
    cov: np.ndarray
    loglik: np.ndarray


@dataclass(frozen=True)
class SimulationResult:
    """States (N, n) and the measurements (N, m) of them."""

    states: np.ndarray
    measurements: np.ndarray


@dataclass(frozen=True)
class LocalLevelResult:
    """Variances of a level's steps (`q`) and of its measurements (`r`), and the log-likelihood they reach."""

    q: float
    r: float
    loglik: float


@dataclass(frozen=True)
class AlphaBetaResult:
    """Gains of the tracker: position += alpha * innovation, velocity += beta / T * innovation."""

    alpha: float
    beta: float


@dataclass(frozen=True)
class WhitenessResult:
    """Autocorrelations (lags,) from lag 1, the half-width of their 95 % band, and the Ljung-Box test."""

    acf: np.ndarray
    band: float
    statistic: float
    p_value: float


def _vector(name: str, value: np.ndarray, n: int) -> np.ndarray:
    """Return a checked vector (n,); a plain number stands for one of length 1."""
    vector = np.atleast_1d(finite_array(name, value, ndim=(0, 1)))
    if vector.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), got {vector.shape}")
    return vector


def _matrix(name: str, value: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return a checked matrix; a plain number stands for a 1 x 1 matrix."""
    matrix = np.atleast_2d(finite_array(name, value, ndim=(0, 1, 2)))
    if matrix.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {matrix.shape}")
    return matrix


def _covariance(name: str, value: np.ndarray, n: int) -> np.ndarray:
    """Return a checked covariance (n, n): symmetric, no negative eigenvalue."""
    matrix = _matrix(name, value, (n, n))
    scale = np.abs(matrix).max()
    if np.abs(matrix - matrix.T).max() > ROUNDING * scale:
        raise ValueError(f"{name} must be symmetric, got entries that differ by {np.abs(matrix - matrix.T).max():.3g}")
    smallest = np.linalg.eigvalsh(matrix)[0]
    if smallest < -ROUNDING * scale:
        raise ValueError(f"{name} must have no negative eigenvalue, its smallest is {smallest:.3g}")
    return matrix


def _is_invertible(matrix: np.ndarray) -> bool:
    """Tell whether a covariance, or each of a stack, can be divided by."""
    eigenvalues = np.linalg.eigvalsh(matrix)
    return bool((eigenvalues[..., 0] > matrix.shape[-1] * np.finfo(float).eps * eigenvalues[..., -1]).all())


def _invertible(name: str, matrix: np.ndarray) -> np.ndarray:
    """Return a covariance, or a stack of them, if it can be divided by."""
    if not _is_invertible(matrix):
        smallest = np.linalg.eigvalsh(matrix).min()
        raise ValueError(f"{name} must be invertible, its smallest eigenvalue is {smallest:.3g}")
    return matrix


def _series(z: np.ndarray, m: int) -> np.ndarray:
    """Return measurements as (N, m), NaN where there is none; (N,) stands for (N, 1)."""
    array = np.asarray(z)
    if array.dtype.kind == "f":
        finite_array("z", np.where(np.isnan(array), 0.0, array), ndim=(1, 2))  # infinite values, axes and lengths
    else:
        array = finite_array("z", z, ndim=(1, 2))
    if array.ndim == 1:
        array = array[:, None]
    if array.shape[1] != m:
        raise ValueError(f"z must have shape (N, {m}), got {array.shape}")
    if np.isnan(array).all():
        raise ValueError(f"z must hold at least one measurement, got {array.size} NaN")
    return array.astype(float)


# One step


def predict(x: np.ndarray, P: np.ndarray, F: np.ndarray, Q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of the next state: F x and F P F' + Q.

    Lecture `kalman`, "then the world moves".

    Parameters
    ----------
    x : (n,) array           mean of the state
    P : (n, n) array         its covariance
    F : (n, n) array         how the state moves in one step
    Q : (n, n) array         covariance of the motion's noise

    Returns
    -------
    tuple                    (n,) and (n, n) arrays

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               shapes that do not fit, NaN, a covariance unsymmetric or with a negative eigenvalue

    Examples
    --------
    >>> x, P = predict([0.0, 1.0], np.eye(2), [[1, 2], [0, 1]], np.zeros((2, 2)))
    >>> x, P
    (array([2., 1.]), array([[5., 2.],
           [2., 1.]]))
    """
    n = len(finite_array("x", x, ndim=1))
    x = _vector("x", x, n)
    P = _covariance("P", P, n)
    F = _matrix("F", F, (n, n))
    Q = _covariance("Q", Q, n)
    return F @ x, F @ P @ F.T + Q


def update(x: np.ndarray, P: np.ndarray, z: np.ndarray, H: np.ndarray, R: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of the state after the measurement z = H x + noise.

    Lecture `kalman`, "weigh each by trust": S = H P H' + R, K = P H' S^-1, x + K (z - H x), and Joseph's form
    of the covariance, (I - K H) P (I - K H)' + K R K'.

    Parameters
    ----------
    x : (n,) array           mean of the state before the measurement
    P : (n, n) array         its covariance
    z : (m,) array           the measurement
    H : (m, n) array         what is measured of the state
    R : (m, m) array         covariance of the measurement's noise

    Returns
    -------
    tuple                    (n,) and (n, n) arrays

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               shapes that do not fit, NaN, a covariance unsymmetric or with a negative eigenvalue,
                             a singular S

    Notes
    -----
    Joseph's form is a sum of two covariances, so that rounding cannot make it indefinite, and it holds for any
    gain; the shorter (I - K H) P holds for this one only.

    Examples
    --------
    >>> update([0.0], [[1.0]], [2.0], [[1.0]], [[1.0]])
    (array([1.]), array([[0.5]]))
    """
    x, P, z, H, R = _checked_update(x, P, z, H, R)
    innovation = z - H @ x
    S = _invertible("S = H P H' + R", H @ P @ H.T + R)
    K = np.linalg.solve(S, H @ P).T
    left = np.eye(x.size) - K @ H
    return x + K @ innovation, left @ P @ left.T + K @ R @ K.T


def _checked_update(
    x: np.ndarray, P: np.ndarray, z: np.ndarray, H: np.ndarray, R: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the arguments of `update` as arrays that fit each other."""
    x = finite_array("x", x, ndim=1)
    z = finite_array("z", z, ndim=1)
    n, m = x.size, z.size
    return x, _covariance("P", P, n), z, _matrix("H", H, (m, n)), _covariance("R", R, m)


def rts_step(
    x: np.ndarray,
    P: np.ndarray,
    x_pred: np.ndarray,
    P_pred: np.ndarray,
    x_next: np.ndarray,
    P_next: np.ndarray,
    F: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of a state given all measurements, from those of the state after it.

    Lecture `kalman`, "looking back": C = P F' P_pred^-1 regresses this state on the next one; then
    x + C (x_next - x_pred) and P + C (P_next - P_pred) C'.

    Parameters
    ----------
    x : (n,) array           filtered mean of this state
    P : (n, n) array         its covariance
    x_pred : (n,) array      mean of the next state as it was predicted from x
    P_pred : (n, n) array    its covariance
    x_next : (n,) array      mean of the next state given all measurements
    P_next : (n, n) array    its covariance
    F : (n, n) array         how the state moves in one step

    Returns
    -------
    tuple                    (n,) and (n, n) arrays

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               shapes that do not fit, NaN, a covariance unsymmetric or with a negative eigenvalue,
                             a singular P_pred

    Notes
    -----
    Source: Rauch et al. (1965).

    Examples
    --------
    >>> rts_step([1.0], [[1.0]], [1.0], [[2.0]], [3.0], [[1.0]], [[1.0]])
    (array([2.]), array([[0.75]]))
    """
    x, P, x_pred, P_pred, x_next, P_next, F = _checked_step(x, P, x_pred, P_pred, x_next, P_next, F)
    C = np.linalg.solve(P_pred, F @ P).T
    return x + C @ (x_next - x_pred), P + C @ (P_next - P_pred) @ C.T


def _checked_step(
    x: np.ndarray,
    P: np.ndarray,
    x_pred: np.ndarray,
    P_pred: np.ndarray,
    x_next: np.ndarray,
    P_next: np.ndarray,
    F: np.ndarray,
) -> tuple[np.ndarray, ...]:
    """Return the arguments of `rts_step` as arrays that fit each other."""
    n = len(finite_array("x", x, ndim=1))
    return (
        _vector("x", x, n),
        _covariance("P", P, n),
        _vector("x_pred", x_pred, n),
        _invertible("P_pred", _covariance("P_pred", P_pred, n)),
        _vector("x_next", x_next, n),
        _covariance("P_next", P_next, n),
        _matrix("F", F, (n, n)),
    )


# All steps


def kalman_filter(model: LinearGaussian, z: np.ndarray) -> FilterResult:
    """Return what is known of each state from the measurements up to it.

    Lecture `kalman`, "the Nile": predict and update in turn; without a measurement there is no update.

    Parameters
    ----------
    model : LinearGaussian   the model with its prior for the first state
    z : (N, m) array         measurements; NaN = not measured, a whole row or single numbers; (N,) if m is 1

    Returns
    -------
    FilterResult             means, covariances, innovations and the log-likelihood

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               a wrong shape, infinite values, nothing but NaN, a singular innovation covariance S

    Examples
    --------
    >>> model = LinearGaussian(F=1, H=1, Q=0, R=1, x0=0, P0=1e9)
    >>> kalman_filter(model, [1.0, 3.0, np.nan, 8.0]).mean.ravel().round(6)
    array([1., 2., 2., 4.])
    """
    z = _series(z, model.R.shape[0])
    F, H, Q, R = model.F, model.H, model.Q, model.R
    N, n = len(z), model.x0.size
    mean, cov = np.empty((N, n)), np.empty((N, n, n))
    predicted_mean, predicted_cov = np.empty((N, n)), np.empty((N, n, n))
    seen, eye, safe = ~np.isnan(z), np.eye(n), _is_invertible(R)  # if R is, each S is
    x, P = model.x0, model.P0
    for k in range(N):
        predicted_mean[k], predicted_cov[k] = x, P
        s = seen[k]
        if s.any():
            H_s, R_s = (H, R) if s.all() else (H[s], R[np.ix_(s, s)])
            HP = H_s @ P
            S = HP @ H_s.T + R_s
            K = np.linalg.solve(S if safe else _invertible(f"S at step {k}", S), HP).T
            left = eye - K @ H_s
            x = x + K @ (z[k, s] - H_s @ x)
            P = left @ P @ left.T + K @ R_s @ K.T
        mean[k], cov[k] = x, P
        x, P = F @ x, F @ P @ F.T + Q
    innovation = z - predicted_mean @ H.T
    innovation_cov = H @ predicted_cov @ H.T + R
    loglik = _log_density(innovation, innovation_cov).sum()
    return FilterResult(mean, cov, predicted_mean, predicted_cov, innovation, innovation_cov, float(loglik))


def _log_density(innovation: np.ndarray, innovation_cov: np.ndarray) -> np.ndarray:
    """Return the log density (N,) of each innovation, 0 where nothing was measured."""
    S, count = _seen_block(innovation, innovation_cov)
    return -(count * np.log(2 * np.pi) + np.linalg.slogdet(S)[1] + _squared_length(innovation, S)) / 2


def _seen_block(innovation: np.ndarray, innovation_cov: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return S with the rows and columns not measured put to those of the identity, and how many were measured."""
    seen = ~np.isnan(innovation)
    both = seen[:, :, None] & seen[:, None, :]
    return np.where(both, innovation_cov, np.eye(innovation.shape[1])), seen.sum(axis=1)


def _squared_length(innovation: np.ndarray, S: np.ndarray) -> np.ndarray:
    """Return nu' S^-1 nu (N,), a NaN counting as 0."""
    nu = np.nan_to_num(innovation)[:, :, None]
    return (nu * np.linalg.solve(S, nu)).sum(axis=(1, 2))


def rts_smoother(model: LinearGaussian, filtered: FilterResult) -> SmootherResult:
    """Return what is known of each state from all measurements, those after it too.

    Lecture `kalman`, "looking back": `rts_step` from the last state, which the filter knows already, to the first.

    Parameters
    ----------
    model : LinearGaussian   the model
    filtered : FilterResult  what `kalman_filter` returned for it

    Returns
    -------
    SmootherResult           mean (N, n), cov (N, n, n)

    Raises
    ------
    ValueError               the result of a filter with another number of states, a singular predicted covariance

    Examples
    --------
    >>> model = LinearGaussian(F=1, H=1, Q=0, R=1, x0=0, P0=1e9)
    >>> rts_smoother(model, kalman_filter(model, [1.0, 3.0, 8.0])).mean.ravel().round(6)
    array([4., 4., 4.])
    """
    n = model.x0.size
    if filtered.mean.shape[1:] != (n,):
        raise ValueError(f"filtered must have {n} states as the model has, got {filtered.mean.shape[1]}")
    mean, cov = filtered.mean.copy(), filtered.cov.copy()
    P_pred = _invertible("predicted_cov", filtered.predicted_cov[1:])
    C = np.linalg.solve(P_pred, model.F @ filtered.cov[:-1]).transpose(0, 2, 1)
    for k in range(len(mean) - 2, -1, -1):
        mean[k] += C[k] @ (mean[k + 1] - filtered.predicted_mean[k + 1])
        cov[k] += C[k] @ (cov[k + 1] - P_pred[k]) @ C[k].T
    return SmootherResult(mean, cov)


def batch_posterior(model: LinearGaussian, z: np.ndarray) -> BatchResult:
    """Return what `kalman_filter` and `rts_smoother` return, from one big Gaussian and no recursion.

    Lecture `kalman`, "one big Gaussian": all N n numbers of all states at once, conditioned on all measurements.
    The work grows as N^3: this is the oracle, not the method.

    Parameters
    ----------
    model : LinearGaussian   the model
    z : (N, m) array         measurements; NaN = not measured; (N,) if m is 1

    Returns
    -------
    BatchResult              mean (N, n), cov (N, n, n), loglik

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               a wrong shape, infinite values, nothing but NaN, a singular covariance of z

    Examples
    --------
    >>> model = LinearGaussian(F=1, H=1, Q=0, R=1, x0=0, P0=1e6)
    >>> batch_posterior(model, [1.0, 3.0, 8.0]).mean.ravel().round(3)
    array([4., 4., 4.])
    """
    z = _series(z, model.R.shape[0])
    N, n = len(z), model.x0.size
    powers = [np.linalg.matrix_power(model.F, k) for k in range(N)]
    zero = np.zeros((n, n))
    # All states are G times the first state and the N - 1 noises.
    G = np.block([[powers[i - j] if j <= i else zero for j in range(N)] for i in range(N)])
    noise = np.kron(np.eye(N), model.Q)
    noise[:n, :n] = model.P0
    mean = G[:, :n] @ model.x0
    cov = G @ noise @ G.T
    seen = ~np.isnan(z).ravel()
    H = np.kron(np.eye(N), model.H)[seen]
    S = _invertible("the covariance of z", H @ cov @ H.T + np.kron(np.eye(N), model.R)[np.ix_(seen, seen)])
    K = np.linalg.solve(S, H @ cov).T
    innovation = z.ravel()[seen] - H @ mean
    mean = mean + K @ innovation
    cov = cov - K @ S @ K.T
    loglik = _log_density(innovation[None], S[None])[0]
    blocks = np.array([cov[i : i + n, i : i + n] for i in range(0, N * n, n)])
    return BatchResult(mean.reshape(N, n), blocks, float(loglik))


def simulate(model: LinearGaussian, N: int, *, rng: np.random.Generator) -> SimulationResult:
    """Return states and measurements drawn from the model.

    Lecture `kalman`, "wrong tuning shows".

    Parameters
    ----------
    model : LinearGaussian   the model; the first state is drawn from its prior
    N : int                  >= 1, the number of times
    rng : Generator          where the noise comes from

    Returns
    -------
    SimulationResult         states (N, n), measurements (N, m)

    Raises
    ------
    TypeError                `N` not an integer, `rng` not a Generator
    ValueError               N < 1

    Examples
    --------
    >>> still = LinearGaussian(F=1, H=[[1], [2]], Q=0, R=np.zeros((2, 2)), x0=3, P0=0)
    >>> simulate(still, 2, rng=np.random.default_rng(0)).measurements
    array([[3., 6.],
           [3., 6.]])
    """
    N = whole_number("N", N, least=1)
    generator("rng", rng)
    n, m = model.x0.size, model.R.shape[0]
    states = rng.standard_normal((N, n))
    states[0] = model.x0 + _root(model.P0) @ states[0]
    states[1:] = states[1:] @ _root(model.Q)
    for k in range(1, N):
        states[k] += model.F @ states[k - 1]
    return SimulationResult(states, states @ model.H.T + rng.standard_normal((N, m)) @ _root(model.R))


def _root(covariance: np.ndarray) -> np.ndarray:
    """Return the symmetric root, which exists for singular covariances too and, unlike others, is unique."""
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


# A drifting level, and a constant velocity: steady states in closed form


def steady_gain(q: float, r: float) -> float:
    """Return the gain at which the filter of a drifting level settles.

    Lecture `kalman`, "add drift": the predicted variance P solves P = P r / (P + r) + q, that is
    P^2 = q P + q r; the gain is P / (P + r).

    Parameters
    ----------
    q : float                >= 0, variance of the level's step
    r : float                > 0, variance of a measurement, in the same units

    Returns
    -------
    float                    in [0, 1), without units

    Raises
    ------
    TypeError                not a real number
    ValueError               q < 0, r <= 0, NaN

    Notes
    -----
    Oracle: for q = r it is the golden ratio less one, (sqrt(5) - 1) / 2.

    Examples
    --------
    >>> round(steady_gain(2.0, 2.0), 6)
    0.618034
    """
    q = number("q", q, least=0)
    r = number("r", r, above=0)
    P = (q + np.sqrt(q**2 + 4 * q * r)) / 2
    return float(P / (P + r))


def fixed_gain_variance(K: float | np.ndarray, q: float, r: float) -> float | np.ndarray:
    """Return the variance of the predicted level if the same gain is used at every step.

    Lecture `kalman`, "add drift": the fixed point of P = (1 - K)^2 P + K^2 r + q, smallest at `steady_gain`.

    Parameters
    ----------
    K : float or array       in (0, 2); outside the errors grow without bound
    q : float                >= 0, variance of the level's step
    r : float                >= 0, variance of a measurement

    Returns
    -------
    float or array           in units of `q`

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               a value out of range, NaN

    Examples
    --------
    >>> fixed_gain_variance(1.0, 2.0, 3.0)
    np.float64(5.0)
    """
    K = finite_array("K", K)
    q = number("q", q, least=0)
    r = number("r", r, least=0)
    if (K <= 0).any() or (K >= 2).any():
        raise ValueError(f"K must be between 0 and 2, got {K[(K <= 0) | (K >= 2)].flat[0]:g}")
    return (q + K**2 * r) / (K * (2 - K))


def innovation_acf(K: float, q: float, r: float, lags: int) -> np.ndarray:
    """Return the autocorrelations of a drifting level's innovations under a fixed gain, right or wrong.

    Lecture `kalman`, "wrong tuning shows": with P from `fixed_gain_variance`, lag j has
    ((1 - K) P - K r) (1 - K)^(j - 1) / (P + r), which is 0 exactly at the optimal gain.

    Parameters
    ----------
    K : float                in (0, 2), the gain in use
    q : float                >= 0, true variance of the level's step
    r : float                > 0, true variance of a measurement
    lags : int               >= 1

    Returns
    -------
    (lags,) array            for lags 1, 2, ...

    Raises
    ------
    TypeError                not a real number, `lags` not an integer
    ValueError               a value out of range, NaN

    Examples
    --------
    >>> innovation_acf(1.0, 0.0, 1.0, 2)
    array([-0.5, -0. ])
    """
    K = number("K", K, above=0, below=2)
    q = number("q", q, least=0)
    r = number("r", r, above=0)
    P = (q + K**2 * r) / (K * (2 - K))
    return ((1 - K) * P - K * r) / (P + r) * (1 - K) ** np.arange(whole_number("lags", lags, least=1))


def exponential_smoothing(z: np.ndarray, gain: float, x0: float) -> np.ndarray:
    """Return the level after each value: level += gain * (value - level).

    Lecture `kalman`, "add drift": the filter of a drifting level once its gain has settled.

    Parameters
    ----------
    z : (N,) array           the values
    gain : float             in [0, 1]
    x0 : float               the level before the first value

    Returns
    -------
    (N,) array               in units of `z`

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               not one axis, NaN, a gain out of range

    Examples
    --------
    >>> exponential_smoothing([2.0, 2.0, 4.0], 0.5, 0.0)
    array([1.  , 1.5 , 2.75])
    """
    z = finite_array("z", z, ndim=1)
    gain = number("gain", gain, least=0, most=1)
    return signal.lfilter([gain], [1, gain - 1], z, zi=[(1 - gain) * number("x0", x0)])[0]


def fit_local_level(*pieces: np.ndarray) -> LocalLevelResult:
    """Return the maximum-likelihood variances of a drifting level, given its first measurement.

    Lecture `kalman`, "the Nile". Knowing nothing before the first value z_1, the level after it is N(z_1, r):
    the exact diffuse start. For a fixed ratio q / r the best r is a mean of squares, so that only
    the ratio is searched for. Several pieces share q and r, but each starts afresh: a break between them.

    Parameters
    ----------
    *pieces : (N_i,) arrays  at least 2 values each, 3 in all after the first of each piece

    Returns
    -------
    LocalLevelResult         q, r in squared units of the values, loglik

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               no piece, too short, NaN, values that do not vary

    Notes
    -----
    The ratio is 0 or between exp(-16) and exp(16). The log-likelihood leaves out each piece's first value.

    Examples
    --------
    >>> fit_local_level(np.array([1.0, -1.0] * 10)).q
    0.0
    """
    checked = [finite_array(f"piece {i}", piece, ndim=1, min_size=2) for i, piece in enumerate(pieces, start=1)]
    if sum(piece.size - 1 for piece in checked) < 3:
        raise ValueError(f"the pieces must have 3 values after their first, got {[piece.size for piece in checked]}")
    if not any(np.ptp(piece) for piece in checked):
        raise ValueError("the pieces must vary, got constant ones")
    log_ratio = np.linspace(-16, 16, 65)
    for _ in range(9):  # each turn shrinks the interval about eightfold, to 1e-8 of its length
        loglik, _ = _concentrated(np.exp(log_ratio), checked)
        best = int(loglik.argmax())
        log_ratio = np.linspace(log_ratio[max(best - 1, 0)], log_ratio[min(best + 1, log_ratio.size - 1)], 17)
    ratios = np.array([0.0, np.exp(log_ratio[8])])
    loglik, r = _concentrated(ratios, checked)
    # A ratio at the lower end of the search does not differ from 0 by more than rounding and the grid.
    best = 0 if loglik[0] >= loglik[1] - 1e-6 else 1
    return LocalLevelResult(q=float(ratios[best] * r[best]), r=float(r[best]), loglik=float(loglik[best]))


def _concentrated(ratio: np.ndarray, pieces: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the log-likelihood at each ratio q / r for the best r, and that r."""
    squares, logs, count = np.zeros_like(ratio), np.zeros_like(ratio), 0
    for piece in pieces:
        level, P = np.full_like(ratio, piece[0]), np.ones_like(ratio)  # variances in units of r
        for value in piece[1:]:
            P = P + ratio
            S = P + 1
            innovation = value - level
            level = level + P / S * innovation
            P = P / S
            squares += innovation**2 / S
            logs += np.log(S)
        count += piece.size - 1
    r = squares / count
    return -(count * (np.log(2 * np.pi * r) + 1) + logs) / 2, r


def alpha_beta(lam: float) -> AlphaBetaResult:
    """Return the steady gains of a constant-velocity tracker.

    Lecture `kalman`, "a disc": with rho = (4 + lam - sqrt(8 lam + lam^2)) / 4, alpha = 1 - rho^2 and
    beta = 2 (2 - alpha) - 4 sqrt(1 - alpha).

    Parameters
    ----------
    lam : float              > 0, the tracking index sigma_w T^2 / sigma_v of `constant_velocity`

    Returns
    -------
    AlphaBetaResult          alpha, beta in (0, 1) and (0, 2)

    Raises
    ------
    TypeError                not a real number
    ValueError               lam <= 0, NaN

    Notes
    -----
    Source: Kalata (1984). The acceleration is constant within a step. beta is computed as 2 (1 - rho)^2.

    Examples
    --------
    >>> gains = alpha_beta(1.0)
    >>> round(gains.alpha, 12), round(gains.beta, 12)
    (0.75, 0.5)
    """
    lam = number("lam", lam, above=0)
    rho = (4 + lam - np.sqrt(8 * lam + lam**2)) / 4
    return AlphaBetaResult(alpha=float(1 - rho**2), beta=float(2 * (1 - rho) ** 2))


def constant_velocity(
    axes: int, T: float, sigma_w: float, sigma_v: float, x0: np.ndarray, P0: np.ndarray
) -> LinearGaussian:
    """Return the model of a point of which the position is measured and the velocity drifts.

    Lecture `kalman`, "a disc": each axis has the state (position, velocity) and, in each step, a random constant
    acceleration.

    Parameters
    ----------
    axes : int               >= 1, the number of axes; the state is (x, x velocity, y, y velocity, ...)
    T : float                > 0, the time of one step
    sigma_w : float          >= 0, standard deviation of the acceleration
    sigma_v : float          > 0, standard deviation of a measured position
    x0 : (2 axes,) array     mean of the first state
    P0 : (2 axes, 2 axes)    its covariance

    Returns
    -------
    LinearGaussian           n = 2 axes, m = axes

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range, shapes that do not fit

    Examples
    --------
    >>> constant_velocity(1, 2.0, 0.5, 1.0, [0, 0], np.eye(2)).Q
    array([[1., 1.],
           [1., 1.]])
    """
    axes = whole_number("axes", axes, least=1)
    T = number("T", T, above=0)
    push = number("sigma_w", sigma_w, least=0) * np.array([T**2 / 2, T])
    each = np.eye(axes)
    return LinearGaussian(
        F=np.kron(each, [[1, T], [0, 1]]),
        H=np.kron(each, [[1, 0]]),
        Q=np.kron(each, np.outer(push, push)),
        R=each * number("sigma_v", sigma_v, above=0) ** 2,
        x0=x0,
        P0=P0,
    )


# Is the model right? Tests of the innovations


def nis(innovation: np.ndarray, innovation_cov: np.ndarray) -> np.ndarray:
    """Return the normalised innovation squared, nu' S^-1 nu, of each time.

    Lecture `kalman`, "wrong tuning shows": chi-squared with m degrees of freedom if the model is right.

    Parameters
    ----------
    innovation : (N, m) array         NaN = not measured
    innovation_cov : (N, m, m) array  S

    Returns
    -------
    (N,) array               NaN where nothing was measured

    Raises
    ------
    TypeError                not numeric
    ValueError               shapes that do not fit, NaN or infinite covariances

    Notes
    -----
    Where only s of the m numbers were measured there are s degrees of freedom.

    Examples
    --------
    >>> nis([[2.0], [np.nan]], [[[4.0]], [[4.0]]])
    array([ 1., nan])
    """
    innovation = np.asarray(innovation, dtype=float)
    S = finite_array("innovation_cov", innovation_cov, ndim=3)
    if innovation.ndim != 2 or S.shape != (*innovation.shape, innovation.shape[1]):
        raise ValueError(
            f"innovation and innovation_cov must be (N, m) and (N, m, m), got {innovation.shape}, {S.shape}"
        )
    S, count = _seen_block(innovation, S)
    return np.where(count > 0, _squared_length(innovation, S), np.nan)


def nis_bounds(N: int, m: int, alpha: float) -> tuple[float, float]:
    """Return the bounds between which the mean of N normalised innovations squared lies if the model is right.

    Lecture `kalman`, "wrong tuning shows": the sum is chi-squared with N m degrees of freedom; `alpha` is shared
    between the two sides.

    Parameters
    ----------
    N : int                  >= 1, the number of times
    m : int                  >= 1, the numbers measured each time
    alpha : float            in (0, 1), the probability to lie outside

    Returns
    -------
    tuple                    low and high

    Raises
    ------
    TypeError                a wrong type
    ValueError               a value out of range, NaN

    Examples
    --------
    >>> low, high = nis_bounds(100, 1, 0.05)
    >>> round(low, 3), round(high, 3)
    (0.742, 1.296)
    """
    N = whole_number("N", N, least=1)
    m = whole_number("m", m, least=1)
    alpha = number("alpha", alpha, above=0, below=1)
    low, high = stats.chi2.ppf([alpha / 2, 1 - alpha / 2], N * m) / N
    return float(low), float(high)


def whiteness(nu: np.ndarray, lags: int) -> WhitenessResult:
    """Return the autocorrelations of a series and a test that they are those of white noise.

    Lecture `kalman`, "wrong tuning shows".

    Parameters
    ----------
    nu : (N,) array          innovations, each divided by its standard deviation; NaN = not measured
    lags : int               >= 1, below the number of values

    Returns
    -------
    WhitenessResult          acf (lags,), band = 1.96 / sqrt(number of values), Ljung-Box statistic and p_value

    Raises
    ------
    TypeError                not numeric, `lags` not an integer
    ValueError               not one axis, infinite values, too few, values that do not vary

    Notes
    -----
    The mean is subtracted. A missing value counts in no product; the sum of squares is of those present.

    Examples
    --------
    >>> result = whiteness([1.0, -1.0, 1.0, -1.0], 2)
    >>> result.acf, round(result.band, 2)
    (array([-0.75,  0.5 ]), 0.98)
    """
    nu = _series(nu, 1)[:, 0]
    N = int(np.count_nonzero(~np.isnan(nu)))
    lags = whole_number("lags", lags, least=1, most=N - 1)
    centred = np.nan_to_num(nu - np.nanmean(nu))
    power = centred @ centred
    if power == 0:
        raise ValueError("nu must vary, got a constant")
    acf = np.array([centred[lag:] @ centred[:-lag] for lag in range(1, lags + 1)]) / power
    statistic = N * (N + 2) * (acf**2 / (N - np.arange(1, lags + 1))).sum()
    return WhitenessResult(acf, float(1.96 / np.sqrt(N)), float(statistic), float(stats.chi2.sf(statistic, lags)))


# Measurements: gaps, and a disc in pictures


def on_grid(times: np.ndarray, values: np.ndarray, step: float = 1.0) -> np.ndarray:
    """Return measurements on an even grid of times, with NaN where there is none.

    Lecture `kalman`, "missing data".

    Parameters
    ----------
    times : (N,) array               increasing, whole steps apart
    values : (N,) or (N, m) array    measured then
    step : float                     > 0, the grid's step, in units of `times`

    Returns
    -------
    (M,) or (M, m) array             from the first time to the last

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               times that do not increase, or lie beside the grid; lengths that differ; NaN

    Examples
    --------
    >>> on_grid([1871, 1872, 1874], [5.0, 6.0, 8.0])
    array([ 5.,  6., nan,  8.])
    """
    times = finite_array("times", times, ndim=1)
    values = finite_array("values", values, ndim=(1, 2))
    step = number("step", step, above=0)
    if len(values) != len(times):
        raise ValueError(f"times and values must be equally many, got {len(times)} and {len(values)}")
    if (np.diff(times) <= 0).any():
        first = int(np.argmax(np.diff(times) <= 0))
        raise ValueError(f"times must increase, got {times[first + 1]:g} after {times[first]:g}")
    steps = (times - times[0]) / step
    index = np.rint(steps).astype(int)
    beside = np.abs(steps - index) > 1e-6  # times in other units may be rounded
    if beside.any():
        raise ValueError(f"times must be whole steps of {step:g} apart, got {times[beside][0]:g} after {times[0]:g}")
    grid = np.full((index[-1] + 1, *values.shape[1:]), np.nan)
    grid[index] = values
    return grid


def disc_frame(background: np.ndarray, x: float, y: float, radius: float, contrast: float) -> np.ndarray:
    """Return the background with a disc on it, brighter by `contrast`, its edge one pixel wide.

    Lecture `kalman`, "a disc".

    Parameters
    ----------
    background : (H, W) array   grey values
    x : float                   column of the disc's centre, in pixels
    y : float                   row of the disc's centre
    radius : float              > 0, in pixels
    contrast : float            added inside the disc, in units of `background`

    Returns
    -------
    (H, W) array                in units of `background`

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not two axes, NaN, radius <= 0

    Examples
    --------
    >>> disc_frame(np.zeros((3, 5)), 1.0, 1.0, 1.0, 2.0)[1]
    array([1., 2., 1., 0., 0.])
    """
    background = finite_array("background", background, ndim=2)
    radius = number("radius", radius, above=0)
    rows, columns = np.ogrid[: background.shape[0], : background.shape[1]]
    distance = np.hypot(columns - number("x", x), rows - number("y", y))
    return background + number("contrast", contrast) * np.clip(radius + 0.5 - distance, 0, 1)


def find_disc(frame: np.ndarray, background: np.ndarray, threshold: float) -> np.ndarray:
    """Return the mean position (x, y) of the pixels brighter than the background by more than `threshold`.

    Lecture `kalman`, "a disc": the measurement, in pixels.

    Parameters
    ----------
    frame : (H, W) array        grey values
    background : (H, W) array   the same scene without the disc
    threshold : float           in units of `frame`

    Returns
    -------
    (2,) array                  column and row; NaN if no pixel is brighter

    Raises
    ------
    TypeError                a wrong type, complex input
    ValueError               not two axes, shapes that differ, NaN

    Examples
    --------
    >>> empty = np.zeros((5, 7))
    >>> find_disc(disc_frame(empty, 4.0, 2.0, 1.5, 1.0), empty, 0.5), find_disc(empty, empty, 0.5)
    (array([4., 2.]), array([nan, nan]))
    """
    frame = finite_array("frame", frame, ndim=2)
    background = finite_array("background", background, ndim=2)
    same_shape(frame=frame, background=background)
    rows, columns = np.nonzero(frame - background > number("threshold", threshold))
    return np.array([columns.mean(), rows.mean()]) if rows.size else np.full(2, np.nan)


# Faster ways to the same numbers


def smooth_long(model: LinearGaussian, z: np.ndarray) -> PassesResult:
    """Return what `kalman_filter` and `rts_smoother` return, faster for long series without gaps.

    Lecture `kalman`, "add drift": covariances and gains settle after some steps, long before the series ends.
    From there on each mean is the last one times a constant matrix, plus an input. Such a recursion can be run on
    all stretches of the series at once, each from zero, and what each inherits from the one before added after.

    Parameters
    ----------
    model : LinearGaussian   the model
    z : (N, m) array         measurements, none missing; (N,) if m is 1

    Returns
    -------
    PassesResult             means (N, n), covariances (N, n, n), loglik ()

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               a wrong shape, NaN, a singular innovation or predicted covariance

    Notes
    -----
    "Settled" is a relative change below 1e-14 in one step; where that is never reached, nothing is faster and
    nothing wrong.

    Examples
    --------
    >>> model = LinearGaussian(F=1, H=1, Q=0.5, R=1, x0=0, P0=3)
    >>> z = np.sin(np.arange(500.0))
    >>> bool(np.abs(smooth_long(model, z).filtered_mean - kalman_filter(model, z).mean).max() < 1e-12)
    True
    """
    z = finite_array("z", _series(z, model.R.shape[0]))
    N, F, H = len(z), model.F, model.H
    c = _covariances(model, N)
    settled, K, C = c.settled, c.gain[-1], c.back[-1]
    predicted = np.empty((N, model.x0.size))
    x = model.x0
    for k in range(settled):
        predicted[k] = x
        x = F @ (x + c.gain[k] @ (z[k] - H @ x))
    predicted[settled:] = _linear_recursion(F - F @ K @ H, z[settled:-1] @ (F @ K).T, x)
    innovation = z - predicted @ H.T
    filtered = predicted + innovation @ K.T
    filtered[:settled] = predicted[:settled] + np.einsum("kij,kj->ki", c.gain[:settled], innovation[:settled])
    mean = filtered.copy()
    inputs = filtered[settled:-1] - predicted[settled + 1 :] @ C.T
    mean[settled:] = _linear_recursion(C, inputs[::-1], filtered[-1])[::-1]
    for k in range(settled - 1, -1, -1):
        mean[k] += c.back[k] @ (mean[k + 1] - predicted[k + 1])
    # One covariance S serves all times from `settled` on.
    loglik = _log_density(innovation[:settled], c.innovation_cov[:settled]).sum()
    S, late = c.innovation_cov[-1], innovation[settled:]
    squares = (late * np.linalg.solve(S, late.T).T).sum()
    loglik -= (len(late) * (S.shape[0] * np.log(2 * np.pi) + np.linalg.slogdet(S)[1]) + squares) / 2
    return PassesResult(filtered, c.filtered, mean, c.smoothed, loglik)


def smooth_many(model: LinearGaussian, z: np.ndarray) -> PassesResult:
    """Return what `kalman_filter` and `rts_smoother` return for each of many series without gaps.

    Lecture `kalman`, "one big Gaussian": the covariances do not depend on the measurements, so that
    all series share one sequence of gains, and each step moves all means with one matrix product.

    Parameters
    ----------
    model : LinearGaussian           the model, the same for all
    z : (n_series, N, m) array       measurements, none missing

    Returns
    -------
    PassesResult                     means (n_series, N, n), covariances (N, n, n), loglik (n_series,)

    Raises
    ------
    TypeError                complex or not numeric
    ValueError               a wrong shape, NaN, a singular innovation or predicted covariance

    Examples
    --------
    >>> model = LinearGaussian(F=1, H=1, Q=0, R=1, x0=0, P0=1e9)
    >>> smooth_many(model, [[[1.0], [3.0]], [[5.0], [5.0]]]).mean[:, :, 0].round(6)
    array([[2., 2.],
           [5., 5.]])
    """
    z = finite_array("z", z, ndim=3)
    (n_series, N, m), n = z.shape, model.x0.size
    if m != model.R.shape[0]:
        raise ValueError(f"z must have shape (n_series, N, {model.R.shape[0]}), got {z.shape}")
    c = _covariances(model, N)
    F, H, eye = model.F, model.H, np.eye(n)
    inverse, logs = np.linalg.inv(c.innovation_cov), np.linalg.slogdet(c.innovation_cov)[1]
    z = np.ascontiguousarray(z.transpose(1, 2, 0))  # (N, m, n_series): one product a step, no copies
    filtered, mean = np.empty((2, N, n, n_series))
    squares, log_volume = np.zeros(n_series), 0.0
    predicted = np.repeat(model.x0[:, None], n_series, axis=1)
    for k in range(N):
        j = min(k, c.settled)
        innovation = z[k] - H @ predicted
        np.matmul(c.gain[j], innovation, out=filtered[k])
        filtered[k] += predicted
        np.matmul(F, filtered[k], out=predicted)
        squares += (innovation * (inverse[j] @ innovation)).sum(axis=0)
        log_volume += logs[j]
    mean[-1] = filtered[-1]
    for k in range(N - 2, -1, -1):
        C = c.back[min(k, c.settled)]
        np.matmul(eye - C @ F, filtered[k], out=mean[k])  # C (mean - prediction) without storing predictions
        mean[k] += C @ mean[k + 1]
    loglik = -(N * m * np.log(2 * np.pi) + log_volume + squares) / 2
    return PassesResult(filtered.transpose(2, 0, 1), c.filtered, mean.transpose(2, 0, 1), c.smoothed, loglik)


@dataclass(frozen=True)
class _Covariances:
    """All that does not depend on the measurements, for N times; constant from step `settled` on.

    gain (settled + 1, n, m), innovation_cov (settled + 1, m, m) and back (settled + 1, n, n), the matrices C, are
    cut off there; filtered and smoothed (N, n, n) are complete.
    """

    gain: np.ndarray
    innovation_cov: np.ndarray
    filtered: np.ndarray
    smoothed: np.ndarray
    back: np.ndarray
    settled: int


def _covariances(model: LinearGaussian, N: int) -> _Covariances:
    """Run the Riccati recursion forwards and backwards, each until it has settled, and fill in the rest."""
    F, H, Q, R = model.F, model.H, model.Q, model.R
    P, eye, settled = model.P0, np.eye(model.x0.size), N - 1
    safe = _is_invertible(R)  # then S is, whatever P: no need to look at each
    gain, innovation_cov, predicted = [], [], [P]
    filtered, smoothed = np.empty((2, N, *P.shape))
    for k in range(N):
        HP = H @ P
        S = HP @ H.T + R
        K = np.linalg.solve(S if safe else _invertible(f"S at step {k}", S), HP).T
        left = eye - K @ H
        filtered[k] = left @ P @ left.T + K @ R @ K.T
        P = F @ filtered[k] @ F.T + Q
        gain.append(K)
        innovation_cov.append(S)
        predicted.append(P)
        if k % 8 == 7 and _same(predicted[-2], P):  # looking at every step would cost as much as the step
            settled = k
            break
    filtered[settled + 1 :] = filtered[settled]
    ahead = min(settled + 1, N - 1)  # so many predictions differ
    back = np.zeros((settled + 1, *P.shape))
    P_pred = _invertible("predicted_cov", np.array(predicted)[1 : ahead + 1])
    back[:ahead] = np.linalg.solve(P_pred, F @ filtered[:ahead]).transpose(0, 2, 1)
    smoothed[-1] = filtered[-1]
    k = N - 2
    while k >= 0:
        C = back[min(k, settled)]
        smoothed[k] = filtered[k] + C @ (smoothed[k + 1] - predicted[min(k, settled) + 1]) @ C.T
        if k > settled and k % 8 == 0 and _same(smoothed[k + 1], smoothed[k]):
            smoothed[settled:k] = smoothed[k]
            k = settled
        k -= 1
    return _Covariances(np.array(gain), np.array(innovation_cov), filtered, smoothed, back, settled)


def _same(P: np.ndarray, other: np.ndarray) -> bool:
    """Tell whether two covariances agree to 1e-14, each entry measured by the two standard deviations it joins."""
    sd = np.sqrt(np.diagonal(P))
    return bool((np.abs(P - other) <= 1e-14 * sd[:, None] * sd).all())


def _linear_recursion(A: np.ndarray, inputs: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return y (N + 1, n) with y[0] = start and y[k + 1] = A y[k] + inputs[k], in about 3 sqrt(N) steps."""
    N, n = inputs.shape
    size = int(np.ceil(np.sqrt(N))) or 1  # of a stretch; there are as many stretches
    padded = np.zeros((size * size, n))
    padded[:N] = inputs
    y = np.ascontiguousarray(padded.reshape(size, size, n).transpose(1, 0, 2))  # (step, stretch, n)
    powers = np.empty((size, n, n))
    powers[0] = A
    for j in range(1, size):
        y[j] += y[j - 1] @ A.T
        powers[j] = A @ powers[j - 1]
    inherited = np.empty((size, n))
    inherited[0] = start
    for b in range(1, size):
        inherited[b] = powers[-1] @ inherited[b - 1] + y[-1, b - 1]
    y += inherited @ powers.transpose(0, 2, 1)
    return np.concatenate([start[None], y.transpose(1, 0, 2).reshape(-1, n)[:N]])
