"""The worst errors of truncated members against tests/oracles/truncated.json: a part of families.py."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import expfam as e

ORACLE = Path(__file__).parents[1] / "tests" / "oracles" / "truncated.json"
COLUMNS = ("log_prob", "log_prob, scipy", "entropy", "entropy, scipy", "KL", "E T", "Cov T", "fit")
INTRODUCTION = """
### Within a window

`Truncated`, with the windows, natural parameters and second members of `tests/oracles/truncated.json`, which is of 60
digits: ordinary ones, tails, windows a millionth wide, half-lines, concentrated members, densities with two tops, and η
that no member of the whole family has. Errors as above; of E T and of its covariance relative to the standard
deviations of T (or to E T, if that is larger); of the fit, the mean of the fitted member less the one that was asked
for, in standard deviations. Where T is nearly the same everywhere in the window its covariance is nearly singular, and
all rounding of a mean counts in the fit.
"""


def section(in_scipy: Callable[[Any], Any], figure: Callable[[float | None], str]) -> list[str]:
    """The lines of the table."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for case in json.loads(ORACLE.read_text(encoding="utf-8")):
        kinds.setdefault(case["family"].partition("(")[0], []).append(case)
    lines = [INTRODUCTION, "| family | windows | " + " | ".join(COLUMNS) + " |"]
    lines.append("|---" * (len(COLUMNS) + 2) + "|")
    for name, cases in kinds.items():
        found = [errors(case, in_scipy) for case in cases]
        worst = [max((f[c] for f in found if c in f), default=None) for c in COLUMNS]
        lines.append(f"| {name} | {len(cases)} | " + " | ".join(map(figure, worst)) + " |")
    return lines


def errors(case: dict[str, Any], in_scipy: Callable[[Any], Any]) -> dict[str, float]:
    """Column → error of one case."""
    name, _, known = case["family"].removesuffix(")").partition("(")
    whole = getattr(e, name)(*map(float, known.split()))
    family = e.Truncated(whole, case["low"], case["high"])
    p, q = (family.from_natural(case[key]) for key in ("natural", "other"))
    mean, fisher = np.atleast_1d(case["mean"]), np.atleast_2d(case["fisher"])
    deviation = np.sqrt(np.diagonal(fisher))
    again = family.from_mean(case["mean"]).mean_parameter
    gap = np.atleast_1d(p.mean_parameter) - mean
    apart = np.atleast_2d(p.fisher_information) - fisher
    found = {
        "log_prob": off(p.log_prob(case["points"]), case["log_prob"], 1.0),
        "entropy": off(p.entropy(), case["entropy"], 1.0),
        "KL": off(p.kl(q), case["kl"], 0.0),
        "E T": largest(gap / np.maximum(deviation, np.abs(mean))),
        "Cov T": largest(apart / np.outer(deviation, deviation)),
        "fit": largest((np.atleast_1d(again) - mean) / deviation),
    }
    other = in_scipy(p)
    if other is not None:
        with np.errstate(all="ignore"):
            density = other.logpmf if family.discrete else other.logpdf
            found["log_prob, scipy"] = off(density(case["points"]), case["log_prob"], 1.0)
            try:
                entropy = other.entropy()
            except OverflowError:  # of powers of truncpareto
                entropy = math.nan
            found["entropy, scipy"] = off(entropy, case["entropy"], 1.0)
    return found


def off(got: Any, wanted: Any, least: float) -> float:
    wanted = np.asarray(wanted)
    return largest((np.asarray(got) - wanted) / np.maximum(np.abs(wanted), least))


def largest(x: np.ndarray) -> float:
    value = float(np.max(np.abs(x)))
    return value if math.isfinite(value) else math.inf
