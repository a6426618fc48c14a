"""The exercises of the lecture `standard_error`."""

import statistics

import numpy as np
from scipy import special

from coursekit import standard_error
from coursekit.checking import Exercise, Mistake, checker

__all__ = ["check"]

RIVER = np.array([1120.0, 1160.0, 963.0, 1210.0, 1160.0, 1160.0, 813.0])  # the Nile, 1871 to 1877
TWO = np.array([2.0, 5.0])
INK = np.array([0.31, 0.12, 0.44, 0.27, 0.18])


def draw_sample(rng):
    return {"x": rng.normal(rng.normal(scale=3), rng.uniform(0.2, 4), rng.integers(4, 30))}


# sd_and_se: 8 points


def n_in_the_denominator(x):
    sd = np.std(x)
    return sd, sd / np.sqrt(len(x))


def these_numbers_for_the_population(x):
    sd = np.std(x)
    return sd, sd / np.sqrt(len(x) - 1)


def divided_by_n(x):
    sd = np.std(x, ddof=1)
    return sd, sd / len(x)


def spread_of_the_data_twice(x):
    sd = np.std(x, ddof=1)
    return sd, sd


def corrected_twice(x):
    sd = np.std(x, ddof=1)
    return sd, sd / np.sqrt(len(x) - 1)


def variance_over_n(x):
    return np.std(x, ddof=1), np.var(x, ddof=1) / len(x)


def variance_in_the_first_place(x):
    return np.var(x, ddof=1), np.std(x, ddof=1) / np.sqrt(len(x))


def error_first(x):
    sd = np.std(x, ddof=1)
    return sd / np.sqrt(len(x)), sd


def one_sum(x):
    squares = np.sum((x - np.sum(x) / len(x)) ** 2)
    return (squares / (len(x) - 1)) ** 0.5, (squares / (len(x) * (len(x) - 1))) ** 0.5


def by_the_standard_library(x):
    sd = statistics.stdev(x.tolist())
    return sd, sd / len(x) ** 0.5


SD_AND_SE = Exercise(
    standard_error.sd_and_se,
    points=8,
    draw=draw_sample,
    edges={
        "two numbers": {"x": TWO},
        "seven years of a river": {"x": RIVER},
        "all alike": {"x": np.array([3.0, 3.0, 3.0])},
        "well above zero": {"x": 10 + INK},
    },
    mistakes=(
        Mistake(
            n_in_the_denominator,
            "One degree of freedom was spent on the mean of these very samples. What does numpy do by default?",
        ),
        Mistake(
            these_numbers_for_the_population,
            "Your SE is right. Your SD takes these samples for the whole population: what is numpy's default?",
        ),
        Mistake(divided_by_n, "It is the variance of the mean that has n below it. What follows for its root?"),
        Mistake(
            spread_of_the_data_twice,
            "The spread of the data is not the spread of their mean. Which of the two shrinks when n grows?",
        ),
        Mistake(
            corrected_twice,
            "The lost degree of freedom is paid for in the SD already. You charge for it a second time.",
        ),
        Mistake(variance_over_n, "The SE should have the units of the data. Yours has their square."),
        Mistake(
            variance_in_the_first_place,
            "The first value should have the units of the data. Yours has their square.",
        ),
        Mistake(error_first, "Both numbers are right. In which order are they asked for?"),
    ),
    alternatives=(one_sum, by_the_standard_library),
)


# se_of_sd: 10 points


def error_of_the_mean(x):
    return np.std(x, ddof=1) / np.sqrt(len(x))


def n_for_the_degrees_of_freedom(x):
    return np.std(x, ddof=1) / np.sqrt(2 * len(x))


def error_of_the_variance(x):
    return np.var(x, ddof=1) * np.sqrt(2 / (len(x) - 1))


def root_of_the_two_forgotten(x):
    return np.std(x, ddof=1) / (2 * np.sqrt(len(x) - 1))


def two_forgotten(x):
    return np.std(x, ddof=1) / np.sqrt(len(x) - 1)


def relative_error(x):
    return 1 / np.sqrt(2 * (len(x) - 1))


def variance_over_the_root(x):
    return np.var(x, ddof=1) / np.sqrt(2 * (len(x) - 1))


def exact_for_a_known_sigma(x):
    return np.std(x, ddof=1) * np.sqrt(1 - standard_error.c4(len(x)) ** 2)


def delta_method(x):
    v = np.var(x, ddof=1)
    return np.sqrt(2 * v**2 / (len(x) - 1)) / (2 * np.sqrt(v))


def by_the_sum_of_squares(x):
    return np.sqrt(np.sum((x - x.mean()) ** 2) / 2) / (len(x) - 1)


SE_OF_SD = Exercise(
    standard_error.se_of_sd,
    points=10,
    draw=draw_sample,
    edges={
        "two numbers": {"x": TWO},
        "seven years of a river": {"x": RIVER},
        "shares of ink": {"x": INK},
        "shares of ink, in per cent": {"x": 100 * INK},
    },
    mistakes=(
        Mistake(error_of_the_mean, "That is the error of the mean. How sure is the SD itself?"),
        # The same number comes from an SD with n in its denominator over the right root.
        Mistake(
            n_for_the_degrees_of_freedom,
            "Nearly: one of your two denominators, the SD's or the root's, counts n degrees of freedom. Are there n?",
        ),
        Mistake(
            error_of_the_variance,
            "You have the error of the variance. What does taking the root do to a small error?",
        ),
        Mistake(
            root_of_the_two_forgotten,
            "Do the step from variance to SD again: a 2 under a root meets the 2 of the derivative.",
        ),
        Mistake(
            two_forgotten,
            "Twice the fourth power of sigma stands in the variance of the variance: keep that 2.",
        ),
        Mistake(relative_error, "That is the error as a fraction. Of what? Multiply the data by 100 and look."),
        Mistake(
            variance_over_the_root,
            "Multiply the data by 100: your error grows by a factor of 10 000. Above the root stands the variance.",
        ),
        Mistake(
            exact_for_a_known_sigma,
            "That is the exact factor. Here the first-order formula is asked for, from the variance of the variance.",
        ),
    ),
    alternatives=(delta_method, by_the_sum_of_squares),
)


# se_mean_ar1: 12 points


def draw_series(rng):
    return {"sigma": rng.uniform(0.3, 4), "rho": rng.uniform(-0.9, 0.95), "n": int(rng.integers(3, 40))}


def lags(rho, n):
    """Return the weighted sum of the correlations over the lags 1 .. n - 1."""
    k = np.arange(1, n)
    return np.sum((1 - k / n) * rho**k)


def independent(sigma, rho, n):
    return sigma / np.sqrt(n)


def long_series(sigma, rho, n):
    return sigma * np.sqrt((1 + rho) / (1 - rho) / n)


def upside_down(sigma, rho, n):
    return sigma / np.sqrt(n * (1 + 2 * lags(rho, n)))


def root_of_tau_forgotten(sigma, rho, n):
    return sigma * (1 + 2 * lags(rho, n)) / np.sqrt(n)


def variance_of_the_mean(sigma, rho, n):
    return sigma**2 * (1 + 2 * lags(rho, n)) / n


def each_pair_once(sigma, rho, n):
    return sigma * np.sqrt((1 + lags(rho, n)) / n)


def weights_forgotten(sigma, rho, n):
    return sigma * np.sqrt((1 + 2 * np.sum(rho ** np.arange(1, n))) / n)


def lag_zero_twice(sigma, rho, n):
    return sigma * np.sqrt((1 + 2 * (1 + lags(rho, n))) / n)


def size_of_rho(sigma, rho, n):
    return sigma * np.sqrt((1 + 2 * lags(abs(rho), n)) / n)


def last_lag_left_out(sigma, rho, n):
    k = np.arange(1, n - 1)
    return sigma * np.sqrt((1 + 2 * np.sum((1 - k / n) * rho**k)) / n)


def next_neighbours_only(sigma, rho, n):
    return sigma * np.sqrt((1 + 2 * (1 - 1 / n) * rho) / n)


def all_pairs(sigma, rho, n):
    t = np.arange(n)
    return sigma * np.sqrt((rho ** abs(t[:, None] - t)).sum()) / n


def closed_form(sigma, rho, n):
    tau = (1 + rho) / (1 - rho) - 2 * rho * (1 - rho**n) / (n * (1 - rho) ** 2)
    return sigma * (tau / n) ** 0.5


SE_MEAN_AR1 = Exercise(
    standard_error.se_mean_ar1,
    points=12,
    draw=draw_series,
    edges={
        "independent": {"sigma": 2.0, "rho": 0.0, "n": 16},
        "ten samples, rho = 0.8": {"sigma": 1.0, "rho": 0.8, "n": 10},
        "two samples": {"sigma": 3.0, "rho": 0.5, "n": 2},
        "opposite neighbours": {"sigma": 0.5, "rho": -0.6, "n": 7},
        "long series": {"sigma": 2.0, "rho": 0.9, "n": 1001},
        "one sample": {"sigma": 1.5, "rho": 0.7, "n": 1},
    },
    mistakes=(
        Mistake(independent, "Neighbours are not independent: the variance of a sum has terms for pairs, too."),
        Mistake(
            long_series,
            "Right for a long series. Ten samples do not have all the lags: at rho = 0.8 you are 29 % off.",
        ),
        Mistake(upside_down, "Do neighbours that repeat each other make the mean surer? Yours says that they do."),
        Mistake(root_of_tau_forgotten, "You have a ratio of variances, and multiply an SD by it."),
        Mistake(variance_of_the_mean, "That is the variance of the mean. An SE has the units of sigma."),
        Mistake(each_pair_once, "The sum over all pairs holds (i, j) and (j, i)."),
        Mistake(weights_forgotten, "How many of the n samples have a partner that lies k places on?"),
        Mistake(lag_zero_twice, "For rho = 0 the result must be that of independent samples: which lag is first?"),
        Mistake(size_of_rho, "Neighbours on opposite sides of the mean help. What happened to the sign of rho?"),
        Mistake(
            last_lag_left_out,
            "How far apart are the first and the last sample? Your sum stops one lag before.",
        ),
        Mistake(
            next_neighbours_only,
            "Samples two apart are correlated too, through the one between them. Go through all lags.",
        ),
    ),
    alternatives=(all_pairs, closed_form),
)


# ci_mean: 10 points


def draw_interval(rng):
    return {**draw_sample(rng), "level": rng.uniform(0.4, 0.995)}


def interval(x, half_width):
    return np.mean(x) - half_width, np.mean(x) + half_width


def standard_error_of(x):
    return np.std(x, ddof=1) / np.sqrt(len(x))


def normal_quantile(x, level):
    return interval(x, special.ndtri((1 + level) / 2) * standard_error_of(x))


def range_of_the_data(x, level):
    return interval(x, special.stdtrit(len(x) - 1, (1 + level) / 2) * np.std(x, ddof=1))


def n_degrees_of_freedom(x, level):
    return interval(x, special.stdtrit(len(x), (1 + level) / 2) * standard_error_of(x))


def one_tail(x, level):
    return interval(x, special.stdtrit(len(x) - 1, level) * standard_error_of(x))


def spread_with_n(x, level):
    return interval(x, special.stdtrit(len(x) - 1, (1 + level) / 2) * np.std(x) / np.sqrt(len(x)))


def error_corrected_twice(x, level):
    return interval(x, special.stdtrit(len(x) - 1, (1 + level) / 2) * np.std(x, ddof=1) / np.sqrt(len(x) - 1))


def level_for_the_risk(x, level):
    return interval(x, special.stdtrit(len(x) - 1, 1 - level / 2) * standard_error_of(x))


def always_95(x, level):
    return interval(x, special.stdtrit(len(x) - 1, 0.975) * standard_error_of(x))


def always_two_errors(x, level):
    return interval(x, 1.96 * standard_error_of(x))


def ends_swapped(x, level):
    low, high = interval(x, special.stdtrit(len(x) - 1, (1 + level) / 2) * standard_error_of(x))
    return high, low


def mean_forgotten(x, level):
    half_width = special.stdtrit(len(x) - 1, (1 + level) / 2) * standard_error_of(x)
    return -half_width, half_width


def by_scipy_stats(x, level):
    from scipy import stats  # here, since it takes a second to import

    return stats.t.interval(level, len(x) - 1, loc=np.mean(x), scale=stats.sem(x))


def by_the_lower_quantile(x, level):
    se = np.sqrt(np.var(x, ddof=1) / len(x))
    quantile = special.stdtrit(len(x) - 1, (1 - level) / 2)
    return x.mean() + quantile * se, x.mean() - quantile * se


CI_MEAN = Exercise(
    standard_error.ci_mean,
    points=10,
    draw=draw_interval,
    edges={
        "two numbers, 50 %: their range": {"x": TWO, "level": 0.5},
        "seven years of a river, 95 %": {"x": RIVER, "level": 0.95},
        "shares of ink, 90 %": {"x": INK, "level": 0.9},
        "shares of ink, 68 %": {"x": INK, "level": 0.68},
    },
    mistakes=(
        Mistake(
            normal_quantile,
            "n is small, and the SD in your bar is itself a guess. Whose distribution accounts for that?",
        ),
        Mistake(range_of_the_data, "That is a range for single data. How far does their mean stray?"),
        Mistake(
            n_degrees_of_freedom,
            "Two samples leave one difference to judge the spread by. How many degrees of freedom is that?",
        ),
        Mistake(one_tail, "An interval can miss on two sides. How much of the risk belongs to each?"),
        Mistake(spread_with_n, "Student's t is about the unbiased variance. Which is numpy's default?"),
        Mistake(
            error_corrected_twice,
            "The lost degree of freedom is in the SD already. What does the SE of a mean have below its root?",
        ),
        Mistake(
            level_for_the_risk,
            "Raise the level: your interval gets shorter. Is `level` the confidence or the risk?",
        ),
        Mistake(always_95, "Right for 95 % only: where does `level` enter?"),
        Mistake(always_two_errors, "1.96 is for 95 % and a large n. Neither `level` nor n enters your quantile."),
        Mistake(ends_swapped, "Both ends are right. Which of them comes first?"),
        Mistake(mean_forgotten, "The width is right. Around which point does the interval lie?"),
    ),
    alternatives=(by_scipy_stats, by_the_lower_quantile),
)

check = checker(SD_AND_SE, SE_OF_SD, SE_MEAN_AR1, CI_MEAN)
