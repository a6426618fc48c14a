# ---
# jupyter:
#   coursekit:
#     slug: standard_error
#     title: How sure is a mean?
#     question: Two papers measured the same river, and one error bar is ten times as long as the other. Which of them is wrong?
#     objectives:
#     - tell the spread of the data (SD) from the error of their mean (SE)
#     - give the standard error of a mean, a standard deviation and a median
#     - give the error of an error bar, and an honest interval for a small sample
#     - correct a standard error for neighbours that repeat each other
#     - read error bars on a plot
#     needs: []
#     minutes:
#       read: 30
#       exercises: 30
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # How sure is a mean?
#
# **Two papers measured the same river, and one error bar is ten times as long as the other. Which of them is wrong?**
#
# After this lecture you can
#
# - *tell* the spread of the data (SD) from the error of their mean (SE);
# - *give* the standard error of a mean, a standard deviation and a median;
# - *give* the error of an error bar, and an honest interval for a small sample;
# - *correct* a standard error for neighbours that repeat each other;
# - *read* error bars on a plot.
#
# Needs: nothing but mean and variance. 30 minutes to read, 30 for the exercises; the cells take under 30 CPU seconds.

# %% slideshow={"slide_type": "skip"}
try:
    import numpy as np
    from scipy import stats
    from skimage.data import camera
    from sklearn.datasets import load_digits

    from coursekit import data, figures, standard_error
    from coursekit.exercises.standard_error import check
except ModuleNotFoundError as missing:
    message = f"{missing}. Start the course with: python3 course.py start"
    missing._render_traceback_ = lambda: [message]
    raise
rng = np.random.default_rng(1)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. Two papers, one river
#
# The Nile's flow at Aswan was measured every year from 1871 to 1970. Two papers report the mean of these hundred numbers with a bar around it, and
# neither says what its bar stands for. One is ten times as long as the other.
#
# **Predict:** which of the two is wrong?

# %% slideshow={"slide_type": "subslide"}
year, flow = data.nile()
sd, se = standard_error.sd_and_se(flow)
fig, (left, right) = figures.figure(1, 2)
figures.curves(left, {"flow": (year, flow)}, x_label="year", y_label="flow (10⁸ m³ a year)", marker=".")
for name, bar, colour in [("paper A", sd, "blue"), ("paper B", se, "orange")]:
    right.errorbar([name], [flow.mean()], yerr=bar, fmt="o", capsize=8, lw=2, color=figures.COLOURS[colour])
right.set(xlim=(-0.7, 1.7), ylim=left.get_ylim(), xlabel="source", ylabel="mean ± bar (10⁸ m³ a year)")
figures.show(
    fig,
    alt="Left, a hundred yearly flows of the Nile; right, their mean twice, with a long bar and with one ten times shorter.",
    caption="The same data, the same mean, and two bars that tell different stories.",
)
print(f"mean {flow.mean():.0f}, bar A ± {sd:.0f}, bar B ± {se:.0f}; ratio {sd / se:.0f}")

# %% [markdown] slideshow={"slide_type": "fragment"}
# Neither, so far. Paper A drew the *standard deviation* (SD): how far single years lie from the mean. Paper B drew the *standard error*
# (SE): how far this mean may lie from the one that endless measuring would give. With 100 years they differ by $\sqrt{100}$. The fault
# is the missing label. (Part 9 finds B's bar wrong after all.)

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 5 min.* Let the room vote before the second paragraph. Ask: which bar would a farmer want, and which a climatologist? Wrong
# answer to expect: "A is wrong, because the points are not that far off on average".

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. Repeat the experiment
#
# Draw $n$ independent samples $x_i$ and average them to $\hat m$. Repeat it, and another $\hat m$ comes: an estimate is a random variable, with a
# spread of its own. That spread is the standard error. Here are 100 000 experiments with $n = 4$ and with $n = 16$.
#
# **Predict:** what does going from 4 to 16 do to the histogram of the $x_i$, and what to that of the $\hat m$?

# %% slideshow={"slide_type": "subslide"}
x = rng.standard_normal((100_000, 16))
means = {n: x[:, :n].mean(axis=1) for n in (1, 4, 16)}
outlines = {
    f"means of {n}": standard_error.density_outline(values, np.linspace(-4, 4, 81))
    for n, values in means.items()
}
figures.show_curves(
    outlines, x_label="value / σ", y_label="density",
    alt="Three bell curves around 0: single samples, means of 4 half as wide, means of 16 half as wide again.",
    caption="The samples (means of 1) stay as they are; four times as many make the histogram of the means half as wide.",
)
print(
    "spread of the means times √n, in units of σ:",
    {n: f"{values.std() * np.sqrt(n):.1f}" for n, values in means.items()},
)

# %% [markdown] slideshow={"slide_type": "slide"}
# Why a root? Let each $x_i$ have mean $m$ and variance $\sigma^2$.
#
# 1. Variances of independent samples add: $\mathrm{Var}(\sum x_i) = n\sigma^2$.
# 2. Dividing by $n$ divides the variance by $n^2$: $\mathrm{Var}(\hat m) = \sigma^2/n$.
# 3. The standard error is its root, $\sigma/\sqrt n$.
#
# Four times the work for half the error: that is the price of precision. And we do not know $\sigma$; a guess $s$ must take its place.

# %% [markdown] slideshow={"slide_type": "subslide"}
# 4. $\hat m$ was fitted to the samples, so they lie nearer to it than to $m$: $\mathrm{E}\sum(x_i-\hat m)^2 = n\sigma^2 - n\,\mathrm{Var}(\hat m) = (n-1)\sigma^2$.
# 5. So divide by $n - 1$, the *degrees of freedom* that are left when one has been spent on the mean:
#
# $$s = \sqrt{\frac{1}{n-1}\sum_i (x_i - \hat m)^2}, \qquad \mathrm{SE} = \frac{s}{\sqrt n}.$$

# %% slideshow={"slide_type": "fragment"}
def short_sd_and_se(x):
    """The two formulas above."""
    s = np.sqrt(np.sum((x - x.mean()) ** 2) / (len(x) - 1))
    return s, s / np.sqrt(len(x))


print(
    "short version:", np.round(short_sd_and_se(flow), 2),
    "  coursekit:", np.round(standard_error.sd_and_se(flow), 2),
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **A known limit.** The ink on 1797 scanned digits is a population that we can count to its end. Draw $n$ of them *without* putting any back:
# the draws are no longer independent, each one excludes the others, and $\mathrm{SE} = \frac{\sigma}{\sqrt n}\sqrt{1 - n/1797}$. Whoever has counted everybody has no error left.

# %% slideshow={"slide_type": "fragment"}
ink = load_digits().images.mean(axis=(1, 2)) / 16
order = rng.permuted(np.tile(ink, (4000, 1)), axis=1)  # 4000 ways to go through all of them
sigma = ink.std(ddof=1)
for n in (50, 600, 1797):
    se, spread = standard_error.se_mean_finite(sigma, n, 1797), order[:, :n].mean(axis=1).std()
    agree = abs(spread - se) < 0.05 * se + 1e-12
    print(f"n = {n:4}: σ/√n = {sigma / np.sqrt(n):.4f}, with the factor {se:.4f}; 4000 draws agree: {agree}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is tempting to think** that more data make the SD smaller. They make it *surer*: it settles at the population's $\sigma$, which no amount of
# measuring can change. Only the SE goes to zero.

# %% slideshow={"slide_type": "fragment"}
for n in (100, 10_000, 1_000_000):
    sd, se = standard_error.sd_and_se(rng.standard_normal(n))
    print(
        f"n = {n:7}: SD of order {10 ** np.round(np.log10(sd)):g}, "
        f"SE of order {10 ** np.round(np.log10(se)):g}"
    )

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 10 min.* Ask: how many more samples for a bar a tenth as long? Wrong answer to expect: "ten times". Ask also whether a poll of 1000 says less about
# a country of 80 million than about a town of 80 000.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. The bar has its own bar
#
# The $s$ in an error bar is an estimate like any other: repeat the experiment, and the bar changes its length. A bar is not a ruler.
#
# **Predict:** ten samples each time, normal data. How large is the error of the bar itself: 3 %, 10 %, 25 %?

# %% slideshow={"slide_type": "subslide"}
s, edges = rng.standard_normal((50_000, 10)).std(axis=1, ddof=1), np.linspace(0, 2.2, 56)
theory = 3 * stats.chi.pdf(3 * edges, 9)  # √(n-1) s / σ has a chi distribution with n - 1 degrees of freedom
figures.show_curves(
    {"50 000 experiments": standard_error.density_outline(s, edges), "theory": (edges, theory)},
    x_label="sample SD / true SD", y_label="density",
    alt="A hump of sample SDs from 0.4 to 1.7 times the true one, on top of the theoretical curve.",
    caption="With ten samples, a bar that is a quarter too long or too short is nothing unusual.",
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# For normal data $\mathrm{Var}(s^2) = 2\sigma^4/(n-1)$. A small change of $s$ changes $s^2$ by $2s$ times as much, so $\mathrm{SE}(s) \approx s/\sqrt{2(n-1)}$. On average $s$ is a little short
# too: $\mathrm{E}[s] = c_4\sigma$, $c_4 = \sqrt{2/(n-1)}\;\Gamma(\tfrac n2)/\Gamma(\tfrac{n-1}2)$. For other data the fourth moment $\mu_4$ rules, and heavy tails make bars less sure:
#
# $$\mathrm{Var}(s^2) = \frac1n\Bigl(\mu_4 - \frac{n-3}{n-1}\,\sigma^4\Bigr).$$

# %% slideshow={"slide_type": "fragment"}
print("c4 for n = 2, 5, 10, 100:", [round(standard_error.c4(n), 4) for n in (2, 5, 10, 100)])
for name, mu4 in [("normal", 3.0), ("exponential", 9.0)]:
    percent = 50 * standard_error.se_of_variance(1.0, mu4, 10)
    print(f"{name}, σ = 1, n = 10: error of the bar to first order {percent:.0f} %")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. Small samples
#
# If $\sigma$ were known, $\hat m \pm 1.96\,\sigma/\sqrt n$ would hold the true mean in 95 of 100 experiments. With $s$ in its place the bar is
# sometimes far too short, and just then it misses.
#
# **Predict:** how often does $\hat m \pm 1.96\,\mathrm{SE}$ hold the mean for $n = 2$, 5 and 10?

# %% slideshow={"slide_type": "subslide"}
share = {
    name: [100 * standard_error.coverage(n, 0.95, quantile=q) for n in range(2, 31)]
    for name, q in [("± 1.96 SE", "z"), ("Student's t", "t")]
}
figures.show_curves(
    {name: (np.arange(2, 31), values) for name, values in share.items()},
    x_label="samples n", y_label="holds the true mean (%)", marker=".",
    alt="Coverage against n: 1.96 standard errors start at 70 per cent and creep up towards 95; Student's interval is at 95 throughout.",
    caption="The familiar 1.96 is for large samples; Student's quantile repairs it at every n.",
)
for n in (2, 5, 10):
    held, t = share["± 1.96 SE"][n - 2], stats.t.ppf(0.975, n - 1)
    print(f"n = {n:2}: ± 1.96 SE holds the mean in {held:.0f} %; Student puts {t:.2f} in the place of 1.96")

# %% [markdown] slideshow={"slide_type": "subslide"}
# In 1908 a brewer who signed as "Student" asked how $(\hat m - m)/\mathrm{SE}$ is really distributed. The answer is $t$ with $n-1$ degrees of freedom, which
# has heavier tails than the normal. Take the multiple from *its* table, and the interval keeps its promise for normal data at every $n$.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 10 min for parts 3 and 4.* Ask: three replicates, which bar would you print? Wrong answer to expect: "the SE, it is the shortest". Better:
# print the three points.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. Any other statistic
#
# The median of a large sample has $\mathrm{SE} = 1/(2 f\sqrt n)$, where $f$ is the density of the data at their median. But who knows $f$? The *bootstrap* asks
# the sample instead: draw $n$ from your own $n$ values, with replacement, again and again, and watch the statistic vary.
#
# **Predict:** for the ink on 101 digits, which is the surer, mean or median?

# %% slideshow={"slide_type": "subslide"}
sample, edges = order[0, :101], np.arange(292.5, 329, 3) / 1024  # ink comes in steps of 1/1024
resampled = {f.__name__: f(rng.choice(sample, (40_000, 101)), axis=1) for f in (np.mean, np.median)}
figures.show_curves(
    {name: standard_error.density_outline(values, edges) for name, values in resampled.items()},
    x_label="share of ink", y_label="density", marker=".",
    alt="Outlines of bootstrap means, a smooth bell, and of bootstrap medians, a wider and less regular hump.",
    caption="The spread of the resampled statistics estimates their standard errors; a median can only be one of the 101 values.",
)
print(
    f"mean: bootstrap SE / (s/√n) = {resampled['mean'].std() / standard_error.sd_and_se(sample)[1]:.1f}; "
    f"the median's is larger: {resampled['median'].std() > resampled['mean'].std()}"
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# For the mean the bootstrap tends to $\sqrt{(n-1)/n}\;s/\sqrt n$: nothing new, as it should be. Its worth is the other statistics, for which nobody
# has a formula. For normal data the median costs $\sqrt{\pi/2}$ times the SE of the mean. Is it ever much the better choice?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 6. Averaging that never helps
#
# A lamp that turns sends flashes in random directions on a long wall. The place of a spot has a *Cauchy* distribution: no variance, so the argument of part 2 has
# nothing to start from.
#
# **Task:** find the $n$ that makes the means half as spread as at $n = 4$. Then choose Cauchy, and find any $n$ that helps.

# %% slideshow={"slide_type": "skip"}
draws = {
    "normal": rng.standard_normal((4000, 36)),
    "exponential": rng.exponential(size=(4000, 36)) - 1,
    "Cauchy": rng.standard_cauchy((4000, 36)),
}
counts, edges = np.arange(1, 37), np.linspace(-4, 4, 61)
means = {kind: np.cumsum(x, axis=1) / counts for kind, x in draws.items()}
spreads = {kind: standard_error.middle_spread(m, axis=0) for kind, m in means.items()}


def means_view(n, kind):
    return {
        "samples x": standard_error.density_outline(means[kind][:, 0], edges),
        "means": standard_error.density_outline(means[kind][:, n - 1], edges),
        "spread of the means": (counts, spreads[kind]),
        "at this n": ([n], spreads[kind][n - 1 : n]),
        "reading": f"half of the middle 68 % is {spreads[kind][n - 1]:.2f}, and 1/√n is {1 / np.sqrt(n):.2f}",
    }


# %% slideshow={"slide_type": "fragment"} tags=["interactive", "nbval-ignore-output"]
means_explorer = figures.Interactive(
    means_view,
    controls={
        "n": figures.Slider("samples n", 1, 36, 1, 4),
        "kind": figures.Choice("data", ["normal", "exponential", "Cauchy"], "normal"),
    },
    panels=[
        figures.Plot(
            "value", "density", (-4, 4), (0, 2.6), lines=["samples x", "means"], legend="upper right"
        ),
        figures.Plot(
            "samples n", "half of the middle 68 %", (0.9, 40), (0.1, 10), lines=["spread of the means"],
            points=["at this n"], fixed={"1/√n": (counts, counts**-0.5)}, x_scale="log", y_scale="log",
            legend="upper left",
        ),
    ],
    settings=[{"n": 4, "kind": "normal"}, {"n": 36, "kind": "normal"}, {"n": 36, "kind": "Cauchy"}],
    alt="Left, the densities of samples and of their means; right, the spread of the means against n on log axes, with the line one over root n.",
)
means_explorer.show()

# %% [markdown] slideshow={"slide_type": "subslide"}
# The mean of $n$ Cauchy values is distributed like a single one: now and then a flash nearly along the wall outweighs all others. Yet the data do tell where the lamp is, for half of the
# spots lie on each side. Their density at the median is $f = 1/\pi$, so the *median* has $\mathrm{SE} = \pi/(2\sqrt n)$ and improves as usual.

# %% slideshow={"slide_type": "fragment"}
spots = rng.standard_cauchy((40_000, 101))
theory = {"mean": stats.cauchy.ppf(stats.norm.cdf(1)), "median": standard_error.se_of_median(1 / np.pi, 101)}
for name, values in [("mean", spots.mean(axis=1)), ("median", np.median(spots, axis=1))]:
    ratio = standard_error.middle_spread(values) / theory[name]
    print(
        f"{name:>6} of 101 spots: ± {theory[name]:.2f} in theory, "
        f"and the simulation says {ratio:.1f} times that"
    )

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 10 min for parts 5 and 6.* Drag $n$ slowly with Cauchy data: nothing moves. Ask: what does the bootstrap say about a Cauchy mean? Wrong answer
# to expect: "the truth". (It has seen no value larger than the sample's.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 7. Reading bars
#
# Two means $\hat m_a$, $\hat m_b$ have bars that just touch. Their errors are independent, so the squares add, and the difference is judged by
# $z = |\hat m_a - \hat m_b| / \sqrt{\mathrm{SE}_a^2 + \mathrm{SE}_b^2}$.
#
# **It is tempting to think** that touching bars mark the border of significance, $p = 0.05$. **Predict** the $p$-value of the left pair, and of the right.

# %% slideshow={"slide_type": "subslide"}
fig, axes = figures.figure(1, 2)
for ax, name, length in zip(axes, ["SE bars", "95 % intervals"], [1.0, 1.96], strict=True):
    ax.errorbar(
        ["group a", "group b"], [-length, length], yerr=length, fmt="o", capsize=8, lw=2,
        color=figures.COLOURS["blue"],
    )
    ax.set(xlim=(-0.7, 1.7), ylim=(-4.5, 4.5), xlabel=f"{name} that touch", ylabel="mean (in units of SE)")
    print(f"{name} that touch: p = {standard_error.p_difference(-length, 1.0, length, 1.0):.2g}")
figures.show(
    fig,
    alt="Two pairs of means with bars that just touch: standard errors on the left, 95 per cent intervals, twice as long, on the right.",
    caption="Touching SE bars are no evidence of a difference; touching 95 % intervals are strong evidence.",
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is tempting to think** that a 95 % interval will hold the mean of the *next* experiment 95 times in 100. It is made to hold the true mean; the next
# mean errs as well. The difference of the two has $\sqrt2$ times the SE of one, so that a bar of $k$ SE holds it with probability $2\Phi(k/\sqrt2) - 1$.

# %% slideshow={"slide_type": "fragment"}
yours, next_one = rng.standard_normal((2, 100_000))
for name, length in [("± 1 SE", 1.0), ("95 % interval", 1.96)]:
    exact = standard_error.capture_probability(length)
    agree = abs(np.mean(abs(yours - next_one) < length) - exact) < 0.01
    print(f"{name} holds the next mean with probability {exact:.2f}; 100 000 pairs agree: {agree}")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 7 min.* Let the room vote on both pairs. Ask: how far may two 95 % intervals overlap at $p = .05$? (By 29 % of a bar's
# whole length.) Wrong answer to expect: "not at all".

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 8. Neighbours that repeat each other
#
# This year's flow resembles last year's. If samples $k$ apart have the correlation $\rho_k$, the variance of a sum gains a term for each pair, and there are $n - k$ pairs
# at distance $k$, each counted twice:
#
# $$\mathrm{Var}(\hat m) = \frac{\sigma^2}{n}\,\tau, \qquad \tau = 1 + 2\sum_{k=1}^{n-1}\Bigl(1 - \frac kn\Bigr)\rho_k .$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# So $n$ samples are worth $n_{\mathrm{eff}} = n/\tau$ independent ones. The simplest memory is $\rho_k = \rho^k$, an *AR(1)* series, with $\tau \to (1+\rho)/(1-\rho)$ for long series. Worse, such samples
# huddle together: $\mathrm{E}[s^2] = \sigma^2 (n-\tau)/(n-1)$, so that $s/\sqrt n$ is too small twice, by the wrong $n$ and by a short $s$.

# %% slideshow={"slide_type": "subslide"}
tau = standard_error.tau_ar1(0.8, 100)
print(
    f"rho = 0.8, n = 100: tau = {tau:.1f}, so {100 / tau:.1f} effective samples; "
    f"the SE is {np.sqrt(tau):.1f} σ/√n, and E[s²] = {(100 - tau) / 99:.2f} σ²"
)
held = 100 * standard_error.coverage(100, 0.95, rho=0.8)
print(f"Student's 95 % interval, which knows nothing of it, holds the mean in {held:.0f} %")

# %% [markdown] slideshow={"slide_type": "fragment"}
# Below, forty experiments on the left, their true mean at 0, and the first of them in full on the right. The last kind of bar puts $n/\tau$ in the
# place of $n$ everywhere, Student's degrees of freedom included.
#
# **Task:** with 95 % bars, find the $\rho$ at which about half of them miss. Then repair them. What is the price?

# %% slideshow={"slide_type": "skip"}
noise, at = rng.standard_normal((1000, 200)), np.repeat(np.arange(40), 3)


def bars_view(n, rho, bar):
    x, worth = standard_error.ar1(noise[:, :n], rho), n / standard_error.tau_ar1(rho, n)
    t, t_worth = stats.t.ppf(0.975, n - 1), stats.t.ppf(0.975, worth - 1)
    multiple = {"SD": 1, "SE": n**-0.5, "95 %": t * n**-0.5, "95 %, ρ known": t_worth * worth**-0.5}[bar]
    mean, half = x.mean(axis=1), multiple * x.std(axis=1, ddof=1)
    holds = abs(mean) < half
    ends = np.stack([mean - half, mean + half, np.full(1000, np.nan)], axis=1)[:40]
    low, high = ends[0, :2]
    return {
        "holds 0": (at, np.where(holds[:40, None], ends, np.nan).ravel()),
        "misses 0": (at, np.where(holds[:40, None], np.nan, ends).ravel()),
        "first experiment": (np.arange(n), x[0]),
        "its bar": ([0, n, n, 0, 0], [low, low, high, high, low]),
        "reading": f"{100 * holds.mean():.0f} % of 1000 bars hold 0; n is worth {worth:.0f}",
    }


# %% slideshow={"slide_type": "subslide"} tags=["interactive", "nbval-ignore-output"]
bars_explorer = figures.Interactive(
    bars_view,
    controls={
        "n": figures.Slider("samples n", 20, 200, 10, 100),
        "rho": figures.Slider("correlation ρ", 0.0, 0.9, 0.05, 0.5),
        "bar": figures.Choice("bar", ["SD", "SE", "95 %", "95 %, ρ known"], "95 %"),
    },
    panels=[
        figures.Plot(
            "experiment", "mean ± bar (σ)", (-1, 40), (-2, 2), lines=["holds 0", "misses 0"],
            legend="upper right",
        ),
        figures.Plot(
            "sample", "value / σ", (0, 200), (-4, 4), lines=["first experiment", "its bar"],
            legend="upper right",
        ),
    ],
    settings=[{"rho": 0.0, "bar": "95 %"}, {"rho": 0.8, "bar": "95 %"}, {"rho": 0.8, "bar": "95 %, ρ known"}],
    alt="Left, forty error bars, those that miss zero in another colour; right, the series behind the first one with its bar.",
)
bars_explorer.show()

# %% [markdown] slideshow={"slide_type": "fragment"}
# Near $\rho = 0.8$ half of them miss, as computed above. The repaired bars are about three times as long: this is all that a hundred samples say which are worth a dozen. Look at the right panel
# to see why: the series wanders, and any piece of it would have told another mean.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 9. When nobody tells you ρ
#
# Cut the series into blocks longer than its memory: the *means of the blocks* are nearly independent, and their SE is honest. Enlarge the blocks until the answer stops growing.
# But few blocks make an unsure SE: part 3 gives its own bar.
#
# **Predict:** sunspots come and go in 11 years. What will blocks of 11 years give?

# %% slideshow={"slide_type": "subslide"}
series = {"sunspot number": data.sunspots()[1], "flow (10⁸ m³/year)": flow}
fig, axes = figures.figure(1, 2)
for ax, (name, x) in zip(axes, series.items(), strict=True):
    blocks = np.array([block for block in (1, 2, 3, 5, 8, 11, 16, 20, 24, 33, 44) if block <= len(x) / 4])
    found = np.array([standard_error.block_se(x, int(block)) for block in blocks])
    ax.errorbar(
        blocks, found, yerr=found / np.sqrt(2 * (len(x) // blocks - 1)), fmt="o-", capsize=4,
        color=figures.COLOURS["blue"],
    )
    ax.set(xlabel="block (years)", ylabel=f"SE of mean {name}", ylim=(0, None))
    table = dict(zip(blocks.tolist(), found, strict=True))
    print(name, {block: f"{se:.1f}" for block, se in table.items() if block in (1, 11, 20, 33)})
figures.show(
    fig,
    alt="Block standard errors with their own bars: the sunspots' rise, dip at 11 years and level off; the Nile's keep rising.",
    caption="Sunspots settle near 5 after a dip at the length of the cycle; the Nile's error grows as far as one can look.",
)
print(
    f"Nile, blocks of 20: {table[20] / table[1]:.1f} times bar B; "
    f"mean {flow[year < 1899].mean():.0f} until 1898, {flow[year > 1898].mean():.0f} after"
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# A block of one cycle holds as many highs as lows, so its mean is steady: hence the dip. But cycles differ from each other over decades, and longer blocks see it.
#
# The Nile does not settle: its mean fell in 1898 from 1098 to 850, and there is no one mean to be sure of. By blocks of 20 years paper B's bar is 2.8 times too short; longer ones say worse.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 12 min for parts 8 and 9.* Let somebody find the $\rho$. Ask: what would one measurement a day in the place of one a year have done for the Nile's SE? Wrong answer
# to expect: "divided it by √365".

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 10. A burst of photographs
#
# In the dark a phone takes many frames and averages them. Each frame has noise of its own, $\sigma = 0.2$. All share the sensor's fixed pattern, of SD $b = 0.03$. The errors add in squares:
# $\mathrm{SE} = \sqrt{\sigma^2/n + b^2}$.
#
# **Predict:** will 256 frames be sixteen times as clean as one?

# %% slideshow={"slide_type": "subslide"}
scene = camera()[60:188, 160:288] / 255
frames = scene + 0.03 * rng.standard_normal(scene.shape) + 0.2 * rng.standard_normal((256, *scene.shape))
figures.show_pictures(
    {f"mean of {n} frame{'s' * (n > 1)}": frames[:n].mean(axis=0) for n in (1, 16, 256)},
    alt="A photographer with a camera: lost in noise, then grainy, then nearly clean with a faint pattern.",
    caption="From 1 to 16 frames much is gained, from 16 to 256 little.",
)
for n in (1, 16, 256):
    rms = np.sqrt(np.mean((frames[:n].mean(axis=0) - scene) ** 2))
    print(
        f"n = {n:3}: RMS error {rms:.2f}, "
        f"theory {standard_error.se_mean_shared(0.2, 0.03, n):.2f}, σ/√n alone {0.2 / np.sqrt(n):.2f}"
    )
print(f"both parts are equal at n = {0.2**2 / 0.03**2:.0f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# No: the shared error is a floor. At $n = \sigma^2/b^2$, here 44 frames, both parts are equal, and from then on each further frame buys next to nothing. One can measure the pattern
# with the lid on and subtract it. And the shake of the hand helps: once the frames are aligned, the pattern falls on other pixels each time.

# %% [markdown] slideshow={"slide_type": "fragment"}
# **When it fails.** $s/\sqrt n$ sees only the errors that change from sample to sample. It is blind to what all samples share, such as a fixed pattern or a wrong ruler; too small when neighbours agree;
# without meaning where there is no variance, or where the mean itself moves; and unsure of itself when $n$ is small.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 6 min.* Ask: which part of a polling error is the fixed pattern? Wrong answer to expect: "none, polls are random". Lectures 2 to 5 (roc, stein_shrinkage, double_descent,
# kalman) all lean on this one.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["recap"]
# ## What to remember
#
# 1. SD describes the data and stays; $\mathrm{SE} = s/\sqrt n$ describes their mean and shrinks. Say which one you drew.
# 2. The bar has a bar of $1/\sqrt{2(n-1)}$; for small $n$ use Student's quantile.
# 3. Touching SE bars: p = 0.16. Touching 95 % intervals: p = 0.0056. The next mean falls into yours 83 times in 100.
# 4. With neighbours alike, $n$ samples are worth $n/\tau$; blocks find it without a model.
# 5. Averaging removes what differs between samples, and nothing else.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercises"]
# ## Exercises
#
# Write each function in place of the `raise` line, run the cell, then the check below it. The check runs public cases and names the mistake that it recognises;
# grading draws other cases. Import nothing but numpy, and scipy for exercise 4.
#
# *To predict first, ungraded:* how many samples does it take before the error bar itself is known within 5 %? *To break, ungraded:* find data for which 30 samples and
# `standard_error.ci_mean` at 95 % hold the true mean in fewer than half of the experiments.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 1: spread and error (8 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def sd_and_se(x):
    """Return the sample standard deviation of x (n,) and the standard error of its mean.

    The samples are independent.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(sd_and_se)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 2: the bar's own bar (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def se_of_sd(x):
    """Return the standard error of the sample standard deviation of x (n,), independent normal samples.

    To first order: from the variance of the sample variance, which is 2 sigma^4 / (n - 1) for normal data.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(se_of_sd)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 3: neighbours alike (12 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def se_mean_ar1(sigma, rho, n):
    """Return the exact standard error of the mean of n neighbours in a series.

    Each sample has standard deviation sigma; samples k apart have the correlation rho**k, with -1 < rho < 1.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(se_mean_ar1)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 4: an honest interval (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def ci_mean(x, level):
    """Return the lower and the upper end of Student's confidence interval for the mean of x (n,).

    It holds the true mean with probability level (0.95, say).
    Quantiles of Student's t: scipy.stats.t.ppf(q, df).
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(ci_mean)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["references"]
# ## Sources, and why to read them
#
# - H. Wainer, "The most dangerous equation", *American Scientist* 95 (2007): what it costs not to know $\sigma/\sqrt n$; schools, counties and cancer maps.
# - Student, "The probable error of a mean", *Biometrika* 6 (1908): the small-sample problem stated by somebody who had it.
# - G. Cumming, F. Fidler and D. L. Vaux, "Error bars in experimental biology", *J. Cell Biology* 177 (2007): rules for drawing and reading bars.
# - B. Efron, "Bootstrap methods: another look at the jackknife", *Annals of Statistics* 7 (1979): the idea of part 5, from its source.
# - H. Flyvbjerg and H. G. Petersen, "Error estimates on averages of correlated data", *J. Chemical Physics* 91 (1989): blocks, and when to stop enlarging them.
# - G. W. Cobb, "The problem of the Nile", *Biometrika* 65 (1978): what happened around 1898.
