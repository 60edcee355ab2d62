from pathlib import Path

import pytest

from include.processing.errors import PermanentError
from include.storage import open_store


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="empty"),
        pytest.param("/var/lib/store", id="path"),
        pytest.param("file://", id="no-path"),
        pytest.param("file:///", id="root-of-the-disk"),
        pytest.param("file://relative/path", id="relative"),
        pytest.param("s3://", id="no-bucket"),
        pytest.param("gs://bucket", id="other-scheme"),
    ],
)
def test_what_names_no_store_is_refused(url: str) -> None:
    with pytest.raises(PermanentError, match=r"^BAD_STORE_URL: .*REELSCRIBE_STORE"):
        open_store(url)


@pytest.mark.parametrize("name", [pytest.param("a b#c?d%é", id="odd-characters"), pytest.param("plain", id="plain")])
def test_a_folder_by_url(tmp_path: Path, name: str) -> None:
    store = open_store((tmp_path / name).as_uri())
    store.put("x", b"1")
    assert (tmp_path / name / "x").read_bytes() == b"1"
    assert store.url == (tmp_path / name).as_uri()
    assert store.describe("x") == str(tmp_path / name / "x")
