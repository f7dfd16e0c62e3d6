"""Measures of association: oracles, second implementations, invariances, what is refused."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from expfam import association

ORACLE = json.loads((Path(__file__).parent / "oracles" / "hair_eye_color.json").read_text())
HAIR = np.array(ORACLE["expected"]["two_way"]["table"])
SMALL = np.array([[10, 2, 1], [3, 12, 4]])
MEASURES = {
    "V": association.cramers_v,
    "V corrected": lambda x: association.cramers_v(x, corrected=True),
    "C": association.contingency_coefficient,
    "lambda columns": association.goodman_kruskal_lambda,
    "lambda rows": lambda x: association.goodman_kruskal_lambda(x, "rows"),
    "lambda both": lambda x: association.goodman_kruskal_lambda(x, "both"),
    "tau columns": association.goodman_kruskal_tau,
    "tau rows": lambda x: association.goodman_kruskal_tau(x, "rows"),
}
tables = st.integers(2, 4).flatmap(
    lambda c: st.lists(
        st.lists(st.integers(0, 30), min_size=c, max_size=c), min_size=2, max_size=4
    ).filter(lambda rows: min(sum(any(x) for x in rows), sum(any(x) for x in zip(*rows))) > 1)  # noqa: B905
)


# ---------------------------------------------------------------- two sources


def test_hair_and_eyes_as_in_r():
    expected = ORACLE["expected"]["two_way"]
    assert association.pearson(HAIR) == pytest.approx(expected["X2"], rel=1e-13)
    assert association.likelihood_ratio(HAIR) == pytest.approx(expected["G2"], rel=1e-12)
    assert association.degrees_of_freedom(HAIR) == expected["df"]
    assert association.cramers_v(HAIR).value == pytest.approx(expected["cramer_v"], rel=1e-13)
    coefficient = association.contingency_coefficient(HAIR).value
    assert coefficient == pytest.approx(expected["contingency"], rel=1e-13)
    for name, of in (
        ("stdres", association.adjusted_residuals),
        ("residuals", association.residuals),
        ("expected", association.expected),
    ):
        np.testing.assert_allclose(of(HAIR), expected[name], rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(tables)
def test_statistics_agree_with_scipy(rows):
    x = np.array(rows)
    x = x[x.any(1)][:, x.any(0)]
    for name, of in (
        ("pearson", association.pearson),
        ("log-likelihood", association.likelihood_ratio),
    ):
        theirs = stats.chi2_contingency(x, correction=False, lambda_=name)
        assert of(x) == pytest.approx(theirs.statistic, rel=1e-9, abs=1e-9)
        assert association.degrees_of_freedom(x) == theirs.dof
        np.testing.assert_allclose(association.expected(x), theirs.expected_freq, rtol=1e-13)
    for method, of in (
        ("cramer", association.cramers_v),
        ("pearson", association.contingency_coefficient),
    ):
        theirs = stats.contingency.association(x, method=method)
        assert of(x).value == pytest.approx(theirs, rel=1e-7, abs=1e-7)


def first_lambda(p):
    """λ of the columns, as a function of proportions."""
    return (p.max(1).sum() - p.sum(0).max()) / (p.sum() - p.sum(0).max())


def both_lambda(p):
    saved = p.max(1).sum() + p.max(0).sum() - p.sum(0).max() - p.sum(1).max()
    return saved / (2 * p.sum() - p.sum(0).max() - p.sum(1).max())


def first_tau(p):
    p = p / p.sum()
    left = 1 - (p.sum(0) ** 2).sum()
    return ((p**2 / p.sum(1, keepdims=True)).sum() - (p.sum(0) ** 2).sum()) / left


@pytest.mark.parametrize("table", [HAIR, SMALL, HAIR.T, [[20, 5], [4, 8], [9, 1]]])
@pytest.mark.parametrize(
    ("of", "formula", "transposed"),
    [
        ("lambda columns", first_lambda, False),
        ("lambda rows", first_lambda, True),
        ("lambda both", both_lambda, False),
        ("tau columns", first_tau, False),
        ("tau rows", first_tau, True),
    ],
)
def test_standard_errors_are_those_of_the_delta_method(table, of, formula, transposed):
    """The gradient by central differences of another formula, and √(g'Σg/n), Σ = diag p − pp'."""
    x = np.asarray(table, dtype=float)
    result = MEASURES[of](x)
    p = (x.T if transposed else x) / x.sum()
    assert result.value == pytest.approx(formula(p), rel=1e-12)
    gradient = np.zeros(p.size)
    for cell in range(p.size):
        step = np.zeros(p.size)
        step[cell] = 1e-6
        step = step.reshape(p.shape)
        gradient[cell] = (formula(p + step) - formula(p - step)) / 2e-6
    covariance = np.diag(p.ravel()) - np.outer(p, p)
    error = math.sqrt(gradient @ covariance @ gradient / x.sum())
    assert result.standard_error == pytest.approx(error, rel=1e-5)
    assert result.upper == pytest.approx(min(result.value + stats.norm.ppf(0.975) * error, 1))


def test_goodman_and_kruskal_print_their_variance_of_lambda():
    """Goodman & Kruskal (1972), in counts: (n − Σm)(Σm + M − 2Σ*m) / (n − M)³."""
    n, best, mode = HAIR.sum(), HAIR.max(1), HAIR.sum(0).argmax()
    most = HAIR.sum(0).max()
    starred = best[HAIR.argmax(1) == mode].sum()
    variance = (n - best.sum()) * (best.sum() + most - 2 * starred) / (n - most) ** 3
    result = association.goodman_kruskal_lambda(HAIR)
    assert result.standard_error == pytest.approx(math.sqrt(variance), rel=1e-12)


def test_tau_is_v_squared_of_two_columns():
    x = [[12, 5], [3, 9], [7, 7]]
    square = association.cramers_v(x).value ** 2
    assert association.goodman_kruskal_tau(x).value == pytest.approx(square, rel=1e-13)


def test_the_corrected_v_is_bergsmas():
    """Bergsma (2013), the formulas as printed."""
    (r, c), n = SMALL.shape, SMALL.sum()
    phi = max(association.pearson(SMALL) / n - (r - 1) * (c - 1) / (n - 1), 0)
    rows, columns = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    expected = math.sqrt(phi / (min(rows, columns) - 1))
    assert association.cramers_v(SMALL, corrected=True).value == pytest.approx(expected, rel=1e-12)
    assert association.cramers_v([[3, 2], [2, 3]], corrected=True).value == 0
    assert association.cramers_v([[1, 0], [0, 1]], corrected=True).value == 0


# ---------------------------------------------------------------- laws


@settings(max_examples=20, deadline=None)
@given(tables, st.randoms(use_true_random=False), st.sampled_from([2, 7, 1000]))
def test_invariances(rows, random, times):
    x = np.array(rows)
    shuffled = x[random.sample(range(len(x)), len(x))][
        :, random.sample(range(x.shape[1]), x.shape[1])
    ]
    padded = np.pad(x, ((0, 1), (1, 0)))
    for name, of in MEASURES.items():
        value = of(x).value
        assert 0 <= of(x).lower <= of(x).upper <= 1
        if name != "V corrected":
            assert of(x).lower <= value <= of(x).upper
            assert of(x * times).value == pytest.approx(value, rel=1e-9, abs=1e-12)
        assert of(shuffled).value == pytest.approx(value, rel=1e-9, abs=1e-12)
        assert of(padded) == of(x)
        other = {"columns": "rows", "rows": "columns"}.get(name.split()[-1])
        same = MEASURES[f"{name.split()[0]} {other}"] if other else of
        assert same(x.T).value == pytest.approx(value, rel=1e-9, abs=1e-12)
    np.testing.assert_allclose((association.residuals(x) ** 2).sum(), association.pearson(x))
    np.testing.assert_allclose(association.expected(x).sum(1), x.sum(1))


@pytest.mark.parametrize("table", [[[7, 0, 0], [0, 2, 3]], [[5, 0], [0, 1]], [[0.1, 0], [0, 0.1]]])
def test_what_is_perfect_is_one(table):
    assert association.cramers_v(table).value == 1 == association.cramers_v(table).upper
    rows = association.goodman_kruskal_lambda(table, "rows")
    tau = association.goodman_kruskal_tau(table, "rows")
    for result in (rows, tau):
        assert (result.value, result.lower, result.upper) == (1, 0, 1)
        assert result.standard_error is None
        assert result.note == "no asymptotic law holds at 1, and no interval but all of [0, 1]"


@pytest.mark.parametrize("times", [1, 3, 10**9, 0.1, 1 / 3])
def test_what_is_independent_is_zero(times):
    table = np.outer([2, 3, 5], [1, 4]) * times
    assert association.pearson(table) == 0
    assert association.likelihood_ratio(table) == pytest.approx(0, abs=1e-12 * table.sum())
    assert (association.adjusted_residuals(table) == 0).all()
    for name in ("V", "C", "lambda columns", "lambda both", "tau columns", "tau rows"):
        result = MEASURES[name](table)
        assert result.value == result.lower == 0 < result.upper


def test_ties_are_said():
    assert "tied" in association.goodman_kruskal_lambda([[5, 5, 1], [1, 2, 9]]).note
    assert association.goodman_kruskal_lambda(SMALL).note == ""


def test_empty_rows_and_columns():
    x = [[3, 0, 1], [0, 0, 0], [2, 0, 7]]
    assert association.degrees_of_freedom(x) == 1
    for of in (association.residuals, association.adjusted_residuals, association.expected):
        assert (of(x)[1] == 0).all()
        assert (of(x)[:, 1] == 0).all()
    assert association.pearson(x) == association.pearson([[3, 1], [2, 7]])
    assert (association.adjusted_residuals([[3, 0], [2, 0]]) == 0).all()


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("of", MEASURES.values(), ids=MEASURES)
def test_measures_need_two_by_two(of):
    with pytest.raises(ValueError, match=r"two rows and two columns .* in 2 rows and 1 column$"):
        of([[3, 0], [2, 0]])


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        ([3, 2], ValueError, r"pearson: table must have rows and columns; got the shape \(2,\)"),
        ([[]], ValueError, r"got the shape \(1, 0\)"),
        ([[3, -1], [2, 2]], ValueError, r"non-negative and finite; entry \(0, 1\) is -1"),
        ([[3, math.nan], [2, 2]], ValueError, r"entry \(0, 1\) is nan"),
        ([[0, 0], [0, 0]], ValueError, r"at least one count; all are 0"),
        (pd.DataFrame([[1, 2], [3, 4]]), TypeError, r"bare array; labels are kept by fit.compare"),
        ([["a"]], TypeError, r"real numbers"),
    ],
)
def test_bad_tables_are_refused(table, error, message):
    with pytest.raises(error, match=message):
        association.pearson(table)


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match="predict must be one of columns, rows, both; got 'x'"):
        association.goodman_kruskal_lambda(SMALL, "x")
    with pytest.raises(ValueError, match="predict must be one of columns, rows; got 'both'"):
        association.goodman_kruskal_tau(SMALL, "both")
    with pytest.raises(ValueError, match="cramers_v: level must be between 0 and 1"):
        association.cramers_v(SMALL, 1.0)
    with pytest.raises(ValueError, match=r"adjustment must be one of holm, .*; got 'x'"):
        association.adjusted_pvalues([0.1], "x")
    with pytest.raises(ValueError, match="between 0 and 1; entry 0 is 2"):
        association.adjusted_pvalues([2])
    with pytest.raises(ValueError, match="one axis"):
        association.adjusted_pvalues([[0.1]])
