"""From counts to both parameters of their fit: the derivation of a `CategoricalFit`."""

from __future__ import annotations

import numpy as np

from expfam.derivation.edges import edge, gauge
from expfam.derivation.explanation import Explanation
from expfam.derivation.expression import Number, Symbol
from expfam.derivation.formulas import i, j
from expfam.derivation.nodes import Function, Inner, Over, equal, exp, log
from expfam.derivation.notation import A, T, mean, natural, notation_of, x
from expfam.derivation.telling import Line, Telling
from expfam.family import Distribution

_count = Symbol("trials")


def explain_counts(
    p: Distribution, counts: np.ndarray, log_likelihood: float, title: str, notation: str = "expfam"
) -> Explanation:
    """How counts become shares and natural parameters, line by line.

    p: the fit, a member of Categorical; counts: (K,), log_likelihood: of the sequence.
    Errors: ValueError for another notation.
    """
    with np.errstate(all="ignore"):
        tell = Telling(p, notation_of(notation))
        _tell(tell, counts, log_likelihood)
    return tell.end(title)


def _tell(tell: Telling, counts: np.ndarray, log_likelihood: float) -> None:
    p = tell.p
    tell.scope |= {"x": counts, "trials": counts.sum()}
    shares, eta = np.asarray(p.mean_parameter), np.asarray(p.natural_parameter)
    share, softmax = Symbol("share"), exp(natural[i]) / Over("Σ", j, exp(natural[j]))
    tell.say(
        "a label is one of K categories; its {name:T} is a one in its place and zeros elsewhere. "
        "All that the likelihood needs of the labels is their sum, the counts {x}:",
        Line(x[i], "=", Over("Σ", j, T(Symbol("y")[j])[i])),
        *tell.chain(_count, Over("Σ", i, x[i]), put=Over("Σ", i, x[i]), value=counts.sum()),
    )
    tell.say(
        "the log-likelihood of the labels in their order is linear in the counts, less the "
        "{name:A} once for each label:",
        Line(Symbol("ℓ")(natural), "=", Inner(natural, x) - _count * A(natural)),
        Line(A(natural), "=", log(Over("Σ", i, exp(natural[i])))),
    )
    tell.say(
        "it is concave; its slope in each direction is what was counted less what is expected, as "
        "the gradient of {A} is softmax:",
        Line(
            Function("∂", Symbol("ℓ")(natural)) / Function("∂", natural[i]),
            "=",
            x[i] - _count * softmax,
        ),
    )
    tell.say(
        "the slope is zero where {mean} matches the data, and the logarithm leads back to "
        "{natural}:",
        Line(mean[i], "=", x[i] / _count),
        Line(natural[i], "=", log(mean[i])),
        grid=tell.table(
            (x[i], counts), (mean[i], shares), (natural[i], eta), (exp(natural[i]), np.exp(eta))
        ),
    )
    tell.numbers.extend([*counts.tolist(), *shares.tolist(), *eta.tolist()])
    k = int(np.argmax(counts)) + 1
    one = {**tell.scope, "i": k}
    tell.say(
        "forward again, softmax of the most frequent category gives back its share:",
        Line(share[i], "=", softmax),
        *tell.chain(share[k], put=softmax, value=softmax.value(one), scope=one),
    )
    total = Over("Σ", i, exp(natural[i]))
    tell.say(
        "logsumexp is zero, as the shares sum to one: of all {natural} that differ by a constant "
        "the logarithm of the shares is the one with {zero}.",
        *tell.chain(log(total), log(Over("Σ", i, mean[i])), value=0.0),
        zero=equal(A(natural), Number(0)),
    )
    form = Over("Σ", i, x[i] * log(mean[i]))
    tell.say(
        "the largest log-likelihood, in nats, is",
        *tell.chain(Symbol("ℓ")(natural), form, put=form, value=log_likelihood),
    )
    tell.check(
        "what was counted is what is expected", x, _count * mean, counts, counts.sum() * shares
    )
    gauge(tell)
    edge(tell)
