"""A lab as an anywidget: what the page shows and what Python reads are one state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from expfam.families import Categorical
from expfam.labs import modules
from expfam.special import sigmoid
from expfam.writing import markup

if TYPE_CHECKING:
    from expfam.labs import Lab

_FORWARD: dict[str, Callable[[float], Any]] = {
    "Bernoulli": sigmoid,
    "Poisson": np.exp,
    "Gaussian, variance 1": float,
    "Exponential": lambda natural: -1 / natural,
}


def widget(lab: Lab) -> Any:
    """A widget with a trait for each part of the lab's start, and `mean`, which follows from them.

    `natural` is set by dragging and by assignment: a list for softmax, a number for duality; ±∞
    travel as text, since JSON has none.
    Errors: ImportError where anywidget, which is optional, is not installed; ValueError for a
    natural parameter that no member of the softmax lab has.
    """
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        need = "lab: a widget needs anywidget: pip install 'expfam[notebook]'"
        raise ImportError(need) from error

    class LabWidget(anywidget.AnyWidget):
        _esm = modules.text(lab.name)

        @property
        def mean(self) -> Any:
            """μ = ∇A of what is shown: a list for softmax, a number for duality."""
            return _mean(lab.name, self)

        def __repr__(self) -> str:
            return f"{lab!r}, natural={self.natural}"

    def checked(_: Any, value: Any) -> Any:
        if lab.name == "softmax":
            return Categorical(3).from_natural(value).natural_parameter.tolist()
        return float(value)

    def trait(name: str) -> Any:
        if name in ("natural", "other"):
            kind = type("Natural", (traitlets.Any,), {"validate": lambda self, *a: checked(*a)})
            return kind().tag(
                sync=True,
                to_json=lambda value, _: markup.number(value),
                from_json=lambda value, _: np.asarray(value, float).tolist(),
            )
        return traitlets.Any().tag(sync=True)

    shown = type("LabWidget", (LabWidget,), {name: trait(name) for name in lab.start})
    return shown(**lab.start)


def _mean(name: str, state: Any) -> Any:
    if name == "duality":
        return float(_FORWARD[state.family](state.natural))
    natural = np.array(state.natural)
    if state.temperature == 0:
        natural = np.where(natural == natural.max(), 0.0, -np.inf)
    scale = state.temperature or 1.0
    return Categorical(3).natural_to_mean(natural / scale).tolist()
