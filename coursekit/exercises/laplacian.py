"""The exercises of the lecture `laplacian`."""

import numpy as np

from coursekit import laplacian
from coursekit.checking import Exercise, Mistake, checker

__all__ = ["check"]


# laplacian_from_mean: 10 points


def draw_mean(rng):
    f0 = rng.normal()
    return {
        "f0": f0,
        "mean": f0 + rng.normal(),
        "r": rng.uniform(0.2, 2.0),
        "d": int(rng.integers(1, 8)),
        "region": str(rng.choice(["ball", "sphere"])),
    }


def centre_minus_mean(f0, mean, r, d, region):
    return (f0 - mean) * (2 * d if region == "sphere" else 2 * (d + 2)) / r**2


def sphere_always(f0, mean, r, d, region):
    return (mean - f0) * 2 * d / r**2


def ball_always(f0, mean, r, d, region):
    return (mean - f0) * 2 * (d + 2) / r**2


def regions_swapped(f0, mean, r, d, region):
    return (mean - f0) * (2 * d if region == "ball" else 2 * (d + 2)) / r**2


def half_the_value(f0, mean, r, d, region):
    return (mean - f0) * (d if region == "sphere" else d + 2) / r**2


def divided_by_r(f0, mean, r, d, region):
    return (mean - f0) * (2 * d if region == "sphere" else 2 * (d + 2)) / r


def one_dimension_always(f0, mean, r, d, region):
    return (mean - f0) * (2 if region == "sphere" else 6) / r**2


def not_solved_for_the_laplacian(f0, mean, r, d, region):
    return (mean - f0) * r**2 / (2 * d if region == "sphere" else 2 * (d + 2))


def mean_by_cases(f0, mean, r, d, region):
    return (mean - f0) / (r * r / {"ball": 2 * d + 4, "sphere": 2 * d}[region])


LAPLACIAN_FROM_MEAN = Exercise(
    laplacian.laplacian_from_mean,
    points=10,
    draw=draw_mean,
    edges={
        "bowl, circle": {"f0": 0.0, "mean": 0.25, "r": 0.5, "d": 2, "region": "sphere"},
        "bowl, disc": {"f0": 0.0, "mean": 0.125, "r": 0.5, "d": 2, "region": "ball"},
        "two points on a line": {"f0": 1.0, "mean": 0.7, "r": 2.0, "d": 1, "region": "sphere"},
        "interval on a line": {"f0": 1.0, "mean": 0.7, "r": 2.0, "d": 1, "region": "ball"},
        "sphere in five dimensions": {"f0": -1.0, "mean": 0.5, "r": 1.5, "d": 5, "region": "sphere"},
        "ball in space": {"f0": 2.0, "mean": 2.5, "r": 0.25, "d": 3, "region": "ball"},
        "mean equals centre": {"f0": 0.5, "mean": 0.5, "r": 0.25, "d": 3, "region": "ball"},
    },
    mistakes=(
        Mistake(centre_minus_mean, "At the bottom of a bowl, which is larger: the centre or the mean around it?"),
        Mistake(sphere_always, "Is your average over the surface or over the inside? The region should matter."),
        Mistake(ball_always, "Is your average over the inside or over the surface? The region should matter."),
        Mistake(regions_swapped, "For which region are the points farther from the centre? Compare with yours."),
        Mistake(half_the_value, "Expand f to second order: the quadratic term is ½ xᵀHx. Now average x₁²."),
        Mistake(divided_by_r, "What are the units of a second derivative, if x is measured in metres?"),
        Mistake(
            one_dimension_always,
            "The mean of x₁² over a ball or a sphere depends on d: where is d in your formula?",
        ),
        Mistake(
            not_solved_for_the_laplacian,
            "You have what the mean gains for a known Laplacian. Which one is unknown?",
        ),
    ),
    alternatives=(mean_by_cases,),
)


# laplacian5: 10 points


def draw_image(rng):
    return {"u": rng.normal(size=rng.integers(3, 9, size=2)), "h": rng.uniform(0.3, 3.0)}


def bright_pixel(shape, row, col):
    u = np.zeros(shape)
    u[row, col] = 1.0
    return u


def five_points(padded):
    sides = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    return sides - 4 * padded[1:-1, 1:-1]


def roll_wraps(u, h=1.0):
    sides = np.roll(u, 1, 0) + np.roll(u, -1, 0) + np.roll(u, 1, 1) + np.roll(u, -1, 1)
    return (sides - 4 * u) / h**2


def zeros_outside(u, h=1.0):
    return five_points(np.pad(u, 1)) / h**2


def reflects_about_the_border_pixel(u, h=1.0):
    return five_points(np.pad(u, 1, mode="reflect")) / h**2


def border_left_zero(u, h=1.0):
    result = np.zeros_like(u)
    result[1:-1, 1:-1] = five_points(u) / h**2
    return result


def border_cut_off(u, h=1.0):
    return five_points(u) / h**2


def not_divided(u, h=1.0):
    return five_points(np.pad(u, 1, mode="edge"))


def divided_by_h(u, h=1.0):
    return five_points(np.pad(u, 1, mode="edge")) / h


def multiplied_by_h2(u, h=1.0):
    return five_points(np.pad(u, 1, mode="edge")) * h**2


def opposite_sign(u, h=1.0):
    return -five_points(np.pad(u, 1, mode="edge")) / h**2


def centre_minus_eight(u, h=1.0):
    return (five_points(np.pad(u, 1, mode="edge")) - 4 * u) / h**2


def eight_neighbours(u, h=1.0):
    p = np.pad(u, 1, mode="edge")
    corners = p[:-2, :-2] + p[:-2, 2:] + p[2:, :-2] + p[2:, 2:]
    return (five_points(p) + corners - 4 * u) / h**2


def mean_of_the_neighbours(u, h=1.0):
    return five_points(np.pad(u, 1, mode="edge")) / (4 * h**2)


def gradient_twice(u, h=1.0):
    gy, gx = np.gradient(u, h)
    return np.gradient(gy, h, axis=0) + np.gradient(gx, h, axis=1)


def fluxes(u, h=1.0):
    """Differences between neighbours; none crosses the border."""
    down = np.pad(np.diff(u, axis=0), ((1, 1), (0, 0)))
    right = np.pad(np.diff(u, axis=1), ((0, 0), (1, 1)))
    return (np.diff(down, axis=0) + np.diff(right, axis=1)) / h**2


def pixel_by_pixel(u, h=1.0):
    rows, cols = u.shape
    result = np.zeros(u.shape)
    for i in range(rows):
        for j in range(cols):
            for k, m in [(i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)]:
                if 0 <= k < rows and 0 <= m < cols:
                    result[i, j] += (u[k, m] - u[i, j]) / h**2
    return result


LAPLACIAN5 = Exercise(
    laplacian.laplacian5,
    points=10,
    draw=draw_image,
    edges={
        "constant image": {"u": np.full((4, 7), 0.75), "h": 1.0},
        "3 x² - y², grid of 0.5": {
            "u": np.fromfunction(lambda i, j: 0.75 * j**2 - 0.25 * i**2, (5, 4)),
            "h": 0.5,
        },
        "bright pixel, h left out": {"u": bright_pixel((5, 3), 2, 1)},
        "bright corner, grid of 2": {"u": bright_pixel((4, 5), 0, 4), "h": 2.0},
        "ramp, smallest image": {"u": np.array([[0.0, 1, 2], [2, 3, 4], [4, 5, 6]]), "h": 1.0},
    },
    mistakes=(
        Mistake(
            roll_wraps,
            "Left edge sees right edge: np.roll wraps around. What does a pixel at the border have as its neighbour?",
        ),
        Mistake(zeros_outside, "A constant image must give 0 everywhere, also at the border."),
        Mistake(
            reflects_about_the_border_pixel,
            "The sum over the image should be 0. The border pixel is its own mirror image: which np.pad mode is that?",
        ),
        Mistake(
            border_left_zero,
            "The border pixels have a Laplacian too: what stands for the neighbour they lack?",
        ),
        Mistake(border_cut_off, "The result should have the image's shape: what stands for the neighbour outside?"),
        Mistake(not_divided, "Halve the grid: x² must still give 2. Where does h enter?"),
        Mistake(divided_by_h, "Halve the grid: x² must still give 2. With your power of h, does it?"),
        Mistake(
            multiplied_by_h2,
            "On a finer grid neighbours differ less. Should h make up for that, or add to it?",
        ),
        Mistake(
            opposite_sign,
            "At the bottom of a bowl the Laplacian is positive: what is the sign of the centre's weight?",
        ),
        Mistake(
            centre_minus_eight,
            "Add up the five weights. What must their sum be, so that a constant image gives 0?",
        ),
        Mistake(
            eight_neighbours,
            "Five points: only the neighbours that share a side with the pixel, not the corners.",
        ),
        Mistake(
            mean_of_the_neighbours,
            "Mean minus centre is in proportion, but not equal. What does it give for x²?",
        ),
        Mistake(
            gradient_twice,
            "np.gradient looks two pixels far, twice it looks four. Use the next neighbours only.",
        ),
    ),
    alternatives=(fluxes, pixel_by_pixel),
)


# heat_dt_max: 8 points


def draw_grid(rng):
    return {"h": rng.uniform(0.1, 4.0), "d": int(rng.integers(1, 8))}


def without_the_two(h, d):
    return h**2 / d


def first_power_of_h(h, d):
    return h / (2 * d)


def plane_always(h, d):
    return h**2 / 4


def line_always(h, d):
    return h**2 / 2


def constant_of_the_ball(h, d):
    return h**2 / (2 * (d + 2))


def halved_for_each_axis(h, d):
    return h**2 / 2**d


def no_change_of_sign(h, d):
    return h**2 / (4 * d)


def reciprocal_eigenvalue(h, d):
    return 2 / (4 * d * h**-2.0)


HEAT_DT_MAX = Exercise(
    laplacian.heat_dt_max,
    points=8,
    draw=draw_grid,
    edges={
        "line": {"h": 0.5, "d": 1},
        "plane": {"h": 1.0, "d": 2},
        "plane, fine grid": {"h": 0.25, "d": 2},
        "space": {"h": 3.0, "d": 3},
        "five dimensions": {"h": 2.0, "d": 5},
    },
    mistakes=(
        Mistake(without_the_two, "The fastest wave is multiplied by 1 - 4 d dt / h². How far below 0 may that go?"),
        Mistake(first_power_of_h, "Check the units: the heat equation equates 1/time with 1/length²."),
        Mistake(plane_always, "Right in the plane only: how many neighbours has a point in d dimensions?"),
        Mistake(line_always, "Right on a line only: how many neighbours has a point in d dimensions?"),
        Mistake(
            constant_of_the_ball,
            "That is the constant of the ball's mean. Ask for the stencil's largest eigenvalue.",
        ),
        Mistake(
            halved_for_each_axis,
            "Right for d = 1 and 2 by chance. Do the axes' eigenvalues add up or multiply?",
        ),
        Mistake(
            no_change_of_sign,
            "A wave that changes its sign in each step may still decay. How far may the factor go?",
        ),
    ),
    alternatives=(reciprocal_eigenvalue,),
)


# blob_scale: 12 points


def draw_blob(rng):
    return {
        "kind": str(rng.choice(["gauss", "ball"])),
        "size": rng.uniform(0.5, 20.0),
        "d": int(rng.integers(1, 8)),
    }


def same_as_the_size(kind, size, d):
    return size


def answer_of_the_plane(kind, size, d):
    return size if kind == "gauss" else size / np.sqrt(2)


def inverted_root(kind, size, d):
    return size * np.sqrt(d / 2 if kind == "gauss" else d)


def half_the_size(kind, size, d):
    return size / 2


def variance_returned(kind, size, d):
    return size**2 * (2 / d if kind == "gauss" else 1 / d)


def kinds_swapped(kind, size, d):
    return size * np.sqrt(1 / d if kind == "gauss" else 2 / d)


def root_forgotten(kind, size, d):
    return size * (2 / d if kind == "gauss" else 1 / d)


def one_factor_of_sigma(kind, size, d):
    return size / np.sqrt(d + 1)


def from_the_variance(kind, size, d):
    return (size * size * {"gauss": 2, "ball": 1}[kind] / d) ** 0.5


BLOB_SCALE = Exercise(
    laplacian.blob_scale,
    points=12,
    draw=draw_blob,
    edges={
        "Gaussian on a line": {"kind": "gauss", "size": 3.0, "d": 1},
        "Gaussian in the plane": {"kind": "gauss", "size": 6.0, "d": 2},
        "Gaussian in space": {"kind": "gauss", "size": 0.5, "d": 3},
        "interval": {"kind": "ball", "size": 4.0, "d": 1},
        "disc": {"kind": "ball", "size": 12.0, "d": 2},
        "ball in five dimensions": {"kind": "ball", "size": 0.8, "d": 5},
    },
    mistakes=(
        Mistake(
            same_as_the_size,
            "The best scale is not always the size: set the derivative of the response to 0.",
        ),
        Mistake(answer_of_the_plane, "Right in the plane only: d stands in the exponent of the response."),
        Mistake(
            inverted_root,
            "Is the best filter for a blob in many dimensions narrower or wider? Yours is upside down.",
        ),
        Mistake(half_the_size, "Half the size is a rule of thumb. Where is the derivative of the response 0?"),
        Mistake(variance_returned, "You solved for sigma². The answer should have the units of size."),
        Mistake(kinds_swapped, "Which of the two, a bump of SD 5 or a ball of radius 5, reaches farther out?"),
        Mistake(
            root_forgotten,
            "The units are right, the power of d is not: was it sigma or sigma² that you solved for?",
        ),
        Mistake(
            one_factor_of_sigma,
            "How many factors of sigma does a second derivative need to be free of units?",
        ),
    ),
    alternatives=(from_the_variance,),
)

check = checker(LAPLACIAN_FROM_MEAN, LAPLACIAN5, HEAT_DT_MAX, BLOB_SCALE)
