"""Nothing from the future: 100,000 random facts against an oracle that knows nothing of SQL, indexes or EDTF classes."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from worldctx.graph.sqlite import open_graph
from worldctx.model.change import Batch, Withdrawal
from worldctx.model.clocks import Basis, Clocks, Known
from worldctx.model.fact import Fact, fact_id
from worldctx.model.ids import EntityId, FactId, Revision
from worldctx.model.time import Interval, When, parse_when
from worldctx.ports.graph import Side, Step, Walk

FACTS, ENTITIES, BATCH, ASKS = 100_000, 2_000, 5_000, 4_000


def moment(rng: random.Random) -> When | None:
    """A date of any precision within a dozen years, or none."""
    year, month, day = rng.randint(1990, 2001), rng.randint(1, 12), rng.randint(1, 28)
    forms = ("", "", f"{year}", f"{year}-{month:02d}", f"{year}-{month:02d}-{day:02d}", f"{year}~", f"{year // 10}X",
             f"{year}-{month:02d}-{day:02d}T{day % 24:02d}:00:00Z")
    text = rng.choice(forms)
    return parse_when(text) if text else None


def random_fact(rng: random.Random) -> Fact:
    """A claim about one entity and another."""
    start, end = moment(rng), moment(rng)
    if start and end and end.hi <= start.lo:
        start, end = end, start
    since = moment(rng)
    basis = rng.choice([Basis.STATED, Basis.SOURCE, Basis.VALID_START]) if since else Basis.UNSTATED
    fact = Fact(FactId(""), EntityId(f"ent:{rng.randrange(ENTITIES)}"), rng.choice(["knows", "rules"]),
                EntityId(f"ent:{rng.randrange(ENTITIES)}"), valid=Interval(start, end),
                known=Known(since, basis, moment(rng)))
    return replace(fact, id=fact_id(fact))


def oracle(fact: Fact, written: int, withdrawn: int | None, revision: int, as_of: tuple[int, int] | None,
           cutoff: int | None, strict: bool) -> bool:
    """The three clocks in words: may this fact be shown?"""
    if written > revision or (withdrawn is not None and withdrawn <= revision):
        return False  # not in our store then
    said, said_of_end = fact.known.since, fact.known.end_since
    if strict and fact.known.basis in (Basis.VALID_START, Basis.UNSTATED):
        return False  # nothing declares when it was said
    if cutoff is not None and said is not None and said.hi > cutoff:
        return False  # said later, or perhaps later
    if as_of is None:
        return True
    first, after = as_of
    start, end = fact.valid.start, fact.valid.end
    if start is not None and start.lo >= after:
        return False  # not yet true
    if end is None:
        return True
    if cutoff is not None and said_of_end is not None and said_of_end.hi > cutoff:
        return True  # it had ended, perhaps, but nobody could know
    return end.hi > first


def test_no_reader_sees_a_fact_outside_its_clocks(tmp_path: Path) -> None:
    rng = random.Random(20_240_517)
    store = open_graph(tmp_path)
    written: dict[FactId, int] = {}
    withdrawn: dict[FactId, int] = {}
    kept: dict[FactId, Fact] = {}
    while len(kept) < FACTS:
        batch = {fact.id: fact for fact in (random_fact(rng) for _ in range(BATCH))}
        gone = rng.sample(sorted(kept.keys() - withdrawn.keys()), 50) if kept else []
        receipt = store.apply(Batch(facts=tuple(batch.values()), withdrawals=tuple(Withdrawal(fact=one) for one in gone)))
        fresh = batch.keys() - kept.keys()
        assert (receipt.facts_written, receipt.withdrawn) == (len(fresh), len(gone))
        written |= dict.fromkeys(fresh, receipt.revision)
        withdrawn |= dict.fromkeys(gone, receipt.revision)
        kept |= {one: batch[one] for one in fresh}
    sides: dict[str, dict[EntityId, list[Fact]]] = {"subject": defaultdict(list), "object": defaultdict(list)}
    for fact in kept.values():
        sides["subject"][fact.subject].append(fact)
        sides["object"][EntityId(str(fact.object))].append(fact)

    shown = hidden = 0
    for _ in range(ASKS):
        entity = EntityId(f"ent:{rng.randrange(ENTITIES)}")
        as_of, known_by = moment(rng), moment(rng)
        # A second short of a whole date too: what became known with that very second must then be hidden.
        cutoff = known_by.hi - rng.choice((0, 0, 1)) if known_by else None
        asked = Clocks(as_of, cutoff, None, rng.random() < 0.2)
        reader = store.at(Revision(rng.randint(0, store.head())))
        for side, answer in (("subject", reader.facts_about([entity], asked)),
                             ("object", reader.facts_naming([entity], asked))):
            expected = {fact.id for fact in sides[side][entity] if oracle(
                fact, written[fact.id], withdrawn.get(fact.id), reader.revision,
                (as_of.lo, as_of.hi) if as_of else None, asked.cutoff, asked.strict)}
            assert [fact.id for fact in answer] == sorted(expected)
            assert reader.walk([Walk((entity,), (Step(Side(side)),))], asked, FACTS).facts == sorted(expected)
            assert all(replace(fact, recorded=Revision(0)) == kept[fact.id] for fact in answer)
            shown, hidden = shown + len(answer), hidden + len(sides[side][entity]) - len(answer)
    store.close()
    assert min(shown, hidden) > 50_000  # the asks were worth asking: plenty to show, plenty to hide
