"""What a search is narrowed by inside of the index: the numbers that the SQL function search_facets gives a passage."""

from include.db.publishing import language_code
from include.db.search_types import SearchQuery

BITS = 16  # of the ordinals in the smallest block; each level's block is four of the level before
LEVELS = 4
SUBTITLE = -117
SURE = ((0.95, -295), (0.9, -290))  # from which confidence on


def facets(query: SearchQuery) -> list[int]:
    """That every hit has, besides its block. They may let more through than the query does."""
    found = []
    if query.sources == {"subtitle"}:
        found.append(SUBTITLE)
    if query.language is not None:
        code = language_code(query.language).ljust(2, "\0")
        found.append(-1000 - 256 * ord(code[0]) - ord(code[1]))
    if query.min_confidence is not None:
        found += [facet for least, facet in SURE if query.min_confidence >= least][:1]
    return found


def blocks(low: int, top: int, finest: int = 0) -> list[int]:
    """That together hold the ordinals from `low` to `top` (and a few around them), the newest first.

    None is larger than all before it together, so that a search that ends early has seen mostly the newest; and they
    are few, so that a search to the end opens the index a dozen times. `finest`: the level of the smallest ones.
    """
    least = 4**finest
    end, floor, seen = ((top >> BITS) // least + 1) * least, (low >> BITS) // least * least, 0
    found = []
    while end > floor:
        level = next(
            level
            for level in reversed(range(finest, LEVELS))
            if level == finest or (4**level <= seen and end % 4**level == 0 and end - 4**level >= floor)
        )
        end -= 4**level
        seen += 4**level
        found.append((level << 24) + end // 4**level)
    return found
