"""The language of mapping files: paths, functions, combinations, and errors that say what is wrong."""

from __future__ import annotations

import pytest

from worldctx.exchange.place_names import place_names
from worldctx.exchange.template import FUNCTIONS, Tables, Texts, parse_each, parse_place, parse_template
from worldctx.model.errors import BadInput

TABLES = Tables({"kind": {"a": "alpha"}}, {"job": {"actor": "person", "city": "place"}}, {"codes": {"FR": {"id": "gn:1", "name": "France"}}})
SCOPE = {
    "id": "7", "none": None, "empty": "", "n": 3, "yes": True, "name": {"common": "Chile", "langs": {"de": "Chile", "ja": "チリ"}},
    "roles": [{"from": "2001", "to": "2005"}, {"from": "1999"}], "tags": ["b", "a"], "one": "alone", "let": Texts(["x", "y"]), "nothing": Texts(),
    "link": "https://en.wikipedia.org/wiki/Pel%C3%A9_(x)", "date": "17.05.2004", "told": "American actor, producer (1950)", "list": "Ann; Bob ;",
}


def texts(template: str) -> list[str]:
    return parse_template(template, TABLES).texts(SCOPE, TABLES)


@pytest.mark.parametrize(("template", "expected"), [
    ("{id}", ["7"]), ("a{id}b", ["a7b"]), ("{none}", []), ("x{empty}", []), ("x{absent.deep}", []), ("{n}", ["3"]), ("{yes}", ["true"]),
    ("{name.common}", ["Chile"]), ("{name.langs.*}", ["Chile", "チリ"]), ("{roles[].from}", ["2001", "1999"]), ("{roles[0].to}", ["2005"]),
    ("{roles[5].to}", []), ("{tags[]}-{roles[].from}", ["b-2001", "b-1999", "a-2001", "a-1999"]), ("{one[]}", ["alone"]), ("{let}", ["x", "y"]),
    ("{nothing}", []), ("{{{id}}}", ["{7}"]), ("constant", ["constant"]), ("{roles[].from & roles[].to & id|max}", ["7"]), ("", [""]),
    ("{roles[].from & absent|min}", ["1999"]), ("{tags[]|join:, }", ["b, a"]), ("{tags[]|first}{tags[]|last}", ["ba"]), ("{id|default:x}", ["7"]),
    ("{none|default:x}", ["x"]), ("{id|then:x}", ["x"]), ("{none|then:x}", []), ("{tags[]|skip:a}", ["b"]), ("{list|split:;}", ["Ann", "Bob"]),
    ("{name.common|upper|lower|title|strip}", ["Chile"]), ("{link|after:/wiki/|unquote|before:_(}", ["Pelé"]), ("{id|before:x}", ["7"]),
    ("{id|after:x}", []), ("{date|date:%d.%m.%Y}", ["2004-05-17"]), ("{date|after:.|date:%m.%Y}", ["2004-05"]), ("{date|year}", ["2004"]),
    ("{told|head}", ["American actor"]), ("{told|head|words:job}", ["person"]), ("{told|slug}", ["american-actor-producer-1950"]),
    ("{tags[]|map:kind}", ["alpha"]), ("{link|match:^http|then:yes}", ["yes"]), ("{tags[]|match:(?:a|c)}", ["a"]), ("{one|replace:al:*}", ["*one"]),
    ("{one|replace:alone:FR|get:codes.id}", ["gn:1"]), ("{one|get:codes.id}", []),
])
def test_a_template_gives_a_text_for_each_combination_of_its_values(template: str, expected: list[str]) -> None:
    assert texts(template) == expected


@pytest.mark.parametrize(("template", "word"), [
    ("{id", "brace"), ("id}", "brace"), ("{}", "path"), ("{a..b}", "path"), ("{a[x]}", "path"), ("{id|shout}", "'shout' is not one of"),
    ("{id|map:none}", "no table 'none'"), ("{id|get:codes}", "get:codes.COLUMN"), ("{id|get:x.y}", "no table 'x'"), ("{id|replace:a}", "OLD:NEW"),
    ("{id|match:(}", "regular expression"),
])
def test_a_template_that_cannot_be_read_says_why(template: str, word: str) -> None:
    with pytest.raises(BadInput, match=word.replace("(", r"\(")):
        texts(template)


@pytest.mark.parametrize(("template", "word"), [
    ("{roles}", "roles: .* is a list"), ("{name}", "name: .* is an object"), ("{roles[]}", "is an object"), ("{date|date:%Y}", "not of the form"),
])
def test_a_value_that_no_text_can_be_made_of_is_named(template: str, word: str) -> None:
    with pytest.raises(BadInput, match=word):
        texts(template)


def test_lists_multiplied_by_mistake_and_patterns_without_end_are_stopped() -> None:
    scope = {"a": ["x"] * 200, "b": "a" * 60 + "!"}
    with pytest.raises(BadInput, match="more than"):
        parse_template("{a[]}{a[]}{a[]}", TABLES).texts(scope, TABLES)
    with pytest.raises(BadInput, match="too long"):
        parse_place("b|match:^(?:(?:a|a)+)+$", TABLES).texts(scope, TABLES)


def test_each_goes_over_elements_entries_and_parts() -> None:
    def scopes(text: str) -> list[tuple[object, ...]]:
        each = parse_each(text, TABLES)
        return [tuple(scope[name] for name in (each.key, each.name) if name) for scope in each.scopes(SCOPE, TABLES)]

    assert scopes("tags[] as tag") == [("b",), ("a",)]
    assert scopes("name.langs.* as lang, text") == [("de", "Chile"), ("ja", "チリ")]
    assert scopes("list|split:; as who") == [("Ann",), ("Bob",)]
    assert scopes("one.* as key, x") == []
    for wrong in ("tags[]", "tags as", "list|split:; as key, who", "id as key, x"):
        with pytest.raises(BadInput):
            parse_each(wrong, TABLES)


def test_places_are_found_by_name_and_what_they_lie_in() -> None:
    places = place_names()
    assert places["Paris, France"]["id"] == "gn:2988507"
    assert places["Paris, Texas"]["id"] != places["Paris, France"]["id"]
    assert places["Seville, Spain"]["name"] == "Sevilla"
    assert (places["Atlanta, Georgia"]["name"], places["Tbilisi, Georgia"]["name"]) == ("Atlanta", "Tbilisi")
    assert places["California, United States"]["id"] == "gn:5332921"
    assert {places["Cardiff, Wales"]["id"], places["Cardiff, United Kingdom"]["id"]} == {"gn:2653822"}
    assert "Nowhere, France" not in places
    assert "Paris" not in places
    assert "Paris, France" in set(places)
    assert len(places) > 50_000


def test_every_function_is_one_of_the_documented_kind() -> None:
    assert all(callable(function) for function in FUNCTIONS.values())
