"""Formulas and words in LaTeX, for amsmath and amssymb."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TEX = {
    "η": r"\eta", "θ": r"\theta", "μ": r"\mu", "φ": r"\phi", "α": r"\alpha", "β": r"\beta",
    "ν": r"\nu", "λ": r"\lambda", "γ": r"\gamma", "σ": r"\sigma", "Γ": r"\Gamma", "ψ": r"\psi",
    "ε": r"\varepsilon", "κ": r"\kappa", "ρ": r"\rho", "I₀": "I_0", "I₁": "I_1",
    "∞": r"\infty", "∇": r"\nabla", "ℝ": r"\mathbb{R}", "𝟙": r"\mathbf{1}", "…": r"\dots",
    "Σ": r"\sum", "∏": r"\prod", "∫": r"\int", "max": r"\max", "·": r"\cdot", "−": "-", "≤": r"\le",
    "≥": r"\ge", "≈": r"\approx", "∈": r"\in", "|": r"\mid", "⟨": r"\langle", "⟩": r"\rangle",
    "{": r"\{", "}": r"\}", "‖": r"\,\|\,", "≠": r"\ne", "π": r"\pi",
    "ℓ": r"\ell", "∂": r"\partial", "⊗": r"\otimes", "≺": r"\prec", "≻": r"\succ",
    "⊕": r"\bigoplus",
}  # fmt: skip
_TEX_TEXT = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "…": r"\dots{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
}  # fmt: skip
_TEX_WORDS = {
    "cos": r"\cos",
    "sin": r"\sin",
    "arg": r"\arg",
    "log": r"\log",
    "ln": r"\ln",
    "exp": r"\exp",
    "max": r"\max",
}


_TALL = (
    r"\frac",
    r"\sum",
    r"\prod",
    r"\int",
    r"\binom",
    r"\begin",
    r"\left",
)  # fences grow with it


class LaTeX:
    """LaTeX for amsmath and amssymb."""

    flat = False

    def symbol(self, glyph: str, prime: bool) -> str:
        if glyph.startswith("∇"):
            rest = glyph[1:].removeprefix("²").strip()
            square = "^2 " if "²" in glyph else " "
            return rf"\nabla{square}{self.symbol(rest, prime)}"
        if glyph.endswith("*") and len(glyph) > 1:
            return f"{glyph[:-1]}^*"
        return " ".join(map(_tex_letter, glyph.split())) + "'" * prime

    def number(self, digits: str, power: int | None) -> str:
        return digits if power is None else rf"{digits}\times 10^{{{power}}}"

    def words(self, text: str) -> str:
        return text if text == "!" else rf"\text{{{escaped(text)}}}"

    def sign(self, sign: str, prefix: bool = False) -> str:
        if sign in ",;":
            return f"{sign}\\, "
        return _TEX.get(sign, sign) if prefix else f" {_TEX.get(sign, sign)} "

    def row(self, *parts: str) -> str:
        return "".join(parts)

    def fence(self, left: str, body: str, right: str) -> str:
        if left == "|":
            left, right = r"\lvert", r"\rvert"
        left, right = _TEX.get(left, left), _TEX.get(right, right)
        if any(tall in body for tall in _TALL):
            return rf"\left{left} {body} \right{right}"
        return f"{left} {body} {right}" if left[1:].isalpha() else f"{left}{body}{right}"

    def ratio(self, above: str, below: str) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    def small_ratio(self, above: int, below: int) -> str:
        return rf"\tfrac{{{above}}}{{{below}}}"

    def power(self, base: str, exponent: str) -> str:
        simple = re.fullmatch(r"\\?\w+(_\{[\w ]+\})?", base)
        return f"{base}^{{{exponent}}}" if simple else f"{{{base}}}^{{{exponent}}}"

    def index(self, base: str, index: str) -> str:
        if twice := re.fullmatch(r"(.*_\{[^{}]*)\}", base):  # of which LaTeX takes one alone
            return f"{twice[1]} {index}}}"
        prime = "'" * base.endswith("'")
        return f"{base.removesuffix(prime) if prime else base}_{{{index}}}{prime}"

    def root(self, body: str) -> str:
        return rf"\sqrt{{{body}}}"

    def call(self, name: str, body: str, fenced: bool) -> str:
        names = " ".join(map(_tex_name, name.split()))
        return f"{names}{self.fence('(', body, ')')}" if fenced else f"{names} {body}"

    def over(self, sign: str, index: str, body: str, low: str = "", high: str = "") -> str:
        ends = f"_{{{low}}}^{{{high}}}" if low else ""
        if sign == "∫":
            return rf"\int{ends} {body} \,d{index}"
        ends = f"_{{{index} = {low}}}^{{{high}}}" if low else f"_{{{index}}}"
        return f"{_TEX[sign]}{ends} {body}"

    def juxtaposed(self, left: str, right: str, close: bool) -> str:
        return f"{left} {right}" if close else rf"{left}\,{right}"

    def transposed(self, body: str) -> str:
        return rf"{{{body}}}^{{\mathsf{{T}}}}"

    def bar(self, body: str) -> str:
        return rf"\overline{{{body}}}"

    def choose(self, n: str, x: str) -> str:
        return rf"\binom{{{n}}}{{{x}}}"

    def matrix(self, rows: list[list[str]]) -> str:
        return rf"\begin{{bmatrix}}{_tex_rows(rows)}\end{{bmatrix}}"


def escaped(text: str) -> str:
    """Words for LaTeX outside mathematics; letters and signs of formulas as mathematics."""
    return "".join(
        _TEX_TEXT.get(char)
        or (f"${_TEX[char].strip()}$" if ord(char) > 127 and char in _TEX else char)
        for char in text
    )


def _tex_letter(glyph: str) -> str:
    if len(glyph) > 1 and glyph.isascii() and glyph not in _TEX_WORDS:
        return rf"\mathrm{{{glyph}}}"
    if glyph == "Σ":  # a covariance; sums are set by `over`
        return r"\Sigma"
    return _TEX_WORDS.get(glyph) or _TEX.get(glyph, glyph)


def _tex_name(name: str) -> str:
    if name in _TEX_WORDS:
        return _TEX_WORDS[name]
    if name == "E":
        return r"\mathbb{E}"
    letter = _TEX.get(name.removesuffix("′"), "")
    return letter + "'" * name.endswith("′") if letter else rf"\operatorname{{{name}}}"


def _tex_rows(rows: Sequence[Sequence[str]]) -> str:
    return r" \\ ".join(" & ".join(row) for row in rows)


LATEX = LaTeX()
