"""Terms → the lexemes that they are in the index, in each language there is, and tsqueries of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from include.db import search_prefix
from include.db.rows import Connection
from include.db.search_syntax import Groups, Term

SIMPLE = "reelscribe_simple"


@dataclass(frozen=True, slots=True)
class Word:
    """One place of a term: any of `lexemes`. `typed` has neither case nor accents.

    `prefix`: or what begins like `typed`. `wide`: that is so much that the index is no help.
    """

    typed: str
    lexemes: frozenset[str]
    prefix: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """`words` follow each other. `stop`: so usual a word that it need not be there."""

    words: tuple[Word, ...]
    negated: bool = False
    stop: bool = False


Alternatives = tuple[tuple[Wanted, ...], ...]


def resolve(connection: Connection, groups: Groups, configurations: Sequence[str]) -> Alternatives:
    """Terms without a letter or digit are left out, and so are groups in which nothing is asked for."""
    configurations = configurations or [SIMPLE]  # there is nothing yet
    terms = [term for group in groups for term in group]
    found = lexemes(connection, [term.text for term in terms], configurations)
    stops = _stop_words(connection, [term.text for term in terms if not term.phrase], configurations)
    lasts = [
        _prefix(connection, words[-1], configurations) if term.prefix and words else None
        for term, words in zip(terms, found, strict=True)
    ]
    made = iter(zip(terms, found, lasts, strict=True))
    alternatives = []
    for group in groups:
        wanted = tuple(_wanted(*next(made), stops) for _ in group)
        wanted = tuple(w for w in wanted if w.words)
        if any(not w.negated for w in wanted):
            alternatives.append(wanted)
    return tuple(alternatives)


def lexemes(connection: Connection, texts: Sequence[str], configurations: Sequence[str]) -> list[tuple[Word, ...]]:
    """Of each text its words in order, each with what it is in any of the configurations."""
    rows = connection.execute(
        """
        SELECT t.n, c.name = %s, w.position, w.lexeme
        FROM unnest(%s::text[]) WITH ORDINALITY AS t (words, n)
        CROSS JOIN unnest(%s::text[]) AS c (name)
        CROSS JOIN LATERAL (
            SELECT lexeme, unnest(positions) AS position
            FROM unnest(to_tsvector(c.name::regconfig, searchable(t.words)))
        ) AS w
        """,
        [SIMPLE, list(texts), sorted({SIMPLE, *configurations})],
        prepare=False,
    )
    typed: dict[tuple[int, int], str] = {}
    known: dict[tuple[int, int], set[str]] = {}
    for n, simple, position, lexeme in rows:
        if simple:
            typed[n, position] = lexeme
        if not simple or SIMPLE in configurations:
            known.setdefault((n, position), set()).add(lexeme)
    return [
        tuple(Word(typed.get(at, ""), frozenset(known[at])) for at in sorted(known) if at[0] == n)
        for n in range(1, len(texts) + 1)
    ]


def tsquery(alternatives: Alternatives, *, stops: bool = False) -> str:
    """For `::tsquery`: what must be true of a passage. With `stops` also the words that need not be there."""
    return " | ".join("(" + " & ".join(_strict(group, stops)) + ")" for group in alternatives)


def index_query(alternatives: Alternatives) -> str | None:
    """What the index alone can tell: words anywhere. It lets more through than `tsquery`; None: it lets all through."""
    groups = [[_words(wanted, " & ") for wanted in _needed(group) if not wanted.negated] for group in alternatives]
    groups = [[part for part in group if part] for group in groups]
    if not all(groups):
        return None
    singles = [[f"!{_words(w, ' & ')}" for w in group if w.negated and _single(w)] for group in alternatives]
    return " | ".join("(" + " & ".join(a + b) + ")" for a, b in zip(groups, singles, strict=True))


def any_word(alternatives: Alternatives) -> str:
    """Everything that is asked for, to be marked where it stands."""
    return " | ".join(_any_of(word) for group in alternatives for w in group if not w.negated for word in w.words)


def _strict(group: Sequence[Wanted], stops: bool) -> list[str]:
    asked = [w for w in group if not w.negated] if stops else _needed(group)
    return [_words(w, " <-> ") for w in asked if not w.negated] + ["!" + _words(w, " <-> ") for w in group if w.negated]


def _needed(group: Sequence[Wanted]) -> list[Wanted]:
    """Stop words only where nothing else is asked for."""
    asked = [w for w in group if not w.negated]
    return [w for w in asked if not w.stop] or asked


def _single(wanted: Wanted) -> bool:
    return len(wanted.words) == 1 and not wanted.words[0].prefix


def _prefix(connection: Connection, word: Word, configurations: Sequence[str]) -> Word:
    longer = search_prefix.words_like(connection, word.typed)
    known = lexemes(connection, longer, configurations) if longer else []
    stems = frozenset(x for words in known for found in words[:1] for x in found.lexemes)
    shorter = frozenset(stem for stem in stems if not stem.startswith(word.typed))
    prefix = Word(word.typed, shorter, prefix=True)
    return replace(prefix, wide=search_prefix.wide(connection, _any_of(prefix)))


def _wanted(term: Term, words: tuple[Word, ...], last: Word | None, stops: set[str]) -> Wanted:
    if last is not None:
        words = (*words[:-1], last)
    stop = not term.phrase and not term.prefix and not term.negated and term.text.lower() in stops
    return Wanted(words, term.negated, stop)


def _stop_words(connection: Connection, texts: Sequence[str], configurations: Sequence[str]) -> set[str]:
    """Of `texts`, in lower case, those that are too usual to mean anything in one of the languages."""
    dictionaries = [f"pg_catalog.{name.rpartition('_')[2]}_stem" for name in configurations if name != SIMPLE]
    rows = connection.execute(
        """
        SELECT DISTINCT word FROM unnest(%s::text[]) AS word CROSS JOIN unnest(%s::text[]) AS dictionary
        WHERE ts_lexize(dictionary::regdictionary, word) = '{}'
        """,
        [[text.lower() for text in texts], dictionaries],
        prepare=False,
    )
    return {word for (word,) in rows}


def _words(wanted: Wanted, between: str) -> str:
    words = wanted.words if "<" in between else tuple(word for word in wanted.words if not word.wide)
    return "(" + between.join(map(_any_of, words)) + ")" if words else ""


def _any_of(word: Word) -> str:
    names = [quoted(lexeme) for lexeme in sorted(word.lexemes)]
    return "(" + " | ".join([quoted(word.typed) + ":*", *names] if word.prefix else names) + ")"


def quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
