"""The mathematics that every family must obey, each law once, with its scope in its docstring.

A law is a generator of sentences that say what is wrong; silence is obedience. Laws of one member
take a `Member`, laws of a pair two. Expectations come from the support (sums and integrals), never
from the formulas under trial.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from expfam.checks.members import DRAWS, EPSILON, Member, differs
from expfam.family import Distribution
from expfam.special import inner, logsumexp

_LINE = 1e-11  # of log h and ⟨c, T⟩, c from least squares
_DEVIATIONS = 7.0  # of a mean of draws: 3e-12 of a normal distribution lies beyond


# ------------------------------------------------------------ probabilities


def total(m: Member) -> Iterator[str]:
    """Σ p(x) = 1, where there is a support."""
    if not m.support.missing:
        yield from differs("Σ p(x)", m.probability.sum(), 1.0, m.noise)


def textbook(m: Member) -> Iterator[str]:
    """log p(x) = ⟨η, T(x)⟩ − A(η) + log h(x), where that is a number, at draws and the support;
    log h(x) − ⟨c, T(x)⟩ is one number, where the family says so for products of densities."""
    x = np.concatenate([m.draws[:32], m.support.x[:: max(1, len(m.support.x) // 64)]])
    statistic, base = m.statistic(x), np.asarray(m.family.log_base_measure(x), dtype=float)
    with np.errstate(all="ignore"):
        wanted = inner(m.eta, statistic) - m.log_partition + base
        size = np.abs(np.where(statistic == 0, 0.0, m.eta) * statistic).sum(axis=-1)
        allowed = 32 * EPSILON * (1 + size + abs(m.log_partition) + np.abs(base))
    known = ~np.isnan(wanted)
    got = np.asarray(m.p.log_prob(x), dtype=float)[known]
    allowed = np.where(np.isfinite(wanted), allowed, 0.0)[known]
    yield from differs("log p(x)", got, wanted[known], allowed)
    slope = m.family._log_base_slope()
    if slope is not None:
        statistic, base = statistic[base > -np.inf], base[base > -np.inf]
        slope = np.broadcast_to(slope, m.eta.size)
        line = statistic @ slope
        allowed = _LINE * (1 + np.abs(base) + np.abs(statistic) @ np.abs(slope))
        line = line + (base - line)[:1]
        yield from differs("log h against the line of _log_base_slope", base, line, allowed)


def expectation(m: Member) -> Iterator[str]:
    """E T(x) = μ = ∇A(η), where there is a support."""
    if not m.support.missing:
        size = m.expected(np.abs(m.statistics))
        yield from differs("∇A against E T", m.mean, m.expected(m.statistics), m.noise * size)


def covariance(m: Member) -> Iterator[str]:
    """Cov T(x) = ∇²A(η), where there is a support."""
    if m.support.missing:
        return
    centred = m.statistics - m.expected(m.statistics)
    wanted = (centred * np.where(m.probability > 0, m.probability, 0.0)[:, None]).T @ centred
    deviation = np.sqrt(np.diag(wanted))
    allowed = 8 * m.noise * np.multiply.outer(deviation, deviation)
    allowed = allowed + EPSILON * m.noise * np.abs(m.mean).max() ** 2
    yield from differs("∇²A against Cov T", m.fisher, wanted, allowed)


# ------------------------------------------------------------ derivatives of A, by their integrals


def gradient(m: Member) -> Iterator[str]:
    """A(b) − A(a) = ∫ ∇A over short paths along the finite axes, where A is not −∞."""
    for path in m.paths if m.log_partition != -np.inf else ():
        a = m.family.log_partition(path.ends)
        slope = np.asarray(m.family.natural_to_mean(path.nodes)).reshape(16, -1)[:, path.axis]
        allowed = 8 * EPSILON * np.abs(a).sum() + path.noise * path.integral(np.abs(slope))
        yield from differs("A(b) − A(a) against ∫ ∇A", a[1] - a[0], path.integral(slope), allowed)


def hessian(m: Member) -> Iterator[str]:
    """∇A(b) − ∇A(a) = ∫ ∇²A over short paths along the finite axes."""
    for path in m.paths:
        mean = np.asarray(m.family.natural_to_mean(path.ends)).reshape(2, -1)
        fisher = np.asarray(m.family.fisher_information(path.nodes))
        fisher = fisher.reshape(16, m.eta.size, m.eta.size)
        size = np.sqrt(np.abs(np.einsum("njj,n->nj", fisher, fisher[:, path.axis, path.axis])))
        wanted = path.integral(fisher[:, path.axis])
        allowed = 16 * EPSILON * np.abs(mean).sum(axis=0)
        allowed = allowed + path.noise * (path.integral(size) + np.abs(wanted))
        yield from differs("∇A(b) − ∇A(a) against ∫ ∇²A", mean[1] - mean[0], wanted, allowed)


def score(m: Member) -> Iterator[str]:
    """T(x) − μ is the score, and the gradient of log p: log p_b − log p_a = ∫ score."""
    x = m.draws[:3]
    got = np.asarray(m.p.score(x), dtype=float).reshape(3, -1)
    statistic = m.statistic(x)
    size = 4 * EPSILON * (np.abs(statistic) + np.abs(m.mean))
    yield from differs("the score", got, statistic - m.mean, size)
    for path in m.paths:
        along, ends = Distribution(m.family, path.nodes), Distribution(m.family, path.ends)
        column = x[:, None]
        slope = np.moveaxis(np.asarray(along.score(column)).reshape(3, 16, -1), 0, -1)[:, path.axis]
        log_p = np.asarray(ends.log_prob(column))
        allowed = 4 * m.noise * (1 + np.abs(log_p).sum(axis=1))
        allowed = allowed + path.noise * path.integral(np.abs(slope))
        wanted = path.integral(slope)
        yield from differs(
            "log p_b − log p_a against ∫ score", np.diff(log_p)[:, 0], wanted, allowed
        )


def product(m: Member) -> Iterator[str]:
    """fisher_product(η, v) is the matrix times v; the matrix is symmetric, its diagonal ≥ 0."""
    v = np.cos(1.0 + np.arange(m.eta.size))
    vector = v.reshape(np.shape(m.p.natural_parameter))
    got = np.asarray(m.family.fisher_product(m.p.natural_parameter, vector)).reshape(-1)
    size = np.abs(m.fisher) @ np.abs(v) + np.abs(m.mean)
    yield from differs("fisher_product", got, m.fisher @ v, 16 * EPSILON * size)
    yield from differs("∇²A transposed", m.fisher.T, m.fisher, 4 * EPSILON * np.abs(m.fisher))
    if not (np.diag(m.fisher) >= 0).all():
        yield "a variance on the diagonal of ∇²A is negative"


def rank(m: Member) -> Iterator[str]:
    """degrees_of_freedom is the rank of one trial's ∇²A, where that has not underflowed."""
    if m.lost.any():
        return
    fisher = np.asarray(m.family._unit.fisher_information(m.p.natural_parameter), dtype=float)
    fisher = fisher.reshape(m.eta.size, m.eta.size)
    deviation = np.sqrt(np.maximum(np.diag(fisher), 0.0))
    seen = deviation > 0
    correlation = fisher[np.ix_(seen, seen)] / np.multiply.outer(deviation[seen], deviation[seen])
    wanted = np.linalg.matrix_rank(correlation, tol=1e-9, hermitian=True) if seen.any() else 0
    yield from differs("degrees_of_freedom", m.p.degrees_of_freedom, wanted, 0.0)


# ------------------------------------------------------------ the maps


def round_trip(m: Member) -> Iterator[str]:
    """backward(forward(η)) is the canonical η, which is the same member and its own canonical."""
    natural = m.p.natural_parameter
    canonical = np.asarray(m.family._canonical(natural)).reshape(-1)
    with np.errstate(all="ignore"):
        again = m.family._canonical(canonical.reshape(np.shape(natural)))
        size = 1 + np.where(m.finite_axes, np.abs(m.eta), 0.0).max() + np.abs(canonical)
    allowed = np.where(np.isfinite(canonical), 16 * EPSILON * size, 0.0)
    yield from differs("the canonical η of itself", np.reshape(again, -1), canonical, allowed)
    mean = m.family.natural_to_mean(canonical.reshape(np.shape(natural)))
    close = 16 * EPSILON * size.max(where=np.isfinite(size), initial=1.0) * np.abs(m.mean)
    yield from differs("∇A at the canonical η", np.reshape(mean, -1), m.mean, close)
    if m.trials == 0:
        return
    back = m.family.mean_to_natural(m.p.mean_parameter)
    with np.errstate(all="ignore"):
        got = np.asarray(back).reshape(-1)
        # An error of a few ε in μ is one of ∇²A⁻¹·εμ in η; where that is most of η, μ has lost it.
        allowed = 64 * EPSILON * (size + _inverse(m) @ np.abs(m.mean))
        allowed = np.where((allowed > 1e-3 * size) | m.lost, np.inf, allowed)
    allowed = np.where(np.isfinite(canonical), allowed, 0.0)
    yield from differs("backward(forward(η))", got, canonical, allowed)


def _inverse(m: Member) -> np.ndarray:
    """The absolute values of ∇²A⁻¹, in the directions in which it is not singular."""
    scale = np.where(m.deviations > 0, m.deviations, 1.0)
    correlation = m.fisher / np.multiply.outer(scale, scale)
    inverse = np.linalg.pinv(correlation, rcond=1e-13, hermitian=True)
    return np.abs(inverse) / np.multiply.outer(scale, scale)


def moment_matching(m: Member) -> Iterator[str]:
    """∇A(η̂) = t̄ at the fit: to 16ε(1 + |η̂|)|t̄| in closed form, to Newton's tolerance elsewhere."""
    if m.trials == 0:
        return
    statistics = m.family.statistics(m.draws[:200])
    average = np.asarray(statistics.total) / (200 * m.trials)
    try:
        m.family._unit.check_mean(average)
    except ValueError:
        return  # an open family may have no member with this mean
    for mean, fitted in (
        (average, m.family.fit(statistics)),
        (average, m.family._unit.fit(statistics)),
        (m.mean / m.trials, m.family.from_mean(m.p.mean_parameter)),
    ):
        mean, trials = np.asarray(mean, dtype=float).reshape(-1), fitted.family.trials
        natural = np.asarray(fitted.natural_parameter).reshape(-1)
        size = 1 + np.abs(natural).max(where=np.isfinite(natural), initial=0.0)
        allowed = 16 * EPSILON * size * np.abs(mean)
        if m.family._iterative:
            fisher = np.abs(np.asarray(fitted.fisher_information).reshape(m.eta.size, -1))
            reach = np.abs(np.where(np.isfinite(natural), natural, 0.0))
            allowed = 64 * EPSILON * (1 + np.abs(mean) + fisher @ reach)
        got = np.asarray(fitted.mean_parameter).reshape(-1) / trials
        yield from differs("∇A(η̂) against t̄", got, mean, allowed)


# ------------------------------------------------------------ entropy, divergence, duality


def entropy(m: Member) -> Iterator[str]:
    """The entropy is −E log p by the support, and −mean log p of draws within seven deviations."""
    value = m.p.entropy()
    if not m.support.missing:
        wanted, size = -m.expected(m.log_p), m.expected(np.abs(m.log_p))
        yield from differs("the entropy against −E log p", value, wanted, m.noise * (1 + size))
    if m.truncated:
        return
    log_p = np.asarray(m.p.log_prob(m.draws))
    if not (log_p > -np.inf).all():
        yield "a draw has probability zero"
        return
    deviation = log_p.std()
    if not m.support.missing:  # draws may have missed what is rare
        deviation = max(deviation, np.sqrt(m.expected((m.log_p + value) ** 2)))
    allowed = _DEVIATIONS * deviation / np.sqrt(DRAWS) + m.noise * (1 + abs(value))
    yield from differs("the entropy against that of draws", value, -log_p.mean(), allowed)


def conjugate(m: Member) -> Iterator[str]:
    """A*(μ) = ⟨η, μ⟩ − A(η), which is −entropy − E log h: −entropy where log h is a constant."""
    if isinstance(m.family.log_base, float | int):
        wanted = -m.p.entropy() - m.family.log_base
    elif not m.support.missing:
        base = np.asarray(m.family.log_base_measure(m.support.x), dtype=float)
        wanted = -m.p.entropy() - m.expected(base)
    else:
        wanted = inner(m.eta, m.mean) - m.log_partition
    allowed = 4 * m.noise * (1 + abs(wanted))
    yield from differs("A*(μ)", m.p.convex_conjugate, wanted, allowed)
    natural, mean = m.p.natural_parameter, np.asarray(m.p.mean_parameter, dtype=float)
    with np.errstate(all="ignore"):
        exponent = m.family._exponent(natural, mean, m.family._trials_like(natural))
    yield from differs("⟨η, μ⟩ − A(η)", exponent, wanted, allowed)


def cumulants(m: Member) -> Iterator[str]:
    """cumulant_function(s) = log E exp⟨s, T⟩ by the support, = A(η + s) − A(η) where finite."""
    for path in m.paths:
        s = np.zeros(m.eta.size)
        s[path.axis] = path.half / 4
        shaped = s.reshape(np.shape(m.p.natural_parameter))
        got = m.p.cumulant_function(shaped)
        if m.log_partition != -np.inf:
            wanted = m.family.log_partition(m.p.natural_parameter + shaped) - m.log_partition
            allowed = m.noise * abs(wanted) + 8 * EPSILON * (1 + abs(m.log_partition))
            yield from differs("the cumulant function", got, wanted, allowed)
        if not m.support.missing:
            log_terms = m.log_p + m.support.log_weight + m.statistics @ s
            wanted = logsumexp(log_terms)
            yield from differs("the cumulant function", got, wanted, 4 * m.noise)


def divergence(p: Member, q: Member) -> Iterator[str]:
    """KL ≥ 0; 0 on itself; E log p/q by the support, ∞ where q rules out what p does not; with
    the entropy the cross entropy; the Bregman divergence of A and of A* between finite members."""
    value = p.p.kl(q.p)
    if not value >= 0:
        yield f"KL is {value}, below zero"
    if p is q:
        yield from differs("KL of a member to itself", value, 0.0, 0.0)
    cross = p.p.cross_entropy(q.p)
    yield from differs("the cross entropy", cross, p.p.entropy() + value, 4 * EPSILON * abs(cross))
    noise = p.noise + q.noise
    if not (p.support.missing or p.lost.any()):
        log_q = np.asarray(q.p.log_prob(p.support.x))
        with np.errstate(invalid="ignore"):
            ratio = np.where(p.probability > 0, p.log_p - log_q, 0.0)
        allowed = noise * (p.expected(np.abs(p.log_p)) + p.expected(np.abs(log_q)))
        allowed = allowed if np.isfinite(allowed) else 0.0
        yield from differs("KL against E log p/q", value, p.expected(ratio), allowed)
    if not (p.finite and q.finite):
        return
    a, gap = q.log_partition - p.log_partition, q.eta - p.eta
    size = abs(p.log_partition) + abs(q.log_partition)
    size += np.abs(p.eta) @ np.abs(p.mean) + np.abs(q.eta) @ (np.abs(p.mean) + np.abs(q.mean))
    allowed = noise + 32 * EPSILON * size
    yield from differs("KL against the Bregman divergence of A", value, a - gap @ p.mean, allowed)
    dual = p.p.convex_conjugate - q.p.convex_conjugate - q.eta @ (p.mean - q.mean)
    yield from differs("KL against the Bregman divergence of A*", value, dual, allowed)


def fenchel_young(p: Member, q: Member) -> Iterator[str]:
    """A(η) + A*(μ) ≥ ⟨η, μ⟩ for finite members, with equality just where μ = ∇A(η)."""
    if not (p.finite and q.finite):
        return
    left = p.log_partition + q.p.convex_conjugate
    right = p.eta @ q.mean
    allowed = p.noise + q.noise + 8 * EPSILON * (abs(left) + np.abs(p.eta) @ np.abs(q.mean))
    if p is q:
        yield from differs("A(η) + A*(μ) at μ = ∇A(η)", left, right, allowed)
    elif not left >= right - allowed or (q.p.kl(p.p) > 4 * allowed and not left > right):
        yield f"A(η) + A*(μ) is {left:.17g}, not above ⟨η, μ⟩ = {right:.17g} of another member"
