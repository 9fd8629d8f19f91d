"""The best hits within a set: by asking an index for more and more of its best, as far as that is quick."""

from collections.abc import Callable

from knowledge.ports import Hit

FIRST, GROWTH = 4, 4


def grown(ask: Callable[[int], list[Hit]], within: frozenset[int], k: int, most: int) -> list[Hit] | None:
    """The best `k` of those that lie within; None when they are not among the best `most` of all.

    `ask` gives the best so many of all, fewer only where there are no more.
    """
    asked = FIRST * k
    while asked <= most:
        hits = ask(asked)
        kept = [hit for hit in hits if hit.id in within]
        if len(kept) >= k or len(hits) < asked:
            return kept[:k]
        asked *= GROWTH
    return None
