"""What the tests of the command share: how it is run, and clips that cost its engines hardly anything."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from jsonschema import Draft202012Validator
from media import held, slide, write

from include.processing.audio import RATE
from include.processing.command import main

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "result.schema.json").read_text())
RECEIPT_SCHEMA = json.loads((ROOT / "docs" / "schemas" / "receipt.schema.json").read_text())
ONE_LINE = re.compile(r"^[A-Z][A-Z_]+: .+; .+$")


def command(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "include.processing", *map(str, arguments)],
        capture_output=True, text=True, cwd=ROOT, timeout=250, check=False, **options,
    )  # fmt: skip


def result(out):
    document = json.loads((out / "result.json").read_text())
    Draft202012Validator(SCHEMA).validate(document)
    Draft202012Validator(RECEIPT_SCHEMA).validate(json.loads((out / "receipt.json").read_text()))
    return document


def receipt(out):
    return json.loads((out / "receipt.json").read_text())


def codes(document):
    return [p["code"] for p in document["quality"]["problems"]]


def silence(seconds):
    return np.zeros(round(seconds * RATE), np.int16)


def slides(path, *states, sound=True, **arguments):
    """A clip whose sound is silence, which costs no recogniser a second."""
    pictures = held([(seconds, slide(text)) for seconds, text in states], 5)
    return write(path, pictures, silence(len(pictures) / 5) if sound else None, rate=5, **arguments)


def run(capsys, *arguments):
    """In this process: (exit status, stdout, lines of stderr)."""
    try:
        status = main([*map(str, arguments)])
    except SystemExit as exc:  # argparse
        status = exc.code
    captured = capsys.readouterr()
    return status, captured.out, captured.err.splitlines()
