"""How a derivation is put together: words with formulas among them, chains that end in a number."""

from __future__ import annotations

import string
from dataclasses import replace
from typing import Any

import numpy as np

from expfam.derivation.explanation import Explanation, Grid, Line, Step
from expfam.derivation.expression import Expression, Scope, Symbol, Words
from expfam.derivation.formulas import Formulas, i
from expfam.derivation.media import TEXT
from expfam.derivation.notation import A, Notation, T, h, mean, natural, x
from expfam.derivation.numeric import entries, fits, inexact, number, put_in, undefined
from expfam.derivation.scope import formulas_of, scope_of, with_support
from expfam.derivation.shown import show
from expfam.family import Distribution
from expfam.writing.page import visible

MOST_ROWS = 12  # of a table
gradient, hessian, conjugate = Symbol("∇A"), Symbol("∇²A"), Symbol("A*")
backward = Symbol("∇A*")

_FORMULAS: dict[str, Expression] = {
    "natural": natural,
    "mean": mean,
    "x": x,
    "A": A(natural),
    "T": T(x),
    "h": h(x),
    "gradient": gradient(natural),
    "hessian": hessian(natural),
    "conjugate": conjugate(mean),
}


class Telling:
    """The steps of one member's derivation, in one notation, as they are told."""

    def __init__(
        self, p: Distribution, notation: Notation, other: Distribution | None = None, x: Any = None
    ) -> None:
        if p.batch_shape:
            raise ValueError(
                f"explain: one member can be explained; got a batch of shape {p.batch_shape}: "
                "take one, p[0]"
            )
        self.p, self.family, self.notation, self.other = p, p.family, notation, other
        self.scope = scope_of(p, other, x)
        self.steps: list[Step] = []
        self.numbers: list[float] = []
        self.edge_told = self.usual_told = False

    # ------------------------------------------------------------ what is known

    @property
    def formulas(self) -> Formulas | None:
        return formulas_of(self.family)

    @property
    def softmax(self) -> bool:
        """Whether A is logsumexp: there are categories, a gauge, and faces at −∞."""
        return self.formulas is not None and "share" in self.formulas.usual

    @property
    def componentwise(self) -> bool:
        return self.formulas is not None and self.formulas.componentwise

    @property
    def finite(self) -> bool:
        return bool(np.isfinite(self.p.natural_parameter).all())

    def supported(self) -> dict[str, Any] | None:
        """The scope with sums over x, where the support allows them."""
        return with_support(self.scope, self.p)

    # ------------------------------------------------------------ steps

    def say(self, words: str, *lines: Line, grid: Grid | None = None, **formulas: Any) -> None:
        """A step: words in which {A}, {mean}, … are formulas and {name:A}, … names, and lines."""
        known = {**_FORMULAS, **formulas}
        why: list[str | Expression] = []
        for text, key, role, _ in string.Formatter().parse(words):
            why.append(text)
            if key == "name":
                why.append(self.notation.name(str(role)))
            elif key is not None:
                formula = known[key]
                why.append(formula if isinstance(formula, str) else self.notation.write(formula))
        why = [part for part in why if part != ""]
        if isinstance(why[0], str):
            why[0] = why[0][0].upper() + why[0][1:]
        written = [
            Line(
                None if line.left is None else self.notation.write(line.left),
                line.sign,
                self.notation.write(line.right),
                line.numeric,
            )
            for line in lines
        ]
        if grid is not None:
            header = tuple(map(self.notation.write, grid.header))
            grid = Grid(header, grid.rows)
        self.steps.append(Step(tuple(why), tuple(written), grid))

    def chain(
        self,
        left: Expression,
        *sides: Expression,
        put: Expression | None = None,
        value: Any = None,
        scope: Scope | None = None,
    ) -> list[Line]:
        """left = sides = `put` with numbers for its letters = value."""
        found = [Line(None, "=", side) for side in sides]
        if value is not None and fits(value):
            end = entries(value)
            if put is not None:
                written, known = self.notation.write(put), scope or self.scope
                filled = put_in(written, known)
                new = filled != written and show(filled, TEXT) != show(end, TEXT)
                if new and not undefined(filled, known):
                    found.append(self._numeric(filled))
            found.append(self._numeric(end))
            self.numbers.extend(np.asarray(value, dtype=float).ravel().tolist())
        return [replace(found[0], left=left), *found[1:]] if found else []

    def _numeric(self, side: Expression) -> Line:
        return Line(None, "≈" if inexact(side) else "=", side, numeric=True)

    def check(self, words: str, left: Expression, right: Expression, a: Any, b: Any) -> None:
        """A step that computes both sides of an equation and says how far they are apart."""
        a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
        with np.errstate(all="ignore"):
            gap = np.where(a == b, 0.0, np.abs(a - b) / np.maximum(1, np.abs(b)))
        apart = float(np.max(gap, initial=0.0))
        if np.isnan(apart):  # a side has overflowed
            return
        said = f"both sides agree to {apart:.0e}" if apart else "both sides are equal"
        lines = [*self.chain(left, value=a), *self.chain(right, value=b)]
        self.say(f"check: {words}; {said}.", *lines)

    def usual(self) -> list[Line]:
        """The usual parameters, with their numbers; nothing where they were told before."""
        lines: list[Line] = []
        if self.formulas is None or self.usual_told:
            return lines
        self.usual_told = True
        for role, formula in self.formulas.usual.items():
            if self.componentwise:
                lines.append(Line(Symbol(role)[i], "=", formula))
            else:
                lines += self.chain(Symbol(role), formula, put=formula, value=self.scope[role])
        return lines

    def table(self, *columns: tuple[Expression, Any]) -> Grid:
        """A row for each component: its category or number, then the columns."""
        labels = getattr(self.family, "categories", None)
        size = len(np.asarray(columns[0][1]))
        named = labels is not None and not isinstance(labels, range | int)
        names = [visible(label) for label in labels] if named else [str(k + 1) for k in range(size)]  # type: ignore[union-attr]
        places = list(range(size)) if size <= MOST_ROWS else list(range(MOST_ROWS - 1))
        rows = [
            (
                Words(names[place]),
                *(number(np.asarray(column)[place]) for _, column in columns),
            )
            for place in places
        ]
        if len(places) < size:
            rows.append((Words(f"and {size - len(places):,} more"), *(Words("") for _ in columns)))
        header = Words("category") if labels is not None else i
        return Grid((header, *(letter for letter, _ in columns)), tuple(rows))

    def end(self, title: str) -> Explanation:
        source = f"In the notation of {self.notation.source}."
        if self.notation.remark:
            source = f"{source} {self.notation.remark}"
        return Explanation(title, source, tuple(self.steps), tuple(self.numbers))
