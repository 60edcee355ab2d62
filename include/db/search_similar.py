"""Words of the archive that a word may have been taken for, by a reader of pictures or by whoever typed it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from string import ascii_lowercase

from include.db.rows import Connection
from include.db.search_words import Alternatives, Wanted, Word, lexemes

MOST = 12  # for one word
MOST_WORDS = 8  # of a query that are looked up
NEAR = 40  # by trigrams, of which edits decide
LETTERS = (
    ascii_lowercase,
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "αβγδεζηθικλμνξοπρςστυφχψω",
)
_SAME = str.maketrans("0i152869", "ollszbbg")
Similar = dict[str, tuple[str, ...]]


def widened(connection: Connection, wanted: Alternatives, configurations: list[str]) -> tuple[Alternatives, Similar]:
    """Each word or one that is alike; and what that added. Neither prefixes nor what must not be there."""
    asked = (w for group in wanted for w in group if not w.negated and not w.stop)
    typed = dict.fromkeys(word.typed for w in asked for word in w.words if _may_be_mistaken(word))
    similar = _similar(connection, list(typed)[:MOST_WORDS])
    others = list(dict.fromkeys(other for words in similar.values() for other in words))
    known = dict(zip(others, lexemes(connection, others, configurations), strict=True)) if others else {}
    wide = {
        word: frozenset(x for other in words for found in known[other] for x in found.lexemes)
        for word, words in similar.items()
    }
    return tuple(tuple(_with(w, wide) for w in group) for group in wanted), similar


def alike(word: str) -> str:
    """As the SQL function search_alike."""
    return word.translate(_SAME).replace("rn", "m").replace("vv", "w")


def _may_be_mistaken(word: Word) -> bool:
    return not word.prefix and 2 < len(word.typed) <= 32 and not word.typed.isdigit()


def _with(wanted: Wanted, wide: dict[str, frozenset[str]]) -> Wanted:
    if wanted.negated:
        return wanted
    words = (replace(w, lexemes=w.lexemes | wide.get(w.typed, frozenset())) for w in wanted.words)
    return replace(wanted, words=tuple(words))


def _similar(connection: Connection, typed: list[str]) -> Similar:
    """The nearest of the archive's words: one edit away, or two where none is so near."""
    there = _there(connection, typed)
    found = {}
    for word in typed:
        reach = 1 if len(alike(word)) >= (6 if word in there else 4) else 0
        sought = {alike(word)} | (set(_edited(alike(word))) if reach else set())
        near = _nearest(word, _written(connection, sought))
        if not near and word not in there and len(alike(word)) >= 6:
            near = _nearest(word, _by_trigrams(connection, word))
        if near:
            found[word] = tuple(near)
    return found


def _nearest(word: str, others: Iterable[str]) -> list[str]:
    from rapidfuzz.distance import OSA

    edits = ((OSA.distance(alike(word), alike(other)), OSA.distance(word, other), other) for other in others)
    return [other for edit, _, other in sorted(edits) if other != word and edit <= 2][:MOST]


def _edited(word: str) -> Iterator[str]:
    """Everything that is one edit away: a letter more, less or another, or two that changed places."""
    letters = next((alphabet for alphabet in LETTERS if word[0] in alphabet), ascii_lowercase)
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        yield from (head + letter + tail for letter in letters)
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in letters)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]


def _there(connection: Connection, words: list[str]) -> set[str]:
    rows = connection.execute("SELECT word FROM search_words WHERE word = ANY(%s)", [words], prepare=False)
    return {word for (word,) in rows}


def _written(connection: Connection, alike: set[str]) -> list[str]:
    rows = connection.execute(
        "SELECT word FROM search_words WHERE alike = ANY(%s) LIMIT 1000", [sorted(alike)], prepare=False
    )
    return [word for (word,) in rows]


def _by_trigrams(connection: Connection, word: str) -> list[str]:
    rows = connection.execute("SELECT word FROM search_near(%s, %s)", [word, NEAR], prepare=False)
    return [word for (word,) in rows]
