"""Who held what when: roles of Open States and managers of the World Cups, against brute force over the files.

Each is asked before, after and on the days of every change; an end that the data announces is asked for as well.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.case import Case
from evals.row import Figure, Row
from worldctx.client.client import BlockingClient, connect_blocking, groups
from worldctx.exchange.facts import line_of
from worldctx.exchange.mapping import Made, Mapping
from worldctx.model.errors import NotFound
from worldctx.model.time import DAY, iso_day, parse_when
from worldctx.wire.v1 import graph_pb2

#: Lines of one commit, and people of Open States asked about: every one whose place in the file leaves no rest.
LINES, EVERY = 10_000, 40
#: Classes of errors.
STALE, MISSING = "shown though it did not hold then", "not shown though it held then"
#: First and last day, empty where open.
Held = tuple[str, str]
#: An entity, whether it is the object of the facts, their predicate, and when they held.
Holder = tuple[str, bool, str, Sequence[Held]]


def run(data: Path) -> Iterator[Row]:
    """Import the two data sets by their shipped mappings; ask; compare sets."""
    world = data / "world"
    with TemporaryDirectory() as folder, connect_blocking(f"embedded:{folder}/world", embedder="none") as client:
        people = list(_people(world / "openstates-people.jsonl.gz"))[::EVERY]
        sample = Path(folder) / "people.jsonl"
        sample.write_text("".join(json.dumps(one) + "\n" for one in people), encoding="utf-8")
        _import(client, Mapping.load("openstates"), sample)
        _import(client, Mapping.load("worldcup"), world / "worldcup")
        holders: list[Holder] = [(str(one["id"]), False, "position_held", held) for one in people
                                 if (held := _roles(one))]
        yield _row("who held an office", f"openstates, every {EVERY}th person", _asked(client, holders))
        managers: list[Holder] = [(team, False, "head_coach", held) for team, held in _managers(world / "worldcup")]
        yield _row("who managed a team", "worldcup, men's teams", _asked(client, managers))


def _import(client: BlockingClient, mapping: Mapping, path: Path) -> None:
    found = (line_of(one.line) for one in mapping.rows(path) if isinstance(one, Made))
    for group in groups(found, LINES):
        client.write_facts(group)


def _people(path: Path) -> Iterator[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _roles(person: dict[str, object]) -> list[Held]:
    roles: list[dict[str, str]] = person.get("roles") or []  # type: ignore[assignment]  # as the data set has them
    held = [(one.get("start_date") or "", one.get("end_date") or "") for one in roles]
    return [(start, end) for start, end in held if not (start and end and end < start)]  # the store refuses those


def _managers(folder: Path) -> list[tuple[str, list[Held]]]:
    with (folder / "tournaments.csv").open(encoding="utf-8") as file:
        days = {one["tournament_id"]: (one["start_date"], one["end_date"]) for one in csv.DictReader(file)
                if "Women" not in one["tournament_name"]}
    teams: dict[str, list[Held]] = defaultdict(list)
    with (folder / "manager_appointments.csv").open(encoding="utf-8") as file:
        for one in csv.DictReader(file):
            if one["tournament_id"] in days:
                slug = re.sub(r"[^a-z0-9]+", "-", one["team_name"].lower()).strip("-")
                teams[f"ent:{slug}-national-football-team"].append(days[one["tournament_id"]])
    return sorted(teams.items())


def _asked(client: BlockingClient, holders: Iterable[Holder]) -> Iterator[Case]:
    """What was wanted and what was answered for each holder on each day that matters."""
    for entity, naming, predicate, held in holders:
        for day in _days(held):
            request = graph_pb2.ListFactsRequest(
                entity=entity, naming=naming, predicate=predicate, page_size=1000, clocks=graph_pb2.Clocks(as_of=day))
            try:
                facts = client.list_facts(request).facts
            except NotFound:  # nobody could have named the person then
                facts = ()
            wanted = {one for one in held if (not one[0] or one[0] <= day) and (not one[1] or day <= one[1])}
            yield judged(f"{entity}@{day}", f"{predicate} of {entity} on {day}", wanted,
                         {(getattr(one.valid, "from"), one.valid.to) for one in facts})


def judged(name: str, question: str, wanted: set[Held], answered: set[Held]) -> Case:
    """One answer against brute force: right, stale (it has what did not hold then), or missing something."""
    stale, missing = sorted(answered - wanted), sorted(wanted - answered)
    fault = STALE if stale else MISSING if missing else ""
    reasons = [f"did not hold then: {_shown(one)}" for one in stale] + [f"missing: {_shown(one)}" for one in missing]
    return Case(name, question, "; ".join(map(_shown, sorted(wanted))) or "nobody",
                "; ".join(map(_shown, sorted(answered))) or "nobody", float(not fault), fault, tuple(reasons))


def _shown(held: Held) -> str:
    return f"{held[0] or 'open'} to {held[1] or 'open'}"


def _days(held: Sequence[Held]) -> list[str]:
    """The days of every change, and those right before and after."""
    changes = {parse_when(day).lo for sides in held for day in sides if day}
    return [iso_day(one) for one in sorted({one + shift * DAY for one in changes for shift in (-1, 0, 1)})]


def _row(name: str, data: str, found: Iterable[Case]) -> Row:
    cases = tuple(found)
    exact = sum(one.score for one in cases) / len(cases)
    stale = sum(one.fault == STALE for one in cases) / len(cases)
    unheld = sum(one.wanted == "nobody" for one in cases)
    return Row(name, data, len(cases), (
        Figure("exact set", exact, exact, exact, None, 1.0), Figure("stale rate", stale, stale, stale, None, 0.0),
    ), f"each day of a change, the day before and the day after; {unheld:,} times nobody held it, as far as is known",
        cases)
