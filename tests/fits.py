"""Data of the fits that the tests of CategoricalFit share."""

import pandas as pd

LABELS = ["b", "a", None, "b", "c", "b", "a", "b", "c", "b"]
FRAME = pd.DataFrame(
    {
        "x": ["a", "b", "b", "c", "a", None, "b", "b", "c", "c"],
        "g": ["u", "u", "u", "u", "v", "v", "v", "v", "v", None],
        "h": [1, 1, 2, 2, 1, 1, 2, 2, 2, 1],
        "w": [1.0, 2.0, 0.0, 1.5, 1.0, 4.0, 1.0, 1.0, 2.0, 1.0],
    }
)
