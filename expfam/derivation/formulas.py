"""What each family writes for T, h, A, the maps, Fisher information, entropy, KL and the fit.

Each formula stands once, as a tree that is shown in any notation and evaluated: `gaps` compares
every one with the family's own arithmetic. A family in the table has a card; one that is not is
explained by its numbers alone.
"""

from __future__ import annotations

from expfam.derivation.counted import COUNTS
from expfam.derivation.directed import DIRECTIONS
from expfam.derivation.formula import Formulas, i, j
from expfam.derivation.makers import MAKERS
from expfam.derivation.measured import REALS
from expfam.derivation.one_parameter import ONE_PARAMETER
from expfam.derivation.shares import SHARES
from expfam.derivation.vectors import VECTORS

__all__ = ["FORMULAS", "Formulas", "i", "j"]

FORMULAS: dict[str, Formulas] = {
    each.family.name: each
    for each in (*COUNTS, *REALS, *ONE_PARAMETER, *SHARES, *DIRECTIONS, *VECTORS, *MAKERS)
}
