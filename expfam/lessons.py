"""Exercises that check themselves by an identity: any right form passes, a wrong one gets a hint.

    left(answer) = right(answer)

The ten lessons use it, and so may yours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

__all__ = ["Verdict", "check"]

Identity = Callable[[Any], tuple[Any, Any]]


@dataclass(frozen=True, repr=False)
class Verdict:
    """What an identity says of an answer: right, not yet, or unanswered; as text and as HTML.

    right: whether both sides agree; None where nothing was answered yet.
    lines: what is shown, line by line.

    >>> check(2.0, lambda x: (x**2, 4), "squares").right
    True
    """

    right: bool | None
    lines: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        colour = {True: "#17a07a", False: "#d5761c", None: "#808890"}[self.right]
        style = f"border-left: 4px solid {colour}; padding: 0.4em 0.8em; white-space: pre-wrap"
        return f'<div style="{style}">{escape(repr(self))}</div>'


def check(
    answer: Any,
    identity: Identity,
    hint: str,
    *,
    mistakes: Mapping[str, Identity] | None = None,
    tolerance: float = 1e-9,
) -> Verdict:
    """Whether the two sides of an identity agree at an answer, and a hint where they do not.

    |left − right| ≤ tolerance · max(1, |right|), entry by entry.

    answer: anything, a function too; `...` is an exercise that nobody has answered yet.
    identity: a function of the answer that gives both sides, numbers or arrays of one shape, or
    several such pairs as a list; [3.5] is taken as a number. An error that it raises is told,
    with the hint.
    mistakes: for mistakes that people make, what to say and the identity that they fulfil.
    Errors: none for a wrong answer: the verdict says what is wrong.

    >>> check(0.5, lambda p: (p / (1 - p), 3), "odds of 3 are 3 in 4")
    Not yet.
      left   1
      right  3
    Hint: odds of 3 are 3 in 4
    >>> check(0.75, lambda p: (p / (1 - p), 3), "odds of 3 are 3 in 4")
    Right: both sides are 3.
    """
    if answer is ...:
        return Verdict(None, ("Yours to answer: put it in place of the three dots.",))
    try:
        pairs = _pairs(identity, answer)
        wrong = [pair for pair in pairs if not _agree(*pair, tolerance)]
    except Exception as error:  # the answer is a student's: whatever it raises is told
        return Verdict(False, ("Not yet.", f"  {type(error).__name__}: {error}", f"Hint: {hint}"))
    if not wrong:
        return Verdict(True, (f"Right: both sides are {_shown(pairs[0][1])}.",))
    said = _mistake(answer, mistakes or {}, tolerance) or hint
    left, right = map(_shown, wrong[0])
    return Verdict(False, ("Not yet.", f"  left   {left}", f"  right  {right}", f"Hint: {said}"))


def _pairs(identity: Identity, answer: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    with np.errstate(all="ignore"):  # both sides are shown, NaN or not: no need to warn
        sides = identity(answer)
    pairs = sides if isinstance(sides, list) else [sides]
    return [(_numbers(left), _numbers(right)) for left, right in pairs]


def _numbers(side: Any) -> np.ndarray:
    return np.asarray(side, dtype=np.float64)


def _agree(left: np.ndarray, right: np.ndarray, tolerance: float) -> bool:
    if left.size == right.size == 1:  # a number in brackets is a number
        left, right = left.reshape(()), right.reshape(())
    if left.shape != right.shape:
        return False
    with np.errstate(invalid="ignore"):  # ∞ − ∞, where both are the same
        near = np.abs(left - right) <= tolerance * np.maximum(1.0, np.abs(right))
    return bool(np.all((left == right) | near & np.isfinite(right)))


def _mistake(answer: Any, mistakes: Mapping[str, Identity], tolerance: float) -> str | None:
    for text, identity in mistakes.items():
        try:
            if all(_agree(*pair, tolerance) for pair in _pairs(identity, answer)):
                return text
        except Exception:  # a mistake that does not apply to this answer
            continue
    return None


def _shown(side: np.ndarray) -> str:
    """Six digits, and of a long array the first entries."""
    if side.ndim == 0:
        return f"{side:.6g}"
    entries = [_shown(entry) for entry in side[:6]]
    return f"[{', '.join(entries)}{', …' if len(side) > 6 else ''}]"
