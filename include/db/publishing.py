"""Every statement of publishing: a result becomes rows, all at once or not at all."""

import uuid
from collections.abc import Sequence

from include.db.cleaning import clean, clean_in_place, clean_or_none
from include.db.rows import Connection, VideoStatus
from include.processing.errors import PermanentError
from include.processing.passages import Passage
from include.processing.types import Moment


def publish(
    connection: Connection,
    video_id: str,
    *,
    status: VideoStatus,
    result_key: str,
    needs_review: bool,
    moments: Sequence[Moment],
    passages: Sequence[Passage] = (),
    error: str | None = None,
) -> None:
    """The video's rows become `moments` and `passages`, its result `result_key`, in one transaction (or savepoint).

    The second time changes nothing. `error` says what a partial result lacks.
    """
    with connection.transaction():
        _point_at_result(connection, video_id, status, result_key, needs_review, error)  # locks out another publish
        _replace_moments(connection, video_id, moments)
        _replace_passages(connection, video_id, passages)


def _point_at_result(
    connection: Connection, video_id: str, status: VideoStatus, result_key: str, needs_review: bool, error: str | None
) -> None:
    done = connection.execute(
        """
        UPDATE videos SET
            processed_at = CASE WHEN status = %(status)s AND result_key = %(result_key)s AND processed_at IS NOT NULL
                THEN processed_at ELSE now() END,
            status = %(status)s,
            result_key = %(result_key)s,
            needs_review = %(needs_review)s,
            error_message = %(error)s,
            updated_at = now()
        WHERE id = %(id)s
        """,
        {
            "id": video_id,
            "status": status,
            "result_key": result_key,
            "needs_review": needs_review,
            "error": clean_or_none(error),
        },
    )
    if done.rowcount != 1:
        raise PermanentError("VIDEO_MISSING", f"no row in videos has the id {video_id}", "run plan first")


def _replace_moments(connection: Connection, video_id: str, moments: Sequence[Moment]) -> None:
    connection.execute("DELETE FROM video_results WHERE video_id = %s", [video_id])
    rows = {round(moment.time * 1000): moment for moment in moments}
    columns = "id, video_id, frame_number, timestamp_seconds, audio_text, ocr_text, confidence_score"
    with connection.cursor().copy(f"COPY video_results ({columns}) FROM STDIN") as copy:
        for milliseconds, moment in rows.items():
            copy.write_row(_result_row(video_id, milliseconds, moment))


def _replace_passages(connection: Connection, video_id: str, passages: Sequence[Passage]) -> None:
    connection.execute("DELETE FROM passages WHERE video_id = %s", [video_id])
    ordinal = _ordinal(connection, video_id, len(passages))
    columns = (
        "video_id, ordinal, number, source, start_seconds, end_seconds, confidence, language, text, both_text, marks"
    )
    with connection.cursor().copy(f"COPY passages ({columns}) FROM STDIN") as copy:
        for passage in passages:
            copy.write_row(passage_row(video_id, ordinal, passage))
    connection.execute("SELECT search_tidy()")  # all at once: less than half the work of one by one
    _add_languages(connection, video_id)
    add_words(connection, video_id)


def _ordinal(connection: Connection, video_id: str, passages: int) -> int:
    """The video's from its first publish on, so that a second one leaves it where it is in the order of search."""
    connection.execute(
        """
        UPDATE videos SET ordinal = (SELECT max(nextval('passage_ordinals')) FROM generate_series(1, %s))
        WHERE id = %s AND ordinal IS NULL
        """,
        [max(1, passages), video_id],
    )
    row = connection.execute("SELECT ordinal FROM videos WHERE id = %s", [video_id]).fetchone()
    assert row is not None  # it was locked above
    return int(row[0])


def _add_languages(connection: Connection, video_id: str) -> None:
    connection.execute(
        """
        INSERT INTO search_languages
        SELECT DISTINCT coalesce(language, '') FROM passages WHERE video_id = %s ORDER BY 1
        ON CONFLICT DO NOTHING
        """,
        [video_id],
    )


def add_words(connection: Connection, video_id: str) -> None:
    """Of this video, to the words that searches take a mistyped one for.

    In the order of the alphabet: of two who publish the same new words at once, one waits for the other."""
    connection.execute(
        """
        INSERT INTO search_words (word)
        SELECT word FROM (
            SELECT DISTINCT lexeme COLLATE "C" AS word
            FROM passages, unnest(to_tsvector('reelscribe_simple', searchable(text)))
            WHERE video_id = %s AND length(lexeme) BETWEEN 2 AND 64 AND lexeme !~ '^[0-9]+$'
        ) AS found
        WHERE NOT EXISTS (SELECT FROM search_words known WHERE known.word = found.word)
        ORDER BY word
        ON CONFLICT DO NOTHING
        """,
        [video_id],
    )


def _result_row(video_id: str, milliseconds: int, moment: Moment) -> tuple[object, ...]:
    identity = uuid.uuid5(uuid.UUID(video_id), str(milliseconds))
    texts = clean_or_none(moment.audio_text), clean_or_none(moment.ocr_text)
    return (identity, video_id, moment.frame_number, moment.time, *texts, moment.confidence)


def passage_row(video_id: str, ordinal: int, passage: Passage) -> tuple[object, ...]:
    marks = [number for offset, second in passage.marks for number in (offset, round(second * 1000))]
    language = passage.language and language_code(passage.language)
    where = (passage.source, passage.start, passage.end, passage.confidence, language)
    texts = clean_in_place(passage.text), clean(passage.both)
    return (video_id, ordinal, passage.number, *where, *texts, marks)


def language_code(language: str) -> str:
    """`en` of `en-US`."""
    return clean(language).replace("_", "-").partition("-")[0].lower()
