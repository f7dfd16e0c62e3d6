"""Cards: every family has one, its formulas are checked as it is made, and a page needs nothing else."""

from __future__ import annotations

import dataclasses
import re
import tempfile
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from browsers import chromium

import expfam
from expfam.cards import write_cards
from expfam.cards.frame import Frame, ticks
from expfam.cli import main
from expfam.derivation import NOTATIONS
from expfam.derivation.formulas import FORMULAS

FAMILIES = [name.lower() for name in FORMULAS]


@cache
def pages_in(notation):
    """Of every family, made once."""
    with tempfile.TemporaryDirectory() as directory:
        paths = write_cards(Path(directory) / "made" / notation, notation)
        return {path.stem: path.read_text(encoding="utf-8") for path in paths}


@pytest.fixture(params=NOTATIONS)
def cards(request):
    return request.param, pages_in(request.param)


def test_every_family_has_a_card(cards):
    _, pages = cards
    assert sorted(pages) == sorted(["index", *FAMILIES])
    assert pages["index"].count('<section class="card">') == len(FAMILIES)
    for name in FAMILIES:
        assert pages[name].count('<section class="card">') == 1
        for row in ("Support", "Domain", "Entropy", "KL divergence", "Maximum likelihood"):
            assert f"<th>{row}</th>" in pages[name]
        for letter in (
            NOTATIONS[cards[0]].name(role) for role in ("T", "A", "forward", "backward")
        ):
            assert f"<th>{letter[0].upper()}{letter[1:]}</th>" in pages[name]
        assert pages[name].count("<svg") == 2


def test_a_page_is_well_formed_and_asks_for_nothing(cards):
    for page in cards[1].values():
        assert not re.search(r"<script|https?:|src=|@import|url\(|nan", page)
        body = page[page.index("<section") : page.rindex("</section>") + len("</section>")]
        assert len(ET.fromstring(f"<div>{body}</div>")) >= 1
        assert len(page) < 1_000_000


def test_a_card_says_how_far_its_formulas_are_off(cards):
    for name in FAMILIES:
        (gap,) = re.findall(
            r"formulas agree with what expfam \S+ computes\s+to (\S+),", cards[1][name]
        )
        assert float(gap) < 1e-12


def test_a_wrong_formula_stops_the_cards(monkeypatch, tmp_path):
    wrong = dataclasses.replace(FORMULAS["Gamma"], entropy=-FORMULAS["Gamma"].entropy)
    monkeypatch.setitem(FORMULAS, "Gamma", wrong)
    with pytest.raises(ValueError, match=r"cards: the formula entropy of Gamma is \S+ off"):
        write_cards(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_another_notation_is_refused(tmp_path):
    with pytest.raises(ValueError, match="notation must be one of expfam"):
        write_cards(tmp_path, "ours")


def test_the_command_writes_cards(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("expfam.cards.FORMULAS", {"Gamma": FORMULAS["Gamma"]})
    assert main(["cards", "--output", str(tmp_path), "--notation", "murphy"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == str(tmp_path / "index.html")
    assert "Murphy" in (tmp_path / "gamma.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("inside", ["", "deeper"])
def test_a_file_is_no_directory(inside, tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("kept", encoding="utf-8")
    assert main(["cards", "--output", str(tmp_path / "notes.txt" / inside)]) == 1
    said = f"expfam: cards: output must be a directory; {tmp_path / 'notes.txt'} is a file\n"
    assert capsys.readouterr().err == said
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "kept"


# ---------------------------------------------------------------- pictures


def test_a_level_curve_lies_where_the_function_has_the_value():
    """The circle of radius 2, to the square of a cell; where the function is NaN there is none."""
    frame = Frame((-3.0, 3.0), (-3.0, 3.0))
    frame.levels(lambda x, y: np.where(x > -2.5, x * x + y * y, np.nan), [4.0])
    points = np.array(re.findall(r"([\d.]+) ([\d.]+)", frame.parts[-1].split('"')[1]), dtype=float)
    x = (points[:, 0] - frame.origin[0]) / frame.scale[0] + frame.x[0]
    y = (frame.origin[1] - points[:, 1]) / frame.scale[1] + frame.y[0]
    assert len(x) > 50
    assert np.abs(np.hypot(x, y) - 2).max() < 0.01
    assert np.ptp(np.arctan2(y, x)) > 6


def test_a_curve_ends_at_the_frame():
    frame = Frame((0.0, 1.0), (0.0, 1.0))
    frame.curve([-1.0, 0.5, 0.6, 2.0, 0.7, 0.8], [0.5] * 6)
    assert len(frame.parts) == 2  # two stretches inside
    frame.curve([0.5, np.nan], [0.5, 0.5])
    assert len(frame.parts) == 2  # one point is no curve


def test_the_point_is_drawn_where_the_member_is():
    page = pages_in("expfam")["gaussian"]
    marks = [tuple(map(float, m)) for m in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', page)]
    frames = Frame((-3.0, 3.0), (-2.0, 0.0)), Frame((-3.0, 3.0), (0.0, 9.0))
    p = expfam.Gaussian().from_mean_variance(1.0, 2.0)
    for frame, at, mark in zip(frames, (p.natural_parameter, p.mean_parameter), marks, strict=True):
        assert np.hypot(*np.subtract(frame.at(*at), mark)) < 0.1


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-3.0, 2.2), (0.0, 40.0), (-0.8, 0.1)])
def test_ticks_are_few_round_and_inside(low, high):
    found = ticks(low, high)
    assert 3 <= len(found) <= 6
    assert low - 1e-9 <= found[0] <= found[-1] <= high + 1e-9


# ---------------------------------------------------------------- in print


_LOST = """() => [...document.querySelectorAll(".card")].map(card => {
    const page = card.getBoundingClientRect();
    const right = Math.max(...[...card.querySelectorAll("math, svg")].map(
        formula => formula.getBoundingClientRect().right));
    return [card.querySelector("h1").innerText, card.scrollHeight - card.clientHeight,
            right - page.right];
})"""


@pytest.mark.slow
def test_each_card_is_one_page_of_a4_and_nothing_is_cut_off(tmp_path):
    """By Chromium, where it is installed."""
    with chromium() as browser:
        page = browser.new_page()
        for notation in NOTATIONS:
            write_cards(tmp_path / notation, notation)
            page.goto((tmp_path / notation / "index.html").as_uri())
            lost = page.evaluate(_LOST)
            assert len(lost) == len(FAMILIES)
            assert not [card for card in lost if card[1] > 0 or card[2] > -30], notation
            printed = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b", printed)) == len(FAMILIES), notation
