"""The series: lessons that run as scripts, with exercises that answer at once.

A lesson begins with ``lesson = tg.lessons.begin(6)``.  What it prints and shows is filed under its
cells, and becomes one page, ``runs/06_backprop_by_hand/lesson.html``, when it ends.
"""

from .exercises import Verdict, require
from .lesson import Lesson, begin

__all__ = ["Lesson", "Verdict", "begin", "require"]
