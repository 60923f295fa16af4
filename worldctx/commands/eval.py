"""`worldctx eval`: how good the answers are, measured on real data, and what the errors are.

The measurements stand in the folder `evals` of the source tree. They need data and peers that no installation carries,
so that they are not in the wheel; who has only that is told so.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from worldctx.commands.screen import err, out, write_json
from worldctx.commands.target import AsJson
from worldctx.console.answer import printable
from worldctx.model.errors import BadInput, Unsupported

if TYPE_CHECKING:
    from evals.case import Case
    from evals.row import Row

logger = logging.getLogger(__name__)
#: Characters of a question or an answer that the browser shows.
SHOWN = 600
KeptIn = Annotated[
    Optional[Path], typer.Option("--kept", metavar="DIR", help="Folder of figures and cases of runs; default .evals in "
                                                               "the source tree.")]


def eval_run(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", envvar="WORLDCTX_DATA_DIR", help="Folder of the evaluation data.")
    ] = Path("../shared/data"),
    only: Annotated[
        Optional[list[str]], typer.Option("--only", metavar="NAME", help="This measurement alone; may be given often.")
    ] = None,
    embedder: Annotated[str, typer.Option("--embedder", help="As for serve.")] = "auto",
    write: Annotated[bool, typer.Option("--write", help="Renew docs/quality.md from all measured here.")] = False,
    kept: KeptIn = None,
    as_json: AsJson = False,
) -> None:
    """Measure, print the table, and keep figures and cases; `eval list` has the names of the measurements.

    Each measurement is kept as soon as it is done, so that after Ctrl-C only the one under way is lost; one that fails
    is told, the others go on, and the exit code is 1. With --json one line a row.

    Example: worldctx eval run ../shared/data --only office
    """
    with _source_tree():
        from evals import quality
        from evals.__main__ import MEASURED
        from evals.kept import KEPT, Kept, record
    names = _known(only or list(MEASURED), MEASURED)
    if not data.is_dir():
        raise BadInput.at("DATA", f"{data} is no folder; give that of the evaluation data, or set WORLDCTX_DATA_DIR")
    store = Kept(kept or KEPT)
    missing = [name for name in MEASURED if name not in names and not store.has(name)] if write else []
    if missing:
        raise BadInput.at("--write", f"not measured here yet: {', '.join(missing)}; measure them first")
    done: list[Row] = []
    failed = False
    for place, name in enumerate(names, 1):
        begun = time.monotonic()
        err.print(f"{place} of {len(names)}: {name} …", markup=False)
        try:
            rows = list(MEASURED[name](data, embedder))
        except Exception:  # one measurement that fails does not stop the others
            logger.exception("%s is not measured", name)
            failed = True
            continue
        store.keep(name, rows)
        done += rows
        err.print(f"{place} of {len(names)}: {name}, {time.monotonic() - begun:.0f} s", markup=False)
        if as_json:
            for row in rows:
                write_json(record(row))
    if not as_json:
        out.print(quality.table(done), end="", markup=False)
        out.print("\n".join(quality.notes(done)), markup=False)
    if write and not failed:
        quality.DOCS.write_text(quality.page({name: store.rows(name) for name in MEASURED}), encoding="utf-8")
    raise typer.Exit(1 if failed else 0)


def eval_list(kept: KeptIn = None, as_json: AsJson = False) -> None:
    """The names of the measurements, and which were run here.

    Example: worldctx eval list
    """
    with _source_tree():
        from evals.__main__ import MEASURED
        from evals.kept import KEPT, Kept, faults
    store = Kept(kept or KEPT)
    errors = {name: sum(faults(case for _, case in store.cases(name)).values()) if store.has(name) else None
              for name in MEASURED}
    if as_json:
        write_json([{"name": name, "measured": count is not None, "errors": count} for name, count in errors.items()])
        return
    for name, count in errors.items():
        out.print(f"{name}: {'not measured here' if count is None else f'{count:,} errors kept'}", markup=False)


def eval_show(
    row: Annotated[str, typer.Argument(metavar="NAME", help="Of the measurement, from eval list.")],
    fault: Annotated[Optional[str], typer.Option("--fault", metavar="CLASS", help="Of this class alone.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, metavar="N", help="At most so many errors.")] = 20,
    kept: KeptIn = None,
    as_json: AsJson = False,
) -> None:
    """The errors of a measurement's last run: counted by class, then each with the reasons that led to it, worst first.

    Example: worldctx eval show office --limit 5
    """
    with _source_tree():
        from evals.__main__ import MEASURED
        from evals.kept import KEPT, Kept, failures, faults
    (name,) = _known([row], MEASURED)
    store = Kept(kept or KEPT)
    if not store.has(name):
        raise BadInput.at("NAME", f"{name} was not measured here; worldctx eval run --only {name}")
    cases = [case for _, case in store.cases(name)]
    counts, found = faults(cases), failures(cases, fault)
    if fault is not None and fault not in counts:
        raise BadInput.at("--fault", f"no error of the class {fault!r}; there are: {', '.join(counts) or 'none'}")
    if as_json:
        write_json({"name": name, "cases": len(cases), "faults": counts, "found": len(found),
                    "errors": [asdict(one) for one in found[:limit]]})
        return
    out.print(f"{name}: {len(cases):,} cases kept, {sum(counts.values()):,} errors", markup=False)
    out.print(_counted(counts))
    for one in found[:limit]:
        out.print(_told(one))
    if len(found) > limit:
        out.print(f"{len(found) - limit:,} more with --limit", markup=False)


def _counted(counts: Mapping[str, int]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for fault, count in counts.items():
        table.add_row(Text(f"{count:,}", justify="right"), Text(fault, "red"))
    return table


def _told(one: Case) -> Group:
    """One error as people read it."""
    def line(word: str, text: str, style: str = "") -> Padding:
        return Padding(Text.assemble((f"{word}: ", "dim"), (_short(text), style)), (0, 0, 0, 2))

    head = Text.assemble((_short(one.id), "bold"), f"  {one.score:.2f}  ", (one.fault, "red"))
    reasons = [line("because", reason) for reason in one.reasons]
    return Group("", head, line("asked", one.asked), line("wanted", one.wanted, "green"),
                 line("answered", one.answered, "yellow"), *reasons)


def _short(text: str) -> str:
    text = printable(" ".join(text.split()))
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _known(names: Sequence[str], measured: Mapping[str, object]) -> list[str]:
    """The names in the order of the table.

    Raises:
        BadInput: there is no such measurement.
    """
    unknown = [name for name in names if name not in measured]
    if unknown:
        raise BadInput.at("NAME", f"no measurement is called {unknown[0]!r}; there are: {', '.join(measured)}")
    return [name for name in measured if name in names]


@contextmanager
def _source_tree() -> Iterator[None]:
    """Imports from the folder of measurements.

    Raises:
        Unsupported: they are not there, or a peer that they compare with is not.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if not f"{error.name}.".startswith("evals."):
            raise Unsupported(f"{error.name} is not installed; pip install -r requirements/dev.lock") from error
        raise Unsupported("the measurements are in the source tree, not in the wheel; get the sources, run "
                          "make check there, and use .venv/bin/worldctx") from error
