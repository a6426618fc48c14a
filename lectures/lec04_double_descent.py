# ---
# jupyter:
#   coursekit:
#     slug: double_descent
#     title: More parameters than data
#     question: A fit with as many parameters as data explodes. Why does it recover when you add still more?
#     objectives:
#     - compute the shortest least-squares fit for any shape of the data
#     - state its exact risk on either side of interpolation
#     - explain the peak by small singular values, and why more data can hurt
#     - remove the peak by ridge regression with the right penalty
#     - leave one out without refitting, even where the fit interpolates
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
# # More parameters than data
#
# **A fit with as many parameters as data explodes. Why does it recover when you add still more?**
#
# After this lecture you can
#
# - *compute* the shortest least-squares fit for any shape of the data;
# - *state* its exact risk on either side of interpolation;
# - *explain* the peak by small singular values, and why more data can hurt;
# - *remove* the peak by ridge regression with the right penalty;
# - *leave* one out without refitting, even where the fit interpolates.
#
# Needs: [lecture 1 (standard_error)](lec01_standard_error.ipynb), or the recap below. 35 minutes to read, 40 for the exercises; the cells take under 30 CPU seconds.

# %% slideshow={"slide_type": "skip"}
try:
    import numpy as np
    from sklearn.datasets import load_diabetes, load_digits
    from sklearn.preprocessing import PolynomialFeatures

    from coursekit import double_descent, figures
    from coursekit.exercises.double_descent import check
except ModuleNotFoundError as missing:
    message = f"{missing}. Start the course with: python3 course.py start"
    missing._render_traceback_ = lambda: [message]
    raise
rng = np.random.default_rng(4)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["recap-needs"]
# ## Recap: an average is random
#
# From lecture 1. The mean of $N$ independent values of standard deviation $s$ has the *standard error* (SE) $s/\sqrt N$: repeat the experiment, and the mean moves by about
# that much. A simulation agrees with a formula if the two differ by less than some four SE. All this holds only if the values have a variance. An estimate's expected squared
# error, its *risk*, is its variance plus the square of its bias.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. One feature at a time
#
# Forty patients, two hundred features, listed from the most to the least important. The outcome is $y = \sum_j \beta_j a_j + \varepsilon$ with noise of variance $\sigma^2$. Fit the
# first $p$ features by least squares, and measure the squared error on new patients.
#
# Few features miss what matters; many follow the noise. **Predict:** where is the best $p$, and what does the curve do near $p = n = 40$?

# %% slideshow={"slide_type": "subslide"}
n, D, var = 40, 200, 0.05
beta = np.arange(1, D + 1) ** -0.5
beta /= np.linalg.norm(beta)
A = rng.standard_normal((n, D))
y = A @ beta + np.sqrt(var) * rng.standard_normal(n)
fits = double_descent.min_norm_prefixes(A, y)  # row p - 1: the fit with p features
test = ((fits - beta) ** 2).sum(axis=1) + var
figures.show_curves(
    {"test error": (np.arange(1, 31), test[:30])}, x_label="features used p", y_label="squared error",
    alt="Test error over the number of features: it falls, is least before 20, and rises beyond.",
    caption="The curve of the textbooks: too simple on the left, too flexible on the right.",
)
print("best p below 20:", test[:30].argmin() + 1 < 20)
print("p = 30 is worse than no fit at all, 1.05:", test[29] > 1.05)

# %% [markdown] slideshow={"slide_type": "subslide"}
# At $p = 40$ there are as many parameters as data, and the fit goes through every point: the training error is zero. Most books stop here. For $p > 40$ infinitely many fits go
# through every point; take the shortest one.
#
# **Predict:** continue the curve to $p = 200$.

# %% slideshow={"slide_type": "subslide"}
p_all = np.arange(1, D + 1)
train = [np.mean((A[:, :p] @ fits[p - 1, :p] - y) ** 2) for p in p_all]
lines = {"test error": (p_all, test), "no fit": (p_all, np.full(D, 1.05))}
figures.show_curves(
    lines | {"training error": (p_all[:39], train[:39])},
    x_label="features used p", y_label="squared error", y_scale="log",
    alt="Test error on a log axis: a U, a high spike at p = 40, and a second descent to below the error of no fit. Training error falls to zero at 40.",
    caption="The second descent: beyond p = n the test error falls again, with a training error of zero throughout.",
)
print("training error 0 from p = 40 on:", max(train[39:]) < 1e-15)
print("p = 200 below no fit:", test[-1] < 1.05, "  peak over 50 times higher:", test.max() > 50 * test[-1])

# %% [markdown] slideshow={"slide_type": "subslide"}
# The second valley is not always the deeper one, and here it is not. But the worst number of features is not the largest: it is the one at which the fit *just* manages to interpolate. This is *double descent*, and for least squares everything about it
# can be computed: the peak, the valleys, and the cure. No network is needed, although they show it too.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 8 min.* Let the room draw the continuation before the second figure. Ask: who has seen a training error of zero at work, and did you trust it? Wrong answer to expect:
# "it stays at the peak, since the fit can only get wilder".

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. Infinitely many fits
#
# With $n \ge p$ and independent columns the least-squares fit is unique, and every textbook writes $x = (A^\top A)^{-1}A^\top y$. For $n < p$ the naive attempt is to
# use the same line. But the matrix in it is $p \times p$ with rank only $n$: there is nothing to invert. The equations have too many solutions, not too few.

# %% slideshow={"slide_type": "fragment"}
wide = A[:, :60]
print(f"AᵀA is 60 x 60, its rank is {np.linalg.matrix_rank(wide.T @ wide)}")
null = np.linalg.svd(wide)[2][40:]  # 20 directions that the data cannot see
other = fits[59, :60] + 10 * null[0]
print("another fit through all points:", np.allclose(wide @ other, y))

# %% [markdown] slideshow={"slide_type": "fragment"}
# Write $A = USV^\top$ with the singular values $s_i > 0$. The data speak only about the directions $v_i$; along all others a fit may do as it likes. The *minimum-norm* fit does
# nothing there:
#
# $$x = A^+y = V S^{-1} U^\top y .$$
#
# One formula for any shape and any rank. It is also the limit of ridge regression for a vanishing penalty $\lambda$, which we check.

# %% slideshow={"slide_type": "subslide"}
def shortest(A, y):
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    kept = s > 1e-10 * s[0]
    return Vt[kept].T @ (U[:, kept].T @ y / s[kept])


x = shortest(wide, y)
print("equals coursekit:", np.allclose(x, double_descent.min_norm_lstsq(wide, y)))
print("equals row 60 of all prefixes at once:", np.allclose(x, fits[59, :60]))
print("is the limit of ridge:", np.allclose(x, double_descent.ridge(wide, y, 1e-9)))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. How bad is the peak?
#
# From here on all features are alike: the rows of $A$ are standard normal in $p$ dimensions, the truth is $x^*$ with $B = \lVert x^*\rVert^2 = 1$, and $\sigma^2 = \tfrac14$. The
# loss is $\lVert x - x^*\rVert^2$, which is also what a prediction loses beyond the noise. "Always answer 0" loses 1.
#
# **Predict:** the typical loss at $n = p = 40$, and the largest among 4000 data sets.

# %% slideshow={"slide_type": "subslide"}
losses = double_descent.excess_losses(40, 40, 1.0, 0.25, 4000, rng=rng)
share = 1 - np.arange(4000) / 4000
tail = np.geomspace(30, losses.max(), 2)
figures.show_curves(
    {"4000 data sets": (np.sort(losses), share), "slope −½": (tail, 2.4 / np.sqrt(tail))},
    x_label="loss", y_label="share with a larger loss", x_scale="log", y_scale="log",
    alt="Share of data sets above a loss, on log axes: flat up to 1, then a straight line down to the largest losses.",
    caption="A tail of slope −½: a hundred times the loss is only ten times as rare.",
)
print("median between 19 and 25:", 19 < np.median(losses) < 25)
print("largest above 100 000:", losses.max() > 1e5)

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is tempting to think** that with enough data sets the average loss settles down. With a tail of slope $-\tfrac12$ the mean is infinite: each new record swamps all that came
# before, and a standard error computed from such values means nothing. Compare the averages of batches of a thousand.

# %% slideshow={"slide_type": "fragment"}
means = losses.reshape(4, 1000).mean(axis=1)
medians = np.median(losses.reshape(4, 1000), axis=1)
print(f"averages of four batches differ by more than a factor of 3: {means.max() > 3 * means.min()}")
print(f"medians differ by less than a factor of 1.5: {medians.max() < 1.5 * medians.min()}")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 9 min for parts 2 and 3.* Ask: which other fits interpolate, and why prefer the shortest? Wrong answer to expect: "because it is simplest". It is a choice;
# part 9 shows who makes it. The median here is about 22, the same on every machine up to sampling.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. The culprit: a small singular value
#
# The fit divides by $s_i$, so noise along $u_i$ enters $x$ with the factor $1/s_i$. Each unknown adds a column; a new column close to the span of the others makes a small
# $s$. For large random matrices the smallest singular value is about $|\sqrt p - \sqrt n|$.
#
# **Predict:** does a column beyond $p = n$ make the smallest one larger or smaller?

# %% slideshow={"slide_type": "subslide"}
designs = rng.standard_normal((20, 40, 160))
p_grid = np.arange(4, 161, 4)
least = [np.linalg.svd(designs[:, :, :p], compute_uv=False)[:, -1].mean() for p in p_grid]
law = np.abs(np.sqrt(p_grid) - np.sqrt(40))
figures.show_curves(
    {"mean of 20 designs": (p_grid, least), "|√p − √n|": (p_grid, law)},
    x_label="unknowns p", y_label="smallest singular value",
    alt="The smallest singular value falls to near zero at p = 40 and rises again, close to the curve of the law.",
    caption="Square is worst: on either side of p = n the smallest singular value moves away from 0.",
)
print("within 0.6 of the law from p = 20 on:", np.abs(least - law)[4:].max() < 0.6)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Below $n$ a new column can only be nearer to the others. Beyond $n$ the *rows* are what must stay apart, and longer rows of random numbers are ever closer to orthogonal.
# This is the whole secret of the second descent: more unknowns give the noise more room to hide in.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. The exact curve
#
# 1. $x - x^* = -(I - A^+A)\,x^* + A^+\varepsilon$: what the rows do not see, and noise.
# 2. The two are orthogonal, so the risk is $\lVert(I - A^+A)x^*\rVert^2 + \sigma^2\sum_i 1/s_i^2$.
# 3. For $p > n$ the rows span $n$ of $p$ dimensions, in no special direction: $B(1 - n/p)$ is lost. For $p \le n$ nothing is.
# 4. For $p \le n$, $\sum 1/s_i^2 = \mathrm{tr}(A^\top A)^{-1} = \sum_j 1/\lVert a_j^\perp\rVert^2$, with $a_j^\perp$ the part of column $j$ orthogonal to the others: its squared length is $\chi^2$ with $n - p + 1$ degrees of freedom.
# 5. The mean of $1/\chi^2_k$ is $1/(k-2)$ for $k > 2$ and infinite otherwise. For $p > n$ rows and columns change places.

# %% [markdown] slideshow={"slide_type": "subslide"}
# Put together, this is the risk of the shortest fit. No limit was taken and nothing was approximated, so it holds for 4 rows as for 4000:
#
# $$E\lVert x - x^*\rVert^2 = \begin{cases}\sigma^2\,\dfrac{p}{n-p-1} & p < n-1,\\[2ex] B\Bigl(1-\dfrac np\Bigr) + \sigma^2\,\dfrac{n}{p-n-1} & p > n+1,\end{cases}$$
#
# and infinite at $p = n-1$, $n$, $n+1$. **Predict:** will a thousand simulated data sets, fitted with nothing adjusted, fall on it?

# %% slideshow={"slide_type": "subslide"}
widths = np.arange(1, 401)
exact = [double_descent.excess_risk(40, int(p), 1.0, 0.25) for p in widths]
fig, ax = figures.figure(height=2.6)
lines = {"exact": (widths, exact), "answer 0": ([1, 400], [1, 1])}
figures.curves(ax, lines, x_label="unknowns p", y_label="risk", x_scale="log", y_scale="log")
for p in (5, 20, 34, 46, 60, 120, 400):
    losses = double_descent.excess_losses(40, p, 1.0, 0.25, 1000 if p < 400 else 200, rng=rng)
    risk, se = exact[p - 1], losses.std(ddof=1) / np.sqrt(losses.size)
    ax.plot(p, losses.mean(), "o", color=figures.COLOURS["green"])
    print(f"p = {p:3}: exact {risk:.4f}, simulation within 4 SE: {abs(losses.mean() - risk) < 4 * se}")
figures.show(
    fig,
    alt="The exact risk rises to infinity at p = 40 and falls beyond, to below 1; simulated points lie on it.",
    caption="Lines: theory. Points: simulation. Nothing was fitted.",
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The first branch does not contain $B$, the second tends to $B$: with very many unknowns the shortest fit answers almost 0. Between peak and limit there may be a valley, near
# $p = n\sqrt B/(\sqrt B - \sigma)$, if $\sqrt B > \sigma$. With more noise than signal there is none, and answering 0 beats every interpolating fit.

# %% slideshow={"slide_type": "fragment"}
for noise in (0.25, 1.0):
    beyond = [double_descent.excess_risk(40, p, 1.0, noise) for p in range(42, 4000)]
    print(f"noise {noise}: least risk beyond n is {min(beyond):.3f}, at p = {42 + np.argmin(beyond)}")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 14 min for parts 4 and 5.* Step 4 deserves the blackboard: draw one column and the plane of the others. Ask: why is the mean infinite already at $p = n - 1$? Wrong answer to
# expect: "rounding". Two degrees of freedom are not enough for $1/\chi^2$.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 6. Turn the knobs
#
# Ridge regression minimises $\lVert Ax - y\rVert^2 + \lambda\lVert x\rVert^2$, which replaces $1/s$ by $s/(s^2 + \lambda)$: large singular values are inverted as before,
# small ones no longer. The function below takes 40 rows, keeps the singular values of its first $p$ columns, and averages the risk over the noise and over all directions of $x^*$, which needs nothing else.

# %% slideshow={"slide_type": "skip"}
big, sizes = rng.standard_normal((40, 160)), np.arange(2, 161)
spectra = [np.linalg.svd(big[:, :p], compute_uv=False) for p in sizes]
s_grid = np.linspace(0.01, 19, 200)


def spectrum_view(p, var, lam):
    mean = np.array([double_descent.excess_risk(40, int(q), 1.0, var) for q in sizes])
    risks = [double_descent.spectrum_risk(spectra[q - 2], int(q), 1.0, var, lam) for q in sizes]
    s, best_lam = spectra[p - 2], double_descent.optimal_ridge(40, p, 1.0, var)
    best = double_descent.spectrum_risk(s, p, 1.0, var, best_lam)
    return {
        "s / (s² + λ)": (s_grid, s_grid / (s_grid**2 + lam)),
        "singular values": (s, s / (s**2 + lam)),
        "λ = 0, exact mean": (sizes, np.where(np.isfinite(mean), mean, np.nan)),
        "one design, this λ": (sizes, risks),
        "this p": ([p], [risks[p - 2]]),
        "reading": f"smallest singular value {s[-1]:.2f}, risk {risks[p - 2]:.3g}; with the best λ {best:.2f}",
    }


# %% [markdown] slideshow={"slide_type": "fragment"}
# **Task:** put $p$ on the peak and bring the risk below 1 with $\lambda$ alone. Then double the noise: must $\lambda$ grow or shrink? Last, set
# $\lambda = 0$: where does this one design follow the mean, and where does luck decide?

# %% slideshow={"slide_type": "fragment"} tags=["interactive", "nbval-ignore-output"]
spectrum_explorer = figures.Interactive(
    spectrum_view,
    controls={
        "p": figures.Slider("unknowns p", 2, 160, 1, 44),
        "var": figures.Slider("noise σ²", 0.05, 1.5, 0.05, 0.25),
        "lam": figures.Slider("penalty λ", 0.0, 40.0, 0.5, 0.5),
    },
    panels=[
        figures.Plot(
            "singular value s", "factor of the noise", (0, 19), (1e-2, 1e2),
            lines=["s / (s² + λ)"], points=["singular values"], y_scale="log",
        ),
        figures.Plot(
            "unknowns p", "risk", (0, 160), (2e-2, 2e3),
            lines=["λ = 0, exact mean", "one design, this λ"], points=["this p"], y_scale="log",
        ),
    ],
    settings=[{"p": 40, "lam": 0.0}, {"p": 40, "lam": 10.0}, {"p": 120, "lam": 0.0}],
    alt="Left, the factor by which noise enters at each singular value; right, the risk over the number of unknowns, with a peak at 40 that a penalty flattens.",
)
spectrum_explorer.show()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 7. More data can hurt
#
# **It is tempting to think** that one more row can do no harm: who does not want it may ignore it. But the shortest fit does not ignore, it interpolates. Hold $p = 60$ and let $n$
# grow: the peak must stand at $n = p$, seen from the other side. **Predict:** how many rows does it take to be as good as with 30?

# %% slideshow={"slide_type": "subslide"}
rows = np.arange(2, 161)
risk = np.array([double_descent.excess_risk(int(n), 60, 1.0, 0.25) for n in rows])
shown = np.where(np.isfinite(risk), risk, np.nan)
figures.show_curves(
    {"p = 60": (rows, shown), "with 30 rows": (rows, np.full(rows.size, risk[28]))},
    x_label="rows of data n", y_label="risk", y_scale="log",
    alt="Risk against the number of rows: it falls slightly, rises to a peak at n = 60, and falls for good.",
    caption="From 30 rows to 60, each new row makes the shortest fit worse.",
)
enough = rows[(rows > 61) & (risk < risk[28])][0]
print(f"30 rows: {risk[28]:.2f}, 55 rows: {risk[53]:.2f}; as good as 30 again with {enough} rows")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 8. Ridge removes the peak
#
# Given the design, averaged over noise and direction, the risk of ridge is a sum over singular values,
#
# $$\sum_i \frac{\sigma^2 s_i^2 + \lambda^2 B/p}{(s_i^2+\lambda)^2} + (p-r)\frac Bp ,$$
#
# with $r$ of them not zero. Differentiate one term: it is least at $\lambda = p\,\sigma^2/B$, *the same for all* $s_i$, so best for every design at once.
#
# **Predict:** with that $\lambda$, what is left of the peak? And with a thirtieth of it?

# %% slideshow={"slide_type": "subslide"}
curves = {}
for name, factor in [("shortest fit", 0), ("best λ / 30", 1 / 30), ("best λ", 1)]:
    risks = []
    for p in p_grid:
        lam = factor * double_descent.optimal_ridge(40, int(p), 1.0, 0.25)
        spectra_p = np.linalg.svd(designs[:, :, :p], compute_uv=False)
        risks.append(np.mean([double_descent.spectrum_risk(s, int(p), 1.0, 0.25, lam) for s in spectra_p]))
    curves[name] = (p_grid, risks)
figures.show_curves(
    curves, x_label="unknowns p", y_label="risk, mean of 20 designs", y_scale="log",
    alt="Three curves: a high peak at p = 40, a small bump, and a smooth rise without any peak.",
    caption="Tuned, ridge has no peak and lies below both branches.",
)
print("no peak:", (np.diff(risks) > 0).all())
print("never above the shortest fit:", (np.array(risks) <= curves["shortest fit"][1]).all())

# %% [markdown] slideshow={"slide_type": "fragment"}
# So the peak is not a law of nature. It is what happens if nobody says how large $x$ may be. The second descent is a descent only against a fit that should not have been used at $p = n$.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 16 min for parts 6 to 8.* Ask before part 7: would you throw away half of your data? With the shortest fit and 55 rows, yes. Wrong answer to expect in part 8: "λ must depend on $n$".
# The loss is a sum over rows, so the data outgrow the penalty by themselves.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 9. Which fit does gradient descent choose?
#
# Nobody computes singular values to train a network; one runs $x \leftarrow x - \eta A^\top(Ax - y)$. Each step adds a combination of the rows of $A$. Start at 0, and $x$ never
# leaves the span of the rows: the limit is the shortest fit, unasked.
#
# **Predict:** where does it end if it starts elsewhere?

# %% slideshow={"slide_type": "subslide"}
wide, start = A[:, :120], rng.standard_normal(120)
goal = double_descent.min_norm_lstsq(wide, y)
steps = np.arange(0, 301, 10)
away = {}
for name, x0 in [("from 0", np.zeros(120)), ("from x0", start)]:
    path = [double_descent.gradient_descent(wide, y, x0, int(k)) for k in steps]
    away[name] = (steps, [np.linalg.norm(x - goal) for x in path])
figures.show_curves(
    away, x_label="steps", y_label="distance from the shortest", y_scale="log",
    alt="Distance from the shortest fit over steps: from 0 it falls to rounding error, from x0 it levels off far away.",
    caption="Both fit the data perfectly; only the one that starts at 0 finds the shortest fit.",
)
end = double_descent.gradient_descent(wide, y, start, 300)
print("both interpolate:", np.allclose(wide @ end, y), np.allclose(wide @ goal, y))
print("limit x0 + A⁺(y − A x0):", np.allclose(end, start + shortest(wide, y - wide @ start)))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 10. Leave features out
#
# Back to the features of part 1, where $p$ of $D$ are used. What is left out acts as more noise: its variance is $v = \sigma^2 + \sum_{j>p}\beta_j^2$, and the same argument gives the
# error of a prediction exactly, $v\,(1 + \tfrac{p}{n-p-1})$ on the left and $\sum_{j\le p}\beta_j^2(1-\tfrac np) + v\,(1+\tfrac{n}{p-n-1})$ on the right. Whether the second valley is the deeper
# depends on how well the features are ordered: below, $\beta_j \propto j^{-a}$.

# %% slideshow={"slide_type": "skip"}
order, used = np.arange(1, D + 1), np.arange(D + 1)


def valley_view(n, a, var):
    beta = order**-a / np.linalg.norm(order**-a)
    risk = np.array([double_descent.weak_features_risk(n, int(p), beta, var) for p in used])
    first, second = int(risk[:n].argmin()), n + int(risk[n:].argmin())
    return {
        "importance": (order, beta**2),
        "test error": (used, np.where(np.isfinite(risk), risk, np.nan)),
        "best of each side": ([first, second], risk[[first, second]]),
        "reading": f"best left {risk[first]:.2f} with {first} features, right {risk[second]:.2f} with {second}",
    }


# %% [markdown] slideshow={"slide_type": "fragment"}
# With features in no order ($a = 0$) the right side wins, because every feature left out is noise; well sorted, the left side wins.
#
# **Task:** find the largest decay $a$ for which the right valley is the deeper one. Does more noise help the left or the right? And more data?

# %% slideshow={"slide_type": "subslide"} tags=["interactive", "nbval-ignore-output"]
valley_explorer = figures.Interactive(
    valley_view,
    controls={
        "n": figures.Slider("rows n", 10, 100, 1, 40),
        "a": figures.Slider("decay a", 0.0, 1.5, 0.05, 0.5),
        "var": figures.Slider("noise σ²", 0.01, 0.5, 0.01, 0.05),
    },
    panels=[
        figures.Plot(
            "feature j", "squared coefficient", (0.9, 200), (1e-6, 1),
            lines=["importance"], x_scale="log", y_scale="log",
        ),
        figures.Plot(
            "features used p", "squared error", (-4, 204), (0.02, 20),
            lines=["test error"], points=["best of each side"], y_scale="log",
        ),
    ],
    settings=[{"a": 0.0}, {"a": 0.5}, {"a": 1.0}],
    alt="Left, the squared coefficients falling with a power law; right, the exact test error with its two valleys and the best point of each marked.",
)
valley_explorer.show()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 11. Leave one out
#
# With real data nobody knows $x^*$. Leave row $i$ out, fit the rest, predict $y_i$. Refitting is not needed: for $n > p$ the residual is $r_i/(1-h_i)$, with the *leverage* $h_i$, the weight of $y_i$ in its own
# prediction. When the fit interpolates this is $0/0$; then it is $(K^{-1}y)_i/(K^{-1})_{ii}$ with $K = AA^\top$.
#
# Studies of sixty diabetes patients, ten measurements and their products. **Predict:** will leaving one out see the peak?

# %% slideshow={"slide_type": "subslide"}
X, target = load_diabetes(return_X_y=True, scaled=False)
X = (X - X.mean(axis=0)) / X.std(axis=0)
products = PolynomialFeatures(3, interaction_only=True).fit_transform(X)
target = (target - target.mean()) / target.std()
groups = rng.permutation(442)[:420].reshape(7, 60)  # seven studies
counts = [*range(5, 50, 5), 54, 57, 59, 61, 64, 68, *range(75, 176, 10)]
left_out, new = np.zeros((2, 7, len(counts)))
for g, col in np.ndindex(7, len(counts)):
    F, study = products[:, : counts[col]], groups[g]
    others = np.setdiff1d(np.arange(442), study)
    left_out[g, col] = np.mean(double_descent.loo_residuals(F[study], target[study]) ** 2)
    x = double_descent.min_norm_lstsq(F[study], target[study])
    new[g, col] = np.mean((F[others] @ x - target[others]) ** 2)
left_out, new = np.median(left_out, axis=0), np.median(new, axis=0)
figures.show_curves(
    {"leave one out": (counts, left_out), "382 other patients": (counts, new)},
    x_label="products used p", y_label="squared error / variance", y_scale="log",
    alt="Leave-one-out error of 60 patients and the error on 382 others: both peak near p = 60 and fall again.",
    caption="Medians of seven studies: sixty patients foretell the peak without a single new patient.",
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# The training error said 0 from $p = 60$ on and knew nothing. Leaving one out knows, and costs one fit. Since it measures error and not closeness of fit, it shows the first valley, the peak and the second descent. Compare it with sixty honest refits, on the interpolating side.

# %% slideshow={"slide_type": "fragment"}
F, t = products[groups[0], :120], target[groups[0]]
refits = [t[i] - F[i] @ shortest(np.delete(F, i, axis=0), np.delete(t, i)) for i in range(60)]
print("equals 60 refits:", np.allclose(double_descent.loo_residuals(F, t), refits))
print("both peak between p = 57 and 64:", all(57 <= counts[e.argmax()] <= 64 for e in (left_out, new)))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 12. Digits, through random neurons
#
# Images of digits, $8 \times 8$ pixels. Each feature is a neuron with random weights, $\max(0, w^\top x)$, never trained; the last layer is fitted by least squares to 300 images, of which one label in seven is replaced at random.
# Nothing here is normal or independent, so the exact formula does not apply.
#
# **Predict:** how many neurons are worst?

# %% slideshow={"slide_type": "subslide"}
pixels, digit = load_digits(return_X_y=True)
counts, one_of_ten = [25, 50, 100, 200, 270, 300, 330, 400, 600, 1200, 2400], np.eye(10)
error = np.zeros((3, len(counts)))
for run, col in np.ndindex(3, len(counts)):
    if col == 0:  # a new draw of images, labels and neurons
        mixed, wrong = rng.permutation(1797), rng.random(1797) < 0.15
        label = one_of_ten[np.where(wrong, rng.integers(0, 10, 1797), digit)]
        neurons = double_descent.random_relu_features(pixels / 16, counts[-1], rng=rng)[mixed]
    x = double_descent.min_norm_lstsq(neurons[:300, : counts[col]], label[mixed[:300]])
    rest = neurons[300:, : counts[col]] @ x - one_of_ten[digit[mixed[300:]]]
    error[run, col] = (rest**2).sum(axis=1).mean()
middle = dict(zip(counts, np.median(error, axis=0), strict=True))
figures.show_curves(
    {"test error": (counts, list(middle.values()))},
    x_label="random neurons p", y_label="squared error", x_scale="log", y_scale="log", marker="o",
    alt="Test error on digits over the number of random neurons, on log axes: a valley near 50, a spike near 300, and as low again at 2400.",
    caption="The same shape with real images: worst near p = n = 300, and with eight times as many neurons as images as good as ever.",
)
print("worst at 300 or 330:", max(middle, key=middle.get) in (300, 330))
print("300 over 10 times 100:", middle[300] > 10 * middle[100])
print("2400 within a quarter of the best below 300:", middle[2400] < 1.25 * min(list(middle.values())[:4]))

# %% [markdown] slideshow={"slide_type": "subslide"}
# **When it fails.** The exact curve needs rows without structure. Correlated features move the valleys, though not the peak. With more noise than signal no interpolating fit beats the answer 0 (part 5). A tuned penalty beats
# them all (part 8). And the second descent says that more parameters *need* not hurt, never that they help.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 15 min for parts 9 to 12.* Ask: a network starts at random weights, not at 0; what does part 9 say about it? Wrong answer to expect: "leave one out needs n fits". In part 12 let them guess
# what happens without wrong labels: the peak shrinks, but stays.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["recap"]
# ## What to remember
#
# 1. The shortest fit $A^+y$ serves every shape; gradient descent from 0 finds it.
# 2. Risk: $\sigma^2 p/(n-p-1)$ before, $B(1-n/p) + \sigma^2 n/(p-n-1)$ beyond, infinite at $n-1$, $n$, $n+1$.
# 3. The peak is small singular values; it stands at $n = p$, so more data can hurt.
# 4. Ridge with $\lambda = p\sigma^2/B$ has no peak.
# 5. Leave one out costs one fit, also where the training error is 0.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercises"]
# ## Exercises
#
# Write each function in place of the `raise` line, run the cell, then the check below it. The check runs public cases and names the mistake that it recognises;
# grading draws other cases. Import nothing but numpy.
#
# *To predict first, ungraded:* a row of the data is entered twice. What happens to the peak? *To break, ungraded:* find a true $x^*$ and a design for which the penalty
# $\lambda = p\sigma^2/B$ does worse than none.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 1: the shortest fit (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def min_norm_lstsq(A, y, rcond=1e-10):
    """Return the shortest of all x (p,) that make |A x - y| as small as it can be.

    A (n, p) has any shape and any rank, y has n entries. A singular value that is at most rcond times the
    largest counts as zero.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(min_norm_lstsq)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 2: the exact risk (12 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def excess_risk(n, p, B, var):
    """Return E|x - x*|^2 of the shortest least-squares fit, a number; np.inf where the mean does not exist.

    n rows, standard normal in p dimensions; B = |x*|^2; the noise has the variance var > 0.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(excess_risk)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 3: the best penalty (8 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def optimal_ridge(n, p, B, var):
    """Return the lam for which |A x - y|^2 + lam |x|^2 gives the least risk E|x - x*|^2.

    The squared error is a sum over the n rows. B = |x*|^2, in no direction known before; the noise
    has the variance var.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(optimal_ridge)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 4: leave one out (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def loo_residuals(A, y):
    """Return (n,) residuals: each y[i] minus its prediction by the shortest fit to the other rows.

    A (n, p) has rank min(n, p), and may be tall, square or wide. One fit is enough; n fits give the same.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(loo_residuals)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["references"]
# ## Sources, and why to read them
#
# - M. Belkin, D. Hsu, S. Ma and S. Mandal, "Reconciling modern machine-learning practice and the classical bias–variance trade-off", *PNAS* 116 (2019): the name, and the curve in networks and forests.
# - M. Belkin, D. Hsu and J. Xu, "Two models of double descent for weak features", *SIAM J. Math. Data Sci.* 2 (2020): the exact formulas of parts 5 and 10.
# - T. Hastie, A. Montanari, S. Rosset and R. J. Tibshirani, "Surprises in high-dimensional ridgeless least squares interpolation", *Ann. Statist.* 50 (2022): correlated features, and the limit of large $n$ and $p$.
# - P. Nakkiran, P. Venkat, S. Kakade and T. Ma, "Optimal regularization can mitigate double descent", *ICLR* (2021): why the tuned penalty has no peak.
# - M. Loog, T. Viering and others, "A brief prehistory of double descent", *PNAS* 117 (2020): who saw the peak decades earlier.
