"""`explain`: the derivation line by line, symbols beside the numbers of one member.

A formula is a tree, written once (`formulas`), in letters that a `Notation` chooses; it is shown
as text, MathML and LaTeX, and evaluated, so that a test holds it against the family's arithmetic.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from expfam.arrays import require_numpy
from expfam.checks import _proposed
from expfam.comparison import require_one_face
from expfam.derivation.explanation import Explanation
from expfam.derivation.notation import NOTATIONS, Notation, notation_of
from expfam.derivation.scope import formulas_of
from expfam.derivation.telling import Telling
from expfam.derivation.topics import TOPICS
from expfam.family import Distribution, ExponentialFamily

__all__ = ["NOTATIONS", "TOPICS", "Explanation", "Notation", "explain"]

_STORY = ("definition", "log_partition", "mean", "natural")
_DATA = {"fit": "data", "log_prob": "x", "score": "x"}


def explain(
    subject: Any,
    topic: str | None = None,
    *,
    x: Any = None,
    other: Distribution | None = None,
    notation: str = "expfam",
) -> Explanation:
    """The derivation of a topic, line by line, for a family, a member or a `CategoricalFit`.

    subject: a member (no batch), a fit without groups, or a family, of which one member is taken
    as an example. topic: "definition", "log_partition", "mean", "natural", "fisher_information",
    "convex_conjugate", "log_prob", "score", "entropy", "kl" or "fit"; without one, the story from
    the definition to both maps. x: the observation of "log_prob" and "score", the data of "fit";
    by default a draw, or five, with seed 0. other: the second member of "kl". For a fit x is a
    label, other a fit. notation: "expfam", "wainwright_jordan", "bishop", "murphy" or
    "nielsen"; letters and names change, numbers do not.
    Errors: ValueError for another topic or notation, for a batch, for an x or other that the
    topic has no use for, and for "kl" without other; TypeError for another subject.

    >>> import expfam
    >>> print(expfam.explain(expfam.Poisson().from_mean(4.0), "natural", notation="bishop"))
    The backward map of Poisson(), from mean to natural parameter
    ...
          η = ln μ
            = ln 4
            ≈ 1.38629
    ...
    """
    if not isinstance(subject, Distribution) and hasattr(subject, "explain"):
        return subject.explain(topic, x=x, other=other, notation=notation)
    p = _member(subject)
    words = notation_of(notation)
    if topic is not None and topic not in TOPICS:
        raise ValueError(f"explain: topic must be one of {', '.join(TOPICS)}; got {topic!r}")
    if x is not None and topic not in _DATA:
        raise ValueError(f"explain: x is for {', '.join(_DATA)}; the topic is {topic!r}")
    if (other is not None) != (topic == "kl"):
        raise ValueError(f"explain: other is the second member of 'kl'; the topic is {topic!r}")
    if other is not None:
        p.kl(other)  # checks that both are of one family
        require_one_face(p, other, "explain")
    with np.errstate(all="ignore"):
        tell = _telling(p, topic, x, other, words)
        for name in (topic,) if topic is not None else _STORY:
            TOPICS[name][1](tell)
    title = TOPICS[topic][0] if topic is not None else "{} and its parameters"
    names = {role: words.name(role) for role in ("A", "A*", "forward", "backward")}
    return tell.end(title.format(repr(p.family), **names))


def _telling(
    p: Distribution, topic: str | None, x: Any, other: Distribution | None, words: Notation
) -> Telling:
    if topic == "fit":
        x = p.sample(5, rng=0) if x is None else x
        tell = Telling(p.family.fit(x), words)
        tell.scope["data"] = np.asarray(x)
        return tell
    if x is None and topic in _DATA:
        x = p.sample(rng=0)
    return Telling(p, words, other, x)


def _member(subject: Any) -> Distribution:
    if isinstance(subject, Distribution):
        require_numpy(subject.natural_parameter, "explain", "parameters")
        return subject
    if isinstance(subject, ExponentialFamily):
        return example(subject)
    raise TypeError(
        "explain: the subject must be a family, a Distribution or a CategoricalFit; "
        f"got {type(subject).__name__}"
    )


def example(family: ExponentialFamily) -> Distribution:
    """A member inside the family: one with round numbers, or for a user's own family any."""
    formulas = formulas_of(family)
    if formulas is None:
        return family.from_natural(_proposed(family, np.random.default_rng(0))[0])
    return family.from_natural(formulas.example(family))
