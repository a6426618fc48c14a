"""The exercises of the lecture `double_descent`."""

import numpy as np

from coursekit import double_descent
from coursekit.checking import Exercise, Mistake, checker

__all__ = ["check"]


# min_norm_lstsq: 10 points


def draw_system(rng):
    """Draw a wide system, so that only the right interpolant is short; its condition is at most about 6."""
    n = int(rng.integers(3, 7))
    return {"A": rng.normal(size=(n, 3 * n)), "y": rng.normal(size=n)}


def fixed(n, p, seed):
    rng = np.random.default_rng(seed)
    return {"A": rng.normal(size=(n, p)), "y": rng.normal(size=n)}


REPEATED_COLUMN = np.array([[1.0, 2.0, 1.0], [0.0, 1.0, 0.0], [2.0, -1.0, 2.0], [1.0, 0.0, 1.0]])
REPEATED_ROW = np.array([[1.0, 2.0, -1.0, 0.5], [0.0, 1.0, 3.0, 1.0], [1.0, 2.0, -1.0, 0.5]])


def a_little_ridge(A, y, rcond=1e-10):
    return np.linalg.solve(A.T @ A + 1e-2 * np.eye(A.shape[1]), A.T @ y)


def basic_solution(A, y, rcond=1e-10):
    """As many columns as the rank, each new one independent of those before it."""
    chosen: list[int] = []
    for j in range(A.shape[1]):
        if np.linalg.matrix_rank(A[:, [*chosen, j]]) > len(chosen):
            chosen.append(j)
    x = np.zeros(A.shape[1])
    if chosen:
        x[chosen] = np.linalg.lstsq(A[:, chosen], y, rcond=None)[0]
    return x


def normal_equations(A, y, rcond=1e-10):
    return np.linalg.solve(A.T @ A, A.T @ y)


def dual_always(A, y, rcond=1e-10):
    return A.T @ np.linalg.solve(A @ A.T, y)


def gram_by_shape(A, y, rcond=1e-10):
    return normal_equations(A, y) if A.shape[0] >= A.shape[1] else dual_always(A, y)


def transpose_for_inverse(A, y, rcond=1e-10):
    return A.T @ y


def no_cut_at_all(A, y, rcond=1e-10):
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    return Vt.T @ ((U.T @ y) / s)


def cut_is_absolute(A, y, rcond=1e-10):
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    kept = s > rcond
    return (Vt[kept].T / s[kept]) @ (U[:, kept].T @ y)


def rcond_ignored(A, y, rcond=1e-10):
    return np.linalg.pinv(A, rcond=1e-10) @ y


def multiplied_by_s(A, y, rcond=1e-10):
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    kept = s > rcond * s[0]
    return (Vt[kept].T * s[kept]) @ (U[:, kept].T @ y)


def by_pinv(A, y, rcond=1e-10):
    return np.linalg.pinv(A, rcond=rcond) @ y


def by_eigenvectors(A, y, rcond=1e-10):
    """Add up one rank-one piece after another."""
    U, s, Vt = np.linalg.svd(A)
    x = np.zeros(A.shape[1])
    for i, value in enumerate(s):
        if value > rcond * s.max():
            x = x + Vt[i] * (U[:, i] @ y) / value
    return x


MIN_NORM_LSTSQ = Exercise(
    double_descent.min_norm_lstsq,
    points=10,
    draw=draw_system,
    edges={
        "tall": fixed(7, 3, 1),
        "wide": fixed(3, 7, 2),
        "square": {"A": np.array([[2.0, 1.0, 0.0], [0.0, 3.0, -1.0], [1.0, 0.0, 2.0]]), "y": np.array([1.0, 2.0, 3.0])},
        "one equation, two unknowns": {"A": np.array([[3.0, 4.0]]), "y": np.array([5.0])},
        "a column twice": {"A": REPEATED_COLUMN, "y": np.array([1.0, 2.0, 3.0, 4.0])},
        "a row twice, which disagrees": {"A": REPEATED_ROW, "y": np.array([1.0, 2.0, 3.0])},
        "all zero": {"A": np.zeros((2, 3)), "y": np.array([1.0, 2.0])},
        "a singular value to be cut": {
            "A": np.diag([2.0, 0.5, 40.0]) @ np.eye(3, 4),
            "y": np.array([2.0, 1.0, 20.0]),
            "rcond": 0.02,
        },
        "1.5e-10 of the largest, to be kept": {"A": np.diag([1.0, 1.5e-10]), "y": np.array([1.0, 3e-10])},
        "small numbers, cut off at 0.1": {
            "A": np.diag([2e-3, 1e-3, 1e-4]) @ np.eye(3, 4),
            "y": np.array([2.0, 1.0, 2.0]),
            "rcond": 0.1,
        },
    },
    mistakes=(
        Mistake(
            a_little_ridge,
            "With more unknowns than data the residual should be 0, and yours is not. What is it that you add?",
            on=("tall", "wide", "square", "one equation, two unknowns"),
        ),
        Mistake(
            basic_solution,
            "You fit the data, but your x is longer than it need be. Which fit lies in the span of the rows?",
            on=("tall", "wide", "square", "one equation, two unknowns", "a column twice"),
        ),
        Mistake(
            gram_by_shape,
            "Right for full rank. What if a column or a row comes twice? One decomposition serves all cases.",
            on=("tall", "wide", "one equation, two unknowns", "all zero"),
        ),
        Mistake(
            normal_equations,
            "The normal equations have no single solution for p > n, nor if a column comes twice. What then?",
            on=("tall", "all zero"),
        ),
        Mistake(
            dual_always,
            "With more rows than columns A Aᵀ has no inverse. Which decomposition serves any shape and rank?",
            on=("wide", "one equation, two unknowns", "all zero"),
        ),
        Mistake(transpose_for_inverse, "Aᵀ carries y back, but it is no inverse: each singular value acts twice."),
        Mistake(
            no_cut_at_all,
            "A singular value of 0 cannot be inverted, nor can one that is 0 up to rounding. What is rcond for?",
            on=("wide", "all zero", "a singular value to be cut", "small numbers, cut off at 0.1"),
        ),
        Mistake(
            cut_is_absolute,
            "Measure A in other units and the same directions should be cut: rcond is relative to what?",
            on=("tall", "wide", "a column twice", "a singular value to be cut", "small numbers, cut off at 0.1"),
        ),
        Mistake(
            rcond_ignored,
            "Right for the default. What should change when the caller passes a larger rcond?",
        ),
        Mistake(multiplied_by_s, "A multiplies by the singular values. What must the way back do?"),
    ),
    alternatives=(by_pinv, by_eigenvectors),
)


# excess_risk: 12 points


def draw_sizes(rng):
    n = int(rng.integers(5, 60))
    p = int(rng.integers(1, n - 1) if rng.random() < 0.5 else rng.integers(n + 2, 4 * n))
    return {"n": n, "p": p, "B": rng.uniform(0.2, 4.0), "var": rng.uniform(0.05, 3.0)}


def risk(n, p, tall, wide):
    """Return the branch that applies; each is a function, so that only that one is evaluated."""
    if p < n - 1:
        return tall()
    return wide() if p > n + 1 else np.inf


def fixed_design(n, p, B, var):
    if p <= n:
        return var * p / n
    return B * (1 - n / p) + var * n / (p - n - 1) if p > n + 1 else np.inf


def in_the_limit(n, p, B, var):
    if p == n:
        return np.inf
    return var * p / (n - p) if p < n else B * (1 - n / p) + var * n / (p - n)


def no_bias(n, p, B, var):
    return risk(n, p, lambda: var * p / (n - p - 1), lambda: var * n / (p - n - 1))


def bias_squared_twice(n, p, B, var):
    return risk(n, p, lambda: var * p / (n - p - 1), lambda: B * (1 - n / p) ** 2 + var * n / (p - n - 1))


def part_kept(n, p, B, var):
    return risk(n, p, lambda: var * p / (n - p - 1), lambda: B * n / p + var * n / (p - n - 1))


def finite_at_the_peak(n, p, B, var):
    if p < n - 1:
        return var * p / (n - p - 1)
    return B * (1 - n / p) + var * n / (p - n - 1) if p > n + 1 else var * p


def infinite_only_at_n(n, p, B, var):
    if p == n:
        return np.inf
    return var * p / (n - p - 1) if p < n else B * (1 - n / p) + var * n / (p - n - 1)


def signal_left_out_of_the_bias(n, p, B, var):
    return risk(n, p, lambda: var * p / (n - p - 1), lambda: 1 - n / p + var * n / (p - n - 1))


def deviation_for_variance(n, p, B, var):
    return double_descent.excess_risk(n, p, B, float(np.sqrt(var)))


def counts_columns(n, p, B, var):
    return risk(n, p, lambda: var * p / (n - p - 1), lambda: B * (1 - n / p) + var * p / (p - n - 1))


def one_branch_for_all(n, p, B, var):
    return risk(n, p, lambda: var * p / (n - p - 1), lambda: var * p / (n - p - 1))


def no_noise_past_n(n, p, B, var):
    return risk(n, p, lambda: var * p / (n - p - 1), lambda: B * (1 - n / p))


def with_the_noise_of_the_new_value(n, p, B, var):
    return var + double_descent.excess_risk(n, p, B, var)


def by_the_smaller_side(n, p, B, var):
    small, large = sorted((n, p))
    if large - small < 2:
        return float("inf")
    return var * small / (large - small - 1) + B * max(0.0, 1 - n / p)


EXCESS_RISK = Exercise(
    double_descent.excess_risk,
    points=12,
    draw=draw_sizes,
    edges={
        "p = n": {"n": 40, "p": 40, "B": 1.0, "var": 0.25},
        "p = n - 1": {"n": 40, "p": 39, "B": 1.0, "var": 0.25},
        "p = n + 1": {"n": 40, "p": 41, "B": 1.0, "var": 0.25},
        "p = n - 2": {"n": 40, "p": 38, "B": 1.0, "var": 0.25},
        "p = n + 2": {"n": 40, "p": 42, "B": 1.0, "var": 0.25},
        "half as many unknowns": {"n": 40, "p": 20, "B": 1.0, "var": 0.25},
        "twice as many unknowns": {"n": 40, "p": 80, "B": 2.0, "var": 0.5},
        "one unknown": {"n": 9, "p": 1, "B": 3.0, "var": 0.7},
        "one row": {"n": 1, "p": 4, "B": 3.0, "var": 0.7},
        "no signal": {"n": 10, "p": 30, "B": 0.0, "var": 1.5},
    },
    mistakes=(
        Mistake(fixed_design, "That holds on the rows you fitted. New rows are drawn too: the design is random."),
        Mistake(in_the_limit, "Right in the limit only. Try p = 1: what is the mean of 1 over a chi-squared variable?"),
        Mistake(no_bias, "Past n the fit cannot see part of x*. What of its null space?"),
        Mistake(bias_squared_twice, "A projection P has P² = P: what is the mean squared length of what it keeps?"),
        Mistake(part_kept, "That is the part of x* that the rows see. Which part is lost?"),
        Mistake(finite_at_the_peak, "At p = n look for the mean of 1 over a chi-squared of one degree: is it finite?"),
        Mistake(infinite_only_at_n, "Beside p = n: is the mean of 1 over a chi-squared of two degrees finite?"),
        Mistake(signal_left_out_of_the_bias, "Double x*: must not what the fit cannot see grow too?"),
        Mistake(deviation_for_variance, "The noise's variance is given: no root is needed."),
        Mistake(counts_columns, "How many noise values enter a wide fit? Count the rows."),
        Mistake(one_branch_for_all, "A negative risk? Past n another matrix is inverted: which one has n rows?"),
        Mistake(no_noise_past_n, "Past n the fit swallows all the noise. Where is its share?"),
        Mistake(with_the_noise_of_the_new_value, "The excess is about x: leave out the noise of the new y itself."),
    ),
    alternatives=(by_the_smaller_side,),
)


# optimal_ridge: 8 points


def draw_problem(rng):
    return {
        "n": int(rng.integers(5, 60)),
        "p": int(rng.integers(2, 90)),
        "B": rng.uniform(0.2, 4.0),
        "var": rng.uniform(0.05, 3.0),
    }


def without_p(n, p, B, var):
    return var / B


def rows_for_columns(n, p, B, var):
    return n * var / B


def for_the_mean_loss(n, p, B, var):
    return p * var / (n * B)


def upside_down(n, p, B, var):
    return p * B / var


def ratio_of_deviations(n, p, B, var):
    return p * np.sqrt(var / B)


def reciprocal(n, p, B, var):
    return B / (p * var)


def signal_left_out(n, p, B, var):
    return p * var


def noise_squared(n, p, B, var):
    return p * var**2 / B


def by_the_smaller_number(n, p, B, var):
    return min(n, p) * var / B


def root_of_the_signal(n, p, B, var):
    return p * var / np.sqrt(B)


def in_one_line(n, p, B, var):
    return p * var / B


OPTIMAL_RIDGE = Exercise(
    double_descent.optimal_ridge,
    points=8,
    draw=draw_problem,
    edges={
        "tall": {"n": 40, "p": 20, "B": 1.0, "var": 0.25},
        "wide": {"n": 20, "p": 50, "B": 3.0, "var": 0.25},
        "square": {"n": 30, "p": 30, "B": 2.0, "var": 0.5},
        "strong noise": {"n": 30, "p": 7, "B": 0.5, "var": 4.0},
        "one unknown": {"n": 12, "p": 1, "B": 3.0, "var": 2.0},
    },
    mistakes=(
        Mistake(without_p, "B is the squared length of all of x*. How large is one coordinate, on average?"),
        Mistake(rows_for_columns, "Who shares B: the data or the unknowns?"),
        Mistake(for_the_mean_loss, "Here the squared error is a sum over the rows, not their mean."),
        Mistake(by_the_smaller_number, "B is shared by all unknowns, whether the rows see them or not."),
        Mistake(root_of_the_signal, "B is a squared length already: no root is needed."),
        Mistake(upside_down, "More noise: should you shrink more or less? Yours goes the other way."),
        Mistake(ratio_of_deviations, "Compare units: the penalty is a ratio of variances, not of standard deviations."),
        Mistake(reciprocal, "Yours falls with the noise. Which variance stands over which?"),
        Mistake(signal_left_out, "Double the signal: should you shrink as much as before?"),
        Mistake(noise_squared, "The noise's variance is given, not its standard deviation: no need to square."),
    ),
    alternatives=(in_one_line,),
)


# loo_residuals: 10 points


def draw_rows(rng):
    """Draw a tall or a wide system whose Gram matrix is well conditioned."""
    small = int(rng.integers(2, 6))
    n, p = (3 * small, small) if rng.random() < 0.5 else (small, 3 * small)
    return {"A": rng.normal(size=(n, p)), "y": rng.normal(size=n)}


def leverages(A):
    return np.diag(A @ np.linalg.pinv(A))


def fit_residuals(A, y):
    return y - A @ (np.linalg.pinv(A) @ y)


def dual(A, y):
    inverse = np.linalg.inv(A @ A.T)
    return inverse @ y / np.diag(inverse)


def tall(A):
    return A.shape[0] > A.shape[1]


def training_residuals(A, y):
    return fit_residuals(A, y)


def training_residuals_if_tall(A, y):
    return fit_residuals(A, y) if tall(A) else dual(A, y)


def leverage_squared(A, y):
    return fit_residuals(A, y) / (1 - leverages(A)) ** 2 if tall(A) else dual(A, y)


def leverage_under_a_root(A, y):
    return fit_residuals(A, y) / np.sqrt(1 - leverages(A)) if tall(A) else dual(A, y)


def multiplied_by_what_is_left(A, y):
    return fit_residuals(A, y) * (1 - leverages(A))


def mean_leverage(A, y):
    return fit_residuals(A, y) / (1 - leverages(A).mean()) if tall(A) else dual(A, y)


def press_always(A, y):
    return fit_residuals(A, y) / (1 - leverages(A))


def press_cleaned(A, y):
    return press_always(A, y) if tall(A) else np.zeros(len(y))


def dual_undivided(A, y):
    if tall(A):
        return fit_residuals(A, y) / (1 - leverages(A))
    return np.linalg.inv(A @ A.T) @ y


def divided_by_the_gram(A, y):
    if tall(A):
        return fit_residuals(A, y) / (1 - leverages(A))
    return np.linalg.inv(A @ A.T) @ y / np.diag(A @ A.T)


def sign_turned(A, y):
    return -double_descent.loo_residuals(A, y)


def predictions_returned(A, y):
    return y - double_descent.loo_residuals(A, y)


def squares_returned(A, y):
    return double_descent.loo_residuals(A, y) ** 2


def by_refitting(A, y):
    result = np.zeros(len(y))
    for i in range(len(y)):
        x = np.linalg.pinv(np.delete(A, i, axis=0)) @ np.delete(y, i)
        result[i] = y[i] - A[i] @ x
    return result


def by_pinv_and_press(A, y):
    inverse = np.linalg.pinv(A)
    if tall(A):
        return (y - A @ inverse @ y) / (1 - np.einsum("ij,ji->i", A, inverse))
    return inverse.T @ (inverse @ y) / (inverse**2).sum(axis=0)


SQUARE = np.array([[3.0, 1.0, 0.0], [0.0, 2.0, 1.0], [1.0, 0.0, 4.0]])

LOO_RESIDUALS = Exercise(
    double_descent.loo_residuals,
    points=10,
    draw=draw_rows,
    edges={
        "the mean of four": {"A": np.ones((4, 1)), "y": np.array([1.0, 2.0, 3.0, 6.0])},
        "tall": fixed(9, 3, 3),
        "one point far out": {
            "A": np.column_stack([np.ones(5), [0.0, 1.0, 2.0, 3.0, 10.0]]),
            "y": np.array([0.0, 1.0, 1.0, 3.0, 2.0]),
        },
        "square": {"A": SQUARE, "y": np.array([1.0, -1.0, 2.0])},
        "wide": fixed(4, 11, 4),
        "two rows, five unknowns": fixed(2, 5, 5),
    },
    mistakes=(
        Mistake(training_residuals, "Each point helped to fit itself. Past n all are 0: is the fit so good?"),
        Mistake(
            training_residuals_if_tall,
            "Where n > p each point pulls the fit towards itself. By how much does its residual grow without it?",
        ),
        Mistake(leverage_squared, "Too large a correction. Compare one entry with an honest refit without that row."),
        Mistake(leverage_under_a_root, "That standardises a residual. What does a refit without the row give?"),
        Mistake(
            multiplied_by_what_is_left,
            "Yours are smaller than the training residuals. Without its row, is y[i] predicted better?",
        ),
        Mistake(mean_leverage, "Each point has a leverage of its own; the far ones have more."),
        Mistake(press_cleaned, "0/0 is not 0: an interpolating fit still misses a point that it has not seen."),
        Mistake(dual_undivided, "Almost, past n: which entry of the same inverse belongs to each weight?"),
        Mistake(divided_by_the_gram, "Past n you divide by the squared length of each row. Whose diagonal is it?"),
        Mistake(sign_turned, "Which way round: what was seen minus what was predicted, or the reverse?"),
        Mistake(predictions_returned, "Those are the predictions without each row. The residuals were asked for."),
        Mistake(squares_returned, "The residuals themselves, with their signs, not their squares."),
        Mistake(  # last: rounding errors divided by rounding errors cannot be compared, so it is known by what is right
            press_always,
            "Right for n > p. When the fit interpolates, residual and 1 - leverage are both 0: you need another form.",
            on=("the mean of four", "tall", "one point far out"),
        ),
    ),
    alternatives=(by_refitting, by_pinv_and_press),
)

check = checker(MIN_NORM_LSTSQ, EXCESS_RISK, OPTIMAL_RIDGE, LOO_RESIDUALS)
