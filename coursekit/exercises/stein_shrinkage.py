"""The exercises of the lecture `stein_shrinkage`."""

import math

import numpy as np
from scipy import special

from coursekit import stein_shrinkage
from coursekit.checking import Exercise, Mistake, checker

__all__ = ["check"]


# james_stein: 8 points


def draw_observation(rng):
    sigma = rng.uniform(0.3, 3.0)
    return {"y": sigma * rng.normal(1.0, 1.5, size=rng.integers(3, 13)), "sigma": sigma}


def uses_d(y, sigma):
    return (1 - y.size * sigma**2 / (y @ y)) * y


def uses_d_minus_1(y, sigma):
    return (1 - (y.size - 1) * sigma**2 / (y @ y)) * y


def no_sigma(y, sigma):
    return (1 - (y.size - 2) / (y @ y)) * y


def sigma_not_squared(y, sigma):
    return (1 - (y.size - 2) * sigma / (y @ y)) * y


def norm_not_squared(y, sigma):
    return (1 - (y.size - 2) * sigma**2 / np.linalg.norm(y)) * y


def mean_square(y, sigma):
    return (1 - (y.size - 2) * sigma**2 / np.mean(y**2)) * y


def positive_part(y, sigma):
    return max(0.0, 1 - (y.size - 2) * sigma**2 / (y @ y)) * y


def each_its_own_factor(y, sigma):
    return (1 - (y.size - 2) * sigma**2 / y**2) * y


def stretched(y, sigma):
    return (1 + (y.size - 2) * sigma**2 / (y @ y)) * y


def factor_alone(y, sigma):
    return 1 - (y.size - 2) * sigma**2 / (y @ y)


def square_of_the_sum(y, sigma):
    return (1 - (y.size - 2) * sigma**2 / y.sum() ** 2) * y


def same_number_subtracted(y, sigma):
    return y - (y.size - 2) * sigma**2 / (y @ y)


def pull_subtracted(y, sigma):
    units = np.asarray(y) / sigma
    pull = (len(units) - 2) / sum(u**2 for u in units)
    return sigma * (units - pull * units)


JAMES_STEIN = Exercise(
    stein_shrinkage.james_stein,
    points=8,
    draw=draw_observation,
    edges={
        "three numbers": {"y": np.array([3.0, -1.0, 2.0]), "sigma": 1.0},
        "so short that all signs change": {"y": np.array([0.5, -1.0, 0.25, 0.5]), "sigma": 1.0},
        "sigma = 2": {"y": np.array([3.0, -4.0, 5.0, 1.0, -2.0]), "sigma": 2.0},
        "the same in other units": {"y": np.array([30.0, -40.0, 50.0, 10.0, -20.0]), "sigma": 20.0},
        "one number far away": {"y": np.array([0.2, 50.0, -0.1, 0.3, -0.3, 0.1, -0.2]), "sigma": 0.5},
    },
    mistakes=(
        Mistake(
            uses_d,
            "A little too much: with this constant d = 4 gains nothing. Follow the divergence of y/|y|².",
        ),
        Mistake(uses_d_minus_1, "Count again: how much of the divergence of y/|y|² does its second term take away?"),
        Mistake(no_sigma, "Measure y in millimetres instead of metres: the factor must not change. Does yours?"),
        Mistake(sigma_not_squared, "What is divided by |y|² must have the units of |y|². Which power of sigma has?"),
        Mistake(norm_not_squared, "The factor has no units. What are the units of your denominator?"),
        Mistake(mean_square, "The denominator is the squared length of y: a sum over the coordinates, not their mean."),
        Mistake(positive_part, "Stopping at 0 is better, but another estimator: here the plain one is asked for."),
        Mistake(each_its_own_factor, "All coordinates share one factor: it looks at the length of the whole vector."),
        Mistake(factor_alone, "That is the factor. Every number of y should be multiplied by it."),
        Mistake(square_of_the_sum, "Squares first, then the sum: opposite signs must not cancel from a length."),
        Mistake(same_number_subtracted, "You move every number down. Shrinking moves each towards 0, in proportion."),
        Mistake(stretched, "Noise has made y too long already. In which direction should the factor correct it?"),
    ),
    alternatives=(pull_subtracted,),
)


# james_stein_mean: 10 points


def draw_around_level(rng):
    sigma, level = rng.uniform(0.3, 3.0), rng.normal(0.0, 10.0)
    return {"y": level + sigma * rng.normal(0.0, 1.8, size=rng.integers(4, 13)), "sigma": sigma}


def towards_mean(y, constant, spread):
    return y.mean() + (1 - constant / spread) * (y - y.mean())


def spread_of(y):
    return ((y - y.mean()) ** 2).sum()


def constant_of_exercise_one(y, sigma):
    return towards_mean(y, (y.size - 2) * sigma**2, spread_of(y))


def degrees_of_freedom(y, sigma):
    return towards_mean(y, (y.size - 1) * sigma**2, spread_of(y))


def mean_not_added(y, sigma):
    return towards_mean(y, (y.size - 3) * sigma**2, spread_of(y)) - y.mean()


def sample_variance(y, sigma):
    return towards_mean(y, (y.size - 3) * sigma**2, y.var(ddof=1))


def mean_squared_deviation(y, sigma):
    return towards_mean(y, (y.size - 3) * sigma**2, y.var())


def shrinks_to_zero(y, sigma):
    return (1 - (y.size - 3) * sigma**2 / spread_of(y)) * y


def length_for_spread(y, sigma):
    return towards_mean(y, (y.size - 3) * sigma**2, y @ y)


def exercise_one_again(y, sigma):
    return (1 - (y.size - 2) * sigma**2 / (y @ y)) * y


def mean_no_sigma(y, sigma):
    return towards_mean(y, y.size - 3, spread_of(y))


def mean_sigma_not_squared(y, sigma):
    return towards_mean(y, (y.size - 3) * sigma, spread_of(y))


def mean_positive_part(y, sigma):
    return y.mean() + max(0.0, 1 - (y.size - 3) * sigma**2 / spread_of(y)) * (y - y.mean())


def weights_swapped(y, sigma):
    weight = (y.size - 3) * sigma**2 / spread_of(y)
    return weight * y + (1 - weight) * y.mean()


def shrunk_and_raised(y, sigma):
    return y.mean() + (1 - (y.size - 3) * sigma**2 / spread_of(y)) * y


def towards_the_median(y, sigma):
    middle = np.median(y)
    return middle + (1 - (y.size - 3) * sigma**2 / ((y - middle) ** 2).sum()) * (y - middle)


def weighted_average(y, sigma):
    y = np.asarray(y)
    weight = (len(y) - 3) * sigma**2 / (np.sum(y**2) - len(y) * np.mean(y) ** 2)
    return weight * np.mean(y) + (1 - weight) * y


JAMES_STEIN_MEAN = Exercise(
    stein_shrinkage.james_stein_mean,
    points=10,
    draw=draw_around_level,
    edges={
        "four numbers": {"y": np.array([4.0, 1.0, -1.0, 2.0]), "sigma": 1.0},
        "the same, 10 higher": {"y": np.array([14.0, 11.0, 9.0, 12.0]), "sigma": 1.0},
        "so close that all turn over": {"y": np.array([5.0, 5.5, 4.5, 5.25, 5.25, 4.75]), "sigma": 1.0},
        "sigma = 3": {"y": np.array([-9.0, 3.0, 12.0, -6.0, 1.0]), "sigma": 3.0},
        "mean 0": {"y": np.array([3.0, -1.0, 2.0, -5.0, 1.0]), "sigma": 0.5},
    },
    rtol=1e-8,  # the spread may be computed as a difference: with a level of 30 spreads, 1e3 eps is lost
    mistakes=(
        Mistake(
            constant_of_exercise_one,
            "The target is estimated too: one more degree of freedom is spent than in exercise 1.",
        ),
        Mistake(
            degrees_of_freedom,
            "d - 1 dimensions are left around the mean. What did exercise 1 subtract from its number of dimensions?",
        ),
        Mistake(mean_not_added, "Add 5 to every number: the estimates must rise by 5. What is missing at the end?"),
        Mistake(sample_variance, "You divide by a variance where the sum of squares belongs, d - 1 times as large."),
        Mistake(mean_squared_deviation, "You divide by a mean of squares where their sum belongs, d times as large."),
        Mistake(shrinks_to_zero, "Add 5 to every number: the estimates must rise by 5. What should be shrunk?"),
        Mistake(
            length_for_spread,
            "Add 5 to every number: the factor must stay the same. From where does it measure the distances?",
        ),
        Mistake(exercise_one_again, "That pulls towards 0. Add 5 to every number: the estimates should rise by 5."),
        Mistake(mean_no_sigma, "Measure y in other units: the factor must not change. Does yours?"),
        Mistake(
            mean_sigma_not_squared, "What is divided by a sum of squares must have its units. Does your power of sigma?"
        ),
        Mistake(
            mean_positive_part,
            "Stopping at the mean is better, but another estimator: here the plain one is asked for.",
        ),
        Mistake(
            shrunk_and_raised,
            "The mean is added, but was it taken away first? With no noise y should come back as it is.",
        ),
        Mistake(towards_the_median, "The target is the mean. The median would need another constant."),
        Mistake(weights_swapped, "With very little noise the data should stay where they are. Where do yours go?"),
    ),
    alternatives=(weighted_average,),
)


# js_risk: 12 points


def draw_truth(rng):
    sigma = rng.uniform(0.3, 3.0)
    theta = rng.normal(size=rng.integers(3, 13))
    return {"theta": rng.uniform(0.5, 6.0) * sigma * theta / np.linalg.norm(theta), "sigma": sigma}


def poisson_mean(d, rate):
    """Return E[1 / (d - 2 + 2 K)] for K Poisson with mean `rate`."""
    return special.hyp1f1(1, d / 2, -rate) / (d - 2)


def reciprocal_of_the_mean(theta, sigma):
    d = theta.size
    return sigma**2 * (d - (d - 2) ** 2 / (theta @ theta / sigma**2 + d))


def bound_not_value(theta, sigma):
    d = theta.size
    return sigma**2 * (d - (d - 2) ** 2 / (theta @ theta / sigma**2 + d - 2))


def rate_doubled(theta, sigma):
    d = theta.size
    return sigma**2 * (d - (d - 2) ** 2 * poisson_mean(d, theta @ theta / sigma**2))


def constant_not_squared(theta, sigma):
    d = theta.size
    return sigma**2 * (d - (d - 2) * poisson_mean(d, theta @ theta / sigma**2 / 2))


def sigma_ignored(theta, sigma):
    d = theta.size
    return d - (d - 2) ** 2 * poisson_mean(d, theta @ theta / 2)


def sigma_only_inside(theta, sigma):
    d = theta.size
    return d - (d - 2) ** 2 * poisson_mean(d, theta @ theta / sigma**2 / 2)


def sigma_only_outside(theta, sigma):
    d = theta.size
    return sigma**2 * (d - (d - 2) ** 2 * poisson_mean(d, theta @ theta / 2))


def risk_sigma_not_squared(theta, sigma):
    d = theta.size
    return sigma**2 * (d - (d - 2) ** 2 * poisson_mean(d, theta @ theta / sigma / 2))


def noise_scaled_once(theta, sigma):
    d = theta.size
    return sigma**2 * d - (d - 2) ** 2 * poisson_mean(d, theta @ theta / sigma**2 / 2)


def risk_of_each(theta, sigma):
    d = theta.size
    return sigma**2 * (d - (d - 2) ** 2 * poisson_mean(d, theta @ theta / sigma**2 / 2)) / d


def gain_alone(theta, sigma):
    d = theta.size
    return sigma**2 * (d - 2) ** 2 * poisson_mean(d, theta @ theta / sigma**2 / 2)


def weights_not_normalised(theta, sigma):
    d = theta.size
    series = special.hyp1f1(d / 2 - 1, d / 2, theta @ theta / sigma**2 / 2) / (d - 2)
    return sigma**2 * (d - (d - 2) ** 2 * series)


def series_not_divided(theta, sigma):
    d = theta.size
    return sigma**2 * (d - (d - 2) ** 2 * special.hyp1f1(1, d / 2, -(theta @ theta) / sigma**2 / 2))


def one_degree_a_count(theta, sigma):
    d, half = theta.size, theta @ theta / sigma**2 / 2
    k = np.arange(400)
    weights = np.exp(special.xlogy(k, half) - half - special.gammaln(k + 1))
    return sigma**2 * (d - (d - 2) ** 2 * (weights / (d - 2 + k)).sum())


def truth_for_data(theta, sigma):
    d = theta.size
    return sigma**2 * (d - (d - 2) ** 2 * sigma**2 / (theta @ theta))


def poisson_sum(theta, sigma):
    d = len(theta)
    rate = sum((x / sigma) ** 2 for x in theta) / 2
    weight, moment = math.exp(-rate), 0.0
    for k in range(int(rate) + 200):
        moment += weight / (d - 2 + 2 * k)
        weight *= rate / (k + 1)
    return sigma**2 * (d - (d - 2) ** 2 * moment)


def integral(theta, sigma):
    d, lam = np.size(theta), np.sum(np.square(theta)) / sigma**2
    x, w = np.polynomial.legendre.leggauss(150)
    v = (1 + x) / 2
    return (d - (d - 2) ** 2 * np.sum(w / 2 * v ** (d - 3) * np.exp(lam * (v**2 - 1) / 2))) * sigma**2


JS_RISK = Exercise(
    stein_shrinkage.js_risk,
    points=12,
    draw=draw_truth,
    edges={
        "origin, d = 3": {"theta": np.zeros(3), "sigma": 1.0},
        "origin, d = 10, sigma = 2": {"theta": np.zeros(10), "sigma": 2.0},
        "one of five away from 0": {"theta": np.array([0.0, 0.0, 3.0, 0.0, 0.0]), "sigma": 1.0},
        "sigma = 0.5": {"theta": np.array([1.0, -0.5, 0.25, 0.5]), "sigma": 0.5},
        "far away": {"theta": np.array([12.0, -5.0, 0.0, 9.0, 1.0, 2.0]), "sigma": 1.0},
    },
    mistakes=(
        Mistake(
            reciprocal_of_the_mean,
            "The mean of a reciprocal is not the reciprocal of the mean. At 0 the risk is 2, is yours?",
        ),
        Mistake(
            bound_not_value,
            "Right at 0 and far away, but in between a bound: Jensen's inequality moved the mean into the denominator.",
        ),
        Mistake(rate_doubled, "K is Poisson. Choose its mean so that d + 2 E[K] is the mean of |y|²."),
        Mistake(
            constant_not_squared,
            "|g|² and twice the divergence do not cancel. Which power of d - 2 do they leave? At 0 the risk is 2.",
        ),
        Mistake(sigma_ignored, "Where is sigma? Measure theta in units of it, and give the risk back its own units."),
        Mistake(sigma_only_inside, "Measure everything in other units: a squared error must change by their square."),
        Mistake(sigma_only_outside, "How far theta is from 0 counts in units of the noise."),
        Mistake(risk_sigma_not_squared, "A squared length counts in units of the squared noise."),
        Mistake(noise_scaled_once, "In other units both terms of a squared error must change by the square."),
        Mistake(weights_not_normalised, "The Poisson weights sum to 1. What stands in front of their series?"),
        Mistake(series_not_divided, "At the origin the mean of 1/|y|² is 1/(d - 2). What is yours?"),
        Mistake(one_degree_a_count, "How many degrees of freedom does each Poisson count add?"),
        Mistake(truth_for_data, "You divide by the length of theta. It is y that is divided by, and y is longer."),
        Mistake(risk_of_each, "The risk is the total over all coordinates, not the mean of one."),
        Mistake(gain_alone, "That is what shrinking saves. What is the risk without it?"),
    ),
    alternatives=(poisson_sum, integral),
)


# sure_soft: 10 points


def draw_threshold(rng):
    sigma = rng.uniform(0.3, 3.0)
    return {
        "y": sigma * rng.normal(0.0, 2.0, size=rng.integers(3, 13)),
        "t": sigma * rng.uniform(0.3, 2.5),
        "sigma": sigma,
    }


def pieces(y, t):
    """Return the number of entries, the number set to 0, and the squared length of the change."""
    return y.size, np.count_nonzero(np.abs(y) <= t), (np.minimum(np.abs(y), t) ** 2).sum()


def divergence_once(y, t, sigma):
    d, zeroed, change = pieces(y, t)
    return d * sigma**2 - sigma**2 * zeroed + change


def kept_counted(y, t, sigma):
    d, zeroed, change = pieces(y, t)
    return d * sigma**2 - 2 * sigma**2 * (d - zeroed) + change


def no_noise_term(y, t, sigma):
    _, zeroed, change = pieces(y, t)
    return change - 2 * sigma**2 * zeroed


def no_sigma_anywhere(y, t, sigma):
    d, zeroed, change = pieces(y, t)
    return d - 2 * zeroed + change


def divergence_without_sigma(y, t, sigma):
    d, zeroed, change = pieces(y, t)
    return d * sigma**2 - 2 * zeroed + change


def first_power_of_sigma(y, t, sigma):
    d, zeroed, change = pieces(y, t)
    return d * sigma - 2 * sigma * zeroed + change


def change_not_squared(y, t, sigma):
    d, zeroed, _ = pieces(y, t)
    return d * sigma**2 - 2 * sigma**2 * zeroed + np.minimum(np.abs(y), t).sum()


def result_squared(y, t, sigma):
    d, zeroed, _ = pieces(y, t)
    return d * sigma**2 - 2 * sigma**2 * zeroed + (np.maximum(np.abs(y) - t, 0) ** 2).sum()


def only_the_kept_change(y, t, sigma):
    d, zeroed, _ = pieces(y, t)
    return d * sigma**2 - 2 * sigma**2 * zeroed + t**2 * (d - zeroed)


def divergence_added(y, t, sigma):
    d, zeroed, change = pieces(y, t)
    return d * sigma**2 + 2 * sigma**2 * zeroed + change


def mean_of_the_terms(y, t, sigma):
    return stein_shrinkage.sure_soft(y, t, sigma) / y.size


def sign_forgotten(y, t, sigma):
    d = y.size
    return d * sigma**2 - 2 * sigma**2 * (y <= t).sum() + (np.minimum(y, t) ** 2).sum()


def tie_not_counted(y, t, sigma):
    d, _, change = pieces(y, t)
    return d * sigma**2 - 2 * sigma**2 * np.count_nonzero(np.abs(y) < t) + change


def noise_of_one(y, t, sigma):
    _, zeroed, change = pieces(y, t)
    return sigma**2 - 2 * sigma**2 * zeroed + change


def signed_minimum(y, t, sigma):
    d, zeroed, _ = pieces(y, t)
    return d * sigma**2 - 2 * sigma**2 * zeroed + (np.minimum(y, t) ** 2).sum()


def all_moved_by_t(y, t, sigma):
    d, zeroed, _ = pieces(y, t)
    return d * sigma**2 - 2 * sigma**2 * zeroed + d * t**2


def all_moved_to_zero(y, t, sigma):
    d, zeroed, _ = pieces(y, t)
    return d * sigma**2 - 2 * sigma**2 * zeroed + y @ y


def threshold_in_sigmas(y, t, sigma):
    return stein_shrinkage.sure_soft(y, t * sigma, sigma)


def entry_by_entry(y, t, sigma):
    total = 0.0
    for value in y:
        total += value**2 - sigma**2 if abs(value) <= t else t**2 + sigma**2
    return total


def from_the_definition(y, t, sigma):
    shrunk = np.sign(y) * np.maximum(np.abs(y) - t, 0)
    return np.size(y) * sigma**2 + np.sum((shrunk - y) ** 2) - 2 * sigma**2 * np.sum(shrunk == 0)


SURE_SOFT = Exercise(
    stein_shrinkage.sure_soft,
    points=10,
    draw=draw_threshold,
    edges={
        "two of five kept": {"y": np.array([3.0, -0.5, 0.75, -2.5, 0.25]), "t": 1.0, "sigma": 1.0},
        "threshold 0": {"y": np.array([1.0, -2.0, 0.5]), "t": 0.0, "sigma": 1.5},
        "all set to 0": {"y": np.array([0.5, -0.25, 1.0, 0.75]), "t": 2.0, "sigma": 1.0},
        "an entry at the threshold": {"y": np.array([1.5, -0.5, -4.0, 2.5]), "t": 1.5, "sigma": 0.5},
        "the first, times 10": {"y": np.array([30.0, -5.0, 7.5, -25.0, 2.5]), "t": 10.0, "sigma": 10.0},
    },
    mistakes=(
        Mistake(
            divergence_once, "Expand |y + g - theta|²: how often does the cross term, and so the divergence, occur?"
        ),
        Mistake(
            kept_counted,
            "The change, estimate - y, has the derivative -1 where the output is 0. Which entries do you count?",
        ),
        Mistake(no_noise_term, "At t = 0 nothing is changed. What is the risk of the data themselves?"),
        Mistake(no_sigma_anywhere, "Multiply y, t and sigma by 10: the answer must be 100 times as large."),
        Mistake(divergence_without_sigma, "Stein's identity turns noise times g into a divergence. With which factor?"),
        Mistake(first_power_of_sigma, "Multiply y, t and sigma by 10: is each of your terms 100 times as large?"),
        Mistake(change_not_squared, "One of the terms is |g|², the squared length of the change. Is yours squared?"),
        Mistake(result_squared, "That is the length of the estimate. The formula asks by how much y was changed."),
        Mistake(only_the_kept_change, "Entries set to 0 were changed too. By how much?"),
        Mistake(divergence_added, "Where the output is 0, g falls as y rises: what is the sign of its derivative?"),
        Mistake(mean_of_the_terms, "The risk is the total over all entries, not the mean of one."),
        Mistake(sign_forgotten, "Large negative entries are kept too: the threshold looks at sizes, not at signs."),
        Mistake(noise_of_one, "There are d numbers, and each has its noise. How often does your first term count it?"),
        Mistake(signed_minimum, "A large negative entry moves by t only. What does your minimum make of it?"),
        Mistake(all_moved_by_t, "An entry that is set to 0 moves by less than t. By how much?"),
        Mistake(
            all_moved_to_zero, "That is the change if everything is set to 0. By how much does a large entry move?"
        ),
        Mistake(threshold_in_sigmas, "The threshold comes in the units of y: it need not be multiplied by sigma."),
        Mistake(tie_not_counted, "An entry exactly at the threshold becomes 0 as well: it counts."),
    ),
    alternatives=(entry_by_entry, from_the_definition),
)

check = checker(JAMES_STEIN, JAMES_STEIN_MEAN, JS_RISK, SURE_SOFT)
