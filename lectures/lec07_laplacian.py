# ---
# jupyter:
#   coursekit:
#     slug: laplacian
#     title: The Laplacian is a local mean
#     question: You may look at one pixel and at the average of its surroundings. Can you tell the sum of the second derivatives?
#     objectives:
#     - read the Laplacian as local mean minus centre, with the right constant for a ball or a sphere in any dimension
#     - write a discrete Laplacian whose border does no harm, and say how isotropic it is
#     - choose the scale at which a blob answers most strongly
#     - step the heat equation, and say when the steps explode
#     - fill a hole in a picture by repeated averaging
#     needs: []
#     minutes:
#       read: 30
#       exercises: 35
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # The Laplacian is a local mean
#
# **You may look at one pixel and at the average of its surroundings. Can you tell the sum of the second derivatives?**
#
# After this lecture you can
#
# - *read* the Laplacian as local mean minus centre, with the right constant in any dimension;
# - *write* a discrete Laplacian whose border does no harm, and *say* how isotropic it is;
# - *choose* the scale at which a blob answers most strongly;
# - *step* the heat equation, and *say* when the steps explode;
# - *fill* a hole in a picture by repeated averaging.
#
# Needs: nothing but second derivatives. 30 minutes to read, 35 for the exercises; the cells take under 30 CPU seconds.

# %% slideshow={"slide_type": "skip"}
try:
    import numpy as np
    from skimage import data

    from coursekit import figures, laplacian
    from coursekit.exercises.laplacian import check
except ModuleNotFoundError as missing:
    message = f"{missing}. Start the course with: python3 course.py start"
    missing._render_traceback_ = lambda: [message]
    raise
rng = np.random.default_rng(7)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. Two recipes, one picture
#
# For an image $f(x, y)$ the Laplacian is $\Delta f = \partial^2 f/\partial x^2 + \partial^2 f/\partial y^2$: how much the surface curves, summed
# over two directions. The textbook recipe adds up second differences, and looks as if it needed a coordinate system.
#
# The second recipe never differentiates. It takes the average over a small disc around each pixel and subtracts the pixel itself: surroundings
# minus centre. No axes, no limits, no derivatives.
#
# **Predict:** how different will the two maps look on a photograph?

# %% slideshow={"slide_type": "subslide"}
coins = data.coins()[:192, :192] / 255
second, surround = laplacian.laplacian5(coins), laplacian.disc_mean(coins, 1) - coins
figures.show_pictures(
    {"coins": coins, "second differences": second, "disc mean minus centre": surround},
    limits=[(0, 1), (-0.5, 0.5), (-0.1, 0.1)],
    alt="Three panels: a photograph of coins, and two grey maps with light and dark outlines of the coins that look the same.",
    caption="Adding second derivatives and comparing with the neighbours give the same picture.",
)
print(f"correlation of the two maps: {np.corrcoef(second.flat, surround.flat)[0, 1]:.3f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# You should see a correlation of 1.000: for the smallest disc the two recipes are the same map up to a constant. The rest of the lecture
# is about that constant, and about what one may do with "local mean minus centre" that one would not try with a derivative: find galaxies,
# sharpen the moon until it explodes, and repair a scratched photograph.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 4 min.* Hide the last panel and let the room vote: "same", "smoother", "unrelated". Ask: which of the two would you rather
# build in hardware? The eye chose the second.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. One dimension: the middle of a chord
#
# Join the curve's points at $x-h$ and $x+h$ by a chord. The middle of the chord is the average of the two neighbours, so the gap between
# chord and curve is "mean minus centre". Where the curve bends upwards the chord runs above it, and the gap is positive. Taylor's theorem says how large:
#
# $$\tfrac12\bigl(f(x+h)+f(x-h)\bigr) - f(x) = \tfrac{h^2}{2} f''(x) + O(h^4).$$
#
# The slope $f'(x)$ has gone: a straight line equals its own mean. Divide the gap by $h^2/2$ for smaller and smaller $h$.

# %% slideshow={"slide_type": "fragment"}
h = np.array([0.4, 0.2, 0.1])
gap = (np.sin(1 + h) + np.sin(1 - h)) / 2 - np.sin(1)
print("gap / (h²/2):", np.round(gap / (h**2 / 2), 4), "  f''(1) =", round(-np.sin(1), 4))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. The same sentence in every dimension
#
# Let $f$ live in $\mathbb{R}^d$ and average it over a ball of radius $r$ around $x$, or over the sphere that bounds it. Expand $f$ to second
# order: odd terms cancel by symmetry, mixed terms too, and what is left is the average of $x_1^2$ times $\tfrac12\Delta f$:
#
# $$\text{mean} - f(x) = \frac{r^2}{2d}\,\Delta f \ \text{(sphere)}, \qquad \frac{r^2}{2(d+2)}\,\Delta f \ \text{(ball)},$$
#
# up to terms of order $r^4$. So the average over a ball, which anybody can take without knowing calculus, measures the Laplacian; all that
# depends on the dimension is the constant. Below, a hundred thousand random points in space stand for the average. A cosine wave is a
# good test, because its Laplacian at the crest is known.

# %% slideshow={"slide_type": "subslide"}
def wave(x):  # on R^3; its Laplacian at the origin is -3
    return np.cos(x[:, 0] + x[:, 1] - x[:, 2])


for region in ("sphere", "ball"):
    sampled = laplacian.ball_mean(wave, np.zeros(3), 0.1, 3, 100_000, region, rng=rng)
    estimate = laplacian.laplacian_from_mean(1.0, sampled.mean, 0.1, 3, region)
    print(f"{region:>6}: {estimate:.1f} from 100 000 values of f, no derivative taken")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is tempting to think** that an average is an average, and to use $2d$ for both. The sphere has all its points at distance $r$, the ball
# has most of them nearer, so its mean moves less. In one dimension the mistake costs a factor of 3, in the plane a factor of 2. In high dimensions, where
# a ball is nearly all surface, it costs almost nothing: **predict** the four numbers before you run the cell.

# %% slideshow={"slide_type": "fragment"}
for d in (1, 2, 3, 100):
    mean = laplacian.plane_wave_mean(1.0, 0.01, d, "ball")
    wrong = 2 * d * (mean - 1) / 0.01**2
    print(f"d = {d:3}: true Laplacian -1, ball mean with the sphere's constant {wrong:.2f}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. For waves the whole series is known
#
# The wave $\cos(k\cdot x)$ has $\Delta f = -|k|^2 f$, and its means are Bessel functions: over the sphere
#
# $$\Gamma(\tfrac d2)\Bigl(\frac{2}{kr}\Bigr)^{d/2-1} J_{d/2-1}(kr),$$
#
# over the ball the same with $d+2$ in the place of $d$. So we can watch the average pull away from the centre value without any error but rounding.
# The function below computes, for one radius, the mean, and for all radii the distance between mean and centre beside its first term.

# %% slideshow={"slide_type": "skip"}
radii = np.geomspace(0.05, 3.0, 60)
x = np.linspace(-3, 3, 200)


def ball_view(r, d, region):
    gaps = 1 - laplacian.plane_wave_mean(1.0, radii, d, region)
    gap = 1 - laplacian.plane_wave_mean(1.0, r, d, region)
    first = 1 / (2 * d) if region == "sphere" else 1 / (2 * (d + 2))
    return {
        "mean": ([-r, r], [1 - gap, 1 - gap]),
        "at this radius": ([r], [gap]),
        "centre minus mean": (radii, gaps),
        "first term": (radii, radii**2 * first),
        "reading": f"the mean lies {gap:.4f} below the centre value 1; the first term says {r**2 * first:.4f}",
    }


# %% [markdown] slideshow={"slide_type": "subslide"}
# Move the radius and watch the bar, which is the mean over the ball, sink below the crest.
#
# **Task:** find the radius at which the first term of the series is too large by half. Is it the same for ball and sphere? For one dimension and for ten?

# %% slideshow={"slide_type": "fragment"} tags=["interactive", "nbval-ignore-output"]
ball_explorer = figures.Interactive(
    ball_view,
    controls={
        "r": figures.Slider("radius r", 0.05, 3.0, 0.05, 1.0),
        "d": figures.Slider("dimension d", 1, 10, 1, 2),
        "region": figures.Choice("region", ["ball", "sphere"], "ball"),
    },
    panels=[
        figures.Plot("x", "cos x", (-3, 3), (-1.1, 1.2), lines=["mean"], fixed={"wave": (x, np.cos(x))}),
        figures.Plot(
            "radius r", "distance", (0.05, 3), (1e-4, 6), lines=["centre minus mean", "first term"],
            points=["at this radius"], x_scale="log", y_scale="log",
        ),
    ],
    settings=[{"r": 0.5, "region": "ball"}, {"r": 2.5, "region": "ball"}, {"r": 2.5, "region": "sphere"}],
    alt="Left, a cosine with its average over a ball drawn as a bar below its top; right, the distance against the radius on log axes.",
)
ball_explorer.show()

# %% [markdown] slideshow={"slide_type": "subslide"}
# On logarithmic axes the distance is a line of slope 2, until the wave bends away. Subtract the first term, and what is left has slope 4:
# there is no third-order term, because odd powers cancel on a ball.

# %% slideshow={"slide_type": "fragment"}
small = np.array([0.1, 0.2])
gaps = 1 - laplacian.plane_wave_mean(1.0, small, 2, "ball")
rest = small**2 / 8 - gaps
print(f"slope of the distance: {np.diff(np.log(gaps))[0] / np.log(2):.2f}")
print(f"slope of what the first term leaves: {np.diff(np.log(rest))[0] / np.log(2):.2f}")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 14 min for parts 2 to 4.* Let somebody drag the radius past 2.4 with $d = 2$: the sphere mean crosses zero at the first zero
# of $J_0$. Ask: why must the ball's zero come later? Wrong answer to expect: "because the ball has more points".

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. Pixel discs lie
#
# On a grid a "disc of radius 1" is five pixels: a centre and four neighbours. The continuous constant $r^2/8$ says that its mean moves by
# one eighth of $\Delta f$. But four of the five pixels lie at distance 1, on the rim, so it must move more. The true constant of a
# symmetric set of pixels is half the mean of $x_1^2$ over the set, whatever its shape.
#
# **Predict:** for which radii is $r^2/8$ good enough?

# %% slideshow={"slide_type": "subslide"}
radii_px = np.arange(1, 13, 0.5)
ratio = [laplacian.disc_constant(r) / (r**2 / 8) for r in radii_px]
figures.show_curves(
    {"pixel disc": (radii_px, ratio), "continuous disc": (radii_px, np.ones(24))},
    x_label="radius (pixels)", y_label="constant / (r²/8)",
    alt="The ratio of the pixel disc's constant to r squared over 8 starts at 1.6 and wobbles down towards 1.",
    marker=".",
    caption="The pixel disc's constant wobbles about the continuous one, and is 60 % off at radius 1.",
)
print(
    f"radius 1: {laplacian.disc_constant(1):.3f} where r²/8 is {1 / 8:.3f}; "
    f"radius 12: ratio {laplacian.disc_constant(12) / 18:.3f}"
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# At radius 1 the constant is 0.200, not 0.125. This is why part 1 compared maps up to a factor, and it is a good habit: calibrate
# a discrete operator on $x^2$ before you trust a formula from the continuum.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 6. Two stencils, and which way they face
#
# The five-point stencil subtracts the centre from its four neighbours. The nine-point one, $\tfrac16[1\,4\,1;\ 4\,{-20}\,4;\ 1\,4\,1]$, listens to the corners
# too. On a wave of frequency $(\omega_x, \omega_y)$ a stencil multiplies by its *symbol*; the true Laplacian multiplies by $-(\omega_x^2+\omega_y^2)$.
# **Predict:** in which directions does the five-point stencil do worst?

# %% slideshow={"slide_type": "subslide"}
stencils = {"five points": laplacian.FIVE_POINT, "nine points": laplacian.NINE_POINT}
w = np.linspace(-2, 2, 160)[:, None]  # even, so that no pixel has frequency 0
errors = {name: 1 + laplacian.stencil_symbol(k, w, w.T) / (w**2 + w.T**2) for name, k in stencils.items()}
figures.show_pictures(
    errors, limits=(0, 0.4), cmap="viridis", colour_bar="relative error",
    alt="Maps of relative error over frequency: a four-leaved shape for five points, round rings for nine points.",
    caption="The five-point error depends on direction; the nine-point error is round: it blurs, but has no preferred axis.",
)
for name, kernel in stencils.items():
    difference = abs(laplacian.anisotropy(kernel, 0.5))
    print(f"{name}: axis and diagonal differ by {difference:.1e} at frequency 0.5")

# %% [markdown] slideshow={"slide_type": "subslide"}
# The five-point stencil is worst along the axes and best on the diagonals. The nine-point stencil is a hundred times more isotropic at this frequency, although its error is
# as large: its leading error is $\tfrac{1}{12}\Delta^2 f$, which is itself rotation-invariant. Now the short implementation, with a border that does no harm:
# beyond it, each border pixel sees itself, so that nothing flows out of the picture.

# %% slideshow={"slide_type": "fragment"}
def short_laplacian(u):
    p = np.pad(u, 1, mode="edge")
    return p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:] - 4 * u


moon = data.moon()[:256, :256] / 255
difference = np.abs(short_laplacian(moon) - laplacian.laplacian5(moon)).max()
print(f"largest difference from coursekit: {difference:.0e}")
print(f"sum over the picture is zero: {abs(short_laplacian(moon).sum()) < 1e-9}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is tempting to think** that `np.roll` is the same and shorter. It ties the left edge to the right one: a ramp, whose Laplacian is zero,
# gets a cliff at the seam. (The reflecting border bends it a little: no heat can leave.)

# %% slideshow={"slide_type": "fragment"}
ramp = np.tile(np.arange(6.0), (4, 1))
rolled = sum(np.roll(ramp, shift, axis) for axis in (0, 1) for shift in (-1, 1)) - 4 * ramp
print("np.roll, one row:", rolled[1].astype(int), "  edge border:", short_laplacian(ramp)[1].astype(int))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 7. The eye does it, at a scale
#
# A ganglion cell of the retina compares a small centre with a larger surround: a difference of Gaussians (DoG). Because
# $\partial G_\sigma/\partial\sigma = \sigma\,\Delta G_\sigma$, two Gaussians $G_\sigma$ of nearly equal widths differ by a Laplacian of a Gaussian (LoG).
#
# **Predict:** how near must the widths $\sigma$ and $k\sigma$ be, before you can no longer see the difference?

# %% slideshow={"slide_type": "subslide"}
x = np.linspace(-4, 4, 161)
fig, axes = figures.figure(1, 2)
for ax, k in zip(axes, (1.6, 1.2), strict=True):
    dog = laplacian.dog_profile(x, 1.0, k, 2)
    log = (k**2 - 1) / (k**2 + 1) * laplacian.log_profile(x, np.sqrt((1 + k**2) / 2), 2)
    figures.curves(
        ax, {"DoG": (x, dog), "LoG": (x, log)}, x_label="distance / σ", y_label="weight", title=f"k = {k}"
    )
    print(f"k = {k}: relative difference {np.linalg.norm(dog - log) / np.linalg.norm(log):.2f}")
figures.show(
    fig,
    alt="Mexican hats: a difference of Gaussians beside the Laplacian of a Gaussian, close for k = 1.6, on top of each other for 1.2.",
    caption="The nearer the two widths, the better the difference of Gaussians agrees with the Laplacian of a Gaussian.",
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Which width should the filter have? Its response to any blob fades as $\sigma$ grows, because derivatives of a blurred picture are small. Multiply by
# $\sigma^2$, so that the units cancel, and the response peaks at the blob's *own* scale. In the plane that is $\sigma = s$ for a Gaussian blob of standard
# deviation $s$, and $\sigma = R/\sqrt2$ for a disc of radius $R$.
#
# **Predict:** the disc below has twice the size of the Gaussian blob. Where do the two humps lie?

# %% slideshow={"slide_type": "subslide"}
yy, xx = np.mgrid[-40:41, -40:41]
scales = np.geomspace(2, 24, 40)
things = {
    "Gaussian, s = 6": np.exp(-(xx**2 + yy**2) / 72),
    "disc, R = 12": (xx**2 + yy**2 <= 144).astype(float),
}
responses = {name: (scales, laplacian.scale_response(u, 40, 40, scales)) for name, u in things.items()}
figures.show_curves(
    responses, x_label="scale σ (pixels)", y_label="response σ²|LoG|",
    alt="Two humps over scale: the Gaussian blob's peaks near 6 pixels, the disc's near 8.5.",
    caption="The peak tells the size: at s for the Gaussian, at R/√2 for the disc.",
)
peaks = (6.0, laplacian.blob_scale("ball", 12, 2))
for (name, (_, response)), peak in zip(responses.items(), peaks, strict=True):
    close = abs(scales[response.argmax()] / peak - 1) < 0.05
    print(f"{name}: expected {peak:.2f} pixels, found within 5 %: {close}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Now search a whole photograph, over space and scale together, for places where the response is larger than at all neighbours. The Hubble deep field
# holds galaxies of many sizes, and nobody tells the filter how large they are. **Predict:** which galaxies will one filter of a fixed width miss?

# %% slideshow={"slide_type": "subslide"}
sky = data.hubble_deep_field()[:400, :400].mean(axis=2) / 255
found = laplacian.blobs(sky, np.geomspace(2, 12, 8), 0.12)
fig = figures.pictures({"sky": sky, f"{len(found)} blobs, circles of radius σ√2": sky}, height=3.8)
angle = np.linspace(0, 2 * np.pi, 40)
for row, column, sigma, _ in found:
    r = sigma * np.sqrt(2)
    fig.axes[1].plot(column + r * np.cos(angle), row + r * np.sin(angle), color="#E69F00", linewidth=1)
figures.show(
    fig,
    alt="A deep-sky photograph, and the same with orange circles around its galaxies, each about as large as its galaxy.",
    caption="Each circle was sized by the peak over scale alone.",
)
print(f"{len(found)} blobs, sigma from {found[:, 2].min():.1f} to {found[:, 2].max():.1f} pixels")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 15 min for parts 5 to 7.* Ask before the sky: what would one fixed scale miss? Wrong answer to expect: "small ones"; it misses large ones
# too. The factor √2 between the two peaks is exercise 4.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 8. Forwards it blurs, backwards it explodes
#
# The heat equation $\partial u/\partial t = \Delta u$ moves each pixel towards the mean of its neighbours. Run it backwards, with negative steps, and each pixel
# moves *away* from its neighbours' mean. At first that sharpens. Then it amplifies the finest ripples beyond all bounds, because the fastest wave grows fastest.
# The function below takes steps of at most 0.2 in either direction.

# %% slideshow={"slide_type": "skip"}
crater = moon[96:224, 96:224]


def heat_view(t):
    n_steps = max(1, int(np.ceil(abs(t) / 0.2)))
    u = laplacian.heat_flow(crater, t / n_steps, n_steps)
    row = np.arange(crater.shape[1])
    return {
        "u": u,
        "row 86": (row, u[86]),
        "reading": f"contrast (SD over the start's) {u.std() / crater.std():.2f}",
    }


# %% [markdown] slideshow={"slide_type": "fragment"}
# **Task:** find the earliest time (the most negative $t$) at which the picture still looks better to you than at $t = 0$. Then look at the row of grey values,
# and say what the picture has not told you.

# %% slideshow={"slide_type": "fragment"} tags=["interactive", "nbval-ignore-output"]
heat_explorer = figures.Interactive(
    heat_view,
    controls={"t": figures.Slider("time t", -1.6, 6.0, 0.1, 0.0)},
    panels=[
        figures.Picture("u", "the picture at time t", limits=(0.25, 0.65)),
        figures.Plot(
            "column (pixels)", "grey value", (0, 127), (0.2, 0.7), lines=["row 86"], legend="upper left",
            fixed={"row 86 at t = 0": (np.arange(128), crater[86])},
        ),
    ],
    settings=[{"t": 4.0}, {"t": -0.4}, {"t": -1.6}],
    alt="Left, a piece of the moon after heat flow for time t; right, grey values along one row, smooth forwards and jagged backwards.",
)
heat_explorer.show()

# %% [markdown] slideshow={"slide_type": "subslide"}
# Forwards the steps can explode too, if they are too long. The five-point stencil's largest eigenvalue is $8/h^2$, so one step multiplies the checkerboard by
# $1 - 8\,dt/h^2$: beyond $dt = h^2/4$ its size grows. In $d$ dimensions the limit is $h^2/(2d)$.
#
# **Predict:** what do a hundred steps of $dt = 0.26$, four per cent beyond the limit, do to a picture?

# %% slideshow={"slide_type": "subslide"}
histories = {}
for dt in (0.24, 0.25, 0.26):
    u = crater + 0.01 * np.random.default_rng(8).standard_normal(crater.shape)
    history = [(u := laplacian.heat_step(u, dt)).std() for _ in range(100)]
    histories[f"dt = {dt}"] = (np.arange(1, 101), history)
figures.show_curves(
    histories, x_label="steps", y_label="SD of the picture", y_scale="log",
    alt="The SD of the picture falls slowly for steps of 0.24 and 0.25 and grows without bound for 0.26.",
    caption="Four per cent beyond the limit, and after a few dozen steps the checkerboard takes over.",
)
print(
    f"limit in the plane: {laplacian.heat_dt_max(1, 2)}; "
    f"checkerboard's growth at 0.26: {abs(1 - 8 * 0.26):.2f} a step"
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 9. Zero Laplacian everywhere: fill a hole
#
# A function whose Laplacian vanishes equals its own local mean at each point: it has no bumps, and no point inside is higher or lower than all
# of the border. To fill a hole in a picture, keep the pixels around it fixed, replace each one inside by the mean of its neighbours, and repeat until
# nothing moves. **Predict:** what will come back, and what is lost?

# %% slideshow={"slide_type": "subslide"}
hole = np.zeros(coins.shape, dtype=bool)
hole[70:78, 20:170] = hole[20:170, 110:118] = True
result = laplacian.harmonic_fill(coins * ~hole, hole)
figures.show_pictures(
    {"damaged": coins * ~hole, "filled": result.image, "original": coins},
    alt="Coins with two black bars across them, the same with the bars filled smoothly, and the original.",
    caption="The fill is smooth and stays between the values around the hole; texture inside it is lost.",
)
error = np.abs(result.image - coins)[hole].max()
print(f"converged: {result.converged}; largest error inside the hole {error:.1f} of full contrast")

# %% [markdown] slideshow={"slide_type": "fragment"}
# The background comes back, because it is smooth; the embossed faces do not. Nothing here used the grid but the word "neighbours". Put weights on the edges of
# any graph, and the weighted mean over neighbours minus the centre is the *graph Laplacian*; lecture 10 (sinkhorn) makes such weights from a photograph.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **When it fails.** The Laplacian is blind to anything harmonic: a ramp, a saddle $x^2 - y^2$, any shading that equals its own mean. And it amplifies
# noise: independent noise of SD 1 leaves the five-point stencil with the root of $4^2 + 4\cdot 1$, about 4.5. This is why part 7 smooths first, and why
# nobody runs the heat equation backwards for long.

# %% slideshow={"slide_type": "fragment"}
saddle = (xx**2 - yy**2) / 100
noise = rng.standard_normal((500, 500))
interior = laplacian.laplacian5(saddle)[1:-1, 1:-1]
print(f"saddle: zero Laplacian in the interior: {np.abs(interior).max() < 1e-12}")
print(f"noise of SD 1 becomes noise of SD {laplacian.laplacian5(noise).std():.1f}")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 12 min for parts 8 and 9.* Ask: what is the longest step in one dimension, and in three? Wrong answer to expect: "always a quarter". Let the
# room find a picture that harmonic filling restores exactly (any ramp).

# %% [markdown] slideshow={"slide_type": "slide"} tags=["recap"]
# ## What to remember
#
# 1. Laplacian = (local mean − centre) × constant: $2d/r^2$ on a sphere, $2(d+2)/r^2$ on a ball.
# 2. Calibrate a discrete mean on $x^2$; the pixel disc of radius 1 has 0.200, not 0.125.
# 3. Five points see axes and diagonals differently; nine points do not.
# 4. $\sigma^2$ LoG peaks at a blob's own scale.
# 5. Forwards in time it averages (step below $h^2/2d$), backwards it explodes; at rest it fills holes.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercises"]
# ## Exercises
#
# Write each function in place of the `raise` line, run the cell, then the check below it. The check runs public cases and names the mistake that it recognises;
# grading draws other cases. Import nothing but numpy.
#
# *To predict first, ungraded:* what does `laplacian5` make of a picture of pure noise of SD 1? *To break, ungraded:* find a picture for which
# `harmonic_fill` is as wrong as it can be.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 1: from a mean to the Laplacian (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def laplacian_from_mean(f0, mean, r, d, region):
    """Estimate the Laplacian of f at a point of R^d.

    f0 is the value at the point; mean is the average of f over the ball of radius r around it
    (region "ball") or over the sphere that bounds it (region "sphere").
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(laplacian_from_mean)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 2: the five-point Laplacian (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def laplacian5(u, h=1.0):
    """Return the five-point Laplacian of the image u (H, W), pixel distance h, same shape.

    The border reflects: beyond it each border pixel sees its own value again.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(laplacian5)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 3: the longest step (8 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def heat_dt_max(h, d):
    """Return the longest stable time step of the explicit heat equation.

    The grid has spacing h in each of its d dimensions; the stencil is the centre with its 2 d neighbours.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(heat_dt_max)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 4: the scale of a blob (12 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def blob_scale(kind, size, d):
    """Return the sigma at which sigma^2 |LoG| answers most strongly at the centre of a blob in R^d.

    kind "gauss": a Gaussian blob of standard deviation size; kind "ball": a solid ball of radius size.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(blob_scale)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["references"]
# ## Sources, and why to read them
#
# - L. C. Evans, *Partial Differential Equations*, section 2.2: the mean-value property, proved in one page, and all that follows from it.
# - D. Marr and E. Hildreth, "Theory of edge detection", *Proc. R. Soc. B* 207 (1980): centre and surround as a Laplacian of a Gaussian.
# - T. Lindeberg, "Feature detection with automatic scale selection", *Int. J. Computer Vision* 30 (1998): why the factor σ², and what else peaks.
# - M. Patra and M. Karttunen, "Stencils with isotropic discretization error for differential operators", *Numer. Methods Partial Differ. Equ.* 22 (2006): stencils beyond nine points.
