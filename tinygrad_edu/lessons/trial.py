"""The process in which a student's file runs, for ``grading`` alone (floor 5).

What to do arrives as JSON on the standard input; the verdict goes to the file named there.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from contextlib import suppress
from difflib import get_close_matches
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from .exercises import Verdict, exercises, judged

__all__ = ["main"]

LONGEST_FILE = 64 * 2**20  # bytes; an endless print must not fill the disk


def main() -> None:
    """Judge the answer that the request names."""
    request = json.loads(sys.stdin.buffer.read())
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - for as long as we live
    place, seal, judge = request["place"], request["seal"], os.getpid()
    _bound(request["memory"], request["seconds"])
    try:
        verdict = _judged(request)
    except BaseException as error:  # SystemExit, and what a file invents
        verdict = Verdict(request["exercise"], "raised", _short(error))
    if os.getpid() != judge:  # a copy of us that the file made: it has no say
        os._exit(0)
    told = {"seal": seal, "status": verdict.status, "said": verdict.said, "line": verdict.line}
    Path(place).write_text(json.dumps(told), encoding="utf-8")
    with suppress(Exception):
        sys.stdout.flush()
    os._exit(0)  # whatever threads and last wishes the file has left


def _bound(memory: int, seconds: float) -> None:
    """Limit memory, time of the processor and the size of files, where the system can."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, int(seconds) + 5),
        (resource.RLIMIT_FSIZE, LONGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def _judged(request: dict[str, Any]) -> Verdict:
    number, name, file = request["exercise"], request["name"], Path(request["file"])
    check = {each.__name__: each for each in exercises(Path(request["home"]))}[name]
    module = ModuleType("answer")
    try:
        module = _loaded(file, module)
    except SyntaxError as error:
        if error.filename == str(file):
            return Verdict(number, "syntax", error.msg, error.lineno)
        return Verdict(number, "raised", _short(error), _line(error, file))
    except BaseException as error:  # sys.exit as well; what stands above it may be right
        module = sys.modules.get("answer", module)
        if isinstance(error, NameError) and error.name == name:  # the file asks for it, misspelled
            return Verdict(number, "missing", _absent(name, vars(module)))
        if name not in vars(module):
            return Verdict(number, "raised", _short(error), _line(error, file))
    if name not in vars(module):
        return Verdict(number, "missing", _absent(name, vars(module)))
    np.seterr(all="warn")
    return judged(number, check, getattr(module, name))


def _loaded(file: Path, module: ModuleType) -> ModuleType:
    sys.argv = [str(file)]
    sys.path.insert(0, str(file.parent))
    if file.suffix == ".ipynb":
        file = _script(file)
    spec = spec_from_file_location("answer", file)
    if spec is None or spec.loader is None:
        raise SyntaxError(f"{file.name} is no Python file", (str(file), None, None, None))
    module = sys.modules["answer"] = module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(module)
    return module


def _script(notebook: Path) -> Path:
    """The code of a notebook as a file here, without what only a notebook understands."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    lines = [line for line in "\n".join(code).splitlines() if not line.startswith(("%", "!"))]
    place = Path.cwd() / f"{notebook.stem}.py"
    place.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place


def _absent(name: str, there: dict[str, Any]) -> str:
    close = get_close_matches(name, [each for each in there if not each.startswith("_")], n=1)
    return f"there is no {name} in the file" + (f"; is {close[0]} meant?" if close else "")


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}".removesuffix(": ")


def _line(error: BaseException, file: Path) -> int | None:
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(file)
    ]
    return lines[-1] if lines else None


if __name__ == "__main__":
    main()
