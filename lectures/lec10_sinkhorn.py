# ---
# jupyter:
#   coursekit:
#     slug: sinkhorn
#     title: Balancing a kernel until nothing is lost
#     question: A filter made from similarities brightens some pictures and darkens others. How do you make it fair to every pixel, and what does the fair filter know?
#     objectives:
#     - balance a similarity matrix until all its rows and columns sum to 1
#     - prove how fast the symmetric recursion converges, and say why the bandwidth does not matter
#     - read the spectrum of the balanced matrix
#     - recover the picture from the balanced matrix alone
#     - say when a similarity is not fit for it
#     needs: [edge_preserving]
#     minutes:
#       read: 35
#       exercises: 35
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Balancing a kernel until nothing is lost
#
# **A filter made from similarities brightens some pictures and darkens others. How do you make it fair to every pixel, and what does the fair filter know?**
#
# After this lecture you can
#
# - *balance* a similarity matrix until all its rows and columns sum to 1;
# - *prove* how fast the symmetric recursion converges, and *say* why the bandwidth does not matter;
# - *read* the spectrum of the balanced matrix;
# - *recover* the picture from the balanced matrix alone;
# - *say* when a similarity is not fit for it.
#
# Needs lecture 9 (edge_preserving); the next cell but one recalls it. 35 minutes to read, 35 for the exercises; the cells take under 15 CPU seconds.

# %% slideshow={"slide_type": "skip"}
try:
    import numpy as np
    from skimage import data

    from coursekit import figures, sinkhorn
    from coursekit.exercises.sinkhorn import check
except ModuleNotFoundError as missing:
    message = f"{missing}. Start the course with: python3 course.py start"
    missing._render_traceback_ = lambda: [message]
    raise
rng = np.random.default_rng(10)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["recap-needs"]
# ## What you need to remember
#
# *From lecture 9.* Edge-preserving filters replace each pixel by a weighted mean of others. The weights fall with the distance of the two positions and with the
# difference of the two grey values: the bilateral filter has
#
# $$K_{ij} = \exp\Bigl(-\frac{|x_i-x_j|^2}{2h_x^2} - \frac{(z_i-z_j)^2}{2h_z^2}\Bigr), \qquad \hat z_i = \frac{\sum_j K_{ij} z_j}{\sum_j K_{ij}},$$
#
# with two *bandwidths*, $h_x$ in pixels and $h_z$ in grey values. A pixel across an edge differs, so it gets little weight, and the edge stays. Dividing by the
# row's sum makes the weights of each mean add up to 1, so that a constant picture stays constant. As a matrix: $\hat z = D^{-1}Kz$ with $D$ the diagonal of the
# row sums. $K$ is symmetric; $D^{-1}K$ is not.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. Who is heard?
#
# The pixels of a photograph are the nodes of a graph; each pair is joined by a similarity $K_{ij}$ in $[0, 1]$. Divide the rows by their sums, and every pixel
# receives weights that add up to 1. But what it *gives* is a sum over a column, and nobody has asked the columns.
#
# **Predict:** over a photograph, which pixels are heard too little?

# %% slideshow={"slide_type": "fragment"}
photo = data.camera()[64:184, 196:316].reshape(24, 5, 24, 5).mean(axis=(1, 3)) / 255
noisy = photo + 0.1 * rng.standard_normal(photo.shape)  # 24 x 24 pixels: 576 nodes
y, x = np.mgrid[:24, :24]
features = np.stack([noisy / 0.2, y / 2, x / 2], axis=-1).reshape(576, 3)
K = sinkhorn.gaussian_affinity(features, 1.0)

# %% slideshow={"slide_type": "subslide"}
rows = K / K.sum(axis=1, keepdims=True)
heard = rows.sum(axis=0).reshape(24, 24)
figures.show_pictures(
    {"photograph": photo, "with noise of SD 0.1": noisy, "column sum of each pixel": heard},
    limits=[(0, 1), (0, 1), (0.4, 1.4)],
    colour_bar="column sum",
    alt="A small photograph of a man's head, the same with noise, and a map of column sums that is dark along the border and on lonely pixels.",
    caption="Every row sums to 1. The columns do not: border pixels and odd ones out are heard less than their share.")
print(f"column sums from {heard.min():.2f} to {heard.max():.2f}")
print(f"mean brightness: {noisy.mean():.4f} before, {(rows @ noisy.ravel()).mean():.4f} after")

# %% [markdown] slideshow={"slide_type": "subslide"}
# The mean of the result is $\frac1n\sum_j (\text{column sum})_j\, z_j$: an unfair mean of the input, so it drifts. We want all columns to sum to 1 as well. Such
# a matrix of nonnegative numbers is called *doubly stochastic*.

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 7 min.* Ask: whose opinion counts more in a village, that of somebody with many friends? Wrong answer to expect: "the drift is rounding". It is
# small here because dark and bright pixels are both lonely; ask for a picture where it is large.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. Rows, then columns
#
# Divide the rows by their sums. Now the columns are wrong: divide the columns. Now the rows are wrong again, but less. This is the Sinkhorn-Knopp iteration, and
# it converges to a doubly stochastic $\operatorname{diag}(r)\,K\operatorname{diag}(c)$. To count sweeps take a small case: sixty pixels of one row of the photograph.
#
# **Predict:** how does the number of sweeps depend on the bandwidth?

# %% slideshow={"slide_type": "fragment"}
line = data.camera()[150, 220:280] / 255
for h in (0.3, 0.1, 0.05, 0.03, 0.02):
    swept = sinkhorn.balance_alternating(sinkhorn.gaussian_affinity(line, h), 1e-10, 20_000)
    print(f"bandwidth {h:4}: {swept.n_iter:5} sweeps")

# %% [markdown] slideshow={"slide_type": "fragment"}
# It settles, and ever more slowly: hardly a dozen sweeps at the widest bandwidth, thousands at the narrowest. At a small bandwidth dark and bright pixels hardly see each other; each group balances itself at once, and then the two
# trade a tiny amount back and forth in every sweep.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. One square root
#
# $K$ is symmetric, so look for one scaling $c$ in place of two. $W = \operatorname{diag}(c)\,K\operatorname{diag}(c)$ has the row sums $c_i(Kc)_i$, and we want
#
# $$c_i\,(Kc)_i = 1 \quad\text{for all } i.$$
#
# **It is tempting to think** that one should solve this for $c_i$ and iterate $c \leftarrow 1/(Kc)$. The symmetric recursion takes the geometric mean
# of the old $c$ and that proposal: $c \leftarrow \sqrt{c/(Kc)}$.
#
# **Predict:** which of the two gets there first?

# %% slideshow={"slide_type": "subslide"}
recursions = {
    "square root": lambda K, r, c: (np.sqrt(c / (K @ c)),) * 2,
    "no square root": lambda K, r, c: (1 / (K @ c),) * 2,
    "rows, then columns": lambda K, r, c: (r := 1 / (K @ c), 1 / (K @ r)),
}


def error_history(K, recursion, n):
    r, c, errors = np.ones(len(K)), np.ones(len(K)), []
    for _ in range(n):
        r, c = recursions[recursion](K, r, c)
        errors.append(np.abs(r * (K @ c) - 1).max())
    return np.array(errors)


# %% slideshow={"slide_type": "subslide"}
K_line = sinkhorn.gaussian_affinity(line, 0.1)
histories = {name: (np.arange(1, 41), error_history(K_line, name, 40)) for name in recursions}
figures.show_curves(
    histories, x_label="iteration", y_label="largest |row sum − 1|", y_scale="log",
    alt="Largest error of a row sum against iterations: flat between two values without the root, falling slowly for sweeps, falling steeply with the root.",
    caption="Without the square root the error never falls; with it, it is halved each time.")
undamped = error_history(K_line, "no square root", 1000)
print(f"without the root: error {undamped[-2]:.2f} after 999 steps, {undamped[-1]:.1f} after 1000")

# %% [markdown] slideshow={"slide_type": "fragment"}
# Without the root, $c$ jumps for ever between two scalings: it overshoots as far as it was off. They are, in fact, the $r$ and the $c$ of the
# sweeps, and neither balances both sides. Their geometric mean does, and the square root takes it in every step.

# %% [markdown] slideshow={"slide_type": "subslide"}
# The implementation is five lines. We check it against `coursekit`, which also stops by itself, and against the one case that can be solved by hand: for
# $K = \begin{pmatrix} a & b\\ b & d\end{pmatrix}$ the limit has $W_{11} = \sqrt{ad}/(\sqrt{ad}+b)$.

# %% slideshow={"slide_type": "fragment"}
def scaling(K, n):
    c = np.ones(len(K))
    for _ in range(n):
        c = np.sqrt(c / (K @ c))
    return c


two = np.array([[4.0, 1.0], [1.0, 9.0]])
print(f"two nodes: W11 = {sinkhorn.balanced(two, scaling(two, 60))[0, 0]:.6f}, by hand {6 / 7:.6f}")
agree = np.abs(scaling(K_line, 60) / sinkhorn.balance(K_line).c - 1).max()
print(f"sixty pixels: agrees with coursekit to 1e-11: {agree < 1e-11}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. Why so fast, and why at every bandwidth
#
# 1. Take logarithms, $u = \log c$: a step is $u \leftarrow \frac12\bigl(u - \log(Ke^u)\bigr)$.
# 2. Let $e$ be the error of $u$. At the solution the derivative of $\log(Ke^u)$ is $W$ itself: differentiate, and use $c_i(Kc)_i = 1$.
# 3. So near the end $e \leftarrow \frac12(I - W)\,e$.
# 4. If $K$ is positive semi-definite, so is $W$, and being doubly stochastic it has all its eigenvalues $\lambda$ in $[0, 1]$.
# 5. Each component of the error shrinks by $\frac12(1-\lambda) \le \frac12$. The rate is $\frac12(1-\lambda_{\min})$.

# %% [markdown] slideshow={"slide_type": "subslide"}
# A halved error each step needs 33 steps to $10^{-10}$, wherever the eigenvalues lie. The sweeps shrink it by $\lambda_2^2$, the square of the second largest
# eigenvalue, which tends to 1 as the groups part. What is slow for the one (large $\lambda$) is the easiest for the other.
#
# **Predict:** the number of steps over three decades of bandwidth.

# %% slideshow={"slide_type": "subslide"}
bandwidths = np.geomspace(0.003, 3, 25)
steps = [sinkhorn.balance(sinkhorn.gaussian_affinity(line, h), 1e-10).n_iter for h in bandwidths]
wide = bandwidths[bandwidths > 0.02]
sweeps = [sinkhorn.balance_alternating(sinkhorn.gaussian_affinity(line, h), 1e-10).n_iter for h in wide]
figures.show_curves(
    {"symmetric steps": (bandwidths, steps), "sweeps": (wide, sweeps)},
    x_label="bandwidth (grey values)", y_label="steps to an error of 1e-10",
    x_scale="log", y_scale="log", marker=".",
    alt="Steps against bandwidth on log axes: a flat line near 30 for the symmetric recursion, a steep rise to thousands for the sweeps.",
    caption="The symmetric recursion does not care about the bandwidth.")
print(f"symmetric steps: from {min(steps)} to {max(steps)} over {len(steps)} bandwidths")
print(f"the photograph's graph of 576 nodes: {sinkhorn.balance(K, 1e-10).n_iter} steps")
print(f"at most about 30 steps, whatever the bandwidth: {max(steps) <= 33}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# You should see 23 to 31: never more than about 30, and fewer for a nearly diagonal kernel, whose eigenvalues are all large. The derivative also tells how to do better: solve $u + \log(Ke^u) = 0$,
# where the eigenvalues of $I + W$ lie in $[1, 2]$, by a Chebyshev iteration made for that interval, with a factor of $3-\sqrt8 \approx 0.17$ a step.

# %% slideshow={"slide_type": "fragment"}
slow, fast = sinkhorn.balance(K, 1e-10), sinkhorn.balance_chebyshev(K, 1e-10)
same = np.allclose(slow.c, fast.c, rtol=1e-9)
print(f"square root {slow.n_iter} steps, Chebyshev {fast.n_iter}; the same scaling: {same}")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 15 min for parts 2 to 4.* Before step 5 ask: which error dies first, one common to all nodes or one that alternates? Wrong answer to expect: "the
# slow one is the second eigenvector, as always". That is the sweeps' slow one, and here it is nearly the fastest.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. Play with it
#
# The theory makes three promises. Sweeps are slow where the second eigenvalue is near 1; the square root is slow only where the least one is negative; without
# the root the error stays for ever.
#
# The function below makes similarities $\exp(-(|z_i-z_j|/h)^p)$ from the sixty pixels and follows the error of a recursion over sixty steps. Beside it stand the eigenvalues of the fully balanced $W$, from the largest to the least: the left panel's slope is written in the right one.

# %% slideshow={"slide_type": "skip"}
def balance_view(h, p, recursion):
    K = sinkhorn.power_affinity(line, h, p)
    errors = np.maximum(error_history(K, recursion, 60), 1e-15)
    W = sinkhorn.balanced(K, sinkhorn.balance(K, 1e-6).c)
    values = np.linalg.eigvalsh(W)[::-1]
    return {
        "error": (np.arange(1, 61), errors),
        "eigenvalue": (np.arange(1, 61), values),
        "reading": f"error {errors[9]:.0e} after 10 steps, {errors[29]:.0e} after 30; eigenvalues of W: second {values[1]:.3f}, least {round(values[-1], 2) + 0.0:.2f}, sum {values.sum():.1f}",
    }


# %% [markdown] slideshow={"slide_type": "subslide"}
# **Task:** find a bandwidth at which sweeps win over the square root, and one at which they hardly move; read the second eigenvalue in both. Then raise the exponent
# beyond 2, until the square root's line gets flatter: what has the least eigenvalue done?

# %% slideshow={"slide_type": "fragment"} tags=["interactive", "nbval-ignore-output"]
balance_explorer = figures.Interactive(
    balance_view,
    controls={
        "h": figures.Slider("bandwidth h", 0.02, 1.0, 0.02, 0.2),
        "p": figures.Slider("exponent p", 1.0, 8.0, 0.5, 2.0),
        "recursion": figures.Choice("recursion", list(recursions), "square root"),
    },
    panels=[
        figures.Plot(
            "step", "largest |row sum − 1|", (0, 60), (1e-16, 1e2), lines=["error"], y_scale="log",
        ),
        figures.Plot(
            "rank", "eigenvalue of W", (0, 61), (-0.3, 1.05), points=["eigenvalue"],
            fixed={"zero": ([0, 61], [0, 0])},
        ),
    ],
    settings=[
        {"h": 0.2}, {"h": 0.2, "recursion": "no square root"}, {"h": 0.06, "recursion": "rows, then columns"},
        {"h": 0.06, "p": 8.0},
    ],
    alt="Left, the error of a recursion against its steps; right, the eigenvalues of the balanced matrix from 1 downwards.",
)
balance_explorer.show()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 6. What the spectrum says
#
# $W$ is symmetric, so it has orthogonal eigenvectors, and filtering multiplies each component of the picture by its $\lambda$: 1 keeps it, 0 removes it. The constant
# has $\lambda = 1$. The sum of the eigenvalues, $\operatorname{tr} W = \sum_i c_i^2K_{ii}$, counts the components that survive: the filter's *effective degrees
# of freedom*.
#
# **Predict:** what do the leading eigenvectors of the photograph's graph look like?

# %% slideshow={"slide_type": "subslide"}
c = sinkhorn.balance(K).c
values, vectors = np.linalg.eigh(sinkhorn.balanced(K, c))
leading = {f"λ = {values[-k]:.2f}": vectors[:, -k].reshape(24, 24) for k in (2, 3, 4, 5)}
figures.show_pictures(
    {name: part * np.sign(part[0, 0]) for name, part in leading.items()}, limits=(-0.1, 0.1), cmap="PuOr",
    alt="Four eigenvectors as pictures: each is of one sign over a region of the photograph, such as sky or hair, and changes sign across its edges.",
    caption="The components that pass almost unchanged are smooth within regions and break at their edges.")
print(f"all eigenvalues in [0, 1]: {values[0] > -1e-12 and values[-1] < 1 + 1e-12}")
print(f"degrees of freedom: {values.sum():.0f} of 576")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 7. Three ways to normalise
#
# Filter the noisy photograph with the same $K$ normalised in three ways: by rows, $D^{-1}K$; split evenly, $D^{-1/2}KD^{-1/2}$, which is the symmetric
# recursion after a single step; and balanced. `apply_filter` computes $c\circ K(c\circ z)$ and never forms $W$.
#
# **Predict:** which has the smallest error? Which keeps the mean?

# %% slideshow={"slide_type": "subslide"}
z, d = noisy.ravel(), K.sum(axis=1)
split = sinkhorn.apply_filter(K, 1 / np.sqrt(d), z)
filtered = {"rows": K @ z / d, "split": split, "balanced": sinkhorn.apply_filter(K, c, z)}
figures.show_pictures(
    {"noisy": noisy} | {name: result.reshape(24, 24) for name, result in filtered.items()},
    alt="The noisy photograph and three filtered ones; the split one is darker along the border of the picture, the others look alike.",
    caption="Split evenly, the border darkens, because constants are not kept; rows and balanced look alike.")
for name, result in filtered.items():
    drift, rms = round(result.mean() - z.mean(), 4) + 0.0, np.sqrt(((result - photo.ravel()) ** 2).mean())
    print(f"{name:8}: mean changed by {drift:+.4f}, RMS error {rms:.3f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Be honest about the gain: rows and balanced differ little in error. What balancing buys is exactness, the mean to the last digit, and a symmetric filter whose
# spectrum can be read. Splitting evenly is the usual shortcut, and one step is not enough.

# %% slideshow={"slide_type": "skip"}
distances = [(part.reshape(-1, 1) - part.ravel()) ** 2 for part in (noisy, y, x)]
near = distances[1] + distances[2]


def filter_view(h, s, normalise):
    K = np.exp(-distances[0] / (2 * h**2) - near / (2 * s**2))
    root = 1 / np.sqrt(K.sum(axis=1))
    c = {"balanced": sinkhorn.balance(K, 1e-5).c, "split": root, "rows": root}[normalise]
    result = root**2 * (K @ z) if normalise == "rows" else sinkhorn.apply_filter(K, c, z)
    picture = result.reshape(24, 24)
    error, drift = np.sqrt(((picture - photo) ** 2).mean()), round(result.mean() - z.mean(), 4) + 0.0
    return {
        "picture": picture, "filtered": (np.arange(24), picture[12]),
        "reading": f"RMS error {error:.3f}, mean changed by {drift:+.4f}, {(c**2 * K.diagonal()).sum():.0f} degrees of freedom",
    }


# %% [markdown] slideshow={"slide_type": "fragment"}
# **Task:** find the two bandwidths with the smallest error that you can. How many degrees of freedom has your filter? Then change the normalisation and watch
# the mean.

# %% slideshow={"slide_type": "fragment"} tags=["interactive", "nbval-ignore-output"]
filter_explorer = figures.Interactive(
    filter_view,
    controls={
        "h": figures.Slider("grey bandwidth", 0.05, 1.0, 0.05, 0.2),
        "s": figures.Slider("distance (pixels)", 0.5, 6.0, 0.5, 2.0),
        "normalise": figures.Choice("normalised", ["balanced", "rows", "split"], "balanced"),
    },
    panels=[
        figures.Picture("picture", "filtered photograph"),
        figures.Plot(
            "column (pixels)", "grey value", (0, 23), (-0.1, 1.1), lines=["filtered"], title="row 12",
            fixed={"without noise": (np.arange(24), photo[12])},
        ),
    ],
    settings=[{"h": 0.05}, {"h": 0.3}, {"h": 1.0}, {"normalise": "split"}],
    alt="Left, the filtered photograph; right, grey values along its row 12 beside those of the photograph without noise.",
)
filter_explorer.show()

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 14 min for parts 5 to 7.* A contest: who finds the smallest error? Wrong answer to expect: "the fewest degrees of freedom are best". Ask why
# the balanced filter has an eigenvalue of exactly 1, and what its eigenvector is.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 8. Reading the picture back
#
# Now throw the picture away and keep only $W$, made from grey values $g_i$ with bandwidth $h$. Each entry tells how alike two pixels are, times two
# unknown factors: $-2h^2\log W_{ij} = (g_i-g_j)^2 - 2h^2(\log c_i + \log c_j)$.
#
# Take off the mean of each row and column ($J = I - \frac1n\mathbf 1\mathbf 1^\top$): every term of $i$ or $j$ alone is gone, the $\log c$ included. What is left
# of the square is $-2\,g_ig_j$, so $-\frac12J(-2h^2\log W)J = \bar g\,\bar g^\top$, with $\bar g$ the picture minus its mean. Its one eigenvector is the picture.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **It is tempting to think** that the second eigenvector of $W$ is the picture already; part 6 looked like it. **Predict:** plotted against the true grey values,
# what curves will the two recoveries give?

# %% slideshow={"slide_type": "subslide"}
g = photo.ravel()
K_grey, centred, order = sinkhorn.gaussian_affinity(g, 0.1), g - g.mean(), np.argsort(g)
W = sinkhorn.balanced(K_grey, sinkhorn.balance(K_grey).c)
recovered = sinkhorn.recover_signal(W, 0.1)
recovered *= np.sign(recovered @ centred)  # the sign is lost, and the mean
second = np.linalg.eigh(W)[1][:, -2]
second *= second @ centred  # its best scale, and sign
figures.show_curves(
    {"from log W": (g[order], recovered[order]), "second eigenvector of W": (g[order], second[order])},
    x_label="true grey value", y_label="recovered, up to a shift",
    alt="Recovered against true grey values: a straight line from the logarithm, an S-shaped curve from the second eigenvector.",
    caption="The logarithm gives the picture itself; the second eigenvector puts the pixels in order and bends their values.")
print(f"from log W: exact to 1e-12: {np.abs(recovered - centred).max() < 1e-12}")
print(f"second eigenvector at its best scale: off by up to {np.abs(second - centred).max():.2f}")

# %% slideshow={"slide_type": "subslide"}
shown = {"photograph": photo, "log W, 576 × 576": np.log10(W), "read from W": recovered.reshape(24, 24)}
figures.show_pictures(
    shown, limits=[(0, 1), (-12, 0), (-g.mean(), 1 - g.mean())],
    alt="The photograph, the matrix W as a woven pattern, and the picture recovered from it, the same as the photograph.",
    caption="A table of similarities is the picture in another form: sharing it shares the picture.")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 8 min.* Ask: what else is lost besides the sign and the mean, if the bandwidth is unknown? (The contrast.) Wrong answer to expect: "balancing hides
# the picture, because the scaling is secret". Centring removes it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 9. When it fails
#
# **It is tempting to think** that any sensible similarity will do: say 1 for two pixels within $h$ of each other, and 0 beyond. It can be balanced, but it is not positive
# semi-definite. Then only $\lambda \in [-1, 1]$ is certain. A negative $\lambda$ turns a component of the picture upside down, and it slows the recursion down.
#
# **Predict:** how many steps, if the least eigenvalue is about $-0.24$?

# %% slideshow={"slide_type": "subslide"}
kernels = {"Gaussian": sinkhorn.gaussian_affinity(line, 0.05)}
kernels["exponent 4"] = sinkhorn.power_affinity(line, 0.05, 4)
kernels["within 0.05"] = (np.abs(line[:, None] - line) <= 0.05).astype(float)
results = {name: sinkhorn.balance(similar, 1e-10) for name, similar in kernels.items()}
figures.show_curves(
    {name: (np.arange(1, result.n_iter + 1), result.history) for name, result in results.items()},
    x_label="step", y_label="largest |row sum − 1|", y_scale="log",
    alt="Errors against steps: the Gaussian falls fastest, the exponent 4 less fast, the threshold slowest.",
    caption="The more negative the least eigenvalue, the slower the recursion.")
for name, result in results.items():
    rate = sinkhorn.contraction(sinkhorn.balanced(kernels[name], result.c))
    seen = (result.history[-1] / result.history[-6]) ** (1 / 5)
    print(
        f"{name:12} {result.n_iter} steps; least eigenvalue {1 - 2 * rate + 1e-9:.2f}, "
        f"so a rate of {rate:.2f}; seen {seen:.2f}"
    )

# %% [markdown] slideshow={"slide_type": "subslide"}
# Two more ways to fail. With too many zeros no scaling exists at all: three nodes in a row cannot all share their one unit with the middle one. `balance` finds this from the
# pattern of zeros and refuses. And at a small bandwidth similarities underflow to 0: the picture can no longer be read, unless one kept the logarithms.

# %% slideshow={"slide_type": "fragment"}
try:
    sinkhorn.balance([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
except ValueError as refused:
    print(refused)
log_K = -((g[:, None] - g) ** 2) / (2 * 0.02**2)
print(f"least similarity exp({log_K.min():.0f}), in floating point {np.exp(log_K).min():g}")
print(f"balanced from the logarithms: {sinkhorn.balance_log(log_K).converged}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 10. The same algebra elsewhere
#
# Move sand: from weights $a_i$ at places $s_i$ to weights $b_j$ at $t_j$, at the cost $C_{ij} = (s_i-t_j)^2$. With an entropy term of size $\varepsilon$ the best
# plan is $\operatorname{diag}(u)\,e^{-C/\varepsilon}\operatorname{diag}(v)$ with row sums $a$ and column sums $b$: balancing, with other sums. *Attention* in a transformer is
# $D^{-1}e^{QK^\top}$, row sums only.
#
# **Predict:** what becomes of the plan as $\varepsilon \to 0$?

# %% slideshow={"slide_type": "subslide"}
s, t = np.linspace(0, 1, 32), np.linspace(0, 1, 32) ** 2
even, cost = np.full(32, 1 / 32), (s[:, None] - t) ** 2
plans = {f"ε = {eps}": sinkhorn.entropic_plan(even, even, cost, eps).plan for eps in (1.0, 0.03, 0.003)}
figures.show_pictures(
    plans, limits=None, cmap="viridis",
    alt="Three plans as pictures: spread evenly for large epsilon, a broad band, then a narrow band along the diagonal.",
    caption="Rows are places s, columns places t. With little entropy the plan becomes a sort: the k-th goes to the k-th.")
costs = ", ".join(f"{(plan * cost).sum():.4f}" for plan in plans.values())
print(f"cost of the plans {costs}; of sorting {((s - t) ** 2).mean():.4f}")

# %% [markdown] slideshow={"slide_type": "notes"} tags=["instructor"]
# *Instructor, 8 min for parts 9 and 10.* Ask for a similarity that people use and that is not definite ("same colour name"). Wrong answer to expect to the sand
# question: "everything moves to the nearest place". The column sums forbid it.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["recap"]
# ## What to remember
#
# 1. Dividing by row sums keeps constants, not the mean; a doubly stochastic $W$ keeps both.
# 2. $c\leftarrow\sqrt{c/(Kc)}$ balances a symmetric $K$; without the root it jumps for ever.
# 3. The error obeys $e\leftarrow\frac12(I-W)e$: about 30 steps at any bandwidth if $K$ is positive semi-definite.
# 4. Then the eigenvalues of $W$ lie in $[0,1]$, and their sum counts what survives.
# 5. $\log W$, doubly centred, is the picture: the scaling hides nothing.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercises"]
# ## Exercises
#
# Write each function in place of the `raise` line, run the cell, then the check below it. The check runs public cases and names the mistake that it recognises;
# grading draws other cases. Import nothing but numpy.
#
# *To predict first, ungraded:* what are $c$ and $W$ if all pixels have the same grey value? And if all differ by far more than $h$? *To break, ungraded:* find a
# symmetric matrix of positive numbers for which the recursion needs a thousand steps.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 1: the symmetric recursion (12 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def sinkhorn_symmetric(K, n):
    """Return the scaling c (m,) after n steps of the symmetric Sinkhorn recursion, started from ones.

    K (m, m) holds symmetric, nonnegative similarities. Each step changes all entries of c at once.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(sinkhorn_symmetric)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 2: the filter (8 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def apply_filter(K, c, x):
    """Return W x (n,) for W = diag(c) K diag(c), without forming W.

    K (n, n) holds similarities, c (n,) is any scaling, balancing or not, and x (n,) the signal.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(apply_filter)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 3: the rate (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def contraction(W):
    """Return the factor by which one step of the symmetric recursion shrinks the slowest error, near its end.

    W (n, n) is the balanced matrix: symmetric, doubly stochastic, perhaps with negative eigenvalues.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(contraction)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercises"]
# ### Exercise 4: the signal in the kernel (10 points)

# %% slideshow={"slide_type": "fragment"} tags=["exercise"]
def recover_signal(W, h):
    """Return the signal g (n,), minus its mean, from its scaled similarities W (n, n).

    W is diag(c) K diag(c) for some unknown c, with K_ij = exp(-(g_i - g_j)^2 / (2 h^2)). Of g and -g, both
    minus their mean, return the one whose first entry is negative or 0.
    """
    raise NotImplementedError


# %% slideshow={"slide_type": "fragment"} tags=["check"]
check(recover_signal)

# %% [markdown] slideshow={"slide_type": "skip"} tags=["references"]
# ## Sources, and why to read them
#
# - R. Sinkhorn and P. Knopp, "Concerning nonnegative matrices and doubly stochastic matrices", *Pacific J. Math.* 21 (1967): when a scaling exists, decided by zeros alone.
# - P. A. Knight, D. Ruiz and B. Uçar, "A symmetry preserving algorithm for matrix scaling", *SIAM J. Matrix Anal. Appl.* 35 (2014): the square root, and its rate.
# - P. Milanfar, "Symmetrizing smoothing filters", *SIAM J. Imaging Sci.* 6 (2013): why image filters gain from balancing, with experiments.
# - N. F. Marshall and R. R. Coifman, "Manifold learning with bi-stochastic kernels", *IMA J. Appl. Math.* 84 (2019): what balanced kernels compute in the limit of many points.
# - M. Cuturi, "Sinkhorn distances: lightspeed computation of optimal transport", *NeurIPS* 26 (2013): part 10, and why it took off.
