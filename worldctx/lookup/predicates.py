"""What questions ask for in words, and which predicates answer them; which predicates hold one value at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: A cue in the text and the predicates it asks for. Small on purpose: it serves prompts, not documents.
_CUES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\b(?:who|whom)\b.*\b(?:led|leads?|ruled?|governs?|governed|heads?|headed|in (?:power|charge|office))\b",
     ("head_of_state", "head_of_government", "position_held", "chief_executive", "leader")),
    (r"\b(?:president|prime minister|chancellor|premier|king|queen|secretary[- ]general|pope|head of state"
     r"|head of government|monarch|emperor)\b", ("position_held", "head_of_state", "head_of_government")),
    (r"\b(?:ceo|chief executive|runs?|ran)\b", ("chief_executive", "position_held")),
    (r"\bborn\b|\bbirth\b|\bhow old\b", ("birth_date", "birth_place")),
    (r"\b(?:died?|death of|dead)\b", ("death_date", "death_place")),
    (r"\bcapital\b", ("capital",)),
    (r"\b(?:how many people (?:live|lived)|population|inhabitants)\b", ("population",)),
    (r"\b(?:how many (?:people )?(?:died|were killed)|death toll|casualties|victims)\b", ("number_of_deaths",)),
    (r"\bhow (?:high|tall)\b|\b(?:height|elevation)\b", ("elevation", "height")),
    (r"\b(?:founded|established|created|inception|started)\b", ("inception", "founded_by")),
    (r"\b(?:headquarters?|headquartered|based)\b", ("headquarters",)),
    (r"\b(?:members?|belongs? to|joined|joins?|left)\b", ("member_of",)),
    (r"\b(?:married|wife|husband|spouse)\b", ("spouse",)),
    (r"\b(?:wrote|written|author)\b", ("author",)),
    (r"\b(?:won|winners?|champions?)\b", ("winner",)),
    (r"\b(?:signed|signator(?:y|ies))\b", ("signatory",)),
    (r"\b(?:party)\b", ("party",)),
    (r"\b(?:who owns?|owned|owner|parent company)\b", ("owned_by", "parent_organisation")),
    (r"\b(?:responsible|perpetrat\w+|culprit)\b", ("perpetrator", "responsible")),
    (r"\b(?:stud(?:ied|y)|educated|alma mater)\b", ("educated_at",)),
    (r"\b(?:sovereignty|belongs?|territory|claims?|which country)\b", ("country", "sovereignty", "claimed_by")),
    (r"\b(?:when (?:was|did|were)|what (?:year|date|day))\b", ("has_time", "start_time", "inception", "birth_date")),
    (r"\bscor(?:e[ds]?|ers?|ing)\b", ("goal_scored_by", "score")),
    (r"\bwhere (?:was|were|did)\b|\b(?:what|which) (?:stadium|venue)\b", ("has_place", "location")),
)
#: For text in lower case: ignoring the case takes half as long again.
CUES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern, re.DOTALL), predicates) for pattern, predicates in _CUES)

#: One value at a time: two different values that hold at once contradict each other.
SINGLE_VALUED = frozenset({
    "birth_date", "birth_place", "death_date", "death_place", "inception", "dissolved", "capital", "country",
    "sovereignty", "elevation", "height", "area", "number_of_deaths", "has_time", "length", "responsible",
    "perpetrator", "identity", "author", "depth",
})
#: Measured again and again: they contradict each other only for the same moment.
MEASURED = frozenset({"population", "members", "employees", "revenue", "capacity"})
#: The value is the time.
DATED = frozenset({"birth_date", "death_date", "inception", "has_time", "dissolved"})
#: Facts of these may contradict each other.
RIVALS = SINGLE_VALUED | MEASURED
#: Who is in charge of what.
OFFICES = frozenset({"position_held", "head_of_state", "head_of_government", "chief_executive", "leader"})
#: Predicates by which an office names what it is the office of.
JURISDICTION = ("jurisdiction", "applies_to_jurisdiction")
#: Where something lies, began or ended: of interest to a text about that thing, not to one about the place.
WHEREABOUTS = frozenset({"birth_place", "death_place", "headquarters", "educated_at", "residence", "burial_place",
                         "country", "location", "work_location", "sport_club"})
#: True of most things of a kind, or another way to say the name, so that they tell a reader little.
PLAIN = frozenset({"instance_of", "official_website", "official_name", "iso_code", "continent", "currency", "tld",
                   "calling_code", "gender", "language", *JURISDICTION})
#: What something belongs to, or has beside or after it: where a text that names it goes on to.
BELONGING = frozenset({"member_of", "part_of", "parent_organisation", "capital", "borders", "headquarters",
                       "replaced_by"})


def asked_for(text: str) -> Mapping[str, float]:
    """Predicates that a question asks for, with how directly (1 for the first cue that fires, less for later ones).

    Args:
        text: a prompt; whole documents ask for nothing.
    """
    found: dict[str, float] = {}
    strength, text = 1.0, text.lower()
    for pattern, predicates in CUES:
        if pattern.search(text):
            for predicate in predicates:
                found.setdefault(predicate, strength)
            strength = max(0.4, strength - 0.15)
    return found


def words_of(predicate: str) -> str:
    """A predicate's name in words: the last part of an IRI, underscores as blanks."""
    return re.split(r"[/#]", predicate.rstrip("/#"))[-1].replace("_", " ")
