"""The command line: `worldctx VERB`. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 ended by Ctrl-C."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated

import typer

from worldctx.commands.beat import beat
from worldctx.commands.config_show import config_show
from worldctx.commands.console import console
from worldctx.commands.demo import demo
from worldctx.commands.dlq import dlq_drop, dlq_list, dlq_retry
from worldctx.commands.doctor import doctor
from worldctx.commands.enrich import enrich
from worldctx.commands.erase import erase
from worldctx.commands.eval import eval_list, eval_run, eval_show
from worldctx.commands.export_facts import export_facts
from worldctx.commands.export_jsonl import export_jsonl
from worldctx.commands.export_parquet import export_parquet
from worldctx.commands.export_rdf import export_rdf
from worldctx.commands.import_facts import import_facts
from worldctx.commands.import_geonames import import_geonames
from worldctx.commands.import_map import import_map
from worldctx.commands.import_pack import import_pack
from worldctx.commands.import_places import import_places
from worldctx.commands.import_rdf import import_rdf
from worldctx.commands.import_wikidata import import_wikidata
from worldctx.commands.ingest import ingest
from worldctx.commands.lookup import lookup
from worldctx.commands.pack import pack_build, pack_check, pack_install, pack_list, pack_remove
from worldctx.commands.rebuild import rebuild
from worldctx.commands.resolve import (
    resolve_auto,
    resolve_different,
    resolve_list,
    resolve_same,
    resolve_undo,
    resolve_unsure,
)
from worldctx.commands.resolve_review import resolve_review
from worldctx.commands.screen import complain, log_briefly
from worldctx.commands.serve import serve
from worldctx.commands.stats import stats
from worldctx.commands.train_names import train_names
from worldctx.commands.verify import verify
from worldctx.commands.withdraw import withdraw
from worldctx.commands.worker import worker
from worldctx.model.errors import WorldctxError

#: Set it to see where an internal error comes from.
DEBUG = "WORLDCTX_DEBUG"
#: Exit code after Ctrl-C, as shells have it.
INTERRUPTED = 130
VERBS = (lookup, ingest, enrich, serve, worker, beat, console, stats, verify, rebuild, withdraw, erase, doctor,
         demo)
GROUPS: dict[str, tuple[str, dict[str, Callable[..., None]]]] = {
    "import": ("Bring knowledge in.",
               {"facts": import_facts, "geonames": import_geonames, "map": import_map, "pack": import_pack,
                "places": import_places, "rdf": import_rdf, "wikidata": import_wikidata}),
    "export": ("Take knowledge out.",
               {"facts": export_facts, "jsonl": export_jsonl, "parquet": export_parquet, "rdf": export_rdf}),
    "pack": ("Knowledge of one field, brought in and taken out as a whole: docs/packs.md.",
             {"check": pack_check, "build": pack_build, "install": pack_install, "list": pack_list,
              "remove": pack_remove}),
    "resolve": ("Entities that may be one: candidates and decisions: docs/resolution.md.",
                {"list": resolve_list, "review": resolve_review, "auto": resolve_auto, "same": resolve_same,
                 "different": resolve_different, "unsure": resolve_unsure, "undo": resolve_undo}),
    "eval": ("How good the answers are, measured on real data: docs/quality.md.",
             {"run": eval_run, "list": eval_list, "show": eval_show}),
    "dlq": ("Records that workers gave up.", {"list": dlq_list, "retry": dlq_retry, "drop": dlq_drop}),
    "train": ("Models from your own data: docs/names.md.", {"names": train_names}),
    "config": ("The settings.", {"show": config_show}),
}


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"worldctx {version('worldctx')}\n")
        raise typer.Exit


def build() -> typer.Typer:
    """The command line as typer has it."""
    app = typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(_worldctx)
    for verb in VERBS:
        app.command()(verb)
    for name, (told, verbs) in GROUPS.items():
        group = typer.Typer(no_args_is_help=True, help=told)
        for word, verb in verbs.items():
            group.command(word)(verb)
        app.add_typer(group, name=name)
    return app


def _worldctx(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="The version, and nothing else.")
    ] = False,
) -> None:
    """The world context of a text, as of a date. Every verb tells more with --help."""


def main() -> None:
    """Run the command line. Whatever goes wrong becomes one line on standard error and an exit code."""
    log_briefly(full=bool(os.environ.get(DEBUG)))
    if isinstance(sys.stdout, TextIOWrapper):
        # JSON is UTF-8 whatever the locale; a terminal shows what it can.
        if sys.stdout.isatty():
            sys.stdout.reconfigure(errors="backslashreplace")
        else:
            sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(run())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line, by default this process's own; returns the exit code."""
    try:
        code = _done(arguments)
        sys.stdout.flush()
        if code == INTERRUPTED:  # what typer makes of Ctrl-C
            raise KeyboardInterrupt
        return code
    except typer.TyperException as error:
        # Its errors of usage show themselves, with the usage; the public base class promises only the words.
        if (show := getattr(error, "show", None)) is not None:
            show()
        else:
            complain(error.format_message())
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        complain("ended by Ctrl-C; everything written is sound")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has left. What Python would still flush at exit has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except WorldctxError as error:
        complain(error.message)
        return 1
    except UnicodeEncodeError as error:
        # Bytes of an argument that are no UTF-8 come as lone surrogates, which no message can carry.
        complain(f"{error.object[:60]!a} is not UTF-8; give it in UTF-8")
        return 1
    except OSError as error:
        complain(f"{error.filename or 'input or output'}: {error.strerror or error}")
        return 1
    except Exception as error:  # noqa: BLE001 - the last line of defence: a person gets no traceback unless asked for
        if os.environ.get(DEBUG):
            traceback.print_exc()
        complain(f"internal error: {type(error).__name__}: {error}; {DEBUG}=1 shows where; please report it")
        return 1


def _done(arguments: Sequence[str] | None) -> int:
    try:
        return int(build()(None if arguments is None else list(arguments), standalone_mode=False) or 0)
    except typer.Exit as done:
        return done.exit_code
