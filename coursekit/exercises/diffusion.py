"""The exercises of the lab `diffusion`."""

import numpy as np
import torch

from coursekit.checking import Exercise, Mistake, checker
from coursekit.deep import diffusion

__all__ = ["check"]


def schedule(rng):
    """Return a random alpha_bar of two steps or more, neighbours well apart."""
    return np.cumprod(rng.uniform(0.6, 0.95, size=rng.integers(2, 9)))


def step(rng, alpha_bar):
    """Return a step that is neither the first nor the last where there is one; those are edge cases."""
    return int(rng.integers(1, max(2, len(alpha_bar) - 1)))


# q_sample: 8 points


def draw_forward(rng):
    shape, alpha_bar = rng.integers(1, 6, size=2), schedule(rng)
    t = step(rng, alpha_bar)
    return {"x0": rng.normal(size=shape), "t": t, "eps": rng.normal(size=shape), "alpha_bar": alpha_bar}


def signal_without_root(x0, t, eps, alpha_bar):
    return alpha_bar[t] * x0 + torch.sqrt(1 - alpha_bar[t]) * eps


def noise_without_root(x0, t, eps, alpha_bar):
    return torch.sqrt(alpha_bar[t]) * x0 + (1 - alpha_bar[t]) * eps


def last_step_alone(x0, t, eps, alpha_bar):
    alpha = alpha_bar[t] / alpha_bar[t - 1] if t > 0 else alpha_bar[t]
    return torch.sqrt(alpha) * x0 + torch.sqrt(1 - alpha) * eps


def signal_and_noise_swapped(x0, t, eps, alpha_bar):
    return torch.sqrt(1 - alpha_bar[t]) * x0 + torch.sqrt(alpha_bar[t]) * eps


def signal_kept_whole(x0, t, eps, alpha_bar):
    return x0 + torch.sqrt(1 - alpha_bar[t]) * eps


def counted_from_one(x0, t, eps, alpha_bar):
    return torch.sqrt(alpha_bar[t - 1]) * x0 + torch.sqrt(1 - alpha_bar[t - 1]) * eps


def without_roots(x0, t, eps, alpha_bar):
    return alpha_bar[t] * x0 + (1 - alpha_bar[t]) * eps


def amplitudes_sum_to_one(x0, t, eps, alpha_bar):
    return torch.sqrt(alpha_bar[t]) * x0 + (1 - torch.sqrt(alpha_bar[t])) * eps


def multiplied_up_twice(x0, t, eps, alpha_bar):
    share = torch.cumprod(alpha_bar, 0)[t]
    return torch.sqrt(share) * x0 + torch.sqrt(1 - share) * eps


def as_a_rotation(x0, t, eps, alpha_bar):
    angle = torch.arccos(torch.sqrt(alpha_bar[t]))
    return torch.cos(angle) * x0 + torch.sin(angle) * eps


Q_SAMPLE = Exercise(
    diffusion.q_sample,
    points=8,
    draw=draw_forward,
    edges={
        "first step": {
            "x0": np.array([1.0, -2.0]),
            "t": 0,
            "eps": np.array([0.5, 3.0]),
            "alpha_bar": np.array([0.9, 0.6, 0.1]),
        },
        "no noise drawn": {
            "x0": np.array([[1.0, 2.0, -3.0]]),
            "t": 1,
            "eps": np.zeros((1, 3)),
            "alpha_bar": np.array([0.8, 0.49, 0.2]),
        },
        "no signal, last step": {
            "x0": np.zeros((2, 1, 3)),
            "t": 3,
            "eps": np.arange(1.0, 7.0).reshape(2, 1, 3),
            "alpha_bar": np.array([0.9, 0.7, 0.4, 0.19]),
        },
    },
    mistakes=(
        Mistake(
            signal_without_root,
            "For data of variance 1 the variance must stay 1: add up yours, and mind what scales a variance.",
        ),
        Mistake(noise_without_root, "1 - alpha_bar is the variance of the noise. What do you scale noise of SD 1 by?"),
        Mistake(last_step_alone, "That is one step. x_t has gone through all the steps up to t: compose them."),
        Mistake(signal_and_noise_swapped, "At t = 0 hardly anything has happened: x_t must be almost x0. Is yours?"),
        Mistake(
            signal_kept_whole,
            "With yours the variance grows from step to step. That is another process; here the signal fades.",
        ),
        Mistake(counted_from_one, "Steps are counted from 0: after step t the share left is alpha_bar[t] itself."),
        Mistake(without_roots, "These are shares of the variance. By what do you scale x0 to scale its variance?"),
        Mistake(amplitudes_sum_to_one, "The signal is right. Must the two factors add up to 1, or the two variances?"),
        Mistake(multiplied_up_twice, "alpha_bar has been multiplied up over the steps already."),
    ),
    alternatives=(as_a_rotation,),
)


# q_posterior: 12 points


def draw_posterior(rng):
    shape, alpha_bar = rng.integers(1, 6, size=2), schedule(rng)
    t = step(rng, alpha_bar)
    return {"x0": rng.normal(size=shape), "xt": rng.normal(size=shape), "t": t, "alpha_bar": alpha_bar}


def earlier(t, alpha_bar):
    return alpha_bar[t - 1] if t > 0 else torch.ones_like(alpha_bar[t])


def mean_and_variance(x0, xt, now, before):
    alpha = now / before
    from_data = torch.sqrt(before) * (1 - alpha) / (1 - now)
    from_noisy = torch.sqrt(alpha) * (1 - before) / (1 - now)
    return from_data * x0 + from_noisy * xt, (1 - alpha) * (1 - before) / (1 - now)


def variance_of_the_forward_step(x0, xt, t, alpha_bar):
    mean, _ = mean_and_variance(x0, xt, alpha_bar[t], earlier(t, alpha_bar))
    return mean, 1 - alpha_bar[t] / earlier(t, alpha_bar)


def coefficients_swapped(x0, xt, t, alpha_bar):
    return mean_and_variance(xt, x0, alpha_bar[t], earlier(t, alpha_bar))


def later_in_place_of_earlier(x0, xt, t, alpha_bar):
    now, alpha = alpha_bar[t], alpha_bar[t] / earlier(t, alpha_bar)
    return torch.sqrt(now) * (1 - alpha) / (1 - now) * x0 + torch.sqrt(alpha) * xt, 1 - alpha


def sd_returned(x0, xt, t, alpha_bar):
    mean, var = mean_and_variance(x0, xt, alpha_bar[t], earlier(t, alpha_bar))
    return mean, torch.sqrt(var)


def from_noise(x0, xt, t, alpha_bar, divisor):
    now, before = alpha_bar[t], earlier(t, alpha_bar)
    beta = 1 - now / before
    eps = (xt - torch.sqrt(now) * x0) / torch.sqrt(1 - now)
    return (xt - beta / torch.sqrt(1 - now) * eps) / torch.sqrt(divisor), beta * (1 - before) / (1 - now)


def divided_by_all_the_steps(x0, xt, t, alpha_bar):
    return from_noise(x0, xt, t, alpha_bar, alpha_bar[t])


def index_wraps_around(x0, xt, t, alpha_bar):
    return mean_and_variance(x0, xt, alpha_bar[t], alpha_bar[t - 1])


def mean_without_roots(x0, xt, t, alpha_bar):
    now, before = alpha_bar[t], earlier(t, alpha_bar)
    _, var = mean_and_variance(x0, xt, now, before)
    return (before - now) / (1 - now) * x0 + now / before * (1 - before) / (1 - now) * xt, var


def all_the_steps_for_one(x0, xt, t, alpha_bar):
    now, before = alpha_bar[t], earlier(t, alpha_bar)
    return torch.sqrt(before) * x0 + torch.sqrt(now) * (1 - before) / (1 - now) * xt, 1 - before


def no_signal_before_the_first_step(x0, xt, t, alpha_bar):
    before = alpha_bar[t - 1] if t > 0 else torch.zeros_like(alpha_bar[t])
    return mean_and_variance(x0, xt, alpha_bar[t], before)


def variance_first(x0, xt, t, alpha_bar):
    mean, var = mean_and_variance(x0, xt, alpha_bar[t], earlier(t, alpha_bar))
    return var, mean


def noise_form(x0, xt, t, alpha_bar):
    return from_noise(x0, xt, t, alpha_bar, alpha_bar[t] / earlier(t, alpha_bar))


def conditioned_gaussian(x0, xt, t, alpha_bar):
    """Correct the prior N(sqrt(before) x0, 1 - before) by x_t, as a Kalman filter would."""
    now, before = alpha_bar[t], earlier(t, alpha_bar)
    h = torch.sqrt(now / before)
    gain = h * (1 - before) / (1 - now)
    prior = torch.sqrt(before) * x0
    return prior + gain * (xt - h * prior), (1 - gain * h) * (1 - before)


Q_POSTERIOR = Exercise(
    diffusion.q_posterior,
    points=12,
    draw=draw_posterior,
    edges={
        "first step: back to the data": {
            "x0": np.array([1.0, -2.0]),
            "xt": np.array([0.3, 0.4]),
            "t": 0,
            "alpha_bar": np.array([0.9, 0.5, 0.2]),
        },
        "second step": {
            "x0": np.array([2.0]),
            "xt": np.array([-1.0]),
            "t": 1,
            "alpha_bar": np.array([0.81, 0.36]),
        },
        "only the data": {
            "x0": np.ones((1, 3)),
            "xt": np.zeros((1, 3)),
            "t": 2,
            "alpha_bar": np.array([0.9, 0.64, 0.16]),
        },
        "only the noisy": {
            "x0": np.zeros((3, 1)),
            "xt": np.ones((3, 1)),
            "t": 3,
            "alpha_bar": np.array([0.9, 0.64, 0.25, 0.04]),
        },
    },
    mistakes=(
        Mistake(
            variance_of_the_forward_step,
            "beta is the doubt of a step forwards. Once the data are known too, less doubt is left.",
        ),
        Mistake(coefficients_swapped, "The first step (t = 0) must lead back to x0 exactly. Does yours lead to x_t?"),
        Mistake(
            later_in_place_of_earlier,
            "Which factors belong to the time before the step? There the share of the signal is alpha_bar[t - 1].",
        ),
        Mistake(sd_returned, "The mean is right. You were asked for a variance, not for its root."),
        Mistake(
            divided_by_all_the_steps,
            "One step back undoes one step's fading. By which alpha do you divide: of one step, or of all of them?",
        ),
        Mistake(
            index_wraps_around,
            "At t = 0, alpha_bar[t - 1] is the LAST entry. How much of the signal is there before any step?",
        ),
        Mistake(
            mean_without_roots,
            "The variance is right. The shares are those of variances, and the mean weighs x0 and xt themselves.",
        ),
        Mistake(
            all_the_steps_for_one,
            "Your beta is that of all the steps up to t. Bayes' rule undoes the one from t - 1 to t.",
        ),
        Mistake(
            no_signal_before_the_first_step,
            "Only t = 0 fails. A share of 0 would mean that there was no signal before the first step.",
        ),
        Mistake(variance_first, "Both may be right, but the order is: the mean, then the variance."),
    ),
    alternatives=(noise_form, conditioned_gaussian),
)


# score_from_eps: 8 points


def draw_score(rng):
    alpha_bar = schedule(rng)
    return {"eps": rng.normal(size=rng.integers(1, 6, size=2)), "t": step(rng, alpha_bar), "alpha_bar": alpha_bar}


def towards_the_noise(eps, t, alpha_bar):
    return eps / torch.sqrt(1 - alpha_bar[t])


def divided_by_the_variance(eps, t, alpha_bar):
    return -eps / (1 - alpha_bar[t])


def multiplied_by_the_sd(eps, t, alpha_bar):
    return -eps * torch.sqrt(1 - alpha_bar[t])


def divided_by_the_signal(eps, t, alpha_bar):
    return -eps / torch.sqrt(alpha_bar[t])


def divided_by_one_step(eps, t, alpha_bar):
    return -eps / torch.sqrt(1 - alpha_bar[t] / earlier(t, alpha_bar))


def noise_not_scaled(eps, t, alpha_bar):
    return -eps


def noise_one_step_early(eps, t, alpha_bar):
    return -eps / torch.sqrt(1 - alpha_bar[t - 1])


def by_a_power(eps, t, alpha_bar):
    return eps * -((1 - alpha_bar[t]) ** -0.5)


SCORE_FROM_EPS = Exercise(
    diffusion.score_from_eps,
    points=8,
    draw=draw_score,
    edges={
        "noise of 2 SD": {"eps": np.array([2.0]), "t": 1, "alpha_bar": np.array([0.9, 0.75])},
        "first step": {"eps": np.array([1.0, -0.5]), "t": 0, "alpha_bar": np.array([0.96, 0.5, 0.1])},
        "nearly all noise": {"eps": np.array([[0.3], [-4.0]]), "t": 2, "alpha_bar": np.array([0.8, 0.3, 0.01])},
    },
    mistakes=(
        Mistake(towards_the_noise, "The score points uphill, to where data are likely. Where does the noise point?"),
        Mistake(divided_by_the_variance, "eps is measured in SDs: it has been divided by the SD once already."),
        Mistake(
            multiplied_by_the_sd,
            "Differentiate log N(x; sqrt(alpha_bar) x0, 1 - alpha_bar) by x, then write x in terms of eps.",
        ),
        Mistake(divided_by_the_signal, "That is the scale of the signal. Which scale has the noise in x_t?"),
        Mistake(divided_by_one_step, "That is the noise of one step. The score is that of x_t, after all the steps."),
        Mistake(noise_not_scaled, "The direction is right. A narrow density has steep slopes: how wide is the noise?"),
        Mistake(noise_one_step_early, "Steps are counted from 0: the noise in x_t is what alpha_bar[t] leaves."),
    ),
    alternatives=(by_a_power,),
)


# guide: 12 points


def draw_guidance(rng):
    shape = rng.integers(1, 6, size=2)
    return {"eps_u": rng.normal(size=shape), "eps_c": rng.normal(size=shape), "gamma": rng.uniform(1.5, 8.0)}


def away_from_the_class(eps_u, eps_c, gamma):
    return eps_u + gamma * (eps_u - eps_c)


def weights_swapped(eps_u, eps_c, gamma):
    return (1 - gamma) * eps_c + gamma * eps_u


def counted_as_extra(eps_u, eps_c, gamma):
    return (1 + gamma) * eps_c - gamma * eps_u


def class_added(eps_u, eps_c, gamma):
    return eps_u + gamma * eps_c


def strength_clipped(eps_u, eps_c, gamma):
    return eps_u + min(max(gamma, 0.0), 1.0) * (eps_c - eps_u)


def average_of_both(eps_u, eps_c, gamma):
    return (eps_u + eps_c) / 2


def difference_alone(eps_u, eps_c, gamma):
    return gamma * (eps_c - eps_u)


def weighted_mean(eps_u, eps_c, gamma):
    return (eps_u + gamma * eps_c) / (1 + gamma)


def from_the_unconditional(eps_u, eps_c, gamma):
    return eps_u + gamma * (eps_c - eps_u)


GUIDE = Exercise(
    diffusion.guide,
    points=12,
    draw=draw_guidance,
    edges={
        "no guidance": {"eps_u": np.array([1.0, 2.0]), "eps_c": np.array([3.0, -1.0]), "gamma": 0.0},
        "conditional": {"eps_u": np.array([[1.0], [2.0]]), "eps_c": np.array([[0.5], [4.0]]), "gamma": 1.0},
        "between": {"eps_u": np.array([0.0, 1.0]), "eps_c": np.array([4.0, 1.0]), "gamma": 0.25},
        "beyond": {"eps_u": np.array([1.0]), "eps_c": np.array([2.0]), "gamma": 4.0},
        "away": {"eps_u": np.array([1.0, 0.0]), "eps_c": np.array([2.0, 0.0]), "gamma": -1.0},
    },
    mistakes=(
        Mistake(away_from_the_class, "With yours the samples are pushed away from the class. Try gamma = 1."),
        Mistake(weights_swapped, "gamma = 1 must give the conditional prediction, gamma = 0 the other. Does yours?"),
        Mistake(
            counted_as_extra,
            "Right where only what lies beyond the conditional is counted. Here gamma = 1 is the conditional.",
        ),
        Mistake(
            class_added, "If both predictions are equal, guidance must change nothing. What do your weights add up to?"
        ),
        Mistake(strength_clipped, "Going beyond the conditional prediction is the point: do not clip gamma."),
        Mistake(average_of_both, "gamma is ignored: it says how far to go, and in which direction."),
        Mistake(difference_alone, "You have the push alone. What is pushed? Try gamma = 0."),
        Mistake(weighted_mean, "A mean never leaves the stretch between both. Try gamma = 1, then gamma = 4."),
    ),
    alternatives=(from_the_unconditional,),
)

check = checker(Q_SAMPLE, Q_POSTERIOR, SCORE_FROM_EPS, GUIDE)
