"""What is told of the methods of a member: Fisher information, log p, score, entropy, KL, fit."""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam.derivation.edges import edge
from expfam.derivation.expression import Number, Symbol
from expfam.derivation.formulas import i, j
from expfam.derivation.nodes import Expectation, Function, Inner, Over, log, vector
from expfam.derivation.notation import A, T, density, h, mean, natural, x
from expfam.derivation.telling import Line, Telling, gradient, hessian

_ROUNDING = 2.0**-53


def fisher_information(tell: Telling) -> None:
    """∇²A is the covariance of T."""
    formulas, p = tell.formulas, tell.p
    tell.say(
        "the gradient once more: the curvature of {A} is the covariance of {T}. It "
        "is the Fisher information of one observation:",
        Line(hessian(natural), "=", Function("Cov", T(x))),
    )
    value = p.fisher_information
    if formulas is None:
        tell.say("at this member", *tell.chain(hessian(natural), value=value))
    else:
        tell.say(
            "for this family, and at this member,",
            *tell.usual(),
            *tell.chain(hessian(natural), formulas.fisher, put=formulas.fisher, value=value),
        )
    supported = tell.supported()
    if supported is not None and fits_covariance(value):
        x_all, probability = supported["probabilities"]
        statistic = np.asarray(tell.family.sufficient_statistic(x_all), dtype=float)
        centred = statistic - np.asarray(p.mean_parameter)
        if np.ndim(value) == 0:
            covariance = float(np.sum(probability * centred**2))
        else:
            covariance = np.einsum("n,ni,nj->ij", probability, centred, centred)
        tell.check(
            "the covariance itself, over all x",
            Function("Cov", T(x)), hessian(natural), covariance, value,
        )  # fmt: skip
    if tell.softmax:
        ones = vector(Number(1), Symbol("…"), Number(1))
        tell.say(
            "along (1, …, 1) there is no curvature: that is the gauge,",
            Line(hessian(natural) * ones, "=", Number(0)),
        )


def fits_covariance(value: Any) -> bool:
    return np.ndim(value) == 0 or len(value) <= 4


def log_prob(tell: Telling) -> None:
    """The three parts of log p(x)."""
    p, at = tell.p, tell.scope["x"]
    statistic, base = tell.family.sufficient_statistic(at), tell.family.log_base_measure(at)
    value = p.log_prob(at)
    parts = Inner(natural, T(x)) - A(natural) + log(h(x))
    tell.say("the logarithm of the definition:", Line(log(density), "=", parts))
    lines = [*tell.chain(x, value=at), *tell.chain(T(x), value=statistic)]
    lines += tell.chain(Inner(natural, T(x)), value=_inner(tell, statistic))
    lines += tell.chain(A(natural), value=p.log_partition)
    lines += tell.chain(log(h(x)), value=base)
    tell.say("at this observation the parts are", *lines)
    if not np.isfinite(p.log_partition):
        tell.say(
            "two of them are infinite; their difference is a limit,",
            *tell.chain(log(density), value=value),
        )
        edge(tell)
        return
    summed = _inner(tell, statistic) - p.log_partition + base
    terms = np.abs([_inner(tell, statistic), p.log_partition, base])
    if np.isfinite(terms).all() and terms.max() * _ROUNDING > 1e-8 * (1 + abs(value)):
        tell.say(
            f"they cancel: as numbers of 16 digits they give their sum to "
            f"{terms.max() * _ROUNDING:.0e} only. Computed without them it is",
            *tell.chain(log(density), value=value),
        )
        return
    tell.say("and together", *tell.chain(log(density), value=summed))
    tell.check("what log_prob computes", log(density), parts, value, summed)
    edge(tell)


def _inner(tell: Telling, statistic: Any) -> float:
    scope = {**tell.scope, "t": statistic}
    return float(Inner(natural, Symbol("t")).value(scope))


def score(tell: Telling) -> None:
    """The gradient of log p."""
    p, at = tell.p, tell.scope["x"]
    tell.say(
        "in log p only two terms know the parameter; their gradient is the score:",
        Line(Function("∇", log(density)), "=", T(x) - gradient(natural)),
        Line(None, "=", T(x) - mean),
    )
    statistic = tell.family.sufficient_statistic(at)
    lines = [*tell.chain(T(x), value=statistic), *tell.chain(mean, value=p.mean_parameter)]
    tell.say("here", *lines, *tell.chain(T(x) - mean, value=p.score(at)))
    tell.say("its mean is zero, which is why data whose average {T} is {mean} fit this member.")


def entropy(tell: Telling) -> None:
    """−E log p from A, and in closed form."""
    p, formulas = tell.p, tell.formulas
    name = Symbol("H")
    form = A(natural) - Inner(natural, mean) - Expectation(log(h(x)))
    tell.say(
        "the mean of −log p, by linearity of the definition:",
        Line(name, "=", -Expectation(log(density))),
        Line(None, "=", form),
    )
    value = p.entropy()
    supported = tell.supported()
    if formulas is not None:
        if supported is not None:
            tell.scope = {**tell.scope, "probabilities": supported["probabilities"]}
        tell.say(
            "for this family, in nats,",
            *tell.usual(),
            *tell.chain(name, formulas.entropy, put=formulas.entropy, value=value),
        )
    else:
        tell.say("at this member, in nats,", *tell.chain(name, value=value))
    if supported is not None:
        probability = supported["probabilities"][1]
        log_p = np.asarray(p.log_prob(supported["probabilities"][0]))
        summed = -float(np.sum(np.where(probability > 0, probability * log_p, 0.0)))
        tell.check("the sum itself, over all x", -Expectation(log(density)), name, summed, value)


def kl(tell: Telling) -> None:
    """KL as the Bregman divergence of A."""
    p, other, formulas = tell.p, tell.other, tell.formulas
    assert other is not None
    name = Symbol("KL")
    eta = Symbol("natural", prime=True)
    form = A(eta) - A(natural) - Inner(eta - natural, mean)
    value = p.kl(other)
    tell.say(
        "the mean of log p − log p′ is the Bregman divergence of {A}: how far its tangent at "
        "{natural} has fallen below it at {eta},",
        Line(name, "=", form),
        eta=eta,
    )
    tell.say(
        "with the two members",
        *tell.chain(natural, value=p.natural_parameter),
        *tell.chain(eta, value=other.natural_parameter),
        *tell.chain(mean, value=p.mean_parameter),
    )
    if formulas is not None:
        tell.say(
            "for this family, in nats,",
            *tell.usual(),
            *tell.chain(name, formulas.kl, put=formulas.kl, value=value),
        )
    else:
        tell.say("in nats,", *tell.chain(name, value=value))
    if tell.finite and np.isfinite(other.natural_parameter).all():
        tell.check("the divergence of {A}", name, form, value, form.value(tell.scope))
    elif not np.isfinite(value):
        tell.say("it is ∞: the other member gives probability 0 to what this one does not.")


def fit(tell: Telling) -> None:
    """Maximum likelihood is moment matching."""
    data, formulas, family = tell.scope["data"], tell.formulas, tell.family
    statistics = family.statistics(data)
    count, j_sum = Symbol("N"), Over("Σ", j, T(x[j]))
    tell.say(
        "of N observations the log-likelihood is, but for the sum of {log_h},",
        Line(Symbol("ℓ")(natural), "=", Inner(natural, j_sum) - count * A(natural)),
        log_h=log(h(x)),
    )
    tell.say(
        "it is concave, and its gradient is zero where the {name:mean} equals the average {T}: "
        "maximum likelihood is moment matching:",
        Line(j_sum - count * gradient(natural), "=", Number(0)),
    )
    tell.say(
        "from these data",
        *tell.chain(count, value=statistics.weight),
        *tell.chain(j_sum, value=statistics.total),
        *tell.chain(mean, value=tell.p.mean_parameter),
    )
    if formulas is not None:
        lines = [Line(c.sides[0], "=", c.sides[1]) for c in formulas.mle]
        if tell.softmax:
            tell.say(
                "which says", *lines, grid=tell.table((Symbol("share")[i], tell.scope["share"]))
            )
            tell.numbers.extend(np.asarray(tell.scope["share"]).tolist())
        else:
            for role in formulas.usual:
                lines += tell.chain(Symbol(role), value=tell.scope[role])
            tell.say("which says", *lines)
    tell.say(
        "and backward to the {name:natural}:",
        *tell.chain(natural, value=tell.p.natural_parameter),
    )
    expected = statistics.weight * np.asarray(tell.p.mean_parameter)
    tell.check("the gradient", j_sum, count * gradient(natural), statistics.total, expected)
    edge(tell)
