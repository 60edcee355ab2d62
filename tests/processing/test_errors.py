import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import pytest

from include.processing.errors import PermanentError, ProcessingError, RateLimited, TransientError, one_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param("two\nlines", "two lines", id="newline"),
        pytest.param("a\r\n\tb", "a b", id="carriage-return"),
        pytest.param("  much   room ", "much room", id="spaces"),
        pytest.param("\x1b[31mred\x1b[0m", "[31mred [0m", id="terminal-colours"),
        pytest.param("a\x00b", "a b", id="nul"),
        pytest.param("a\u2028b\u2029c\x85d\x0be", "a b c d e", id="every-line-break-of-unicode"),
        pytest.param("\u202e4pm.exe", "4pm.exe", id="right-to-left-override"),
        pytest.param("a\udcffb", "a b", id="byte-that-is-no-utf-8"),
        pytest.param("vidéo 日本語 🎬", "vidéo 日本語 🎬", id="unicode-stays"),
        pytest.param("", "", id="empty"),
    ],
)
def test_foreign_text_stays_on_one_line(text, expected):
    assert one_line(text) == expected


def test_the_line_a_person_sees():
    error = PermanentError("EMPTY", "new\nline.mp4: the file has no bytes", "upload it\nagain")
    assert str(error) == "EMPTY: new line.mp4: the file has no bytes; upload it again"
    assert (error.code, error.cause, error.remedy) == (
        "EMPTY",
        "new line.mp4: the file has no bytes",
        "upload it again",
    )
    assert error.retry_after is None


ERRORS = [
    pytest.param(ProcessingError("A", "b", "c"), id="base"),
    pytest.param(PermanentError("EMPTY", "x: no bytes", "upload it"), id="permanent"),
    pytest.param(TransientError("ASR_UNAVAILABLE", "503", "try again", retry_after=2.5), id="transient-with-pause"),
    pytest.param(
        RateLimited("ASR_RATE", "429; slow: down", "wait; then try", retry_after=60.0), id="semicolons-within"
    ),
]


def facts(error):
    return type(error), error.code, error.cause, error.remedy, error.retry_after, str(error)


@pytest.mark.parametrize("error", ERRORS)
def test_pickling_keeps_everything(error):
    assert facts(pickle.loads(pickle.dumps(error))) == facts(error)


def throw(error):
    raise error


def test_errors_cross_process_borders():
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        for param in ERRORS:
            (error,) = param.values
            caught = pool.submit(throw, error).exception(timeout=60)
            assert facts(caught) == facts(error)


def test_the_tree():
    assert issubclass(RateLimited, TransientError)
    assert issubclass(TransientError, ProcessingError)
    assert issubclass(PermanentError, ProcessingError)
    assert not issubclass(TransientError, PermanentError)
