"""A card for each family, one A4 page: its formulas, checked as the page is made, and pictures."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from expfam.cards.page import CARD, DOCUMENT, STYLE
from expfam.cards.pictures import pictures
from expfam.derivation.expression import Add, Expression, Symbol
from expfam.derivation.formula import Words
from expfam.derivation.formulas import FORMULAS, Formulas, i
from expfam.derivation.gaps import gaps
from expfam.derivation.media import MATHML, TEXT
from expfam.derivation.nodes import (
    Chain,
    Expectation,
    Function,
    Indicator,
    Inner,
    equal,
    exp,
    total,
)
from expfam.derivation.notation import A, Notation, T, density, h, mean, natural, notation_of, x
from expfam.derivation.numeric import entries
from expfam.derivation.shown import show
from expfam.family import Distribution, ExponentialFamily

__all__ = ["card", "write_cards"]

_MOST_GAP = 1e-12
Row = tuple[str, list[Words]]


def write_cards(directory: str | Path, notation: str = "expfam") -> list[Path]:
    """Write index.html with every card, a page each in print, and one file for each family.

    directory: made where it is missing. notation: a name that `expfam.explain` takes.
    Errors: ValueError for another notation, and for a formula that is not what a family computes;
    OSError where there is a file in place of the directory, or no leave to write.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     [path.name for path in write_cards(directory)]
    ['index.html', 'multinomial.html', 'categorical.html', 'binomial.html', 'poisson.html', ...
    """
    words, folder = notation_of(notation), Path(directory)
    there = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    if there.exists() and not there.is_dir():
        raise NotADirectoryError(f"cards: output must be a directory; {there} is a file")
    cards = {name: card(formulas, words) for name, formulas in FORMULAS.items()}
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"index": ("The families of expfam", "".join(cards.values()))}
    pages |= {name.lower(): (name, text) for name, text in cards.items()}
    written = []
    for name, (title, body) in pages.items():
        path = folder / f"{name}.html"
        path.write_text(DOCUMENT.format(title=title, style=STYLE, body=body), encoding="utf-8")
        written.append(path)
    return written


def card(formulas: Formulas, notation: Notation) -> str:
    """One family's card as HTML, its formulas checked at an example and at the other member.

    Errors: ValueError for a formula that is more than 1e-12 off.
    """
    family = formulas.family
    p = family.from_natural(formulas.example(family))
    found = gaps(p, family.from_natural(formulas.other), notation)
    for name, gap in found.items():
        if not gap <= _MOST_GAP:
            raise ValueError(f"cards: the formula {name} of {family.name} is {gap:.1e} off")
    first, second = pictures(p, formulas, notation)
    left = _rows(notation, _family_rows(formulas))
    right = _rows(notation, _parameter_rows(formulas))
    below = _rows(notation, _derived_rows(formulas))
    return CARD.format(
        name=re.sub(r"(?<=[a-z])(?=[A-Z])", "<wbr/>", family.name),
        what=_pieces(notation, formulas.what),
        notation=html.escape(notation.title),
        definition=_math(notation, equal(density, notation.definition), display=True),
        particular=_math(
            notation, Chain((Symbol(""), _particular(family, formulas)), ("=",)), display=True
        ),
        left=left,
        right=right,
        below=below,
        first=first,
        second=second,
        example=_example(notation, p),
        always="".join(f"<span>{_math(notation, law)}</span>" for law in _LAWS),
        source=html.escape(_source(notation, found)),
    )


def _source(notation: Notation, found: dict[str, float]) -> str:
    from expfam import __version__

    worst = max(found.values())
    return (
        f"Notation: {notation.source}. All {len(found)} formulas agree with what expfam "
        f"{__version__} computes to {max(worst, 1e-16):.0e}, at two members and five draws."
    )


# ---------------------------------------------------------------- formulas


def _math(notation: Notation, tree: Expression, display: bool = False) -> str:
    kind = ' displaystyle="true"' if display else ""
    return f"<math{kind}>{show(notation.write(tree), MATHML)}</math>"


def _particular(family: ExponentialFamily, formulas: Formulas) -> Expression:
    """h, T and A of the family put into the definition."""
    statistic = formulas.statistic
    if isinstance(statistic, Indicator):
        product: Expression = natural[x + 1]  # the entry that it picks out
    elif formulas.componentwise and statistic != x:
        product = total(natural[i] * statistic, i)
    else:
        product = Inner(natural, statistic) if family.natural_shape else natural * statistic
    log_partition = formulas.log_partition
    terms = log_partition.terms if isinstance(log_partition, Add) else (log_partition,)
    whole = exp(Add((product, *(-term for term in terms))))
    return whole if show(formulas.base, TEXT) == "1" else formulas.base * whole


def _rows(notation: Notation, rows: Iterator[Row]) -> str:
    def cell(parts: Words) -> str:
        return f"<p>{_pieces(notation, parts)}</p>"

    return "".join(
        f"<tr><th>{_named(notation, name)}</th><td>{''.join(map(cell, parts))}</td></tr>"
        for name, parts in rows
    )


def _pieces(notation: Notation, parts: Words) -> str:
    """Words and formulas on one line."""
    return "".join(
        html.escape(part) if isinstance(part, str) else _math(notation, part, display=True)
        for part in (parts if isinstance(parts, tuple) else (parts,))
    )


def _named(notation: Notation, name: str) -> str:
    known = notation.name(name) if name in ("T", "A", "h", "forward", "backward") else name
    return html.escape(known[0].upper() + known[1:])


def _family_rows(formulas: Formulas) -> Iterator[Row]:
    yield "support", [formulas.support]
    component = formulas.componentwise and formulas.statistic != x
    yield "T", [equal(T(x)[i] if component else T(x), formulas.statistic)]
    yield "h", [equal(h(x), formulas.base)]
    yield "A", [equal(A(natural), formulas.log_partition)]
    yield "domain", [formulas.domain]


def _parameter_rows(formulas: Formulas) -> Iterator[Row]:
    index = formulas.componentwise
    usual = [
        equal(Symbol(role)[i] if index else Symbol(role), formula)
        for role, formula in formulas.usual.items()
    ]
    if usual:
        yield "usual parameters", list(usual)
    yield "forward", [equal(mean[i] if index else mean, formulas.forward)]
    if formulas.backward is None:
        yield "backward", ["no closed form: Newton inverts the forward map"]
    else:
        yield "backward", [equal(natural[i] if index else natural, formulas.backward)]
    yield "mean space", [formulas.mean_space]
    yield "edge", [formulas.closure]


def _derived_rows(formulas: Formulas) -> Iterator[Row]:
    yield "Fisher information", [equal(Symbol("∇²A")(natural), formulas.fisher)]
    yield "entropy", [equal(Symbol("H"), formulas.entropy)]
    yield "KL divergence", [equal(Symbol("KL")(_pair), formulas.kl)]
    yield "maximum likelihood", list(formulas.mle)


def _example(notation: Notation, p: Distribution) -> str:
    sides = [
        (natural, p.natural_parameter),
        (mean, p.mean_parameter),
        (A(natural), p.log_partition),
        (Symbol("H"), p.entropy()),
        (Symbol("∇²A")(natural), p.fisher_information),
    ]
    shown = []
    for letter, value in sides:
        rounded = np.round(np.asarray(value, dtype=float), 4)
        shown.append(f"<span>{_math(notation, equal(letter, entries(rounded)))}</span>")
    return "".join(shown)


_gradient, _other = Symbol("∇A")(natural), Symbol("natural", prime=True)
_pair = Chain((density.letter, Symbol("p", prime=True)), ("‖",))
_LAWS = (
    equal(mean, Expectation(T(x)), _gradient),
    equal(Symbol("∇²A")(natural), Function("Cov", T(x))),
    equal(Symbol("A*")(mean), Inner(natural, mean) - A(natural)),
    equal(natural, Symbol("∇A*")(mean)),
    equal(Symbol("KL")(_pair), A(_other) - A(natural) - Inner(_other - natural, mean)),
)
