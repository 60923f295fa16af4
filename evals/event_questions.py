"""Questions about matches and tournaments of the World Cups, and short reports of them, made from the tables."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from worldctx.model.ask import Ask
from worldctx.model.document import Document
from worldctx.model.ids import DocumentId
from worldctx.model.time import DAY, When, civil, iso_day, parse_when

#: Matches that are asked about, dev and test together.
MATCHES = 200
#: How long after an event it is asked about.
LATER_S = 400 * DAY
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")
_WEEKDAYS = ("Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday")  # 1970-01-01: a Thursday
#: Reports by whether somebody won: a few ways in which news is written. None has the name of the event.
_WON = (
    "{city} - {winner} beat {loser} {score} here on {weekday}. {scorer}The crowd was in good voice until the end.",
    "There was joy in the streets of {city} on {weekday} as {winner} defeated {loser}. {scorer}"
    "The players thanked those who had come from far away.",
    "{loser} lost {score} to {winner} in {city} on {weekday}. {scorer}Their coach said that he had no excuses.",
)
_DRAWN = (
    "{city} - {winner} and {loser} drew {score} here on {weekday}. {scorer}Neither side took many risks.",
    "{winner} were held to a draw by {loser} in {city} on {weekday}. {scorer}Both coaches said that they were content.",
)
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One question or report.

    Attributes:
        kind: of the template.
        ask: as it is sent.
        wanted: ids of the events that are right.
        early: the same as of the day before the event.
    """

    id: str
    kind: str
    ask: Ask
    wanted: frozenset[str]
    early: Ask

    @property
    def text(self) -> str:
        return self.ask.document.text if self.ask.document is not None else self.ask.text


def questions(folder: Path) -> Iterator[Question]:
    """All questions on the tables in a folder, in an order that does not change."""
    matches = _read(folder / "matches.csv")
    scorers: dict[str, list[Row]] = defaultdict(list)
    for goal in _read(folder / "goals.csv"):
        scorers[goal["match_id"]].append(goal)
    for match in sorted(matches, key=lambda one: _hash(one["match_id"]))[:MATCHES]:
        yield from _of_match(match, matches, scorers[match["match_id"]])
    yield from _of_tournaments(_read(folder / "tournaments.csv"))


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _of_match(match: Row, matches: Sequence[Row], goals: Sequence[Row]) -> Iterator[Question]:
    name, day = match["match_id"], match["match_date"]
    teams = {match["home_team_name"], match["away_team_name"]}
    there = _ids(one for one in matches if (one["match_date"], one["city_name"]) == (day, match["city_name"]))
    yield _asked(name, "where and when", f"What happened in {match['city_name']} on {_written(day)}?", day, there)
    # Men and women may have met in one year; then both are right.
    pair = _ids(one for one in matches
                if one["match_date"][:4] == day[:4] and {one["home_team_name"], one["away_team_name"]} == teams)
    first = min(one["match_date"] for one in matches if f"worldcup:{one['match_id']}" in pair)
    yield _asked(name, "who and when", f"{match['home_team_name']} against {match['away_team_name']} in {day[:4]}", day,
                 pair, before=first)
    yield _report(match, goals)


def _ids(matches: Iterator[Row]) -> frozenset[str]:
    return frozenset(f"worldcup:{one['match_id']}" for one in matches)


def _asked(name: str, kind: str, text: str, day: str, wanted: frozenset[str], before: str = "") -> Question:
    """A question on an event of a day, asked later, and as of the day before the first that is right."""
    later = _day(parse_when(day).lo + LATER_S)
    return Question(f"{name}, {kind}", kind, Ask(text, as_of=later), wanted,
                    Ask(text, as_of=_day(parse_when(before or day).lo - DAY)))


def _report(match: Row, goals: Sequence[Row]) -> Question:
    name, day = match["match_id"], match["match_date"]
    text = report(match, goals, int(_hash(name), 16))
    eve = _day(parse_when(day).lo - DAY)

    def sent(published: When) -> Ask:
        return Ask("", known_by=published, document=Document(DocumentId(f"report:{name}"), text, published=published))

    return Question(f"{name}, report", "report", sent(parse_when(day)), frozenset({f"worldcup:{name}"}), sent(eve))


def report(match: Row, goals: Sequence[Row], form: int) -> str:
    """A report of a match in one of the forms; any number will do."""
    home, away, score = match["home_team_name"], match["away_team_name"], match["score"]
    if match["away_team_win"] == "1":
        home, away, score = away, home, "–".join(reversed(score.split("–")))
    forms = _DRAWN if match["draw"] == "1" else _WON
    scorer = ""
    if goals and (given := goals[0]["given_name"]) != "not applicable":
        scorer = f"{given} {goals[0]['family_name']} scored the first goal. "
    return forms[form % len(forms)].format(
        city=match["city_name"], winner=home, loser=away, score=score, scorer=scorer,
        weekday=_WEEKDAYS[parse_when(match["match_date"]).lo // DAY % 7])


def reports(folder: Path) -> Iterator[tuple[str, str, When]]:
    """Two reports of each match, in two forms, each with the match and the day on which it was written."""
    scorers: dict[str, list[Row]] = defaultdict(list)
    for goal in _read(folder / "goals.csv"):
        scorers[goal["match_id"]].append(goal)
    for match in _read(folder / "matches.csv"):
        for form in range(2):
            day = _day(parse_when(match["match_date"]).lo + form * DAY)  # the second in the next day's paper
            yield match["match_id"], report(match, scorers[match["match_id"]], form), day


def _of_tournaments(rows: Sequence[Row]) -> Iterator[Question]:
    """Who won the cup: without a year, as of later and as of the last day but one; with the year."""
    series: dict[str, list[Row]] = defaultdict(list)
    for one in rows:
        series["Women's World Cup" if "Women" in one["tournament_name"] else "World Cup"].append(one)
    for cup, editions in sorted(series.items()):
        wins = [(one, _edition(one, cup)) for one in sorted(editions, key=lambda one: one["end_date"])]
        for (one, edition), (_, earlier) in zip(wins[1:], wins, strict=False):
            end, year = parse_when(one["end_date"]), one["year"]
            last, eve = Ask(f"Who won the {cup}?", as_of=_day(end.lo + 100 * DAY)), _day(end.lo - DAY)
            yield Question(f"{edition}, last", "the last one", last, frozenset({edition}),
                           Ask(last.text, as_of=_day(parse_when(one["start_date"]).lo - DAY)))
            yield Question(f"{edition}, under way", "the one before", Ask(last.text, as_of=eve), frozenset({earlier}),
                           Ask(last.text, as_of=_day(parse_when(f"{earlier[4:8]}-01-01").lo)))
            yield Question(f"{edition}, year", "by year", Ask(f"Which team won the {cup} in {year}?",
                                                              as_of=_day(end.lo + LATER_S)),
                           frozenset({edition}), Ask(f"Which team won the {cup} in {year}?", as_of=_day(
                               parse_when(one["start_date"]).lo - DAY)))


def _edition(one: Row, cup: str) -> str:
    return f"ent:{one['year']}-fifa-{'womens-' if cup.startswith('Women') else ''}world-cup"


def _day(instant: int) -> When:
    return parse_when(iso_day(instant))


def _written(day: str) -> str:
    year, month, number = civil(parse_when(day).lo)
    return f"{number} {_MONTHS[month - 1]} {year}"
