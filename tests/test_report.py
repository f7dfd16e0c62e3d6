"""Reports: one screen of text, HTML, LaTeX, CSV and JSON, each held to its own parser."""

import csv
import io
import json
import math
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

import expfam
from expfam import datasets, report
from expfam.writing import markup, plain
from expfam.writing import page as pages

NASTY = ["=1+1", "+x", "-y", "@z", "a,b", 'q"q', "<b>&", "x\ny", "\x1b[31mred", "_%$#{}~^\\", "[*"]


@pytest.fixture(scope="module")
def strikes():
    return expfam.fit(datasets.path("bird_strikes"), "phase_of_flight")


@pytest.fixture(scope="module")
def by_time():
    return expfam.fit(datasets.path("bird_strikes"), "phase_of_flight", by="time_of_day")


@pytest.fixture(scope="module")
def nasty():
    return expfam.fit({label: place + 1 for place, label in enumerate(NASTY)})


# ---------------------------------------------------------------- text


def test_a_fit_is_one_screen(strikes):
    lines = repr(strikes).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert "19,302 rows read = 17,519 used + 1,783 missing" in text
    assert re.search(r"Approach +6,470 +0\.3693 +\[0\.3594, 0\.3793\] +-0\.9961", text)
    for name in ("log-likelihood of the sequence", "log-likelihood of the counts", "AIC", "BIC",
                 "entropy", "degrees of freedom"):  # fmt: skip
        assert name in text
    assert len([line for line in lines if line.split("  ")[0] in strikes.categories]) == 8


def test_many_categories_show_the_frequent_ones():
    fit = expfam.fit(datasets.path("bird_strikes"), "species")
    assert len(repr(fit).splitlines()) <= 32
    assert "226 less frequent categories are not shown" in repr(fit)
    assert len(report.text(fit).splitlines()) > 241


def test_groups_stand_side_by_side_where_they_fit(by_time):
    wide = report.text(by_time, width=250)
    assert re.search(r"Dawn +Day +Dusk +Night", wide)
    assert wide.count("95% interval  natural") == 4
    narrow = report.text(by_time, width=80)
    assert re.search(r"Dawn +Day +Dusk +Night", narrow)
    assert "too narrow for intervals" in narrow
    blocks = report.text(by_time, width=68)
    assert "Dawn: 640 rows read = 615 used + 25 missing" in blocks
    for text, width in ((wide, 250), (narrow, 80), (blocks, 68)):
        assert max(map(plain.columns, text.splitlines())) <= width
        for total in ("640", "11,170", "878", "4,537"):
            assert total in text
    thin = report.text(by_time, width=30)
    assert "entropy" in thin
    assert "BIC  " not in thin
    assert report.text(by_time) == report.text(by_time, width=10**6)


def test_many_groups_are_blocks():
    fit = expfam.fit(datasets.path("bird_strikes"), "phase_of_flight", by="state")
    assert "AK: " in report.text(fit)


def test_columns_align_in_any_script():
    fit = expfam.fit({"日本": 10, "e\u0301a": 5, "plain": 1, "🐦": 2})
    rows = report.text(fit).splitlines()[3:8]
    assert len({plain.columns(row) for row in rows}) == 1
    assert plain.columns("日本") == 4
    assert plain.columns("e\u0301") == 1


def test_wide_labels_are_cut_to_a_width_only():
    label = "long " * 40
    fit = expfam.fit({label: 1, "日本" * 40: 1})
    cut = report.text(fit, width=80)
    assert "…" in cut
    assert max(map(plain.columns, cut.splitlines())) <= 80
    assert label.strip() in report.text(fit)


def test_what_does_not_print_is_escaped(nasty):
    text = report.text(nasty)
    assert "x\\ny" in text
    assert "\\x1b[31mred" in text
    assert "\x1b" not in text
    assert pages.visible(("a", 1)) == "a / 1"
    assert pages.visible("\u202eabc") == "\\u202eabc"


def test_numbers_in_words():
    assert [pages.share(p) for p in (0.0, 0.5, 1.0, 0.00012)] == ["0.0000", "0.5000", "1.0000",
                                                                 "1.2e-04"]  # fmt: skip
    assert [pages.count(x) for x in (1234, 1.5)] == ["1,234", "1.50"]
    assert pages.nats(-math.inf) == "-inf"
    assert pages.digits(-0.0) == "0"
    assert [pages.probability(p) for p in (0.0, 1e-20)] == ["< 1e-300", "1e-20"]


def test_zero_counts_and_notes_are_shown():
    fit = expfam.fit(["a", "A", "a"], categories=["a", "A", "b"])
    text = repr(fit)
    assert re.search(r"b +0 +0\.0000 +\[0\.0000, 0\.\d+\] +-inf", text)
    assert "differ only by case" in text


def test_facts_fold_to_the_width():
    fit = expfam.fit({"a": 1, "b": 2})
    assert max(map(len, report.text(fit, width=60).splitlines())) <= 60


# ---------------------------------------------------------------- HTML


class _Tags(HTMLParser):
    """Checks that tags nest, and keeps the text of cells."""

    def __init__(self):
        super().__init__()
        self.open, self.cells, self.seen = [], [], set()

    def handle_starttag(self, tag, attributes):
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.cells[-1] += data


def _parsed(html):
    parser = _Tags()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


def test_html_is_well_formed_and_escaped(nasty, by_time):
    parser = _parsed(nasty._repr_html_())
    for label in NASTY:
        assert pages.visible(label) in parser.cells
    assert "b" not in parser.seen
    assert not parser.seen & {"script", "link", "img"}
    assert {"Dawn", "Night", "6,470"} - set(_parsed(by_time._repr_html_()).cells) == {"6,470"}


def test_html_takes_the_notebooks_colours(strikes):
    html = strikes._repr_html_()
    assert "color:inherit" in html
    assert "overflow-wrap:anywhere" not in html  # it lets a label shrink to one letter a line
    assert "http" not in html
    document = markup.document(report.page(strikes))
    assert document.startswith("<!DOCTYPE html>")
    assert '<meta name="color-scheme" content="light dark">' in document
    _parsed(document)


# ---------------------------------------------------------------- LaTeX, CSV, JSON


def test_latex_escapes(nasty, by_time):
    for fit in (nasty, by_time):
        text = report.latex(fit)
        bare = re.sub(r"\\[\\{}$&#%_]", "", text)
        assert bare.count("{") == bare.count("}")
        assert bare.count("$") % 2 == 0
        assert not re.search(r"[~^<>\"|]", re.sub(r"\\cdot10\^", "", bare))
        begins = re.findall(r"\\begin\{tabular\}\{(\w+)\}", text)
        ends = text.count(r"\end{tabular}")
        assert len(begins) == ends > 0
        for columns, body in zip(begins, re.split(r"\\begin\{tabular\}", text)[1:], strict=True):
            for line in body.splitlines():
                if line.endswith(r"\\") and "multicolumn" not in line:
                    assert len(re.findall(r"(?<!\\)&", line)) == len(columns) - 1
    assert r"\_\%\$\#\{\}\textasciitilde{}\textasciicircum{}\textbackslash{}" in report.latex(nasty)
    assert "\n[" not in report.latex(nasty)
    assert r"$-\infty$" in report.latex(by_time)
    assert r"\cdot10^{-4}" in report.latex(by_time)


def test_csv_is_safe_for_spreadsheets(nasty):
    rows = list(csv.reader(io.StringIO(report.csv(nasty)), strict=True))
    assert rows[0][:3] == ["category", "count", "probability"]
    assert [row[0] for row in rows[1:]] == [
        f"'{label}" if label[0] in "=+-@" else label for label in NASTY
    ]
    assert all(len(row) == len(rows[0]) for row in rows)
    assert [float(row[2]) for row in rows[1:]] == nasty.probabilities.tolist()


def test_csv_reads_back_by_group(by_time):
    frame = pd.read_csv(io.StringIO(report.csv(by_time)), float_precision="round_trip")
    assert frame.columns.tolist()[:3] == ["time_of_day", "phase_of_flight", "count"]
    assert frame["count"].tolist() == by_time.counts.to_numpy().ravel().tolist()
    assert frame["natural"].tolist() == by_time.natural.to_numpy().ravel().tolist()
    day = frame[frame["time_of_day"] == "Day"].iloc[0]
    assert (day["rows"], day["used"], day["missing"]) == (11170, 10868, 302)
    assert day["missing_group"] == by_time.ledger.missing_group


def test_json_is_the_fit(strikes):
    data = json.loads(report.json(strikes, 0.9, "wilson"), parse_constant=pytest.fail)
    assert data["ledger"] == {**strikes.ledger.to_dict()}
    assert expfam.CategoricalFit.from_json(report.json(strikes)) == strikes
