"""Validating knowledge by SHACL shapes on its way in or out: as RDF, the way `export rdf` writes it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from worldctx.commands.screen import Complaints, complain
from worldctx.exchange.facts import Line
from worldctx.model.errors import Unsupported

if TYPE_CHECKING:
    from worldctx.exchange.rdf.shacl import Violation

ShapeFiles = Annotated[
    Optional[list[Path]], typer.Option("--shapes", metavar="FILE", help="SHACL shapes to validate by; may be repeated.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Write nothing if the shapes are violated.")]


def violated(lines: Iterable[Line], shapes: list[Path] | None, *, strict: bool) -> bool:
    """Report how lines violate shapes, taken together; warnings are shown and do not count.

    Raises:
        BadParameter: strict, by no shapes.
        Exit: strict, and they are violated.
        BadInput: the shapes are no sound ones.
        Unsupported: the libraries for RDF are not installed.
    """
    if not shapes:
        if strict:
            raise typer.BadParameter("--strict needs --shapes")
        return False
    try:
        from worldctx.exchange.rdf.shacl import Shapes, check_lines
    except ImportError as error:
        raise Unsupported(f"{error.name} is not installed; pip install 'worldctx[rdf]'") from error
    return told(check_lines(lines, Shapes.load(shapes)), strict=strict)


def told(found: Iterable[Violation], *, strict: bool) -> bool:
    """Report violations; whether there is any that counts.

    Raises:
        Exit: strict, and there is.
    """
    from worldctx.exchange.rdf.shacl import VIOLATION

    shown, count = Complaints(), 0
    for one in found:
        shown.add("", str(one))
        count += one.severity == VIOLATION
    shown.close()
    if count and strict:
        complain(f"{count:,} violations of the shapes: nothing was written; without --strict it would have been")
        raise typer.Exit(1)
    return count > 0
