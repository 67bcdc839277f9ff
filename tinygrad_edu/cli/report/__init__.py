"""``report.html``: a run on one page that needs no network, no script and no Matplotlib."""

from .page import report

__all__ = ["report"]
