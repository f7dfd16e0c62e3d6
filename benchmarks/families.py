"""The worst errors of log p, entropy, KL and maximum likelihood, per family, beside other libraries.

python benchmarks/families.py [--only Gamma] [--write docs/accuracy.md]

The exact results are the textbook's definitions (exact_counts, exact_densities) in 120 digits, for
the parameters and observations as stored. `--write` replaces the section "Families" of the page.
"""

from __future__ import annotations

import argparse
import math
import platform
import warnings
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import scipy.stats
import windows
from accuracy import FAMILIES
from exact_counts import Definition, exactly
from family_cases import cases

import expfam as e
from expfam.converters import to_scipy, to_torch

try:
    import torch
except ImportError:
    torch = None
else:
    torch.distributions.Distribution.set_default_validate_args(False)

DIGITS = 120
CLOSE = 1e-6
EPSILON = 2.0**-53
MOST_COUNTS = 10**5  # of entropies elsewhere, which are sums over the counts
Member = Any

# ------------------------------------------------------------ other libraries


def in_scipy(p: Member) -> Any:
    """The same member of scipy.stats; None where there is none, or none to 12 digits."""
    s, eta = scipy.stats, p.natural_parameter
    others = {
        e.Logarithmic: lambda: s.logser(np.exp(eta)),
        e.Beta: lambda: s.beta(*eta),
        e.Dirichlet: lambda: s.dirichlet(eta),
        e.InverseGaussian: lambda: s.invgauss(
            np.sqrt(eta[1] / eta[0]) / (-2 * eta[1]), scale=-2 * eta[1]
        ),
        e.VonMises: lambda: s.vonmises(np.hypot(*eta), loc=np.arctan2(eta[1], eta[0])),
        e.VonMisesFisher: lambda: s.vonmises_fisher(eta / np.linalg.norm(eta), np.linalg.norm(eta)),
    }
    return tried(others.get(type(p.family), lambda: to_scipy(p)))


def in_torch(p: Member) -> Any:
    if torch is None:
        return None
    t, eta = torch.distributions, torch.from_numpy(np.array(p.natural_parameter))
    others = {
        e.Beta: lambda: t.Beta(*eta),
        e.Dirichlet: lambda: t.Dirichlet(eta),
        e.VonMises: lambda: t.VonMises(torch.atan2(eta[1], eta[0]), torch.hypot(*eta)),
        e.ContinuousBernoulli: lambda: t.ContinuousBernoulli(logits=eta),
    }
    return tried(others.get(type(p.family), lambda: to_torch(p)))


def tried(call: Callable[[], Any]) -> Any:
    """None where the library has no such thing or refuses."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return call()
    except (TypeError, ValueError, AttributeError, NotImplementedError):
        return None


def answers(p: Member, quantity: str, x: Any = None, q: Member = None) -> Iterator[tuple[str, Any]]:
    """(library, its number) for log_prob at x, entropy, or kl to q."""
    ours = {"log_prob": (x,), "entropy": (), "kl": (q,)}[quantity]
    yield "expfam", getattr(p, quantity)(*ours)
    here, there = in_scipy(p), in_torch(p)
    if quantity == "log_prob":
        mass = "logpmf" if p.family.discrete else "logpdf"
        yield "scipy", tried(lambda: getattr(here, mass)(x))
        yield "torch", tried(lambda: there.log_prob(torch.from_numpy(np.array(x, float))))
    elif quantity == "kl":
        other = in_torch(q)
        yield "torch", tried(lambda: torch.distributions.kl_divergence(there, other))
    elif not p.family.discrete or max(np.max(p.family.trials), np.max(p.mean_parameter)) <= MOST_COUNTS:  # fmt: skip
        yield "scipy", tried(lambda: here.entropy())
        yield "torch", tried(lambda: there.entropy())


# ------------------------------------------------------------ errors


def off(got: Any, wanted: Any, least: float) -> float:
    """The error relative to the larger of |wanted| and least; infinite where it is no number."""
    got = float(np.ravel(got)[0])
    if not math.isfinite(got):
        return math.inf
    return float(abs(mpmath.mpf(got) - wanted) / max(abs(wanted), mpmath.mpf(least)))


def inner(a: list, b: list) -> Any:
    return mpmath.fsum(x * y for x, y in zip(a, b, strict=True))


def backward(exact: Definition, mean: list, start: list) -> list:
    """The root of ∇A(η) = μ: in closed form, or by Newton's method with differences of ∇A."""
    if exact.natural:
        return exact.natural(mean)
    eta, n = list(start), len(start)
    for _ in range(60):
        here = exact.mean(eta)
        slopes = mpmath.matrix(n, n)
        for j in range(n):
            step = eta[j] * mpmath.mpf(10) ** (-DIGITS // 3)
            moved = exact.mean([v + step * (i == j) for i, v in enumerate(eta)])
            for i in range(n):
                slopes[i, j] = (moved[i] - here[i]) / step
        gap = mpmath.matrix([m - v for m, v in zip(mean, here, strict=True)])
        change = mpmath.lu_solve(slopes, gap)
        eta = [v + s for v, s in zip(eta, change, strict=True)]
        if max(abs(s / v) for s, v in zip(change, eta, strict=True)) < 1e-40:
            return eta
    raise AssertionError("the exact root has not converged")


def worst(got: list, wanted: list) -> float:
    return max(
        off(float(g), w, 0.0) if w else abs(float(g)) for g, w in zip(got, wanted, strict=True)
    )


def likelihood(family: Any, exact: Definition, mean: Any) -> tuple[float, float]:
    """The error of η fitted to a mean, and what half an ulp of each entry of μ does to the root."""
    got, mu = family.mean_to_natural(mean), exactly(mean)
    root = backward(exact, mu, exactly(got))
    total = [mpmath.mpf(0)] * len(root)
    for j in range(len(mu)):
        moved = [v + v * EPSILON * (i == j) for i, v in enumerate(mu)]
        for i, v in enumerate(backward(exact, moved, root)):
            total[i] += abs(v - root[i])
    condition = max(float(t / abs(v)) if v else 0.0 for t, v in zip(total, root, strict=True))
    return worst(np.ravel(got).tolist(), root), condition


Cell = dict[str, float]


def measure(family: Any, exact: Definition, naturals: list) -> dict[str, Cell]:
    """Quantity → library → the largest error."""
    found: dict[str, Cell] = {k: {} for k in ("log_prob", "entropy", "kl", "close", "fit")}

    def keep(quantity: str, library: str, error: float) -> None:
        found[quantity][library] = max(error, found[quantity].get(library, 0.0))

    members = [family.from_natural(eta) for eta in naturals]
    for p, far in zip(members, [*members[1:], *members[:1]], strict=True):
        close = family.from_natural(p.natural_parameter * (1 + CLOSE))
        eta = exactly(p.natural_parameter)
        base, mean = exact.partition(eta), exact.mean(eta)
        for x in (*p.sample(4, rng=1), *far.sample(2, rng=2)):
            t = exactly(x)
            wanted = inner(eta, exact.statistic(t)) - base + exact.log_base(t)
            for library, got in answers(p, "log_prob", x=x):
                if got is not None:
                    keep("log_prob", library, off(got, wanted, 1.0))
        wanted = base - inner(eta, mean) - exact.mean_log_base(eta)
        for library, got in answers(p, "entropy"):
            if got is not None:
                keep("entropy", library, off(got, wanted, 1.0))
        for quantity, q in (("kl", far), ("close", close)):
            other = exactly(q.natural_parameter)
            gap = [b - a for a, b in zip(eta, other, strict=True)]
            wanted = exact.partition(other) - base - inner(gap, mean)
            for library, got in answers(p, "kl", q=q):
                if got is not None:
                    keep(quantity, library, off(got, wanted, 0.0))
        error, condition = likelihood(family, exact, p.mean_parameter)
        if error >= found["fit"].get("expfam", 0.0):
            found["fit"] = {"expfam": error, "rounding": condition}
    return found


# ------------------------------------------------------------ the page

Row = tuple[str, dict[str, Cell], dict[str, Cell]]


def rows(only: str = "") -> list[Row]:
    """The name of each family, and its errors at ordinary and at extreme members."""
    found = []
    with mpmath.workdps(DIGITS):
        for family, exact, ordinary, extreme in cases():
            if only in repr(family):
                name = repr(family).replace(str(2**62), "2⁶²")
                found.append(
                    (name, measure(family, exact, ordinary), measure(family, exact, extreme))
                )
    return found


def section(found: list[Row]) -> str:
    """The Markdown of the section."""
    lines = [FAMILIES + INTRODUCTION]
    for title, columns in TABLES.items():
        heads = [f"{'extreme: ' if i else ''}{head}" for i in (0, 1) for head in columns]
        lines.append(f"\n### {title}\n\n| family | " + " | ".join(heads) + " |")
        lines.append("|---" * (len(heads) + 1) + "|")
        for name, *groups in found:
            cells = [figure(g[q].get(k)) for g in groups for q, k in columns.values()]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += windows.section(in_scipy, figure)
    names = ["numpy", "scipy", "mpmath"] + ["torch"] * (torch is not None)
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    lines.append(f"\nMeasured with Python {platform.python_version()}, {versions}, on")
    lines.append(f"{platform.machine()} {platform.system()}.")
    return "\n".join(lines) + "\n"


def figure(error: float | None) -> str:
    if error is None:
        return ""
    return "no number" if math.isinf(error) else "0" if error < 1e-17 else f"{error:.0e}"


LIBRARIES = ("expfam", "scipy", "torch")
TABLES = {
    "log_prob": {k: ("log_prob", k) for k in LIBRARIES},
    "entropy": {k: ("entropy", k) for k in LIBRARIES},
    "KL": {
        "expfam": ("kl", "expfam"),
        "torch": ("kl", "torch"),
        "close, expfam": ("close", "expfam"),
        "close, torch": ("close", "torch"),
    },
    "Maximum likelihood": {"expfam": ("fit", "expfam"), "μ rounded": ("fit", "rounding")},
}
INTRODUCTION = """
The worst error of each family with a fixed formula against its textbook definition in mpmath, 120 digits, for the
parameters and observations as stored; moments of log h by sums of closed form or integrals. `python
benchmarks/families.py --write docs/accuracy.md` makes this section anew.

- Errors of log p and of the entropy are relative to max(1, abs value); of KL and maximum likelihood, to the value.
- Ordinary members are those of everyday data. Extreme ones have trials of 2⁶², means of 1e12 or 1e-13, shapes and
  concentrations of 1e8 or 1e-6, correlations of 0.999; `benchmarks/family_cases.py` lists all. Observations are draws
  from the member and from the next one in the list.
- KL is to the next member in the list and, *close*, to the one at η·(1 + 1e-6).
- Maximum likelihood is the backward map at the mean of each member, rounded as it is stored, against the root of
  ∇A(η) = μ for the stored μ; *μ rounded* is how far half a unit in the last place of every entry of μ moves that root.
- scipy.stats and torch.distributions get the same members through `expfam.converters`, or by their own constructors
  (Beta, Dirichlet, directions, …); what rounding of their parameters costs is in their
  figures. Blank: no such law, method or pair, or a member that their parameters cannot hold; entropies of counts that
  sum over all of them are asked only up to 1e5."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="families whose name has this in it")
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    text = section(rows(arguments.only))
    print(text)
    if arguments.write:
        before = arguments.write.read_text(encoding="utf-8").split(FAMILIES)[0]
        arguments.write.write_text(before + text, encoding="utf-8")


if __name__ == "__main__":
    main()
