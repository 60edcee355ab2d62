"""An engine's words and its text, which say the same in different ways.

The text has the punctuation, the words have the times: OpenAI's words come without marks, hyphenated ones in parts,
numbers in figures or not. The text is what was heard; every word of it gets a time.
"""

import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate, groupby

from include.processing.types import Span, Word


def matched(tokens: Sequence[str], within: Sequence[Span], words: Sequence[Word]) -> list[Word]:
    """`tokens` with the times and confidences of `words`, both in order.

    What has no word gets the room between its neighbours, if it lies `within` the time that its token may have.
    """
    said, heard = [_plain(t) for t in tokens], [_plain(w.text) for w in words]
    found: list[Word] = []
    for same, a, b, c, d in SequenceMatcher(None, said, heard, autojunk=False).get_opcodes():
        if same == "equal":
            found += [Word(w.start, w.end, t, w.confidence) for t, w in zip(tokens[a:b], words[c:d], strict=True)]
        elif c < d:
            found += _shared(tokens[a:b], said[a:b], words[c:d])
        else:
            room = Span(words[c - 1].end if c else 0.0, words[c].start if c < len(words) else float("inf"))
            found += _fitted(tokens[a:b], said[a:b], within[a:b], room)
    return found


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _fitted(tokens: Sequence[str], said: Sequence[str], within: Sequence[Span], room: Span) -> list[Word]:
    """Tokens that no word is heard for."""
    found = []
    for span, group in groupby(zip(tokens, said, within, strict=True), key=lambda part: part[2]):
        texts, letters, _ = zip(*group, strict=True)
        start = min(max(room.start, span.start), span.end)
        end = max(start, min(room.end, span.end))
        found += _shared(texts, letters, [Word(start, end, "".join(letters))])
    return found


def _shared(tokens: Sequence[str], said: Sequence[str], words: Sequence[Word]) -> list[Word]:
    """The words' letters, each with its share of its word's time, given to the tokens in turn."""
    sizes = [max(1, len(_plain(w.text))) for w in words]
    letters = [
        (w.start + (w.end - w.start) * i / size, w.start + (w.end - w.start) * (i + 1) / size, w.confidence)
        for w, size in zip(words, sizes, strict=True)
        for i in range(size)
    ]
    ends = list(accumulate(len(s) for s in said))
    scale = len(letters) / max([1, *ends[-1:]])
    found = []
    for token, size, end in zip(tokens, map(len, said), ends, strict=True):
        first = min(int((end - size) * scale + 1e-6), len(letters) - 1)
        last = max(first, min(int(end * scale - 1e-6), len(letters) - 1))
        sure = [c for *_, c in letters[first : last + 1] if c is not None]
        stop = letters[last][1] if size else letters[first][0]
        found.append(Word(round(letters[first][0], 3), round(stop, 3), token, min(sure, default=None)))
    return found
