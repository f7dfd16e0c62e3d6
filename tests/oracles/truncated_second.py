"""The second way of truncated.py: moments by Arb's integrals, whose bounds are proven, and A alone
by closed forms in error functions, incomplete gammas and betas, sums by Lerch's function."""

from __future__ import annotations

from itertools import pairwise

from mpmath import mp, mpf
from truncated import member, panels
from truncated_families import named, place, terms, turns

CUT = 190
NEAR = mpf(10) ** -22  # of everything but bounds that a mean of about 0 makes wide


def from_arb(value):
    """Its middle and its bound."""
    if not value.is_finite():
        return mpf(0), mp.inf
    parts = value.real.mid().str(75, radius=False), value.real.rad().str(5, radius=False)
    middle, bound = (mpf(part) if "+/-" not in part else mpf(0) for part in parts)
    return middle, bound


def by_arb(text, eta, low, high, about):
    """log A's mass, E(T − about), E(T − about)(T − about)ᵀ and E log h, with their bounds."""
    import flint

    flint.ctx.prec = 270

    def number(v):
        return flint.acb(flint.arb(mp.nstr(mpf(v), 80)))

    best, found = panels(text, eta, low, high, CUT)
    ends = sorted({t for pair in found for t in pair})
    special = [ends[0], ends[-1], mpf(0), *turns(text, eta)]
    steps = (s * mpf(7) ** j for j in range(40) for s in (-1, 1))
    stops = [
        t for t in special + [s + t for s in steps for t in special] if ends[0] <= t <= ends[-1]
    ]
    if ends[-1] - ends[0] < 100:
        stops = [t for t in special[:3] if ends[0] <= t <= ends[-1]]
    holes = [(a, b) for a, b in pairwise(ends) if (a, b) not in set(found)]  # beyond the cut
    natural, centre, top = [number(v) for v in eta], [number(v) for v in about], number(best)

    ones = text in ("Gamma()", "InverseGamma()", "ChiSquared()")
    plus, around = [int(ones), 0][: len(eta)], centred(text, eta, best, number)

    def integral(part):
        total = flint.acb(0)
        for a, b in pairwise(sorted({*stops, *(t for hole in holes for t in hole)})):
            if (a, b) in holes:
                continue
            side = 1 if a + b > 0 else -1

            def f(t, analytic, side=side):
                def log1p(z):
                    return (1 + z).log(analytic=analytic)

                stats, log_h, base = terms(text, t, side, lambda z: z.exp(), log1p, number)
                if ones:
                    base = log_h if text == "ChiSquared()" else flint.acb(0)
                inner = sum(
                    ((e + o) * s for e, o, s in zip(natural, plus, stats, strict=True)), base - top
                )
                weight = (around(t) if around else inner).exp()
                return weight * part([s - c for s, c in zip(stats, centre, strict=True)], log_h)

            goal = flint.arb(2) ** -140
            total += flint.acb.integral(
                f, number(a), number(b), rel_tol=goal, abs_tol=goal * flint.arb(2) ** -60,
                eval_limit=10**5, depth_limit=10**3,
            )  # fmt: skip
        return from_arb(total)

    size = range(len(eta))
    mass = integral(lambda u, log_h: 1)
    shift = [integral(lambda u, log_h, i=i: u[i]) for i in size]
    squares = [[integral(lambda u, log_h, i=i, j=j: u[i] * u[j]) for j in size] for i in size]
    return best, mass, shift, squares, integral(lambda u, log_h: log_h)


def sums_by_arb(eta, low, high, mean):
    """The same of Logarithmic: sums of balls, to more counts where there is no end."""
    import flint

    flint.ctx.prec = 270
    tilt, middle = (flint.acb(flint.arb(mp.nstr(v, 80))) for v in (eta, mean[0]))
    mass, shift, square, base = (flint.acb(0) for _ in range(4))
    for x in range(low, (high or int(low - 200 / eta)) + 1):
        weight = (tilt * (x - low)).exp() / x
        mass, shift = mass + weight, shift + weight * (x - middle)
        square, base = square + weight * (x - middle) ** 2, base - weight * flint.acb(x).log()
    mass, shift, square, base = map(from_arb, (mass, shift, square, base))
    return eta * low, mass, [shift], [[square]], base


def centred(text, eta, best, number):
    """The log-density about its greatest, for balls in which the terms are bounded one by one."""
    name, known = named(text)
    first, second = (*eta, mpf(0))[:2]
    base = -mp.log(2 * mp.pi) / 2 - best
    if name == "GaussianKnownVariance":
        second, base = -1 / (2 * known), base - mp.log(known) / 2
    if name in ("Gaussian", "LogNormal", "GaussianKnownVariance") and second:
        c, a, rest = (
            number(-first / (2 * second)),
            number(second),
            number(base - first**2 / 4 / second),
        )
        return lambda t: a * (t - c) * (t - c) + rest
    if name == "InverseGaussian" and first * second > 1e4:
        (c,) = turns(text, eta)
        even, odd = first * mp.exp(c) + second * mp.exp(-c), first * mp.exp(c) - second * mp.exp(-c)
        rest, c, even, odd = (number(v) for v in (base + even - c / 2, c, 2 * even, odd))
        return lambda t: (
            even * ((t - c) / 2).sinh() ** 2 + odd * (t - c).sinh() + rest - (t - c) / 2
        )
    return None


def closed(text, eta, low, high):
    """A by a closed form, in digits enough for what cancels; None where there is none."""
    name, known = named(text)
    a, b = place(text, low, "low"), place(text, high, "high")
    first, second = (*eta, mpf(0))[:2]
    if name == "GaussianKnownVariance":
        value = normal(first, -1 / (2 * known), a, b)
        return mp.log(value) - mp.log(known) / 2
    if name in ("Gaussian", "LogNormal"):
        return mp.log(normal(first, second, a, b)) if second else None
    if name == "GaussianKnownMean":
        return mp.log(normal(mpf(0), first, a, b)) if first else None
    if name in ("Gamma", "ChiSquared", "InverseGamma", "Weibull"):
        if name == "InverseGamma":
            a, b = -b, -a
        if name == "Weibull":  # xᵏ is exponential
            a, b, first, second = known * a, known * b, mpf(0), first
        if name == "ChiSquared":
            second = mpf(-1) / 2
        return mp.log(power(first + 1, -second, mp.exp(a), mp.exp(b)))
    if name == "InverseGaussian":
        if not second:
            return None
        root, other = mp.sqrt(mp.mpc(-first)), mp.sqrt(mp.mpc(-second))

        def primitive(x):
            u, v = other / mp.sqrt(x), root * mp.sqrt(x)
            twice = 2 * root * other
            parts = mp.exp(twice) * mp.erfc(u + v) + mp.exp(-twice) * mp.erfc(u - v)
            return parts / (2 * other * mp.sqrt(2))

        right = primitive(mp.exp(b)) if mp.isfinite(b) else mp.exp(-2 * root * other) / (
            other * mp.sqrt(2))  # fmt: skip
        return mp.log((right - (primitive(mp.exp(a)) if mp.isfinite(a) else 0)).real)
    if name == "Beta":
        x, y = (mpf(v) if v is not None else mpf(d) for v, d in ((low, 0), (high, 1)))
        if first > 1e4:
            return mp.log(large_beta(first, second, x, y))
        return mp.log(mp.betainc(first, second, x, y).real)
    if name == "Logarithmic":
        low = low or 1
        head = mp.lerchphi(mp.exp(first), 1, low) * mp.exp(first * low) if first < 0 else None
        if head is None:
            return None
        tail = high and mp.lerchphi(mp.exp(first), 1, high + 1) * mp.exp(first * (high + 1))
        return mp.log(head - (tail or 0))
    if name == "Laplace":
        left = line(first, max(-b, mpf(0)), -a) if a < 0 else 0
        right = line(first, max(a, mpf(0)), b) if b > 0 else 0
        return mp.log((left + right) / 2)
    return mp.log(line(first, a, b))  # ContinuousBernoulli, Exponential, Pareto


def line(eta, a, b):
    """∫exp(ηt)."""
    if not eta:
        return b - a
    return ((mp.exp(eta * b) if mp.isfinite(b) else 0) - mp.exp(eta * a)) / eta


def normal(linear, quadratic, a, b):
    """∫exp(η₁t + η₂t²)/√2π, by error functions of complex numbers where η₂ > 0."""
    root = mp.sqrt(mp.mpc(-quadratic))
    at = linear / (2 * root)
    scale = mp.exp(-(linear**2) / (4 * quadratic)) / (2 * root * mp.sqrt(2))
    ends = [mp.sign(t) * mp.inf if mp.isinf(t) else root * t - at for t in (a, b)]
    if quadratic < 0 and ends[1].real < -1 and not mp.isinf(ends[1]):
        return normal(-linear, quadratic, -b, -a)
    if quadratic < 0 and ends[0].real > 1 and not mp.isinf(ends[0]):
        return (scale * (mp.erfc(ends[0]) - (mp.erfc(ends[1]) if mp.isfinite(b) else 0))).real
    erf = [mp.sign(t) if mp.isinf(t) else mp.erf(e) for t, e in zip((a, b), ends, strict=True)]
    return (scale * (erf[1] - erf[0])).real


def power(shape, rate, a, b):
    """∫xˢ⁻¹ exp(−rx)."""
    if not rate:
        return (b**shape - a**shape) / shape if shape else mp.log(b / a)
    if shape > 1e4 and rate > 0:
        whole = mp.exp(mp.loggamma(shape) - shape * mp.log(rate))
        beyond = mp.isinf(b) or rate * b > 5 * shape  # where less than e⁻ˢ of it is left
        return (whole if beyond else small_gamma(shape, rate, b)) - small_gamma(shape, rate, a)
    if mp.isinf(b):
        return mp.gammainc(shape, rate * a, mp.inf) / rate**shape
    if shape <= 0 or a > 0:
        z = mp.mpc(rate)
        return ((mp.gammainc(shape, z * a) - mp.gammainc(shape, z * b)) / z**shape).real
    return b**shape / shape * mp.hyp1f1(shape, shape + 1, -rate * b)


def series(ratio):
    """1 + r₀ + r₀r₁ + …"""
    total = term = mpf(1)
    for k in range(10**6):
        term *= ratio(k)
        total += term
        if term < total * mp.eps and ratio(k) < 1:
            return total
    raise ValueError("the series is too long")


def small_gamma(s, rate, x):
    """∫₀ˣ of a large shape: xˢ e⁻ʳˣ/s·M(1; s + 1; rx)."""
    head = mp.exp(s * mp.log(x) - rate * x) / s if x else mpf(0)
    return head * series(lambda k: rate * x / (s + 1 + k)) if x else head


def large_beta(a, b, x, y):
    """By ∫₀ˣ = xᵃ(1 − x)ᵇ/a·F(a + b, 1; a + 1; x) below the mean, and the like above it."""

    def tail(a, b, x):
        head = mp.exp(a * mp.log(x) + b * mp.log1p(-x)) / a if x else mpf(0)
        return head * series(lambda k: x * (a + b + k) / (a + 1 + k)) if x else head

    if x > a / (a + b):
        return tail(b, a, 1 - x) - tail(b, a, 1 - y)
    whole = mp.exp(mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b))
    return whole - tail(a, b, x) - tail(b, a, 1 - y)


def check(cases):
    """Print what disagrees, and how many cases were held to which way."""
    worst, held, without = mpf(0), 0, []
    for text, low, high, *sides in cases:
        for natural in sides:
            eta = [mpf(v) for v in natural]
            log_partition, mean, fisher, log_h, _ = member(text, low, high, natural)
            gaps = {}
            if text == "Logarithmic()":
                second = sums_by_arb(eta[0], low or 1, high, mean)
            else:
                ends = place(text, low, "low"), place(text, high, "high")
                second = by_arb(text, eta, *ends, mean)
            best, (mass, rad), shift, squares, base = second
            gaps["log_partition"] = abs(best + mp.log(mass) - log_partition) + rad / mass
            size = range(len(eta))
            deviation = [mp.sqrt(fisher[i][i]) for i in size]
            for i in size:
                gaps[f"mean {i}"] = (abs(shift[i][0]) + shift[i][1]) / mass / deviation[i]
                for j in size:
                    value, rad = squares[i][j]
                    gap = abs(value / mass - fisher[i][j]) + rad / mass
                    gaps[f"fisher {i}{j}"] = gap / deviation[i] / deviation[j]
            gaps["log_h"] = abs(base[0] / mass - log_h) / (1 + abs(log_h)) + base[1] / mass
            with mp.workdps(250):
                try:
                    value = closed(text, eta, low, high)
                except (ValueError, ZeroDivisionError, mp.NoConvergence) as error:
                    value = None
                    print("closed form failed", text, low, high, natural, repr(error)[:80])
            if value is None:
                without.append((text, natural))
            else:
                held += 1
                gaps["closed"] = abs(value - log_partition) / (1 + abs(log_partition))
            bad = {k: mp.nstr(v, 3) for k, v in gaps.items() if not v < NEAR}
            worst = max([worst, *gaps.values()])
            if bad:
                print(text, low, high, natural, bad, flush=True)
    print(f"worst {mp.nstr(worst, 3)}; {held} held to closed forms; not: {without}")
