"""The shape of the source, read from its syntax trees.

Imports go down only; files and functions stay short; importing the package loads NumPy and nothing
else; nothing is evaluated or unpickled; no test is lost or empty. Each detector returns what it
found as text, and is tried first on a small package with a known fault: it must be able to fail.
"""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

pytestmark = pytest.mark.once  # what no version of Python changes

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGE = CHECKOUT / "tinygrad_edu"

# A room is a module or folder directly under the package. The table is repeated in CONTRIBUTING.md.
FLOORS = {
    **dict.fromkeys(["errors", "source", "structure", "types", "arrays", "domain"], 0),
    **dict.fromkeys(["catalogue", "reasons", "refusal", "registration", "registry", "memory"], 0),
    **dict.fromkeys(
        ["arraylike", "mode", "datatypes", "namespace", "seeding", "_version", "metrics", "data"], 0
    ),
    **dict.fromkeys(["storage", "webpage"], 0),
    "autodiff": 1,
    **dict.fromkeys(["ops", "random"], 2),
    **dict.fromkeys(["compiler", "graph", "special", "testing"], 3),
    **dict.fromkeys(["nn", "formulary"], 4),
    **dict.fromkeys(["explorables", "lessons", "plots", "training"], 5),
    **dict.fromkeys(["__init__", "__main__", "cli"], 6),
}
TOP = 6
# The highest floor a room may import from, where that is not simply the one below its own:
# pictures must work for ops nobody has written yet, and layers must not need a checker or compiler.
REACH = {"graph": 1, "nn": 2}

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "core"}
ENGINE_LINES, FILE_LINES, FUNCTION_LINES = 1000, 350, 40
# The one long function: a call per contribution made sweeps of small arrays 5 % slower.
LONGER = {"autodiff/backward.py:sweep": 85}

Function = (ast.FunctionDef, ast.AsyncFunctionDef)


def sources(root: Path) -> list[Path]:
    found = sorted(root.rglob("*.py"))
    # An empty folder would satisfy every law below.
    assert found, f"no Python file under {root}"
    return found


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_names(path: Path, root: Path) -> Iterator[tuple[int, str | None]]:
    """Line and full dotted name of every import in a file, wherever it stands.

    None stands for a dynamic import whose name the syntax does not show.
    """
    here = path.relative_to(root.parent).with_suffix("").parts

    def absolute(name: str, level: int) -> str:
        return ".".join([*(here[:-level] if level else ()), *filter(None, [name])])

    for node in ast.walk(parse(path)):
        match node:
            case ast.Import():
                yield from ((node.lineno, alias.name) for alias in node.names)
            case ast.ImportFrom():
                origin = absolute(node.module or "", node.level)
                yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module")
                | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                plain = name.lstrip(".")
                yield node.lineno, absolute(plain, len(name) - len(plain))
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module")
                | ast.Attribute(attr="import_module")
            ):
                yield node.lineno, None


def module_of(name: str, root: Path) -> str:
    """The longest part of a dotted name that is a module: `from .. import nn` imports a module,
    `from ..errors import ShapeError` a name in one."""
    parts = name.split(".")
    while len(parts) > 1:
        place = root.parent.joinpath(*parts)
        if place.is_dir() or place.with_suffix(".py").is_file():
            break
        parts.pop()
    return ".".join(parts)


def room_of(name: str) -> str:
    """`tinygrad_edu.nn.layers` is in `nn`; what only the package itself exports, in `__init__`."""
    return (name.split(".")[1:] or ["__init__"])[0]


def may_import(source: str, target: str) -> bool:
    if source == target or FLOORS[source] == TOP:
        return True
    if FLOORS[source] == 0:
        return FLOORS[target] == 0
    return FLOORS[target] <= REACH.get(source, FLOORS[source] - 1)


def cycle(edges: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return ["floor 0 imports in a circle: " + " -> ".join(error.args[1])]
    return []


def violations(root: Path) -> list[str]:
    """Every import under the package folder `root` that does not go down: `file:line: reason`."""
    found: list[str] = []
    modules: dict[str, set[str]] = {}
    rooms: dict[str, set[str]] = {}
    for path in sources(root):
        here = ".".join(path.relative_to(root.parent).with_suffix("").parts)
        source = room_of(here)
        here = here.removesuffix(".__init__")
        if source not in FLOORS:
            found.append(f"{path.relative_to(root)}: the room {source} has no floor in FLOORS")
            continue
        for line, name in imported_names(path, root):
            place = f"{path.relative_to(root)}:{line}: {source} (floor {FLOORS[source]})"
            if name is None:
                if FLOORS[source] < TOP:
                    found.append(f"{place} must not import by a computed name")
                continue
            if name.split(".")[0] != root.name:
                continue
            module = module_of(name, root)
            target = room_of(module)
            if target not in FLOORS or not may_import(source, target):
                found.append(f"{place} must not import {target} (floor {FLOORS.get(target)})")
            elif FLOORS[source] == 0:
                modules.setdefault(here, set()).add(module)
                if source != target:
                    rooms.setdefault(source, set()).add(target)
    # One line that imports two names is one violation.
    return list(dict.fromkeys(found)) + (cycle(modules) or cycle(rooms))


LAWFUL = {
    "__init__.py": "from . import errors\nfrom .nn import Module as Module",
    "__main__.py": "import importlib, tinygrad_edu.training\nimportlib.import_module(name)",
    "errors.py": "import sys",
    "types.py": "from .errors import ShapeError",
    "data/__init__.py": "from .loader import DataLoader",
    "data/loader.py": "from . import split\nfrom ..types import Array",
    "data/split.py": "import numpy as np",
    "autodiff/__init__.py": "from .tensor import Tensor as Tensor",
    "autodiff/tensor.py": "from ..errors import ShapeError\ndef f():\n    from . import record",
    "autodiff/record.py": "from .tensor import Tensor",
    "ops/__init__.py": "from ..autodiff import Tensor",
    "graph/__init__.py": "from tinygrad_edu.autodiff.tensor import Tensor\nimport graphviz",
    "testing/__init__.py": "from .. import ops",
    "compiler/__init__.py": "from ..ops import tanh",
    "nn/__init__.py": "from .layers import Linear",
    "nn/layers.py": "from ..ops import matmul\nfrom ..data import split",
    "plots/__init__.py": "from ..graph import draw",
    "training/__init__.py": "from ..nn.layers import Linear\nfrom ..compiler import compile",
}

UPWARD = {
    "relative": ("autodiff/tensor.py", "from ..ops import add", "import ops (floor 2)"),
    "relative, from a package": ("ops/__init__.py", "from ..nn import Module", "import nn"),
    "relative, three dots": ("ops/deep/inner.py", "from ...nn import Module", "import nn"),
    "absolute": ("ops/new.py", "import numpy, tinygrad_edu.nn.layers", "new.py:1: ops (floor 2)"),
    "absolute, from": ("data/split.py", "from tinygrad_edu.autodiff import Tensor", "autodiff"),
    "absolute, from the top": ("errors.py", "from tinygrad_edu import nn", "nn (floor 4)"),
    "inside a function": ("types.py", "def f():\n    from .ops import add", "types.py:2: "),
    "inside a method": ("errors.py", "class A:\n    def f(self):\n        from . import nn", "nn"),
    "for the type checker only": (
        "autodiff/record.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..nn import Module",
        "record.py:3: autodiff (floor 1) must not import nn (floor 4)",
    ),
    "under try": ("ops/a.py", "try:\n    from .. import training\nexcept ImportError: pass", "5)"),
    "graph imports ops": ("graph/svg.py", "from ..ops import tanh", "graph (floor 3) must not"),
    "graph imports testing": ("graph/svg.py", "from .. import testing", "testing (floor 3)"),
    "testing imports graph": ("testing/laws.py", "from ..graph import draw", "graph (floor 3)"),
    "nn imports testing": ("nn/layers.py", "from ..testing import laws", "testing (floor 3)"),
    "nn imports compiler": ("nn/layers.py", "import tinygrad_edu.compiler", "compiler (floor 3)"),
    "training imports plots": ("training/fit.py", "from ..plots import curve", "plots (floor 5)"),
    "a module from the package": ("ops/a.py", "from .. import nn", "import nn (floor 4)"),
    "a name from the package": ("nn/a.py", "from .. import Tensor", "import __init__ (floor 6)"),
    "the package itself": ("nn/a.py", "import tinygrad_edu as tg", "import __init__ (floor 6)"),
    "star": ("autodiff/a.py", "from ..ops import *", "import ops (floor 2)"),
    "dynamic": ("ops/a.py", "import importlib\nimportlib.import_module('tinygrad_edu.nn')", "nn"),
    "dynamic, relative": ("ops/a.py", "import_module('..nn.layers', __package__)", "import nn"),
    "dynamic, computed": ("ops/a.py", "import_module(name)", "computed name"),
    "builtin": ("ops/a.py", "__import__('tinygrad_edu.nn')", "import nn (floor 4)"),
    "a room without a floor": ("attic.py", "", "attic has no floor"),
    "circle of modules": ("errors.py", "from .types import Array", "in a circle"),
    "circle in a room": ("data/split.py", "def f():\n    from .loader import x", "in a circle"),
    "circle of rooms": ("types.py", "from .data.split import x", "in a circle"),
}


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    return root


def none_of(found: list[str]) -> None:
    # One finding a line; comparing with [] would show the first and cut off the rest.
    assert not found, "\n" + "\n".join(found)


def test_imports_of_a_lawful_package_pass(tmp_path: Path) -> None:
    assert violations(write(tmp_path / "tinygrad_edu", LAWFUL)) == []


@pytest.mark.parametrize("file, text, reason", UPWARD.values(), ids=UPWARD)
def test_a_seeded_upward_import_is_found(tmp_path: Path, file: str, text: str, reason: str) -> None:
    found = violations(write(tmp_path / "tinygrad_edu", LAWFUL | {file: text}))
    assert len(found) == 1, found
    assert reason in found[0]


def test_imports_go_down_only() -> None:
    none_of(violations(PACKAGE))


def test_contributing_states_the_same_floors() -> None:
    text = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| (.*?) \|", text, flags=re.MULTILINE)
    stated = {room: int(floor) for floor, rooms in rows for room in re.findall(r"`(\w+)`", rooms)}
    assert stated == FLOORS


# They gather what each family of operations names public, and would repeat every name otherwise.
SHOP_WINDOWS = {"__init__.py", "ops/__init__.py"}


def star_imports_and_vague_names(root: Path) -> list[str]:
    found = []
    for path in sources(root):
        place = path.relative_to(root)
        found += [
            f"{place}: says nothing" for part in place.parts if Path(part).stem in VAGUE_NAMES
        ]
        found += [
            f"{place}:{node.lineno}: star import"
            for node in ast.walk(parse(path))
            if isinstance(node, ast.ImportFrom)
            and node.names[0].name == "*"
            and str(place) not in SHOP_WINDOWS
        ]
    return found


def docstring_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    if ast.get_docstring(function) is None:
        return 0
    return (function.body[0].end_lineno or 0) - function.body[0].lineno + 1


def over_budget(root: Path) -> list[str]:
    """Files and functions that are too long. Docstrings of functions are free: they are text."""
    found, engine = [], 0
    for path in sources(root):
        place = path.relative_to(root)
        length = len(path.read_text(encoding="utf-8").splitlines())
        if length > FILE_LINES:
            found.append(f"{place}: {length} lines, {FILE_LINES} allowed")
        if place.parts[:-1] == ("autodiff",) and place.name != "transforms.py":
            engine += length
        for node in ast.walk(parse(path)):
            if isinstance(node, Function):
                length = (node.end_lineno or 0) - node.lineno + 1 - docstring_lines(node)
                allowed = LONGER.get(f"{place.as_posix()}:{node.name}", FUNCTION_LINES)
                if length > allowed:
                    found.append(
                        f"{place}:{node.lineno}: {node.name} has {length} lines, {allowed} allowed"
                    )
    if engine > ENGINE_LINES:
        found.append(f"autodiff without transforms: {engine} lines, {ENGINE_LINES} allowed")
    return found


PICKLE, UNPICKLERS = {"pickle", "_pickle"}, {"load", "loads", "Unpickler"}


def danger(node: ast.AST, pickles: set[str]) -> str | None:
    """Name what is dangerous about a node; `pickles` are the names that stand for the module."""
    match node:
        case ast.Call(func=ast.Name(id="eval" | "exec" as what)):
            return what
        case ast.Attribute(value=ast.Name(id="builtins"), attr="eval" | "exec" as what):
            return what
        case ast.Attribute(value=ast.Name(id=module), attr=what) if module in pickles:
            return f"pickle.{what}" if what in UNPICKLERS else None
        case ast.ImportFrom(module=module, names=names) if module in PICKLE:
            taken = {alias.name for alias in names} & (UNPICKLERS | {"*"})
            return f"from pickle import {', '.join(sorted(taken))}" if taken else None
        case ast.keyword(arg="shell" | "allow_pickle" as what, value=ast.Constant(value=True)):
            return f"{what}=True"
    return None


def dangerous_calls(root: Path) -> list[str]:
    """Ways by which data, a file from elsewhere or a name could become running code."""
    found = []
    for path in sources(root):
        nodes = list(ast.walk(parse(path)))
        pickles = {
            alias.asname or alias.name
            for node in nodes
            if isinstance(node, ast.Import)
            for alias in node.names
            if alias.name in PICKLE
        }
        found += [
            f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}: {what}"
            for node in nodes
            if (what := danger(node, pickles))
        ]
    return found


def lines(count: int) -> str:
    return "\n".join(["    x = 1"] * count)


Detector = Callable[[Path], list[str]]
FAULTS: dict[str, tuple[Detector, dict[str, str], str]] = {
    "star import": (star_imports_and_vague_names, {"a.py": "from numpy import *"}, "a.py:1: star"),
    "star import in a branch": (
        star_imports_and_vague_names,
        {"nn/__init__.py": "if x:\n    from .exp import *"},
        "__init__.py:2: star",
    ),
    "vague module": (star_imports_and_vague_names, {"ops/utils.py": ""}, "says nothing"),
    "vague folder": (star_imports_and_vague_names, {"core/engine.py": ""}, "says nothing"),
    "long file": (over_budget, {"a.py": "\n" * 350}, "a.py: 351 lines"),
    "long function": (over_budget, {"a.py": f"def f():\n{lines(40)}"}, "a.py:1: f has 41 lines"),
    "long method": (
        over_budget,
        {"a.py": f"class A:\n  @property\n  async def f():\n    'free'\n{lines(40)}"},
        "a.py:3: f has 41 lines",
    ),
    "long engine": (
        over_budget,
        {f"autodiff/{name}.py": "\n" * 333 for name in "abc"},
        "without transforms: 1002 lines",
    ),
    "eval": (dangerous_calls, {"a.py": "eval(text)"}, "a.py:1: eval"),
    "exec by its module": (dangerous_calls, {"a.py": "import builtins\nbuiltins.exec(t)"}, "exec"),
    "pickle.load": (
        dangerous_calls,
        {"a.py": "import pickle\npickle.load(file)"},
        "a.py:2: pickle.load",
    ),
    "pickle by another name": (
        dangerous_calls,
        {"a.py": "import pickle as p\np.loads(b)"},
        "loads",
    ),
    "pickle's function": (
        dangerous_calls,
        {"a.py": "from pickle import loads"},
        "from pickle import loads",
    ),
    "shell": (
        dangerous_calls,
        {"a.py": "def f():\n    run('ls', shell=True)"},
        "a.py:2: shell=True",
    ),
    "allow_pickle": (
        dangerous_calls,
        {"a.py": "np.load(f, allow_pickle=True)"},
        "allow_pickle=True",
    ),
}


@pytest.mark.parametrize("detector, files, reason", FAULTS.values(), ids=FAULTS)
def test_a_seeded_fault_is_found(
    tmp_path: Path, detector: Detector, files: dict[str, str], reason: str
) -> None:
    found = detector(write(tmp_path, files))
    assert len(found) == 1, found
    assert reason in found[0]


def test_what_only_looks_like_a_fault_passes(tmp_path: Path) -> None:
    files = {
        "ops/basis.py": "from numpy import exp",
        "a.py": "model.eval()\njson.load(f)\nnp.load(f, allow_pickle=False)\nrun(shell=False)",
        "b.py": f"def f():\n    '''One.\n\n    Two.\n    '''\n{lines(39)}",
        "c.py": "\n" * 349,
        "autodiff/transforms.py": "\n" * 300,
        **{f"autodiff/{name}.py": "\n" * 249 for name in "abcd"},
    }
    write(tmp_path, files)
    found = [
        detector(tmp_path)
        for detector in (star_imports_and_vague_names, over_budget, dangerous_calls)
    ]
    assert found == [[], [], []]


def test_package_has_no_star_imports_and_no_vague_module_names() -> None:
    none_of(star_imports_and_vague_names(PACKAGE))


def test_files_functions_and_engine_stay_short() -> None:
    none_of(over_budget(PACKAGE))


def test_package_neither_evaluates_nor_unpickles() -> None:
    none_of(dangerous_calls(PACKAGE))


# A module without a spec was not imported: NumPy's compiled parts put such entries there by hand.
PROBE = """
import sys
before = set(sys.modules)
import {module}
known = sys.stdlib_module_names | {{"numpy", "tinygrad_edu"}}
loaded = {{
    name.partition(".")[0]
    for name, module in list(sys.modules.items())
    if name not in before and getattr(module, "__spec__", None) is not None
}}
print(*sorted(loaded - known))
"""


def third_party_modules(module: str) -> list[str]:
    """What `import module` loads in a new interpreter beside NumPy and the standard library."""
    code = PROBE.format(module=module)
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split()


def test_the_probe_sees_a_third_party_module() -> None:
    assert "graphviz" in third_party_modules("graphviz")


def test_importing_the_package_loads_numpy_only() -> None:
    assert third_party_modules("tinygrad_edu") == []


def claims_in(body: list[ast.stmt]) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in body if isinstance(node, Function) and node.name.startswith("test")]


def lost_tests(root: Path) -> list[str]:
    """Tests whose name is taken: in one class or module the later silently replaces the earlier,
    and in two files of a folder `pytest -k` can no longer tell them apart."""
    found = []
    taken: set[tuple[str, ...]] = set()
    for path in sorted(root.rglob("test_*.py")):
        tree = parse(path)
        folder, file = str(path.parent), str(path)
        names = [((folder, node.name), node.lineno) for node in claims_in(tree.body)]
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                names.append(((file, node.name), node.lineno))
                names += [
                    ((file, node.name, method.name), method.lineno)
                    for method in claims_in(node.body)
                ]
        for key, line in names:
            if key in taken:
                found.append(f"{path.relative_to(root)}:{line}: {key[-1]} is defined twice")
            taken.add(key)
    return found


def empty_tests(root: Path) -> list[str]:
    """Tests that assert nothing because they do nothing: only `pass`, `...` or a docstring."""
    return [
        f"{path.relative_to(root)}:{node.lineno}: {node.name} is empty"
        for path in sorted(root.rglob("test_*.py"))
        for node in ast.walk(parse(path))
        if isinstance(node, Function) and node.name.startswith("test")
        if all(
            isinstance(line, ast.Pass)
            or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
            for line in node.body
        )
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"test_a.py": "def test_x(): f()\ndef test_x(): g()"},
        {"test_a.py": "class TestA:\n  def test_x(self): f()\n  async def test_x(self): g()"},
        {"test_a.py": "class TestA:\n  x = 1\nclass TestA:\n  y = 1"},
        {"ops/test_a.py": "def test_x(): f()", "ops/test_b.py": "def test_x(): f()"},
    ],
    ids=["in a module", "in a class", "two classes", "in a folder"],
)
def test_a_seeded_lost_test_is_found(tmp_path: Path, files: dict[str, str]) -> None:
    found = lost_tests(write(tmp_path, files))
    assert len(found) == 1, found


@pytest.mark.parametrize("body", ["pass", "...", "'''Says much.'''", "'''Says much.'''; pass"])
def test_a_seeded_empty_test_is_found(tmp_path: Path, body: str) -> None:
    write(tmp_path, {"test_a.py": f"class TestA:\n  @given(x)\n  def test_x(self, x): {body}"})
    assert len(empty_tests(tmp_path)) == 1


def test_equal_names_in_different_places_pass(tmp_path: Path) -> None:
    text = "class TestA:\n  def test_x(self): f()\nclass TestB:\n  def test_x(self): f()\n"
    write(tmp_path, {"nn/test_a.py": text + "def test_x(): f()", "ops/test_a.py": text})
    write(tmp_path, {"ops/test_b.py": "def test_x(): f()"})
    assert lost_tests(tmp_path) == []
    assert empty_tests(tmp_path) == []


def test_no_test_is_lost_or_empty() -> None:
    none_of(lost_tests(CHECKOUT / "tests"))
    none_of(empty_tests(CHECKOUT / "tests"))


def test_every_folder_of_the_package_ships() -> None:
    settings = configparser.ConfigParser()
    settings.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    listed = settings["options"]["packages"].split()
    there = {".".join(path.relative_to(CHECKOUT).parent.parts) for path in sources(PACKAGE)}
    assert listed == sorted(there | {"tinygrad_edu.series"})
