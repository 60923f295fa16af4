"""The Neo4j store keeps every promise of the port on real servers, and answers as the embedded store does."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import neo4j
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from neo4j.exceptions import IncompleteCommit, ServiceUnavailable

from tests.graph.test_erasure import secret
from tests.graph.test_erasure import tell_secrets as tell_all
from tests.graph.test_properties import IDS, SOURCES, THEN, WALKS
from tests.servers.servers import Neo4j
from worldctx.graph.neo4j import bolt as bolt_module
from worldctx.graph.neo4j.bolt import Bolt
from worldctx.graph.neo4j.schema import STORE
from worldctx.graph.neo4j.store import Neo4jGraph, open_neo4j
from worldctx.graph.sqlite import SqliteGraph, open_graph
from worldctx.intake.remains import left_by
from worldctx.model.change import Batch, Erasure, Receipt, Withdrawal
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.errors import BadInput, IncompatibleData, StoreUnavailable
from worldctx.model.fact import Literal
from worldctx.model.ids import ZERO, DocumentId, EntityId, FactId, Revision, SourceId
from worldctx.model.judgement import Judgement
from worldctx.ports.graph import GraphStore, Walk
from worldctx.testing.erasure import ErasureContract
from worldctx.testing.failpoints import FailpointError, armed
from worldctx.testing.graph import (
    ADA,
    BOB,
    CLUB,
    DAILY,
    NAMING,
    PERSON,
    WEEKLY,
    GraphStoreContract,
    claim,
    record,
    table_of,
)
from worldctx.testing.strategies import clocks, document_records, entities, facts, judgements

NEW = settings(max_examples=25, deadline=None, derandomize=True,
               suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def fresh_server(neo4j_server: Neo4j) -> Neo4j:
    neo4j_server.wipe()
    return neo4j_server


@pytest.fixture
def server(fresh_server: Neo4j) -> Neo4j:
    return fresh_server


@pytest.fixture
def opened(server: Neo4j) -> Iterator[Callable[[], Neo4jGraph]]:
    """Opens the one empty graph of the server, as often as wanted."""
    emptied(server)
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(open_neo4j(server.url)))


@pytest.fixture
def store(opened: Callable[[], Neo4jGraph]) -> Neo4jGraph:
    return opened()


@pytest.fixture
def other_store(tmp_path: Path) -> Iterator[SqliteGraph]:
    """A server of the community edition has one database: the other store is of the other kind."""
    with closing(open_graph(tmp_path / "other")) as graph:
        yield graph


def emptied(server: Neo4j) -> None:
    """Without data; constraints and indexes stay, for making them anew takes longer than a test."""
    read(server, "MATCH (n) DETACH DELETE n")


def read(server: Neo4j, query: str, **parameters: object) -> list[list[object]]:
    """Past the store."""
    with neo4j.GraphDatabase.driver(server.url, auth=None) as driver, driver.session() as session:
        return session.run(query, parameters).values()


class TestNeo4jGraph(GraphStoreContract, ErasureContract):
    """The contract, on the newest server."""


class TestNeo4jGraphOnTheLtsServer(GraphStoreContract, ErasureContract):
    """The contract, on the server with long-term support."""

    @pytest.fixture(scope="class")
    def fresh_lts_server(self, neo4j_lts_server: Neo4j) -> Neo4j:
        neo4j_lts_server.wipe()
        return neo4j_lts_server

    @pytest.fixture
    def server(self, fresh_lts_server: Neo4j) -> Neo4j:
        return fresh_lts_server


def everything(store: GraphStore, revision: Revision, asked: list[object]) -> list[object]:
    reader = store.at(revision)
    ids = [*IDS, EntityId("ent:unheard-of")]
    said = [fact.id for fact in reader.facts_about(ids)]
    documents = sorted({one.document.id for commit in store.commits(ZERO, revision) for one in commit.documents})
    passages = [[piece.id for piece in reader.passages_of(one)] for one in documents]
    return [
        reader.counts(), reader.resolve(ids), [reader.members(one) for one in ids], reader.entities(ids),
        [(reader.labels(ids, when), reader.unborn(ids, when), table_of(reader, *WALKS, clocks=when, limit=3),
          reader.facts_about(ids, when, limit=2), reader.facts_naming(ids, when)) for when in (THEN, *asked)],
        reader.facts(said), [list(reader.search_entities(text)) for text in ("a", "b", "é", "x")],
        reader.sources([one.id for one in SOURCES]), reader.documents(documents), passages,
        [reader.passages(some) for some in passages], [reader.mentions(one) for one in documents],
        list(store.dump(revision)), list(store.knowledge(revision)),
        list(store.commits(ZERO, revision)),
        [row for row in store.names() if row.recorded <= revision]]


batches = st.builds(lambda e, f, j, d: Batch(SOURCES, tuple(e), tuple(f), tuple(j), tuple(d)),
                    st.lists(entities(), max_size=4), st.lists(facts(), max_size=6),
                    st.lists(judgements(), max_size=2), st.lists(document_records(), max_size=2))


@NEW
@given(st.lists(batches, min_size=1, max_size=4), st.lists(clocks(), min_size=1, max_size=3), st.randoms())
def test_every_answer_at_every_revision_is_that_of_the_embedded_store(server, parts, asked, random) -> None:
    emptied(server)
    with tempfile.TemporaryDirectory() as folder, closing(open_graph(Path(folder))) as embedded, \
            closing(open_neo4j(server.url)) as store:
        for part in parts:
            assert store.apply(part) == embedded.apply(part)
            live = embedded.at().facts_about(IDS)
            if live and random.random() < 0.5:
                gone = Batch(withdrawals=(Withdrawal(fact=random.choice(live).id, reason="wrong"),))
                assert store.apply(gone) == embedded.apply(gone)
            if random.random() < 0.3:
                erasure = random.choice((Erasure((SOURCES[1].id,)), Erasure(document=DocumentId(f"doc:{random.randint(0, 5)}"))))
                left = left_by(erasure)
                assert store.closure(erasure, left) == embedded.closure(erasure, left)
                assert store.erase(erasure, left) == embedded.erase(erasure, left)
                assert store.unsettled() == embedded.unsettled()
                if random.random() < 0.5:
                    for one in (store, embedded):
                        one.settle(one.head())
        assert store.head() == embedded.head()
        assert list(store.dump()) == list(embedded.dump())
        for number in range(embedded.head() + 1):
            assert everything(store, Revision(number), asked) == everything(embedded, Revision(number), asked)
        assert list(store.check()) == []


def tell_secrets(store: Neo4jGraph) -> tuple[Erasure, list[str]]:
    """What a source and another told; the erasure of the first, and the dump of a store that was told the other alone."""
    told = Batch((DAILY, WEEKLY), (replace(PERSON, source=DAILY.id), replace(PERSON, source=WEEKLY.id)),
                 (claim(source=DAILY.id), claim(BOB, "x", literal=Literal("y"), source=DAILY.id), claim(source=WEEKLY.id)),
                 (Judgement(ADA, CLUB, True, source=DAILY.id),), (record(DAILY.id), record("doc:1")))
    with tempfile.TemporaryDirectory() as folder, closing(open_graph(Path(folder))) as other:
        for one in (store, other):
            one.apply(told)
        erasure = Erasure((DAILY.id,))
        other.erase(erasure, left_by(erasure))
        return erasure, list(other.dump())


@pytest.mark.parametrize(("point", "nth", "is_erased"), [
    ("graph.erase.begun", 1, False), ("graph.erase.half", 1, True), ("graph.erase.before_commit", 1, True),
    ("graph.erase.after_commit", 1, True), ("graph.settle.begun", 1, True), ("graph.settle.before_end", 1, True)])
def test_an_erasure_that_was_cut_off_is_ended_by_the_next_start(
        opened: Callable[[], Neo4jGraph], point: str, nth: int, is_erased: bool) -> None:
    store, other = opened(), opened()
    erasure, expected = tell_secrets(store)
    before = list(store.dump())
    with armed(point, nth=nth), pytest.raises(FailpointError):
        store.settle(store.erase(erasure, left_by(erasure)).revision)
    if point in ("graph.erase.half", "graph.erase.before_commit"):
        for one in (store, other):
            for use in (one.at, one.dump, lambda one=one: one.apply(Batch(facts=(claim(predicate="z"),)))):
                with pytest.raises(StoreUnavailable, match="being erased"):
                    list(use() or ())  # type: ignore[call-overload]
    again = opened()
    assert (list(again.dump()) == (expected if is_erased else before), list(again.check())) == (True, [])
    assert (again.erased(), again.head()) == ((2, 2) if is_erased else (0, 1))
    assert again.erase(erasure, left_by(erasure)).revision == 2
    again.settle(Revision(2))
    for one in (store, other, again):
        assert (list(one.dump()), one.unsettled(), list(one.check())) == (expected, 0, [])
        assert [commit.erased for commit in one.commits(ZERO)] == [None, ()]


def test_what_another_service_erased_is_remembered_no_more(opened: Callable[[], Neo4jGraph]) -> None:
    one, other = opened(), opened()
    one.apply(Batch((DAILY,), (PERSON, replace(PERSON, names=(Name("Lovelace"),), source=DAILY.id)),
                    (claim(source=DAILY.id),)))
    reader = other.at()
    assert (len(reader.entities([ADA])[ADA].names), len(reader.sources([DAILY.id]))) == (2, 1)
    erasure = Erasure((DAILY.id,))
    one.erase(erasure, left_by(erasure))
    assert (other.head(), other.erased()) == (2, 2)
    for revision in (1, 2):
        after = other.at(Revision(revision))
        assert (after.entities([ADA]), after.sources([DAILY.id])) == ({ADA: PERSON}, {})
    with pytest.raises(StoreUnavailable, match="erased while this was read"):
        reader.sources([DAILY.id])


def test_no_node_and_no_index_holds_anything_of_what_was_erased(store: Neo4jGraph, server: Neo4j) -> None:
    fact = tell_all(store)
    words = ["zqsecret", fact]
    assert any(word in str(row).casefold() for row in everywhere(server) for word in words)
    erasure = Erasure((SourceId(secret("source")),))
    store.settle(store.erase(erasure, left_by(erasure)).revision)
    assert [row for row in everywhere(server) if any(word in str(row).casefold() for word in words)] == []
    assert list(store.check()) == []


def everywhere(server: Neo4j) -> list[object]:
    """All properties of all nodes and relationships."""
    return [*read(server, "MATCH (n) RETURN properties(n)"), *read(server, "MATCH ()-[r]->() RETURN properties(r)")]


def test_a_batch_whose_answer_was_lost_is_written_once(store: Neo4jGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = iter([True])
    execute = neo4j.Session.execute_write

    def losing(self, work):
        done = execute(self, work)
        if next(lost, False):
            raise IncompleteCommit("the connection broke while the server committed")
        return done

    monkeypatch.setattr(neo4j.Session, "execute_write", losing)
    receipt = store.apply(Batch((DAILY,), (PERSON,), (claim(),), documents=(record("doc:1"),)))
    assert (receipt.revision, receipt.facts_written, receipt.documents[0].outcome.value) == (1, 1, "written")
    assert (store.head(), store.at().counts()["documents"], list(store.check())) == (1, 1, [])


@pytest.mark.parametrize("point", ["graph.apply.begun", "graph.apply.before_commit"])
def test_nothing_of_a_failed_batch_is_left(store: Neo4jGraph, point: str) -> None:
    with armed(point), pytest.raises(FailpointError):
        store.apply(Batch((DAILY,), (PERSON,), (claim(),), documents=(record("doc:1"),)))
    assert (store.head(), list(store.dump()), list(store.check())) == (0, [], [])
    assert store.apply(Batch(entities=(PERSON,))).revision == 1


def test_two_services_take_turns_and_see_each_other(opened: Callable[[], Neo4jGraph]) -> None:
    one, other = opened(), opened()
    receipts: list[Receipt] = []

    def write(store: Neo4jGraph, name: str) -> None:
        receipts.extend(store.apply(Batch(facts=(claim(predicate=f"{name}{number}"),),
                                          documents=(record(f"doc:{name}{number}"), record("doc:both")))) for number in range(10))

    threads = [threading.Thread(target=write, args=args) for args in ((one, "a"), (other, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receipt.revision for receipt in receipts) == list(range(1, 21))
    assert one.head() == other.head() == 20
    assert one.at().counts() == other.at().counts()
    assert (one.at().counts()["documents"], one.at().counts()["facts"]) == (21, 20)
    assert list(one.check()) == []
    assert other.at(Revision(20)).facts_about([ADA]) == one.at(Revision(20)).facts_about([ADA])


def test_what_another_service_wrote_changes_what_was_remembered(opened: Callable[[], Neo4jGraph]) -> None:
    one, other = opened(), opened()
    one.apply(Batch(entities=(PERSON,), facts=(claim(),)))
    assert set(other.at().entities([ADA])) == {ADA}
    one.apply(Batch(entities=(Entity(EntityId("ent:aaa"), Kind.PERSON, same_as=(ADA,)),)))
    assert other.at().resolve([ADA]) == {ADA: "ent:aaa"}
    assert other.at(Revision(1)).resolve([ADA]) == {ADA: ADA}


def test_of_a_country_named_by_many_few_facts_are_read(store: Neo4jGraph, server: Neo4j) -> None:
    many = tuple(claim(EntityId(f"ent:{number}")) for number in range(2_000))
    store.apply(Batch(facts=many))
    first = sorted(fact.id for fact in many)[:5]
    assert [row[0] for row in table_of(store.at(), Walk((CLUB,), (NAMING,)), limit=5)] == first
    with neo4j.GraphDatabase.driver(server.url, auth=None) as driver, driver.session() as session:
        query = """PROFILE MATCH ()-[f:FACT]->() USING INDEX f:FACT(object, id) WHERE f.object = $id AND f.id > ''
            RETURN f.id ORDER BY f.object, f.id LIMIT 5"""
        plan = session.run(query, id=CLUB).consume().profile

    def rows(step: dict[str, object]) -> int:
        return max([int(step["rows"]), *(rows(child) for child in step.get("children", []))])  # type: ignore[arg-type]

    assert plan is not None
    assert rows(plan) <= 10


def test_a_server_that_is_down_is_named_and_back_again_is_used(store: Neo4jGraph, server: Neo4j,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bolt_module, "REPEAT_S", 1.0)
    with closing(open_neo4j(server.url)) as impatient:
        store.apply(Batch(entities=(PERSON,), documents=(record("doc:1"),)))
        with server.down():
            for failing in (impatient.head, lambda: impatient.apply(Batch(entities=(Entity(CLUB, Kind.PLACE),))),
                            lambda: impatient.at(Revision(1)).facts([FactId("f:1")])):
                with pytest.raises(StoreUnavailable, match=r"^Neo4j at 127\.0\.0\.1:\d+ does not answer") as caught:
                    failing()
                assert "\n" not in str(caught.value)
            with pytest.raises(StoreUnavailable, match=r"^Neo4j at 127\.0\.0\.1:\d+ does not answer"):
                open_neo4j(server.url)
        assert impatient.head() == 1
        assert impatient.apply(Batch(entities=(Entity(CLUB, Kind.PLACE),))).revision == 2
    assert store.at().counts()["entities"] == 2
    assert list(store.check()) == []


@pytest.mark.parametrize(("url", "words"), [
    ("neo4j://", "no URL of a Neo4j server"), ("http://localhost", "no URL of a Neo4j server"),
    ("neo4j://me:secret@localhost:port", "bad port")])
def test_a_bad_url_is_refused_without_its_password(url: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        open_neo4j(url)
    assert "secret" not in str(caught.value)


def test_another_programs_database_is_left_alone(server: Neo4j) -> None:
    emptied(server)
    read(server, "CREATE (:Customer {name: 'Ada'})")
    with pytest.raises(IncompatibleData, match="another program's data"):
        open_neo4j(server.url)
    assert read(server, "MATCH (n) RETURN labels(n)") == [[["Customer"]]]


def test_what_is_only_read_is_left_as_it_is(server: Neo4j, store: Neo4jGraph) -> None:
    store.apply(Batch(entities=(PERSON,)))
    with closing(open_neo4j(server.url, read_only=True)) as reading:
        assert reading.at().entities([ADA]) == store.at().entities([ADA])
    read(server, "MATCH (n) DETACH DELETE n")
    with pytest.raises(StoreUnavailable, match="holds no graph"):
        open_neo4j(server.url, read_only=True)
    assert read(server, "MATCH (n) RETURN n") == []


def test_a_later_release_is_refused(opened: Callable[[], Neo4jGraph], server: Neo4j) -> None:
    opened()
    read(server, "MATCH (s:Store {id: $id}) SET s.version = 99", id=STORE)
    with pytest.raises(IncompatibleData, match="schema version 99"):
        opened()


DAMAGES = {
    "its properties are not those": "MATCH ()-[f:FACT]->() SET f.valid_lo = 7",
    "it joins": "MATCH ()-[f:FACT]->() SET f.subject = 'ent:nobody'",
    "its source is not there": "MATCH (s:Source)-[:STATED]->(t) DETACH DELETE s, t",
    "facts: the newest commit counts 1, the store holds 0": "MATCH ()-[f:FACT]->() DELETE f",
    "is not the text at": "MATCH (p:Passage) SET p.text = 'Bob'",
    "recorded or withdrawn by a commit that is not there": "MATCH (n:Name) SET n.recorded = 99",
    "commits: 0 commits": "MATCH (c:Commit) DELETE c",
    "worldctx_fact_begins is missing": "DROP INDEX worldctx_fact_begins",
}


@pytest.mark.parametrize("words", DAMAGES)
def test_damage_is_found(store: Neo4jGraph, server: Neo4j, words: str) -> None:
    store.apply(Batch((DAILY,), (PERSON,), (claim(source=DAILY.id),), documents=(record("doc:1"),)))
    assert list(store.check()) == []
    read(server, DAMAGES[words])
    assert any(words in line for line in store.check())


def test_the_store_is_readable_for_people(store: Neo4jGraph, server: Neo4j) -> None:
    store.apply(Batch(entities=(PERSON,), facts=(claim(),)))
    found = read(server, "MATCH (a:Entity)-[:NAMED]->(n:Name), (a)-[f:FACT]->(b:Entity) "
                         "RETURN n.text, f.predicate, f.recorded, b.id")
    assert found == [["Ada", "member_of", 1, CLUB]]


def test_odd_texts_come_back_as_they_were(store: Neo4jGraph) -> None:
    long = "x" * 30_000
    odd = Entity(EntityId("ent:odd"), Kind.PERSON, tuple(map(Name, (long, "a\0b", ""))))
    fact = claim(odd.id, "said", literal=Literal("\0\u202e" + long))
    store.apply(Batch(entities=(odd,), facts=(fact,)))
    assert {name.text for name in store.at().entities([odd.id])[odd.id].names} == {long, "a\0b", ""}
    assert store.at().facts_about([odd.id])[0].literal == fact.literal
    assert list(store.at().search_entities(long)) == [odd.id]
    assert list(store.at().search_entities(long + "y")) == []


def test_the_password_may_come_from_the_environment(server: Neo4j, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}

    def driver(url: str, **options: object) -> None:
        given.update(options, url=url)
        raise ServiceUnavailable("not now")

    monkeypatch.setattr(neo4j.GraphDatabase, "driver", driver)
    monkeypatch.setenv("WORLDCTX_NEO4J_PASSWORD", "s3cret")
    with contextlib.suppress(ServiceUnavailable):
        Bolt("neo4j+s://graph.example/world")
    assert given["auth"] == ("neo4j", "s3cret")
    assert given["url"] == "neo4j+s://graph.example:7687"


def test_an_unknown_source_leaves_no_trace(store: Neo4jGraph) -> None:
    with pytest.raises(BadInput):
        store.apply(Batch(entities=(PERSON,), facts=(claim(source=SourceId("src:none")),)))
    assert list(store.dump()) == []
