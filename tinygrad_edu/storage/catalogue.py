"""The errors of this room: one function per situation, with the path, what was found, the edit."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .. import errors
from .faults import Damaged, Newer, Refused

_AGAIN = "tg.save(model, {name!r})   # write it again from where it came"


def not_a_path(value: Any) -> Exception:
    swapped = isinstance(value, dict) or hasattr(value, "state_dict")
    return errors.ArgumentError(
        f"a path is text, got {type(value).__name__}"
        if not isinstance(value, (str, bytes))
        else f"{value!r:.80} is no path",
        why="what to save comes first, where to save it second" if swapped else None,
        fix='tg.save(model, "model.npz")',
    )


def unknown_suffix(path: Path, suffixes: tuple[str, ...]) -> Exception:
    return errors.ArgumentError(
        f"{path} ends with {path.suffix or 'no suffix'!r}, and files end with "
        f"{' or '.join(suffixes)}",
        why="the end of the name says in which format to write",
        fix=f"tg.save(model, {str(path.with_suffix('.npz') if path.name else path)!r})",
    )


def too_large(path: Path) -> Exception:
    return errors.ArgumentError(
        f"the arrays for {path} have more than 2 GiB, and a .npz file has room for 2",
        fix=f"tg.save(model, {str(path.with_suffix('.safetensors'))!r})",
    )


def too_many(path: Path, count: int) -> Exception:
    return errors.ArgumentError(
        f"{count} arrays for {path} are more than will be read again",
        why="a file's list of names and shapes has at most 2 MiB, some 15,000 arrays",
        fix="{'rows': np.stack(list(arrays.values()))}   # one array for many of one shape",
    )


def unwritable_name(name: Any) -> Exception:
    return errors.ArgumentError(
        f"{name!r:.80} cannot name an array in a file",
        why='names are text of at most 1000 bytes, without "\\0", and not "__metadata__"',
        fix="{str(name): array for name, array in arrays.items()}",
    )


def unwritable_key(key: Any, path: str) -> Exception:
    return errors.ArgumentError(
        f"{path or 'the dict'} has the key {key!r:.80}",
        why="keys in a file are text or whole numbers",
        fix="{str(key): value for key, value in given.items()}",
    )


def unwritable(value: Any, path: str) -> Exception:
    return errors.ArgumentError(
        f"{path or 'what is saved'} is a {type(value).__name__}: {value!r:.60}",
        why="a file holds arrays, numbers, text, and dicts, lists and tuples of them; anything "
        "else would need code to come back",
        fix="value.state_dict()" if hasattr(value, "state_dict") else "np.asarray(value)",
    )


def too_deep(path: str) -> Exception:
    return errors.ArgumentError(
        f"{path[:80]}... is nested deeper than 100",
        why="it may contain itself",
        fix="np.asarray(value)   # one array for a nest of numbers",
    )


def missing(path: Path) -> Exception:
    folder = path.parent
    near = get_close_matches(path.name, _names(folder), 1)
    return errors.MissingFile(
        f"there is no file {path}" + ("" if folder.is_dir() else f", and no folder {folder}"),
        code="TG-F01",
        notes=() if path.is_absolute() else (f"it was looked for in {os.path.abspath(os.curdir)}",),
        fix=f"tg.load({str(folder / near[0])!r})" if near else 'tg.save(model, "model.npz")',
    )


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def not_a_file(path: Path) -> Exception:
    inside = sorted(n for n in _names(path) if n.endswith((".npz", ".safetensors")))
    kind = "a folder" if path.is_dir() else "a device or pipe, not a file"
    return errors.FileError(
        f"{path} is {kind}",
        code="TG-F02",
        why="arrays lie in one file",
        fix=f"tg.load({str(path / inside[0])!r})" if inside else f"{str(path / 'model.npz')!r}",
    )


def cannot_read(path: Path, error: OSError) -> Exception:
    return _by_the_system(f"{path} cannot be read: {error.strerror or error}", error)


def cannot_write(path: Path, error: OSError) -> Exception:
    folder = "" if path.parent.is_dir() else f"; there is no folder {path.parent}"
    fix = 'tg.save(model, "model.npz")   # in the current folder'
    if folder:
        fix = f"os.makedirs({str(path.parent)!r})"
    made = _by_the_system(f"{path} cannot be written: {error.strerror or error}{folder}", error)
    made.why, made.fix = "what was there before is as it was", fix
    return made


def _by_the_system(what: str, error: OSError) -> errors.FileError:
    made = errors.FileError(what, code="TG-F02", fix='tg.load("model.npz")   # another place')
    made.errno = error.errno
    return made


def is_of_pytorch(head: bytes) -> bool:
    """Whether a zip file begins as those of ``torch.save`` do, by the name of its first member."""
    name = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    return name.endswith((b"/data.pkl", b"/.format_version", b"/.data/serialization_id"))


_TORCH_FIX = "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')   # in PyTorch"


def another_format(path: Path, head: bytes) -> Exception:
    what, why, fix = _known(head)
    return errors.LoadError(
        f"{path} is {what}, not a .npz or .safetensors file",
        code="TG-F03",
        why=why,
        fix=fix.format(name=str(path)),
    )


def _known(head: bytes) -> tuple[str, str | None, str]:
    """What another file is, by its first bytes; why it is not read; and another way."""
    pickle = "unpacking a pickle runs whatever code its author chose"
    if head.startswith(b"PK"):
        return "a file of torch.save, which holds a pickle", pickle, _TORCH_FIX
    if head[:1] == b"\x80" and head[1:2] <= b"\x05":
        return "a pickle", pickle, _TORCH_FIX
    if head.startswith(b"\x93NUMPY"):
        return "a single array (.npy)", None, "np.load({name!r}, allow_pickle=False)"
    if head.startswith(b"\x89HDF"):
        why = "that format needs a library of its own"
        return "an HDF5 file, as of Keras", why, "np.savez('model.npz', *model.get_weights())"
    if head.startswith(b"\x1f\x8b"):
        return "a gzip file", None, "gzip.open({name!r})   # unpack it first"
    if not head:
        return "empty", "its writer may have been interrupted", _AGAIN
    return f"something else (it begins with {head[:8]!r})", None, _AGAIN


def damaged(path: Path, length: int, fault: Damaged) -> Exception:
    return errors.LoadError(
        f"{path} ({length} bytes) is cut off or damaged: {fault}",
        code="TG-F04",
        why="nothing was loaded: half a model would predict nonsense without a word",
        fix=_AGAIN.format(name=str(path)),
    )


def refused(path: Path, fault: Refused) -> Exception:
    return errors.LoadError(
        f"{path} is not loaded: {fault}",
        code="TG-F05",
        why=fault.why,
        fix=fault.fix or _AGAIN.format(name=str(path)),
    )


def newer(path: Path, fault: Newer) -> Exception:
    return errors.LoadError(
        f"{path} is in format {fault.format}, written by tinygrad_edu {fault.package!r:.20}; this "
        "version reads format 1",
        code="TG-F06",
        why="a guess at a form that came later could load wrong numbers",
        fix="pip install --upgrade tinygrad_edu",
    )
