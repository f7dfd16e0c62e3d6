"""API pages, one for each public name and each public module: made anew with every build."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module
from pathlib import Path
from types import ModuleType

ABSTRACT = "ExponentialFamily"  # what families inherit from it stands on its own page


def public_names() -> dict[str, object]:
    """The names of `expfam`, each with its object, modules among them."""
    import expfam

    return {name: getattr(expfam, name) for name in expfam.__all__}


def public_modules() -> dict[str, ModuleType]:
    """The modules of `expfam` that say what is public in them, by their names below it."""
    import expfam

    found = {}
    for info in pkgutil.walk_packages(expfam.__path__, "expfam."):
        if "._" not in info.name:  # neither __main__ nor private
            module = import_module(info.name)
            if hasattr(module, "__all__"):
                found[info.name.removeprefix("expfam.")] = module
    return found


def pages() -> dict[str, str]:
    """The text of every API page, by its name."""
    names, modules = public_names(), public_modules()
    texts = {name: _object(name, thing) for name, thing in names.items() if name not in modules}
    texts |= {room: _module(room, module, set(texts)) for room, module in modules.items()}
    texts["index"] = _index(names, modules)
    texts["data"] = ".. include:: ../../data/README.md\n   :parser: myst_parser.sphinx_\n"
    return texts


def links() -> dict[str, str]:
    """What a docstring may name in backquotes, with the full name that it leads to."""
    found = {}
    for room, module in public_modules().items():
        for name in module.__all__:
            found[name] = found[f"expfam.{room}.{name}"] = f"expfam.{room}.{name}"
    for name, thing in public_names().items():
        if not inspect.ismodule(thing):
            found[name] = found[f"expfam.{name}"] = f"expfam.{name}"
    return found


def _title(text: str) -> str:
    return f"{text}\n{'=' * len(text)}\n\n"


def _object(name: str, thing: object) -> str:
    if not inspect.isclass(thing):
        return _title(name) + f".. autofunction:: expfam.{name}\n"
    bases = [c.__name__ for c in thing.__mro__[1:]]
    elsewhere = bases[bases.index(ABSTRACT) :] if _is_family(thing) else ["object"]
    text = _title(name) + f".. autoclass:: expfam.{name}\n   :members:\n"
    text += f"   :inherited-members: {', '.join(elsewhere)}\n"
    if _is_family(thing):
        text += f"\nMaps, members and fits are those of every :py:obj:`~expfam.{ABSTRACT}`.\n"
    return text


def _module(room: str, module: ModuleType, apart: set[str]) -> str:
    text = _title(f"expfam.{room}") + f".. automodule:: expfam.{room}\n\n"
    for name in module.__all__:
        thing = getattr(module, name)
        if name in apart:
            text += f"\n* :py:obj:`expfam.{name}`\n"
        elif inspect.isclass(thing):
            text += f"\n.. autoclass:: expfam.{room}.{name}\n   :members:\n"
        elif callable(thing):
            text += f"\n.. autofunction:: expfam.{room}.{name}\n"
        else:
            text += f"\n.. autodata:: expfam.{room}.{name}\n   :no-value:\n\n   {_value(thing)}\n"
    return text


def _value(constant: object) -> str:
    """What a constant holds, in short: its keys, or itself.

    >>> _value({"a": 1, "b": 2}), _value(("a", "b"))
    ('Keys: ``a``, ``b``.', "``('a', 'b')``")
    """
    if isinstance(constant, dict):
        return "Keys: " + ", ".join(f"``{key}``" for key in constant) + "."
    return f"``{constant!r}``"


def _first_sentence(thing: object) -> str:
    from prose import restructured

    return restructured((inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " "))


def _index(names: dict[str, object], modules: dict[str, ModuleType]) -> str:
    parts: dict[str, dict[str, tuple[str, object]]] = {"expfam": {}, "Families": {}, "Modules": {}}
    for name, thing in names.items():
        if name not in modules:
            parts["Families" if _is_family(thing) else "expfam"][name] = (name, thing)
    parts["Modules"] = {f"expfam.{room}": (room, module) for room, module in modules.items()}
    text = _title("API") + "Every public name, with what it is in one sentence.\n"
    for heading, rows in parts.items():
        text += f"\n{heading}\n{'-' * len(heading)}\n\n.. list-table::\n   :widths: 25 75\n\n"
        for shown, (page, thing) in rows.items():
            text += f"   * - :doc:`{shown} <{page}>`\n     - {_first_sentence(thing)}\n"
    children = "\n".join(f"   {page}" for rows in parts.values() for page, _ in rows.values())
    return f"{text}\n.. toctree::\n   :hidden:\n\n{children}\n"


def _is_family(thing: object) -> bool:
    return inspect.isclass(thing) and any(c.__name__ == ABSTRACT for c in thing.__mro__[1:])


def write(folder: Path) -> None:
    """Lay the pages into a folder, touching only what has changed."""
    folder.mkdir(exist_ok=True)
    texts = pages()
    for stale in {path.stem for path in folder.glob("*.rst")} - set(texts):
        (folder / f"{stale}.rst").unlink()
    for name, text in texts.items():
        path = folder / f"{name}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _untold(app, what, name, thing, skip, options) -> bool | None:
    """Leave out a property without a docstring, for which autodoc takes that of the type it is."""
    return True if isinstance(thing, property) and not thing.__doc__ else None


def setup(app) -> None:
    write(Path(app.srcdir) / "api")
    app.connect("autodoc-skip-member", _untold)
