"""What is told of the gauge and of the edge, where parameters are infinite."""

from __future__ import annotations

import numpy as np

from expfam.derivation.expression import Symbol
from expfam.derivation.nodes import equal
from expfam.derivation.notation import A, natural
from expfam.derivation.telling import Telling
from expfam.families import ProductFamily


def gauge(tell: Telling) -> None:
    """η and η + c are one member."""
    c = Symbol("c")
    n = tell.family.trials
    shifted = A(natural) + c if n == 1 else A(natural) + Symbol("trials") * c
    moved = tell.family.log_partition(np.asarray(tell.p.natural_parameter) + 1.0)
    tell.say(
        "the gauge: {natural} and {moved} are one member, as {c} moves {A} alone and cancels in "
        "the shares. With {one},",
        *tell.chain(A(natural + c), shifted, value=moved),
        moved=natural + c,
        c=c,
        one=equal(c, 1),
    )


def edge(tell: Telling) -> None:
    """What holds where η is infinite."""
    if tell.finite or tell.edge_told:
        return
    tell.edge_told = True
    eta = np.asarray(tell.p.natural_parameter).reshape(-1)
    infinite = int(np.isinf(eta).sum())
    if tell.softmax:
        text = (
            f"the edge: {infinite} of {eta.size} entries of {{natural}} "
            f"{'is' if infinite == 1 else 'are'} −∞. There exp(−∞) = 0, the share is 0, and in "
            "every inner product 0 · (−∞) = 0: a category that never occurs adds nothing."
        )
    else:
        text = (
            "the edge: {natural} is infinite, a limit of the family that puts all probability"
            f"{' of a part' if isinstance(tell.family, ProductFamily) else ''} on one value; "
            "0 · (−∞) = 0."
        )
    tell.say(text)
