"""Names that users' files have: refused, or kept under a key that is safe everywhere and shows the same name."""

import unicodedata

import pytest

from include.api.problems import Problem
from include.api.upload_names import TYPES, check_type, checked, key_name
from include.ingest.names import VIDEOS
from include.storage import keys
from include.storage.staging import filename_of, without_secrets

UPLOAD = "0b7c9f1e-5a0e-4d0c-9a55-0f6f2d1f7b3e"


@pytest.mark.parametrize(
    ("name", "last"),
    [
        pytest.param("talk.mp4", "talk.mp4", id="plain"),
        pytest.param("Vorlesung – Größe, 講義 №1 🎥.MKV", "Vorlesung – Größe, 講義 №1 🎥.MKV", id="unicode"),
        pytest.param("..talk..mp4"[2:], "talk..mp4", id="dots-inside"),
        pytest.param("CON.mp4", "%43ON.mp4", id="device"),
        pytest.param("nul.tar.webm", "%6Eul.tar.webm", id="device-with-more"),
        pytest.param("console.mp4", "console.mp4", id="no-device"),
        pytest.param("what? a|b <c>.mp4", "what%3F a%7Cb %3Cc%3E.mp4", id="not-on-windows"),
        pytest.param("100% sure.mp4", "100% sure.mp4", id="a-percent-sign"),
        pytest.param("100%41 + a%2F..%2Fb.mp4", "100%2541 + a%252F..%252Fb.mp4", id="as-in-urls"),
        pytest.param("a;b'c`d$(e)&f#g=h+i,j@k!.mp4", "a;b'c`d$(e)&f#g=h+i,j@k!.mp4", id="for-shells-and-urls"),
    ],
)
def test_names_that_come_back(name: str, last: str) -> None:
    assert checked(name) == name
    assert key_name(name) == last
    key = keys.upload(UPLOAD, last)
    assert keys.valid(key)
    assert without_secrets(key) == key
    assert filename_of(key) == name


@pytest.mark.parametrize(
    ("name", "last", "shown"),
    [
        pytest.param("a  b.mp4", "a %20b.mp4", "a b.mp4", id="two-spaces"),
        pytest.param("a\u00a0b.mp4", "a%C2%A0b.mp4", "a b.mp4", id="a-space-that-does-not-break"),
        pytest.param("x" * 251 + ".mp4", "x" * 251 + ".mp4", "x" * 251 + ".mp4", id="255-characters"),
        pytest.param("講" * 251 + ".mp4", "講" * 83 + ".mp4", "講" * 83 + ".mp4", id="too-long-in-bytes"),
    ],
)
def test_names_that_are_shown_a_little_changed(name: str, last: str, shown: str) -> None:
    assert checked(name) == name
    assert key_name(name) == last
    key = keys.upload(UPLOAD, last)
    assert keys.valid(key)
    assert without_secrets(key) == key
    assert filename_of(key) == shown


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param(" ", "is empty", id="blank"),
        pytest.param("x" * 252 + ".mp4", "more than 255 characters", id="256-characters"),
        pytest.param("a\0.mp4", "a control character", id="nul"),
        pytest.param("a\n.mp4", "a control character", id="line-feed"),
        pytest.param("a\x7f.mp4", "a control character", id="delete"),
        pytest.param("a\u2028.mp4", "a line break", id="line-separator"),
        pytest.param("a\ud800.mp4", "half of a surrogate pair", id="surrogate"),
        pytest.param("../../etc/passwd.mp4", "a slash", id="parent"),
        pytest.param("folder/talk.mp4", "a slash", id="folder"),
        pytest.param("..\\talk.mp4", "a backslash", id="backslash"),
        pytest.param("C:\\talk.mp4", "a backslash", id="drive"),
        pytest.param(".mp4", "begins with a dot", id="only-a-suffix"),
        pytest.param("..mp4", "begins with a dot", id="two-dots"),
        pytest.param("._talk.mp4", "begins with a dot", id="second-file-of-a-mac"),
        pytest.param("talk\u202e4pm.mp4", "turn the direction", id="turned-around"),
    ],
)
def test_names_that_are_refused(name: str, why: str) -> None:
    with pytest.raises(Problem) as raised:
        checked(name)
    assert (raised.value.status, raised.value.code) == (422, "BAD_FILENAME")
    assert why in raised.value.cause
    assert raised.value.cause.isprintable()


def test_a_name_of_a_mac_is_the_same_name() -> None:
    assert checked(unicodedata.normalize("NFD", " Größe.mp4 ")) == "Größe.mp4"


@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        pytest.param("a.mp4", None, "video/mp4", id="nothing-said"),
        pytest.param("a.MOV", "video/quicktime", "video/mp4", id="quicktime"),
        pytest.param("a.mkv", "application/octet-stream", "video/x-matroska", id="bytes"),
        pytest.param("a.webm", "Video/WebM; codecs=vp9", "video/webm", id="with-parameters"),
        pytest.param("a.ts", "text/vnd.trolltech.linguist", "video/mp2t", id="a-suffix-of-others"),
        pytest.param("a.ts", "", "video/mp2t", id="browser-does-not-know"),
    ],
)
def test_types(name: str, said: str | None, expected: str) -> None:
    assert check_type(name, said) == expected


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("a.txt", None, id="text"),
        pytest.param("a.mp4.exe", "video/mp4", id="program"),
        pytest.param("mp4", None, id="no-suffix"),
        pytest.param("a.mp4.", None, id="empty-suffix"),
        pytest.param("a.mp4.part", None, id="half"),
        pytest.param("a.mp4", "text/html", id="said-to-be-a-page"),
        pytest.param("a.mp4", "image/png", id="said-to-be-a-picture"),
    ],
)
def test_what_is_no_video_by_its_name(name: str, said: str | None) -> None:
    with pytest.raises(Problem) as raised:
        check_type(checked(name), said)
    assert (raised.value.status, raised.value.code) == (415, "NOT_A_VIDEO_TYPE")


def test_every_suffix_has_a_type() -> None:
    assert set(TYPES) == VIDEOS


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        pytest.param("x" * 256 + ".mp4", (422, "BAD_REQUEST"), id="256-characters"),
        pytest.param("a\0.mp4", (422, "BAD_REQUEST"), id="nul"),
        pytest.param("", (422, "BAD_REQUEST"), id="empty"),
        pytest.param("../a.mp4", (422, "BAD_FILENAME"), id="parent"),
        pytest.param("a.txt", (415, "NOT_A_VIDEO_TYPE"), id="type"),
    ],
)
def test_through_the_door(front: object, filename: str, expected: tuple[int, str]) -> None:
    answer = front.client.post(  # type: ignore[attr-defined]
        "/api/v1/uploads",
        json={"filename": filename, "size": 1},
        headers=front.headers("user"),  # type: ignore[attr-defined]
    )
    assert (answer.status_code, answer.json()["code"]) == expected
