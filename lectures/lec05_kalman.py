# ---
# jupyter:
#   coursekit:
#     slug: kalman
#     title: The Kalman filter, or how to believe two witnesses
#     question: Two witnesses disagree, and the world has moved since they spoke. What should you believe, and how firmly?
#     objectives:
#     - derive predict and update as the conditioning of one Gaussian
#     - solve the scalar Riccati equation, and say where the gain settles
#     - smooth a series, and fill its gaps with honest error bars
#     - test the innovations, and read off them what is wrong with a model
#     - explain the filter to a jury
#     needs: [standard_error, double_descent]
#     minutes:
#       read: 40
#       exercises: 40
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # The Kalman filter, or how to believe two witnesses
#
# **Two witnesses disagree, and the world has moved since they spoke. What should you believe, and how firmly?**
#
# After this lecture you can
#
# - *derive* predict and update as the conditioning of one Gaussian;
# - *solve* the scalar Riccati equation, and *say* where the gain settles;
# - *smooth* a series, and *fill* its gaps with honest error bars;
# - *test* the innovations, and *read* off them what is wrong with a model;
# - *explain* the filter to a jury.
#
# Needs lectures 1 ([standard_error](lec01_standard_error.ipynb)) and 4 ([double_descent](lec04_double_descent.ipynb)); the next cell but one recalls them.
# 40 minutes to read, 40 for the exercises; the cells take under 10 CPU seconds.

# %% slideshow={"slide_type": "skip"}
try:
    from fractions import Fraction

    import numpy as np
    from scipy import stats
    from skimage.data import gravel

    from coursekit import data, figures, kalman
    from coursekit.exercises.kalman import check
except ModuleNotFoundError as missing:
    message = f"{missing}. Start the course with: python3 course.py start"
    missing._render_traceback_ = lambda: [message]
    raise
rng = np.random.default_rng(5)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["recap-needs"]
# ## What you need to remember
#
# - *Lecture 1.* The mean of $n$ independent values of variance $\sigma^2$ has variance $\sigma^2/n$. Values of unequal variance are best weighted by their
#   inverse variances, and then the inverse variances add up. Correlated errors do not average out like that.
# - *Lecture 4.* Least squares minimises $\|y - Ax\|^2$. A penalty $\lambda\|x\|^2$ (ridge) says that $x$ was known beforehand to lie near 0:
#   $\lambda$ is the noise's variance over the prior's. Prior knowledge enters as if it were one more measurement.
# - *Gaussians.* If $(a, b)$ is jointly Gaussian, then $a$ given $b$ has mean $\bar a + C_{ab}C_{bb}^{-1}(b - \bar b)$ and covariance
#   $C_{aa} - C_{ab}C_{bb}^{-1}C_{ba}$: a regression of $a$ on $b$, and what it leaves.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. How high is the river today?
#
# Each year from 1871 to 1970 somebody measured how much water the Nile carried past Aswan. The level that a farmer cares about changes slowly; one year
# is a noisy witness of it. So he averages: over all years so far, or over the last five.
#
# **Predict:** which of the two would you trust in 1890? In 1905? In 1960?

# %% slideshow={"slide_type": "subslide"}
year, flow = data.nile()
means = {
    "mean of all years so far": (year, np.cumsum(flow) / np.arange(1, 101)),
    "mean of the last five": (year[4:], np.convolve(flow, np.ones(5) / 5, "valid")),
}
fig, ax = figures.figure()
figures.curves(
    ax, means, x_label="year", y_label="flow (10⁸ m³ a year)"
).plot(year, flow, ".", color="#888888")
figures.show(
    fig,
    alt="Flows scatter about 1100 until 1898, about 850 afterwards; the mean of all years sinks slowly, that of five years jitters.",
    caption="The long mean is still too high in 1970; the short one never comes to rest.",
)
print(f"1970: mean of all years {flow.mean():.0f}, mean since 1899 {flow[year >= 1899].mean():.0f}")

# %% [markdown] slideshow={"slide_type": "fragment"}
# You should see 919 against 850: something happened in 1899, and seventy years later the long mean has not got over it. The short mean has, but it never
# comes to rest. And neither says how far off it may be. We want weights that forget at the right pace, and an error bar that knows it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. To a jury: weigh each by trust
#
# Ladies and gentlemen, two honest witnesses saw the same car. One says 50, give or take 10; the other 60, give or take 5. You lean
# towards the one with the smaller error, and having heard both you are surer than after either.
#
# Then the car drives on: you move your belief along with it, and grow a little less sure. Another witness speaks. That is the whole filter.

# %% [markdown] slideshow={"slide_type": "fragment"}
# In symbols: you believe that the level is $x$ with variance $P$; a measurement says $z$ with variance $r$. Multiply the two Gaussians: exponents add, so inverse variances add,
#
# $$\frac1{P^+} = \frac1P + \frac1r, \qquad x^+ = x + K(z - x), \qquad K = \frac{P}{P + r}.$$
#
# The *gain* $K$ is the weight of the measurement; $\nu = z - x$ is the *innovation*, what is new in it.
#
# **Task:** make the blend less sure than the better of the two. (Try hard.) Then find the sensor that halves the variance of the prediction.

# %% slideshow={"slide_type": "skip"}
level, sds = np.linspace(-6, 8, 281), np.linspace(0.6, 4.2, 60)


def blend_view(prediction, sensor, says):
    K = prediction**2 / (prediction**2 + sensor**2)
    return {
        "prediction": (level, stats.norm.pdf(level, 0, prediction)),
        "sensor": (level, stats.norm.pdf(level, says, sensor)),
        "blend": (level, stats.norm.pdf(level, K * says, sensor * np.sqrt(K))),
        "now": ([sensor], [sensor * np.sqrt(K)]),
        "SD of the blend": (sds, 1 / np.hypot(1 / prediction, 1 / sds)),
        "reading": f"gain {K:.2f}; the blend lies at {K * says:.2f} with SD {sensor * np.sqrt(K):.2f}",
    }


# %% slideshow={"slide_type": "subslide"} tags=["interactive", "nbval-ignore-output"]
blend_explorer = figures.Interactive(
    blend_view,
    controls={
        "prediction": figures.Slider("prediction SD", 0.6, 4.0, 0.1, 2.0),
        "sensor": figures.Slider("sensor SD", 0.6, 4.0, 0.1, 1.0),
        "says": figures.Slider("sensor says", -4.0, 6.0, 0.5, 3.0),
    },
    panels=[
        figures.Plot(
            "level", "density", (-6, 8), (0, 1), lines=["prediction", "sensor", "blend"], legend="upper left"
        ),
        figures.Plot(
            "sensor SD", "SD of the blend", (0.5, 4.2), (0, 4.2), lines=["SD of the blend"],
            points=["now"], fixed={"sensor alone": (sds, sds)},
        ),
    ],
    settings=[{"prediction": 2.0, "sensor": 2.0}, {"sensor": 0.6}, {"sensor": 4.0, "says": 6.0}],
    alt="Left, two bell curves and their blend, narrower than both; right, the blend's SD against the sensor's, always below both.",
)
blend_explorer.show()

# %% [markdown] slideshow={"slide_type": "fragment"}
# The blend is always the surest of the three, however much the two disagree. A poor witness cannot harm, if he is honest about how poor he is; he can only be ignored. All
# the rest of this lecture is this formula, with matrices in the place of numbers and a world that moves.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 12 min for parts 1 and 2.* Let a student play the jury's foreman and repeat the argument without a formula. Ask: two witnesses contradict each other wildly; is the
# blend less sure than when they agree? Wrong answer to expect: "of course". The SD does not depend on what they say: that is a limit of the Gaussian, and part 7 tests for it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. Then the world moves
#
# Let the *state* $x$ be a vector that moves as $x' = Fx + w$ and is measured as $z = Hx + v$, with independent noises of covariance $Q$ and $R$. What we believe of it is Gaussian, with mean $x$ and covariance $P$.
#
# 1. *Predict:* linear maps keep Gaussians Gaussian, so $x \leftarrow Fx$ and $P \leftarrow FPF^\top + Q$.
# 2. State and measurement are jointly Gaussian, with $\operatorname{Cov}(x, z) = PH^\top$ and $\operatorname{Cov}(z) = HPH^\top + R = S$.
# 3. *Update:* condition on $z$. With the gain $K = PH^\top S^{-1}$, the mean becomes $x + K(z - Hx)$.

# %% [markdown] slideshow={"slide_type": "fragment"}
# 4. The error of that mean is $(I - KH)e - Kv$, whatever $K$ is, and its two parts are independent:
#
# $$P \leftarrow (I - KH)P(I - KH)^\top + KRK^\top \qquad\text{(Joseph's form)}.$$
#
# 5. For the $K$ of step 3 this becomes $(I - KH)P$, and no other gain makes it smaller. So the filter is least squares with a ridge, one row at a time, and the prior is the ridge.

# %% slideshow={"slide_type": "subslide"}
def short_filter(model, z):
    # The mean after each measurement: update and predict, in five lines.
    x, P, means = model.x0, model.P0, []
    for value in z:
        K = P @ model.H.T @ np.linalg.inv(model.H @ P @ model.H.T + model.R)
        x, P = x + K @ (value - model.H @ x), P - K @ model.H @ P
        means.append(x)
        x, P = model.F @ x, model.F @ P @ model.F.T + model.Q
    return np.array(means)


cart = kalman.constant_velocity(2, 1.0, 0.1, 1.0, np.zeros(4), np.eye(4))
seen = kalman.simulate(cart, 50, rng=rng).measurements
print(
    "agrees with coursekit to 1e-10:",
    np.abs(short_filter(cart, seen) - kalman.kalman_filter(cart, seen).mean).max() < 1e-10,
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is tempting to think** that the short form $(I - KH)P$ can always stand for Joseph's. Take a gain that somebody tuned by hand: 0.3 where $P = 2$ and $r = 1$ ask for two thirds. The short form
# is then wrong by almost a third. (Rounding is such a detuning too: in long runs with a very good sensor the short form loses its positive eigenvalues, Joseph's cannot.)

# %% slideshow={"slide_type": "fragment"}
K, P, r = 0.3, 2.0, 1.0
errors = (1 - K) * rng.normal(0, np.sqrt(P), 200_000) - K * rng.normal(0, np.sqrt(r), 200_000)
joseph, short = (1 - K) ** 2 * P + K**2 * r, (1 - K) * P
close = abs(errors.var() - joseph) < 0.02
print(f"Joseph {joseph:.2f}, short form {short:.2f}; 200 000 simulated errors within 0.02 of Joseph: {close}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. A running mean is a Kalman filter; add drift
#
# Suppose that the level never moves ($Q = 0$), and that at first we know nothing. Then the gains come out as $1, \tfrac12, \tfrac13, \dots$: the running mean. Now let the level drift: each year
# it takes a random step of variance $q$. The gain cannot fall for ever, because old years are about another river.
#
# **Predict:** where does it settle if the step is as large as the noise, $q = r$?

# %% slideshow={"slide_type": "fragment"}
for q in (0, 1):
    gains = [Fraction(1)]  # in units of r = 1 the gain equals the variance after the measurement
    while len(gains) < 6:
        gains.append((gains[-1] + q) / (gains[-1] + q + 1))
    print(f"q = {q}:", ", ".join(map(str, gains)))
gain = kalman.steady_gain(1, 1)
variance = kalman.fixed_gain_variance(gain, 1, 1)
print(f"where it settles: gain {gain:.3f}, variance {variance:.3f}; golden ratio {(1 + 5**0.5) / 2:.3f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Fibonacci numbers, every other one, each over the next! The reason is the *Riccati equation*. A measurement turns the variance $P$ before it into $Pr/(P+r)$, and the drift must bring back what was lost:
#
# $$P = \frac{Pr}{P + r} + q \quad\Longleftrightarrow\quad P^2 = qP + qr .$$
#
# For $q = r$ that is the equation of the golden ratio: $P/r = 1.618$, and the gain $P/(P+r)$ is 0.618.

# %% [markdown] slideshow={"slide_type": "fragment"}
# In general $P = \tfrac12\bigl(q + \sqrt{q^2 + 4qr}\bigr)$. Once the gain has settled the filter is *exponential smoothing*: each year loses the same share of its weight. Any other fixed gain
# $K$ leaves the variance $(q + K^2r)/(K(2-K))$.
#
# **Predict:** how long does the gain take to settle if the drift is small?

# %% slideshow={"slide_type": "subslide"}
models = {f"q/r = {q:g}": kalman.LinearGaussian(F=1, H=1, Q=q, R=1, x0=0, P0=1e8) for q in (0, 0.01, 0.1, 1)}
courses = {
    name: (range(1, 101), kalman.kalman_filter(model, np.zeros(100)).cov.ravel())
    for name, model in models.items()
}
K = np.linspace(0.2, 1.6, 200)
fig, (left, right) = figures.figure(1, 2)
figures.curves(left, courses, x_label="measurements so far", y_label="gain", x_scale="log", y_scale="log")
figures.curves(
    right, {"": (K, kalman.fixed_gain_variance(K, 1, 1))},
    x_label="any fixed gain, for q = r", y_label="variance / r",
)
right.plot([kalman.steady_gain(1, 1)], [(1 + 5**0.5) / 2], "o", color=figures.COLOURS["orange"])
figures.show(
    fig,
    alt="Left, gains fall as one over k without drift and level off with it; right, the variance under a fixed gain is smallest at 0.618.",
    caption="Drift stops the gain from falling. No fixed gain does better than the one where it stops (dot).",
)

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 14 min for parts 3 and 4.* Ask: a thermostat's filter has run for a year; how does its gain depend on the data? (Not at all.) Wrong answer to expect for the limit: $q/(q+r)$,
# which forgets that some error was left from last year; it would give one half. The limit is exercise 2.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. The Nile, and looking back
#
# Nobody told us $q$ and $r$. But the filter predicts each flow before it sees it: $z_k \sim N(x_k, S_k)$. The product of these densities is the *likelihood* of $(q, r)$, and we take
# its maximum. Knowing nothing before 1871, we start from that year's flow, with variance $r$.

# %% slideshow={"slide_type": "subslide"}
fit = kalman.fit_local_level(flow)
print(
    f"r = {fit.r:.0f}, q = {fit.q:.0f}, log-likelihood {fit.loglik:.3f}; "
    "the textbook has 15099, 1469.1 and -632.546"
)
gain = kalman.steady_gain(fit.q, fit.r)
print(f"steady gain {gain:.3f}, variance {gain * fit.r:.0f}: SD {np.sqrt(gain * fit.r):.1f}")
river = kalman.LinearGaussian(F=1, H=1, Q=fit.q, R=fit.r, x0=flow[0], P0=fit.r + fit.q)
filtered = kalman.kalman_filter(river, flow[1:])
smoothed = kalman.rts_smoother(river, filtered)

# %% [markdown] slideshow={"slide_type": "subslide"}
# A good quarter of what is new goes into the level, and in the end that is known with an SD of 63.5 units. That is right for today. In hindsight we know more, since later years are witnesses too. *Smoothing* goes backwards: each state is regressed on the one after it,
#
# $$C = PF^\top P_-^{-1}, \qquad x^s = x + C(x^s_{\text{next}} - x_-), \qquad P^s = P + C(P^s_{\text{next}} - P_-)C^\top,$$
#
# where $x_-, P_-$ is the prediction of the next state. **Predict:** which curve sees the drop of 1899 first?

# %% slideshow={"slide_type": "skip"}
def draw(ax, title, flows, result):
    """Draw flows as dots, and an estimated level with its 90 % band."""
    mean, reach = result.mean[:, 0], 1.645 * np.sqrt(result.cov[:, 0, 0])
    ax.fill_between(year[1:], mean - reach, mean + reach, color=figures.COLOURS["sky"], alpha=0.25, lw=0)
    figures.curves(
        ax, {title: (year[1:], mean)},
        x_label="year", y_label="flow (10⁸ m³ a year)", title=f"{title}, 90 % band",
    )
    ax.plot(year, flows, ".", color="#888888")


# %% slideshow={"slide_type": "subslide"}
fig, axes = figures.figure(1, 2)
draw(axes[0], "filter", flow, filtered)
draw(axes[1], "smoother", flow, smoothed)
figures.show(
    fig,
    alt="The Nile's flows twice: the filter's level lags the drop of 1899 by years, the smoother's is calmer and comes down before it.",
    caption="The filter learns of the drop after it; the smoother, which knows the future, spreads it over both sides.",
)
print(
    f"SD of the level in 1930: filter {np.sqrt(filtered.cov[58, 0, 0]):.0f}, "
    f"smoother {np.sqrt(smoothed.cov[58, 0, 0]):.0f}"
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Neither curve makes a jump, because a level that drifts in small steps never does. Did the river? Let the level start afresh in some year, with nothing carried over but $q$ and $r$, and ask the likelihood.
#
# **Predict:** which year wins, and how much drift is left then?

# %% slideshow={"slide_type": "subslide"}
fits = {
    first: kalman.fit_local_level(flow[: first - 1871], flow[first - 1871 :]) for first in range(1876, 1967)
}
best = max(fits, key=lambda first: fits[first].loglik)
fig, ax = figures.figure()
figures.curves(
    ax, {"": (list(fits), [one.loglik for one in fits.values()])},
    x_label="year in which the level starts afresh", y_label="log-likelihood", marker=".",
)
figures.show(
    fig,
    alt="The log-likelihood against the year of a break: one sharp peak, in 1899.",
    caption="One break in 1899 explains what the drift had to stand for.",
)
print(f"best year: {best}; drift variance q left with that break: {fits[best].q:.0f}")

# %% [markdown] slideshow={"slide_type": "fragment"}
# You should see 1899 and a drift of exactly 0. The river did not wander: it stood, fell once, and stood again. Our drifting level was a wrong model that fitted well:
# its innovations pass every test of part 7, and only the comparison with a better model shows it up.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 12 min for part 5.* Ask: is the smoother's early descent a mistake? It is what a drifting level must do. Wrong answer to expect: "the filter is worse than the smoother". It answers
# another question, the only one that can be asked in 1899.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 6. One big Gaussian
#
# All states and all measurements together are one Gaussian vector. We may condition it on the measurements in one go: no recursion, no time, only a covariance matrix with a row for every number in the story.
#
# **Predict:** how close do filter and smoother come to that, likelihood included?

# %% slideshow={"slide_type": "subslide"}
for name, model, z in [("Nile", river, flow[1:]), ("cart", cart, seen)]:
    batch, forward = kalman.batch_posterior(model, z), kalman.kalman_filter(model, z)
    both = kalman.rts_smoother(model, forward)
    pairs = [(batch.mean, both.mean), (batch.cov, both.cov), (batch.loglik, forward.loglik)]
    worst = max(np.max(np.abs(np.subtract(a, b))) / np.max(np.abs(a)) for a, b in pairs)
    print(f"{name}: mean, covariance and likelihood agree to 1e-10, relatively: {worst < 1e-10}")

# %% [markdown] slideshow={"slide_type": "fragment"}
# The recursion is no approximation. It is the same conditioning, in an order that never needs a large matrix, with work that grows as $N$ and not as $N^3$.
#
# No covariance depends on the data. So `kalman.smooth_many` makes one sequence of gains serve a thousand series, and `kalman.smooth_long` stops computing them when they have settled.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 7. Wrong tuning shows
#
# **It is tempting to think** that the smoothest curve is the best one. But a filter that believes in too little drift lags behind and is surprised on the same side year after year: its innovations are correlated. One that believes in
# too much overreacts, and they alternate. Only at the optimal gain are they white. Under a fixed gain $K$, right or wrong, lag $j$ has
#
# $$\rho_j = \frac{(1-K)P - Kr}{P + r}\,(1-K)^{j-1}.$$

# %% slideshow={"slide_type": "subslide"}
drifting = kalman.LinearGaussian(F=1, H=1, Q=0.1, R=1, x0=0, P0=1)
z = kalman.simulate(drifting, 20_000, rng=rng).measurements[:, 0]
steady = {f"drift believed: {f:g} × the true one": kalman.steady_gain(0.1 * f, 1.0) for f in (0.01, 1, 100)}
found = {
    name: kalman.whiteness(z[1:] - kalman.exponential_smoothing(z, K, z[0])[:-1], 15)
    for name, K in steady.items()
}
fig, ax = figures.figure(height=2.6)
figures.curves(
    ax, {name: (range(1, 16), kalman.innovation_acf(K, 0.1, 1.0, 15)) for name, K in steady.items()},
    x_label="lag (steps)", y_label="autocorrelation",
)
for (name, K), colour in zip(steady.items(), figures.COLOURS.values(), strict=False):
    ax.plot(range(1, 16), found[name].acf, "o", color=colour)
    should = kalman.innovation_acf(K, 0.1, 1.0, 1).round(2)[0] + 0.0  # no minus zero
    print(
        f"{name}: lag 1 should have {should:.2f}; within 0.03: {abs(found[name].acf[0] - should) < 0.03}; "
        f"white noise within {found[name].band:.3f}"
    )
figures.show(
    fig,
    alt="Autocorrelations: high and slowly falling for too little drift, zero for the right one, negative at lag 1 for too much.",
    caption="Dots: 20 000 simulated steps (95 % of white noise within 0.014); lines: the formula. The sign tells which way the tuning is wrong.",
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The innovations' size is a test too. The *normalised innovation squared* (NIS), $\nu^\top S^{-1}\nu$, is $\chi^2$ with as many degrees of freedom as numbers were measured, and its mean over $N$ steps must lie in a narrow interval.
#
# **Task:** find the ratio $q/r$ of the highest likelihood. Move it to $-4$, then to 2: what do bars and NIS do? Go back, open a gap, and add an outlier: for how long is it remembered?

# %% slideshow={"slide_type": "skip"}
def sticks(x, low, high):
    return np.repeat(x, 3), np.column_stack([low, high, np.full(len(x), np.nan)]).ravel()


def nile_view(ratio, gap, outlier):
    z = np.where((year >= 1935) & (year < 1935 + gap), np.nan, flow + outlier * (year == 1920))
    model = kalman.LinearGaussian(F=1, H=1, Q=10**ratio * fit.r, R=fit.r, x0=z[0], P0=(1 + 10**ratio) * fit.r)
    f = kalman.kalman_filter(model, z[1:])
    s = kalman.rts_smoother(model, f)
    mean, reach = s.mean[:, 0], 1.645 * np.sqrt(s.cov[:, 0, 0])
    acf = kalman.whiteness(f.innovation[:, 0] / np.sqrt(f.innovation_cov[:, 0, 0]), 10).acf
    size = np.nanmean(kalman.nis(f.innovation, f.innovation_cov))
    low, high = kalman.nis_bounds(99 - gap, 1, 0.05)
    band = (
        np.concatenate([year[1:], [np.nan], year[1:]]),
        np.concatenate([mean - reach, [np.nan], mean + reach]),
    )
    return {
        "flow": sticks(year, z - 12, z + 12),
        "level": (year[1:], mean),
        "90 % band": band,
        "innovations": sticks(np.arange(1, 11), 0 * acf, acf),
        "reading": f"log-likelihood {f.loglik:.1f}; mean NIS {size:.2f}, should be {low:.2f} to {high:.2f}",
    }


# %% slideshow={"slide_type": "fragment"} tags=["interactive", "nbval-ignore-output"]
nile_explorer = figures.Interactive(
    nile_view,
    controls={
        "ratio": figures.Slider("log10(q/r)", -4.0, 2.0, 0.1, -1.0),
        "gap": figures.Slider("gap", 0, 30, 1, 0),
        "outlier": figures.Slider("outlier", -600, 1000, 50, 0),
    },
    panels=[
        figures.Plot(
            "year", "flow (10⁸ m³ a year)", (1870, 1971), (350, 1950),
            lines=["flow", "level", "90 % band"], legend="upper right",
        ),
        figures.Plot(
            "lag (years)", "autocorrelation", (0.5, 10.5), (-0.7, 1), lines=["innovations"],
            fixed={"95 % of white noise": ([0.5, 10.5, np.nan, 0.5, 10.5], [0.2, 0.2, np.nan, -0.2, -0.2])},
        ),
    ],
    settings=[{"ratio": -4.0}, {"ratio": 2.0}, {"ratio": -1.0, "gap": 30, "outlier": 800}],
    alt="Left, the Nile's flows with the smoothed level and its band; right, the autocorrelations of the innovations as sticks.",
)
nile_explorer.show()

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 16 min for parts 6 and 7.* Hide the axis labels and let the room say "too stiff" or "too nervous" from the bars alone. Ask: the mean NIS is far below its interval; is that good news? Wrong answer to expect:
# "yes, the errors are small". The filter doubts itself more than it should, and gives its measurements the wrong weight.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 8. Missing data: skip the update
#
# Strike out 1891 to 1910 and 1931 to 1950. Without a measurement there is nothing to condition on: predict, and go on. **It is tempting to think** that one may as well repeat the last flow until the next one comes.
# The filter would take twenty copies for twenty witnesses.
#
# **Predict:** what do mean and band do inside a gap, for the filter and for the smoother?

# %% slideshow={"slide_type": "subslide"}
kept = ~((year > 1890) & (year < 1911) | (year > 1930) & (year < 1951))
flows = kalman.on_grid(year[kept], flow[kept])  # NaN where a year is missing
forward = kalman.kalman_filter(river, flows[1:])
backward = kalman.rts_smoother(river, forward)
print(
    f"SD in 1901: filter {np.sqrt(forward.cov[29, 0, 0]):.0f}, "
    f"smoother {np.sqrt(backward.cov[29, 0, 0]):.0f}; "
    f"with copies it would claim {np.sqrt(filtered.cov[29, 0, 0]):.0f}"
)
fig, axes = figures.figure(1, 2)
draw(axes[0], "filter", flows, forward)
draw(axes[1], "smoother", flows, backward)
figures.show(
    fig,
    alt="The Nile with two gaps: the filter's level stays flat with a widening band, the smoother's runs straight across in a lens.",
    caption="The filter waits and grows less sure; the smoother draws a straight line, least sure in the middle.",
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 9. A disc in pictures
#
# A disc crosses a bed of gravel, passes behind a dark wall, and bounces off the right edge. The pictures are noisy: in each only some of the disc's pixels stand out against the empty scene. The mean of their
# positions is the measurement $z$, two numbers; behind the wall there is none.

# %% slideshow={"slide_type": "subslide"}
scene, t = gravel()[:120, :200] / 255, np.arange(120)
scene[:, 80:115] *= 0.3
truth = np.column_stack([190 - np.abs(184 - 2.0 * t), 60 + 25 * np.sin(t / 40)])
frames = [
    kalman.disc_frame(scene, x, y, 6.0, 0.0 if 80 < x < 115 else 0.4) + rng.normal(0, 0.08, scene.shape)
    for x, y in truth
]
found = np.array([kalman.find_disc(frame, scene, 0.45) for frame in frames])
print(
    f"frames without a measurement: {np.isnan(found[:, 0]).sum()} of {len(frames)}; "
    f"typical error of the others: {np.sqrt(np.nanmean((found - truth) ** 2)):.1f} pixels"
)

# %% slideshow={"slide_type": "subslide"}
fig = figures.pictures({f"frame {k}": frames[k] for k in (20, 45, 75)}, height=2.1)
for ax, k in zip(fig.axes, (20, 45, 75), strict=True):
    ax.plot(
        *found[k], "o", color=figures.COLOURS["orange"], markersize=20, markeredgewidth=2, fillstyle="none"
    )
figures.show(
    fig,
    alt="Three noisy pictures of gravel with a dark wall: a circled bright disc left of the wall, no disc, a circled disc right of it.",
    caption="The measurement (middle of the circle) is half a pixel off, typically; behind the wall there is none.",
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# The model: a point with *constant velocity*, but for small random pushes. It has four states, of which two are measured; the filter infers the velocity. Its gains settle where the
# *α-β tracker* of radar engineers has them in closed form.
#
# **Predict:** will the filter find the disc when it comes out? And what will it make of the bounce in frame 92?

# %% slideshow={"slide_type": "subslide"}
track = kalman.kalman_filter(kalman.constant_velocity(2, 1.0, 0.03, 0.5, [6, 0, 60, 0], 4 * np.eye(4)), found)
nis, limit = kalman.nis(track.innovation, track.innovation_cov), stats.chi2.ppf(0.999, 2)
low, high = kalman.nis_bounds(75, 2, 0.05)
fig, (left, right) = figures.figure(1, 2)
figures.curves(
    left, {"truth": truth.T, "filter": track.mean[:, [0, 2]].T}, x_label="x (pixels)", y_label="y (pixels)"
).invert_yaxis()
left.axvspan(80, 115, color="#DDDDDD")  # the wall
figures.curves(
    right, {"NIS": (t, nis), "99.9 % of right models": (t, np.full(120, limit))},
    x_label="frame", y_label="NIS", y_scale="log",
)
figures.show(
    fig,
    alt="Left, the filter's path bridges the wall and strays from the disc's after the bounce; right, the NIS leaps over its limit there.",
    caption="The filter bridges the wall. After the bounce it strays, since its model knows of none; the NIS says so at once.",
)
print(
    f"before the bounce the mean NIS is right: {low < np.nanmean(nis[:92]) < high}; "
    f"first alarm in frame {np.flatnonzero(nis > limit)[0]}"
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **When it fails.** The filter believes its model. A bounce, a jump of the river, one wild measurement: to a Gaussian each is next to impossible, so it drags the estimate along for as long as the gain is small. Where motion or
# sensor is not linear, the conditioning is no longer exact. But the innovations keep a record. Watch them, and when they complain doubt the model before the data.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 12 min for parts 8 and 9.* Ask: how would you make the tracker survive the bounce? (More drift for all time, or a second model that takes over after an alarm.) Wrong answer to expect: "a smaller R". Try it: the filter
# then chases noise before the bounce and still overshoots after it.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["recap"]
# ## What to remember
#
# 1. Predict: move the belief, add $Q$. Update: add $K$ times what is new. Both are Gaussian conditioning, exact to rounding.
# 2. The gain weighs by trust, $K = P/(P+r)$; without drift it falls as $1/k$, with drift it settles, at $q = r$ at 0.618.
# 3. Covariances never see the data; if the model is wrong, they are wrong in silence.
# 4. The innovations are not silent: correlated, or of the wrong size, they betray it. White ones prove nothing: see the Nile.
# 5. A missing measurement is a skipped update; hindsight is one backward pass.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercises"]
# ## Exercises
#
# Write each function in place of the `raise` line, run the cell, then the check below it. The check runs public cases and names the mistake that it recognises;
# grading draws other cases. `np` and `stats` (of scipy) are imported above; nothing else is needed.
#
# *To predict first, ungraded:* a filter runs with the right $q$, but with an $r$ a hundred times too large. Which sign has the first autocorrelation of its innovations? *To break, ungraded:* find one number
# to put into the Nile's flows after which the filter's level lies above every flow of the next ten years. And explain in four sentences, to a jury, why the estimate moved less than half way to that number.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 1: one update (12 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def update(x, P, z, H, R):
    """Return mean (n,) and covariance (n, n) of the state after the measurement z = H x + noise.

    Before it the state had mean x (n,) and covariance P (n, n); z is (m,), H (m, n),
    and the noise has covariance R (m, m).
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(update)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 2: where the gain settles (8 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def steady_gain(q, r):
    """Return the gain, a number without units, at which the filter of a drifting level settles.

    In each step the level takes a random step of variance q >= 0 and is measured with variance r > 0.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(steady_gain)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 3: one step back (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def rts_step(x, P, x_pred, P_pred, x_next, P_next, F):
    """Return mean (n,) and covariance (n, n) of a state given all measurements, those after it too.

    x and P are what the filter knew of this state, x_pred and P_pred what it then predicted of
    the next one (moved by F), and x_next and P_next what is known of that next state given all
    measurements.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(rts_step)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 4: bounds for the mean NIS (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def nis_bounds(N, m, alpha):
    """Return (low, high): the mean NIS over N steps lies outside with probability alpha.

    Half of that lies on each side. The model is right, and each step brings m numbers.
    Quantiles: stats.chi2.ppf(probability, degrees_of_freedom).
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(nis_bounds)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["references"]
# ## Sources, and why to read them
#
# - R. E. Kalman, "A new approach to linear filtering and prediction problems", *J. Basic Engineering* 82 (1960): the source, in terms of projections and not of Gaussians.
# - J. F. Muth, "Optimal properties of exponentially weighted forecasts", *J. Amer. Statist. Assoc.* 55 (1960): exponential smoothing as the best one can do with a drifting level.
# - H. E. Rauch, F. Tung and C. T. Striebel, "Maximum likelihood estimates of linear dynamic systems", *AIAA Journal* 3 (1965): the smoother in three lines.
# - J. Durbin and S. J. Koopman, *Time Series Analysis by State Space Methods*, 2nd edition (2012), chapter 2: all of part 5 and 8, at leisure, on the same river.
# - G. W. Cobb, "The problem of the Nile: conditional solution to a changepoint problem", *Biometrika* 65 (1978): the break of 1899.
# - Y. Bar-Shalom, X. R. Li and T. Kirubarajan, *Estimation with Applications to Tracking and Navigation* (2001), chapter 5: how practitioners test a filter.
