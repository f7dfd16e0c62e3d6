"""The tables of `data/` by name: real categorical data with their sources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Dataset", "about", "load", "names", "path"]


class Dataset(NamedTuple):
    """What a table is and where it comes from; `integers` and `floats` are its number columns."""

    rows: int
    what: str
    source: str
    status: str
    integers: tuple[str, ...] = ()
    floats: tuple[str, ...] = ()


_ABOUT = {
    "alligator": Dataset(
        80,
        "food of 219 alligators by lake, sex and size; 80 cells with a count, many of them zero",
        "Delany & Moore (1987), in Agresti, Categorical Data Analysis",
        "published table",
        integers=("count",),
    ),
    "bird_strikes": Dataset(
        19_302,
        "birds struck by aircraft in the USA, 1990-1999, a row a report",
        "US Federal Aviation Administration, Wildlife Strike Database; columns selected and "
        "renamed, as collected by OpenIntro under the name birds",
        "public domain (work of the US government)",
        floats=("height_ft", "speed_kt"),
    ),
    "hair_eye_color": Dataset(
        32,
        "hair, eyes and sex of 592 statistics students; 32 cells with a count Freq",
        "Snee (1974), Amer. Statist. 28: 9-12",
        "published table",
        integers=("Freq",),
    ),
    "penguins": Dataset(
        344,
        "penguins of three species: island, four measurements, sex, year",
        "Gorman, Williams & Fraser (2014), PLoS ONE 9(3): e90081; Palmer Station LTER",
        "CC0",
        integers=("year",),
        floats=("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"),
    ),
    "ucb_admissions": Dataset(
        24,
        "4,526 applicants to Berkeley by admission, gender and department; cells with Freq",
        "Bickel, Hammel & O'Connell (1975), Science 187: 398-404",
        "published table",
        integers=("Freq",),
    ),
    "weldon_dice": Dataset(
        13,
        "fives and sixes among 12 dice in 26,306 throws; 13 cells with a count",
        "Weldon, in Pearson (1900), Phil. Mag. 50: 157-175",
        "public domain",
        integers=("successes", "count"),
    ),
}


def names() -> tuple[str, ...]:
    """The names of the tables.

    >>> names()
    ('alligator', 'bird_strikes', 'hair_eye_color', 'penguins', 'ucb_admissions', 'weldon_dice')
    """
    return tuple(_ABOUT)


def about(name: str) -> Dataset:
    """What a table is and where it comes from. Errors: ValueError for an unknown name.

    >>> about("penguins").status
    'CC0'
    """
    if not isinstance(name, str) or name not in _ABOUT:
        raise ValueError(f"datasets: name must be one of {', '.join(_ABOUT)}; got {name!r}")
    return _ABOUT[name]


def path(name: str) -> Path:
    """The CSV file of a table, in an installed package or beside it in a checkout.

    Errors: ValueError for an unknown name, FileNotFoundError where the data are not installed.

    >>> path("penguins").name
    'penguins.csv'
    """
    about(name)
    package = Path(__file__).resolve().parent
    for folder in (package / "data", package.parent / "data"):
        if (file := folder / f"{name}.csv").is_file():
            return file
    raise FileNotFoundError(
        f"datasets: {name}.csv is neither in expfam/data nor in data/ beside it"
    )


def load(name: str) -> pd.DataFrame:
    """A table as a data frame: text but for its columns of numbers; empty fields are missing.

    Words like NA stay text, and so do codes (an aircraft's mass class, the number of engines).

    >>> load("penguins")["species"].value_counts().to_dict()
    {'Adelie': 152, 'Gentoo': 124, 'Chinstrap': 68}
    """
    import pandas as pd

    dataset = about(name)
    frame = pd.read_csv(path(name), dtype=str, keep_default_na=False, na_values=[""])
    kinds = dict.fromkeys(dataset.integers, "int64") | dict.fromkeys(dataset.floats, "float64")
    return frame.astype(kinds)
