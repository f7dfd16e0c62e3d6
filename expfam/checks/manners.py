"""How a family and its members behave: shapes, batches, types, values, and what they refuse."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from expfam.checks.members import Member, differs
from expfam.family import Distribution, Statistics

_ROWS = 30


# ------------------------------------------------------------ one member


def member(m: Member) -> Iterator[str]:
    """Properties of a member are the maps of its family; numbers are Python's; η is read-only and
    a list or float32 will do; what comes in is left as it is."""
    p, family, natural = m.p, m.family, np.asarray(m.p.natural_parameter)
    for what, got, wanted in (
        ("mean_parameter", p.mean_parameter, family.natural_to_mean(natural)),
        ("log_partition", p.log_partition, family.log_partition(natural)),
        ("fisher_information", p.fisher_information, family.fisher_information(natural)),
        (
            "from_natural of a list",
            family.from_natural(natural.tolist()).natural_parameter,
            natural,
        ),
        ("batch_shape", p.batch_shape, ()),
        ("draw", family.draw(natural, 1, 3), p.sample(3, rng=1)),
    ):
        yield from differs(what, got, wanted, 0.0)
    x = m.draws[0]
    before = natural.copy(), x.copy()
    for what, value in {
        "log_partition": p.log_partition,
        "log_prob": p.log_prob(x),
        "log_base_measure": family.log_base_measure(x),
        "entropy": p.entropy(),
        "kl": p.kl(p),
        "cross_entropy": p.cross_entropy(p),
        "convex_conjugate": p.convex_conjugate,
        "cumulant_function": p.cumulant_function(np.zeros_like(natural)),
        "log_likelihood": p.log_likelihood(x),
    }.items():
        if type(value) is not float:
            yield f"{what} of one member is a {type(value).__name__}, not a float"
    if isinstance(p.mean_parameter, np.ndarray) and p.mean_parameter.flags.writeable:
        yield "mean_parameter can be written to"
    if isinstance(p.natural_parameter, np.ndarray) and p.natural_parameter.flags.writeable:
        yield "natural_parameter can be written to"
    if not (np.array_equal(before[0], natural) and np.array_equal(before[1], x)):
        yield "an input was modified"
    if family.parts:
        packed = family.pack(**family.unpack(natural))
        yield from differs("pack of unpack", packed, natural, 0.0)
        parts = family.unpack(natural)
        if any(np.shape(parts[name]) != shape for name, shape in family.parts.items()):
            yield f"the parts have the shapes {[np.shape(part) for part in parts.values()]}"
        flat = np.concatenate([np.ravel(part) for part in parts.values()])
        yield from differs("the parts one after the other", flat, np.ravel(natural), 0.0)


def statistics(m: Member) -> Iterator[str]:
    """Statistics are Σ w·T, Σ w·log h, Σ w, Σ w·trials and the rows; parts merge to the whole and
    are forgotten; log likelihood is Σ w·log p; a fit of parts is the fit of all."""
    p, family, x = m.p, m.family, m.draws[:_ROWS]
    w = np.arange(_ROWS) % 4
    repeated = np.repeat(x, w, axis=0)
    statistic, base = m.statistic(x), np.asarray(family.log_base_measure(x), dtype=float)
    whole = family.statistics(x, w)
    size, base_size = w @ np.abs(statistic), w @ np.abs(base)
    yield from differs("Σ w·T", np.reshape(whole.total, -1), w @ statistic, 1e-13 * size)
    yield from differs("Σ w·log h", whole.log_base, w @ base, 1e-13 * base_size)
    yield from differs("Σ w", whole.weight, w.sum(), 0.0)
    yield from differs("Σ w·trials", whole.exposure, w.sum() * m.trials, 0.0)
    yield from differs("rows", whole.rows, _ROWS, 0.0)
    a, b = family.statistics(x[:11], w[:11]), family.statistics(x[11:], w[11:])
    integral = np.asarray(whole.total).dtype.kind in "iu"
    allowed = 0.0 if integral else 1e-13
    for what, got, wanted in (("a + b", a + b, whole), ("a + b − b", a + b - b, a)):
        for field in ("total", "log_base", "weight", "exposure", "rows"):
            scale = size.max(initial=0.0) * allowed if field == "total" else 0.0
            scale = 1e-13 * base_size if field == "log_base" else scale
            values = getattr(got, field), getattr(wanted, field)
            yield from differs(f"{field} of {what}", *values, scale)
    again = np.reshape(family.statistics(repeated).total, -1)
    yield from differs("Σ T of repeats", again, np.reshape(whole.total, -1), 1e-13 * size)
    log_p = np.asarray(p.log_prob(x))
    for what, data, weights in (("data", x, np.ones(_ROWS)), ("Statistics", whole, w)):
        wanted = weights @ log_p
        allowed = 1e-13 * (weights @ np.abs(base)) + 8 * m.noise * weights.sum() * (
            1 + np.abs(log_p).max() + (abs(m.log_partition) if m.finite else 0.0)
        )
        likelihood = p.log_likelihood(data)
        yield from differs(f"log_likelihood of {what}", likelihood, wanted, allowed)
        got = p.log_likelihood(data, base_measure=False)
        yield from differs(
            f"the same without log h of {what}", got, wanted - weights @ base, allowed
        )
    yield from _merged_fits(m, whole, a + b, repeated)


def _merged_fits(
    m: Member, whole: Statistics, merged: Statistics, repeated: np.ndarray
) -> Iterator[str]:
    if m.trials == 0:
        return
    try:
        m.family._unit.check_mean(whole.total / whole.exposure)
    except ValueError:
        return  # an open family may have no member with this mean
    fitted = m.family.fit(whole)
    mean = np.asarray(fitted.mean_parameter)
    x, w = m.draws[:_ROWS], np.arange(_ROWS) % 4
    for what, other in (
        ("merged", m.family.fit(merged)),
        ("weighted", m.family.fit(x, w)),
        ("repeated", m.family.fit(repeated)),
    ):
        yield from differs(
            f"∇A at the fit, {what}", other.mean_parameter, mean, 1e-12 * np.abs(mean)
        )


def values(m: Member) -> Iterator[str]:
    """Equal fields make equal families and members with equal hashes; a member is the same as
    itself and as its canonical form, and not the same as one elsewhere on a path."""
    p, family = m.p, m.family
    twin = dataclasses.replace(family)  # type: ignore[type-var]
    copy = Distribution(twin, np.array(p.natural_parameter))
    if twin != family or hash(twin) != hash(family):
        yield "a copy of the family is not equal to it, or has another hash"
    if copy != p or hash(copy) != hash(p):
        yield "a copy of the member is not equal to it, or has another hash"
    if p == 1 or family == 1 or p != p:
        yield "== holds between a member and a number, or fails on itself"
    with np.errstate(all="ignore"):
        canonical = family._canonical(p.natural_parameter)
    if not (p.same_member(p) and p.same_member(Distribution(family, canonical))):
        yield "a member is not the same as itself or its canonical form"
    for path in m.paths:
        other = Distribution(family, path.ends[0])
        if other == p:
            yield "two members with different η are equal"
        if p.same_member(other) and p.kl(other) > 1e-12:
            yield f"same_member holds where KL is {p.kl(other):.3g}"
