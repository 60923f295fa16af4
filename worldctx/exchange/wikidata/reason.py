"""Why a statement, or a part of an entity, is left out: in words that many share, so that they can be counted."""

from __future__ import annotations


class Reason(str):
    """A reason, told apart from ids, which are texts too."""

    __slots__ = ()


UNKNOWN = Reason("unknown value")
NO_VALUE = Reason("no value")
OTHER_KIND = Reason("value of a kind that is not kept")
DEPRECATED = Reason("deprecated rank")
MALFORMED = Reason("not the data model of Wikidata")
QUALIFIER = Reason("qualifier")
NOT_KEPT = Reason("property that the filter leaves out")
EXTERNAL_ID = Reason("external id")
BROKEN_TIME = Reason("time that is none")
NO_YEAR = Reason("year that there was not")
COARSE = Reason("time less precise than a millennium")
ENDED_SOME_TIME = Reason("ended at an unknown time")
ENDED_BEFORE = Reason("end before its start")
