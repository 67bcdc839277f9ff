"""Every lesson in short mode, in an empty folder, without a network: its claims hold."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tinygrad_edu.lessons.cells import cells_of
from tinygrad_edu.lessons.process import environment
from tinygrad_edu.lessons.series import Entry, series

SERIES = series()
# Lines of code and prose, without empty ones. A whole GPT with its baselines takes more.
LONGEST, LONGER = 150, {"18_char_gpt": 200}
SECONDS = 240
NO_NETWORK = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise OSError(f"lessons ask nothing of the network: {event}")

sys.addaudithook(refuse)
"""


@pytest.mark.once
@pytest.mark.parametrize("entry", SERIES, ids=lambda entry: entry.folder.name)
def test_a_lesson_has_its_form(entry: Entry) -> None:
    source = (entry.folder / "lesson.py").read_text(encoding="utf-8")
    assert entry.number == int(entry.folder.name[:2])
    assert f"tg.lessons.begin({entry.number})" in source
    assert "pyplot" not in source
    cells = cells_of(source)
    lines = [line for cell in cells for line in cell.text.splitlines() if line.strip()]
    assert len(lines) <= LONGER.get(entry.folder.name, LONGEST)
    prose = "\n".join(cell.text for cell in cells if cell.prose)
    assert re.search(r"^## Sources$", prose, re.M)
    assert len(re.findall(rf"^## Exercise {entry.number}\.[123]: ", prose, re.M)) == 3
    assert len(re.findall(r"^ *assert ", source, re.M)) >= 3
    assert "lesson.show(" in source


@pytest.mark.lessons
@pytest.mark.parametrize("entry", SERIES, ids=lambda entry: entry.folder.name)
def test_a_lesson_keeps_its_claims(entry: Entry, tmp_path: Path) -> None:
    (tmp_path / "block").mkdir()
    (tmp_path / "block" / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    (tmp_path / "empty").mkdir()
    surroundings = environment("short")
    paths = [str(tmp_path / "block"), surroundings.get("PYTHONPATH", "")]
    surroundings["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    surroundings.pop("DISPLAY", None)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(entry.folder / "lesson.py")],
        cwd=tmp_path / "empty", env=surroundings, capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert len(re.findall(rf"^{entry.number}\.[123] open: ", done.stdout, re.M)) == 3
    folder = tmp_path / "empty" / "runs" / entry.folder.name
    assert [path.name for path in (tmp_path / "empty").iterdir()] == ["runs"]
    page = (folder / "lesson.html").read_text(encoding="utf-8")
    pictures = set(re.findall(r"^picture (?:runs\W\w+\W)(.+)$", done.stdout, re.M))
    assert pictures
    for name in pictures:
        assert (folder / name).stat().st_size > 500
    still = [name for name in pictures if not name.endswith(".html")]
    assert page.count("<figure><img ") >= len(still)
    assert "<script" not in page
    text = re.sub(r'src="data:[^"]*"', "", page)
    assert not re.search(r"""(?:src|@import|url\()\s*=?\s*["']?https?:""", text)
    plain = re.sub(r"<pre.*?</pre>|<[^>]+>", "", text, flags=re.S)
    assert "$" not in plain.replace("\\$", ""), re.findall(r".{30}\$.{30}", plain)
