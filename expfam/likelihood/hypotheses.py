"""Likelihood ratio, score and Wald tests: of a sample against a member, and of k samples.

A statistic of a sample against a member is a function of (family, n, t̄, η₀) and one line in
`_AGAINST`. Against their common best member, two of the three also compare k samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from expfam.arrays import require_broadcast, scalar
from expfam.distribution import Distribution
from expfam.likelihood.forms import (
    as_vector,
    best_of,
    check_parameter,
    fisher_of,
    mean_of,
    quadratic,
    squared_distance,
    sums,
)
from expfam.power_divergence import chi_square_tail
from expfam.statistics import Statistics

_TESTS = ("likelihood_ratio", "score", "wald")


@dataclass(frozen=True, eq=False)
class LikelihoodTest:
    """The result of a test: numbers, or arrays over the batch.

    statistic: at least 0, ∞ where the null rules out what was observed.
    pvalue: P(χ²_df ≥ statistic), the asymptotic one. df: degrees of freedom.
    method: the statistic in words.
    """

    statistic: Any
    pvalue: Any
    df: Any
    method: str


def likelihood_ratio(data: Any, null: Distribution) -> LikelihoodTest:
    """Twice the log-likelihood ratio of the best member to the null, 2n·KL(p̂‖p₀).

    Written as a divergence, which is never negative, no large log-likelihoods cancel. Of counts
    of categories it is G.

    data: observations (sample + batch + event shape, the batch that of null) or `Statistics`.
    null: one member, or a batch; result: the batch shape. The degrees of freedom are those of
    the null: a probability of zero takes one away, and makes the statistic ∞ if it is observed.
    Errors: TypeError for a null that is no member, ValueError for bad data, no data, another
    family, and data without a best member.
    Source: Wilks (1938), Ann. Math. Statist. 9: 60–62; Brown (1986), Fundamentals of
    Statistical Exponential Families, chapter 6.

    >>> from expfam import Multinomial
    >>> ratio = Multinomial(4, trials=556).from_mean([312.75, 104.25, 104.25, 34.75])
    >>> likelihood_ratio([315, 108, 101, 32], ratio)
    LikelihoodTest(statistic=0.475..., pvalue=0.924..., df=3, method='likelihood ratio')
    """
    return _against("likelihood_ratio", data, null)


def score(data: Any, null: Distribution) -> LikelihoodTest:
    """Rao's score test n (t̄ − μ₀)ᵀ I₀⁻ (t̄ − μ₀), with I₀ = ∇²A(η₀) of one trial.

    It needs no best member, so that data without one have a score test too. Of counts of
    categories it is Pearson's X². Arguments, result and errors are those of `likelihood_ratio`.
    Source: Rao (1948), Proc. Camb. Phil. Soc. 44: 50–57.

    >>> from expfam import Poisson
    >>> score([3, 7, 4], Poisson().from_mean(3.0))  # (14 − 9)²/9
    LikelihoodTest(statistic=2.777..., pvalue=0.0955..., df=1, method='score')
    """
    return _against("score", data, null)


def wald(data: Any, null: Distribution, parameter: str = "mean") -> LikelihoodTest:
    """Wald's test: the squared distance of the best member from the null in standard errors.

    In the mean parameter n (μ̂ − μ₀)ᵀ Î⁻ (μ̂ − μ₀), of counts Neyman's X²; in the natural one
    n (η̂ − η₀)ᵀ Î (η̂ − η₀). The two differ, as Wald's test is not invariant, and both fail at
    the boundary, where these are limits: a count of zero has no standard error in the mean
    parameter (∞), and in the natural one adds nothing (Hauck and Donner).

    parameter: "mean" or "natural". Else as for `likelihood_ratio`.
    Source: Wald (1943), Trans. Amer. Math. Soc. 54: 426–482; Hauck and Donner (1977), JASA 72:
    851–853.

    >>> from expfam import Binomial
    >>> wald(9, Binomial(trials=10).from_mean(5.0)).statistic, 0.4**2 / (0.9 * 0.1 / 10)
    (17.77..., 17.77...)
    >>> round(wald(9, Binomial(trials=10).from_mean(5.0), parameter="natural").statistic, 4)
    4.345
    """
    return _against(f"wald {check_parameter(parameter, 'wald')}", data, null)


def homogeneity(
    *samples: Statistics, test: str = "likelihood_ratio", parameter: str = "mean"
) -> LikelihoodTest:
    """Whether k samples come from one member, against k members: df = (k − 1)·df of a member.

    The best common member p̂ is that of the merged samples. The likelihood ratio is
    2 Σ nᵢ KL(p̂ᵢ‖p̂), the score Σ nᵢ (t̄ᵢ − μ̂)ᵀ Î⁻ (t̄ᵢ − μ̂), of counts G and Pearson's X² of the
    table samples × categories. Wald's test is the squared distance of the estimates from each
    other, in the parameter that it names.

    samples: two or more `Statistics`, or one whose first batch axis runs over the samples;
    other batch axes stay. test: "likelihood_ratio", "score" or "wald".
    Errors: TypeError and ValueError for samples that do not go together, and unknown tests.
    Source: Wilks (1938) and Rao (1948), as for one sample.

    >>> from expfam import Multinomial
    >>> family = Multinomial(2, trials=[10, 12])
    >>> homogeneity(family.statistics([[7, 3], [3, 9]], batch_ndim=1), test="score")
    LikelihoodTest(statistic=4.454..., pvalue=0.0347..., df=1, method='score')
    """
    if not isinstance(test, str) or test not in _TESTS:
        raise ValueError(f"homogeneity: test must be one of {', '.join(_TESTS)}; got {test!r}")
    parameter = check_parameter(parameter, "homogeneity")
    family, n, total = _stacked(samples)
    test = f"wald {parameter}" if test == "wald" else test
    mean = mean_of(family, n, total)
    pooled = best_of(family, mean_of(family, n.sum(axis=0), total.sum(axis=0)))
    with np.errstate(all="ignore"):
        if test in _WALDS:
            value = _WALDS[test](family, n, mean, pooled)
        else:
            value = _AGAINST[test](family, n, mean, pooled).sum(axis=0)
    df = (len(n) - 1) * np.asarray(family._degrees_of_freedom(pooled))
    return _result(value, df, test)


# ------------------------------------------------------------ a sample against a member


def _against(test: str, data: Any, null: Any) -> LikelihoodTest:
    who = test.split()[0]
    if not isinstance(null, Distribution):
        raise TypeError(f"{who}: null must be a Distribution; got {type(null).__name__}")
    family = null.family
    if not isinstance(data, Statistics):
        data = family.statistics(null._whole_batch(data), batch_ndim=len(null.batch_shape))
    data = family._statistics_of(data)
    require_broadcast(
        who, "data must broadcast against the null", np.shape(data.exposure), null.batch_shape
    )
    _, n, total = sums(data, who)
    family = family._unit
    natural = np.asarray(null.natural_parameter)
    with np.errstate(all="ignore"):
        value = _AGAINST[test](family, n, mean_of(family, n, total), natural)
    return _result(value, null.degrees_of_freedom, test)


def _likelihood_ratio(family: Any, n: np.ndarray, mean: np.ndarray, null: np.ndarray) -> Any:
    return 2 * n * family._kl(best_of(family, mean), mean, null)


def _score(family: Any, n: np.ndarray, mean: np.ndarray, null: np.ndarray) -> Any:
    return n * squared_distance(family, mean, null, null)


def _wald_mean(family: Any, n: np.ndarray, mean: np.ndarray, null: np.ndarray) -> Any:
    best = best_of(family, mean)
    value = n * squared_distance(family, mean, null, best)
    return np.where(_ruled_out(family, best, null), np.inf, value)


def _wald_natural(family: Any, n: np.ndarray, mean: np.ndarray, null: np.ndarray) -> Any:
    best = best_of(family, mean)
    null = np.asarray(family._canonical(null))
    gap = _gap(best, null)
    value = n * as_vector(family, gap * family._fisher_product(best, gap)).sum(axis=-1)
    return np.where(_ruled_out(family, best, null), np.inf, value)


def _ruled_out(family: Any, best: np.ndarray, null: np.ndarray) -> Any:
    """Whether the null has a probability of 0 for what was observed."""
    return as_vector(family, np.isinf(null) & (best != null)).any(axis=-1)


_AGAINST = {
    "likelihood_ratio": _likelihood_ratio,
    "score": _score,
    "wald mean": _wald_mean,
    "wald natural": _wald_natural,
}
_TITLES = {
    "likelihood_ratio": "likelihood ratio",
    "score": "score",
    "wald mean": "Wald in the mean parameter",
    "wald natural": "Wald in the natural parameter",
}


# ------------------------------------------------------------ samples against each other


def _wald_of_means(family: Any, n: np.ndarray, mean: np.ndarray, pooled: np.ndarray) -> Any:
    """dᵀ (C V Cᵀ)⁻ d of the differences dᵢ = μ̂ᵢ − μ̂ₖ, with V the covariances Îᵢ/nᵢ."""
    best = best_of(family, mean)
    variance = fisher_of(family, best) / n[..., None, None]
    gap = np.moveaxis(as_vector(family, mean[:-1] - mean[-1]), 0, -2)
    size = np.moveaxis(as_vector(family, np.abs(mean[:-1]) + np.abs(mean[-1])), 0, -2)
    *batch, others, length = gap.shape
    blocks = np.empty((*batch, others, length, others, length))
    blocks[:] = variance[-1][..., None, :, None, :]
    for i in range(others):
        blocks[..., i, :, i, :] += variance[i]
    whole = (*batch, others * length)
    rank = others * np.asarray(family._degrees_of_freedom(pooled))
    matrix = blocks.reshape(*whole, whole[-1])
    return quadratic(matrix, gap.reshape(whole), size.reshape(whole), rank)


def _wald_of_naturals(family: Any, n: np.ndarray, mean: np.ndarray, pooled: np.ndarray) -> Any:
    """The least Σ nᵢ (η̂ᵢ − η)ᵀ Îᵢ (η̂ᵢ − η) over η, at their average weighted by nᵢÎᵢ."""
    best = best_of(family, mean)
    gap = _gap(best, pooled)
    pull = as_vector(family, family._fisher_product(best, gap)) * n[..., None]
    weight = (fisher_of(family, best) * n[..., None, None]).sum(axis=0)
    whole = (as_vector(family, gap) * pull).sum(axis=(0, -1))
    rank = family._degrees_of_freedom(pooled)
    size = np.abs(pull).sum(axis=0)
    return np.maximum(whole - quadratic(weight, pull.sum(axis=0), size, rank), 0.0)


_WALDS = {
    "wald mean": _wald_of_means,
    "wald natural": _wald_of_naturals,
}


def _stacked(samples: tuple[Any, ...]) -> tuple[Any, np.ndarray, np.ndarray]:
    """The family, n and Σ T of the samples, along the first axis."""
    for sample in samples:
        if not isinstance(sample, Statistics):
            kind = type(sample).__name__
            raise TypeError(f"homogeneity: samples must be Statistics; got a {kind}")
        samples[0]._check_same(sample)
    batched = len(samples) == 1 and np.ndim(samples[0].exposure) > 0
    count = len(samples[0].exposure) if batched else len(samples)
    if count < 2:
        raise ValueError(
            "homogeneity: there must be two or more samples, one by one or along the first batch "
            f"axis; got {count}"
        )
    parts = [sums(sample, "homogeneity") for sample in samples]
    if batched:
        return parts[0]
    return parts[0][0], np.stack([n for _, n, _ in parts]), np.stack([t for *_, t in parts])


def _gap(best: np.ndarray, null: np.ndarray) -> np.ndarray:
    """η̂ − η₀, and 0 where one is infinite: there Î δ² tends to 0 as η̂ goes to infinity."""
    gap = best - null
    return np.where(np.isfinite(gap), gap, 0.0)


def _result(statistic: Any, df: Any, test: str) -> LikelihoodTest:
    statistic = np.asarray(statistic, dtype=np.float64)
    df = np.broadcast_to(df, statistic.shape)
    pvalue = chi_square_tail(statistic, df)
    return LikelihoodTest(scalar(statistic), scalar(pvalue), scalar(df), _TITLES[test])
