"""Early, mid and late, about: the words before a date that narrow or blur it."""

from __future__ import annotations

import re

from worldctx.text.dates.expression import Mod, Reading, Type
from worldctx.text.dates.rule import Here

#: Before a date; blanks stand for white space.
PART = (r"(?P<part>(?:the )?(?:early|mid|late|later|earlier)(?:[-–]| )(?:part of |in |the )*"
        r"|(?:the )?(?:very )?(?:beginning|start|opening|middle|end|close|turn|eve"
        r"|(?:early|late|last|first|closing|opening) (?:months|days|weeks|years|part)) of (?:the )?)")
ABOUT = r"(?P<about>(?:about|around|approximately|circa|c\.|ca\.) ?)?"
_MODS = ((frozenset(("early", "earlier", "beginning", "start", "opening", "first", "turn")), Mod.START),
         (frozenset(("mid", "middle")), Mod.MID),
         (frozenset(("late", "later", "end", "close", "closing", "last", "latter", "second", "eve")), Mod.END))


def mod_of(part: str | None) -> Mod:
    """Start, middle or end, by the words that say so."""
    if not part:
        return Mod.NONE
    words = re.findall(r"[a-z]+", part)
    return next((mod for names, mod in _MODS if any(word in names for word in words)), Mod.NONE)


def dated(value: str | None, mod: Mod = Mod.NONE) -> Reading | None:
    """A date that stands on its own; None for none."""
    return None if value is None else Reading(Type.DATE, value, mod)


def near(value: str | None, here: Here, mod: Mod = Mod.NONE) -> Reading | None:
    """A date that hangs on the one nearest to it; None for none."""
    anchor = here.near.edtf if here.near is not None else ""
    return None if value is None else Reading(Type.DATE, value, mod, True, anchor)
