"""``python -m tinygrad_edu doctor``: every extra is there, with what it gives."""

from __future__ import annotations

import configparser
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from tinygrad_edu.cli import doctor, main

pytestmark = pytest.mark.once
DEVELOPERS = {"all", "test", "dev", "parity", "browser", "bench", "docs"}


def test_every_extra_of_users_is_told() -> None:
    settings = configparser.ConfigParser()
    settings.read(Path(__file__).parents[2] / "setup.cfg", encoding="utf-8")
    assert set(doctor.EXTRAS) == set(settings["options.extras_require"]) - DEVELOPERS
    for name, extra in doctor.EXTRAS.items():
        for package in extra.packages:
            assert package in settings["options.extras_require"][name]


def test_what_is_absent_comes_with_its_install_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = doctor.version

    def version(package: str) -> str:
        if package == "tqdm":
            raise PackageNotFoundError(package)
        return real(package)

    monkeypatch.setattr(doctor, "version", version)
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if " tqdm " in line]
    assert line.startswith("--")
    assert line.endswith('pip install "tinygrad_edu[progress]"')
    assert lines[0].startswith("ok  Python")


def test_doctor_takes_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--all"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
