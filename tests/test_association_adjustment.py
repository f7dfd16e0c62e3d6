"""p-values adjusted for several tests: R's, and their definitions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from expfam import association


def test_adjusted_pvalues_as_in_r():
    """R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm"), and "BH", "bonferroni"."""
    p = [0.01, 0.02, 0.03, 0.04, 0.05]
    adjusted = association.adjusted_pvalues
    assert adjusted(p) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert adjusted(p, "benjamini_hochberg") == pytest.approx([0.05] * 5)
    assert adjusted(p, "bonferroni") == pytest.approx([0.05, 0.1, 0.15, 0.2, 0.25])
    assert adjusted(p, "none").tolist() == p
    assert adjusted([0.9, 0.8], "bonferroni").tolist() == [1, 1]
    assert adjusted([]).shape == (0,)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_adjusted_pvalues_by_their_definitions(p):
    ours = association.adjusted_pvalues(p, "benjamini_hochberg")
    assert ours == pytest.approx(stats.false_discovery_control(p))
    holm = [max(min(1, (len(p) - sum(q < r for q in p)) * r) for r in p if r <= each) for each in p]
    assert association.adjusted_pvalues(p) == pytest.approx(holm)
