"""What a person types → groups of terms. Every text is something; nothing in it is an error here."""

import re
import unicodedata
from dataclasses import dataclass

from include.db.cleaning import clean
from include.processing.errors import PermanentError

LONGEST = 500  # characters
MOST_TERMS = 32
TOKEN = re.compile(r'(-?)"([^"]*)"?(\*?)|(\S+?)(?=["\s]|$)')
QUOTES = str.maketrans(dict.fromkeys("“”„«»〝〞＂", '"'))


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or words that follow each other. `prefix`: the last of them may go on."""

    text: str
    phrase: bool = False
    negated: bool = False
    prefix: bool = False


Groups = tuple[tuple[Term, ...], ...]


def parse(text: str) -> Groups:
    """One group is enough for a hit; all terms of a group must be there."""
    text = unicodedata.normalize("NFC", clean(text)).translate(QUOTES).strip()
    if len(text) > LONGEST:
        raise bad_query(f"it has {len(text)} characters, and {LONGEST} are the most")
    groups: list[list[Term]] = [[]]
    for match in TOKEN.finditer(text):
        if match[4] == "OR":
            groups.append([])
        elif term := _term(match):
            groups[-1].append(term)
    if sum(map(len, groups)) > MOST_TERMS:
        raise bad_query(f"it has more than {MOST_TERMS} words")
    return tuple(tuple(group) for group in groups if group)


def bad_query(cause: str) -> PermanentError:
    return PermanentError("BAD_QUERY", cause, 'ask for words, "a phrase", prefix*, -not, this OR that')


def _term(match: re.Match[str]) -> Term | None:
    if match[2] is not None:
        text, negated, prefix = match[2], bool(match[1]), bool(match[3]) or match[2].rstrip().endswith("*")
        return Term(text.rstrip("* "), True, negated, prefix) if text.strip("* ") else None
    text = match[4]
    negated, prefix = len(text) > 1 and text.startswith("-"), len(text) > 1 and text.endswith("*")
    text = text.removeprefix("-") if negated else text
    text = text.rstrip("*")
    return Term(text, False, negated, prefix) if text else None
