"""Where a lab starts: labels, counts and natural parameters of a fit, or of none, in words too."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from expfam.families import Binomial, Categorical
from expfam.writing.page import count, visible

if TYPE_CHECKING:
    from expfam.categorical import CategoricalFit

Categories = Iterable[Hashable] | None

_SOFTMAX = (
    "One function, A(η) = T log Σ exp(ηᵢ/T), in two coordinate systems: natural parameters η "
    "and their mean μ = ∇A(η) = softmax(η/T)."
)
_DUALITY = (
    "A and its convex conjugate, A*(μ) = max over η of ημ − A(η): each is made of the other's "
    "slopes and intercepts. p and q stand on both curves."
)


def softmax(fit: CategoricalFit | None, categories: Categories) -> dict[str, Any]:
    """Three categories: the fit's, or two of them and all others merged."""
    data: dict[str, Any] = {"title": "The softmax lab", "note": _SOFTMAX, "counts": None}
    if fit is None:
        if categories is not None:
            raise ValueError("lab: categories= chooses among those of a fit; none is given")
        data["labels"] = ["a", "b", "c"]
        return {"data": data, "natural": [1.0, -0.5, 0.0], "temperature": 1.0}
    data["labels"], data["counts"], merged = _three(fit, categories)
    data["title"] += _of(fit)
    data["note"] = " ".join([_SOFTMAX, *merged, *_lost(fit)])
    mean = np.array(data["counts"]) / sum(data["counts"])
    natural = Categorical(3).mean_to_natural(mean).tolist()
    return {"data": data, "natural": natural, "temperature": 1.0}


def duality(fit: CategoricalFit | None, categories: Categories) -> dict[str, Any]:
    """A family of one parameter: Bernoulli where there is a fit, of two categories."""
    data: dict[str, Any] = {"title": "The duality lab", "note": _DUALITY, "fixed": fit is not None}
    if categories is not None:
        raise ValueError("lab: categories= is for the softmax lab")
    if fit is None:
        return {"data": data, "family": "Poisson", "natural": 0.2, "other": 1.4}
    if (size := len(_checked(fit).categories)) != 2:
        rule = "duality shows a fit of two categories, the second a Bernoulli's success"
        raise ValueError(f"lab: {rule}; this one has {size}")
    successes, n = fit.table.counts[1].item(), fit.table.counts.sum().item()
    data["title"] += _of(fit)
    success = visible(fit.categories[1])
    said = f"q is the data: {success}, {count(successes)} of {count(n)}."
    data["note"] = " ".join([_DUALITY, said, *_lost(fit)])
    other = Binomial(1).mean_to_natural(successes / n)
    apart = 0.0 if abs(other) > 1 else -2.0  # p beside q, not on it
    return {"data": data, "family": "Bernoulli", "natural": apart, "other": other}


STARTS: dict[str, Callable[[CategoricalFit | None, Categories], dict[str, Any]]] = {
    "softmax": softmax,
    "duality": duality,
}


def _of(fit: CategoricalFit) -> str:
    """What a fit is of, for a title."""
    names = [visible(name) for name in (fit.table.column, fit.table.source) if name]
    return f": {' of '.join(names)}" if names else ""


def _lost(fit: CategoricalFit) -> list[str]:
    """The ledger of a fit whose labels were not all there, as a sentence."""
    return [f"{fit.ledger}."] if fit.ledger.missing else []


def _checked(fit: Any) -> CategoricalFit:
    from expfam.categorical import CategoricalFit

    if not isinstance(fit, CategoricalFit):
        kind = type(fit).__name__
        raise TypeError(f"lab: fit must be a CategoricalFit, made by expfam.fit; got a {kind}")
    if fit.groups is not None:
        raise ValueError("lab: a lab shows one fit; choose a group of this one by fit.group(label)")
    return fit


def _three(fit: CategoricalFit, categories: Categories) -> tuple[list[str], list[float], list[str]]:
    """Labels and counts of three categories, and what was merged, as a sentence."""
    known, counts = _checked(fit).categories, fit.table.counts.tolist()
    if len(known) < 3:
        raise ValueError(
            f"lab: softmax shows three categories; this fit has {len(known)}: give expfam.fit "
            "three in categories=, where one without counts is ordinary"
        )
    if len(known) == 3:
        if categories is not None:
            raise ValueError("lab: categories= merges all but two; this fit has three, all shown")
        return [visible(label) for label in known], counts, []
    kept = _chosen(known, counts, categories)
    rest = [place for place in range(len(known)) if place not in kept]
    labels = [*(visible(known[place]) for place in kept), f"{len(rest):,} others"]
    shown = [*(counts[place] for place in kept), sum(counts[place] for place in rest)]
    words = f"Of {len(known):,} categories two are shown and the other {len(rest):,} merged."
    return labels, shown, [words]


def _chosen(known: tuple[Hashable, ...], counts: list[float], categories: Categories) -> list[int]:
    """The places of the two categories to show."""
    if categories is None:
        return sorted(sorted(range(len(known)), key=lambda place: -counts[place])[:2])
    wanted = [categories] if isinstance(categories, str) else list(categories)
    if len(wanted) != 2 or len(set(wanted)) != 2:
        raise ValueError(f"lab: categories must name two labels; got {len(wanted)}")
    for label in wanted:
        if label not in known:
            raise ValueError(f"lab: categories must be the fit's; {label!r} is not among them")
    return [known.index(label) for label in wanted]
