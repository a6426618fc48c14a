"""The exercises of the lab `gan`; the functions work on torch tensors."""

import math

import numpy as np
import torch

from coursekit.checking import Exercise, Mistake, checker
from coursekit.deep import gan

__all__ = ["check"]


def draw_two(rng):
    p, q = rng.dirichlet(np.ones(int(rng.integers(3, 8))), size=2)
    return {"p": p, "q": q}


# optimal_discriminator: 8 points


def draw_densities(rng):
    n = int(rng.integers(3, 8))
    return {"p": rng.gamma(1.0, 1.0, n), "q": rng.gamma(1.0, 1.0, n)}


def odds(p, q):
    """Return p / (p + q) of two weights, 1/2 where both are 0."""
    return torch.where(p + q > 0, p / (p + q), 0.5)


def of_the_fakes(p, q):
    return torch.where(p + q > 0, q / (p + q), 0.5)


def ratio_of_densities(p, q):
    return p / q


def optimal_logit(p, q):
    return torch.log(p / q)


def decision(p, q):
    return (p > q).double()


def square_roots(p, q):
    return odds(p**0.5, q**0.5)


def squares(p, q):
    return odds(p**2, q**2)


def empty_cells_forgotten(p, q):
    return p / (p + q)


def zero_in_empty_cells(p, q):
    return p / (p + q).clamp(min=1e-300)


def small_number_added(p, q):
    return p / (p + q + 1e-8)


def by_the_logit(p, q):
    logit = torch.where(p + q > 0, torch.log(p) - torch.log(q), 0.0)
    return 1 / (1 + torch.exp(-logit))


def one_by_one(p, q):
    D = torch.full_like(p, 0.5)
    for i in range(len(p)):
        if p[i] + q[i] > 0:
            D[i] = p[i] / (p[i] + q[i])
    return D


OPTIMAL_DISCRIMINATOR = Exercise(
    gan.optimal_discriminator,
    points=8,
    draw=draw_densities,
    edges={
        "equal densities": {"p": np.array([0.5, 2.0, 0.25]), "q": np.array([0.5, 2.0, 0.25])},
        "disjoint": {"p": np.array([1.0, 0.0, 3.0]), "q": np.array([0.0, 2.0, 0.0])},
        "a place where nobody is": {"p": np.array([0.4, 0.0, 0.6]), "q": np.array([0.1, 0.0, 0.9])},
        "nine to one": {"p": np.array([0.9, 0.3]), "q": np.array([0.1, 0.1])},
    },
    mistakes=(
        Mistake(of_the_fakes, 'D is the probability of "real". Where only the generator has mass, what should it say?'),
        Mistake(ratio_of_densities, "That is a ratio of densities; a probability is at most 1."),
        Mistake(optimal_logit, "That is the best logit. Which function turns a logit into a probability?"),
        Mistake(decision, "The best decision, but not the best log-loss: how sure may D be at a point of odds 9 to 1?"),
        Mistake(square_roots, "Maximise p log D + q log(1 - D) at one point: does its slope hold square roots?"),
        Mistake(squares, "Maximise p log D + q log(1 - D) at one point: are there squares in its derivative?"),
        Mistake(empty_cells_forgotten, "Right wherever somebody is. What does the docstring want where nobody is?"),
        Mistake(zero_in_empty_cells, "Where nobody is D should not say 'fake': read the docstring's last sentence."),
        Mistake(small_number_added, "Adding a small number shifts every place, and says 'fake' where nobody is."),
    ),
    alternatives=(by_the_logit, one_by_one),
)


# value_at_optimum: 10 points


def divergence(p, q):
    """Return KL(p | q) in nats."""
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum()


def jensen_shannon(p, q):
    m = (p + q) / 2
    return (divergence(p, m) + divergence(q, m)) / 2


def divergence_alone(p, q):
    return jensen_shannon(p, q)


def twice_the_divergence(p, q):
    return 2 * jensen_shannon(p, q)


def divergence_once(p, q):
    return jensen_shannon(p, q) - math.log(4)


def half_the_constant(p, q):
    return 2 * jensen_shannon(p, q) - math.log(2)


def kullback_leibler(p, q):
    return divergence(p, q)


def in_bits(p, q):
    return (2 * jensen_shannon(p, q) - math.log(4)) / math.log(2)


def detective_on_real_data_only(p, q):
    return torch.xlogy(p, odds(p, q)).sum()


def one_detective_for_both(p, q):
    D = odds(p, q)
    return torch.xlogy(p, D).sum() + torch.xlogy(q, D).sum()


def mean_over_cells(p, q):
    D = odds(p, q)
    return (torch.xlogy(p, D) + torch.xlogy(q, 1 - D)).mean()


def loss_of_the_detective(p, q):
    return math.log(4) - 2 * jensen_shannon(p, q)


def fakes_weighted_as_real(p, q):
    D = odds(p, q)
    return torch.xlogy(p, D).sum() + torch.xlogy(p, 1 - D).sum()


def chance_of_being_right(p, q):
    D = odds(p, q)
    return (p * D + q * (1 - D)).sum()


def logarithms_of_nothing(p, q):
    D = p / (p + q)
    return (p * torch.log(D) + q * torch.log(1 - D)).sum()


def by_the_divergence(p, q):
    return 2 * jensen_shannon(p, q) - math.log(4)


def by_the_detective(p, q):
    D = odds(p, q)
    return torch.xlogy(p, D).sum() + torch.xlogy(q, 1 - D).sum()


VALUE_AT_OPTIMUM = Exercise(
    gan.value_at_optimum,
    points=10,
    draw=draw_two,
    edges={
        "equal": {"p": np.array([0.25, 0.5, 0.25]), "q": np.array([0.25, 0.5, 0.25])},
        "disjoint": {"p": np.array([0.5, 0.5, 0.0, 0.0]), "q": np.array([0.0, 0.0, 0.25, 0.75])},
        "half in common": {"p": np.array([0.5, 0.5, 0.0]), "q": np.array([0.0, 0.5, 0.5])},
        "an empty cell": {"p": np.array([0.25, 0.75, 0.0]), "q": np.array([0.75, 0.25, 0.0])},
        "all alike but one": {"p": np.array([0.1, 0.9]), "q": np.array([0.5, 0.5])},
    },
    mistakes=(
        Mistake(divergence_alone, "For p = q you say 0. What is the value when D can only toss a coin?"),
        Mistake(twice_the_divergence, "For p = q the best D says 1/2 everywhere: put that into both terms."),
        Mistake(divergence_once, "Try disjoint p and q: D is never wrong, so what are both logarithms?"),
        Mistake(half_the_constant, "Put D = 1/2 into both terms: what is the sum of the two logarithms?"),
        Mistake(kullback_leibler, "Swap p and q: the best detective's value must not change."),
        Mistake(in_bits, "Off by a constant factor: natural logarithms are wanted."),
        Mistake(detective_on_real_data_only, "There are two terms: what does D earn on the fakes?"),
        Mistake(one_detective_for_both, "On a fake the detective is paid for saying fake: log of what?"),
        Mistake(mean_over_cells, "p and q are weights already: an expectation over cells is a sum."),
        Mistake(loss_of_the_detective, "The sign: logarithms of probabilities are never positive."),
        Mistake(fakes_weighted_as_real, "Whom does the detective meet in the second term: with which weights?"),
        Mistake(chance_of_being_right, "That is how often a sampled verdict is right. The logarithms are missing."),
        Mistake(logarithms_of_nothing, "You have NaN: 0 log 0 is 0 here. Look at torch.xlogy."),
    ),
    alternatives=(by_the_divergence, by_the_detective),
)


# bilinear_radius: 12 points


def draw_game(rng):
    return {"h": float(rng.uniform(0.05, 3.5)), "scheme": str(rng.choice(gan.SCHEMES))}


def radius(h, scheme, **changed):
    """Return the reference's radius, but for the schemes that are changed."""
    return changed[scheme](h) if scheme in changed else gan.bilinear_radius(h, scheme)


def squared_modulus(h, scheme):
    return radius(h, scheme, simultaneous=lambda h: 1 + h**2)


def alternating_as_simultaneous(h, scheme):
    return radius(h, scheme, alternating=lambda h: math.sqrt(1 + h**2))


def descent(h, scheme):
    return 1 - h


def alternating_damped(h, scheme):
    return radius(h, scheme, alternating=lambda h: math.sqrt(abs(1 - h**2)))


def real_part_only(h, scheme):
    return radius(h, scheme, extragradient=lambda h: abs(1 - h**2))


def alternating_always_one(h, scheme):
    return radius(h, scheme, alternating=lambda h: 1.0)


def squared_extragradient(h, scheme):
    return radius(h, scheme, extragradient=lambda h: 1 - h**2 + h**4)


def one_plus_step(h, scheme):
    return radius(h, scheme, simultaneous=lambda h: 1 + h)


def smaller_root(h, scheme):
    def inner(h):
        return 1.0 if h <= 2 else (h**2 - 2 - h * math.sqrt(h**2 - 4)) / 2

    return radius(h, scheme, alternating=inner)


def matrix(h, scheme):
    J = np.array([[0.0, -1.0], [1.0, 0.0]])
    if scheme == "simultaneous":
        return np.eye(2) + h * J
    if scheme == "extragradient":
        return np.eye(2) + h * J @ (np.eye(2) + h * J)
    return np.array([[1.0, -h], [h, 1 - h**2]])


def largest_real_part(h, scheme):
    return np.linalg.eigvals(matrix(h, scheme)).real.max()


def largest_stretch(h, scheme):
    return np.linalg.norm(matrix(h, scheme), 2)


def looks_the_wrong_way(h, scheme):
    return radius(h, scheme, extragradient=lambda h: math.hypot(1 + h**2, h))


def by_eigenvalues(h, scheme):
    return np.abs(np.linalg.eigvals(matrix(h, scheme))).max()


def by_trace_and_determinant(h, scheme):
    (a, b), (c, d) = torch.tensor(matrix(h, scheme))
    half, det = (a + d) / 2, a * d - b * c
    return math.sqrt(det) if half**2 < det else float(abs(half) + torch.sqrt(half**2 - det))


BILINEAR_RADIUS = Exercise(
    gan.bilinear_radius,
    points=12,
    draw=draw_game,
    edges={
        "simultaneous, h = 1": {"h": 1.0, "scheme": "simultaneous"},
        "simultaneous, h = 0.5": {"h": 0.5, "scheme": "simultaneous"},
        "alternating, a short step": {"h": 0.5, "scheme": "alternating"},
        "alternating, h = 1.5": {"h": 1.5, "scheme": "alternating"},
        "alternating, h = 2.5": {"h": 2.5, "scheme": "alternating"},
        "extragradient, h = 0.5": {"h": 0.5, "scheme": "extragradient"},
        "extragradient, h = 1": {"h": 1.0, "scheme": "extragradient"},
        "extragradient, h = 2": {"h": 2.0, "scheme": "extragradient"},
    },
    mistakes=(
        Mistake(squared_modulus, "The radius is the modulus of the eigenvalues 1 ± ih, not its square."),
        Mistake(alternating_as_simultaneous, "In turns, the second player sees the move: write that matrix down."),
        Mistake(descent, "Nobody descends here: the gradient is at right angles to the way to the equilibrium."),
        Mistake(alternating_damped, "What is the determinant of the alternating matrix? It is the product of both."),
        Mistake(real_part_only, "Looking ahead gives (1 - h²) I + hJ: you have lost the imaginary part."),
        Mistake(alternating_always_one, "Right for short steps. Are the eigenvalues still complex for h = 2.5?"),
        Mistake(squared_extragradient, "For extragradient you have the squared modulus."),
        Mistake(one_plus_step, "Simultaneous: real and imaginary part are at right angles, they do not add up."),
        Mistake(smaller_root, "Beyond h = 2 there are two real eigenvalues: which of them is felt in the long run?"),
        Mistake(largest_real_part, "The real part alone: by how much does a complex factor change a length?"),
        Mistake(largest_stretch, "That is the most that one step can stretch. Which factor rules a thousand steps?"),
        Mistake(looks_the_wrong_way, "Extragradient: J applied twice turns by two right angles. Mind that sign."),
    ),
    alternatives=(by_eigenvalues, by_trace_and_determinant),
    rtol=1e-7,  # of a general matrix with a double eigenvalue, eigvals gives half the digits
)


# generator_logit_grad: 10 points


def draw_logits(rng):
    return {"logit": rng.normal(0, 3, int(rng.integers(3, 8))), "kind": str(rng.choice(["minimax", "non-saturating"]))}


def sigmoid(x):
    return 1 / (1 + torch.exp(-x))


def other(kind):
    return "minimax" if kind == "non-saturating" else "non-saturating"


def kinds_swapped(logit, kind):
    return gan.generator_logit_grad(logit, other(kind))


def wrong_sign(logit, kind):
    return -gan.generator_logit_grad(logit, kind)


def logarithm_forgotten(logit, kind):
    return -sigmoid(logit) * (1 - sigmoid(logit))


def logarithm_forgotten_upwards(logit, kind):
    return sigmoid(logit) * (1 - sigmoid(logit))


def by_the_probability(logit, kind):
    return -1 / (1 - sigmoid(logit)) if kind == "minimax" else -1 / sigmoid(logit)


def both_minimax(logit, kind):
    return -sigmoid(logit)


def both_non_saturating(logit, kind):
    return -(1 - sigmoid(logit))


def the_loss_itself(logit, kind):
    return torch.log(1 - sigmoid(logit)) if kind == "minimax" else -torch.log(sigmoid(logit))


def mean_over_the_fakes(logit, kind):
    return gan.generator_logit_grad(logit, kind) / logit.numel()


def by_autograd(logit, kind):
    logit = logit.clone().requires_grad_(True)
    loss = -torch.nn.functional.softplus(logit) if kind == "minimax" else torch.nn.functional.softplus(-logit)
    return torch.autograd.grad(loss.sum(), logit)[0]


def by_hyperbolic_tangent(logit, kind):
    t = torch.tanh(logit / 2)
    return -(1 + t) / 2 if kind == "minimax" else (t - 1) / 2


GENERATOR_LOGIT_GRAD = Exercise(
    gan.generator_logit_grad,
    points=10,
    draw=draw_logits,
    edges={
        "minimax, the detective is sure": {"logit": np.array([-6.0, -3.0]), "kind": "minimax"},
        "non-saturating, the detective is sure": {"logit": np.array([-6.0, -3.0]), "kind": "non-saturating"},
        "minimax, the detective is fooled": {"logit": np.array([2.0, 5.0, 0.5]), "kind": "minimax"},
        "non-saturating, the detective is fooled": {"logit": np.array([2.0, 5.0, 0.5]), "kind": "non-saturating"},
        "undecided": {"logit": np.array([[0.0]]), "kind": "minimax"},
    },
    mistakes=(
        Mistake(kinds_swapped, "Which of the two losses starves when the detective is sure of a fake?"),
        Mistake(wrong_sign, "The generator minimises its loss and wants the logit to go up: which sign has the slope?"),
        Mistake(logarithm_forgotten, "That is the slope of the sigmoid alone: you forgot the logarithm."),
        Mistake(logarithm_forgotten_upwards, "The slope of the sigmoid alone: there is a logarithm around it."),
        Mistake(by_the_probability, "That is the slope in D. Go on through the sigmoid by the chain rule."),
        Mistake(both_minimax, "Two losses, two gradients: where does kind come in?"),
        Mistake(both_non_saturating, "Two losses, two gradients: differentiate log(1 - sigma) too."),
        Mistake(the_loss_itself, "That is the loss. Its derivative with respect to logit is asked for."),
        Mistake(mean_over_the_fakes, "Yours shrinks with the number of fakes: each has a loss of its own here."),
    ),
    alternatives=(by_autograd, by_hyperbolic_tangent),
)

check = checker(OPTIMAL_DISCRIMINATOR, VALUE_AT_OPTIMUM, BILINEAR_RADIUS, GENERATOR_LOGIT_GRAD)
