"""What stood on the screen that a recogniser should be told: names and terms, not ordinary words.

English words are told from rare ones by a list; in other languages only the shape of a word says that it is a name.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from math import log2

from include.processing.transcription.common_words import is_common
from include.processing.types import ChunkScreens, TextBox

SURE = 0.8  # confidence, below which a reading may be rubbish
LONGEST = 40  # letters of a term
ENGLISH = 0.6  # share of the longer words in lower case that the list knows
NOUNS = 0.25  # share of capitals inside lines, above which the language writes all its nouns so
TITLE = 1.25  # height of a line, compared with the middle one

_EDGES = ".,;:!?()[]{}\"'“”‘’«»„…*•·-–—<>|"
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*(?:-?\d{1,4})?")
_FLAG = re.compile("--?[A-Za-z]")
_DOTTED_NAME = re.compile(r"[A-Z]\w+\.(?:js|ai|io|net)")
_MIXED = re.compile(r"(?=.*[a-z])[A-Za-z]+[A-Z][A-Za-z]*\d{0,4}")
_ACRONYM = re.compile(r"[A-Z]{2,6}s?(?:-?\d{1,4})?")
_ROMAN = re.compile(r"[IVXLC]+")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]{4,}")
_ENDS_PHRASE = re.compile(r"[.,;:!?()\[\]\"”“|•]$")


class Kind(IntEnum):
    """In order of use to a recogniser; ORDINARY is none."""

    ORDINARY = 0
    RARE = 2
    BEGINNING = 3  # capitalised where every word is
    ACRONYM = 5
    NAME = 6
    MIXED = 8
    NAMES = 9


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    sure: bool
    begins: bool  # a line or a sentence
    ends: bool  # a phrase


@dataclass(slots=True)
class _Found:
    """One term over the whole chunk."""

    kind: Kind
    seconds: float = 0.0
    title: bool = False
    spellings: dict[str, float] = field(default_factory=dict)

    @property
    def use(self) -> float:
        return self.kind * (1 + 0.2 * log2(1 + self.seconds)) + (2 if self.title else 0)


@dataclass(frozen=True, slots=True)
class _Language:
    english: bool
    capital_nouns: bool


def terms(screens: ChunkScreens, most: int = 50) -> tuple[str, ...]:
    """The most useful first."""
    lines = [(box, _tokens(box)) for screen in screens.screens for box in screen.boxes]
    language = _language([tokens for _, tokens in lines])
    found: dict[str, _Found] = {}
    for screen in screens.screens:
        heights = sorted(box.height for box in screen.boxes)
        for box in screen.boxes:
            title = len(heights) > 1 and box.height >= TITLE * heights[len(heights) // 2]
            for text, kind in _candidates(_tokens(box), language):
                _count(found, text, kind, screen.end - screen.start, title)
    ordered = sorted(found.items(), key=lambda item: (-item[1].use, item[0]))
    return tuple(max(f.spellings, key=lambda s: f.spellings[s]) for _, f in ordered[: max(0, most)])


def _count(found: dict[str, _Found], text: str, kind: Kind, seconds: float, title: bool) -> None:
    if len(text) > LONGEST:
        return
    entry = found.setdefault(text.casefold(), _Found(kind))
    entry.kind = max(entry.kind, kind)
    entry.seconds += seconds
    entry.title |= title
    entry.spellings[text] = entry.spellings.get(text, 0.0) + kind * max(seconds, 0.1)


def _tokens(box: TextBox) -> list[_Token]:
    read = [(t, w.confidence) for w in box.words for t in w.text.split()] or [
        (t, box.confidence) for t in box.text.split()
    ]
    tokens: list[_Token] = []
    begins = True
    for raw, confidence in read:
        name = raw.strip(_EDGES)
        text = raw.removesuffix("'s").removesuffix("’s").strip(_EDGES)
        readable = bool(_WORD.fullmatch(text) or _DOTTED_NAME.fullmatch(name)) and not _FLAG.match(raw)
        ends = bool(_ENDS_PHRASE.search(raw))
        tokens.append(_Token(text, readable and confidence >= SURE, begins, ends))
        begins = raw[-1] in ".!?:" or not any(map(str.isalnum, raw))
    return tokens


def _language(lines: Sequence[Sequence[_Token]]) -> _Language:
    inside = [t.text for line in lines if not _title_case(line) for t in line if t.sure and not t.begins]
    small = {w for w in inside if w.islower() and w.isalpha() and len(w) > 3}
    known = sum(map(is_common, small))
    capitals = sum(w[0].isupper() and w[1:].islower() for w in inside)
    return _Language(known >= ENGLISH * len(small), capitals > NOUNS * max(1, len(inside)))


def _title_case(line: Sequence[_Token]) -> bool:
    long = [t.text for t in line if len(t.text) > 3 and t.text[0].isalpha()]
    return len(long) > 1 and all(w[0].isupper() for w in long)


def _candidates(line: Sequence[_Token], language: _Language) -> Iterator[tuple[str, Kind]]:
    shouted = sum(t.text.isupper() for t in line) > max(1, len(line) // 2)
    titled = _title_case(line)
    kinds = [_kind(t, titled, shouted, language) for t in line]
    for first, last in _groups(line, kinds, titled or shouted):
        if last - first > 1:
            yield " ".join(t.text for t in line[first:last]), Kind.NAMES
        elif _alone(kinds[first], language):
            text = line[first].text
            yield text.capitalize() if shouted and kinds[first] is Kind.BEGINNING else text, kinds[first]
    for token in line:
        if token.sure:
            yield from ((name, Kind.NAME) for name in _KATAKANA.findall(token.text))


def _alone(kind: Kind, language: _Language) -> bool:
    return kind is not Kind.ORDINARY and not (kind is Kind.NAME and language.capital_nouns and not language.english)


def _kind(token: _Token, titled: bool, shouted: bool, language: _Language) -> Kind:
    text = token.text
    if not token.sure or len(text) < 2 or is_common(text):
        return Kind.ORDINARY
    if _DOTTED_NAME.fullmatch(text) or (_MIXED.fullmatch(text) and not _ACRONYM.fullmatch(text)):
        return Kind.ORDINARY if _misread(text) else Kind.MIXED
    if _ACRONYM.fullmatch(text) and not shouted:
        return Kind.ORDINARY if _ROMAN.fullmatch(text) else Kind.ACRONYM
    if not text[0].isupper():
        rare = language.english and text.isascii() and text.isalpha() and len(text) > 4 and _sayable(text)
        return Kind.RARE if rare else Kind.ORDINARY
    if not (token.begins or titled or shouted):
        return Kind.NAME if len(text) > 2 else Kind.ORDINARY
    known_rare = language.english and len(text) > 3 and _sayable(text) and not any(map(str.isdigit, text))
    return Kind.BEGINNING if known_rare else Kind.ORDINARY


def _misread(text: str) -> bool:
    """An l read as I, or capitals all over."""
    inner = re.findall("(?<=[a-z])[A-Z]+", text)
    return inner == ["I"] or len(inner) > 3 or len(text) < 3 or len(set(text.lower())) < 3


def _sayable(text: str) -> bool:
    lower = text.lower()
    return bool(re.search("[aeiouyà-ÿ]", lower)) and not re.search(r"(.)\1\1|[^aeiouyà-ÿ'’-]{6}", lower)


def _groups(line: Sequence[_Token], kinds: Sequence[Kind], headline: bool) -> Iterable[tuple[int, int]]:
    """[first, last) of each word, and of neighbours that are one name: capitals side by side, one of them rare."""
    first = 0
    while first < len(line):
        last = first + 1
        while not headline and last < min(len(line), first + 4) and _tied(line[last - 1], line[last], kinds[last]):
            last += 1
        if last - first > 1 and not any(k > Kind.RARE for k in kinds[first:last]):
            last = first + 1
        yield first, last
        first = last


def _tied(left: _Token, right: _Token, kind: Kind) -> bool:
    if not (left.sure and right.sure and left.text[0].isupper() and right.text[0].isupper()) or left.ends:
        return False
    if left.begins:  # "Use Docker", "Install CUDA"; but "Ada Lovelace"
        return not is_common(left.text) and kind in (Kind.NAME, Kind.ORDINARY)
    return True
