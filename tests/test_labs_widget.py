"""The widgets of labs: what they read, write and refuse."""

from __future__ import annotations

import builtins
import importlib.util

import numpy as np
import pytest
from test_labs_mathematics import MEMBERS, agree

import expfam
from expfam.labs import modules
from expfam.special import softmax

INF = np.inf

needs_anywidget = pytest.mark.skipif(
    importlib.util.find_spec("anywidget") is None, reason="the widget needs anywidget"
)


def test_without_anywidget_the_widget_says_what_to_install(monkeypatch):
    imported = builtins.__import__

    def refuse(name, *rest):
        if name == "anywidget":
            raise ImportError(name)
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match="a widget needs anywidget: pip install anywidget$"):
        expfam.lab("softmax").widget()


@needs_anywidget
def test_the_widget_reads_and_writes():
    fit = expfam.fit({"a": 1, "b": 3, "c": 0})
    widget = expfam.lab("softmax", fit).widget()
    agree(widget.mean, fit.probabilities)
    assert widget.get_state(["natural"])["natural"][2] == "-Infinity"
    assert widget._esm == modules.text("softmax")
    widget.set_state({"natural": ["-Infinity", 0, 1.5], "temperature": 0.5})
    assert widget.natural == [-INF, 0.0, 1.5]
    agree(widget.mean, softmax(np.array([-INF, 0.0, 3.0])))
    widget.natural, widget.temperature = [2, 2, 1], 0
    assert widget.mean == [0.5, 0.5, 0.0]
    for trait, value, words in [
        ("natural", [1, 2], "must have the shape"),
        ("natural", [np.nan, 0, 0], "nan"),
        ("temperature", -1, "temperature must be finite and not negative; got -1"),
        ("temperature", INF, "must be finite"),
    ]:
        with pytest.raises(ValueError, match=words):
            setattr(widget, trait, value)
    assert repr(widget).endswith("natural=[2.0, 2.0, 1.0]")


@needs_anywidget
@pytest.mark.parametrize("name", MEMBERS)
def test_the_widget_of_duality_has_every_family(name):
    widget = expfam.lab("duality").widget()
    widget.natural = widget.other = -1
    widget.family = name
    agree(widget.mean, np.ravel(MEMBERS[name][0](-1.0).mean_parameter)[{"E": 1}.get(name[0], 0)])


@needs_anywidget
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("Bernoulli", [np.nan]),
        ("Poisson", [np.nan, INF, 43]),
        ("Gaussian, variance 1", [np.nan, INF, -INF, 2e6]),
        ("Exponential", [np.nan, 0, 2.5, -INF]),
    ],
)
def test_the_widget_of_duality_refuses_what_no_member_has(name, wrong):
    widget = expfam.lab("duality").widget()
    widget.natural = widget.other = -1
    widget.family = name
    for value in wrong:
        for trait in ("natural", "other"):
            with pytest.raises(ValueError, match=f"lab: {trait} of a member of {name} must be"):
                setattr(widget, trait, value)
    assert (widget.natural, widget.other) == (-1, -1)


@needs_anywidget
def test_the_widget_changes_its_family_with_members_of_both():
    widget = expfam.lab("duality").widget()
    with pytest.raises(ValueError, match="family must be one of Bernoulli, .*; got 'Cauchy'"):
        widget.family = "Cauchy"
    with pytest.raises(ValueError, match=r"natural of a member of Exponential .*; got 0\.2"):
        widget.family = "Exponential"
    assert widget.family == "Poisson"
    widget.set_state({"family": "Exponential", "natural": -1, "other": -0.25})  # by the page
    assert widget.mean == 1
    widget.set_state({"natural": 40, "other": 0.0, "family": "Poisson"})
    agree(widget.mean, np.exp(40))
