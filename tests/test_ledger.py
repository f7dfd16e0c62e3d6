"""The ledger adds up, or there is none."""

import json

import pytest

from expfam.tables.ledger import PARTS, Ledger

BY = Ledger(9, 4, 2, 1, 2, 0, (("a", Ledger(5, 3, 2)), (("b", 1), Ledger(3, 1, 0, 0, 2))))


def test_text():
    assert Ledger(19_302, 17_519, 1_783).text == "19,302 rows read = 17,519 used + 1,783 missing"
    assert str(Ledger(1, 1)) == "1 row read = 1 used"
    assert str(Ledger(0, 0)) == "0 rows read = 0 used"
    assert str(BY) == "9 rows read = 4 used + 2 missing + 1 missing group + 2 zero weight"
    assert "3 excluded" in Ledger(4, 1, excluded=3).text


@pytest.mark.parametrize("part", PARTS)
def test_every_line_counts(part):
    numbers = dict.fromkeys(PARTS, 1)
    assert Ledger(5, **numbers).rows == 5
    with pytest.raises(ValueError, match="rows must equal the sum of their uses; 5 ≠ 6"):
        Ledger(5, **{**numbers, part: 2})
    with pytest.raises(ValueError, match=f"{part} must not be negative; got -1"):
        Ledger(3, **{**numbers, part: -1})
    with pytest.raises(TypeError, match=f"{part} must be an int; got float"):
        Ledger(5, **{**numbers, part: 1.0})


def test_bool_is_no_number_of_rows():
    with pytest.raises(TypeError, match="rows must be an int; got bool"):
        Ledger(True, 1)


def test_groups_add_up():
    assert BY.group("a").missing == 2
    with pytest.raises(KeyError):
        BY.group("c")
    with pytest.raises(ValueError, match="groups must have used 2 in all; they have 1"):
        Ledger(2, 2, groups=(("a", Ledger(1, 1)),))
    with pytest.raises(ValueError, match="groups must have missing_group 0 in all; they have 1"):
        Ledger(1, 0, 0, 1, groups=(("a", Ledger(1, 0, 0, 1)),))
    with pytest.raises(ValueError, match="a group is named twice"):
        Ledger(2, 2, groups=(("a", Ledger(1, 1)), ("a", Ledger(1, 1))))


def test_addition():
    assert Ledger(3, 2, 1) + Ledger(4, 1, 1, 1, 1) == Ledger(7, 3, 2, 1, 1)
    more = Ledger(2, 2, groups=(("c", Ledger(1, 1)), ("a", Ledger(1, 1))))
    both = BY + more
    assert [label for label, _ in both.groups] == ["a", ("b", 1), "c"]
    assert both.group("a") == Ledger(6, 4, 2)
    assert both.rows == 11
    assert BY + Ledger(0, 0) == BY
    with pytest.raises(ValueError, match="one has groups, the other has none"):
        BY + Ledger(1, 1)
    with pytest.raises(TypeError):
        BY + 1


def test_round_trip():
    for ledger in (Ledger(3, 2, 1), BY):
        assert Ledger.from_dict(ledger.to_dict()) == ledger
        assert Ledger.from_dict(json.loads(json.dumps(ledger.to_dict()))) == ledger
    assert "groups" not in Ledger(3, 2, 1).to_dict()
    with pytest.raises(ValueError, match="'lost' is not one of its numbers"):
        Ledger.from_dict({**BY.to_dict(), "lost": 1})
    with pytest.raises(ValueError, match="'excluded' is absent"):
        Ledger.from_dict({key: 0 for key in ("rows", *PARTS) if key != "excluded"})
