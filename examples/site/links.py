"""Every link of a built site leads somewhere, and no page asks anything of another place."""

from functools import cache
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

LOADS = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src")}
# Links that say where something is, and load nothing.
SAYS = {"canonical", "author", "license", "next", "prev", "search", "index", "genindex"}


class Page(HTMLParser):
    """The names in a page, and what it refers to."""

    def __init__(self, path):
        super().__init__()
        self.names, self.links, self.loads = set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        """Note what an element is called and what it refers to."""
        given = dict(attributes)
        self.names |= {given[key] for key in ("id", "name") if given.get(key)}
        for key in ("href", "src"):
            if given.get(key):
                loads = (tag, key) in LOADS and given.get("rel") not in SAYS
                (self.loads if loads else self.links).append(given[key])


@cache
def _page(path):
    return Page(path)


def broken(out):
    """Return what is wrong with the links of the pages under a folder, a line each."""
    found = []
    for path in sorted(out.rglob("*.html")):
        page = _page(path)
        for address in [*page.loads, *page.links]:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                if address in page.loads and parts.scheme != "data":
                    found.append(f"{path.relative_to(out)}: loads {address}")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                found.append(f"{path.relative_to(out)}: no file {address}")
            elif (
                parts.fragment
                and target.suffix == ".html"
                and "_static" not in parts.path
                and unquote(parts.fragment) not in _page(target).names
            ):
                found.append(f"{path.relative_to(out)}: no place {address}")
    return found
