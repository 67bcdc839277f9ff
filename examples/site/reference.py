"""Pages made from the library itself: every public name, and every error with its edit."""

import ast
import importlib
import inspect
from pathlib import Path

import tinygrad_edu as tg
from tinygrad_edu.registry import registry

PACKAGE = Path(tg.__file__).parent
ROOMS = (
    "nn", "nn.functional", "nn.init", "nn.optim", "nn.optim.schedules", "training", "metrics",
    "data", "plots", "graph", "testing", "testing.laws", "testing.strategies", "lessons",
    "formulary", "random", "linalg", "special", "errors",
)  # fmt: skip

# Every object once, under the first name that it is met by.
_told = {}


def reference(folder):
    """Write a page for the top level, one for each family of operations, and one for each room."""
    folder.mkdir(parents=True)
    families, core = {}, []
    for name in sorted(tg.__all__):
        value = getattr(tg, name)
        home = _home(value)
        if inspect.ismodule(value) or not home.startswith("tinygrad_edu"):
            continue
        if ".ops." in home:
            families.setdefault(home, []).append(name)
        else:
            core.append(name)
    pages = [_page(folder / "core.rst", "Tensors, tape and transforms", "tinygrad_edu", core)]
    for home, names in sorted(families.items()):
        path = folder / f"ops_{home.partition('.ops.')[2].replace('.', '_')}.rst"
        pages.append(_page(path, "Operations: " + _family(home), "tinygrad_edu", names))
    for room in ROOMS:
        module = importlib.import_module(f"tinygrad_edu.{room}")
        names = [n for n in sorted(module.__all__) if not inspect.ismodule(getattr(module, n))]
        path = folder / f"{room.replace('.', '_')}.rst"
        said = inspect.getdoc(module) or ""
        pages.append(_page(path, f"tg.{room}", module.__name__, names, said))
    listed = "\n".join(f"   {page}" for page in pages)
    (folder / "index.rst").write_text(
        "API reference\n=============\n\nEvery public name, from the source itself.\n\n"
        f".. toctree::\n   :maxdepth: 1\n\n{listed}\n",
        encoding="utf-8",
    )


def errors(path):
    """Write the table of every situation that has a code, as the source has it."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                given = {word.arg: word.value for word in node.keywords}
                code = given.get("code")
                if isinstance(code, ast.Constant) and str(code.value).startswith("TG-"):
                    found.setdefault(code.value, []).append((node, given))
    assert found
    lines = [
        "# Error catalogue", "",
        "Every error says what happened, where, why, and the edit that mends it. The code is"
        " stable. Parts in braces are filled in with the values, shapes and names at hand.", "",
    ]  # fmt: skip
    for code, calls in sorted(found.items()):
        lines += [f"## {code}", ""]
        for node, given in calls:
            lines += [f"**{ast.unparse(node.func).rpartition('.')[2]}**", ""]
            parts = [("what", node.args[0] if node.args else given.get("what"))]
            parts += [(name, given.get(name)) for name in ("why", "fix")]
            told = [f"{name:<4}  {_words(part)}" for name, part in parts if part is not None]
            lines += ["```text", *told, "```", ""]
    path.write_text("\n".join(lines), encoding="utf-8")


def _home(value):
    op = getattr(value, "op", None)
    if op is not None and op in registry.values():
        return getattr(value, "__module__", "")
    return getattr(value, "__module__", None) or type(value).__module__


def _family(home):
    return home.rpartition(".")[2].replace("_", " ")


def _page(path, title, module, names, said=""):
    lines = [title, "=" * len(title), "", *([said, ""] if said else [])]
    there = importlib.import_module(module)
    for name in names:
        value = getattr(there, name)
        if getattr(value, "__name__", "") == name:  # before its other names, such as arctan of atan
            _told.setdefault(id(value), f"{module}.{name}")
    for name in names:
        value = getattr(there, name)
        full = f"{module}.{name}"
        first = _told.setdefault(id(value), full)
        if first != full:
            lines += [f"``{full}`` is :py:obj:`{first}`.", ""]
        elif not callable(value):
            lines += [f".. py:data:: {full}", "", f"   {_said(value)}", ""]
        else:
            lines += [f".. {_directive(value)}:: {full}"]
            plain = issubclass(value, (Exception, tuple)) if inspect.isclass(value) else True
            lines += [""] if plain else ["   :members:", ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path.stem


def _directive(value):
    if inspect.isclass(value):
        return "autoexception" if issubclass(value, Exception) else "autoclass"
    return "autofunction"


def _said(value):
    """What data is, in a line."""
    if isinstance(value, (dict, tuple, list)):
        return "One of " + ", ".join(f"``{key}``" for key in value) + "."
    return f"``{value!r}``"


def _words(node):
    """A string as the source puts it together, with what is filled in as braces."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(
                _words(part) if isinstance(part, ast.Constant)
                else "{" + ast.unparse(part.value) + "}"
                for part in parts
            )  # fmt: skip
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _words(left) + _words(right)
    return "{" + ast.unparse(node) + "}"
