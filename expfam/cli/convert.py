"""`expfam convert`: one parameter of a multinomial in, both out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from expfam.families import Multinomial
from expfam.special import log_softmax
from expfam.writing.page import Grid, Page, digits


class Conversion(NamedTuple):
    """A member of Multinomial(K, trials) in both parametrizations.

    natural: η as given, or log p; log_probabilities: the representative with A = 0; mean: μ.
    """

    trials: int
    natural: np.ndarray
    log_probabilities: np.ndarray
    mean: np.ndarray
    log_partition: float
    entropy: float


def conversion(source: str, values: Sequence[float], trials: int = 1) -> Conversion:
    """The member with these "natural" or "mean" parameters.

    Errors: ValueError for parameters that no member has.

    >>> conversion("natural", [0.0, -np.inf, 0.0]).mean
    array([0.5, 0. , 0.5])
    """
    family = Multinomial(len(values), trials=trials)
    given = np.array(values, dtype=np.float64)
    natural = given if source == "natural" else family.mean_to_natural(given)
    member = family.from_natural(natural)
    mean = np.asarray(member.mean_parameter)
    log_p = log_softmax(natural)
    # Of η = log p, A is 0 but for roundings of η.
    log_partition = member.log_partition if source == "natural" else 0.0
    return Conversion(trials, natural, log_p, mean, log_partition, member.entropy() + 0.0)


def conversion_page(result: Conversion, source: str) -> Page:
    """Both parametrizations side by side, with the maps that lead from one to the other."""
    size = len(result.natural)
    n = "" if result.trials == 1 else f"{result.trials:,}·"
    columns = [result.natural, result.log_probabilities, result.mean]
    rows = [
        [str(place), *(digits(value) for value in row)]
        for place, row in enumerate(zip(*(column.tolist() for column in columns), strict=True))
    ]
    header = ["category", "natural η", "log p = η − logsumexp η", f"mean μ = {n}softmax(η)"]
    facts = [
        (f"A(η) = {n}logsumexp(η)", digits(result.log_partition)),
        ("entropy of the counts (nats)" if n else "entropy (nats)", digits(result.entropy)),
    ]
    title = f"Multinomial({size}, trials={result.trials}) from its {source} parameter"
    return Page(title, grids=[("", Grid(header, rows))], facts=facts)
