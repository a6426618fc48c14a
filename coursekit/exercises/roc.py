"""The exercises of the lecture `roc`."""

from math import erf

import numpy as np
from scipy.special import ndtr

from coursekit import roc
from coursekit.checking import Exercise, Mistake, checker

__all__ = ["check"]


# points: 12 points


def draw_scores(rng):
    n = int(rng.integers(6, 13))
    labels = rng.permutation(np.append([0, 1, 0], rng.integers(0, 2, n - 3)))
    return {"scores": rng.integers(-3, 4, n) + 1.5 * labels, "labels": labels}


def step_by_step(scores, labels, order):
    """One point for each sample in the given order, whether or not it shares its score with the next."""
    hit = np.asarray(labels)[order] == 1
    tpr, fpr = np.cumsum(hit) / hit.sum(), np.cumsum(~hit) / (~hit).sum()
    return np.append(0.0, fpr), np.append(0.0, tpr), np.append(np.inf, np.asarray(scores)[order])


def positives_first_in_ties(scores, labels):
    return step_by_step(scores, labels, np.lexsort((-labels, -scores)))


def negatives_first_in_ties(scores, labels):
    return step_by_step(scores, labels, np.lexsort((labels, -scores)))


def ties_as_they_come(scores, labels):
    return step_by_step(scores, labels, np.argsort(-scores, kind="stable"))


def axes_swapped(scores, labels):
    fpr, tpr, thresholds = roc.points(scores, labels)
    return tpr, fpr, thresholds


def corner_missing(scores, labels):
    return tuple(part[1:] for part in roc.points(scores, labels))


def divided_by_all(scores, labels):
    fpr, tpr, thresholds = roc.points(scores, labels)
    return fpr * np.mean(labels == 0), tpr * np.mean(labels == 1), thresholds


def low_scores_first(scores, labels):
    fpr, tpr, thresholds = roc.points(-scores, labels)
    return fpr, tpr, np.append(np.inf, -thresholds[1:])


def thresholds_rising(scores, labels):
    return tuple(part[::-1] for part in roc.points(scores, labels))


def strictly_above(scores, labels):
    _, _, thresholds = roc.points(scores, labels)
    fpr, tpr = ([(scores[labels == label] > t).mean() for t in thresholds] for label in (0, 1))
    return np.array(fpr), np.array(tpr), thresholds


def specificity_in_place_of_fpr(scores, labels):
    fpr, tpr, thresholds = roc.points(scores, labels)
    return 1 - fpr, tpr, thresholds


def finite_first_threshold(scores, labels):
    fpr, tpr, thresholds = roc.points(scores, labels)
    return fpr, tpr, np.append(thresholds[1] + 1, thresholds[1:])


def precision_in_place_of_fpr(scores, labels):
    _, tpr, thresholds = roc.points(scores, labels)
    hits, alarms = tpr * (labels == 1).sum(), np.array([(scores >= t).sum() for t in thresholds])
    return 1 - np.append(1.0, hits[1:] / alarms[1:]), tpr, thresholds


def counts_in_place_of_rates(scores, labels):
    fpr, tpr, thresholds = roc.points(scores, labels)
    return fpr * (labels == 0).sum(), tpr * (labels == 1).sum(), thresholds


def divided_by_the_other_class(scores, labels):
    fpr, tpr, thresholds = counts_in_place_of_rates(scores, labels)
    return fpr / (labels == 1).sum(), tpr / (labels == 0).sum(), thresholds


def threshold_by_threshold(scores, labels):
    thresholds = [np.inf, *sorted(set(scores.tolist()), reverse=True)]
    fpr = [np.mean(scores[labels == 0] >= t) for t in thresholds]
    tpr = [np.mean(scores[labels == 1] >= t) for t in thresholds]
    return np.array(fpr), np.array(tpr), np.array(thresholds)


def counted_from_below(scores, labels):
    levels = np.unique(scores)
    below = [np.searchsorted(np.sort(scores[labels == label]), levels) for label in (0, 1)]
    rates = [np.append(1 - b / np.sum(labels == label), 0.0)[::-1] for label, b in enumerate(below)]
    return rates[0], rates[1], np.append(levels, np.inf)[::-1]


POINTS = Exercise(
    roc.points,
    points=12,
    draw=draw_scores,
    edges={
        "five different scores": {
            "scores": np.array([0.9, 0.4, 0.7, 0.1, 0.3]),
            "labels": np.array([1, 0, 0, 1, 0]),
        },
        "a tie of both classes": {
            "scores": np.array([2.0, 1.0, 1.0, 1.0, 0.0]),
            "labels": np.array([1, 0, 1, 0, 0]),
        },
        "all scores equal": {
            "scores": np.array([5.0, 5.0, 5.0, 5.0, 5.0]),
            "labels": np.array([1, 0, 0, 1, 0]),
        },
        "a perfect detector": {
            "scores": np.array([-1.5, -0.5, -2.0, -0.25, -3.0]),
            "labels": np.array([0, 1, 0, 1, 0]),
        },
        "one positive, ranked last": {
            "scores": np.array([3.0, -1.0, 4.0, 0.0]),
            "labels": np.array([0, 1, 0, 0]),
        },
    },
    mistakes=(
        Mistake(positives_first_in_ties, "Shuffle samples with equal scores: the curve must not move. Yours flatters."),
        Mistake(negatives_first_in_ties, "Shuffle samples with equal scores: the curve must not move. Yours is harsh."),
        Mistake(
            ties_as_they_come,
            "Shuffle samples with equal scores: the curve must not move. Which samples does one threshold let through?",
        ),
        Mistake(axes_swapped, "A good detector lies above the diagonal: which rate goes to the right, which upwards?"),
        Mistake(corner_missing, "What does an infinite threshold do? It has a point on the curve too."),
        Mistake(divided_by_all, "Both rates must end at 1. A rate of the positives is a fraction of which samples?"),
        Mistake(low_scores_first, "A high score means positive: which sample raises the first alarm?"),
        Mistake(thresholds_rising, "Right points, wrong way: start at the threshold that nothing passes."),
        Mistake(strictly_above, "Does a score equal to the threshold raise the alarm? Look at your last point."),
        Mistake(
            specificity_in_place_of_fpr,
            "You count the negatives that stay quiet. Which ones does the horizontal axis count?",
        ),
        Mistake(finite_first_threshold, "A higher score may come tomorrow. Which threshold is above every score?"),
        Mistake(
            precision_in_place_of_fpr,
            "You divide false alarms by all alarms. FPR is a fraction of which group, whatever the other does?",
        ),
        Mistake(
            counts_in_place_of_rates, "You have counts. Both axes should end at 1, whatever the number of samples."
        ),
        Mistake(divided_by_the_other_class, "The hits are a fraction of which class? Both axes should end at 1."),
    ),
    alternatives=(threshold_by_threshold, counted_from_below),
)


# auc_mann_whitney: 8 points


def draw_classes(rng):
    n0, n1 = (int(n) for n in rng.integers(2, 9, 2))
    return {"neg": rng.integers(-3, 4, n0).astype(float), "pos": rng.integers(-2, 6, n1).astype(float)}


def ties_count_nothing(neg, pos):
    return np.mean(pos[:, None] > neg)


def ties_count_fully(neg, pos):
    return np.mean(pos[:, None] >= neg)


def classes_swapped(neg, pos):
    return roc.auc_mann_whitney(pos, neg)


def not_normalised(neg, pos):
    return np.sum((pos[:, None] > neg) + 0.5 * (pos[:, None] == neg))


def accuracy_at_one_half(neg, pos):
    return (np.sum(pos > 0.5) + np.sum(neg <= 0.5)) / (len(neg) + len(pos))


def divided_by_all_pairs(neg, pos):
    return not_normalised(neg, pos) / (len(neg) + len(pos)) ** 2


def divided_by_the_samples(neg, pos):
    return not_normalised(neg, pos) / (len(neg) + len(pos))


def paired_by_position(neg, pos):
    return np.mean((pos > neg) + 0.5 * (pos == neg))


def compared_with_the_mean(neg, pos):
    return np.mean(pos > np.mean(neg))


def gini(neg, pos):
    return 2 * roc.auc_mann_whitney(neg, pos) - 1


def by_signs(neg, pos):
    return (1 + np.sign(np.subtract.outer(pos, neg)).mean()) / 2


def by_ranks(neg, pos):
    both = np.concatenate([neg, pos])
    ranks = np.array([np.sum(both < x) + (np.sum(both == x) + 1) / 2 for x in both])
    u = ranks[len(neg) :].sum() - len(pos) * (len(pos) + 1) / 2
    return u / (len(neg) * len(pos))


def by_loops(neg, pos):
    u = 0.0
    for p in pos:
        for n in neg:
            u += 1.0 if p > n else 0.5 if p == n else 0.0
    return u / len(pos) / len(neg)


AUC_MANN_WHITNEY = Exercise(
    roc.auc_mann_whitney,
    points=8,
    draw=draw_classes,
    edges={
        "no ties": {"neg": np.array([0.1, 0.7, 0.3]), "pos": np.array([0.9, 0.4])},
        "all scores equal": {"neg": np.array([2.0, 2.0]), "pos": np.array([2.0, 2.0, 2.0])},
        "one of each": {"neg": np.array([3.0]), "pos": np.array([4.5])},
        "a tie among others": {"neg": np.array([0.0, 1.0, 2.0, -4.0]), "pos": np.array([1.0, 3.0, -1.0])},
        "worse than chance": {"neg": np.array([5.0, 6.0, 2.0]), "pos": np.array([1.0, 2.0, 3.0])},
    },
    mistakes=(
        Mistake(
            ties_count_nothing, "What is your result if all scores are equal? A detector that knows nothing has ½."
        ),
        Mistake(ties_count_fully, "Swap the classes: the two results must add up to 1, ties included."),
        Mistake(classes_swapped, "Who is to win the game? Positives should score higher."),
        Mistake(not_normalised, "A probability is at most 1: out of how many pairs did you count?"),
        Mistake(accuracy_at_one_half, "That is the accuracy at one threshold. The area knows no threshold."),
        Mistake(divided_by_all_pairs, "Count mixed pairs only: one positive with one negative."),
        Mistake(divided_by_the_samples, "You counted pairs, and divided by a number of samples."),
        Mistake(paired_by_position, "Each positive meets every negative, not only the one at its own place."),
        Mistake(
            compared_with_the_mean,
            "The mean of the negatives is one opponent. Let each positive meet each of them.",
        ),
        Mistake(gini, "You give a lost pair -1. As a probability it deserves 0."),
    ),
    alternatives=(by_signs, by_ranks, by_loops),
)


# binormal_auc: 8 points


def draw_normals(rng):
    mu0 = rng.normal()
    return {
        "mu0": mu0,
        "mu1": mu0 + rng.uniform(-0.5, 2.5),
        "sigma0": rng.uniform(0.3, 3.0),
        "sigma1": rng.uniform(0.3, 3.0),
    }


def accuracy_at_the_midpoint(mu0, mu1, sigma0, sigma1):
    return ndtr((mu1 - mu0) / np.sqrt(2 * (sigma0**2 + sigma1**2)))


def deviations_added(mu0, mu1, sigma0, sigma1):
    return ndtr((mu1 - mu0) / (sigma0 + sigma1))


def d_prime_alone(mu0, mu1, sigma0, sigma1):
    return ndtr((mu1 - mu0) / np.sqrt((sigma0**2 + sigma1**2) / 2))


def only_the_negatives_vary(mu0, mu1, sigma0, sigma1):
    return ndtr((mu1 - mu0) / sigma0)


def only_the_positives_vary(mu0, mu1, sigma0, sigma1):
    return ndtr((mu1 - mu0) / sigma1)


def spreads_ignored(mu0, mu1, sigma0, sigma1):
    return ndtr((mu1 - mu0) / np.sqrt(2))


def means_swapped(mu0, mu1, sigma0, sigma1):
    return ndtr((mu0 - mu1) / np.sqrt(sigma0**2 + sigma1**2))


def variance_in_the_denominator(mu0, mu1, sigma0, sigma1):
    return ndtr((mu1 - mu0) / (sigma0**2 + sigma1**2))


def not_yet_a_probability(mu0, mu1, sigma0, sigma1):
    return (mu1 - mu0) / np.sqrt(sigma0**2 + sigma1**2)


def root_of_the_deviations(mu0, mu1, sigma0, sigma1):
    return ndtr((mu1 - mu0) / np.sqrt(sigma0 + sigma1))


def logistic_curve(mu0, mu1, sigma0, sigma1):
    return 1 / (1 + np.exp(-(mu1 - mu0) / np.sqrt(sigma0**2 + sigma1**2)))


def sign_dropped(mu0, mu1, sigma0, sigma1):
    return ndtr(abs(mu1 - mu0) / np.sqrt(sigma0**2 + sigma1**2))


def by_the_error_function(mu0, mu1, sigma0, sigma1):
    return (1 + erf((mu1 - mu0) / (2 * (sigma0**2 + sigma1**2)) ** 0.5)) / 2


BINORMAL_AUC = Exercise(
    roc.binormal_auc,
    points=8,
    draw=draw_normals,
    edges={
        "d' = 1": {"mu0": 0.0, "mu1": 1.0, "sigma0": 1.0, "sigma1": 1.0},
        "the same in other units": {"mu0": 2.0, "mu1": 2.01, "sigma0": 0.01, "sigma1": 0.01},
        "unequal spreads": {"mu0": -1.0, "mu1": 2.0, "sigma0": 1.5, "sigma1": 0.5},
        "equal means": {"mu0": 0.7, "mu1": 0.7, "sigma0": 1.0, "sigma1": 3.0},
        "worse than chance": {"mu0": 1.0, "mu1": 0.0, "sigma0": 2.0, "sigma1": 0.6},
    },
    mistakes=(
        Mistake(
            accuracy_at_the_midpoint,
            "Too many twos: for equal spreads that is the accuracy at the midpoint, not the area.",
        ),
        Mistake(deviations_added, "The score of one draw minus that of the other: is it SDs that add, or variances?"),
        Mistake(
            d_prime_alone,
            "The difference of two draws is wider than one draw. (With erf: mind that Φ(z) is not (1 + erf z)/2.)",
        ),
        Mistake(only_the_negatives_vary, "The positives vary too: the difference of two draws has whose variance?"),
        Mistake(only_the_positives_vary, "The negatives vary too: the difference of two draws has whose variance?"),
        Mistake(spreads_ignored, "Measure the scores in other units: your area changes. What makes it free of units?"),
        Mistake(means_swapped, "A good detector has an area above ½: which mean should be the higher one?"),
        Mistake(variance_in_the_denominator, "Check the units of what you hand to Φ: it must be a pure number."),
        Mistake(not_yet_a_probability, "You have how many SDs the difference lies above 0. How probable is that?"),
        Mistake(
            logistic_curve, "The right number, put into the logistic curve: which distribution do the scores have?"
        ),
        Mistake(sign_dropped, "Let the positives score lower on average: can your area fall below ½?"),
        Mistake(root_of_the_deviations, "Check the units under your root: what is it that adds up?"),
    ),
    alternatives=(by_the_error_function,),
)


# bayes_threshold: 12 points


def draw_decision(rng):
    mu0 = rng.normal()
    return {
        "mu0": mu0,
        "mu1": mu0 + rng.uniform(0.4, 3.0),
        "sigma": rng.uniform(0.3, 2.0),
        "pi1": rng.uniform(0.02, 0.9),
        "c_fp": rng.uniform(0.2, 5.0),
        "c_fn": rng.uniform(0.5, 50.0),
    }


def shifted_midpoint(mu0, mu1, sigma, slope):
    return (mu0 + mu1) / 2 + sigma**2 * np.log(slope) / (mu1 - mu0)


def midpoint(mu0, mu1, sigma, pi1, c_fp, c_fn):
    return (mu0 + mu1) / 2


def sign_of_the_logarithm(mu0, mu1, sigma, pi1, c_fp, c_fn):
    return shifted_midpoint(mu0, mu1, sigma, pi1 * c_fn / ((1 - pi1) * c_fp))


def prior_missing(mu0, mu1, sigma, pi1, c_fp, c_fn):
    return shifted_midpoint(mu0, mu1, sigma, c_fp / c_fn)


def costs_missing(mu0, mu1, sigma, pi1, c_fp, c_fn):
    return shifted_midpoint(mu0, mu1, sigma, (1 - pi1) / pi1)


def cost_ratio_inverted(mu0, mu1, sigma, pi1, c_fp, c_fn):
    return shifted_midpoint(mu0, mu1, sigma, (1 - pi1) * c_fn / (pi1 * c_fp))


def prior_odds_inverted(mu0, mu1, sigma, pi1, c_fp, c_fn):
    return shifted_midpoint(mu0, mu1, sigma, pi1 * c_fp / ((1 - pi1) * c_fn))


def sigma_not_squared(mu0, mu1, sigma, pi1, c_fp, c_fn):
    return (mu0 + mu1) / 2 + sigma * np.log((1 - pi1) * c_fp / (pi1 * c_fn)) / (mu1 - mu0)


def separation_missing(mu0, mu1, sigma, pi1, c_fp, c_fn):
    return (mu0 + mu1) / 2 + sigma**2 * np.log((1 - pi1) * c_fp / (pi1 * c_fn))


def midpoint_missing(mu0, mu1, sigma, pi1, c_fp, c_fn):
    return sigma**2 * np.log((1 - pi1) * c_fp / (pi1 * c_fn)) / (mu1 - mu0)


def logarithm_missing(mu0, mu1, sigma, pi1, c_fp, c_fn):
    return (mu0 + mu1) / 2 + sigma**2 * (1 - pi1) * c_fp / (pi1 * c_fn) / (mu1 - mu0)


def half_the_shift(mu0, mu1, sigma, pi1, c_fp, c_fn):
    return (mu0 + mu1) / 2 + sigma**2 * np.log((1 - pi1) * c_fp / (pi1 * c_fn)) / (2 * (mu1 - mu0))


def decimal_logarithm(mu0, mu1, sigma, pi1, c_fp, c_fn):
    return (mu0 + mu1) / 2 + sigma**2 * np.log10((1 - pi1) * c_fp / (pi1 * c_fn)) / (mu1 - mu0)


def slope_returned(mu0, mu1, sigma, pi1, c_fp, c_fn):
    return (1 - pi1) * c_fp / (pi1 * c_fn)


def prior_without_odds(mu0, mu1, sigma, pi1, c_fp, c_fn):
    return shifted_midpoint(mu0, mu1, sigma, c_fp / (pi1 * c_fn))


def sum_of_logarithms(mu0, mu1, sigma, pi1, c_fp, c_fn):
    evidence = np.log(1 - pi1) - np.log(pi1) + np.log(c_fp) - np.log(c_fn)
    return (mu1**2 - mu0**2 + 2 * sigma**2 * evidence) / (2 * (mu1 - mu0))


BAYES_THRESHOLD = Exercise(
    roc.bayes_threshold,
    points=12,
    draw=draw_decision,
    edges={
        "equal costs, equally many": {"mu0": 1.0, "mu1": 4.0, "sigma": 2.0, "pi1": 0.5, "c_fp": 1.0, "c_fn": 1.0},
        "one positive in a hundred": {"mu0": 0.0, "mu1": 2.0, "sigma": 0.5, "pi1": 0.01, "c_fp": 1.0, "c_fn": 1.0},
        "misses cost a hundred times more": {
            "mu0": 0.0,
            "mu1": 2.0,
            "sigma": 0.5,
            "pi1": 0.5,
            "c_fp": 1.0,
            "c_fn": 100.0,
        },
        "false alarms cost more": {"mu0": -3.0, "mu1": -1.5, "sigma": 1.4, "pi1": 0.5, "c_fp": 6.0, "c_fn": 2.0},
        "rare and dear": {"mu0": 10.0, "mu1": 13.0, "sigma": 1.5, "pi1": 0.02, "c_fp": 2.0, "c_fn": 30.0},
    },
    mistakes=(
        Mistake(midpoint, "The midpoint is right only for equal costs and equally many of both."),
        Mistake(sign_of_the_logarithm, "Rarer positives need more evidence: does your threshold rise as pi1 falls?"),
        Mistake(prior_missing, "Try pi1 = 0.01: should the threshold stay where it is?"),
        Mistake(costs_missing, "Try c_fn = 100: should the threshold stay where it is?"),
        Mistake(cost_ratio_inverted, "If misses become dearer, should the alarm be raised more often or less?"),
        Mistake(prior_odds_inverted, "If positives become rarer, should the alarm be raised more often or less?"),
        Mistake(sigma_not_squared, "Check the units: the threshold has those of mu and sigma, the logarithm has none."),
        Mistake(
            separation_missing,
            "Check the units of the shift, then take the logarithm of the likelihood ratio again: what multiplies x?",
        ),
        Mistake(midpoint_missing, "Where is your threshold for equal costs and equally many of both?"),
        Mistake(
            logarithm_missing, "The likelihood ratio is an exponential of the score: how do you solve for the score?"
        ),
        Mistake(half_the_shift, "Your shift is half of what it should be: expand both squares in the exponents again."),
        Mistake(decimal_logarithm, "Densities have powers of e: which logarithm undoes them?"),
        Mistake(
            slope_returned, "That is the likelihood ratio at the threshold. At which score does it have this value?"
        ),
        Mistake(prior_without_odds, "Prior odds compare the two classes: how frequent are the negatives?"),
    ),
    alternatives=(sum_of_logarithms,),
)

check = checker(POINTS, AUC_MANN_WHITNEY, BINORMAL_AUC, BAYES_THRESHOLD)
