"""What the command says to what it can't use, or can use only in part."""

from pathlib import Path

import pytest
from media import write
from typed import ONE_LINE, codes, command, result, run, silence, slides
from web import Web

pytestmark = pytest.mark.usefixtures("no_key")


def nothing_there(folder):
    return folder / "missing.mp4"


def text_file(folder):
    (folder / "notes.mp4").write_text("just notes\n" * 100)
    return folder / "notes.mp4"


def empty_file(folder):
    (folder / "empty.mp4").write_bytes(b"")
    return folder / "empty.mp4"


def playlist(folder):
    (folder / "list.mp4").write_text("#EXTM3U\n#EXTINF:1,\n/etc/hostname\n")
    return folder / "list.mp4"


def forged_name(folder):
    (folder / "a\nOK: done; fine").write_bytes(b"")
    return folder / "a\nOK: done; fine"


def no_index(folder):
    content = slides(folder / "a.mp4", (1, "A")).read_bytes()
    (folder / "b.mp4").write_bytes(content[: content.rindex(b"moov") - 4])
    return folder / "b.mp4"


@pytest.mark.parametrize(
    ("make", "options", "code"),
    [
        pytest.param(nothing_there, [], "SOURCE_UNREADABLE", id="missing"),
        pytest.param(lambda folder: folder, [], "SOURCE_UNREADABLE", id="folder"),
        pytest.param(lambda _: "http://[::1", [], "SOURCE_UNREADABLE", id="no-address"),
        pytest.param(lambda _: "ftp://127.0.0.1/a.mp4", [], "SOURCE_UNREADABLE", id="ftp"),
        pytest.param(text_file, [], "UNRECOGNISED", id="text"),
        pytest.param(empty_file, [], "EMPTY", id="empty"),
        pytest.param(playlist, [], "FORBIDDEN_FORMAT", id="playlist"),
        pytest.param(no_index, [], "MOOV_MISSING", id="no-index"),
        pytest.param(forged_name, [], "EMPTY", id="line-break-in-the-name"),
        pytest.param(nothing_there, ["--ocr", "tesseract", "--language", "tlh"], "OCR_LANGUAGE", id="no-language-pack"),
        pytest.param(nothing_there, ["--model", "whisper-1"], "ASR_MODEL", id="model-of-another-engine"),
        pytest.param(nothing_there, ["--asr", "openai"], "ASR_UNAUTHORISED", id="no-key"),
    ],
)
def test_bad_input_is_one_last_line_and_status_2(make, options, code, tmp_path, capsys):
    if "tesseract" in options and not Path("/usr/share/tesseract-ocr").exists():
        pytest.skip("Tesseract is not installed")
    asr = [] if "--asr" in options else ["--asr", "sphinx"]
    status, out, errors = run(capsys, make(tmp_path), "--out", tmp_path / "out", *asr, *options)
    assert status == 2
    assert out == ""
    assert errors[-1].startswith(f"{code}")
    assert ONE_LINE.match(errors[-1])
    assert len([line for line in errors if ONE_LINE.match(line)]) == 1
    assert not any("Traceback" in line for line in errors)


def test_bad_input_in_a_process_of_its_own(tmp_path):
    ran = command(text_file(tmp_path), "--out", tmp_path / "out", "--asr", "sphinx")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.splitlines()[-1].startswith("UNRECOGNISED: notes.mp4: ")


@pytest.mark.parametrize("out", ["file", "file/below", "/proc/out"])
def test_where_nothing_can_be_written(out, tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    status, _, errors = run(capsys, slides(tmp_path / "a.mp4", (1, "A")), "--out", tmp_path / out, "--asr", "sphinx")
    assert status == 2
    assert errors[-1].startswith("OUT_UNWRITABLE: ")


@pytest.mark.parametrize(
    "option", [["--fps", "0"], ["--fps", "nan"], ["--chunk-minutes", "0"], ["--jobs", "0"], ["--asr", "x"]]
)
def test_options_out_of_range(option, tmp_path, capsys):
    status, _, errors = run(capsys, "a.mp4", "--out", tmp_path, *option)
    assert status == 2
    assert option[0] in errors[-1]


def test_a_truncated_file_gives_a_partial_result(tmp_path, capsys):
    path = slides(
        tmp_path / "a.mp4", (3, "First slide"), (3, "Second slide"), (6, "Lost slide"), muxing={"movflags": "faststart"}
    )
    content = path.read_bytes()
    path.write_bytes(content[: round(len(content) * 0.66)])
    status, out, _ = run(capsys, path, "--out", tmp_path / "out", "--asr", "sphinx")
    document = result(tmp_path / "out")
    assert status == 0
    assert document["quality"]["status"] == "partial"
    assert "TRUNCATED" in codes(document)
    assert "TRUNCATED: " in out
    assert "First slide" in [s["text"] for s in document["screen"]]
    last = document["coverage"][-1]
    assert (last["state"], last["reason"], last["end"]) == ("failed", "TRUNCATED", pytest.approx(12, abs=0.2))


def test_a_head_without_content_gives_a_partial_result(tmp_path, capsys):
    path = slides(tmp_path / "a.mp4", (3, "First slide"), muxing={"movflags": "faststart"})
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"mdat") + 4])
    status, _, _ = run(capsys, path, "--out", tmp_path / "out", "--asr", "sphinx")
    document = result(tmp_path / "out")
    assert status == 0
    assert (document["quality"]["status"], document["screen"], document["speech"]) == ("partial", [], [])
    assert [c["state"] for c in document["coverage"]] == ["failed"]


def test_no_sound_and_no_picture_are_no_errors(tmp_path, capsys):
    mute = slides(tmp_path / "mute.mp4", (3, "Only slides"), sound=False)
    assert run(capsys, mute, "--out", tmp_path / "mute", "--asr", "sphinx")[0] == 0
    document = result(tmp_path / "mute")
    assert codes(document) == ["LOW_QUALITY_ENGINE", "NO_AUDIO"]
    assert [s["text"] for s in document["screen"]] == ["Only slides"]
    assert [(c["state"], c["reason"]) for c in document["coverage"]] == [("silent", "no sound")]
    blind = write(tmp_path / "blind.wav", sound=silence(3), sound_codec="pcm_s16le")
    assert run(capsys, blind, "--out", tmp_path / "blind", "--asr", "sphinx")[0] == 0
    assert "NO_VIDEO" in codes(result(tmp_path / "blind"))


def test_other_choices_find_no_stale_work(tmp_path, capsys):
    path = slides(tmp_path / "a.mp4", (1.4, "First"), (0.4, "Flash"), (1.2, "Last"))
    out = tmp_path / "out"
    run(capsys, path, "--out", out, "--asr", "sphinx")
    assert "Flash" not in [s["text"] for s in result(out)["screen"]]
    run(capsys, path, "--out", out, "--asr", "sphinx", "--fps", "5")
    assert "Flash" in [s["text"] for s in result(out)["screen"]]


def test_another_video_at_the_same_path_finds_no_stale_work(tmp_path, capsys):
    out = tmp_path / "out"
    for text in ("Old", "New"):
        run(capsys, slides(tmp_path / "a.mp4", (2, text)), "--out", out, "--asr", "sphinx")
        assert [s["text"] for s in result(out)["screen"]] == [text]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("vidéo 日本語 🎬.mp4", id="unicode"),
        pytest.param("-i.mp4", id="dash"),
        pytest.param("new\nline.mp4", id="line-break"),
        pytest.param("[bold]x[red].mp4", id="markup-of-the-terminal"),
        pytest.param("latin-1 \udce9.mp4", id="no-utf-8"),
        pytest.param("${x}{{7*7}}.mp4", id="template"),
    ],
)
def test_names_of_files(name, tmp_path, capsys):
    path = slides(tmp_path / "a.mp4", (1, "A slide")).rename(tmp_path / name)
    status, _, errors = run(capsys, path, "--out", tmp_path / "out", "--asr", "sphinx")
    assert status == 0, errors
    shown = result(tmp_path / "out")["video"]["filename"]
    assert shown == name or "\udce9" in name


def test_a_video_from_a_web_server(tmp_path, capsys):
    with Web(slides(tmp_path / "a.mp4", (2, "From afar")).read_bytes()) as web:
        status, _, errors = run(
            capsys, web.url("/talks/a%20b.mp4?key=s3cret"), "--out", tmp_path / "out", "--asr", "sphinx"
        )
        assert status == 0, errors
        document = result(tmp_path / "out")
        assert document["video"]["filename"] == "a b.mp4"
        assert [s["text"] for s in document["screen"]] == ["From afar"]
        status, _, errors = run(capsys, web.url("/status/404"), "--out", tmp_path / "out", "--asr", "sphinx")
        assert status == 2
        assert errors[-1].startswith("SOURCE_UNREADABLE: ")
    assert "s3cret" not in "".join(p.read_text() for p in (tmp_path / "out").iterdir() if p.is_file())


def test_a_server_that_is_busy_for_a_moment_is_asked_again(tmp_path, capsys, monkeypatch):
    """From the very first request on, by the retry table."""
    pauses = []
    monkeypatch.setattr("time.sleep", pauses.append)
    with Web(slides(tmp_path / "a.mp4", (2, "From afar")).read_bytes()) as web:
        status, _, errors = run(capsys, web.url("/flaky/a.mp4"), "--out", tmp_path / "out", "--asr", "sphinx")
    assert status == 0, errors
    assert [s["text"] for s in result(tmp_path / "out")["screen"]] == ["From afar"]
    assert len(pauses) == 1
    assert 2.5 <= pauses[0] <= 5
