"""Where a subtitle may be broken: how much a reader minds an end between two words."""

import re
import unicodedata

from include.processing.text_units import unspaced

FREE, CLAUSE, BEFORE_LINK, BEFORE_PREPOSITION, BEFORE_VERB = 0.0, 1.5, 3.0, 5.0, 5.5
PLAIN, TIED, TORN = 7.0, 12.0, 16.0

_CLOSERS = "\"'»”’)]）」』】〉》"
_SENTENCE = re.compile(rf"[.!?…。！？।؟][{re.escape(_CLOSERS)}]*$")
_CLAUSE = re.compile(rf"(?:[,;:，、；：،؛–—)\]）」』】]|--)[{re.escape(_CLOSERS)}]*$")
_ABBREVIATION = re.compile(r"^\W*(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|No|Nr|Fig|vs|etc|e\.g|i\.e|z\.B|[A-Z])\.$")
_HIRAGANA = re.compile("[\u3041-\u309f]")
_KATAKANA = re.compile("[\u30a1-\u30ff]")

# Words that begin a phrase: a break before them reads well.
_LINKS = """
and but or nor so because although though unless until while whereas if when whenever where after before since than
that which who whom whose what how why whether
und oder aber denn weil obwohl wenn als während dass damit sondern wo wie
et ou mais donc car parce lorsque quand puisque si que qui dont où
y pero porque aunque cuando donde que quien mientras
e ma perché quando mentre che dove oppure
"""
_PREPOSITIONS = """
in on at by for from with without within into onto of to about above across against along among around behind below
beneath beside between beyond despite down during except inside like near off out over past through throughout toward
towards under upon via as per
auf aus bei durch für gegen hinter mit nach neben ohne seit über um unter von vor zwischen zu
à avec chez contre dans depuis entre par pour sans sous sur vers
con contra desde entre hacia hasta para por sin sobre
"""
# Words that lean on the next one: a line must not end with them.
_LEANING = """
a an the this these those my your his her its our their some any no every each such very too more most less
am is are was were be been being has have had do does did will would shall should can could may might must not
i you he she it we they who which that and or but nor if as than to because when
don't doesn't didn't isn't aren't wasn't weren't can't won't i'm you're we're they're i've we've
mr mrs ms dr prof
der die das den dem des ein eine einen einem einer eines im am zum zur vom beim und oder nicht sehr
le la les l' un une des du au aux ce cette ces et ou ne très
el los las lo una unos unas del al y o muy
il gli uno della dello dei delle di da nel nella al alla
"""
# Verbs that follow a subject: the end of a long one is a fair place.
_VERBS = """
am is are was were has have had does did will would shall should can could may might must
ist sind war waren hat haben wird werden kann können muss müssen soll sollte
est sont était étaient ont peut peuvent doit es son está están era fue han puede pueden è sono ha hanno può
"""
LINKS = frozenset(_LINKS.split())
PREPOSITIONS = frozenset(_PREPOSITIONS.split())
VERBS = frozenset(_VERBS.split())
LEANING = frozenset(_LEANING.split()) | PREPOSITIONS


def ends_sentence(before: str, after: str) -> bool:
    if not _SENTENCE.search(before) or _ABBREVIATION.match(before):
        return False
    return not after[:1].islower()


def cost(before: str, after: str, spaced: bool, pause: float) -> float:
    """0 to TORN for an end between the two; `pause` is the silence between them in seconds."""
    if ends_sentence(before, after):
        return FREE
    if _CLAUSE.search(before) or (spaced and unspaced(before[-1]) and unspaced(after[0])):
        return CLAUSE
    return max(CLAUSE, _of_letters(before, after) if not spaced else _of_words(before, after) - min(3.0, 6.0 * pause))


def leans(word: str) -> bool:
    """Does it want the next word beside it?"""
    return _bare(word) in LEANING


def _of_words(before: str, after: str) -> float:
    left, right = _bare(before), _bare(after)
    if _ABBREVIATION.match(before):
        return TORN
    if left in LEANING:
        return TIED + 2.0 if left in PREPOSITIONS else TIED
    if right in LINKS:
        return BEFORE_LINK
    if right in PREPOSITIONS:
        return BEFORE_PREPOSITION
    if right in VERBS:
        return BEFORE_VERB
    one_name = before[0].isupper() and after[0].isupper() and len(right) > 1
    return TIED if one_name or before[-1].isdigit() else PLAIN


def _of_letters(before: str, after: str) -> float:
    """Japanese phrases mostly begin where hiragana ends; else a word's end can't be seen without a dictionary."""
    last, first = before[-1], after[0]
    if last.isascii() and first.isascii():
        return TORN
    if last.isdigit() or not (unspaced(last) or unspaced(first)):
        return TORN
    if _HIRAGANA.match(last):
        return TIED if _HIRAGANA.match(first) else BEFORE_PREPOSITION
    inside_a_word = _HIRAGANA.match(first) or (_KATAKANA.match(last) and _KATAKANA.match(first))
    return TORN if inside_a_word else TIED


def _bare(word: str) -> str:
    folded = unicodedata.normalize("NFC", word.lower()).replace("’", "'")
    return folded.strip('.,;:!?…"()[]{}«»“”¿¡-–—')
