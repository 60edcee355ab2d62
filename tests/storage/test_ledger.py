import pytest

from include.processing.errors import PermanentError, ProcessingError, TransientError
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


def test_what_was_thrown_away_can_be_put_again(store: ObjectStore) -> None:
    ledger = StoreLedger(store)
    ledger.put("abcdef", b"\0 no answer")
    ledger.discard("abcdef")
    assert ledger.get("abcdef") is None
    ledger.discard("abcdef")
    ledger.put("abcdef", b"bought again")
    assert ledger.get("abcdef") == b"bought again"


def test_other_errors_are_not_taken_for_a_gap(store: ObjectStore) -> None:
    with pytest.raises(PermanentError, match="BAD_KEY"):
        StoreLedger(store).get("../..")


class Failing:
    """A store whose first calls of put fail."""

    def __init__(self, store: ObjectStore, *errors: ProcessingError) -> None:
        self._store, self._errors = store, list(errors)

    def put(self, key: str, data: bytes) -> bool:
        if self._errors:
            raise self._errors.pop(0)
        return self._store.put(key, data)


AWAY = TransientError("STORE_UNREACHABLE", "no answer", "it is tried again")
DENIED = PermanentError("STORE_DENIED", "no right to write", "change the policy")


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        pytest.param([AWAY], None, id="away-once"),
        pytest.param([AWAY] * 2, None, id="away-as-often-as-there-are-pauses"),
        pytest.param([AWAY] * 3, "STORE_UNREACHABLE", id="away-for-longer"),
        pytest.param([DENIED], "STORE_DENIED", id="waiting-would-not-help"),
    ],
)
def test_a_store_that_is_away_when_something_was_paid(
    store: ObjectStore, errors: list[ProcessingError], code: str | None
) -> None:
    ledger = StoreLedger(Failing(store, *errors), pauses=(0.0, 0.0))  # type: ignore[arg-type]
    if code is None:
        ledger.put("abcdef", b"bought")
        assert StoreLedger(store).get("abcdef") == b"bought"
    else:
        with pytest.raises(ProcessingError, match=code):
            ledger.put("abcdef", b"bought")
        assert StoreLedger(store).get("abcdef") is None
