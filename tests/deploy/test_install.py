"""The install script's words where it can't do its work. That it does is seen wherever these tests run."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "local" / "install.sh"
TOOLS = ("sh", "dirname", "cat", "cksum", "chmod", "grep", "id", "mv", "rm", "sed")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout with the script and a lock of nothing, and a `bin` with little in it."""
    (tmp_path / "deploy" / "local").mkdir(parents=True)
    shutil.copy(SCRIPT, tmp_path / "deploy" / "local")
    for lock in ("constraints.txt", "constraints-dev.txt"):
        (tmp_path / lock).write_text("# nothing\n")
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or pytest.skip(f"no {tool}"))
    return tmp_path


def install(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "deploy/local/install.sh", *arguments],
        cwd=clone, env={"PATH": str(clone / "bin")}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def program(clone: Path, name: str, body: str) -> None:
    path = clone / "bin" / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    "version", [pytest.param(None, id="none"), pytest.param("exit 1", id="too-old-or-a-dead-shim")]
)
def test_no_python_is_one_line(clone: Path, version: str | None) -> None:
    if version:
        program(clone, "python3", version)
    done = install(clone)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "INSTALL_FAILED: there is no Python 3.11 (3.11.2 or newer) or 3.12; install one, e.g. python3.11"
    ]


def test_what_is_installed_is_left_alone_and_missing_tesseract_is_one_line(clone: Path) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / "bin" / "python").symlink_to(os.path.realpath(shutil.which("true") or "/bin/true"))
    state = subprocess.run(["cksum"], input=b"# nothing\n", capture_output=True, check=True).stdout.decode()
    (clone / ".venv" / ".installed").write_text(state)
    done = install(clone)
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "Tesseract is missing, RapidOCR reads the screen meanwhile; "
        "install it: apt-get install tesseract-ocr tesseract-ocr-eng"
    ]
