"""This folder on the path, so that its tests and those in its subfolders find `media`."""

import pytest


@pytest.fixture
def no_key(monkeypatch):
    """Whoever runs the tests may have one."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "REELSCRIBE_WHISPER_MODEL"):
        monkeypatch.delenv(name, raising=False)
