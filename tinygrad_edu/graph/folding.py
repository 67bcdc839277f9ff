"""What to draw as one box, so that a picture stays readable (floor 3).

Modules that are called again and again are folded first, so that the first call can be drawn open;
then modules are closed, from the inside; then other stretches that repeat, then the middle of what
is still too long. Only stretches of the execution are folded, so nothing folded makes a cycle.
"""

from __future__ import annotations

from collections.abc import Collection

from .nesting import Group, bare
from .node import Node

__all__ = ["fold", "fold_calls", "opened_groups"]

LONGEST_PERIOD = 60
FEWEST_REPEATS = 3
FEW = 6


def opened_groups(
    root: Group, depth: int | None, max_nodes: int, wanted: Collection[str] = ()
) -> tuple[set[Group], int]:
    """Return the groups to draw open, and how deep that is.

    Parameters
    ----------
    root : Group
        The whole graph.
    depth : int or None
        How many levels of modules to open; by default as many as leave ``max_nodes`` boxes.
    max_nodes : int
        How many boxes are readable.
    wanted : collection of str
        Paths of modules to open in any case, with or without call numbers.

    Returns
    -------
    set of Group, int
        The root is always among them.
    """
    levels = _by_level(root)
    if depth is None:
        depth = 0
        while depth < len(levels) - 1 and _boxes(levels, depth + 1) <= max_nodes:
            depth += 1
        # One closed box says nothing: open it, and fold what is inside.
        if _boxes(levels, depth) <= FEW and depth < len(levels) - 1:
            depth += 1
    opened = {group for level in levels[: depth + 1] for group in level}
    for level in levels[depth + 1 :]:
        for group in level:
            if group.path in wanted or bare(group.path) in wanted:
                outer: Group | None = group
                while outer is not None:
                    opened.add(outer)
                    outer = outer.parent
    return opened, depth


def _by_level(root: Group) -> list[list[Group]]:
    levels = [[root]]
    while inner := [c for group in levels[-1] for c in _modules(group)]:
        levels.append(inner)
    return levels


def _modules(group: Group) -> list[Group]:
    return [c for c in group.children if isinstance(c, Group) and c.kind == "module"]


def _boxes(levels: list[list[Group]], depth: int) -> int:
    """How many boxes are drawn when so many levels are open."""
    shown = [part for level in levels[: depth + 1] for group in level for part in group.children]
    rows = sum(isinstance(part, Node) or part.kind == "fold" for part in shown)
    return rows + (len(levels[depth + 1]) if depth + 1 < len(levels) else 0)


def fold_calls(root: Group, wanted: Collection[str] = ()) -> None:
    """Fold calls of modules that do the same again and again, but for the first and the last.

    Parameters
    ----------
    root : Group
        Changed in place.
    wanted : collection of str
        Paths of modules to draw open, which are kept.
    """
    found = [root]
    for group in found:  # the list grows while it is read
        _fold_repeats(group, wanted, calls=True)
        found += _modules(group)


def fold(root: Group, opened: Collection[Group], max_nodes: int) -> int:
    """Fold what is too long in groups that are drawn open; return how many rows are hidden so.

    Parameters
    ----------
    root : Group
        Changed in place: stretches of children become groups of kind ``"fold"``.
    opened : collection of Group
        What is drawn open.
    max_nodes : int
        How many boxes may stay in all.
    """
    hidden = 0
    shown = _shown(root, opened)
    if sum(len(group.children) for group in shown) > max_nodes:
        hidden += sum(_fold_repeats(group) for group in shown)
        shown = _shown(root, opened)
    for group in shown:
        _join(group, opened)
    sizes = sorted(len(group.children) for group in shown)
    if sum(sizes) <= max_nodes:
        return hidden
    room, left = max_nodes, len(sizes)
    for size in sizes:  # short groups leave their share to the long ones
        if size * left > room:
            break
        room, left = room - size, left - 1
    share = max(room // max(left, 1), 2)
    return hidden + sum(_fold_middle(g, share) for g in shown if len(g.children) > share)


def _shown(root: Group, opened: Collection[Group]) -> list[Group]:
    """The open groups that no closed group hides."""
    found = [root]
    for group in found:  # the list grows while it is read
        found += [c for c in group.children if isinstance(c, Group) and c in opened]
    return found


def _alike(part: Group | Node, wanted: Collection[str]) -> tuple[object, ...]:
    """What makes two boxes look the same; what is to be drawn open is like nothing else."""
    if isinstance(part, Node):
        return (part.op, part.shape, part.settings, part.module == "")
    if any(_leads_to(path, wish) for path in (part.path, bare(part.path)) for wish in wanted):
        return (part.path,)
    inside = [(node.op, node.shape, node.settings) for node in part.walk()]
    return (part.title.partition(" · ")[2], *inside)


def _leads_to(path: str, wish: str) -> bool:
    return wish == path or wish.startswith(f"{path}.")


def _fold_repeats(group: Group, wanted: Collection[str] = (), calls: bool = False) -> int:
    """Fold all but the first and the last of a stretch that is one pattern over and over.

    ``calls``: only patterns with a module in them.
    """
    names: dict[object, int] = {}
    signs = [names.setdefault(_alike(part, wanted), len(names)) for part in group.children]
    kept: list[Group | Node] = []
    hidden = start = 0
    while start < len(signs):
        period, times = _repeats(signs, start)
        if times <= FEWEST_REPEATS:
            kept.append(group.children[start])
            start += 1
            continue
        first, last = start + period, start + period * (times - 1)
        if calls and not any(isinstance(p, Group) for p in group.children[start:first]):
            kept += group.children[start:last]
            start = last
            continue
        inner = _folded(group, group.children[first:last], times - 2)
        kept += [*group.children[start:first], inner, *group.children[last : last + period]]
        hidden += inner.rows
        start = last + period
    group.children = kept
    return hidden


def _repeats(signs: list[int], start: int) -> tuple[int, int]:
    """The shortest pattern from a place on that repeats often enough, and how often it does."""
    for period in range(1, LONGEST_PERIOD + 1):
        end = start + period
        while end < len(signs) and signs[end] == signs[end - period]:
            end += 1
        times = (end - start) // period
        if times > FEWEST_REPEATS:
            return period, times
    return 1, 1


def _fold_middle(group: Group, room: int) -> int:
    """Keep as many children at both ends as there is room for."""
    first = room - room // 2
    last = len(group.children) - room // 2
    inner = _folded(group, group.children[first:last], 0)
    group.children = [*group.children[:first], inner, *group.children[last:]]
    return inner.rows


def _folded(group: Group, parts: list[Group | Node], times: int) -> Group:
    rows = sum(part.rows if isinstance(part, Group) else 1 for part in parts)
    title = f"{times} × {_called(parts, times)}" if times else f"{rows:,} more operations"
    return Group(group.path, title, "fold", parts, group, rows, times)


def _called(parts: list[Group | Node], times: int) -> str:
    """What repeats: a class of modules or the attribute that holds them, if it is that alone."""
    first = parts[0]
    if len(parts) != times or isinstance(first, Node):
        return "the same"
    own = bare(first.title.partition(" · ")[0].partition(" #")[0]).rstrip(".0123456789")
    return first.title.partition(" · ")[2] or own or "the same"


def _join(group: Group, opened: Collection[Group]) -> None:
    """Where a module is drawn closed before and after its own repetition, one box says it all."""
    kept: list[Group | Node] = []
    rest = list(reversed(group.children))
    while rest:
        part = rest.pop()
        ends = [*kept[-1:], *rest[-1:]]
        single = isinstance(part, Group) and part.times == len(part.children)
        if single and len(ends) == 2 and all(_closed(end, opened) for end in ends):
            parts = [kept.pop(), *part.children, rest.pop()]  # type: ignore[union-attr]
            part = _folded(group, parts, len(parts))
        kept.append(part)
    group.children = kept


def _closed(part: Group | Node, opened: Collection[Group]) -> bool:
    return isinstance(part, Group) and part.kind == "module" and part not in opened
