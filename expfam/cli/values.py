"""Arguments of commands from their text, refused in words that argparse prints."""

from __future__ import annotations

import argparse
import re

NUMBER = re.compile(r"[+-]?(inf|infinity|nan|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)", re.I)
_RATIO = re.compile(r"[0-9.]+(:[0-9.]+)+")


def number(text: str) -> float:
    if not NUMBER.fullmatch(text.strip()):
        raise argparse.ArgumentTypeError(f"{text.strip()!r} is not a number")
    return float(text)


def natural_number(text: str) -> int:
    if not (text.strip().isascii() and text.strip().isdigit()):
        raise argparse.ArgumentTypeError(f"{text.strip()!r} is not a non-negative integer")
    if len(text) > 20:
        raise argparse.ArgumentTypeError("too large")
    return int(text)


def level(text: str) -> float:
    try:
        level = float(text)
    except ValueError:
        level = 0.0
    if not 0 < level < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 1")
    return level


def against(text: str) -> str | dict[str, float]:
    """`uniform` and ratios as they are, label=p,… as a dict."""
    if text == "uniform" or _RATIO.fullmatch(text):
        return text
    import csv
    from fractions import Fraction

    p0: dict[str, float] = {}
    for part in next(csv.reader([text], skipinitialspace=True), []) or [text]:
        label, equals, number = part.rpartition("=")
        try:
            value = float(Fraction(number.strip()))
        except (ValueError, ZeroDivisionError, OverflowError):
            value = -1.0
        if not equals or value < 0:
            raise argparse.ArgumentTypeError(
                f"{part!r} is neither uniform nor a ratio (9:3:3:1) nor label=p with a p ≥ 0"
            )
        if label in p0:
            raise argparse.ArgumentTypeError(f"label {label!r} is given twice")
        p0[label] = value
    return p0
