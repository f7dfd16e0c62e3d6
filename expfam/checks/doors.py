"""The last laws: a batch of members is a loop over them, and bad input is refused in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from expfam.checks.members import EPSILON, differs
from expfam.families import Gaussian, Poisson
from expfam.family import Distribution, ExponentialFamily

_LONGEST = 300  # letters of an error


# ------------------------------------------------------------ batches


def batch(family: ExponentialFamily, naturals: np.ndarray) -> Iterator[str]:
    """Every result of a batch of members is that of its members one by one, in the shape
    sample + batch + event; members taken by index or slice are the same members."""
    axes = len(np.shape(family.trials))
    p = Distribution(family, _spread(family, naturals, axes))
    shape = (len(naturals), *np.shape(family.trials))
    if p.batch_shape != shape or len(p) != len(naturals):
        yield f"batch_shape is {p.batch_shape}, not {shape}"
        return
    x = np.asarray(p.sample(3, rng=5))
    if x.shape != (3, *shape, *family.event_shape):
        yield f"sample(3) has the shape {x.shape}, not {(3, *shape, *family.event_shape)}"
        return
    first = Distribution(family, _spread(family, naturals[:1], axes))
    loop = []
    for index in np.ndindex(shape):
        single = p[index]
        if single.batch_shape != () or single != Distribution(single.family, naturals[index[0]]):
            yield f"the member at {index} is not the one that went in"
        loop.append((single, first[(0, *index[1:])], x[(slice(None), *index)]))
    mean = np.asarray(p.mean_parameter)[1:]
    yield from differs("mean_parameter of the members from 1 on", p[1:].mean_parameter, mean, 0.0)
    for what, (sampled, call) in _calls(family, naturals).items():
        wanted = np.array([call(*one) for one in loop])
        wanted = wanted.reshape(*shape, *wanted.shape[1:])
        if sampled:
            wanted = np.moveaxis(wanted, len(shape), 0)
        allowed = 64 * EPSILON * (1 + np.abs(np.where(np.isfinite(wanted), wanted, 0.0)))
        yield from differs(f"{what} of a batch", call(p, first, x), wanted, allowed)


def _spread(family: ExponentialFamily, naturals: np.ndarray, axes: int) -> np.ndarray:
    """The naturals on the first axis of a batch whose others are those of trials."""
    return naturals.reshape(len(naturals), *(1,) * axes, *family.natural_shape)


def _calls(
    family: ExponentialFamily, naturals: np.ndarray
) -> dict[str, tuple[bool, Callable[[Distribution, Distribution, np.ndarray], Any]]]:
    """What is asked of (p, q, x), and whether the answer has the axis of samples."""
    v = np.cos(np.arange(naturals[0].size)).reshape(family.natural_shape)
    s = 1e-3 * v
    while not family._inside(naturals + s).all():
        s = s / 10
    calls: dict[str, tuple[bool, Callable[[Distribution, Distribution, np.ndarray], Any]]] = {
        "mean_parameter": (False, lambda p, q, x: p.mean_parameter),
        "log_partition": (False, lambda p, q, x: p.log_partition),
        "fisher_information": (False, lambda p, q, x: p.fisher_information),
        "fisher_product": (
            False,
            lambda p, q, x: p.family.fisher_product(p.natural_parameter, v),
        ),
        "degrees_of_freedom": (False, lambda p, q, x: p.degrees_of_freedom),
        "convex_conjugate": (False, lambda p, q, x: p.convex_conjugate),
        "cumulant_function": (False, lambda p, q, x: p.cumulant_function(s)),
        "entropy": (False, lambda p, q, x: p.entropy()),
        "kl": (False, lambda p, q, x: p.kl(q)),
        "kl to it": (False, lambda p, q, x: q.kl(p)),
        "cross_entropy": (False, lambda p, q, x: p.cross_entropy(q)),
        "log_prob": (True, lambda p, q, x: p.log_prob(x)),
        "score": (True, lambda p, q, x: p.score(x)),
        "sufficient_statistic": (True, lambda p, q, x: p.family.sufficient_statistic(x)),
        "log_base_measure": (True, lambda p, q, x: p.family.log_base_measure(x)),
        "statistics": (False, lambda p, q, x: _statistics(p, x).total),
        "exposure": (False, lambda p, q, x: _statistics(p, x).exposure),
        "log_likelihood": (False, lambda p, q, x: p.log_likelihood(x)),
    }
    if np.all(np.asarray(family.trials) > 0):
        calls["mean_to_natural"] = (
            False,
            lambda p, q, x: p.family.mean_to_natural(p.mean_parameter),
        )
    return calls


def _statistics(p: Distribution, x: np.ndarray) -> Any:
    return p.family.statistics(x, batch_ndim=len(p.batch_shape))


# ------------------------------------------------------------ bad input


def refusals(family: ExponentialFamily, naturals: np.ndarray) -> Iterator[str]:
    """What is no parameter, observation, weight, shape, seed or member is refused with a
    ValueError or TypeError of one short line that begins with a name."""
    p = Distribution(family, naturals[0])
    x = np.asarray(p.sample(2, rng=3))
    mean, natural = np.array(p.mean_parameter), np.array(naturals[0])
    doors: tuple[tuple[str, Callable[[Any], Any], np.ndarray, tuple[int, ...]], ...] = (
        ("natural parameter", family.log_partition, natural, family.natural_shape),
        ("natural parameter", family.from_natural, natural, family.natural_shape),
        ("natural parameter", family.natural_to_mean, natural, family.natural_shape),
        ("natural parameter", family.fisher_information, natural, family.natural_shape),
        ("natural parameter", family.draw, natural, family.natural_shape),
        ("mean parameter", family.mean_to_natural, mean, family.natural_shape),
        ("mean parameter", family.from_mean, mean, family.natural_shape),
        ("vector", lambda v: family.fisher_product(natural, v), natural, family.natural_shape),
        ("s", p.cumulant_function, np.zeros_like(natural), family.natural_shape),
        ("observation", family.sufficient_statistic, x, family.event_shape),
        ("observation", family.log_base_measure, x, family.event_shape),
        ("observation", family.statistics, x, family.event_shape),
        ("observation", family.fit, x, family.event_shape),
        ("observation", p.log_prob, x, family.event_shape),
        ("observation", p.score, x, family.event_shape),
        ("observation", p.log_likelihood, x, family.event_shape),
    )
    for what, call, good, shape in doors:
        for kind, bad in _spoilt(good, shape, family.discrete and what == "observation").items():
            yield from _refused(f"{_article(what)} {what} {kind}", call, bad)
    for what, mistake in _mistakes(p, x).items():
        yield from _refused(what, mistake, None)
    yield from _means(family, mean)
    yield from _observations(p, x)


def _mistakes(p: Distribution, x: np.ndarray) -> dict[str, Callable[[Any], Any]]:
    """Calls that are wrong in another way than by one bad array."""
    family = p.family
    stranger = Gaussian().from_natural([0.0, -1.0])
    if family == stranger.family:
        stranger = Poisson().from_natural(0.0)
    foreign = stranger.family.statistics(stranger.sample(2, rng=1))
    number: Any = 1.5
    calls: dict[str, Callable[[Any], Any]] = {
        "negative weights": lambda _: family.statistics(x, [1.0, -1.0]),
        "weights of nan": lambda _: family.statistics(x, [1.0, np.nan]),
        "infinite weights": lambda _: family.fit(x, [1.0, np.inf]),
        "three weights of two": lambda _: family.statistics(x, [1.0, 1.0, 1.0]),
        "no data": lambda _: family.fit(x[:0]),
        "weights of zero": lambda _: family.fit(x, [0.0, 0.0]),
        "batch_ndim of −1": lambda _: family.statistics(x, batch_ndim=-1),
        "batch_ndim of 9": lambda _: family.fit(x, batch_ndim=9),
        "batch_ndim of True": lambda _: family.fit(x, batch_ndim=True),
        "a number of −1 draws": lambda _: p.sample(-1),
        "a number of 1.5 draws": lambda _: p.sample(number),
        "a seed of text": lambda _: p.sample(rng="seed"),
        "a seed of −1": lambda _: p.sample(rng=-1),
        "a number for a member": lambda _: p.kl(number),
        "a member of another family": lambda _: p.kl(stranger),
        "statistics of another family": lambda _: family.fit(foreign),
        "a sum of statistics of two families": lambda _: family.statistics(x) + foreign,
        "to forget more than there is": lambda _: family.statistics(x[:1]) - family.statistics(x),
        "an unknown part": lambda _: family.pack(unknown=1.0),
    }
    if not p.batch_shape:
        calls["an index into one member"] = lambda _: p[0]
        calls["the length of one member"] = lambda _: len(p)
    return calls


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeio" else "a"


class _Labelled:
    """What stands for a pandas object: values with labels that a bare array would lose."""

    iloc = None

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self.values


def _spoilt(good: np.ndarray, shape: tuple[int, ...], whole: bool) -> dict[str, Any]:
    """Bad versions of a good array: by type, by shape, by value."""
    nan = np.array(good, dtype=float)
    nan[(0,) * nan.ndim] = np.nan
    spoilt: dict[str, Any] = {
        "of text": np.full(good.shape, "1"),
        "of None": None,
        "of objects": np.full(good.shape, object(), dtype=object),
        "of complex numbers": good + 0j,
        "that is masked": np.ma.masked_array(good, np.zeros(good.shape, dtype=bool)),
        "with labels": _Labelled(good),
        "that is ragged": [[1.0], [1.0, 2.0]],
        "of nan": nan,
    }
    if shape:
        spoilt["of the wrong length"] = np.concatenate([good, good], axis=-1)
        spoilt["without axes"] = 1.0
    if whole:
        spoilt["of fractions"] = good + 0.5
        spoilt["of infinities"] = np.full(good.shape, np.inf)
        spoilt["beyond 2**62"] = np.full(good.shape, 1e19)
    return spoilt


def _refused(what: str, call: Callable[[Any], Any], bad: Any) -> Iterator[str]:
    try:
        call(bad)
    except (ValueError, TypeError) as error:
        text = str(error)
        name = text.split(":")[0]
        if not name.isidentifier() or "\n" in text or len(text) > _LONGEST:
            yield f"{what} is refused, but not as 'Name: rule; what came': {text[:100]!r}"
    except Exception as error:
        yield f"{what} raises {type(error).__name__}: {str(error)[:100]}"
    else:
        yield f"{what} is accepted"


def _means(family: ExponentialFamily, mean: np.ndarray) -> Iterator[str]:
    """A mean parameter is refused, or its member has it."""
    infinite = np.where(mean > 0, np.inf, mean)
    for bad in (1.5 * mean, -mean, mean + 1.0, 0.0 * mean, infinite):
        try:
            back = np.asarray(family.from_mean(bad).mean_parameter)
        except ValueError as error:
            yield from _refused("a mean parameter", _raiser(error), None)
        else:
            wanted = np.broadcast_to(bad, back.shape)
            allowed = 1e-9 * np.abs(wanted) + 16 * EPSILON
            yield from differs("the mean of from_mean", back, wanted, allowed)


def _observations(p: Distribution, x: np.ndarray) -> Iterator[str]:
    """An observation is refused, or its probability is a number."""
    with np.errstate(over="ignore"):
        spoilt = -1 - x, x + 1, 2 * x + 1
    for bad in spoilt:
        try:
            log_p = np.asarray(p.log_prob(bad))
        except ValueError as error:
            yield from _refused("an observation", _raiser(error), None)
        else:
            if not (log_p < np.inf).all():
                yield f"log p of an accepted observation is {log_p.max()}"


def _raiser(error: Exception) -> Callable[[Any], Any]:
    def call(_: Any) -> Any:
        raise error

    return call
