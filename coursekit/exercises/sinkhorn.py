"""The exercises of the lecture `sinkhorn`."""

import numpy as np

from coursekit import sinkhorn
from coursekit.checking import Exercise, Mistake, checker

__all__ = ["check"]


def balanced(K):
    """Return the doubly stochastic scaling; 200 steps are plenty for what is drawn here."""
    c = np.ones(len(K))
    for _ in range(200):
        c = np.sqrt(c / (K @ c))
    return c[:, None] * K * c


def gaussian(g, h):
    return np.exp(-((g[:, None] - g) ** 2) / (2 * h**2))


def draw_similarities(rng):
    A = rng.uniform(0.1, 2.0, size=[int(rng.integers(3, 8))] * 2)
    return A + A.T


# sinkhorn_symmetric: 12 points


def draw_recursion(rng):
    return {"K": draw_similarities(rng), "n": int(rng.integers(2, 6))}


def recursion(K, n, step):
    c = np.ones(len(K))
    for _ in range(n):
        c = step(c, K @ c)
    return c


def no_square_root(K, n):
    return recursion(K, n, lambda c, sums: 1 / sums)


def divided_by_the_root_only(K, n):
    return recursion(K, n, lambda c, sums: c / np.sqrt(sums))


def multiplied_by_the_root(K, n):
    return recursion(K, n, lambda c, sums: c * np.sqrt(c * sums))


def step_too_long(K, n):
    return recursion(K, n, lambda c, sums: c / (c * sums) ** 2)


def rows_once(K, n):
    return 1 / K.sum(axis=1)


def first_iterate_only(K, n):
    return 1 / np.sqrt(K.sum(axis=1))


def one_step_more(K, n):
    return sinkhorn.sinkhorn_symmetric(K, n + 1)


def one_step_less(K, n):
    return sinkhorn.sinkhorn_symmetric(K, max(n - 1, 0))


def root_of_the_sums_only(K, n):
    return recursion(K, n, lambda c, sums: 1 / np.sqrt(sums))


def arithmetic_mean(K, n):
    return recursion(K, n, lambda c, sums: (c + 1 / sums) / 2)


def root_of_the_product(K, n):
    return recursion(K, n, lambda c, sums: np.sqrt(c * sums))


def entry_by_entry(K, n):
    """Use the new values at once within a step."""
    c = np.ones(len(K))
    for _ in range(n):
        for i in range(len(K)):
            c[i] = np.sqrt(c[i] / (K[i] @ c))
    return c


def in_logarithms(K, n):
    u = np.zeros(len(K))
    for _ in range(n):
        u = u - np.log((np.exp(u)[:, None] * K * np.exp(u)).sum(axis=1)) / 2
    return np.exp(u)


def mean_of_two_scalings(K, n):
    c = np.ones(K.shape[0])
    while n > 0:
        c = c**0.5 * np.dot(K, c) ** -0.5
        n -= 1
    return c


SINKHORN_SYMMETRIC = Exercise(
    sinkhorn.sinkhorn_symmetric,
    points=12,
    draw=draw_recursion,
    edges={
        "no step": {"K": np.array([[2.0, 1.0], [1.0, 3.0]]), "n": 0},
        "one step": {"K": np.array([[4.0, 5.0], [5.0, 11.0]]), "n": 1},
        "two steps": {"K": np.array([[1.0, 0.5, 0.25], [0.5, 1.0, 0.5], [0.25, 0.5, 1.0]]), "n": 2},
        "three nodes, one without itself": {"K": np.array([[0.0, 2.0, 1.0], [2.0, 3.0, 1.0], [1.0, 1.0, 4.0]]), "n": 5},
        "Gaussian similarities": {"K": gaussian(np.array([0.0, 0.2, 0.3, 0.9]), 0.3), "n": 40},
        "a single node": {"K": np.array([[16.0]]), "n": 3},
    },
    mistakes=(
        Mistake(no_square_root, "Print the row sums of your W after n and after n + 1 steps: what do they do?"),
        Mistake(
            divided_by_the_root_only,
            "Your fixed point has K c = 1, so the row sums of W are c. Which product should become 1?",
        ),
        Mistake(
            multiplied_by_the_root, "It runs away: where a row sum of W is too large, should that c grow or shrink?"
        ),
        Mistake(step_too_long, "Right direction, but the step is too long: each c acts on rows and on columns."),
        Mistake(rows_once, "One-sided, and one step: look at the columns of diag(c) K. And where is n?"),
        Mistake(first_iterate_only, "That is the first iterate. Are the row sums of W equal to 1 yet? Where is n?"),
        Mistake(one_step_more, "One step too many: what should come out for n = 0?"),
        Mistake(one_step_less, "One step is missing: after n = 1 the scaling should no longer be ones."),
        Mistake(root_of_the_sums_only, "Right for one step. In the next, what else stands under the root?"),
        Mistake(arithmetic_mean, "Right limit, another recursion: which mean of the old and the new value is taken?"),
        Mistake(root_of_the_product, "It grows without end: a node that is heard too much needs a smaller c."),
        Mistake(entry_by_entry, "Within one step, should the second entry see the new or the old value of the first?"),
    ),
    alternatives=(in_logarithms, mean_of_two_scalings),
)


# apply_filter: 8 points


def draw_filter(rng):
    K = draw_similarities(rng)
    return {"K": K, "c": sinkhorn.sinkhorn_symmetric(K, 3), "x": rng.normal(size=len(K))}


def rows_divided(K, c, x):
    return (K @ x) / K.sum(axis=1)


def degrees_split(K, c, x):
    d = np.sqrt(K.sum(axis=1))
    return (K @ (x / d)) / d


def rows_only(K, c, x):
    return c * (K @ x)


def rows_twice(K, c, x):
    return c**2 * (K @ x)


def columns_only(K, c, x):
    return K @ (c * x)


def not_scaled(K, c, x):
    return K @ x


def scaling_split(K, c, x):
    return np.sqrt(c) * (K @ (np.sqrt(c) * x))


def scaling_divided(K, c, x):
    return (K @ (x / c)) / c


def rows_of_the_scaled(K, c, x):
    """Return the row-normalised filter of diag(c) K diag(c): the same when c balances."""
    return c * (K @ (c * x)) / (c * (K @ c))


def dense(K, c, x):
    return np.diag(c) @ K @ np.diag(c) @ x


def one_row_at_a_time(K, c, x):
    return np.array([sum(c[i] * K[i, j] * c[j] * x[j] for j in range(len(x))) for i in range(len(x))])


FILTER_K = np.array([[4.0, 1.0, 0.5], [1.0, 2.0, 1.0], [0.5, 1.0, 1.0]])

APPLY_FILTER = Exercise(
    sinkhorn.apply_filter,
    points=8,
    draw=draw_filter,
    edges={
        "constant signal": {"K": FILTER_K, "c": sinkhorn.sinkhorn_symmetric(FILTER_K, 60), "x": np.ones(3)},
        "one bright node": {"K": FILTER_K, "c": np.array([0.5, 1.0, 2.0]), "x": np.array([0.0, 1.0, 0.0])},
        "scaling of ones": {"K": FILTER_K, "c": np.ones(3), "x": np.array([1.0, -2.0, 4.0])},
        "two nodes": {"K": np.array([[3.0, 1.0], [1.0, 0.0]]), "c": np.array([0.25, 4.0]), "x": np.array([8.0, 1.0])},
    },
    mistakes=(
        Mistake(rows_divided, "Rows sum to 1, but this filter is not symmetric: the mean of x drifts. Where is c?"),
        Mistake(degrees_split, "Symmetric, but try x = 1: constants are not preserved. Where is c?"),
        Mistake(rows_only, "Test x = 1 with a balanced c: do you get ones back? Only the rows are scaled."),
        Mistake(rows_twice, "The columns must be scaled too: which of the c belongs to the node that is looked at?"),
        Mistake(columns_only, "The rows must be scaled too: the result of each node lacks a factor."),
        Mistake(not_scaled, "That is K x. What has become of the scaling?"),
        Mistake(scaling_split, "Multiply your two factors of one node: does W_ii come out as in the definition of W?"),
        Mistake(scaling_divided, "Where K is large, should a balancing c multiply or divide? Read W again."),
        Mistake(
            rows_of_the_scaled, "You normalise the rows once more. A balanced c has done so; another c should show."
        ),
    ),
    alternatives=(dense, one_row_at_a_time),
)


# contraction: 10 points


def draw_balanced(rng):
    if rng.random() < 0.5:
        return {"W": balanced(gaussian(rng.uniform(0, 1, int(rng.integers(3, 7))), rng.uniform(0.1, 0.5)))}
    return {"W": balanced(draw_similarities(rng))}


def second_eigenvalue(W):
    return np.linalg.eigvalsh(W)[-2]


def second_eigenvalue_squared(W):
    return np.linalg.eigvalsh(W)[-2] ** 2


def second_in_place_of_last(W):
    return (1 - np.linalg.eigvalsh(W)[-2]) / 2


def largest_in_place_of_least(W):
    return (1 - np.linalg.eigvalsh(W)[-1]) / 2


def wrong_sign(W):
    return (1 + np.linalg.eigvalsh(W)[0]) / 2


def not_halved(W):
    return 1 - np.linalg.eigvalsh(W)[0]


def bound_for_definite(W):
    return 0.5


def least_size(W):
    return (1 - np.abs(np.linalg.eigvalsh(W)).min()) / 2


def least_eigenvalue(W):
    return np.linalg.eigvalsh(W)[0]


def largest_of_the_error_matrix(W):
    return np.linalg.eigvals((np.eye(len(W)) - W) / 2).real.max()


def norm_of_the_error_matrix(W):
    return np.linalg.norm(np.eye(len(W)) - W, 2) / 2


CONTRACTION = Exercise(
    sinkhorn.contraction,
    points=10,
    draw=draw_balanced,
    edges={
        "no coupling": {"W": np.eye(3)},
        "all alike": {"W": np.full((4, 4), 0.25)},
        "two nodes that prefer each other": {"W": np.array([[0.125, 0.875], [0.875, 0.125]])},
        "a swap": {"W": np.array([[0.0, 1.0], [1.0, 0.0]])},
        "a ring of four": {
            "W": np.array([[0.5, 0.25, 0, 0.25], [0.25, 0.5, 0.25, 0], [0, 0.25, 0.5, 0.25], [0.25, 0, 0.25, 0.5]])
        },
        "two far groups": {"W": balanced(gaussian(np.array([0.0, 0.1, 0.8, 1.0]), 0.2))},
    },
    mistakes=(
        Mistake(second_eigenvalue, "That is the rate of the recursion without the square root. Where is the average?"),
        Mistake(second_eigenvalue_squared, "That is the rate of sweeps over rows and columns in turn."),
        Mistake(second_in_place_of_last, "Which eigenvector of W converges slowest: one of a large eigenvalue?"),
        Mistake(largest_in_place_of_least, "You get 0 always: the constants die at once. Which error lives longest?"),
        Mistake(wrong_sign, "Check the sign: for the identity every error is gone after one step."),
        Mistake(not_halved, "The square root averages two logarithms: what does that do to the error?"),
        Mistake(bound_for_definite, "One half is an upper bound for definite kernels, not the rate of this W."),
        Mistake(least_size, "Least in size is not least: what does an eigenvalue of -1 do?"),
        Mistake(least_eigenvalue, "That is an eigenvalue of W. Which matrix acts on the error?"),
    ),
    alternatives=(largest_of_the_error_matrix, norm_of_the_error_matrix),
    rtol=1e-8,  # eigvals, for matrices not known to be symmetric, may lose half the digits of a double eigenvalue
    atol=1e-7,
)


# recover_signal: 10 points


def draw_kernel(rng):
    g = np.concatenate([[rng.uniform(-1.5, -0.5)], rng.uniform(0, 2, int(rng.integers(3, 8)))])
    h = rng.uniform(0.5, 2.0)
    return {"W": balanced(gaussian(g, h)), "h": h}


def signed(g):
    return -g if g[0] > 0 else g


def top(G):
    values, vectors = np.linalg.eigh(G)
    return signed(np.sqrt(abs(values[-1])) * vectors[:, -1])


def centred(D):
    return D - D.mean(axis=0) - D.mean(axis=1)[:, None] + D.mean()


def second_eigenvector(W, h):
    return signed(np.linalg.eigh(W)[1][:, -2])


def half_the_bandwidth(W, h):
    return top(-centred(-(h**2) * np.log(W)) / 2)


def bandwidth_forgotten(W, h):
    return top(-centred(-2 * np.log(W)) / 2)


def not_centred(W, h):
    return top(h**2 * np.log(W))


def unit_length(W, h):
    return signed(np.linalg.eigh(centred(h**2 * np.log(W)))[1][:, -1])


def whole_eigenvalue(W, h):
    values, vectors = np.linalg.eigh(centred(h**2 * np.log(W)))
    return signed(values[-1] * vectors[:, -1])


def sign_of_the_logarithm(W, h):
    return top(centred(-(h**2) * np.log(W)))


def minus_half_forgotten(W, h):
    return top(centred(2 * h**2 * np.log(W)))


def no_logarithm(W, h):
    return top(centred(W))


def other_sign(W, h):
    return -top(centred(h**2 * np.log(W)))


def from_one_column(W, h):
    G = centred(h**2 * np.log(W))
    k = np.diag(G).argmax()
    return signed(G[:, k] / np.sqrt(G[k, k]))


def by_singular_values(W, h):
    G = centred(h**2 * np.log(W))
    U, s, _ = np.linalg.svd(G)
    return signed(U[:, 0] * np.sqrt(s[0]))


RECOVER_SIGNAL = Exercise(
    sinkhorn.recover_signal,
    points=10,
    draw=draw_kernel,
    edges={
        "two nodes": {"W": balanced(gaussian(np.array([0.0, 1.5]), 0.75)), "h": 0.75},
        "a ramp": {"W": balanced(gaussian(np.arange(5.0), 2.0)), "h": 2.0},
        "a falling ramp": {"W": balanced(gaussian(np.arange(4.0)[::-1], 1.5)), "h": 1.5},
        "two levels": {"W": balanced(gaussian(np.array([0.0, 0, 1, 0, 1, 1, 1]), 0.5)), "h": 0.5},
        "not balanced": {"W": gaussian(np.array([0.2, 0.9, 0.4]), 0.3), "h": 0.3},
    },
    mistakes=(
        Mistake(second_eigenvector, "The second eigenvector of W rises and falls with g at best: the values are lost."),
        Mistake(half_the_bandwidth, "The range you recover is too small by √2: what stands in the exponent's divisor?"),
        Mistake(bandwidth_forgotten, "Your result has no units: log W is a ratio. Which length turns it back?"),
        Mistake(not_centred, "The scaling c is still in there: log W is a sum. What removes a term for each row?"),
        Mistake(unit_length, "The shape is right, the scale is not: an eigenvector has length 1. What has g?"),
        Mistake(whole_eigenvalue, "The eigenvalue is the squared length of g. What are the units of your result?"),
        Mistake(sign_of_the_logarithm, "Your Gram matrix is negative: similarities fall with distance. Check a sign."),
        Mistake(
            minus_half_forgotten, "Expand the squared difference: how many times does the product of the two occur?"
        ),
        Mistake(no_logarithm, "You centred similarities. What turns them into squared distances first?"),
        Mistake(other_sign, "Everything is right but the sign: the first entry should not be above the mean."),
    ),
    alternatives=(from_one_column, by_singular_values),
    rtol=1e-6,  # for a negative Gram matrix the largest eigenvalue is rounding, 1e-16, and its root 1e-8
)

check = checker(SINKHORN_SYMMETRIC, APPLY_FILTER, CONTRACTION, RECOVER_SIGNAL)
