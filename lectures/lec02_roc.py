# ---
# jupyter:
#   coursekit:
#     slug: roc
#     title: The ROC curve, or every threshold at once
#     question: A detector gives each case a score. What can be said about it before anyone has chosen a threshold?
#     objectives:
#     - build a ROC curve from scores and labels, ties included
#     - prove that its slope is the likelihood ratio
#     - read the area as the chance of winning a game, and put an error bar on it
#     - choose a threshold from costs and rarity
#     - spot an improper curve, and repair it
#     needs:
#     - standard_error
#     minutes:
#       read: 35
#       exercises: 35
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # The ROC curve, or every threshold at once
#
# **A detector gives each case a score. What can be said about it before anyone has chosen a threshold?**
#
# After this lecture you can
#
# - *build* a ROC curve from scores and labels, ties included;
# - *prove* that its slope is the likelihood ratio;
# - *read* the area as the chance of winning a game, and *put* an error bar on it;
# - *choose* a threshold from costs and rarity;
# - *spot* an improper curve, and *repair* it.
#
# Needs: [lecture 1](lec01_standard_error.ipynb) (recap below). 35 minutes to read, 35 for the exercises; the cells take under 30 CPU seconds.

# %% slideshow={"slide_type": "skip"}
try:
    import numpy as np
    from scipy.stats import norm
    from skimage import data
    from sklearn.datasets import load_breast_cancer

    from coursekit import figures, roc
    from coursekit.exercises.roc import check
except ModuleNotFoundError as missing:
    message = f"{missing}. Start the course with: python3 course.py start"
    missing._render_traceback_ = lambda: [message]
    raise

# %% [markdown] slideshow={"slide_type": "skip"} tags=["recap-needs"]
# ## Recap: the error bar of an estimate
#
# From lecture 1. The *standard deviation* says how far single data scatter, the *standard error* (SE) how far an estimate would scatter if all
# the data were drawn again. The mean of $N$ independent values of SD $\sigma$ has $\text{SE} = \sigma/\sqrt N$. Values that depend on each other count for
# fewer, so the formula is then too small. Where the estimate is nearly normal, $\pm 1.96$ SE covers the truth 95 times in 100.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. Where to set the threshold?
#
# A radar looks into 200 cells of range. An empty cell returns noise, its power exponential with mean 1. A target returns a fading echo besides:
# exponential with mean $1+S$, here $S = 10$. The alarm is raised where the power reaches a threshold $\gamma$.
#
# **Predict:** raise $\gamma$ from 3 to 7. What happens to false alarms, and what to misses?

# %% slideshow={"slide_type": "subslide"}
rng, snr, cells, targets = np.random.default_rng(2), 10.0, np.arange(200), np.array([31, 67, 96, 140, 178])
power = rng.exponential(1 + snr * np.isin(cells, targets))
fig, ax = figures.figure()
ax.plot(targets, power[targets], "o", color=figures.COLOURS["purple"], label="target", zorder=3)
figures.curves(
    ax, {"power": (cells, power), "γ = 7": (cells, np.full(200, 7)), "γ = 3": (cells, np.full(200, 3))},
    x_label="range cell", y_label="power / mean noise power",
)
figures.show(
    fig,
    alt="A jagged line of power over 200 range cells, dots on the five cells with a target, and two horizontal thresholds.",
    caption="No threshold parts targets from noise: a fading echo is sometimes weaker than the noise around it.",
)
for g in (3, 7):
    print(
        f"γ = {g}: {np.exp(-g):.1%} of empty cells raise an alarm, "
        f"{np.exp(-g / (1 + snr)):.0%} of targets are found"
    )

# %% [markdown] slideshow={"slide_type": "subslide"}
# An obvious mark for a radar is its *accuracy*, the share of cells it gets right. The picture held five targets; on an ordinary day one cell in 200 holds one. Compare our
# radar, at every threshold, with one whose aerial is unplugged ($S = 0$).
#
# **Predict:** by how much will the working radar win?

# %% slideshow={"slide_type": "subslide"}
rare, gammas = 1 / 200, np.linspace(0, 14, 141)
working, unplugged = ((1 - rare) * (1 - np.exp(-gammas)) + rare * np.exp(-gammas / (1 + s)) for s in (snr, 0))
fig, ax = figures.figure()
figures.curves(
    ax, {"working": (gammas, working), "unplugged": (gammas, unplugged)},
    x_label="threshold γ", y_label="accuracy",
)
figures.show(
    fig,
    alt="Two curves of accuracy against the threshold, one for each radar, rise from near 0 to 0.995 on top of each other.",
    caption="By accuracy, a radar that works can hardly be told from one that is unplugged.",
)
print(f"never an alarm {1 - rare:.3f}; working radar {working.max():.3f} at best, {working[30]:.3f} at γ = 3")

# %% [markdown] slideshow={"slide_type": "fragment"}
# Never raising an alarm is right 995 times in 1000, and beats the working radar at $\gamma = 3$. Accuracy mixes three things: the detector, the threshold and
# the rarity of targets. We want to see the detector alone.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 5 min.* Let the room propose a mark before you show accuracy; it will propose accuracy. Ask: who would buy the unplugged radar? Wrong answer to
# expect: "test with as many targets as empty cells". That removes the rarity and keeps the threshold.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. Every threshold at once
#
# Two rates know nothing of rarity. For a score $T$ with density $f_0$ without a target and $f_1$ with one, let
#
# $$\text{FPR}(\gamma) = P_0(T \ge \gamma), \qquad \text{TPR}(\gamma) = P_1(T \ge \gamma).$$
#
# As $\gamma$ falls, the point (FPR, TPR) runs from $(0,0)$ to $(1,1)$ along the *receiver operating characteristic*, the ROC curve.
#
# **Task:** take $N(0,1)$ and $N(\mu,\sigma_1^2)$ for the densities. Where is the tangent parallel to the diagonal? What do the densities do there?
# With $\sigma_1 = 1.7$, where is the curve below the diagonal?

# %% slideshow={"slide_type": "skip"}
score, sweep, grid = np.linspace(-5, 8, 300), np.linspace(-9, 14, 400), np.linspace(0, 1, 2001)
roc_axes = {"x_label": "false-alarm rate FPR", "y_label": "hit rate TPR"}


def rates(gamma, mu, sigma1):
    return roc.tail_probability(gamma, 0.0, 1.0), roc.tail_probability(gamma, mu, sigma1)


def roc_view(mu, sigma1, gamma):
    (fpr, below, above), (tpr, high, low) = rates(gamma + np.array([0, -1e-3, 1e-3]), mu, sigma1)
    slope, ratio = (high - low) / (below - above), roc.likelihood_ratio(gamma, 0.0, mu, 1.0, sigma1)
    reach = np.array([-0.25, 0.25]) / np.hypot(1, slope)
    return {
        "target": (score, norm.pdf(score, mu, sigma1)),
        "threshold": gamma,
        "ROC": rates(sweep, mu, sigma1),
        "tangent": (fpr + reach, tpr + slope * reach),
        "at γ": ([fpr], [tpr]),
        "reading": f"FPR {fpr:.3f}, TPR {tpr:.3f}; slope {slope:.3g}, ratio of the densities {ratio:.3g}",
    }


# %% slideshow={"slide_type": "fragment"} tags=["interactive", "nbval-ignore-output"]
roc_explorer = figures.Interactive(
    roc_view,
    controls={
        "mu": figures.Slider("mean μ", 0.0, 4.0, 0.1, 1.3),
        "sigma1": figures.Slider("SD σ₁", 0.5, 2.0, 0.1, 1.0),
        "gamma": figures.Slider("threshold γ", -3.0, 5.0, 0.05, 1.5),
    },
    panels=[
        figures.Plot(
            "score T", "density", (-5, 8), (0, 0.85), ["target"], [], ["threshold"],
            {"no target": (score, norm.pdf(score))},
        ),
        figures.Plot(
            *roc_axes.values(), (0, 1), (0, 1.02), ["ROC", "tangent"], ["at γ"],
            fixed={"chance": ([0, 1], [0, 1])}, legend="lower right",
        ),
    ],
    settings=[{"sigma1": 1.0, "gamma": 0.65}, {"sigma1": 1.0, "gamma": 2.0}, {"sigma1": 1.7, "gamma": -2.3}],
    alt="Left, two bell curves and a threshold; right, the ROC curve with the point for that threshold and its tangent.",
)
roc_explorer.show()

# %% [markdown] slideshow={"slide_type": "subslide"}
# From data the curve takes one sort: walk down the scores, step up for a positive (label 1) and to the right for a negative (label 0).
#
# For the fading target we know what should come out: $\text{FPR} = e^{-\gamma}$ and $\text{TPR} = e^{-\gamma/(1+S)}$, so $\text{TPR} = \text{FPR}^{1/(1+S)}$.

# %% slideshow={"slide_type": "fragment"}
def short_roc(scores, labels):
    # One sort, then count on the way down.
    hit = labels[np.argsort(-scores)] == 1
    tpr, fpr = np.cumsum(hit) / hit.sum(), np.cumsum(~hit) / (~hit).sum()
    return np.append(0, fpr), np.append(0, tpr)


labels = np.repeat([0, 1], [200, 150])
echoes = rng.exponential(1 + snr * labels)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Does it agree with `coursekit`, which takes more care? And with the law: 999 samples of 1000 have a TPR within 0.16 of it at every threshold, when 150 targets are drawn.
#
# **Predict:** how large is one step of the curve, to the right and upwards?

# %% slideshow={"slide_type": "subslide"}
fpr, tpr, thresholds = roc.points(echoes, labels)
fig, ax = figures.figure(width=5, height=3.8)
figures.curves(
    ax, {"350 echoes": (fpr, tpr), "law": (grid, roc.fading_tpr(grid, snr)), "chance": (grid, grid)},
    **roc_axes,
)
figures.show(
    fig,
    alt="A staircase from the lower left to the upper right corner follows a smooth curve high above the diagonal.",
    caption="The empirical curve is a staircase around the law; each step is one case.",
)
difference = np.abs(np.array(short_roc(echoes, labels)) - [fpr, tpr]).max()
distance = np.abs(tpr - np.exp(-thresholds / (1 + snr))).max()
print(f"largest difference of the short function: {difference:.0e}")
print(f"TPR within 0.16 of its law at every threshold: {distance < 0.16}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. The slope is the likelihood ratio
#
# Lower $\gamma$ by $d\gamma$. FPR grows by $f_0(\gamma)\,d\gamma$ and TPR by $f_1(\gamma)\,d\gamma$. Divide:
#
# $$\frac{d\,\text{TPR}}{d\,\text{FPR}} = \frac{f_1(\gamma)}{f_0(\gamma)}.$$
#
# So the slope says how much more probable this very score is with a target than without. **Predict** the slope where the two bell curves cross.

# %% slideshow={"slide_type": "subslide"}
for sigma1, gamma in [(1.0, -0.5), (1.0, 0.65), (1.0, 2.0), (1.7, -2.3)]:
    fpr, tpr = rates(gamma + np.array([-1e-3, 1e-3]), 1.3, sigma1)
    slope, ratio = (tpr[0] - tpr[1]) / (fpr[0] - fpr[1]), norm.pdf(gamma, 1.3, sigma1) / norm.pdf(gamma)
    agree = abs(slope / ratio - 1) < 1e-5
    print(
        f"σ₁ = {sigma1}, γ = {gamma:5.2f}: slope {slope:.3f}, f₁/f₀ {ratio:.3f}, "
        f"agree to five digits: {agree}"
    )

# %% [markdown] slideshow={"slide_type": "fragment"}
# Now use the ratio $f_1/f_0$ itself as the score. At its threshold $\gamma$ the slope is $\gamma$, so it falls all the way: the curve is concave. Neyman and Pearson proved
# more: no other score of the same data reaches above that curve anywhere.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 10 min for parts 2 and 3.* Ask: the slope at the start of the curve is what, for equal spreads? (Infinite.) Wrong answer to expect: "the best threshold
# is where the slope is 1". Best for whom? Part 9 answers.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. The area is a game
#
# Pick one negative and one positive at random; the detector wins if it scores the positive higher. Its chance is the area under the curve, AUC:
#
# $$\int_0^1 \text{TPR}\; d\,\text{FPR} = \int P_1(T \ge t)\, f_0(t)\, dt = P(T_1 > T_0).$$
#
# For normal scores $T_1 - T_0$ is normal, and variances add: $\text{AUC} = \Phi\bigl((\mu_1-\mu_0)/\sqrt{\sigma_0^2+\sigma_1^2}\bigr)$.

# %% slideshow={"slide_type": "fragment"}
neg, pos = rng.normal(0, 1, 400), rng.normal(1.3, 1, 300)
area, won = roc.auc_trapezoid(*roc.curve(neg, pos)), np.mean(pos[:, None] > neg)
law, se = roc.binormal_auc(0.0, 1.3, 1.0, 1.0), roc.auc_se(neg, pos, "delong")
print(f"area and share of the 120 000 games won agree to 12 digits: {abs(area - won) < 1e-12}")
print(f"closed form {law:.3f}; the sample is within four standard errors of it: {abs(area - law) < 4 * se}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. Ties matter
#
# Hanley and McNeil (1982) report how a radiologist rated CT images from 1, definitely normal, to 5, definitely abnormal; 58 were normal and 51 not. Every rating was given to
# images of both kinds.
#
# **It is tempting to think** that the order inside a tie does not matter: sort, and walk. **Predict:** sort the abnormal images first in each tie, or last. How far apart are the areas?

# %% slideshow={"slide_type": "subslide"}
normal, abnormal = (np.repeat(np.arange(1, 6), counts) for counts in ([33, 6, 6, 11, 2], [3, 2, 2, 11, 33]))
curves = {
    name: roc.curve(normal, abnormal + nudge)
    for name, nudge in [("abnormal first", 0.1), ("together", 0), ("normal first", -0.1)]
}
ax = figures.curves(figures.figure(width=5, height=3.8)[1], curves, **roc_axes, marker=".")
figures.show(
    ax.figure,
    alt="Three curves through the same corners: stairs above, stairs below, and straight slanted lines between them.",
    caption="Sorting inside ties draws stairs above or below the slanted lines, from the same ratings.",
)
print({name: round(roc.auc_trapezoid(*curve), 3) for name, curve in curves.items()})
print(f"{len(normal)} + {len(abnormal)} images, ties as ½: {roc.auc_mann_whitney(normal, abnormal):.3f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Equal scores pass the threshold together, in one slanted step, and the trapezoid under it counts a tied game as half won:
#
# $$\text{AUC} = P(T_1 > T_0) + \tfrac12 P(T_1 = T_0).$$
#
# The published area is 0.893. Our short function depends on the order in which the cases arrived; `roc.points` does not.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 7 min for parts 4 and 5.* Ask: what area has a detector that answers 3 to everything? Wrong answers to expect: 0 and 1, from the two ways to
# sort. This is exercise 1 and half of exercise 2.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 6. Unequal spreads: an improper curve
#
# Let targets scatter more than noise: $\sigma_1 = 1.7\,\sigma_0$, means $1.3\,\sigma_0$ apart. Far to the left, a very *low* score is now a sign of a target, and the rule "alarm if
# high" has it backwards.
#
# **Predict:** can a detector with an area of 0.75 do worse than chance somewhere?

# %% slideshow={"slide_type": "subslide"}
tpr, x = roc.binormal_tpr(grid, 0.0, 1.3, 1.0, 1.7), np.linspace(-12, 15, 4001)
order = np.argsort(-roc.likelihood_ratio(x, 0.0, 1.3, 1.0, 1.7))
best = [np.cumsum(f[order]) * (x[1] - x[0]) for f in (norm.pdf(x), norm.pdf(x, 1.3, 1.7))]
hull = [rate[roc.hull(grid, tpr)] for rate in (grid, tpr)]
lines = {"score ≥ γ": (grid, tpr), "hull": hull, "f₁/f₀ ≥ γ": best, "chance": (grid, grid)}
fig, axes = figures.figure(1, 2, height=3.6)
for ax, low, title in zip(axes, (0, 0.9), ("the whole curve", "its upper end"), strict=True):
    figures.curves(ax, lines, **roc_axes, title=title).set(xlim=(low, 1), ylim=(low, 1))
figures.show(
    fig,
    alt="Left, a ROC curve well above the diagonal; right, its upper end, where it dips below the diagonal while hull and ratio stay above.",
    caption="Near the upper end the curve dips below chance. The hull repairs it, the likelihood ratio does better.",
)
print(
    f"at FPR 0.99: TPR {tpr[1980]:.4f}, hull {np.interp(0.99, *hull):.4f}, ratio {np.interp(0.99, *best):.4f}"
)
print(f"area {roc.binormal_auc(0.0, 1.3, 1.0, 1.7):.2f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# A curve whose slope rises anywhere is *improper*: by part 3 it spends alarms on scores that deserve them less. Two repairs: toss a coin between two thresholds, which
# reaches every point of the *concave hull*; or score by the ratio $f_1/f_0$, which here alarms at both ends.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 7. A known shape
#
# A pulse $s$ of $p = 32$ samples arrives in white noise of SD $\sigma$. Knowing $s$, the likelihood ratio leads to the *matched filter* $\langle x,s\rangle/(\sigma\lVert s\rVert)$: $N(0,1)$
# without the pulse, $N(d',1)$ with it, where $d' = \lVert s\rVert/\sigma$. Not knowing $s$, one can measure the energy $\lVert x\rVert^2/\sigma^2$.
#
# **Predict:** is the pulse visible in a single trace with $d' = 2.7$?

# %% slideshow={"slide_type": "subslide"}
shape = np.hanning(32) * np.sin(0.9 * np.arange(32))
pulse = 2.7 * shape / np.linalg.norm(shape)
empty, echo = rng.standard_normal((2, 300, 32)) + np.array([0, 1])[:, None, None] * pulse
matched = [roc.matched_filter(x, pulse, 1.0) for x in (empty, echo)]
energy = [roc.energy_detector(x, 1.0) for x in (empty, echo)]
fig, (left, right) = figures.figure(1, 2, height=3.6)
figures.curves(
    left, {"noise + pulse": (np.arange(32), echo[0]), "pulse": (np.arange(32), pulse)},
    x_label="sample", y_label="amplitude / σ",
).set_ylim(-3, 3.5)
figures.curves(right, {"matched filter": roc.curve(*matched), "energy": roc.curve(*energy)}, **roc_axes)
figures.show(
    fig,
    alt="Left, a noisy trace in which a small pulse is hard to see; right, two ROC curves, the matched filter's near the corner, the energy's far below.",
    caption="The same 600 traces: what is known about the signal decides how well it is found.",
)
for pair, law in [(matched, roc.binormal_auc(0.0, 2.7, 1.0, 1.0)), (energy, roc.energy_auc(2.7, 32))]:
    close = abs(roc.auc_mann_whitney(*pair) - law) < 4 * roc.auc_se(*pair, "delong")
    print(f"closed form {law:.2f}; the area of the sample lies within four standard errors: {close}")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 7 min for parts 6 and 7.* Ask: what happens to the energy detector if the receiver records 320 samples in place of 32? Wrong answer to expect: "nothing, the pulse is
# the same". The noise energy it must beat grows, its area falls towards one half.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 8. How sure is an area?
#
# With 50 negatives and 50 positives, 2500 games are played. **It is tempting to think** of the area $A$ as a share of 2500 trials, with standard error
# $\sqrt{A(1-A)/2500}$.
#
# **Predict:** repeat the whole experiment 4000 times. Will the areas scatter as much as that?

# %% slideshow={"slide_type": "subslide"}
experiments = [(rng.normal(0, 1, 50), rng.normal(1, 1, 50)) for _ in range(4000)]
areas = np.array([roc.auc_by_ranks(*pair) for pair in experiments])
area, exact = roc.binormal_auc(0.0, 1.0, 1.0, 1.0), roc.binormal_auc_se(0.0, 1.0, 1.0, 1.0, 50, 50)
tempting = np.sqrt(area * (1 - area) / 2500)
heights, edges = np.histogram(areas, np.arange(0.575, 0.935, 0.01), density=True)
x = np.arange(0.58, 0.93, 1e-3)
lines = {"4000 areas": (edges[1:] - 0.005, heights)} | {
    f"SE {se:.4f}": (x, norm.pdf(x, area, se)) for se in (exact, tempting)
}
ax = figures.curves(figures.figure()[1], lines, x_label="area under the curve", y_label="density")
figures.show(
    ax.figure,
    alt="The histogram of 4000 areas matches a broad bell curve; the tempting formula gives a needle in its middle.",
    caption="The tempting bar is far too short: 2500 games are not 2500 independent trials.",
)
print(f"tempting {tempting:.4f}, exact for normal scores {exact:.4f}: {exact / tempting:.1f} times larger")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Each score plays 50 games, and games that share a player depend on each other. Let $Q_1$ be the chance that two positives both beat one negative, $Q_2$ that one positive beats two
# negatives. Then
#
# $$\operatorname{var} = \frac{A(1-A) + (n_1-1)(Q_1-A^2) + (n_0-1)(Q_2-A^2)}{n_0 n_1}.$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# Hanley and McNeil take $Q_1 = A/(2-A)$ and $Q_2 = 2A^2/(1+A)$, exact for exponential scores. DeLong needs no model: a case's *placement* is the share of its games that are won, and
# the two classes' placements are two samples, each with a standard error of its mean.

# %% slideshow={"slide_type": "subslide"}
wins = (abnormal[:, None] > normal) + 0.5 * (abnormal[:, None] == normal)
se = np.sqrt(wins.mean(axis=1).var(ddof=1) / len(abnormal) + wins.mean(axis=0).var(ddof=1) / len(normal))
print(
    f"radiologist: DeLong in two lines {se:.3f};",
    {m: round(roc.auc_se(normal, abnormal, m), 3) for m in roc.SE_METHODS},
)
bars = {"simulation": areas.std()} | {
    m: np.mean([roc.auc_se(*pair, m) for pair in experiments[:1000]]) for m in roc.SE_METHODS
}
for name, bar in bars.items():
    # The SD of 4000 areas is uncertain by 1.1 %, so 5 % is more than four standard errors.
    close = abs(bar / exact - 1) < 0.05
    print(f"50 + 50 normal scores, {name:13} {bar:.2f}; within 5 % of the exact {exact:.4f}: {close}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# All four agree on normal scores, where the exact bar is 0.0475; even Hanley and McNeil's, whose model is another. On the radiologist's ratings the binormal bar falls short: scores in
# five steps are not normal. Hanley and McNeil published 0.032 for them.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 8 min.* Ask: with 50 positives, how far does the bar shrink if negatives are free and unlimited? Wrong answer to expect: "to zero". The positives' placements still
# scatter.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 9. Costs and rarity choose the point
#
# Let a fraction $\pi$ be positive, a false alarm cost $c_{FP}$, a miss $c_{FN}$. The expected cost is $(1-\pi)\,c_{FP}\,\text{FPR} + \pi\,c_{FN}(1-\text{TPR})$. It is constant along lines of slope
#
# $$\frac{(1-\pi)\,c_{FP}}{\pi\,c_{FN}},$$
#
# and least where such a line touches the curve from above: where the likelihood ratio has that value.

# %% [markdown] slideshow={"slide_type": "fragment"}
# The score below is one number per tumour, its *worst perimeter* (569 tumours, 212 malignant). Cost is shown relative to the better blind rule, "always" or
# "never"; a point above 1, or off the top, is worse than not looking.
#
# **Task:** start from equal costs and $\pi = 0.37$, as in the sample, and set the threshold to the cheapest. Make the disease rare: below which $\pi$ does the cheapest threshold miss a
# quarter of the tumours? Which cost of a miss brings them back?

# %% slideshow={"slide_type": "skip"}
tumours = load_breast_cancer()
size, malignant = tumours.data[:, list(tumours.feature_names).index("worst perimeter")], 1 - tumours.target
FPR, TPR, sizes = roc.points(size, malignant)


def cost_view(pi1, c_fn, gamma):
    cost = roc.expected_cost(FPR, TPR, pi1, 1.0, c_fn) / min(1 - pi1, pi1 * c_fn)
    i, best, slope = np.flatnonzero(sizes >= gamma)[-1], cost.argmin(), roc.optimal_slope(pi1, 1.0, c_fn)
    return {
        "cost": (sizes[1:], cost[1:]),
        "chosen threshold": ([gamma], [cost[i]]),
        "cheapest": sizes[best],
        "equal cost": ([0, 1], [TPR[i] - slope * FPR[i], TPR[i] + slope * (1 - FPR[i])]),
        "its point": ([FPR[i]], [TPR[i]]),
        "reading": (
            f"of 1000 people {1000 * pi1 * TPR[i]:.0f} found, {1000 * pi1 * (1 - TPR[i]):.0f} missed, "
            f"{1000 * (1 - pi1) * FPR[i]:.0f} false alarms; the cheapest threshold finds {TPR[best]:.0%}"
        ),
    }


# %% slideshow={"slide_type": "subslide"} tags=["interactive", "nbval-ignore-output"]
cost_explorer = figures.Interactive(
    cost_view,
    controls={
        "pi1": figures.Slider("prevalence π", 0.01, 0.6, 0.01, 0.37),
        "c_fn": figures.Slider("cost of a miss", 1, 50, 1, 1),
        "gamma": figures.Slider("threshold γ", 60, 180, 1, 100),
    },
    panels=[
        figures.Plot(
            "threshold γ (unit of the data)", "cost / best blind rule", (50, 200), (0, 1.6), ["cost"],
            ["chosen threshold"], ["cheapest"],
        ),
        figures.Plot(
            *roc_axes.values(), (0, 1), (0, 1.02), ["equal cost"], ["its point"],
            fixed={"ROC": (FPR, TPR)}, legend="lower right",
        ),
    ],
    settings=[
        {"pi1": 0.37, "gamma": 115},
        {"pi1": 0.04, "gamma": 115},
        {"pi1": 0.04, "c_fn": 20, "gamma": 115},
    ],
    alt="Left, expected cost against the threshold with its minimum marked; right, the ROC curve with a line of equal cost through the chosen point.",
)
cost_explorer.show()

# %% [markdown] slideshow={"slide_type": "subslide"}
# For normal scores of equal spread the likelihood ratio is $\exp\bigl((\mu_1-\mu_0)(\gamma - \tfrac{\mu_0+\mu_1}{2})/\sigma^2\bigr)$. Set it equal to that slope and solve for $\gamma$: the threshold leaves the midpoint
# in proportion to the logarithm of the slope. `roc.bayes_threshold` does that; exercise 4 asks for it.

# %% slideshow={"slide_type": "fragment"}
fine = np.linspace(-3, 5, 8001)
for costs in [(0.5, 1.0, 1.0), (0.1, 1.0, 5.0), (0.01, 1.0, 5.0)]:
    searched = fine[roc.expected_cost(*rates(fine, 2.0, 1.0), *costs).argmin()]
    formula = roc.bayes_threshold(0.0, 2.0, 1.0, *costs)
    print(f"π, c_FP, c_FN = {costs}: formula {formula:.2f}, found by search {searched:.2f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is tempting to think** that with an area of 0.975 an alarm is nearly always right. But neither rate knows how rare the disease is. By Bayes' rule a fraction
# $\pi\,\text{TPR}/\bigl(\pi\,\text{TPR} + (1-\pi)\,\text{FPR}\bigr)$ of the alarms is right.

# %% slideshow={"slide_type": "fragment"}
i = np.argmax(TPR >= 0.95)
print(
    f"{len(size)} tumours, {malignant.sum()} malignant ({malignant.mean():.2f}): "
    f"area {roc.auc_trapezoid(FPR, TPR):.3f}"
)
print(f"at TPR {TPR[i]:.2f}, FPR {FPR[i]:.2f}")
for pi in (0.37, 0.05, 0.005):
    justified = pi * TPR[i] / (pi * TPR[i] + (1 - pi) * FPR[i])
    print(f"a fraction {pi} is malignant: {justified:.0%} of the alarms are right")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 8 min.* Before the interactive, ask which way the threshold moves when misses become dearer. Wrong answer to expect: "up, we must be more careful". Collect guesses for
# the last line of the cell before it runs.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 10. Find the faces
#
# One template, the mean of 50 faces less its own mean, and the matched filter of part 7; 50 other faces and 50 non-faces to test on. Photographs are not white noise, so no closed
# form holds. **Predict:** what will fool the detector?

# %% slideshow={"slide_type": "subslide"}
faces, others = data.lfw_subset().reshape(2, 100, 625)
template = faces[:50].mean(axis=0) - faces[:50].mean()
neg, pos = (roc.matched_filter(x[50:], template, others[:50].std()) for x in (others, faces))
shown = {
    "template": template,
    "lowest-scoring face": faces[50 + pos.argmin()],
    "highest-scoring non-face": others[50 + neg.argmax()],
}
fig = figures.pictures(
    {name: patch.reshape(25, 25) for name, patch in shown.items()}, limits=[None, (0, 1), (0, 1)], height=2.6
)
figures.show(
    fig,
    alt="Three small grey pictures: a blurred bright mean face on a dark ground, a face on a bright ground, and a patch that is bright above dark stripes.",
    caption="The template is bright on dark; so is the non-face that it likes best, and not the face that it likes least.",
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# A template scores low whatever is lit, coloured or framed unlike the average of its fifty examples: ask who was in the sample before you ask for the area. **Predict** the area on
# the hundred new patches, and the length of its error bar.

# %% slideshow={"slide_type": "subslide"}
fig, ax = figures.figure(width=5, height=3.8)
figures.curves(ax, {"50 + 50 new patches": roc.curve(neg, pos), "chance": (grid, grid)}, **roc_axes)
figures.show(
    fig,
    alt="A staircase near the upper left corner, far above the diagonal.",
    caption="One mean face finds most faces at few false alarms.",
)
found = roc.auc_interval(neg, pos)
print(f"area {found.auc:.2f}, SE {found.se:.3f}, 95 % interval {found.low:.2f} to {found.high:.2f}")
print("five scores without overlap:", roc.auc_interval([1, 2, 4], [5, 7]))

# %% [markdown] slideshow={"slide_type": "subslide"}
# **When it fails.** The area averages over thresholds that nobody would use; two crossing curves can share one area. The best of many features, chosen on the data that measure it, flatters.
# And for classes that do not overlap the error bar is 0, as the last line shows: not certainty, but too few cases.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 5 min.* Ask: how many faces would halve the error bar? Wrong answer to expect: "100". Both classes must grow, fourfold.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["recap"]
# ## What to remember
#
# 1. FPR and TPR know nothing of rarity; the ROC curve shows every threshold at once.
# 2. Its slope is the likelihood ratio; where the slope rises, the curve is improper.
# 3. The area is the chance that a positive outscores a negative; a tie counts ½.
# 4. Games share players: the error bar of an area comes from cases, not from pairs.
# 5. Costs and rarity set the slope, and the slope sets the threshold.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercises"]
# ## Exercises
#
# Write each function in place of the `raise` line, run the cell, then the check below it. The check runs public cases and names the mistake that it recognises;
# grading draws other cases. Import nothing but numpy, and for Φ `scipy.special.ndtr` or `math.erf`.
#
# *To predict first, ungraded:* every score is replaced by its cube. What changes in the curve, what in the area, what in the threshold? *To break, ungraded:* find two detectors of equal area,
# one of which is useless for a disease of one case in a thousand.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 1: the points of the curve (12 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def points(scores, labels):
    """Return fpr, tpr, thresholds of the empirical ROC curve, three arrays.

    The first threshold is np.inf, then comes each distinct score, falling;
    the alarm is raised where score >= threshold.
    scores (n,) are numbers, labels (n,) are 0 or 1, both present.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(points)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 2: the game (8 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def auc_mann_whitney(neg, pos):
    """Return the chance that a positive outscores a negative, over all pairs; a tie counts one half.

    neg (n0,) and pos (n1,) are the scores of the two classes.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(auc_mann_whitney)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 3: the area for normal scores (8 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def binormal_auc(mu0, mu1, sigma0, sigma1):
    """Return the area under the ROC curve of normal scores.

    Negatives have mean mu0 and standard deviation sigma0, positives mu1 and sigma1.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(binormal_auc)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 4: the cheapest threshold (12 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def bayes_threshold(mu0, mu1, sigma, pi1, c_fp, c_fn):
    """Return the threshold of least expected cost for normal scores.

    Both classes have standard deviation sigma, negatives mean mu0, positives mean mu1 > mu0.
    A fraction pi1 is positive; a false alarm costs c_fp, a miss c_fn.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(bayes_threshold)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["references"]
# ## Sources, and why to read them
#
# - D. M. Green and J. A. Swets, *Signal Detection Theory and Psychophysics* (Wiley, 1966): from radar to perception; the area as a forced choice.
# - J. A. Hanley and B. J. McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve", *Radiology* 143 (1982): the game, its variance and the 109 images.
# - E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, "Comparing the areas under two or more correlated receiver operating characteristic curves", *Biometrics* 44 (1988): placements, and how to compare two detectors on the same cases.
# - T. Fawcett, "An introduction to ROC analysis", *Pattern Recognition Letters* 27 (2006): algorithms, ties, hulls and costs, gently.
# - S. M. Kay, *Fundamentals of Statistical Signal Processing, volume II: Detection Theory* (Prentice Hall, 1998): matched filters and energy detectors, derived.
#
# Data: the tumours are those of W. N. Street, W. H. Wolberg and O. L. Mangasarian (1993), as in scikit-learn; the faces are from Labeled Faces in the Wild, as in
# scikit-image; the ratings are in the paper by Hanley and McNeil.
