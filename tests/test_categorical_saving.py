"""A CategoricalFit to and from dicts, JSON, pickles and frames."""

import json
import math
import pickle

import pandas as pd
import pytest
from fits import FRAME, LABELS

import expfam
from expfam import CategoricalFit


@pytest.mark.parametrize(
    "fit",
    [
        expfam.fit(LABELS),
        expfam.fit([1, 2, 2, -5]),
        expfam.fit([True, False]),
        expfam.fit([1.5, 2.0], categories=[1.5, 2.0]),
        expfam.fit({"a": 2.0**60 + 2**10, "b": 0.1}),
        expfam.fit({"a": 2**61 + 1, "b": 1}),
        expfam.fit(FRAME, "x", by="g"),
        expfam.fit(FRAME, "x", by=["g", "h"], weights="w"),
        expfam.fit({'"\\\n\u2028é\U0001f426': 1, "b": 0}),
    ],
)
def test_round_trip_is_exact(fit):
    again = CategoricalFit.from_json(fit.to_json())
    assert again == fit
    assert hash(again) == hash(fit)
    assert CategoricalFit.from_dict(fit.to_dict()) == fit
    assert again.counts.equals(fit.counts)
    assert again.table.counts.dtype == fit.table.counts.dtype
    assert [type(label) for label in again.categories] == [type(label) for label in fit.categories]
    assert again.natural.equals(fit.natural)
    assert pickle.loads(pickle.dumps(fit)) == fit


def test_equality_is_of_everything(fit):
    assert fit != expfam.fit([*LABELS, None])
    assert fit != expfam.fit({"a": 2.0, "b": 5.0, "c": 2.0})
    assert expfam.fit([True, False]) != expfam.fit([1, 0])
    assert fit != "fit"


def test_json_holds_the_results_for_other_readers():
    fit = expfam.fit({"a": 1, "b": 0})
    data = json.loads(fit.to_json(level=0.9, method="wilson"), parse_constant=pytest.fail)
    assert (data["format"], data["version"]) == ("expfam.CategoricalFit", 1)
    results = data["results"]
    assert results["natural"] == [0.0, "-Infinity"]
    assert float(results["natural"][1]) == -math.inf
    assert results["probabilities"] == [1.0, 0.0]
    assert results["interval"] == {"level": 0.9, "method": "wilson", "simultaneous": False}
    assert results["log_likelihood_counts"] == 0
    fractional = json.loads(expfam.fit({"a": 0.5}).to_json())
    assert fractional["results"]["log_likelihood_counts"] is None


def _changed(**changes):
    data = expfam.fit(LABELS).to_dict()
    data.update(changes)
    return {key: value for key, value in data.items() if value is not ...}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (_changed(version=2), r'"version" must be 1; got 2'),
        (_changed(version=True), r"got True"),
        (_changed(format="other"), r"got 'other'"),
        (_changed(counts=...), r"'counts' is absent"),
        (_changed(extra=1), r"'extra' is not one of its keys"),
        (_changed(counts=[1, 2]), r"counts must have the shape \(3,\) .* got \(2,\)"),
        (_changed(counts=[1, 2.0, 3]), r"integers or of floats"),
        (_changed(counts=[1, -2, 3]), r"0 to 2\*\*62"),
        (_changed(counts=[1, True, 3]), r"integers or of floats"),
        (_changed(counts=[math.nan, 1.0, 3.0]), r"0 to 2\*\*62"),
        (_changed(counts=[2**62, 1, 1]), r"sum to at most 2\*\*62"),
        (_changed(counts=[0, 0, 0]), r"positive sum"),
        (_changed(counts=[[1, 2], [3]]), r"all of one length"),
        (_changed(counts=[]), r"integers or of floats"),
        (_changed(counts=7), r"counts must have the shape"),
        (_changed(categories=["a", "a", "b"]), r"'categories' must be distinct"),
        (_changed(categories=["a", None, "b"]), r"'categories' must be labels; got a NoneType"),
        (_changed(categories="abc"), r"'categories' must be a list"),
        (_changed(categories=["a", ["b"], "c"], by=["g"]), r'"by" and "groups" must be'),
        (_changed(by="g"), r"'by' must be a list of text"),
        (_changed(notes=[1]), r"'notes' must be a list of text"),
        (_changed(column=3), r"'column' must be text; got a int"),
        (_changed(ledger=7), r"the ledger is not one"),
        (_changed(ledger={"rows": 3}), r"absent"),
        (
            _changed(by=["g"], groups=["u"], counts=[[1, 2, 3]]),
            r"the ledger lacks the group 'u'",
        ),
        ([1], r"got 'list'"),
        (None, r"got 'NoneType'"),
    ],
)
def test_from_dict_refuses(data, message):
    with pytest.raises(ValueError, match=message):
        CategoricalFit.from_dict(data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": 1, "format": 2}', r"distinct keys; 'format' is twice"),
        ('{"x": NaN}', r"finite numbers; it has NaN"),
        ('{"x": -Infinity}', r"it has -Infinity"),
        ("{", r"not JSON: "),
        ("", r"not JSON: "),
        ("[" * 100_000, r"nested too deeply|not JSON"),
        ("{}", r'"format" must be'),
    ],
)
def test_from_json_refuses(text, message):
    with pytest.raises(ValueError, match=message):
        CategoricalFit.from_json(text)


def test_labels_that_json_cannot_hold():
    dates = expfam.fit(pd.Series(pd.to_datetime(["2020-01-01", "2020-01-02"])))
    with pytest.raises(TypeError, match=r"labels in JSON must be text, .* \(a Timestamp\)"):
        dates.to_json()


def test_to_frame(fit):
    frame = fit.to_frame(method="wilson")
    assert frame["count"].equals(fit.counts)
    assert frame["natural"].equals(fit.natural)
    assert frame["lower"].equals(fit.interval(method="wilson").lower)
