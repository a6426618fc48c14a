"""The exercises of the lecture `motion_blur`."""

import numpy as np

from coursekit import motion_blur
from coursekit.checking import Exercise, Mistake, checker

__all__ = ["check"]


# mtf: 8 points


def draw_wave(rng):
    return {"f": rng.uniform(0.02, 0.5, size=rng.integers(2, 6)), "v": rng.uniform(2, 40), "T": rng.uniform(0.1, 2.0)}


def sinus_without_pi(f, v, T):
    return np.abs(np.sinc(f * v * T / np.pi))


def pi_twice(f, v, T):
    return np.abs(np.sinc(np.pi * f * v * T))


def speed_forgotten(f, v, T):
    return np.abs(np.sinc(f * T + 0 * v))


def time_forgotten(f, v, T):
    return np.abs(np.sinc(f * v))


def squared(f, v, T):
    return np.sinc(f * v * T) ** 2


def half_exposure(f, v, T):
    return np.abs(np.sinc(f * v * T / 2))


def signed(f, v, T):
    return np.sinc(f * v * T)


def cut_off_at_zero(f, v, T):
    return np.maximum(np.sinc(f * v * T), 0)


def complex_factor(f, v, T):
    return np.sinc(f * v * T) * np.exp(-1j * np.pi * f * v * T)


def divided_by_zero(f, v, T):
    z = np.pi * np.asarray(f, dtype=float) * v * T
    return np.abs(np.divide(np.sin(z), z, out=np.full_like(z, np.nan), where=z != 0))


def limit_by_hand(f, v, T):
    z = np.pi * np.asarray(f, dtype=float) * v * T
    return np.where(z == 0, 1.0, np.abs(np.sin(z) / np.where(z == 0, 1.0, z)))


MTF = Exercise(
    motion_blur.mtf,
    points=8,
    draw=draw_wave,
    edges={
        "half a period goes by": {"f": np.array([0.125]), "v": 8.0, "T": 0.5},
        "from no stripes to the finest": {"f": np.array([0.0, 0.05, 0.1, 0.2, 0.5]), "v": 6.0, "T": 2.0},
        "contrast reversed": {"f": np.array([0.3, 0.35]), "v": 10.0, "T": 0.5},
        "a single number, moving left": {"f": 0.1, "v": -7.0, "T": 1.5},
        "nothing moves": {"f": np.array([0.1, 0.4]), "v": 0.0, "T": 3.0},
    },
    mistakes=(
        Mistake(sinus_without_pi, "The first zero is where one whole period goes by: f v T = 1. Where is yours?"),
        Mistake(pi_twice, "np.sinc(z) is sin(πz)/(πz): is π in your formula twice?"),
        Mistake(speed_forgotten, "f is in cycles per pixel: how many pixels go by? Check the units of the argument."),
        Mistake(
            time_forgotten, "How far does the picture move while the shutter is open? Check the units of the argument."
        ),
        Mistake(squared, "One opening of the shutter is one box. Yours is what two boxes in turn would leave."),
        Mistake(
            half_exposure, "The first zero is where the path is one period long: the whole exposure counts, not half."
        ),
        Mistake(signed, "A modulus is never negative; the sign is the reversal of contrast, which the MTF leaves out."),
        Mistake(
            cut_off_at_zero, "Beyond its zero the contrast comes back, reversed. A modulus does not leave that out."
        ),
        Mistake(
            complex_factor, "That is the whole transfer function. The MTF keeps its size and leaves out its phase."
        ),
        Mistake(divided_by_zero, "Nothing moves, or there are no stripes: what contrast is left? Mind 0/0."),
    ),
    alternatives=(limit_by_hand,),
)


# apparent_rate: 10 points


def draw_film(rng):
    return {
        "n": int(rng.integers(2, 13)),
        "R": rng.uniform(-9, 9),
        "fps": float(rng.choice([12.0, 24.0, 25.0, 30.0, 50.0])),
    }


def one_spoke(n, R, fps):
    return (R + fps / 2) % fps - fps / 2


def never_backwards(n, R, fps):
    return (n * R) % fps / n


def spokes_per_second(n, R, fps):
    return (n * R + fps / 2) % fps - fps / 2


def first_alias_only(n, R, fps):
    return (n * R - fps) / n


def no_direction(n, R, fps):
    return abs((n * R + fps / 2) % fps - fps / 2) / n


def true_rate(n, R, fps):
    return R


def towards_zero(n, R, fps):
    return float(np.fmod(n * R + fps / 2, fps) - fps / 2) / n


def not_shifted_back(n, R, fps):
    return ((n * R + fps / 2) % fps) / n


def multiplied_by_n(n, R, fps):
    return n * ((n * R + fps / 2) % fps - fps / 2)


def nearest_standstill(n, R, fps):
    return R - np.floor(n * R / fps + 0.5) * fps / n


APPARENT_RATE = Exercise(
    motion_blur.apparent_rate,
    points=10,
    draw=draw_film,
    edges={
        "slow enough": {"n": 8, "R": 0.5, "fps": 24.0},
        "just below the standstill": {"n": 8, "R": 2.9, "fps": 24.0},
        "just above the second standstill": {"n": 8, "R": 6.2, "fps": 24.0},
        "one mark only": {"n": 1, "R": 20.0, "fps": 24.0},
        "really backwards": {"n": 5, "R": -4.0, "fps": 25.0},
        "really backwards, seen forwards": {"n": 6, "R": -3.5, "fps": 24.0},
    },
    mistakes=(
        Mistake(one_spoke, "All spokes look alike: how many times in one turn does the wheel look the same?"),
        Mistake(
            never_backwards, "Your wheel never turns backwards. Which of two turns does the eye choose, 350° or -10°?"
        ),
        Mistake(spokes_per_second, "That is in spokes a second. How many spokes make a turn?"),
        Mistake(
            first_alias_only,
            "Right near the first standstill only. What of a slow wheel, or one at the next standstill?",
        ),
        Mistake(
            no_direction,
            "Backwards and forwards differ: keep the sign. A real wave folds; does a wheel that has a direction?",
        ),
        Mistake(true_rate, "That is how fast it turns. How fast does it look, if the eye sees only every frame?"),
        Mistake(towards_zero, "Try a wheel that really turns backwards: what is the remainder of a negative number?"),
        Mistake(
            not_shifted_back,
            "A wheel at rest should seem to be at rest: what did you add before you took the remainder?",
        ),
        Mistake(multiplied_by_n, "From spokes a second to turns a second: more or fewer?"),
    ),
    alternatives=(nearest_standstill,),
)


# expose_moving_object: 12 points


def draw_scene(rng):
    shape = (int(rng.integers(2, 5)), int(rng.integers(6, 12)))
    return {
        "B": rng.random(shape),
        "o": rng.random(shape),
        "m": (rng.random(shape) * (rng.random(shape) < 0.6)),
        "L": int(rng.integers(2, 6)),
    }


def moved(u, k):
    return np.pad(u, ((0, 0), (k, 0)))[:, : u.shape[1]]


def box(u, L):
    return sum(moved(u, k) for k in range(L)) / L


def composite_blurred(B, o, m, L):
    return box(m * o + (1 - m) * B, L)


def background_by_the_first_mask(B, o, m, L):
    return (1 - m) * B + box(m * o, L)


def background_hidden_twice(B, o, m, L):
    return box(m * o, L) + (1 - m) * (1 - box(m, L)) * B


def light_added(B, o, m, L):
    return B + box(m * o, L)


def light_summed(B, o, m, L):
    return L * box(m * o, L) + (1 - L * box(m, L)) * B


def one_instant_missing(B, o, m, L):
    return box(m * o, max(L - 1, 1)) + (1 - box(m, max(L - 1, 1))) * B


def one_instant_more(B, o, m, L):
    return box(m * o, L + 1) + (1 - box(m, L + 1)) * B


def object_without_its_mask(B, o, m, L):
    return box(o, L) + (1 - box(m, L)) * B


def product_of_means(B, o, m, L):
    return box(m, L) * box(o, L) + (1 - box(m, L)) * B


def background_gone_where_it_passes(B, o, m, L):
    return box(m * o, L) + (box(m, L) == 0) * B


def smeared_both_ways(B, o, m, L):
    def both(u):
        wide = np.pad(u, ((0, 0), (L, L)))
        return np.mean([np.roll(wide, k - L // 2, axis=1)[:, L:-L] for k in range(L)], axis=0)

    return both(m * o) + (1 - both(m)) * B


def to_the_left(B, o, m, L):
    return expected_light(B[:, ::-1], o[:, ::-1], m[:, ::-1], L)[:, ::-1]


def expected_light(B, o, m, L):
    return box(m * o, L) + (1 - box(m, L)) * B


def rolled(B, o, m, L):
    def turn(u):
        return sum(np.roll(u, k, axis=1) for k in range(L)) / L

    return turn(m * o) + (1 - turn(m)) * B


def downwards(B, o, m, L):
    def fall(u):
        return sum(np.pad(u, ((k, 0), (0, 0)))[: u.shape[0]] for k in range(L)) / L

    return fall(m * o) + (1 - fall(m)) * B


def frame_by_frame(B, o, m, L):
    total = np.zeros(B.shape)
    for k in range(L):
        alpha = moved(m, k)
        total = total + alpha * moved(o, k) + (1 - alpha) * B
    return total / L


def opaque(shape, rows, cols):
    m = np.zeros(shape)
    m[rows, cols] = 1.0
    return m


ramp = np.linspace(0.2, 0.9, 24).reshape(3, 8)

EXPOSE_MOVING_OBJECT = Exercise(
    motion_blur.expose_moving_object,
    points=12,
    draw=draw_scene,
    edges={
        "white dot before black": {"B": np.zeros((3, 8)), "o": np.ones((3, 8)), "m": opaque((3, 8), 1, 2), "L": 4},
        "grey square before a ramp": {
            "B": ramp,
            "o": np.full((3, 8), 0.5),
            "m": opaque((3, 8), slice(0, 2), slice(1, 4)),
            "L": 3,
        },
        "shutter open for one instant": {"B": ramp, "o": 1 - ramp, "m": opaque((3, 8), 2, slice(3, 6)), "L": 1},
        "half-transparent object": {"B": ramp, "o": 1 - ramp**2, "m": 0.5 * opaque((3, 8), 1, slice(2, 5)), "L": 2},
        "it leaves the picture": {"B": ramp, "o": 1 - ramp, "m": opaque((3, 8), slice(0, 3), slice(6, 8)), "L": 8},
        "no object": {"B": ramp, "o": 1 - ramp, "m": np.zeros((3, 8)), "L": 5},
    },
    mistakes=(
        Mistake(composite_blurred, "You blurred the background too. Did it move?"),
        Mistake(
            background_by_the_first_mask,
            "Where the object was at first, the background is seen part of the time. Which mask knows for how long?",
        ),
        Mistake(
            background_hidden_twice,
            "The blurred mask already says how long the background is hidden: you hid it twice.",
        ),
        Mistake(light_added, "Where an opaque object passes, its light comes in the place of the background's."),
        Mistake(light_summed, "A longer exposure of a scene at rest must not make it brighter: is an exposure a sum?"),
        Mistake(one_instant_missing, "How many instants are there if the shutter opens at shift 0? Count both ends."),
        Mistake(one_instant_more, "With L = 1 nothing has moved yet. How many instants has your shutter?"),
        Mistake(object_without_its_mask, "The array o has values outside the object too. Which of them send light?"),
        Mistake(
            product_of_means,
            "The object carries its grey values along: does the mean of a product equal the product of means?",
        ),
        Mistake(
            background_gone_where_it_passes,
            "Where the object passes for a part of the time, what is seen for the rest of it?",
        ),
        Mistake(
            smeared_both_ways, "When the shutter opens the object has not moved yet: your smear begins too far left."
        ),
        Mistake(to_the_left, "Your object moves to the left."),
        Mistake(
            rolled, "What leaves at the right comes back at the left: np.roll wraps around. The object just leaves."
        ),
        Mistake(downwards, "Your object falls: row = y, so which axis is x?"),
    ),
    alternatives=(frame_by_frame,),
)


# wiener_deblur: 10 points


def draw_blurred(rng):
    y = rng.random(rng.integers(6, 12, size=2))
    h = rng.random((int(rng.integers(1, 4)), int(rng.integers(2, 6))))
    return {"y": y, "h": h / h.sum(), "nsr": float(np.exp(rng.uniform(-5, -1)))}


def transform(y, h):
    padded = np.zeros(y.shape)
    padded[: h.shape[0], : h.shape[1]] = h
    return np.fft.fft2(np.roll(padded, (-(h.shape[0] // 2), -(h.shape[1] // 2)), axis=(0, 1)))


def apply(y, factor):
    return np.fft.ifft2(np.fft.fft2(y) * factor).real


def not_conjugated(y, h, nsr):
    H = transform(y, h)
    return apply(y, H / (np.abs(H) ** 2 + nsr))


def modulus_on_top(y, h, nsr):
    H = transform(y, h)
    return apply(y, np.abs(H) / (np.abs(H) ** 2 + nsr))


def nsr_added_to_h(y, h, nsr):
    return apply(y, 1 / (transform(y, h) + nsr))


def square_not_of_the_modulus(y, h, nsr):
    H = transform(y, h)
    return apply(y, np.conj(H) / (H**2 + nsr))


def clipped_inverse(y, h, nsr):
    H = transform(y, h)
    return apply(y, np.conj(H) / np.maximum(np.abs(H) ** 2, nsr))


def nsr_squared(y, h, nsr):
    H = transform(y, h)
    return apply(y, np.conj(H) / (np.abs(H) ** 2 + nsr**2))


def root_of_nsr(y, h, nsr):
    H = transform(y, h)
    return apply(y, np.conj(H) / (np.abs(H) ** 2 + np.sqrt(nsr)))


def modulus_not_squared(y, h, nsr):
    H = transform(y, h)
    return apply(y, np.conj(H) / (np.abs(H) + nsr))


def plain_inverse(y, h, nsr):
    return apply(y, 1 / transform(y, h))


def blurred_once_more(y, h, nsr):
    return apply(y, transform(y, h))


def adjoint_only(y, h, nsr):
    return apply(y, np.conj(transform(y, h)))


def size_for_the_real_part(y, h, nsr):
    H = transform(y, h)
    return np.abs(np.fft.ifft2(np.fft.fft2(y) * np.conj(H) / (np.abs(H) ** 2 + nsr)))


def corner_not_centre(y, h, nsr):
    H = np.fft.fft2(h, y.shape)
    return apply(y, np.conj(H) / (np.abs(H) ** 2 + nsr))


def normal_equations(y, h, nsr):
    """Solve the same least-squares problem with matrices."""
    rows, cols = y.shape
    A = np.zeros((y.size, y.size))
    for (i, j), weight in np.ndenumerate(h):
        moved_by = np.roll(
            np.eye(y.size).reshape(rows, cols, -1), (i - h.shape[0] // 2, j - h.shape[1] // 2), axis=(0, 1)
        )
        A += weight * moved_by.reshape(y.size, -1)
    return np.linalg.solve(A.T @ A + nsr * np.eye(y.size), A.T @ y.ravel()).reshape(y.shape)


def half_spectrum(y, h, nsr):
    H = motion_blur.kernel_transfer(h, y.shape)
    return np.fft.irfft2(np.fft.rfft2(y) * H.conj() / (abs(H) ** 2 + nsr), y.shape)


spot = np.zeros((5, 9))
spot[2, 3] = 1.0

WIENER_DEBLUR = Exercise(
    motion_blur.wiener_deblur,
    points=10,
    draw=draw_blurred,
    edges={
        "nothing to undo": {"y": ramp, "h": np.array([[1.0]]), "nsr": 0.0},
        "nothing to undo, but noise": {"y": ramp, "h": np.array([[1.0]]), "nsr": 0.25},
        "a bright dot, blurred over 3": {"y": spot, "h": np.full((1, 3), 1 / 3), "nsr": 0.01},
        "exactly invertible": {"y": spot, "h": np.array([[0.2, 0.6, 0.2]]), "nsr": 0.0},
        "one-sided blur, half the light": {"y": spot, "h": np.array([[0.0, 0.0, 0.25, 0.15, 0.1]]), "nsr": 0.05},
        "even kernel, two rows": {"y": ramp, "h": np.array([[0.4, 0.3, 0.1, 0.0], [0.0, 0.1, 0.0, 0.1]]), "nsr": 0.1},
        "a frequency that is gone": {"y": ramp, "h": np.full((1, 4), 0.25), "nsr": 0.04},
    },
    mistakes=(
        Mistake(not_conjugated, "Your result is shifted twice as far as the blur did. What undoes a phase?"),
        Mistake(modulus_on_top, "You restored the contrast and left the shift: the phase of H must be undone too."),
        Mistake(
            nsr_added_to_h, "H is complex, so H + nsr may come near 0. Write the normal equation of least squares."
        ),
        Mistake(
            square_not_of_the_modulus,
            "H² is complex. What is minimised is a power: which square is real and never negative?",
        ),
        Mistake(
            clipped_inverse,
            "A floor is not a sum: where the blur left little, noise is still magnified. What does least squares give?",
        ),
        Mistake(nsr_squared, "nsr is a ratio of powers already."),
        Mistake(root_of_nsr, "nsr is a ratio of powers: in the denominator it stands beside one."),
        Mistake(modulus_not_squared, "With nsr = 0 the blur must be undone exactly. What is conj(H)/|H|?"),
        Mistake(plain_inverse, "Where is nsr? Dividing by small H magnifies noise without bound."),
        Mistake(blurred_once_more, "That blurs once more. With nsr = 0, what should a wave be multiplied by?"),
        Mistake(adjoint_only, "conj(H) undoes the phase. What restores the size?"),
        Mistake(
            corner_not_centre, "The middle of h stands for no shift: where must it lie in the array that you transform?"
        ),
    ),
    alternatives=(normal_equations, half_spectrum),
    rtol=1e-8,  # an alternative may solve the equations by another path; nsr magnifies rounding
)

check = checker(MTF, APPARENT_RATE, EXPOSE_MOVING_OBJECT, WIENER_DEBLUR)
