"""ProductFamily: independent parts, each of a family of its own; what A gives adds up."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, final

import numpy as np

from expfam.arrays import Array, array_namespace, beside, is_foreign
from expfam.family import ExponentialFamily, Rule


@final
@dataclass(frozen=True, eq=False, repr=False, init=False)
class ProductFamily(ExponentialFamily):
    """Independent parts, p(x) = ∏ p_i(x_i), with T, η and μ those of the parts, one after another.

    A(η) = Σ A_i(η_i), and so log-probability, entropy and KL. Parameters are flat, batch + (d,),
    with a part for each family, as `pack` and `unpack` name them: by `names`, or by the names of
    the families. An observation is flat, too: the entries of each part's observation, in order;
    they are whole numbers where all parts are, floats elsewhere.
    Errors: TypeError for what is no family, ValueError for fewer than one, for names that are not
    distinct identifiers, for families whose trials are arrays, and from the parts.
    Source: Barndorff-Nielsen (1978), section 8.2.

    >>> from expfam import Gaussian, Poisson
    >>> family = ProductFamily(Gaussian(), Poisson(), names=["height", "children"])
    >>> p = family.fit([[1.7, 2], [1.8, 0], [1.6, 1]])
    >>> family.unpack(p.mean_parameter)["children"]
    1.0
    """

    factors: tuple[ExponentialFamily, ...]
    names: tuple[str, ...]

    def __init__(
        self, *families: ExponentialFamily, factors: Any = (), names: Sequence[str] | None = None
    ) -> None:
        factors = (*families, *factors)
        for family in factors:
            if not isinstance(family, ExponentialFamily):
                kind = type(family).__name__
                raise TypeError(f"{self.name}: parts must be families; got a {kind}")
            if np.ndim(family.trials):
                raise ValueError(f"{self.name}: trials of a part must be a number; got an array")
        names = _names(factors) if names is None else tuple(names)
        if not factors or len(names) != len(factors) or len(set(names)) < len(names):
            raise ValueError(
                f"{self.name}: there must be a part or more, each with a name of its own; "
                f"got {len(factors)} parts and {len(set(names))} names"
            )
        for name in names:
            if not isinstance(name, str) or not name.isidentifier():
                raise ValueError(f"{self.name}: names must be identifiers; got {name!r}")
        object.__setattr__(self, "factors", factors)
        object.__setattr__(self, "names", names)

    def __repr__(self) -> str:
        return f"ProductFamily({', '.join(map(repr, self.factors))})"

    @property
    def natural_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (sum(math.prod(f.natural_shape) for f in self.factors),)

    @property
    def event_shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return (sum(math.prod(f.event_shape) for f in self.factors),)

    @property
    def parts(self) -> dict[str, tuple[int, ...]]:  # type: ignore[override]
        return {
            name: tuple(f.natural_shape) for name, f in zip(self.names, self.factors, strict=True)
        }

    @property
    def discrete(self) -> bool:  # type: ignore[override]
        return all(f.discrete for f in self.factors)

    @property
    def log_base(self) -> float | None:  # type: ignore[override]
        constants = [f.log_base for f in self.factors]
        numbers = [c for c in constants if isinstance(c, float | int)]
        return sum(numbers) if len(numbers) == len(constants) else None

    # T, h

    def _sufficient_statistic(self, x: Array) -> Array:
        return self._join(self._each("_sufficient_statistic", x=x))

    def _log_base_measure(self, x: Array) -> Array:
        return sum(self._each("_log_base_measure", x=x))

    # A, forward, backward

    def _log_partition(self, natural: Array) -> Array:
        return sum(self._each("_log_partition", natural))

    def _natural_to_mean(self, natural: Array) -> Array:
        return self._join(self._each("_natural_to_mean", natural))

    def _mean_to_natural(self, mean: Array) -> Array:
        return self._join(self._each("_mean_to_natural", mean))

    def _member_of(self, mean: Array, total: Array, exposure: Any) -> tuple[Self, Array]:
        triples = zip(self.factors, self._split(mean), self._split(total), strict=True)
        found = [f._member_of(m, t, exposure) for f, m, t in triples]
        families = tuple(family for family, _ in found)
        home = self if families == self.factors else replace(self, factors=families)
        return home, self._join([natural for _, natural in found])

    # Fisher

    def _fisher_information(self, natural: Array) -> Array:
        """A block for each part."""
        xp, rows, start = array_namespace(natural), [], 0
        whole = self.natural_shape[0]
        for f, block in zip(self.factors, self._each("_fisher_information", natural), strict=True):
            size = math.prod(f.natural_shape)
            lead = natural.shape[:-1]
            before = xp.zeros((*lead, size, start), **beside(natural))
            after = xp.zeros((*lead, size, whole - start - size), **beside(natural))
            rows.append(xp.concat([before, xp.reshape(block, (*lead, size, size)), after], axis=-1))
            start += size
        return xp.concat(rows, axis=-2)

    def _fisher_product(self, natural: Array, vector: Array) -> Array:
        return self._join(self._each("_fisher_product", natural, vector))

    # log-probability, entropy, divergence

    def _log_prob(self, natural: Array, mean: Array, x: Array) -> Array:
        return sum(self._each("_log_prob", natural, mean, x=x))

    def _exponent(self, natural: Array, total: Array, exposure: Any) -> Array:
        triples = zip(self.factors, self._split(natural), self._split(total), strict=True)
        return sum(f._exponent(n, t, exposure * f.trials) for f, n, t in triples)

    def _entropy(self, natural: Array, mean: Array) -> Array:
        return sum(self._each("_entropy", natural, mean))

    def _kl(self, p: Array, mean: Array, q: Array) -> Array:
        return sum(self._each("_kl", p, mean, q))

    # draw

    def _draw(self, natural: np.ndarray, source: Any, shape: tuple[int, ...]) -> np.ndarray:
        drawn = [
            f._draw(part, source, shape)
            for f, part in zip(self.factors, self._split(natural), strict=True)
        ]
        lead = shape + natural.shape[:-1]
        flat = [x.reshape(*lead, math.prod(x.shape[len(lead) :])) for x in drawn]
        return np.concatenate(flat, axis=-1)

    # extras

    def _degrees_of_freedom(self, natural: Array) -> Any:
        return sum(self._each("_degrees_of_freedom", natural))

    def _canonical(self, natural: Array) -> Array:
        return self._join(self._each("_canonical", natural))

    def _log_base_slope(self) -> Any:
        slopes = [f._log_base_slope() for f in self.factors]
        if any(slope is None for slope in slopes):
            return None
        shapes = [math.prod(f.natural_shape) for f in self.factors]
        return np.concatenate([np.full(n, 1.0) * c for n, c in zip(shapes, slopes, strict=True)])

    @property
    def _iterative(self) -> bool:
        return any(f._iterative for f in self.factors)

    @property
    def _counts(self) -> bool:
        return all(f._counts for f in self.factors)

    @property
    def _idle(self) -> np.ndarray:
        return np.concatenate(
            [np.broadcast_to(f._idle, f.natural_shape).ravel() for f in self.factors]
        )

    @property
    def _ambient(self) -> Self:
        ambient = tuple(f._ambient for f in self.factors)
        return self if ambient == self.factors else replace(self, factors=ambient)

    def _meet(self, other: Self) -> Self | None:
        met = [f._meet(g) for f, g in zip(self.factors, other.factors, strict=True)]
        if all(face is f for face, f in zip(met, self.factors, strict=True)):
            return self
        found = tuple(face for face in met if face is not None)
        return replace(self, factors=found) if len(found) == len(met) else None

    def _log_share(self, natural: Array, face: Self) -> Any:
        parts = zip(self.factors, self._split(natural), face.factors, strict=True)
        return sum(f._log_share(part, own) for f, part, own in parts)

    def _each(self, hook: str, *parameters: Array, x: Array = None) -> list[Any]:
        """What a hook of every part makes of its parts of the parameters, and of x."""
        arguments = [self._split(parameter) for parameter in parameters]
        if x is not None:
            arguments.append(self._observations(x))
        return [getattr(f, hook)(*own) for f, *own in zip(self.factors, *arguments, strict=True)]

    def _split(self, parameter: Array) -> list[Array]:
        """A flat parameter as those of the parts."""
        return _cut(parameter, [tuple(f.natural_shape) for f in self.factors])

    def _join(self, parameters: list[Array]) -> Array:
        xp, flat = array_namespace(*parameters), []
        for f, part in zip(self.factors, parameters, strict=True):
            part = np.asarray(part) if isinstance(part, float) else part
            lead = part.shape[: part.ndim - len(f.natural_shape)]
            flat.append(xp.reshape(part, (*lead, math.prod(f.natural_shape))))
        return xp.concat(flat, axis=-1)

    def _observations(self, x: Array) -> list[Array]:
        """A flat observation as those of the parts; of integers where the part is discrete."""
        parts = _cut(x, [tuple(f.event_shape) for f in self.factors])
        whole = [f.discrete and not is_foreign(x) for f in self.factors]
        return [_integers(part) if w else part for part, w in zip(parts, whole, strict=True)]

    # doors

    def _natural_rules(self, natural: Array) -> Iterator[Rule]:
        return self._rules(lambda f: f._natural_rules, self._split(natural))

    def _mean_rules(self, mean: Array) -> Iterator[Rule]:
        return self._rules(lambda f: f._mean_rules, self._split(mean))

    def _observation_rules(self, x: Array) -> Iterator[Rule]:
        parts = _cut(x, [tuple(f.event_shape) for f in self.factors])
        for name, f, part in zip(self.names, self.factors, parts, strict=True):
            if f.discrete and not self.discrete:
                whole = (part == array_namespace(part).floor(part)) & (abs(part) <= 2.0**53)
                yield Rule(whole, f"{name}: {f.observed} must be integers up to 2**53", part)
        yield from self._rules(lambda f: f._observation_rules, self._observations(x))

    def _rules(self, rules: Callable[[ExponentialFamily], Any], parts: list) -> Iterator[Rule]:
        for name, f, part in zip(self.names, self.factors, parts, strict=True):
            for rule in rules(f)(part):
                yield rule._replace(text=f"{name}: {rule.text}")


def _names(factors: Sequence[ExponentialFamily]) -> tuple[str, ...]:
    """The names of the families; numbered where one is there twice."""
    often = Counter(f.name for f in factors)
    seen: Counter[str] = Counter()
    names = []
    for f in factors:
        seen[f.name] += 1
        names.append(f.name if often[f.name] == 1 else f"{f.name}_{seen[f.name]}")
    return tuple(names)


def _cut(flat: Array, shapes: list[tuple[int, ...]]) -> list[Array]:
    """(…, n) as arrays of the shapes, one after the other."""
    parts, start, xp = [], 0, array_namespace(flat)
    for shape in shapes:
        size = math.prod(shape)
        part = flat[..., start : start + size]
        parts.append(xp.reshape(part, (*part.shape[:-1], *shape)))
        start += size
    return parts


def _integers(x: np.ndarray) -> np.ndarray:
    return x if x.dtype == np.int64 else np.where(np.isfinite(x), x, 0.0).astype(np.int64)
