"""Two media of formulas: text in Unicode, and MathML that browsers draw."""

from __future__ import annotations

import html
import re
from typing import Protocol

_RAISED = dict(zip("0123456789−Kdkn", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᴷᵈᵏⁿ", strict=True))
_LOWERED = dict(zip("0123456789ijkn", "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙ", strict=True))
_LARGE = {"Σ": "∑", "⊕": "⨁"}
_SMALL = {(1, 2): "½", (1, 3): "⅓", (1, 4): "¼", (3, 4): "¾", (1, 8): "⅛"}


class Medium(Protocol):
    """How the pieces of a formula look in text, MathML or LaTeX."""

    flat: bool  # fractions on one line

    def symbol(self, glyph: str, prime: bool) -> str: ...
    def number(self, digits: str, power: int | None) -> str: ...
    def words(self, text: str) -> str: ...
    def sign(self, sign: str, prefix: bool = False) -> str: ...
    def row(self, *parts: str) -> str: ...
    def fence(self, left: str, body: str, right: str) -> str: ...
    def ratio(self, above: str, below: str) -> str: ...
    def small_ratio(self, above: int, below: int) -> str: ...
    def power(self, base: str, exponent: str) -> str: ...
    def index(self, base: str, index: str) -> str: ...
    def root(self, body: str) -> str: ...
    def call(self, name: str, body: str, fenced: bool) -> str: ...
    def over(self, sign: str, index: str, body: str, low: str = "", high: str = "") -> str: ...
    def juxtaposed(self, left: str, right: str, close: bool) -> str: ...
    def transposed(self, body: str) -> str: ...
    def bar(self, body: str) -> str: ...
    def choose(self, n: str, x: str) -> str: ...
    def matrix(self, rows: list[list[str]]) -> str: ...


class Text:
    """One line of Unicode."""

    flat = True

    def symbol(self, glyph: str, prime: bool) -> str:
        return glyph + "′" * prime

    def number(self, digits: str, power: int | None) -> str:
        return digits if power is None else f"{digits}×10{_lifted(str(power).replace('-', '−'))}"

    def words(self, text: str) -> str:
        return text

    def sign(self, sign: str, prefix: bool = False) -> str:
        if prefix:
            return sign
        return {",": ", ", ";": "; ", "|": " | ", "·": " · "}.get(sign, f" {sign} ")

    def row(self, *parts: str) -> str:
        return "".join(parts)

    def fence(self, left: str, body: str, right: str) -> str:
        return f"{left}{body}{right}"

    def ratio(self, above: str, below: str) -> str:
        return f"{above} / {below}"

    def small_ratio(self, above: int, below: int) -> str:
        return _SMALL.get((above, below), f"{above}/{below}")

    def power(self, base: str, exponent: str) -> str:
        return base + (_lifted(exponent) or f"^({exponent})")

    def index(self, base: str, index: str) -> str:
        lowered = "".join(_LOWERED.get(char, "") for char in index)
        prime = base[-1] if base.endswith(("′", "*")) else ""
        base = base.removesuffix(prime)
        below = f"_({index})" if " " in index else f"_{index}"
        return base + (lowered if len(lowered) == len(index) else below) + prime

    def root(self, body: str) -> str:
        return f"√{body}"

    def call(self, name: str, body: str, fenced: bool) -> str:
        return f"{name}({body})" if fenced else f"{name} {body}"

    def over(self, sign: str, index: str, body: str, low: str = "", high: str = "") -> str:
        if sign == "∫":
            return f"∫{f'[{low}, {high}]' if low else ''} {body} d{index}"
        return f"{self.index(sign, f'{index} = {low} … {high}' if low else index)} {body}"

    def juxtaposed(self, left: str, right: str, close: bool) -> str:
        return left + right if close else f"{left} {right}"

    def transposed(self, body: str) -> str:
        return f"{body}ᵀ"

    def bar(self, body: str) -> str:
        return f"{body}̄" if len(body) == 1 else f"mean({body})"

    def choose(self, n: str, x: str) -> str:
        return f"({n} choose {x})"

    def matrix(self, rows: list[list[str]]) -> str:
        return "[" + ", ".join(f"[{', '.join(row)}]" for row in rows) + "]"


def _lifted(text: str) -> str:
    """The text in raised characters, or nothing where one has no raised form."""
    raised = "".join(_RAISED.get(char, "") for char in text)
    return raised if len(raised) == len(text) else ""


class MathML:
    """Presentation MathML Core, which browsers draw without scripts."""

    flat = False

    def symbol(self, glyph: str, prime: bool) -> str:
        if glyph.startswith("∇"):
            glyph, operator = glyph.lstrip("∇²"), glyph[: len(glyph) - len(glyph.lstrip("∇²"))]
            nabla = "<mo>∇</mo>"
            if operator.endswith("²"):
                nabla = f"<msup>{nabla}<mn>2</mn></msup>"
            return f"<mrow>{nabla}{self.symbol(glyph.strip(), prime)}</mrow>"
        if glyph.endswith("*") and len(glyph) > 1:
            return f"<msup><mi>{glyph[:-1]}</mi><mo>*</mo></msup>"
        if glyph == "…":
            return "<mo>…</mo>"
        upright = ' mathvariant="normal"' if glyph in "∞ℝ𝟙" else ""
        if " " in glyph:  # ln g
            space = '<mspace width="0.1667em"/>'
            return self.row(space.join(f"<mi>{part}</mi>" for part in glyph.split()))
        letter = f"<mi{upright}>{html.escape(glyph)}</mi>"
        return f"<msup>{letter}<mo>′</mo></msup>" if prime else letter

    def number(self, digits: str, power: int | None) -> str:
        if power is None:
            return f"<mn>{digits}</mn>"
        sign = "<mo>−</mo>" if power < 0 else ""
        raised = f"<msup><mn>10</mn><mrow>{sign}<mn>{abs(power)}</mn></mrow></msup>"
        return f"<mrow><mn>{digits}</mn><mo>×</mo>{raised}</mrow>"

    def words(self, text: str) -> str:
        return f"<mo>{text}</mo>" if text == "!" else f"<mtext>{html.escape(text)}</mtext>"

    def sign(self, sign: str, prefix: bool = False) -> str:
        if sign == "·":
            return "<mo>⋅</mo>"
        if sign in ",;":
            return f'<mo separator="true">{sign}</mo>'
        return f'<mo form="prefix">{sign}</mo>' if prefix else f"<mo>{html.escape(sign)}</mo>"

    def row(self, *parts: str) -> str:
        return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"

    def fence(self, left: str, body: str, right: str) -> str:
        tall = any(tag in body for tag in ("<mfrac", "<mtable", "<munder"))
        stretch = "true" if tall else "false"
        fences = (f'<mo form="{form}" fence="true" stretchy="{stretch}">{sign}</mo>'
                  for form, sign in (("prefix", left), ("postfix", right)))  # fmt: skip
        return f"<mrow>{next(fences)}{body}{next(fences)}</mrow>"

    def ratio(self, above: str, below: str) -> str:
        return f"<mfrac>{above}{below}</mfrac>"

    def small_ratio(self, above: int, below: int) -> str:
        small = self.ratio(f"<mn>{above}</mn>", f"<mn>{below}</mn>")
        return f'<mstyle displaystyle="false">{small}</mstyle>'

    def power(self, base: str, exponent: str) -> str:
        if base.startswith("<msub>"):
            inside = base.removeprefix("<msub>").removesuffix("</msub>")
            return f"<msubsup>{inside}{exponent}</msubsup>"
        return f"<msup>{base}{exponent}</msup>"

    def index(self, base: str, index: str) -> str:
        if marked := re.fullmatch(
            "(.*)<msup>(<mi.*?>.</mi>)(<mo>[*′]</mo>)</msup>((?:</mrow>)?)", base
        ):
            before, letter, mark, after = marked.groups()
            return f"{before}<msubsup>{letter}{index}{mark}</msubsup>{after}"
        return f"<msub>{base}{index}</msub>"

    def root(self, body: str) -> str:
        return f"<msqrt>{body}</msqrt>"

    def call(self, name: str, body: str, fenced: bool) -> str:
        names = "".join(
            f'<mspace width="0.1667em"/><mi mathvariant="normal">{part}</mi>'
            if part in "ΓψEB"
            else "<msup><mi>ψ</mi><mo>′</mo></msup>"
            if part == "ψ′"
            else f"<mi>{part}</mi>"
            for part in name.split()
        )
        if fenced:
            return f"<mrow>{names}<mo>&#x2061;</mo>{self.fence('(', body, ')')}</mrow>"
        return f'<mrow>{names}<mo>&#x2061;</mo><mspace width="0.1667em"/>{body}</mrow>'

    def over(self, sign: str, index: str, body: str, low: str = "", high: str = "") -> str:
        if sign == "∫":
            whole = f"<msubsup><mo>∫</mo>{low}{high}</msubsup>" if low else "<mo>∫</mo>"
            return f"<mrow>{whole}{body}<mspace width='0.1667em'/><mi>d</mi>{index}</mrow>"
        sign = f'<mo movablelimits="false">{_LARGE.get(sign, sign)}</mo>'
        if low:
            start = self.row(index, self.sign("="), low)
            return f"<mrow><munderover>{sign}{start}{high}</munderover>{body}</mrow>"
        return f"<mrow><munder>{sign}{index}</munder>{body}</mrow>"

    def juxtaposed(self, left: str, right: str, close: bool) -> str:
        space = "" if close else '<mspace width="0.1667em"/>'
        return f"<mrow>{left}<mo>&#x2062;</mo>{space}{right}</mrow>"

    def transposed(self, body: str) -> str:
        return f'<msup>{body}<mi mathvariant="normal">T</mi></msup>'

    def bar(self, body: str) -> str:
        return (
            f'<mrow style="border-top:.07em solid;padding-top:.12em;margin:0 .06em">{body}</mrow>'
        )

    def choose(self, n: str, x: str) -> str:
        return self.fence("(", f'<mfrac linethickness="0">{n}{x}</mfrac>', ")")

    def matrix(self, rows: list[list[str]]) -> str:
        cells = "".join(
            f"<mtr>{''.join(f'<mtd>{cell}</mtd>' for cell in row)}</mtr>" for row in rows
        )
        return self.fence("[", f"<mtable>{cells}</mtable>", "]")


TEXT, MATHML = Text(), MathML()
