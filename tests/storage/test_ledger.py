import pytest

from include.processing.errors import PermanentError
from include.storage import ObjectStore
from include.storage.ledger import StoreLedger


def test_the_first_answer_stays(store: ObjectStore) -> None:
    ledger = StoreLedger(store)
    assert ledger.get("abcdef") is None
    ledger.put("abcdef", b"bought")
    ledger.put("abcdef", b"bought again")
    assert ledger.get("abcdef") == b"bought"
    assert StoreLedger(store).get("abcdef") == b"bought"
    assert [info.key for info in store.list("ledger/")] == ["ledger/ab/abcdef"]


def test_other_errors_are_not_taken_for_a_gap(store: ObjectStore) -> None:
    with pytest.raises(PermanentError, match="BAD_KEY"):
        StoreLedger(store).get("../..")
