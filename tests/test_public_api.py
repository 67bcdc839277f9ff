"""The public names and signatures, pinned: a change here is a change for every user.

After a wanted change, run ``python tests/test_public_api.py`` to write the new list, and read the
difference before committing it.
"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import tinygrad_edu as tg

PINNED = Path(__file__).with_name("public_api.txt")
ROOMS = (
    "", "data", "metrics", "nn", "nn.functional", "nn.init", "nn.optim", "nn.optim.schedules",
    "errors", "explorables", "formulary", "graph", "lessons", "linalg", "plots", "random",
    "special", "testing", "testing.laws", "testing.strategies", "training", "training.search",
)  # fmt: skip


def signature(value: object) -> str:
    """The parameters as written, without the annotations that Python versions print differently."""
    if isinstance(value, type) and issubclass(value, Exception):
        return " -> " + ", ".join(base.__name__ for base in value.__mro__[1:-1])
    try:
        found = inspect.signature(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return ""
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in found.parameters.values()
    ]
    return str(found.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def public_names() -> list[str]:
    lines = []
    for room in ROOMS:
        module = importlib.import_module("tinygrad_edu" + ("." + room if room else ""))
        for name in sorted(module.__all__):
            value = getattr(module, name)
            label = f"{module.__name__}.{name}"
            lines.append(label + ("" if inspect.ismodule(value) else signature(value)))
            if inspect.isclass(value) and not issubclass(value, Exception):
                members = [m for m in sorted(vars(value)) if not m.startswith("_")]
                lines += [f"{label}.{m}" for m in members]
    return lines


def test_public_names_and_signatures_are_pinned() -> None:
    pinned = PINNED.read_text(encoding="utf-8").splitlines()
    now = public_names()
    added = sorted(set(now) - set(pinned))
    removed = sorted(set(pinned) - set(now))
    assert (added, removed) == ([], []), f"added: {added}\nremoved or changed: {removed}"


def test_every_public_name_exists_and_is_listed_by_dir() -> None:
    for name in tg.__all__:
        assert hasattr(tg, name)
    assert set(tg.__all__) <= set(dir(tg))


def test_every_public_function_and_class_has_a_docstring() -> None:
    for room in ROOMS:
        module = importlib.import_module("tinygrad_edu" + ("." + room if room else ""))
        for name in module.__all__:
            value = getattr(module, name)
            if callable(value):
                assert inspect.getdoc(value), f"{module.__name__}.{name}"


if __name__ == "__main__":
    PINNED.write_text("\n".join(public_names()) + "\n", encoding="utf-8")
