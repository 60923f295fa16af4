"""Items that are refused as a whole, asked one by one: what is wrong with one is no reason to lose the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from worldctx.model.errors import BadInput

T = TypeVar("T")
R = TypeVar("R")


def each_apart(
    ask: Callable[[Sequence[T]], Iterable[R]], items: Sequence[T], refused: Callable[[T, BadInput], R]
) -> list[R]:
    """What `ask` answers for the items, in order.

    Where it refuses the call as such (a message that is too large for the service), the halves are asked, down to the
    one item that is the cause. Asking again is safe: the same bytes twice are one effect.

    Args:
        ask: answers a list of items, one answer each.
        items: what to ask.
        refused: the answer for an item that is refused by itself.
    """
    if not items:
        return []
    try:
        return list(ask(items))
    except BadInput as error:
        if len(items) == 1:
            return [refused(items[0], error)]
    half = len(items) // 2
    return each_apart(ask, items[:half], refused) + each_apart(ask, items[half:], refused)
