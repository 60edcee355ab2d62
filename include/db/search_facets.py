"""What a search is narrowed by inside of the index: the numbers that the SQL function search_facets gives a passage."""

from include.db.publishing import language_code
from include.db.search_types import SearchQuery

BITS = 16  # of the ordinals in the smallest block; each level's block is four of the level before
LEVELS = 4
STEPS = (95, 90, 80, 70, 60, 50)  # percent of confidence


def facets(query: SearchQuery) -> list[int]:
    """That every hit has, besides its block. They may let more through than the query does."""
    found = []
    if len(query.sources) == 1:
        (source,) = query.sources
        found.append(-ord(source[1]))
    if query.language is not None:
        code = language_code(query.language).ljust(2, "\0")
        found.append(-1000 - 256 * ord(code[0]) - ord(code[1]))
    if query.min_confidence is not None:
        found += [-200 - step for step in STEPS if step / 100 <= query.min_confidence][:1]
    return found


def blocks(low: int, top: int) -> list[int]:
    """That together hold the ordinals from `low` to `top`, the newest first.

    None is larger than all before it together, so that a search that ends early has seen mostly the newest; and they
    are few, so that a search to the end opens the index a dozen times.
    """
    end, floor, seen = (top >> BITS) + 1, low >> BITS, 0
    found = []
    while end > floor:
        level = next(
            level
            for level in reversed(range(LEVELS))
            if level == 0 or (4**level <= seen and end % 4**level == 0 and end - 4**level >= floor)
        )
        end -= 4**level
        seen += 4**level
        found.append((level << 24) + end // 4**level)
    return found
