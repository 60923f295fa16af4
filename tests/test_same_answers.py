"""The server profile gives the same answers as the embedded one: the same knowledge and documents go into both, and every
answer to a few hundred asks is compared, to the last character.

There is no tolerance here: below `search.elastic.EXACT` passages vectors are exact too, and words are at every size
(docs/adr/0009 says why, and what is measured above).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from tests.conftest import SAMPLES, pack_lines
from tests.servers.servers import Elasticsearch, Neo4j
from worldctx.config import Settings
from worldctx.exchange.documents import parse_document
from worldctx.lookup import browse
from worldctx.lookup.pipeline import find_passages, look_up
from worldctx.model.ask import Ask, Filter, Profile
from worldctx.model.change import Withdrawal
from worldctx.model.clocks import Clocks
from worldctx.model.document import Document
from worldctx.model.errors import NotFound
from worldctx.model.ids import DocumentId, EntityId, Revision
from worldctx.model.time import When, parse_when
from worldctx.ports.deadline import Deadline
from worldctx.wiring import Running, open_running

ASKS = 300
#: Words of prompts, beside the names that the pack has.
QUESTIONS = ("Who led {}?", "What happened in {}?", "Where is {}?", "When was {} founded?", "Who was a member of {} in 1963?",
             "Tell me about {} and {}.", "{} in the spring of 1986", "the successor of {}")
DATES = ("1944", "1948-05", "1962-10-22", "1972", "1986-04-26", "1991-12-26", "2001-09-11", "2015", "2020~")


@dataclass
class Profiles:
    """Both, with the same commits behind them."""

    embedded: Running
    server: Running

    @property
    def both(self) -> tuple[Running, Running]:
        return self.embedded, self.server


def random_facts(random: Random, ids: Sequence[str], sources: Sequence[str]) -> list[str]:
    """Lines of the facts format: entities of every kind, facts with all sorts of dates, judgements."""
    people = [f"ent:random-{number}" for number in range(60)]
    lines: list[dict[str, object]] = []
    for number, one in enumerate(people):
        names = [{"name": random.choice(("Ada", "Bob", "Chile", "United", "Zoë")) + f" {chr(65 + number % 26)}", "lang": "en"}]
        if number % 3 == 0:
            names.append({"name": f"Name{number}", "from": str(random.randint(1900, 2000)), "preferred": True})
        lines.append({"type": "entity", "id": one, "kind": random.choice(("person", "place", "event", "organisation")), "names": names,
                      "same_as": [f"wd:Q{number // 2}"] if number % 5 == 0 else [], "weight": round(random.random(), 2)})
    for _ in range(600):
        start = random.randint(1900, 2010)
        fact: dict[str, object] = {"type": "fact", "subject": random.choice((*people, *ids)), "predicate": random.choice((
            "position_held", "member_of", "has_place", "participant", "inception", "birth_date", "jurisdiction", "likes")),
            "confidence": round(random.random(), 3)}
        if random.random() < 0.7:
            fact["object"] = random.choice((*people, *ids))
        else:
            fact |= {"value": str(start), "datatype": "edtf"}
        if random.random() < 0.8:
            fact["valid"] = {"from": random.choice((str(start), f"{start}-07", f"{start}~")),
                             "to": random.choice((None, str(start + random.randint(0, 30))))}
        if random.random() < 0.5:
            fact["known_since"] = str(start + random.randint(0, 10))
        if random.random() < 0.5:
            fact["source"] = random.choice(sources)
        lines.append(fact)
    lines += [{"type": "judgement", "left": random.choice(people), "right": random.choice(people), "same": random.choice((True, False)), "by": "me"}
              for _ in range(12)]
    return [json.dumps(line) for line in lines if line.get("left") != line.get("right") or line["type"] != "judgement"]


def documents() -> list[bytes]:
    return SAMPLES.read_bytes().splitlines()


def tell(running: Running) -> None:
    """The pack, the samples, random knowledge, some withdrawals, and some documents again."""
    random = Random(7)
    lines = pack_lines()
    told = [json.loads(line) for line in lines]
    ids = sorted(one["id"] for one in told if one["type"] == "entity")
    sources = sorted(one["id"] for one in told if one["type"] == "source")
    running.writer.write_facts(lines)
    level(running)  # what is found in a document depends on the names that the follower has taken in by then
    running.writer.ingest(documents()[::2])
    running.writer.write_facts(random_facts(random, ids, sources))
    level(running)
    running.writer.ingest(documents())
    reader = running.world.graph.at()
    for fact in sorted(reader.facts_about(map(EntityId, ids)), key=lambda fact: fact.id)[::40]:
        running.writer.withdraw(Withdrawal(fact=fact.id, reason="test"))
    first = parse_document(documents()[0], max_chars=10**6)
    running.writer.withdraw(Withdrawal(document=first.id))
    running.writer.ingest([replace(first, text=first.text + " More was said later.", content_hash="other")])
    level(running)


def level(running: Running) -> None:
    running.follower.wait_for(running.world.graph.head(), Deadline.after(120))


@pytest.fixture(scope="module")
def profiles(neo4j_server: Neo4j, elasticsearch_server: Elasticsearch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profiles]:
    neo4j_server.wipe()
    elasticsearch_server.wipe()
    with ExitStack() as stack:
        opened = [stack.enter_context(open_running(Settings.read(embedder="hashing", **where))) for where in (
            {"data": tmp_path_factory.mktemp("embedded")},
            {"data": Path("/nowhere"), "graph": neo4j_server.url,
             "search": elasticsearch_server.url.replace("http", "elasticsearch+http") + "/same"})]
        for running in opened:
            tell(running)
        yield Profiles(*opened)


def asks(running: Running) -> list[Ask]:
    """Prompts and whole documents under all sorts of clocks, budgets, profiles and filters, at all sorts of revisions."""
    random = Random(11)
    head = running.world.graph.head()
    texts = [parse_document(line, max_chars=10**6) for line in documents()]
    names = sorted({row.name.text for row in running.world.graph.names()})
    made = []
    for number in range(ASKS):
        document: Document | None = random.choice(texts)
        if number % 3:
            question = random.choice(QUESTIONS)
            text = question.format(*(random.choice(names) for _ in range(question.count("{}"))))
            document = None
        else:
            assert document is not None
            text = document.text
            if number % 2:
                document = replace(document, id=DocumentId(f"asked:{number}"), published=maybe(random))
        made.append(Ask(
            text, as_of=maybe(random), known_by=maybe(random), now=parse_when("2024-05-01"), document=document,
            revision=Revision(random.randint(0, head)) if random.random() < 0.3 else None, strict=random.random() < 0.2,
            budget=random.choice((0, 60, 200, 512, 2000)), limit=random.choice((1, 5, 10, 30)),
            profile=random.choice(list(Profile)), enriching=document is not None and random.random() < 0.5,
            filter=random.choice((Filter(), Filter(), Filter(kinds=("person", "place")), Filter(languages=("en",)),
                                  Filter(published_from=parse_when("1960"))))))
    return made


def maybe(random: Random) -> When | None:
    return parse_when(random.choice(DATES)) if random.random() < 0.6 else None


def test_the_canonical_dump_is_the_same(profiles: Profiles) -> None:
    embedded, server = profiles.both
    assert server.world.graph.head() == embedded.world.graph.head()
    assert list(server.world.graph.dump()) == list(embedded.world.graph.dump())
    head = embedded.world.graph.head()
    for number in (1, 2, head // 3, head - 1):
        assert list(server.world.graph.dump(Revision(number))) == list(embedded.world.graph.dump(Revision(number)))


def test_every_answer_is_the_same_to_the_last_character(profiles: Profiles) -> None:
    facts = passages = linked = 0
    for ask in asks(profiles.embedded):
        expected, given = (look_up(ask, running.world, Deadline()) for running in profiles.both)
        assert repr(given) == repr(expected), ask
        facts, passages, linked = facts + len(expected.facts), passages + len(expected.passages), linked + len(expected.entities)
    assert min(facts, passages, linked) > ASKS, "asks that are answered with nothing prove nothing"


def test_every_search_is_the_same(profiles: Profiles) -> None:
    found = 0
    for ask in asks(profiles.embedded):
        expected, given = (find_passages(ask, running.world, Deadline()) for running in profiles.both)
        assert repr(given) == repr(expected), ask
        found += len(expected.passages)
    assert found > ASKS


def test_browsing_is_the_same(profiles: Profiles) -> None:
    embedded, server = profiles.both
    head = embedded.world.graph.head()
    ids = sorted({row.entity for row in embedded.world.graph.names()} | {EntityId("wd:Q3"), EntityId("ent:nobody")})
    everywhen = [Clocks(), *(Clocks(parse_when(date), parse_when(date).hi) for date in DATES[::2])]

    def seen(running: Running, one: EntityId, clocks: Clocks, revision: Revision) -> list[object]:
        reader = running.world.graph.at(revision)
        answers: list[object] = []
        for ask in (lambda: browse.entity(reader, one, clocks), lambda: browse.known(reader, one, clocks),
                    lambda: browse.neighbours(reader, one, clocks, 20), lambda: browse.find(reader, one.partition(":")[2][:3], clocks, 5)):
            try:
                answers.append(ask())
            except NotFound as error:
                answers.append(error.message)
        return answers

    for place, one in enumerate(ids[::3]):
        clocks, revision = everywhen[place % len(everywhen)], Revision(head if place % 2 else max(1, head - place % 9))
        assert seen(server, one, clocks, revision) == seen(embedded, one, clocks, revision), (one, clocks, revision)


def test_both_are_sound(profiles: Profiles) -> None:
    for running in profiles.both:
        assert running.verify() == []
        assert running.stats()["graph"] == profiles.embedded.stats()["graph"]
        assert running.stats()["index"]["passages"] == profiles.embedded.stats()["index"]["passages"]


def test_an_index_made_anew_answers_the_same(profiles: Profiles) -> None:
    before = [repr(look_up(ask, profiles.server.world, Deadline())) for ask in asks(profiles.embedded)[:60]]
    revision, count = profiles.server.rebuild()
    assert (revision, count) == (profiles.embedded.world.graph.head(), profiles.embedded.stats()["index"]["passages"])
    assert [repr(look_up(ask, profiles.server.world, Deadline())) for ask in asks(profiles.embedded)[:60]] == before
    assert profiles.server.verify() == []
