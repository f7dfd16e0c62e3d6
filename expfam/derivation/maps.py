"""What is told of a family and of its maps: the definition, A, forward, backward, A*."""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam.derivation.edges import edge, gauge
from expfam.derivation.expression import Expression, Number, Symbol
from expfam.derivation.formulas import Formulas, i
from expfam.derivation.nodes import Expectation, Inner, Over, equal, exp, log
from expfam.derivation.notation import A, T, density, h, mean, natural, x
from expfam.derivation.numeric import number
from expfam.derivation.parts import OfPart
from expfam.derivation.scope import formulas_of
from expfam.derivation.telling import Line, Telling, conjugate, gradient
from expfam.families import ProductFamily
from expfam.family import ExponentialFamily
from expfam.special import logsumexp

epsilon, unit = Symbol("ε"), Symbol("unit", "e")
_STEP = 1e-4  # of a difference quotient, relative
_PARTS = 6  # of a product that are told


def _sum_over_x(tell: Telling, body: Expression) -> Over:
    return Over("Σ" if tell.family.discrete else "∫", x, body)


def definition(tell: Telling) -> None:
    """What the family fixes: T, h and A; and its usual parameters."""
    formulas = tell.formulas
    tell.say(
        "a family says what is fixed, its members differ in the {name:natural} {natural} alone:",
        Line(density, "=", tell.notation.definition),
    )
    if formulas is None:
        tell.say("the {name:T} {T} is what a likelihood keeps of an observation.")
        return
    tell.say(
        "here {support}; the {name:T} is what a likelihood keeps of an observation, and what "
        "does not touch the parameter is in the {name:h}:",
        *(Line(left, "=", right) for left, right in _fixed(tell, formulas)),
        support=formulas.support,
    )
    if isinstance(tell.family, ProductFamily):
        _parts(tell, tell.family.factors)
    if formulas.usual:
        tell.say("the usual parameters are", *tell.usual())


def _fixed(tell: Telling, formulas: Formulas) -> list[tuple[Expression, Expression]]:
    """Both sides of what says T, and h."""
    component = formulas.componentwise and formulas.statistic != x
    base = h(x), formulas.base
    if "h()" in tell.notation.rules:  # where log h has the letter
        base = log(h(x)), log(formulas.base)
    return [(T(x)[i] if component else T(x), formulas.statistic), base]


def _parts(tell: Telling, factors: tuple[ExponentialFamily, ...]) -> None:
    """T, h and A of the first parts, in letters that have the number of the part."""
    for k, factor in enumerate(factors[:_PARTS], 1):
        formulas = formulas_of(factor)
        if formulas is not None:
            sides = [*_fixed(tell, formulas), (A(natural), formulas.log_partition)]
            of = [[OfPart(side, Number(k)) for side in pair] for pair in sides]
            lines = [Line(left, "=", right) for left, right in of]
            tell.say(f"part {k} is {{family}}, where", *lines, family=repr(factor))


def log_partition(tell: Telling) -> None:
    """A as what makes p sum to one, its closed form, and the number."""
    formulas, p = tell.formulas, tell.p
    whole = _sum_over_x(tell, h(x) * exp(Inner(natural, T(x))))
    total = "sum" if tell.family.discrete else "integrate"
    tell.say(f"the {{name:A}} is what makes p {total} to one:", Line(A(natural), "=", log(whole)))
    value = p.log_partition
    if formulas is None:
        tell.say("at this member", *tell.chain(A(natural), value=value))
    else:
        form = formulas.log_partition
        kind = "in closed form" if formulas.usual else "for this family"  # made of others
        tell.say(
            f"{kind}, with the numbers of this member,",
            *tell.chain(A(natural), form, put=form, value=value),
        )
    if tell.softmax:
        _without_overflow(tell)
    supported = tell.supported()
    if supported is not None and tell.finite:
        with np.errstate(all="ignore"):
            summed = tell.notation.write(whole).value(supported)
            closed = np.exp(value)
        words = f"the {'sum' if tell.family.discrete else 'integral'} itself, over all x"
        if 0 < closed < np.inf:
            tell.check(words, whole, exp(A(natural)), summed, closed)


def _without_overflow(tell: Telling) -> None:
    top = Symbol("M")
    shift = float(np.max(tell.p.natural_parameter))
    form = top + log(Over("Σ", i, exp(natural[i] - top)))
    tell.say(
        "logsumexp is computed with the largest entry, {M}, taken out, so that no exponential "
        "overflows:",
        *tell.chain(
            log(Over("Σ", i, exp(natural[i]))),
            form,
            put=form,
            value=logsumexp(tell.p.natural_parameter),
            scope={**tell.scope, "M": shift},
        ),
        M=equal(top, number(shift)),
    )


def mean_parameter(tell: Telling) -> None:
    """∇A is the mean of T: why, this member's numbers, a difference quotient, gauge and edge."""
    formulas, p = tell.formulas, tell.p
    total = "sum" if tell.family.discrete else "integral"
    tell.say(
        f"the {total} of p is one whatever {{natural}} is, so its gradient is zero:",
        Line(Number(0), "=", _sum_over_x(tell, (T(x) - gradient(natural)) * density)),
    )
    tell.say(
        "hence the gradient of {A} is the mean of {T}. This is the {name:forward}:",
        Line(mean, "=", Expectation(T(x))),
        Line(None, "=", gradient(natural)),
    )
    value = p.mean_parameter
    if formulas is None:
        tell.say("at this member", *tell.chain(mean, value=value))
    elif tell.softmax:
        _softmax_table(tell)
    elif formulas.componentwise:
        grid = tell.table((natural[i], p.natural_parameter), (mean[i], value))
        tell.say("for this family", Line(mean[i], "=", formulas.forward), grid=grid)
        tell.numbers.extend(np.asarray(value).tolist())
    else:
        tell.say(
            "for this family, and at this member,",
            *tell.usual(),
            *tell.chain(mean, formulas.forward, put=formulas.forward, value=value),
        )
    _difference_quotient(tell)
    if tell.softmax:
        gauge(tell)
    edge(tell)


def _softmax_table(tell: Telling) -> None:
    formulas = tell.formulas
    assert formulas is not None
    eta, value = np.asarray(tell.p.natural_parameter), np.asarray(tell.p.mean_parameter)
    share, formula = Symbol("share"), formulas.usual["share"]
    one = {**tell.scope, "i": 1}
    shares = np.asarray(tell.scope["share"])
    first = tell.chain(share[1], put=formula, value=shares[0], scope=one)
    columns: list[tuple[Expression, Any]] = [(natural[i], eta), (share[i], shares)]
    if np.isfinite(np.exp(eta)).all():
        columns.insert(1, (exp(natural[i]), np.exp(eta)))
    if tell.family.trials != 1:
        columns.append((mean[i], value))
    whole = equal(mean[i], formulas.forward)
    tell.say(
        "for this family the shares are the softmax of {natural}, and {forward}. For the first "
        "category, and then for all,",
        Line(share[i], "=", formula),
        *first,
        grid=tell.table(*columns),
        forward=whole,
    )
    tell.numbers.extend(value.tolist())


def _difference_quotient(tell: Telling) -> None:
    eta = np.asarray(tell.p.natural_parameter, dtype=float)
    flat = eta.reshape(-1)
    free = np.flatnonzero(np.isfinite(flat))
    if not len(free):
        return
    k = int(free[0])
    step = _STEP * (abs(flat[k]) if abs(flat[k]) > _STEP else 1.0)
    both_sides = []
    for sign in (1, -1):
        moved = flat.copy()
        moved[k] += sign * step
        try:
            both_sides.append(tell.family.log_partition(moved.reshape(eta.shape)))
        except ValueError:  # beyond the edge of the domain
            return
    quotient = (both_sides[0] - both_sides[1]) / (2 * step)
    slope = np.asarray(tell.p.mean_parameter).reshape(-1)[k]
    shift: Expression = epsilon if eta.ndim == 0 else epsilon * unit[k + 1]
    left = (A(natural + shift) - A(natural - shift)) / (2 * epsilon)
    right = mean if eta.ndim == 0 else mean[k + 1]
    tell.check(f"the slope of {{A}} over a step of {step:.0e}", left, right, quotient, slope)


def natural_parameter(tell: Telling) -> None:
    """The backward map: the inverse of ∇A, in closed form or by Newton."""
    formulas, p = tell.formulas, tell.p
    tell.say(
        "{A} is convex, so that its gradient tells members apart and can be inverted. The "
        "{name:backward} is the gradient of the {name:A*}:",
        Line(natural, "=", Symbol("∇A*")(mean)),
        Line(conjugate(mean), "=", Over("max", natural, Inner(natural, mean) - A(natural))),
    )
    try:
        value = tell.family.mean_to_natural(p.mean_parameter)
    except ValueError:
        tell.say(
            "the means, as they are stored, do not tell this member from others:",
            *tell.chain(mean, value=p.mean_parameter),
            *tell.chain(natural, value=p.natural_parameter),
        )
        return
    if formulas is None or formulas.backward is None:
        equation = [Line(gradient(natural), "=", mean)]
        if formulas is not None:
            equation = [Line(mean[i] if tell.componentwise else mean, "=", formulas.forward)]
        tell.say(
            "there is no closed form; Newton's method solves",
            *equation,
            *tell.chain(mean, value=p.mean_parameter),
        )
        tell.say("which gives", *tell.chain(natural, value=value))
    elif tell.softmax:
        tell.say(
            "for this family",
            Line(natural[i], "=", formulas.backward),
            grid=tell.table((mean[i], p.mean_parameter), (natural[i], value)),
        )
        tell.numbers.extend(np.asarray(value).tolist())
        zero = 0.0 if tell.family.trials else None
        tell.say(
            "of all that differ by a constant this is the one with the {name:A} zero, as the "
            "shares sum to one:",
            *tell.chain(log(Over("Σ", i, exp(natural[i]))), log(Number(1)), value=zero),
        )
    else:
        tell.say(
            "for this family, and at this member,",
            *tell.chain(natural, formulas.backward, put=formulas.backward, value=value),
        )
    again = tell.family.natural_to_mean(value)
    tell.check("and forward again", gradient(natural), mean, again, p.mean_parameter)
    edge(tell)


def convex_conjugate(tell: Telling) -> None:
    """A*, and that it closes the gap."""
    p = tell.p
    form = Inner(natural, mean) - A(natural)
    value = p.convex_conjugate
    tell.say(
        "the {name:A*} is the largest that a line of slope {mean} rises above {A}; at {gradient} = "
        "{mean} it is attained:",
        *tell.chain(conjugate(mean), form, value=value),
    )
    tell.say(
        "Fenchel and Young: for any two parameters the gap is not negative, and it is zero "
        "where {mean} = {gradient}:",
        Line(A(natural) + conjugate(mean), "≥", Inner(natural, mean)),
    )
    inner = np.asarray(p.log_partition + value)
    product = Inner(natural, mean).value(tell.scope)
    tell.check("both sides", A(natural) + conjugate(mean), Inner(natural, mean), inner, product)
    tell.say(
        "it is the negative entropy but for the {name:h}:",
        Line(conjugate(mean), "=", Expectation(log(density)) - Expectation(log(h(x)))),
    )
