"""T and h of the families of truncated.py, as their docstrings give them, in the variable t."""

from mpmath import mp, mpf

POSITIVE = {"LogNormal", "Gamma", "InverseGamma", "ChiSquared", "InverseGaussian", "Weibull"}


def named(text):
    """The family's name, and what it knows: Rayleigh is Weibull(2) by another name."""
    name, _, rest = text.partition("(")
    known = mpf(float(rest[:-1])) if rest[:-1] else None
    return ("Weibull", mpf(2)) if name == "Rayleigh" else (name, known)


def place(text, x, default):
    """t of an end x."""
    name, known = named(text)
    if name in POSITIVE:
        return mp.log(mpf(x)) if x else -mp.inf if default == "low" else mp.inf
    if name == "Pareto":
        return mp.log(mpf(x) / known) if x is not None else mpf(0) if default == "low" else mp.inf
    if name == "Beta":
        infinite = -mp.inf if default == "low" else mp.inf
        return mp.log(mpf(x) / (1 - mpf(x))) if x and x < 1 else infinite
    if x is not None:
        return mpf(x) - known if name in ("GaussianKnownMean", "Laplace") else mpf(x)
    if name in ("ContinuousBernoulli", "Exponential"):
        return mpf(0) if default == "low" else mpf(1) if name[0] == "C" else mp.inf
    return -mp.inf if default == "low" else mp.inf


def observation(text, t):
    """x of t."""
    name, known = named(text)
    if name in POSITIVE or name == "Pareto":
        return (known if name == "Pareto" else 1) * mp.exp(t)
    if name == "Beta":
        return 1 / (1 + mp.exp(-t))
    return t + known if name in ("GaussianKnownMean", "Laplace") else t


def terms(text, t, side, exp=mp.exp, log1p=mp.log1p, number=mpf):
    """T, log h and log h|dx/dt| at t; side: the sign of t."""
    name, known = named(text)
    log_known = number(mp.log(known)) if known and known > 0 else None
    half_log, known = number(mp.log(2 * mp.pi) / 2), number(known or 0)
    if name == "Gaussian":
        return [t, t * t], -half_log, -half_log
    if name == "GaussianKnownMean":
        return [t * t], -half_log, -half_log
    if name == "GaussianKnownVariance":
        log_h = -half_log - log_known / 2 - t * t / (2 * known)
        return [t], log_h, log_h
    if name == "LogNormal":
        return [t, t * t], -half_log - t, -half_log
    if name == "Gamma":
        return [t, exp(t)], 0 * t, t
    if name == "InverseGamma":
        return [-t, exp(-t)], -2 * t, -t
    if name == "ChiSquared":
        return [t], -exp(t) / 2, t - exp(t) / 2
    if name == "InverseGaussian":
        return [exp(t), exp(-t)], -half_log - 3 * t / 2, -half_log - t / 2
    if name == "Weibull":
        return [exp(known * t)], log_known + (known - 1) * t, log_known + known * t
    if name == "Pareto":
        return [t], -log_known - t, 0 * t
    if name == "Laplace":
        return [side * t], -number(mp.log(2)), -number(mp.log(2))
    if name == "Beta":
        near = -log1p(exp(-t if side > 0 else t))  # log of x or 1 − x, whichever is more than ½
        log, rest = (near, near - t) if side > 0 else (near + t, near)
        return [log, rest], -log - rest, 0 * t
    return [t], 0 * t, 0 * t  # ContinuousBernoulli, Exponential


def turns(text, eta):
    """All t where the slope of the density of t may be 0."""
    name, known = named(text)
    first, second = (*eta, mpf(0))[:2]
    if name in ("Gaussian", "LogNormal"):
        return [-first / (2 * second)] if second else []
    if name in ("GaussianKnownMean", "Laplace"):
        return [mpf(0)]
    if name == "GaussianKnownVariance":
        return [first * known]
    if name == "InverseGaussian":  # η₁z² − z/2 − η₂ = 0, z = eᵗ
        root = mp.sqrt(mpf(1) / 4 + 4 * first * second) if 16 * first * second > -1 else 0
        z = [(mpf(1) / 2 + s * root) / (2 * first) for s in (-1, 1)] if first else [-2 * second]
    elif name == "Weibull":
        return [mp.log(-1 / first) / known] if first < 0 else []
    elif name == "Beta":
        z = [first / second] if second else []
    else:  # (η₁ + 1)·(±t) + η₂ exp(±t)
        second = mpf(-1) / 2 if name == "ChiSquared" else second
        z = [-(first + 1) / second] if second and name in ("Gamma", "ChiSquared") else []
        if name == "InverseGamma" and first != -1:
            z = [-second / (first + 1)]
    return [mp.log(v) for v in z if v > 0]
