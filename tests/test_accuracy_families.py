"""`benchmarks/families.py` measures what it says, and both benchmarks keep each other's section."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("flint", reason="python-flint is not installed")
BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def families(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import families

    yield families
    if families.torch is not None:
        families.torch.distributions.Distribution.set_default_validate_args(True)
    for name in ("families", "family_cases", "exact_counts", "exact_densities", "accuracy"):
        sys.modules.pop(name, None)


def test_every_figure_of_one_family_is_at_rounding(families):
    ((name, ordinary, extreme),) = families.rows("Exponential()")
    assert name == "Exponential()"
    for group in (ordinary, extreme):
        assert set(group) == {"log_prob", "entropy", "kl", "close", "fit"}
        assert all(cell["expfam"] < 1e-15 for cell in group.values())
        assert {"expfam", "scipy"} <= set(group["log_prob"])


def test_a_wrong_definition_is_noticed(families):
    family, exact, naturals, _ = next(families.cases())
    with families.mpmath.workdps(families.DIGITS):
        wrong = exact._replace(log_base=lambda x: families.mpmath.mpf("1e-9"))
        assert 9e-10 < families.measure(family, wrong, naturals)["log_prob"]["expfam"] < 2e-9
        wrong = exact._replace(mean_log_base=lambda eta: families.mpmath.mpf("1e-9"))
        assert 9e-10 < families.measure(family, wrong, naturals)["entropy"]["expfam"] < 2e-9


def test_the_root_by_newton_is_that_in_closed_form(families):
    family, exact = families.e.Gaussian(), sys.modules["exact_densities"].GAUSSIAN
    with families.mpmath.workdps(families.DIGITS):
        for definition in (exact, exact._replace(natural=None)):
            error, rounding = families.likelihood(family, definition, [0.3, 2.09])
            assert error < 4 * rounding < 1e-14


def test_the_section_is_replaced_and_the_rest_is_kept(families, monkeypatch, tmp_path):
    page = tmp_path / "accuracy.md"
    page.write_text(f"# Accuracy\n\nabove{families.FAMILIES}\nstale figures\n", encoding="utf-8")
    arguments = ["families.py", "--only", "Exponential()", "--write", str(page)]
    monkeypatch.setattr(sys, "argv", arguments)
    families.main()
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Accuracy\n\nabove\n## Families\n")
    assert "stale figures" not in text
    assert text.count("| Exponential() |") == 4
    assert "Measured with" in text
