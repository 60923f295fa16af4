"""A synthetic world from a seed: names that are shared, facts that succeed each other, texts that name things.

Everything is drawn with `random.Random`, whose stream is the same in every Python, and nothing else: the same size
gives the same world everywhere. Frequencies of words, names and entities fall like 1/rank, as in real text.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TypeVar

from worldctx.model.ask import Ask
from worldctx.model.clocks import Basis, Known
from worldctx.model.document import Document
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.fact import Fact, Literal, fact_id
from worldctx.model.ids import DocumentId, EntityId, FactId, SourceId, digest
from worldctx.model.source import Source
from worldctx.model.time import ALWAYS, Interval, When, parse_interval, parse_when
from worldctx.ports.world import TokenCounter

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Size:
    """How large a world is. Three facts of four stand in chains of three, so that half of all facts are superseded."""

    name: str
    entities: int
    facts: int
    passages: int


SIZES = {
    one.name: one
    for one in (
        Size("tiny", 600, 900, 120),
        Size("small", 48_647, 76_264, 10_000),
        Size("million", 200_000, 1_000_000, 100_000),
    )
}
#: Part of the folder's name: a world of an older recipe is not taken for one of this.
RECIPE = 1

#: Invented words after the English ones, so that texts have rare words too, and how much rarer they are than by rank.
RARE_WORDS, RARE_SHARE = 60_000, 0.25
#: How flat the top of a ranking is: the commonest of 6,000 surnames is borne by 0.6 % of all, as Smith is, and the
#: entity most spoken of gets 1 mention in 100.
NAMES_FLAT, ENTITIES_FLAT = 30, 10
SOURCES = 200
#: Words of a short document and of a long one, and how often a long one comes.
SHORT, LONG, LONG_SHARE = 120, 600, 0.2
FIRST_YEAR, LAST_YEAR = 1946, 2020

_ENGLISH = tuple((Path(__file__).parent / "words.txt").read_text(encoding="utf-8").split())
_GIVEN = tuple("""
Maria Ana Juan José Luis Carlos Sofía Elena Anna Peter Paul John Mary James Robert Michael William David Richard Thomas
Charles Daniel Matthew Mark George Kenneth Steven Edward Brian Ronald Anthony Kevin Jason Laura Emma Olivia Noah Liam
Mohammed Ahmed Fatima Ali Hassan Ibrahim Yusuf Aisha Omar Wei Li Ming Hua Jun Hiroshi Yuki Kenji Akira Sakura Min Ji
Priya Arjun Rahul Anil Sunita Ivan Olga Dmitri Natalia Sergei Björn Lars Søren Åsa Zoë Chloé François René Jürgen Kwame
Amina Chinedu Thabo Nomsa Pedro João Paulo Fernanda Giulia Marco Lorenzo Niklas Katarzyna Łukasz Jakub Zuzana Miloš
""".split())
_SURNAMES = tuple("""
Smith García Müller Wang Li Zhang Kim Nguyen Silva Santos Singh Kumar Khan Ali Ahmed Johnson Brown Jones Miller Davis
Rodríguez Martínez Hernández López González Pérez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Thompson White
Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Baker Nelson Carter Mitchell Roberts
Turner Phillips Campbell Parker Evans Edwards Collins Stewart Ivanov Petrov Novák Kowalski Rossi Ferrari Bianchi Dubois
Lefèvre Moreau Schmidt Schneider Fischer Weber Meyer Wagner Becker Hansen Johansson Andersson Nielsen Virtanen Tanaka
Suzuki Takahashi Watanabe Yamamoto Nakamura Okafor Mensah Dlamini Abebe Haddad Cohen Levi Yılmaz Demir Papadopoulos
""".split())
_STARTS = "al an ar ba be bra ca cor da de do el fa fer ga gra ha hel in ka ker la lin ma mor na nor o pa per ra ro " \
          "sa sel sta ta tor u va ver wa wil za zel".split()
_MIDDLES = "ba be da di do ga la le li lo ma mi na ni no pa ra re ri ro sa si ta te ti to va vi".split()
_PLACE_ENDS = "burg ton ville stad grad ford ham by mouth port field dale wick holm ia ova abad pur sk".split()
_SURNAME_ENDS = "son sen man er ez ov ić ski elli eau aard berg ström ño ura ani".split()
_WORD_ENDS = "tion ment ness ing ed er al ic ous ary ist ism ity ate ure ence".split()
_SUBJECTS = "Finance Health Education Defence Trade Transport Justice Energy Culture Labour Science Water".split()
_PAPERS = "Herald Times Gazette Observer Tribune Post Courier Chronicle".split()


class Invention:
    """The world of one size. Entities are numbered by how often they are spoken of, the first most often."""

    def __init__(self, size: Size, seed: int = 20_240_229) -> None:
        self.size, self._seed = size, seed
        dice = self._dice("words")
        self._words = (*_ENGLISH, *dict.fromkeys(_word(dice) for _ in range(RARE_WORDS)))
        self._shares = list(itertools.accumulate(
            (1 if rank < len(_ENGLISH) else RARE_SHARE) / (rank + 2.7) for rank in range(len(self._words))))
        self.entities = tuple(self._entities())
        self._by_kind = {kind: [one for one in self.entities if one.kind is kind] for kind in Kind}
        self.sources = tuple(
            Source(SourceId(f"src:{number:04d}"), f"Register {number}", f"https://example.org/{number}",
                   published=parse_when(str(1950 + number % 70)) if number % 4 else None)
            for number in range(SOURCES))

    def facts(self) -> Iterator[Fact]:
        """All facts, in the order of their subjects' numbers, over and over, so that hubs do not come first."""
        dice = self._dice("facts")
        made = 0
        for place in itertools.count():
            subject = self.entities[place % len(self.entities)]
            group = [self._single(dice, subject)] if dice.random() < 0.5 else self._chain(dice, subject)
            for fact in group:
                if made == self.size.facts:
                    return
                yield replace(fact, id=fact_id(fact))
                made += 1

    def documents(self, first: int = 0) -> Iterator[Document]:
        """Documents without end; each depends on its number alone."""
        for number in itertools.count(first):
            dice = self._dice(f"document {number}")
            yield self.document(number, LONG if dice.random() < LONG_SHARE else SHORT)

    def document(self, number: int, words: int) -> Document:
        """One document of about so many words."""
        dice = self._dice(f"text {number} {words}")
        text = " ".join(self._sentences(dice, words))
        title = f"{self._surface(dice, self._entity(dice))} {' '.join(self._plain(dice, 5))}"
        paper = _PAPERS[number % len(_PAPERS)]
        town = self._by_kind[Kind.PLACE][number // len(_PAPERS) % 8].label()
        host = f"{paper}.example.org".lower()
        key = DocumentId(f"{host}:{number}")
        return Document(key, text, f"https://{host}/{number}", title, publisher=f"The {town} {paper}",
                        published=_day(dice) if dice.random() < 0.95 else None, language="en", place=town,
                        content_hash=digest(key, title, text))

    def questions(self, count: int, tokens: int, counter: TokenCounter) -> list[Ask]:
        """Prompts of so many tokens about things of the world, each as of a date; the rest of the words are drawn."""
        asks = []
        for number in range(count):
            dice = self._dice(f"question {number}")
            person, place, office = (self._surface(dice, self._entity(dice, kind))
                                     for kind in (Kind.PERSON, Kind.PLACE, Kind.CONCEPT))
            text = f"Who was the {office} when {person} lived in {place}, and what was said about"
            asks.append(Ask(self._filled(dice, text, tokens, counter) + "?", as_of=_day(dice)))
        return asks

    def long_asks(self, count: int, tokens: int, counter: TokenCounter) -> list[Ask]:
        """Documents of so many tokens as the query, under their own dates."""
        asks = []
        for number in range(count):
            document = self.document(10_000_000 + number, 2 * tokens)
            dice = self._dice(f"long {number}")
            text = self._filled(dice, "", tokens, counter, iter(document.text.split(" ")))
            asks.append(Ask(text, document=replace(document, text=text, published=_day(dice))))
        return asks

    def running_text(self, characters: int) -> str:
        """Text for the gazetteer."""
        dice, parts, length = self._dice("running"), list[str](), 0
        while length < characters:
            parts += self._sentences(dice, 1000)
            length = sum(len(part) + 1 for part in parts)
        return " ".join(parts)[:characters]

    def _dice(self, what: str) -> Random:
        return Random(f"{self._seed} {self.size.name} {what}")

    def _filled(self, dice: Random, text: str, tokens: int, counter: TokenCounter,
                more: Iterator[str] | None = None) -> str:
        words = [text] if text else []
        while counter.count(" ".join(words)) < tokens:
            # Several words at a time while far from the end: counting is slow.
            missing = max(1, (tokens - counter.count(" ".join(words))) // 3)
            words += itertools.islice(more, missing) if more is not None else self._plain(dice, missing)
        return " ".join(words)

    def _plain(self, dice: Random, count: int) -> list[str]:
        return dice.choices(self._words, cum_weights=self._shares, k=count)

    def _entity(self, dice: Random, kind: Kind | None = None) -> Entity:
        among: Sequence[Entity] = self.entities if kind is None else self._by_kind[kind]
        return _drawn(dice, among, ENTITIES_FLAT)

    def _surface(self, dice: Random, entity: Entity) -> str:
        return dice.choice(entity.names).text

    def _sentences(self, dice: Random, words: int) -> Iterator[str]:
        """Sentences of about 17 words. A text comes back to the few things that it is about."""
        cast = [self._entity(dice) for _ in range(3 + words // 60)]
        done = 0
        while done < words:
            sentence = self._plain(dice, 10 + int(10 * dice.random()))
            for _ in range(1 + int(1.5 * dice.random())):
                sentence[dice.randrange(len(sentence))] = self._surface(dice, dice.choice(cast))
            if dice.random() < 0.3:
                sentence.append(f"in {_year(dice)}" if dice.random() < 0.6 else f"on {dice.randint(1, 28)} May")
            done += len(sentence)
            text = " ".join(sentence)
            yield f"{text[0].upper()}{text[1:]}."

    def _entities(self) -> Iterator[Entity]:
        dice = self._dice("entities")
        count = self.size.entities
        surnames = (*_SURNAMES, *(_name(dice, _SURNAME_ENDS) for _ in range(count // 8)))
        towns = [_name(dice, _PLACE_ENDS) for _ in range(count // 10)]
        towns[40:40] = [word.capitalize() for word in _ENGLISH[200:200 + count // 500]]
        kinds = dice.choices((Kind.PERSON, Kind.PLACE, Kind.ORGANISATION, Kind.CONCEPT, Kind.EVENT),
                             weights=(55, 20, 15, 4, 6), k=count)
        for number, kind in enumerate(kinds):
            names = _names_of(dice, kind, surnames, towns, number < count // 5)
            within = EntityId(f"ent:{int(count ** dice.random()) - 1:06d}") if kind is Kind.PLACE else None
            yield Entity(EntityId(f"ent:{number:06d}"), kind, names, within=within,
                         weight=round(0.9 * (1 - number / count) ** 6, 4))

    def _single(self, dice: Random, subject: Entity) -> Fact:
        year = _year(dice)
        if subject.kind is Kind.PERSON:
            return self._fact(dice, subject, "birth_date", literal=Literal(str(year - 50), "edtf"))
        if subject.kind is Kind.PLACE:
            return self._fact(dice, subject, "population", parse_interval(str(year), str(year)),
                              literal=Literal(str(dice.randrange(10**6)), "integer"))
        return self._fact(dice, subject, "country", target=self._entity(dice, Kind.PLACE))

    def _chain(self, dice: Random, subject: Entity) -> list[Fact]:
        predicate, kind = {
            Kind.PERSON: dice.choice((("position_held", Kind.CONCEPT), ("employer", Kind.ORGANISATION),
                                      ("residence", Kind.PLACE))),
            Kind.PLACE: ("head_of_government", Kind.PERSON), Kind.ORGANISATION: ("chairperson", Kind.PERSON),
            Kind.CONCEPT: ("jurisdiction", Kind.PLACE), Kind.EVENT: ("participant", Kind.PERSON),
        }[subject.kind]
        first, second, third = sorted((_day(dice) for _ in range(3)), key=lambda day: day.lo)
        return [self._fact(dice, subject, predicate, valid, target=self._entity(dice, kind))
                for valid in (Interval(first, second), Interval(second, third), Interval(third, None))]

    def _fact(self, dice: Random, subject: Entity, predicate: str, valid: Interval = ALWAYS, *,
              target: Entity | None = None, literal: Literal | None = None) -> Fact:
        known = Known(valid.start, Basis.STATED) if valid.start is not None and dice.random() < 0.5 else Known()
        return Fact(FactId(""), subject.id, predicate, target.id if target else None, literal, valid, known,
                    dice.choice(self.sources).id)


def _names_of(dice: Random, kind: Kind, surnames: Sequence[str], towns: Sequence[str], known: bool) -> tuple[Name, ...]:
    """Names of one entity; what is well known goes by a short one too."""
    surname, town, subject = _drawn(dice, surnames, NAMES_FLAT), _drawn(dice, towns, NAMES_FLAT), dice.choice(_SUBJECTS)
    if kind is Kind.PERSON:
        given = dice.choice(_GIVEN)
        texts = [f"{given} {surname}"] + [surname] * (known and dice.random() < 0.3)
        texts += [f"{given} {chr(65 + dice.randrange(26))}. {surname}"] * (dice.random() < 0.1)
    elif kind is Kind.PLACE:
        texts = [dice.choice((town, town, town, f"New {town}", f"Saint {town}", f"{town} City"))]
    elif kind is Kind.ORGANISATION:
        texts = [dice.choice((f"University of {town}", f"{surname} Bank", f"Ministry of {subject} of {town}",
                              f"{town} {subject} Institute"))]
        texts += ["".join(word[0] for word in texts[0].split() if word[0].isupper())] * (known and " of " in texts[0])
    elif kind is Kind.CONCEPT:
        texts = [dice.choice((f"Mayor of {town}", f"Minister of {subject} of {town}", f"President of {town}"))]
    else:
        texts = [dice.choice((f"Treaty of {town}", f"Battle of {town}", f"{_year(dice)} {town} {subject} Conference"))]
    names = [Name(text, "en", preferred=place == 0) for place, text in enumerate(texts) if len(text) > 1]
    if dice.random() < 0.05:
        names.append(Name(f"Old {texts[0]}", "en", parse_interval("1900", "1949")))
    return tuple(names)


def _drawn(dice: Random, among: Sequence[T], flat: int) -> T:
    """The one of rank r as often as 1 / (r + flat)."""
    return among[min(len(among) - 1, int(flat * ((1 + len(among) / flat) ** dice.random() - 1)))]


def _name(dice: Random, ends: Sequence[str]) -> str:
    return (dice.choice(_STARTS) + dice.choice(_MIDDLES) * (dice.random() < 0.7) + dice.choice(ends)).capitalize()


def _word(dice: Random) -> str:
    return dice.choice(_STARTS) + dice.choice(_MIDDLES) + dice.choice(_MIDDLES) + dice.choice(_WORD_ENDS)


def _year(dice: Random) -> int:
    return dice.randint(FIRST_YEAR, LAST_YEAR)


def _day(dice: Random) -> When:
    return parse_when(f"{_year(dice)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}")
