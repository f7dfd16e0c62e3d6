"""Write truncated.json: members of families seen within a window, in 60 digits.

    python tests/oracles/truncated.py [--check]

From T and h alone, as the docstrings of the families give them. Each family of real numbers is
written in a variable t in which it is smooth on all of a line: x itself, x − m, log x, log(x/m) or
log(x/(1 − x)). The density of t is exp⟨η, T⟩·h·|dx/dt| over the window's mass; it rises or falls
between the few points where its slope is 0, and is integrated by Gauss and Legendre over panels
that end where it has fallen by another e⁻¹⁰, and at distances 4ʲ from those points, each halved
until it agrees with its halves to 38 digits. What lies beyond e⁻¹⁵⁰ of the greatest is left out.

--check computes all again a second way, and writes nothing: T's moments by Arb, whose integrals
have proven bounds, over another cut (python-flint), and A by closed forms. See `truncated_second`.
"""

import json
import sys
from itertools import pairwise
from pathlib import Path

from mpmath import mp, mpf
from mpmath.calculus.quadrature import GaussLegendre
from truncated_cases import CASES
from truncated_families import POSITIVE, named, observation, place, terms, turns

mp.dps = 60
CUT, DROP, TOLERANCE = 150, 10, mpf(10) ** -38
LEAST, MOST = {"InverseGaussian": 1e-100}, {"InverseGaussian": 1e100}  # of observations


def crossing(g, high, low, level):
    """A t between high, where g is above the level, and low (or beyond all bounds), near it."""
    if mp.isinf(low):
        step, sign = mpf(1), mp.sign(low)
        while g(high + sign * step) > level:
            step *= 2
        low = high + sign * step
    for _ in range(40):
        middle = (high + low) / 2
        high, low = (middle, low) if g(middle) > level else (high, middle)
    return low


def panels(text, eta, low, high, cut=CUT):
    """The greatest log-density of t, and panels that hold all of the window that matters."""

    def g(t):
        stats, _, base = terms(text, t, mp.sign(t))
        return mp.fdot(eta, stats) + base

    inner = sorted({t for t in turns(text, eta) if low < t < high})
    stops = [low, *inner, high]
    best = max(g(t) for t in stops if mp.isfinite(t))
    special = inner + [t for t in (low, high, mpf(0)) if mp.isfinite(t)]
    found = []
    for a, b in pairwise(stops):
        up, down = (b, a) if mp.isinf(a) or (mp.isfinite(b) and g(b) > g(a)) else (a, b)
        if g(up) < best - cut:
            continue
        marks = [up]
        for drop in range(DROP, cut + 1, DROP):
            if mp.isfinite(down) and g(down) >= best - drop:
                marks.append(down)
                break
            if g(up) > best - drop:
                marks.append(crossing(g, up, down, best - drop))
        left, right = min(marks), max(marks)
        steps = (s * mpf(4) ** j for j in range(-3, 40) for s in (-1, 1))
        marks += [t + s for s in steps for t in special]
        marks = sorted({t for t in (*marks, *special) if left <= t <= right})
        found += pairwise(marks)
    return best, found


LEGENDRE = GaussLegendre(mp).calc_nodes(5, mp.prec + 10)  # 48 nodes of −1 … 1, with weights


def integrate(f, pieces):
    """∫f of many components; and, in order, the panels with their masses (component 0)."""

    def over(a, b):
        half, middle = (b - a) / 2, (a + b) / 2
        rows = [[half * w * v for v in f(middle + half * x)] for x, w in LEGENDRE]
        return [mp.fsum(column) for column in zip(*rows, strict=True)]

    def halved(a, b, whole, depth=0):
        middle = (a + b) / 2
        parts = over(a, middle), over(middle, b)
        both = [u + v for u, v in zip(*parts, strict=True)]
        gaps = zip(both, whole, scale, strict=True)
        if all(abs(u - v) <= TOLERANCE * s for u, v, s in gaps):
            masses.append((a, b, both[0]))
            return both
        assert depth < 100, (a, b)
        ends = (a, middle, parts[0]), (middle, b, parts[1])
        return [u + v for u, v in zip(*(halved(*e, depth + 1) for e in ends), strict=True)]

    masses = []
    first = [over(a, b) for a, b in pieces]
    scale = [mp.fsum(abs(v) for v in column) or 1 for column in zip(*first, strict=True)]
    parts = [halved(a, b, whole) for (a, b), whole in zip(pieces, first, strict=True)]
    return [mp.fsum(column) for column in zip(*parts, strict=True)], masses


def moments(text, eta, low, high):
    """log A's mass, E T, Cov T, E log h, and where the mass is."""
    best, pieces = panels(text, eta, low, high)
    stop = next(t for t in (*turns(text, eta), low, high) if mp.isfinite(t))
    about = terms(text, min(max(stop, low), high), mp.sign(stop))[0]

    def f(t):
        stats, log_h, base = terms(text, t, mp.sign(t))
        weight = mp.exp(mp.fdot(eta, stats) + base - best)
        u = [s - a for s, a in zip(stats, about, strict=True)]
        squares = [u[i] * u[j] for i in range(len(u)) for j in range(i + 1)]
        return [weight * v for v in (mpf(1), *u, *squares, log_h)]

    total, masses = integrate(f, pieces)
    size, mass = len(eta), total[0]
    shift = [v / mass for v in total[1 : size + 1]]
    mean = [a + s for a, s in zip(about, shift, strict=True)]
    flat = iter(total[size + 1 : -1])
    cov = [[next(flat) / mass - shift[i] * shift[j] for j in range(i + 1)] for i in range(size)]
    fisher = [[cov[max(i, j)][min(i, j)] for j in range(size)] for i in range(size)]
    return (
        best + mp.log(mass),
        mean,
        fisher,
        total[-1] / mass,
        [(a, b, m / mass) for a, b, m in masses],
    )


def sums(eta, low, high):
    """The same of Logarithmic, whose T = x and h = 1/x, over the counts of the window."""
    (eta,) = eta
    stop = high or int(low + 160 / -eta) + 1
    best = max(eta * x - mp.log(x) for x in (low, stop))
    weights = [(mpf(x), mp.exp(eta * x - best) / x) for x in range(low, stop + 1)]
    mass = mp.fsum(w for _, w in weights)
    mean = mp.fsum(x * w for x, w in weights) / mass
    fisher = mp.fsum((x - mean) ** 2 * w for x, w in weights) / mass
    log_h = -mp.fsum(mp.log(x) * w for x, w in weights) / mass
    return best + mp.log(mass), [mean], [[fisher]], log_h, [(x, x, w / mass) for x, w in weights]


def member(text, low, high, natural):
    """Everything of one member, in the numbers of mpmath."""
    eta = [mpf(v) for v in natural]
    if text == "Logarithmic()":
        return sums(eta, low or 1, high)
    return moments(text, eta, place(text, low, "low"), place(text, high, "high"))


def points(text, low, high, masses):
    """Doubles near the tenth part and the half of the mass, and an end or the nine tenths."""
    name, known = named(text)
    least = LEAST.get(name, 1e-300 if name in POSITIVE | {"Beta"} else -1e300)
    least = float(known * (1 + mpf(2) ** -52)) if name == "Pareto" else least
    most = MOST.get(name, 1 - 2**-53 if name == "Beta" else 1e300)
    ends = [end for end in (low, high) if end is not None and least <= end <= most]
    low, high = least if low is None else max(low, least), most if high is None else min(high, most)
    at = []
    for share in (0.1, 0.5, 0.9):
        before, parts = mpf(0), iter(masses)
        a, b, mass = next(parts)
        while before + mass < share:
            before += mass
            a, b, mass = next(parts)
        t = a + (b - a) * min((share - before) / mass, 1)
        x = int(t) if name == "Logarithmic" else float(observation(text, t))
        at.append(min(max(x, low), high))
    first, second, last = *at[:2], ends[len(text) % len(ends)] if ends else at[2]
    if first == second:  # of counts, or beyond what doubles reach
        second = (
            min(first + 1, high) if name == "Logarithmic" else float(mp.sqrt(mpf(first) * last))
        )
    return [first, second, last]


def log_density(text, eta, x, log_partition):
    """log p at the double x."""
    if text == "Logarithmic()":
        return eta[0] * x - mp.log(x) - log_partition
    t = place(text, x, "low")
    stats, log_h, _ = terms(text, t, mp.sign(t))
    return mp.fdot(eta, stats) + log_h - log_partition


def row(text, low, high, natural, other):
    """One case of the file."""
    eta, beside = ([mpf(v) for v in side] for side in (natural, other))
    log_partition, mean, fisher, log_h, masses = member(text, low, high, natural)
    gap = [q - p for p, q in zip(eta, beside, strict=True)]
    kl = member(text, low, high, other)[0] - log_partition - mp.fdot(gap, mean)
    at = points(text, low, high, masses)
    one = len(eta) == 1
    return {
        "family": text, "low": low, "high": high,
        "natural": natural[0] if one else natural, "other": other[0] if one else other,
        "log_partition": float(log_partition),
        "mean": float(mean[0]) if one else [float(v) for v in mean],
        "fisher": float(fisher[0][0]) if one else [[float(v) for v in line] for line in fisher],
        "entropy": float(log_partition - mp.fdot(eta, mean) - log_h),
        "kl": float(kl), "points": at,
        "log_prob": [float(log_density(text, eta, x, log_partition)) for x in at],
    }  # fmt: skip


def main():
    if "--check" in sys.argv:
        import truncated_second

        return truncated_second.check(CASES)
    rows = ",\n".join(json.dumps(row(*case)) for case in CASES)
    path = Path(__file__).with_name("truncated.json")
    return path.write_text(f"[\n{rows}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
