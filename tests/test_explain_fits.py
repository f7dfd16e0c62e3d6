"""Derivations of fits and columns, and their HTML."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

import expfam
from expfam import cli
from expfam.cli import grammar
from expfam.derivation import NOTATIONS
from expfam.derivation.formulas import FORMULAS
from expfam.derivation.latex import escaped
from expfam.derivation.media import MATHML
from expfam.derivation.shown import show


def test_a_fit_is_explained_from_its_counts():
    fit = expfam.fit({"yes": 3, "no": 0, "don't know": 5})
    explanation = fit.explain()
    assert explanation.title == "3 categories: from counts to both parameters"
    assert fit.log_likelihood in explanation.numbers
    assert "don't know" in explanation.text
    assert "exp(−∞)" in explanation.text
    assert expfam.explain(fit).text == explanation.text == fit.explain("fit").text
    for key in NOTATIONS:
        assert fit.explain(notation=key).numbers == explanation.numbers
    assert expfam.fit({"a": 2}).explain().title == "1 category: from counts to both parameters"


def test_topics_of_a_fit_take_labels_and_fits():
    fit = expfam.fit({"a": 1, "b": 3})
    assert np.log(0.25) == pytest.approx(fit.explain("log_prob", x="a").numbers[-1])
    other = expfam.fit({"b": 1, "a": 1})
    assert fit.kl(other) in fit.explain("kl", other=other).numbers
    assert fit.explain("kl", other=fit.distribution).numbers[-1] == 0
    frame = expfam.datasets.load("penguins")
    with pytest.raises(ValueError, match=r"has groups: take fit.group\(label\)"):
        expfam.fit(frame, "species", by="island").explain()
    assert expfam.fit(frame, "species").explain().title.startswith("species: from")


def test_fractional_counts_are_explained():
    fit = expfam.fit(["a", "b"], weights=[0.5, 1.25])
    assert 1.75 in fit.explain().numbers


@pytest.mark.parametrize(
    ("form", "start"),
    [("text", "species of"), ("html", "<!DOCTYPE html>"), ("latex", r"\paragraph")],
)
def test_the_command_explains_a_column(form, start, capsys):
    path = str(expfam.datasets.path("penguins"))
    assert cli.main(["explain", path, "species", "--format", form, "--notation", "nielsen"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(start)
    assert "Nielsen and Garcia" in out
    assert list(NOTATIONS) == list(grammar.NOTATIONS)


def test_labels_cannot_break_out():
    fit = expfam.fit({"<b>&": 1, "$x_1$\\": 2, "\n": 1})
    explanation = fit.explain()
    assert "<b>&" not in explanation.to_html()
    assert r"\$x\_1\$\textbackslash{}" in explanation.to_latex()
    assert escaped("a~^{}") == r"a\textasciitilde{}\textasciicircum{}\{\}"


def test_mathml_is_drawn_without_scripts():
    written = show(NOTATIONS["expfam"].write(FORMULAS["Gaussian"].log_partition), MATHML)
    assert ET.fromstring(written).tag == "mrow"
    assert "<msubsup><mi>η</mi><mn>1</mn><mn>2</mn></msubsup>" in written
