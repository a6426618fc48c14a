# ---
# jupyter:
#   coursekit:
#     slug: stein_shrinkage
#     title: Unrelated numbers help each other
#     question: Five unrelated numbers, each measured once. Can you do better, on the whole, than to report what you saw?
#     objectives:
#     - define admissibility, and strike an estimator that is dominated
#     - derive the James-Stein estimator by Stein's unbiased risk estimate (SURE)
#     - compute its exact risk, and say why two numbers are too few
#     - say which single coordinate pays for the gain of all
#     - let SURE choose a threshold where the truth is not known
#     needs:
#     - standard_error
#     minutes:
#       read: 35
#       exercises: 40
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Unrelated numbers help each other
#
# **Five unrelated numbers, each measured once. Can you do better, on the whole, than to report what you saw?**
#
# After this lecture you can
#
# - *define* admissibility, and *strike* an estimator that is dominated;
# - *derive* the James-Stein estimator by Stein's unbiased risk estimate (SURE);
# - *compute* its exact risk, and *say* why two numbers are too few;
# - *say* which single coordinate pays for the gain of all;
# - *let* SURE choose a threshold where the truth is not known.
#
# Needs: [lecture 1 (standard_error)](lec01_standard_error.ipynb), or the recap below. 35 minutes to read, 40 for the exercises; the cells take under 30 CPU seconds.

# %% slideshow={"slide_type": "skip"}
try:
    import numpy as np
    import pywt
    from skimage.data import camera

    from coursekit import data, figures, stein_shrinkage
    from coursekit.exercises.stein_shrinkage import check
except ModuleNotFoundError as missing:
    message = f"{missing}. Start the course with: python3 course.py start"
    missing._render_traceback_ = lambda: [message]
    raise
rng = np.random.default_rng(12)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["recap-needs"]
# ## Recap: an estimate is random
#
# From lecture 1. Measure again, and the estimate comes out different. Its *standard error* (SE) is the standard deviation of what might have come out; the
# mean of $n$ independent values of standard deviation $\sigma$ has $\text{SE} = \sigma/\sqrt n$. The expected squared error of an estimate is its variance plus the
# square of its bias, so a little bias may pay if it buys variance. A simulated average is uncertain too: differences below some four SE prove nothing.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. Five unrelated numbers
#
# The parallax of a star, the acidity of a river, the share of a party, a reaction time, the sag of a bridge. Each is measured once, as a deviation from what a handbook
# says and in units of its own error, so that all errors have $\sigma = 1$. We pay the sum of the five squared errors.
#
# **Predict:** the five have nothing to do with each other. Can any recipe beat reporting what we saw?

# %% slideshow={"slide_type": "subslide"}
truth = np.array([1.5, -0.5, 1.0, -2.0, 0.2])
y = truth + rng.standard_normal(5)
shown = {"seen": y, "shrunk": stein_shrinkage.james_stein(y, 1.0), "truth": truth}
fig, ax = figures.figure()
names = ["star", "river", "party", "reaction", "bridge"]
for (label, values), colour, marker in zip(shown.items(), ("orange", "blue", "black"), "os_", strict=True):
    ax.plot(names, values, marker, color=figures.COLOURS[colour], label=label, ms=9, mew=2.5)
ax.set(xlabel="quantity", ylabel="deviation / σ")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
figures.show(
    fig,
    alt="Five true values, what was seen of each, and the same numbers all moved towards zero by one common factor.",
    caption="All five are pulled towards 0 by the same factor, which is made from all five.",
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# One draw proves nothing, so repeat the five measurements a hundred thousand times and average the loss. The factor is $1 - 3/\lVert y\rVert^2$, with
# $\lVert y\rVert^2 = \sum y_i^2$: the longer the list of data, the less it is pulled. Where the 3 comes from is the subject of this lecture.

# %% slideshow={"slide_type": "fragment"}
for name, rule in [("seen", np.copy), ("shrunk", lambda y: (1 - 3 / (y @ y)) * y)]:
    result = stein_shrinkage.mc_risk(rule, truth, 1.0, 100_000, rng=rng)
    print(f"{name:>6}: mean sum of squared errors {result.risk:.1f}")

# %% [markdown] slideshow={"slide_type": "fragment"}
# You should see 5.0 and 4.0. A fifth of the error is gone, although the star knows nothing of the river. In 1956 Charles Stein showed that this happens
# *whatever the true values are*, as soon as there are three numbers or more.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 6 min.* Vote before the second cell: better, equal, impossible? Ask: why should the star care about the river? Wrong answer to expect: "the errors must be
# correlated". They are independent. What is shared is the bill: one sum of squares.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. When is an estimator worse than another?
#
# The *risk* of an estimator is its expected squared error, a function of the unknown $\theta$. One estimator *dominates* another if its risk is nowhere larger and somewhere
# smaller. What is dominated is *inadmissible*: strike it. An estimator may look at $y$, never at $\theta$; only its risk does.
#
# **Predict:** four rules for a single number $y$. Which can be struck?

# %% slideshow={"slide_type": "subslide"}
t = np.linspace(-1.5, 3, 91)
risks = {"y": 1 + 0 * t, "y + ½": 1.25 + 0 * t, "y / 2": 0.25 + t**2 / 4, "always 1": (t - 1) ** 2}
figures.show_curves(
    {name: (t, risk) for name, risk in risks.items()},
    x_label="true value θ / σ", y_label="risk / σ²",
    alt="Four risk curves: two flat ones, at 1 and at 1.25, and two parabolas that touch low values and then rise.",
    caption="One flat line lies above the other everywhere; the parabolas cross both.",
)

# %% slideshow={"slide_type": "subslide"}
grid = np.linspace(-3, 3, 7)[:, None]  # seven true values, in one dimension
for name, rule in [
    ("y + ½", lambda y: y + 0.5),
    ("y / 2", lambda y: y / 2),
    ("always 1", lambda y: 0 * y + 1),
]:
    result = stein_shrinkage.dominates(np.copy, rule, grid, 1.0, 2000, rng=rng)
    print(f"y dominates {name}: {result.holds}")

# %% [markdown] slideshow={"slide_type": "fragment"}
# Only $y+\tfrac12$ goes. The stopped clock that always says 1 stays: at $\theta = 1$ nobody is better. So admissible does not mean good; the notion weeds, it does not choose.
# And "halve everything", the naive way to shrink, fails visibly: it wins near 0 and loses without bound far away.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. One factor for all
#
# The remedy is a factor that looks at the data, and lets go where they are large. For $d$ numbers, in units of their noise, James and Stein (1961) take
#
# $$\hat\theta = \Bigl(1 - \frac{d-2}{\lVert y\rVert^2}\Bigr)\,y .$$
#
# It is one factor for all coordinates, near 1 where the data are long. What becomes of it where $\sigma\ne1$ is exercise 1. **Predict:** its risk as a function of $\lVert\theta\rVert$, beside the flat line of $y$ and the parabola of $y/2$.

# %% slideshow={"slide_type": "subslide"}
r = np.linspace(0, 6, 61)
risks = {
    "y": 5 + 0 * r,
    "y / 2": (5 + r**2) / 4,
    "James-Stein": 5 - 9 * stein_shrinkage.inverse_moment(5, r**2),
}
figures.show_curves(
    {name: (r, risk) for name, risk in risks.items()},
    x_label="length of θ / σ", y_label="risk / σ²",
    alt="Risk for five numbers: flat at 5 for y, a steep parabola for half of y, and a curve that rises from 2 towards 5 without reaching it.",
    caption="Half of y wins near 0 and loses without bound; James-Stein lies below the data everywhere.",
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is tempting to think** that an estimator with such a property cannot be beaten itself. But where $\lVert y\rVert^2 < d-2$ its factor is negative, and all signs are
# turned over. The *positive part*, which stops at 0, dominates it. At $\theta = 0$ the risk of James-Stein is exactly 2 whatever $d$ is; look at its rival.

# %% slideshow={"slide_type": "fragment"}
for d in (3, 5, 10, 50):
    plain = stein_shrinkage.js_risk(np.zeros(d), 1.0)
    # The factor of the positive part, a function of s = |y|².
    stopped = stein_shrinkage.radial_risk(
        lambda s, d: np.maximum(0, 1 - (d - 2) / s), d, 0.0, breaks=[d - 2]
    )
    print(f"d = {d:2}, at the origin: data {d}, James-Stein {plain:.3f}, positive part {stopped:.3f}")

# %% [markdown] slideshow={"slide_type": "fragment"}
# Even the positive part is inadmissible, though what beats it gains almost nothing. Why $d-2$? The function below takes $p\,(d-2)$ in its place, with any pull $p$. It gives the exact
# risk, as a share of the data's: against the length of $\theta$, and at one length against the pull.

# %% slideshow={"slide_type": "skip"}
lengths, pulls = np.linspace(0, 12, 121), np.linspace(0, 2.5, 51)


def pull_view(length, pull, d):
    # (1 - c/|y|²) y has the risk d + (c² - 2 c (d - 2)) E[1/|y|²]; here c = p (d - 2), all divided by d.
    gain = (d - 2) ** 2 / d * stein_shrinkage.inverse_moment(d, np.append(lengths, length) ** 2)
    curve, here = 1 + (pull**2 - 2 * pull) * gain[:-1], 1 + (pull**2 - 2 * pull) * gain[-1]
    return {
        "this pull": (lengths, curve),
        "at this length": (pulls, 1 + (pulls**2 - 2 * pulls) * gain[-1]),
        "here": ([length], [here]),
        "now": ([pull], [here]),
        "reading": f"the risk is {here:.2f} of the data's here, and {curve.max():.2f} of it at worst",
    }


# %% [markdown] slideshow={"slide_type": "subslide"}
# **Task:** find the largest pull that never loses, whatever the length. Then hunt for a length at which some other pull than 1 is the best.

# %% slideshow={"slide_type": "fragment"} tags=["interactive", "nbval-ignore-output"]
pull_explorer = figures.Interactive(
    pull_view,
    controls={
        "length": figures.Slider("length", 0.0, 12.0, 0.25, 3.0),
        "pull": figures.Slider("pull", 0.0, 2.5, 0.05, 1.0),
        "d": figures.Slider("dimension", 3, 40, 1, 10),
    },
    panels=[
        figures.Plot(
            "length of θ / σ", "risk / data's risk", (0, 12), (0, 1.8), lines=["this pull"],
            points=["here"], fixed={"data": (lengths, 1 + 0 * lengths)},
        ),
        figures.Plot(
            "pull p", "risk / data's risk", (0, 2.5), (0, 1.8), lines=["at this length"], points=["now"],
            fixed={"data": (pulls, 1 + 0 * pulls)},
        ),
    ],
    settings=[{"pull": 1.0}, {"pull": 2.2}, {"length": 0.0, "d": 40}],
    alt="Left, the risk over that of the data against the length of the truth; right, the same at one length against the pull.",
)
pull_explorer.show()

# %% [markdown] slideshow={"slide_type": "fragment"}
# The parabola on the right has its lowest point at $p = 1$ and returns to the data's risk at $p = 2$, for every length and every $d$. That is the whole theorem:
# one constant is best everywhere, so nobody has to know $\theta$ to choose it.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 12 min for parts 2 and 3.* Let somebody try to beat $p = 1$ by dragging the length. Ask: at a length of 12, why is the gain so small? Wrong answer to expect:
# "because the noise is smaller there". The noise is the same; the target 0 is far away, and the factor knows it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. Why: the data are too long
#
# On average $\lVert y\rVert^2 = \lVert\theta\rVert^2 + d$: noise points in all directions, nearly all of them away from $\theta$'s own. Put $\theta$ on the first axis; only
# the position along it and the distance from it matter.
#
# **Predict:** in fifty dimensions, where is the point of the line from 0 to $y$ that lies nearest to $\theta$?

# %% slideshow={"slide_type": "subslide"}
fig, axes = figures.figure(1, 2, height=3.6)
for ax, d in zip(axes, (2, 50), strict=True):
    along, off = 5 + rng.standard_normal(20_000), np.sqrt(rng.chisquare(d - 1, 20_000))
    ax.plot(along[:300], off[:300], ".", color="#AAAAAA", ms=4)
    middle = np.array([5, np.sqrt(d - 1)])
    for name, (x, h) in {"0": (0, 0), "θ": (5, 0), "y": middle, "foot": middle * 25 / (24 + d)}.items():
        ax.plot([x, 5 * (name == "foot")], [h, 0], "-o", color=figures.COLOURS["blue"])
        ax.annotate(
            name, (x, h), ({"0": -14, "foot": -34}.get(name, 9), 4), textcoords="offset points",
            fontweight="bold",
        )
    print(f"d = {d}: the mean of |y|² - |θ|² is {np.mean(along**2 + off**2) - 25:.0f}")
    ax.set(
        xlabel=f"along θ / σ, for d = {d}", ylabel="distance from its axis / σ",
        xlim=(-0.8, 9), ylim=(-0.5, 9.5), aspect="equal",
    )
figures.show(
    fig,
    alt="Two clouds of data, around a triangle of 0, a typical y and the truth: low for 2 dimensions, seven units above the axis for 50.",
    caption="In many dimensions all data lie on one shell, too far out; the best multiple of y is the foot of the perpendicular from θ.",
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The right triangle says that the best multiple is about $\lVert\theta\rVert^2/(\lVert\theta\rVert^2+d)$. It needs $\theta$, which no estimator may see. But the shell betrays
# the length: $\lVert y\rVert^2 - d$ estimates $\lVert\theta\rVert^2$, and the factor becomes $1 - d/\lVert y\rVert^2$. That is nearly James-Stein; the exact constant takes a proof.
# (The two axes also make simulation cheap: `mc_radial_risks` draws them instead of $d$ coordinates.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. The risk without knowing the truth
#
# Write any estimator as $y + g(y)$, with $y = \theta + z$ and $\sigma = 1$, and expand its loss:
#
# $$\lVert y + g - \theta\rVert^2 = \lVert z\rVert^2 + 2\,z\cdot g(y) + \lVert g(y)\rVert^2 .$$
#
# The first term has mean $d$, the last one can be computed from the data. Only the middle one seems to need $\theta$, because it needs $z$.

# %% [markdown] slideshow={"slide_type": "subslide"}
# Stein's identity removes it. The normal density $\varphi$ has $\varphi'(z) = -z\,\varphi(z)$, so an integration by parts gives $E[z_i\,g_i] = E[\partial g_i/\partial y_i]$: noise times change
# becomes a derivative. Summed over the coordinates,
#
# $$\text{risk} = E\bigl[\,d + \lVert g\rVert^2 + 2\,\mathrm{div}\,g\,\bigr].$$
#
# The bracket is SURE: an estimate of the risk without bias, and without $\theta$.

# %% [markdown] slideshow={"slide_type": "subslide"}
# Now try $g = -c\,y/\lVert y\rVert^2$. Its squared length is $c^2/\lVert y\rVert^2$. The divergence of $y/\lVert y\rVert^2$ is $(d-2)/\lVert y\rVert^2$: each of the $d$ coordinates gives
# $1/\lVert y\rVert^2$, and the shrinking denominator takes back two. Therefore
#
# $$\text{risk} = d + \bigl(c^2 - 2c\,(d-2)\bigr)\,E\bigl[1/\lVert y\rVert^2\bigr],$$
#
# least at $c = d-2$ and below $d$ for $0 < c < 2(d-2)$, at every $\theta$ alike. The implementation is one line:

# %% slideshow={"slide_type": "subslide"}
def shrink(y, c):
    return (1 - c / (y @ y)) * y


y = rng.standard_normal(9) + 1
print("agrees with coursekit:", np.allclose(shrink(y, 7), stein_shrinkage.james_stein(y, 1.0), rtol=1e-12))
estimate = stein_shrinkage.sure(y, shrink(y, 7) - y, -49 / (y @ y), 1.0)
print("SURE is 9 - 49 / |y|²:", np.isclose(estimate, 9 - 49 / (y @ y)))
far = stein_shrinkage.js_risk(np.full(9, 1000 / 3), 1.0)
print(f"known limit: 1000 SD away, nine numbers have the risk {far:.3f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# What is left is a mean that can be known exactly. $\lVert y\rVert^2$ is noncentral chi-squared: a chi-squared variable with $d + 2K$ degrees of freedom, where $K$ is Poisson with
# mean $\lVert\theta\rVert^2/2$. Each has $E[1/\chi^2_m] = 1/(m-2)$, so
#
# $$E\bigl[1/\lVert y\rVert^2\bigr] = E\Bigl[\frac{1}{d-2+2K}\Bigr].$$
#
# **Predict:** SURE never sees $\theta$. How far from the exact curve will it lie for single draws, and how far its averages over 400?

# %% slideshow={"slide_type": "subslide"}
r = np.linspace(0, 10, 21)
s = (r + rng.standard_normal((400, 21))) ** 2 + rng.chisquare(9, (400, 21))  # |y|² in ten dimensions
values = 10 - 64 / s  # d + |g|² + 2 div g for c = 8
exact = 10 - 64 * stein_shrinkage.inverse_moment(10, r**2)  # its mean
lines = {
    "exact risk": (r, exact),
    "mean SURE": (r, values.mean(axis=0)),
    "SURE, one draw each": (r, values[0]),
}
figures.show_curves(
    lines, x_label="length of θ / σ", y_label="risk / σ²",
    caption="SURE averages to the exact risk.",
    alt="A smooth curve rising from 2 towards 10, its average estimate on top of it, and a ragged one around them.",
)
print("all within 4.5 SE:", bool(np.all(np.abs(values.mean(axis=0) - exact) < 4.5 * values.std(axis=0) / 20)))

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 15 min for parts 4 and 5.* Do the integration by parts on the board, in one dimension. Ask: where does the proof need $d \ge 3$? Wrong answer to expect: "nowhere,
# for $d = 2$ the constant is just 0". The mean of $1/\lVert y\rVert^2$ must be finite first; that is the next part.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 6. Two numbers are too few
#
# **It is tempting to think** that two numbers will do with a smaller pull. But in the plane there is too much room near the origin: $E[1/\lVert y\rVert^2]$ is infinite, and so is the risk of every
# pull of the form $c/\lVert y\rVert^2$. A gentle factor such as $1 - 1/(1+\lVert y\rVert^2)$ stays finite.
#
# **Predict:** is its risk below 2 everywhere?

# %% slideshow={"slide_type": "subslide"}
r = np.linspace(0, 8, 81)
excess = [stein_shrinkage.radial_risk(lambda s, d: 1 - 1 / (1 + s), 2, length) - 2 for length in r]
figures.show_curves(
    {"gentle factor": (r, excess), "data": (r, 0 * r)},
    x_label="length of θ / σ", y_label="(risk - 2 σ²) / σ²",
    alt="The excess risk of the gentle factor starts at -0.9, crosses zero near 3 and stays slightly positive beyond.",
    caption="In two dimensions what is won near the origin is paid back, slowly, far away.",
)
print(
    f"excess at 0: {excess[0]:.3f}, at 2.9: {excess[29]:.3f}, at 3: {excess[30]:.3f}, at 4: {excess[40]:.3f}"
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# The curve crosses between 2.9 and 3: what is won near the origin is paid back far away, where most of the plane is. No cleverer shape helps: for one or two numbers, $y$ is admissible, as Stein proved
# as well. Three is the first dimension with so little room near a chosen point that aiming at it costs nothing elsewhere.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 7. Who pays
#
# **It is tempting to think** that if the total falls for every $\theta$, each number gains. It does not. Let nine of ten numbers be 0 and move the tenth away: it is pulled towards the others,
# and they are no longer pulled enough. The risk of a single coordinate has a closed form too.
#
# **Predict:** one number of ten lies at 5, and the data have risk 1 in each coordinate. What is its risk, and what is that of all ten together?

# %% slideshow={"slide_type": "subslide"}
noise, places = rng.standard_normal(20), np.linspace(0, 12, 61)


def outlier_view(place, d):
    others = np.zeros(d - 1)
    risks = np.array(
        [stein_shrinkage.js_coordinate_risks(np.append(a, others), 1.0) for a in [*places, place]]
    )
    seen, index = np.append(place, others) + noise[:d], np.arange(1, d + 1)
    return {
        "seen": (index, seen),
        "shrunk": (index, stein_shrinkage.james_stein(seen, 1.0)),
        "outlier": (places, risks[:-1, 0]),
        "each other": (places, risks[:-1, 1]),
        "here": ([place] * 2, risks[-1, :2]),
        "reading": f"the outlier's risk is {risks[-1, 0]:.2f}, each other's {risks[-1, 1]:.2f}, the total {risks[-1].sum():.2f}",
    }


print(outlier_view(5.0, 10)["reading"])

# %% [markdown] slideshow={"slide_type": "subslide"}
# The outlier's risk is 2.68 instead of 1, while the total falls from 10 to 7.96. The theorem speaks of the sum only. Whoever is judged by one coordinate, a patient or a player, may ask whose total
# is being made small.
#
# **Task:** find the position at which the outlier suffers most. How does it depend on $d$?

# %% slideshow={"slide_type": "fragment"} tags=["interactive", "nbval-ignore-output"]
outlier_explorer = figures.Interactive(
    outlier_view,
    controls={
        "place": figures.Slider("place", 0.0, 12.0, 0.25, 5.0),
        "d": figures.Slider("dimension", 3, 20, 1, 10),
    },
    panels=[
        figures.Plot(
            "coordinate", "one draw / σ", (0, 21), (-4, 15), points=["seen", "shrunk"], legend="upper right"
        ),
        figures.Plot(
            "outlier's true value / σ", "risk of one coordinate / σ²", (0, 12), (0, 8),
            lines=["outlier", "each other"], legend="upper right", points=["here"],
            fixed={"data": (places, 1 + 0 * places)},
        ),
    ],
    settings=[{"place": 0.0}, {"place": 5.0}, {"d": 20}],
    alt="Left, one draw of the coordinates as seen and as shrunk; right, the risk of the outlier and of each other coordinate against its position.",
)
outlier_explorer.show()

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 10 min for parts 6 and 7.* Ask: should a hospital's success rate be shrunk towards that of all hospitals? Wrong answer to expect: "yes, it is proved to be better". For the sum over hospitals,
# not for the remarkable one, which is the one we look at.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 8. Baseball, 1970
#
# Efron and Morris took the batting averages of 18 players after 45 at-bats, and predicted the rest of the season. Nothing is special about 0 here, so shrink towards the players' own mean $\bar y$: apply
# James-Stein to the deviations $y_i-\bar y$. The mean uses up one of the dimensions, which changes the constant (exercise 2). The noise is that of 45 tosses of a coin: $\sigma^2 = \bar y(1-\bar y)/45$.
#
# **Predict:** how many of the 18 move closer to their later average?

# %% slideshow={"slide_type": "subslide"}
early, late = data.baseball_1970()
shrunk = stein_shrinkage.james_stein_mean(early, np.sqrt(early.mean() * (1 - early.mean()) / 45))
averages = {
    name: (range(1, 19), x)
    for name, x in [("45 at-bats", early), ("shrunk", shrunk), ("rest of the season", late)]
}
fig, ax = figures.figure()
figures.curves(
    ax, averages, x_label="rank after 45 at-bats", y_label="batting average", marker="o"
).set_xticks(range(1, 19))
figures.show(
    fig,
    caption="Most of the early spread was luck.",
    alt="Early averages fall steeply from .400 to .156; the shrunk ones run almost flat, amid the scattered averages of the rest of the season.",
)

# %% slideshow={"slide_type": "subslide"}
before, after = ((early - late) ** 2).sum(), ((shrunk - late) ** 2).sum()
closer = np.sum(abs(shrunk - late) < abs(early - late))
print(f"squared error {before:.4f} -> {after:.4f}, ratio {before / after:.2f}; closer for {closer} of 18")
print(f"the best early hitter: {early[0]:.3f}, shrunk {shrunk[0]:.3f}, later {late[0]:.3f}")
x, later = (np.sqrt(45) * np.arcsin(2 * p - 1) for p in (early, late))
total = [((estimate - later) ** 2).sum() for estimate in (x, stein_shrinkage.james_stein_mean(x, 1.0))]
print(f"arcsine scale: {total[0]:.2f} -> {total[1]:.2f}; Efron and Morris (1975) print 17.56 -> 5.01")

# %% [markdown] slideshow={"slide_type": "fragment"}
# The error falls by a factor of 3.54, and 16 of 18 gain. On the arcsine scale, $\sqrt n\arcsin(2p-1)$, every average has nearly unit variance; the totals there are those of the paper up to
# its rounding. The best early hitter, Roberto Clemente, is pulled far below what he went on to do.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 9. A threshold for a photograph
#
# SURE works for any estimator with a derivative. Wavelet coefficients of a photograph are mostly near 0 with a few large ones, so one factor for all is a poor fit. *Soft thresholding* moves
# each coefficient towards 0 by $t$, and sets it to 0 where it would cross. So $g_i$ has the size $\min(|y_i|, t)$, and its derivative is $-1$ where the output is 0, elsewhere 0. That is all SURE needs
# (exercise 4).
#
# **Predict:** how near is the lowest point of SURE to the best threshold, which only the clean picture knows?

# %% slideshow={"slide_type": "subslide"}
photo = camera() / 255
noisy = photo + 0.1 * rng.standard_normal(photo.shape)
coarse, *details = pywt.wavedec2(noisy, "sym4", mode="periodization", level=4)
band, clean = (pywt.wavedec2(u, "sym4", mode="periodization", level=4)[-2][0] for u in (noisy, photo))
t = np.linspace(0, 0.4, 81)
estimate = np.array([stein_shrinkage.sure_soft(band.ravel(), x, 0.1) for x in t]) / band.size
loss = np.array([((stein_shrinkage.soft_threshold(band, x) - clean) ** 2).mean() for x in t])
figures.show_curves(
    {"SURE": (t, estimate), "true loss": (t, loss)},
    x_label="threshold t (grey level)", y_label="error per coefficient",
    alt="Two curves over the threshold that lie on top of each other, falling to a minimum and rising again.",
    caption="SURE follows the true loss without having seen the clean picture.",
)
print(f"SURE's choice costs less than 5 % more than the best: {loss[estimate.argmin()] < 1.05 * loss.min()}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# `sure_shrink` finds that minimum exactly with one sort, because SURE falls only at the $|y_i|$. Twelve bands get twelve thresholds. Rivals: one James-Stein factor for all bands, one for each,
# and the *universal* threshold $\sigma\sqrt{2\log n}$, which is large enough to remove noise from all $n$ pixels at once.
#
# **Predict:** which rule does worst?

# %% slideshow={"slide_type": "subslide"}
fine = np.concatenate([band.ravel() for level in details for band in level])
common = stein_shrinkage.james_stein(fine, 0.1)[0] / fine[0]
universal = 0.1 * np.sqrt(2 * np.log(photo.size))
rules = {
    "noisy": np.copy,
    "one factor": lambda b: common * b,
    "universal threshold": lambda b: stein_shrinkage.soft_threshold(b, universal),
    "one factor a band": lambda b: stein_shrinkage.james_stein_plus(b.ravel(), 0.1).reshape(b.shape),
    "one threshold a band": lambda b: stein_shrinkage.sure_shrink(b, 0.1).estimate,
}
pieces = {name: [coarse, *[tuple(map(rule, level)) for level in details]] for name, rule in rules.items()}
images = {name: pywt.waverec2(piece, "sym4", mode="periodization") for name, piece in pieces.items()}
figures.show_pictures(
    {name: images[name][40:240, 130:330] for name in ("noisy", "one factor a band", "one threshold a band")},
    alt="Three pieces of the photograph of a man with a camera: noisy, milder noise, and almost clean with soft edges.",
    caption="A threshold for each band removes what one factor must keep.",
)
for name, image in images.items():
    decibels = round(-20 * np.log10(((image - photo) ** 2).mean())) / 2
    print(f"{name:>20}: {decibels:.1f} dB, to the nearest half")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Thresholds chosen by SURE gain 7.5 dB over the noise, and 4 dB over one common factor. Groups matter: the coarse bands hold edges and want a small pull, the fine ones hold mostly noise and want a large
# one. What is shrunk together should be alike.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 10. A door: Tweedie's formula
#
# Suppose $\theta$ itself is drawn from some prior, and $p$ is the density of the noisy $y$. Then, whatever the prior,
#
# $$E[\theta\mid y] = y + \sigma^2\,\frac{d}{dy}\log p(y).$$
#
# The best estimate needs the slope of $\log p$, the *score*, which noisy data can teach. James-Stein is the case of a normal prior, with the score estimated as $-(d-2)\,y/\lVert y\rVert^2$.
# **Predict:** the best estimate if $\theta$ is $-2$ or $2$ with equal chance.

# %% slideshow={"slide_type": "subslide"}
y = np.linspace(-5, 5, 401)
density = np.exp(-((y - 2) ** 2) / 2) + np.exp(-((y + 2) ** 2) / 2)
best = stein_shrinkage.tweedie(y, np.gradient(np.log(density), y, edge_order=2), 1.0)
figures.show_curves(
    {"E[θ | y], by Tweedie": (y, best), "best single factor": (y, 0.8 * y), "y": (y, y)},
    x_label="observation y / σ", y_label="estimate / σ",
    alt="A steep S-shaped curve levelling off at -2 and 2, beside two straight lines.",
    caption="The score of the noisy data knows where the truth lives.",
)
print("equals 2 tanh(2y), the posterior mean:", np.allclose(best, 2 * np.tanh(2 * y), atol=0.002))

# %% [markdown] slideshow={"slide_type": "subslide"}
# Where $y$ may have come from either spike, the estimate hesitates; elsewhere it snaps to the nearer one. A network that learns the score of noisy images can therefore denoise them, and by denoising
# again and again it can draw new ones. That is lab 15 (diffusion), and this formula is the door to it.

# %% [markdown] slideshow={"slide_type": "fragment"}
# **When it fails.** One or two numbers cannot be helped. Pooling the unlike punishes the outlier, whatever the total says. If one error is much larger than the others, a common factor follows that one, and the risk
# may exceed that of the data. And $\sigma$ must be known, or estimated from data of its own.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 15 min for parts 8 to 10.* Ask before the baseball table: towards what would you shrink the two best hitters of 1970? Wrong answer to expect: "towards 0". Let the room derive why
# $d - 2$ becomes $d - 3$; that is exercise 2.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["recap"]
# ## What to remember
#
# 1. Inadmissible: another estimator's risk is nowhere larger and somewhere smaller. From three numbers on, $y$ is.
# 2. James-Stein: one factor for all, made from $\lVert y\rVert^2$; risk 2 at the origin whatever $d$, never above $d$.
# 3. SURE $= d\sigma^2 + \lVert g\rVert^2 + 2\sigma^2\,\mathrm{div}\,g$: the risk without the truth, by integration by parts.
# 4. The total gains, an outlier pays; shrink together what is alike.
# 5. Tweedie: the best estimate is $y$ plus variance times score.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercises"]
# ## Exercises
#
# Write each function in place of the `raise` line, run the cell, then the check below it. The check runs public cases and names the mistake that it recognises;
# grading draws other cases. Import nothing but numpy and scipy.
#
# *To predict first, ungraded:* three numbers are measured with $\sigma = 1, 1, 10$. Whose error decides the factor? *To break, ungraded:* find unequal noise levels and true values for which
# `james_stein`, given the average level as its `sigma`, does worse than the data.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 1: James and Stein (8 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def james_stein(y, sigma):
    """Return the James-Stein estimate, an array of the shape of y.

    y is an array of d >= 3 numbers, each measured once with a normal error of standard deviation sigma.
    Shrink towards 0, and do not stop there: where y is short the factor may be negative.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(james_stein)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 2: towards the mean (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def james_stein_mean(y, sigma):
    """Return the estimate that shrinks towards the mean of y, an array of the shape of y.

    y is an array of d >= 4 numbers, each measured once with a normal error of standard deviation sigma.
    Do not stop at the mean: where the numbers lie close together the factor may be negative.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(james_stein_mean)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 3: the exact risk (12 points)
#
# Add up a Poisson series, integrate, or look for `scipy.special.hyp1f1`; the length of theta is at most 20 sigma.

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def js_risk(theta, sigma):
    """Return the exact risk of the James-Stein estimate: the expected total squared error, a number.

    theta is an array of the d >= 3 true values; the errors have standard deviation sigma.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(js_risk)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 4: SURE for a soft threshold (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def sure_soft(y, t, sigma):
    """Return Stein's unbiased estimate of the total risk of soft thresholding the array y at t, a number.

    The errors have standard deviation sigma. An entry exactly at the threshold becomes 0, and counts as such.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(sure_soft)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["references"]
# ## Sources, and why to read them
#
# - W. James and C. Stein, "Estimation with quadratic loss", *Proc. Fourth Berkeley Symposium* 1 (1961): the estimator, in a few pages.
# - B. Efron and C. Morris, "Stein's paradox in statistics", *Scientific American* 236 (1977): the story and the objections, for everybody.
# - B. Efron and C. Morris, "Data analysis using Stein's estimator and its generalizations", *J. Amer. Statist. Assoc.* 70 (1975): the baseball table, and what to do when variances differ.
# - C. Stein, "Estimation of the mean of a multivariate normal distribution", *Ann. Statist.* 9 (1981): the identity, and SURE.
# - D. L. Donoho and I. M. Johnstone, "Adapting to unknown smoothness via wavelet shrinkage", *J. Amer. Statist. Assoc.* 90 (1995): thresholds by SURE, and when not to trust it.
# - B. Efron, "Tweedie's formula and selection bias", *J. Amer. Statist. Assoc.* 106 (2011): how the formula corrects the winners of a contest.
