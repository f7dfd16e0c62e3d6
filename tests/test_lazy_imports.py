"""What importing the package, a family or a fit loads, and what its names are."""

import importlib
import subprocess
import sys

import pytest

import expfam
from expfam import families

HEAVY = {"numpy", "scipy", "pandas", "narwhals", "matplotlib", "scipy.stats", "polars", "pyarrow"}


def _loaded(statement):
    code = f"import sys\n{statement}\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    assert not _loaded("import expfam") & HEAVY
    assert not _loaded("import expfam.cli.grammar; expfam.cli.grammar.parser()") & HEAVY


def test_a_family_loads_no_data_frames():
    loaded = _loaded("from expfam import Multinomial; Multinomial(3).fit([1, 0, 0])")
    assert not loaded & {"pandas", "narwhals", "scipy.stats", "matplotlib", "polars", "pyarrow"}


def test_a_fit_loads_no_scipy_stats():
    statement = "import expfam; expfam.fit(['a', 'b']).test('uniform'); repr(expfam.fit(['a']))"
    assert not _loaded(statement) & {"scipy.stats", "matplotlib", "polars"}


def test_all_is_importable():
    assert expfam.__all__ == sorted(expfam.__all__)
    for name in expfam.__all__:
        assert getattr(expfam, name) is not None
    assert set(expfam.__all__) <= set(dir(expfam))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = expfam.nothing
    for module in ("intervals", "power_divergence", "report", "datasets", "categorical"):
        found = importlib.import_module(f"expfam.{module}")
        assert all(hasattr(found, name) for name in found.__all__)


def test_all_of_the_package_is_imported_by_a_star():
    names = {}
    exec("from expfam import *", names)
    assert set(expfam.__all__) == names.keys() - {"__builtins__"}
    assert set(families.__all__) <= set(expfam.__all__)


def test_a_module_is_asked_for_without_loading_families():
    """`from expfam import arrays` asks the package for the name before it imports the module."""
    assert "expfam.families" not in _loaded("from expfam import arrays, sampling, special")


def test_a_name_that_is_misspelt_is_told_what_was_meant():
    command = [sys.executable, "-c", "import expfam; expfam.Poison"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    assert "module 'expfam' has no attribute 'Poison'. Did you mean: 'Poisson'?" in said
