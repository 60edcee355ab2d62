"""Which engine `auto` means, and the one-line errors of engines that can't work here."""

from pathlib import Path

import pytest
from speech_text import KEY

from include.processing.errors import PermanentError
from include.processing.transcription import engine_names, resolve_engine, transcriber


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No key, and a hub cache with nothing in it."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture
def cached_small(tmp_path: Path) -> None:
    """The default model as the hub's client leaves it (what is in the files does not matter here)."""
    repository = tmp_path / "hub" / "models--Systran--faster-whisper-small"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc")
    (repository / "snapshots" / "abc").mkdir(parents=True)
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (repository / "snapshots" / "abc" / name).write_bytes(b"{}")


def test_auto_without_anything_is_sphinx() -> None:
    assert resolve_engine("auto") == "sphinx"


def test_auto_with_a_key_is_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert resolve_engine("auto", Path("/weights")) == "openai"


def test_an_empty_key_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", " ")
    assert resolve_engine("auto") == "sphinx"


def test_auto_with_weights_is_faster_whisper(tmp_path: Path) -> None:
    assert resolve_engine("auto", tmp_path) == "faster-whisper"


@pytest.mark.usefixtures("cached_small")
def test_auto_with_weights_in_the_hub_cache_is_faster_whisper() -> None:
    assert resolve_engine("auto") == "faster-whisper"


@pytest.mark.parametrize("name", ["openai", "faster-whisper", "sphinx"])
def test_a_name_stays(name: str) -> None:
    assert resolve_engine(name) == name


def test_the_names_of_our_engines() -> None:
    assert engine_names() == ("openai", "faster-whisper", "sphinx")


def test_an_engine_is_built_once_until_the_key_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    first = transcriber("openai", "whisper-1")
    assert transcriber("auto", "whisper-1") is first
    monkeypatch.setenv("OPENAI_API_KEY", KEY + "7")
    assert transcriber("openai", "whisper-1") is not first


@pytest.mark.parametrize(
    ("name", "model", "message"),
    [
        pytest.param(
            "siri", None, "ASR_ENGINE: no speech engine siri; choose auto, openai, faster-whisper, sphinx", id="unknown"
        ),
        pytest.param(
            "openai",
            None,
            "ASR_UNAUTHORISED: OPENAI_API_KEY is not set; set OPENAI_API_KEY to a valid key",
            id="openai-without-key",
        ),
        pytest.param(
            "sphinx",
            "whisper-1",
            "ASR_MODEL: the offline recogniser has no model whisper-1; "
            "leave the model out, or set OPENAI_API_KEY or choose another engine",
            id="sphinx-with-a-model",
        ),
        pytest.param(
            "faster-whisper",
            None,
            "ASR_NO_WEIGHTS: no weights of the model small on this machine; "
            "set REELSCRIBE_WHISPER_MODEL to a folder with a Whisper model for CTranslate2 "
            "(model.bin, config.json, tokenizer.json), or choose another engine",
            id="faster-whisper-without-weights",
        ),
    ],
)
def test_what_can_not_work_says_what_to_do(name: str, model: str | None, message: str) -> None:
    with pytest.raises(PermanentError) as caught:
        transcriber(name, model)
    assert str(caught.value) == message


def test_sphinx_understands_english_only(spoken: Path) -> None:
    with pytest.raises(PermanentError) as caught:
        transcriber("sphinx").transcribe(spoken, "de")
    assert caught.value.code == "ASR_LANGUAGE"


def test_sphinx_says_that_it_hears_badly() -> None:
    assert "expect many wrong words" in str(transcriber("sphinx").note)


THEIRS = """
from include.processing.transcription.engine import Heard, Limits
from include.processing.types import Segment


class Engine:
    name = "parrot"
    note = None
    limits = Limits(1 << 20, 60.0)
    dollars_per_minute = 0.001
    in_flight = 2
    detects_language = False
    takes_keywords = True

    def __init__(self, model=None, weights=None):
        self.model, self.weights = model, weights
        self.identity = f"parrot 1.0 {model}"

    def transcribe(self, audio, language=None, keywords=()):
        return Heard((Segment(0.0, 1.0, " ".join(keywords)),), language, timed=False)
"""


class Installer:
    """Installs distributions as pip leaves them, into a folder on the path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, distribution: str, code: str = THEIRS, name: str = "parrot", target: str = "Engine") -> None:
        module = distribution.replace("-", "_")
        about = self._folder / f"{module}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[reelscribe.transcribers]\n{name} = {module}:{target}\n")
        (self._folder / f"{module}.py").write_text(code)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Installer:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return Installer(folder)


def test_an_engine_of_another_distribution(install: Installer, spoken: Path) -> None:
    install("acme-parrot")
    assert engine_names() == ("openai", "faster-whisper", "sphinx", "parrot")
    assert resolve_engine("parrot") == "parrot"
    engine = transcriber("parrot", "grey", Path("/weights"))
    assert (engine.model, engine.identity, engine.weights) == ("grey", "parrot 1.0 grey", Path("/weights"))
    assert engine.transcribe(spoken, "en", ["Polly"]).segments[0].text == "Polly"
    assert transcriber("parrot", "grey", Path("/weights")) is engine


def test_the_choice_that_is_offered_names_it(install: Installer) -> None:
    install("acme-parrots")
    with pytest.raises(PermanentError) as caught:
        resolve_engine("siri")
    assert str(caught.value) == (
        "ASR_ENGINE: no speech engine siri; choose auto, openai, faster-whisper, sphinx, parrot"
    )


@pytest.mark.parametrize("name", ["sphinx", "auto"])
def test_our_own_names_stay_ours(install: Installer, name: str) -> None:
    install(f"acme-{name}", name=name)
    assert engine_names() == ("openai", "faster-whisper", "sphinx")
    assert type(transcriber(name)).__name__ == "SphinxTranscriber"


@pytest.mark.parametrize(
    ("distribution", "code", "target", "fault"),
    [
        pytest.param(
            "no-module",
            "import not_installed_anywhere",
            "Engine",
            "can't be built (ModuleNotFoundError: No module named 'not_installed_anywhere')",
            id="needs-what-is-not-there",
        ),
        pytest.param("no-python", "class", "Engine", "can't be built (SyntaxError: ", id="no-python"),
        pytest.param(
            "no-class",
            THEIRS,
            "Motor",
            "can't be built (AttributeError: module 'no_class' has no attribute 'Motor')",
            id="no-such-class",
        ),
        pytest.param(
            "no-model",
            THEIRS.replace("model=None, weights=None", ""),
            "Engine",
            "can't be built (TypeError: Engine.__init__() takes 1 positional argument but 3 were given)",
            id="takes-no-model",
        ),
        pytest.param("no-name", THEIRS.replace('"parrot"', '"budgie"'), "Engine", "has the name 'budgie'", id="name"),
        pytest.param(
            "no-note", THEIRS.replace("note = None", ""), "Engine", "lacks note", id="attribute-that-is-missing"
        ),
        pytest.param(
            "no-number",
            THEIRS.replace("in_flight = 2", 'in_flight = "2"'),
            "Engine",
            "has '2' as in_flight",
            id="attribute-of-another-kind",
        ),
        pytest.param(
            "no-limits", THEIRS.replace("Limits(1 << 20, 60.0)", "60.0"), "Engine", "has no limits", id="no-limits"
        ),
        pytest.param(
            "no-identity",
            THEIRS.replace("parrot 1.0", "1.0"),
            "Engine",
            "does not name itself in its identity '1.0 None'",
            id="identity-of-anybody",
        ),
        pytest.param(
            "no-keywords",
            THEIRS.replace(", keywords=()", ""),
            "Engine",
            "has no transcribe(audio, language, keywords)",
            id="older-protocol",
        ),
    ],
)
def test_a_broken_engine_names_its_distribution(
    install: Installer, distribution: str, code: str, target: str, fault: str
) -> None:
    install(distribution, code, target=target)
    with pytest.raises(PermanentError) as caught:
        transcriber("parrot")
    assert str(caught.value).startswith(f"ASR_ENGINE: the speech engine parrot of {distribution} {fault}")
    assert str(caught.value).endswith(f"; choose another engine, or another version of {distribution}")


def test_its_own_errors_stay(install: Installer) -> None:
    raises = "from include.processing.errors import PermanentError\n\n\ndef engine(model, weights):\n"
    install("strict-parrot", raises + "    raise PermanentError('ASR_MODEL', 'no cage', 'buy one')\n", target="engine")
    with pytest.raises(PermanentError) as caught:
        transcriber("parrot")
    assert str(caught.value) == "ASR_MODEL: no cage; buy one"
