"""Typed values as RDF literals and back, and dates in the XSD type that fits their precision."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from worldctx.exchange.rdf.terms import EDTF, EDTF_OTHERS, NAMESPACES
from worldctx.model.errors import BadInput
from worldctx.model.time import When, parse_when

XSD = NAMESPACES["xsd"]
_STRING = XSD + "string"
_LANG = NAMESPACES["rdf"] + "langString"
_WKT = NAMESPACES["geo"] + "wktLiteral"
_LOCAL = re.compile(r"[A-Za-z][A-Za-z0-9]*")
#: XSD types of dates as precise as EDTF writes them. Years have four digits, for more are EDTF's `Y` form.
_DATES = ((re.compile(r"-?\d{4}"), "gYear"), (re.compile(r"-?\d{4}-(?:0[1-9]|1[0-2])"), "gYearMonth"),
          (re.compile(r"-?\d{4}-\d{2}-\d{2}"), "date"),
          (re.compile(r"-?\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z"), "dateTime"))
_ZONE = re.compile(r"(?:Z|[+-]\d{2}:\d{2})$")
_TYPED_DATE = frozenset({"gYear", "gYearMonth", "date"})


@dataclass(frozen=True, slots=True)
class Value:
    """A literal as `model.fact.Literal` has it, without its unit."""

    text: str
    datatype: str = "string"
    lang: str = ""


def value_of(literal: Literal) -> Value:
    """What a literal says. Languages are in lower case, as RDF compares them."""
    iri = literal.datatype.value
    if literal.language:
        return Value(literal.value, "langString", literal.language)
    if iri == _STRING:
        return Value(literal.value)
    if iri.startswith(XSD) and _LOCAL.fullmatch(iri[len(XSD) :]):
        return Value(literal.value, iri[len(XSD) :])
    if iri == EDTF or iri in EDTF_OTHERS:
        return Value(literal.value, "edtf")
    return Value(literal.value, "wkt" if iri == _WKT else iri)


def literal_of(value: Value) -> Literal:
    """The literal that comes nearest to a value; `value_of` tells whether it says all of it."""
    try:
        if value.datatype == "langString":
            return Literal(value.text, language=value.lang) if value.lang else Literal(value.text)
        if value.datatype in ("", "string"):
            return Literal(value.text)
        return Literal(value.text, datatype=NamedNode(_type_iri(value.datatype)))
    except ValueError:
        return Literal(value.text)


def _type_iri(name: str) -> str:
    if name in ("edtf", "wkt"):
        return EDTF if name == "edtf" else _WKT
    return XSD + name if _LOCAL.fullmatch(name) else name


def date_literal(edtf: str) -> Literal:
    """A date with the XSD type of its precision, or as EDTF where XSD has none: approximate, unspecified, seasons."""
    kind = next((name for pattern, name in _DATES if pattern.fullmatch(edtf)), None)
    return Literal(edtf, datatype=NamedNode(XSD + kind if kind else EDTF))


def when_of(literal: Literal, field: str = "date") -> When:
    """The date that a literal gives, whatever its type, with its precision.

    A time zone of a date without a time is left away: it moves the day by hours, not the claim.

    Raises:
        BadInput: it is none.
    """
    value = value_of(literal)
    text = value.text.strip()
    if value.datatype in _TYPED_DATE and not re.fullmatch(r"-?\d{4,}(?:-\d{2}){0,2}", text):
        text = _ZONE.sub("", text)
    return parse_when(text, field)


def edtf_of(literal: Literal, field: str = "date") -> str:
    """EDTF text of one date, or of an interval (`1948-07-29/1948-08-14`).

    Raises:
        BadInput: it is neither.
    """
    text = literal.value.strip()
    sides = text.split("/")
    if len(sides) != 2:
        return when_of(literal, field).edtf
    for side in sides:
        if side not in ("", ".."):
            parse_when(side, field)
    if not any(side not in ("", "..") for side in sides):
        raise BadInput.at(field, f"{text[:60]!r} has neither a beginning nor an end")
    return text
