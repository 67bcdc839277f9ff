"""The errors of saving and loading models: one function per situation."""

from __future__ import annotations

from typing import Any

from .. import errors
from ..storage.faults import Damaged

_STATE_FIX = (
    'tg.save(model.state_dict(), "model.npz")   '
    '# then model.load_state_dict(tg.load("model.npz")) of one that your code built'
)


def not_saveable(target: Any) -> Exception:
    has_state = hasattr(target, "state_dict")
    return errors.ArgumentError(
        f"a {type(target).__name__} is neither a Module nor a dict",
        why="a file holds a model of the library's layers, or arrays and numbers by name",
        fix='tg.save(target.state_dict(), "state.npz")'
        if has_state
        else 'tg.save({"value": target}, "value.npz")',
    )


def own_class(found: list[tuple[str, Any]]) -> Exception:
    """M07: a model with classes that the library does not have."""
    kinds = list(dict.fromkeys(type(part).__name__ for _, part in found))
    notes = [f"{path or 'the model'}: {type(part).__name__}" for path, part in found[:10]]
    return errors.ModuleError(
        f"a whole model can be saved if all its classes are from nn; {', '.join(kinds[:5])} "
        f"{'is' if len(kinds) == 1 else 'are'} not",
        code="TG-M07",
        notes=notes,
        why="to build it from the file, loading would have to run code that the file names",
        fix=_STATE_FIX,
    )


def own_value(value: Any, path: str) -> Exception:
    """M07: an attribute of a layer that is no setting."""
    return errors.ModuleError(
        f"{path} is a {type(value).__name__}, which a file cannot hold: {value!r:.60}",
        code="TG-M07",
        why="settings are numbers, text, functions of nn.functional, arrays and layers",
        fix=_STATE_FIX,
    )


def unfit(path: Any, fault: Damaged) -> Exception:
    return errors.LoadError(
        f"{path} is cut off or damaged: {fault}",
        code="TG-F04",
        why="nothing was loaded: half a model would predict nonsense without a word",
        fix=f"tg.save(model, {str(path)!r})   # write it again from where it came",
    )
