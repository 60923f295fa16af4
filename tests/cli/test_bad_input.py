"""Bad input is one clear line that names the line and the field and says what to do; the rest goes in, nothing is lost."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tests.conftest import Cli, serving
from worldctx.config import Settings
from worldctx.wiring import Running, open_running

#: A record, and what its complaint must say; None for one that goes in.
RECORDS: list[tuple[bytes, str | None]] = [
    (b'{"id":"a","text":"one"}', None),
    (b"{broken", "JSON"),
    (b'["a","list"]', "list, not an object"),
    (b'{"id":"b"}', "text: is missing"),
    (b'{"text":7}', "text: must be a text, not 7"),
    (b'{"text":"x","title":["a"]}', "title: must be a text"),
    (b'{"text":"x","published_at":"yesterday-ish"}', "published_at: 'yesterday-ish' is not a date; write it as EDTF"),
    (b'{"text":"x","published_at":"2001-02-30"}', "published_at"),
    (b'{"text":"x\x00"}', "JSON"),
    (b'{"text":"x","id":"nul\\u0000"}', "id"),
    (b'{"text":"\xff\xfe"}', "UTF-8"),
    (b'{"text":"half \\ud800"}', "text: holds half of a surrogate pair"),
    (b'{"id":"a","text":"other bytes"}', "id: document 'a' is there already"),
    (b'{"text":"twice","text":"twice"}', "twice"),
    (b'{"id":"z","text":"the last one","mood":"calm"}', None),
]


def test_each_bad_record_is_named_with_its_line_and_field_and_the_rest_goes_in(
    cli: Cli, target: tuple[str, str], tmp_path: Path
) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(b"\n".join(record for record, _ in RECORDS) + b"\n")
    done = cli("ingest", source, *target, "--json", "--refused", tmp_path / "refused.jsonl", code=1)
    counted, bad = done.json, [(number, record, words) for number, (record, words) in enumerate(RECORDS, 1) if words]
    assert (counted["written"], counted["duplicate"], counted["refused"]) == (2, 0, len(bad))
    for (number, _, words), line in zip(bad, done.complaints, strict=False):
        assert line.startswith(f"{source}: line {number}: ")
        assert words in line
    assert (tmp_path / "refused.jsonl").read_bytes().splitlines() == [record for _, record, _ in bad]
    again = cli("ingest", source, *target, "--json", "--refused", tmp_path / "again.jsonl", "--allow-refused")
    assert (again.json["written"], again.json["duplicate"], again.json["refused"]) == (0, 2, len(bad))
    assert cli("verify", *target, "--json").json["problems"] == []


def test_a_text_of_fifty_megabytes_is_refused_by_its_line_and_the_rest_goes_in(
    cli: Cli, target: tuple[str, str], tmp_path: Path
) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(b'{"text":"before"}\n{"text":"' + b"x" * 50_000_000 + b'"}\n{"text":"after"}\n')
    done = cli("ingest", source, *target, "--json", code=1)
    assert (done.json["written"], done.json["refused"]) == (2, 1)
    assert "line 2: text: has 50,000,000 characters, more than 20,000,000; split it" in done.complaints[0]


def test_a_record_that_no_message_can_hold_fails_alone(cli: Cli, tmp_path: Path) -> None:
    small = Settings.read(data=tmp_path / "w", embedder="hashing", listen="127.0.0.1:0", max_message_bytes=100_000)
    source, queries = tmp_path / "in.jsonl", tmp_path / "queries.jsonl"
    large = "Chile " * 40_000
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in ("one", "two", large, "three")))
    queries.write_text("".join(json.dumps({"id": text[:5], "text": text}) + "\n" for text in ("one", large, "three")))
    with open_running(small) as running, serving(running) as address:
        done = cli("ingest", source, "--server", address, "--json", code=1)
        assert (done.json["written"], done.json["refused"]) == (3, 1)
        assert f"{source}: line 3: the message is too large for the service" in done.complaints[0]
        assert "max_message_bytes" in done.complaints[0]
        answered = cli("lookup", "--input", queries, "--server", address, code=1)
        assert ["error" in json.loads(line) for line in answered.out.splitlines()] == [False, True, False]
        cli("enrich", source, tmp_path / "out", "--server", address, "--json", code=1)
    rows = zstandard.ZstdDecompressor().stream_reader((tmp_path / "out" / "in.ctx.jsonl.zst").read_bytes()).read()
    assert [json.loads(row)["status"] for row in rows.splitlines()] == ["ok", "ok", "error", "ok"]


def test_bad_facts_are_named_and_an_unknown_predicate_is_kept(
    cli: Cli, target: tuple[str, str], tmp_path: Path
) -> None:
    source = tmp_path / "world.jsonl"
    lines = [
        '{"type":"fact","subject":"ent:q","predicate":"unheard_of","object":"ent:r","source":"src:later"}',
        '{"type":"fact","subject":"ent:q","predicate":"p","value":1,"valid":{"from":"2005","to":"2001"}}',
        '{"type":"fact","subject":"ent:q","predicate":"p","value":1,"source":"src:nobody"}',
        '{"type":"entity","id":"ent:q","kind":"ghost"}',
        '{"type":"entity","id":"ent:q","kind":"person","names":[{"name":"Quentin Quux"}]}',
        '{"type":"fact","subject":"ent:q","predicat":"p","value":1}',
        '{"type":"source","id":"src:later","title":"Later"}',
    ]
    source.write_bytes("\n".join(lines).encode() + b'\n{"type":"source","id":"src:x","title":"\xff"}\n')
    done = cli("import", "facts", source, *target, "--json", code=1)
    assert (done.json["facts"], done.json["entities"], done.json["sources"], done.json["refused"]) == (1, 1, 1, 5)
    wanted = {2: "valid.to: 2001 precedes valid.from (2005)", 3: "'src:nobody' is neither", 4: "kind: is 'ghost'; it must be",
              6: "predicat: is not a key of a fact", 8: "UTF-8"}
    for number, words in wanted.items():
        assert any(line.startswith(f"{source}: line {number}: ") and words in line for line in done.complaints), done.err
    shown = cli("lookup", "Quentin Quux", *target, "--json").json
    assert [(one["predicate"], one["object"]) for one in shown["facts"]] == [("unheard_of", "ent:r")]


def test_a_file_that_cannot_be_read_does_not_keep_the_next_from_going_in(cli: Cli, target: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "good.jsonl").write_text('{"text":"good"}\n')
    done = cli("ingest", tmp_path / "none.jsonl", tmp_path / "folder.jsonl", tmp_path / "good.jsonl", *target, "--json", code=1)
    assert done.json["written"] == 1
    assert f"{tmp_path / 'none.jsonl'}: cannot be read: No such file" in done.complaints[0]
    assert f"{tmp_path / 'folder.jsonl'}: cannot be read: Is a directory" in done.complaints[1]
    (tmp_path / "facts.jsonl").write_text('{"type":"source","id":"src:x"}\n')
    done = cli("import", "facts", tmp_path / "none.jsonl", tmp_path / "facts.jsonl", *target, "--json", code=1)
    assert done.json["sources"] == 1
    assert "cannot be read" in done.complaints[0]
    assert "cannot be read" in cli("lookup", "--input", tmp_path / "none.jsonl", *target, code=1).complaints[0]
    assert "cannot be read" in cli("enrich", tmp_path / "none.jsonl", tmp_path / "out", *target, code=1).complaints[0]


def test_an_empty_file_is_no_error(cli: Cli, target: tuple[str, str], tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(b"")
    assert cli("ingest", empty, *target, "--json").json["written"] == 0
    assert cli("import", "facts", empty, *target, "--json").json["facts"] == 0
    assert cli("lookup", "--input", empty, *target).out == ""
    assert cli("enrich", empty, tmp_path / "out", *target, "--json").json["ok"] == 0


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_packed_file_that_breaks_off_gives_what_stands_before_the_break(cli: Cli, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    source = tmp_path / "in.jsonl.gz"
    records = [json.dumps({"id": f"r:{number}", "text": f"number {number} {os.urandom(800).hex()}"}) for number in range(300)]
    packed = pack("\n".join(records).encode())
    source.write_bytes(packed[: len(packed) * 2 // 3])
    done = cli("ingest", source, "--data", tmp_path / "w", "--json", code=1)
    assert done.json["written"] > 100
    assert done.json["refused"] == 1
    assert f"{source}: after line {done.json['written']}" in done.complaints[0]
    assert "breaks off" in done.complaints[0]
    counts = cli("enrich", source, tmp_path / "out", "--data", tmp_path / "w", "--json", code=1).json
    assert (counts["ok"], counts["error"]) == (done.json["written"], 1)


def test_a_data_directory_in_use_is_said_with_who_has_it(cli: Cli, running: Running) -> None:
    data = running.settings.data
    for verb in (("stats",), ("lookup", "x"), ("serve", "--listen", "127.0.0.1:0"), ("rebuild",)):
        (line,) = cli(*verb, "--data", data, code=1).complaints
        assert line == f"data directory {data} is in use by process {os.getpid()}; stop it or use --server"


def test_a_data_directory_from_another_version_is_said_and_left_alone(cli: Cli, world: Path) -> None:
    with sqlite3.connect(world / "graph.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    for verb in (("stats",), ("ingest", os.devnull), ("serve", "--listen", "127.0.0.1:0"), ("export", "facts", "-")):
        (line,) = cli(*verb, "--data", world, code=1).complaints[-1:]
        assert "99" in line
    with sqlite3.connect(world / "graph.db") as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (99,)
        connection.execute("PRAGMA user_version = 1")
    connection.close()


def test_an_index_from_another_version_says_how_to_make_it_anew(cli: Cli, world: Path) -> None:
    manifest = world / "search" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"version": ', '"version": 9'))
    (line,) = cli("stats", "--data", world, code=1).complaints
    assert "worldctx rebuild" in line
    before = cli("export", "jsonl", "-", "--data", world).out
    assert cli("rebuild", "--data", world, "--json").json["passages"] > 0
    assert cli("verify", "--data", world, "--json").json["problems"] == []
    assert cli("export", "jsonl", "-", "--data", world).out == before


def test_a_data_directory_that_is_none_is_said(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "graph.db").write_bytes(b"not a database at all" * 100)
    assert "cannot be written" in cli("stats", "--data", tmp_path / "file", code=1).complaints[0]
    assert "damaged or no graph" in cli("stats", "--data", tmp_path / "w", code=1).complaints[0]
    assert "holds no graph" in cli("export", "facts", "-", "--data", tmp_path / "nowhere", code=1).complaints[0]
    assert not (tmp_path / "nowhere").exists()


def test_an_address_that_cannot_be_had_is_said(cli: Cli, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        (line,) = cli("serve", "--data", tmp_path / "w", "--listen", address, code=1).complaints
        assert line == f"cannot listen on {address}: it is in use or not allowed; try another --listen"
    for wrong in ("nowhere", "127.0.0.1:99999", "127.0.0.1:²", ":"):
        (line,) = cli("serve", "--data", tmp_path / "w", "--listen", wrong, code=1).complaints
        assert line.startswith("listen: ")
    (tmp_path / "cert.pem").write_text("no certificate")
    (line,) = cli("serve", "--data", tmp_path / "w", "--listen", "0.0.0.0:0", code=1).complaints
    assert "--insecure" in line


def test_a_service_that_is_not_there_is_said(cli: Cli) -> None:
    (line,) = cli("stats", "--server", "127.0.0.1:1", code=1).complaints
    assert "no service answers at 127.0.0.1:1" in line
    assert "is not HOST:PORT" in cli("stats", "--server", "nowhere", code=1).complaints[0]


@pytest.mark.parametrize("words", [
    ("stats", "--dat", "w"), ("nonsense",), ("lookup",), ("lookup", "x", "--limit", "0"), ("lookup", "x", "--limit", "99999"),
    ("lookup", "x", "--revision", "-1"), ("lookup", "x", "--revision", str(2**70)), ("lookup", "x", "--profile", "loud"),
    ("lookup", "x", "--output", "y"), ("lookup", "x", "--data", "a", "--server", "b:1"), ("withdraw",), ("ingest",),
    ("withdraw", "--fact", "a", "--document", "b"), ("enrich", "only-one"), ("import", "nonsense"), ("export", "facts"),
    ("stats", "--server", "b:1", "--embedder", "none"),
])
def test_wrong_usage_has_its_own_code_and_names_the_option(cli: Cli, words: tuple[str, ...]) -> None:
    done = cli(*words, code=2)
    assert "Usage: " in done.err
    assert done.out == ""


@pytest.mark.parametrize(("words", "said"), [
    (("--as-of", "soon"), "as_of: 'soon' is not a date; write it as EDTF"),
    (("--known-by", "2001-02-30"), "known_by: '2001-02-30' is not a date"),
    (("--revision", "12345"), "revision 12345 does not exist; the newest is"),
])
def test_a_question_that_cannot_be_asked_is_said(cli: Cli, world: Path, words: tuple[str, ...], said: str) -> None:
    (line,) = cli("lookup", "x", *words, "--data", world, code=1).complaints
    assert line.startswith(said)


def test_a_text_that_is_not_utf_8_is_said(cli: Cli, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for data, words in ((b"", "text: is missing or blank"), (b"caf\xe9", "standard input: is not UTF-8 (byte 3); convert it")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert words in cli("lookup", "-", "--data", world, code=1).complaints[0]
    (line,) = cli("lookup", os.fsdecode(b"caf\xe9"), "--data", world, code=1).complaints
    assert line == "TEXT: is not UTF-8 (byte 3); convert it"
    (line,) = cli("lookup", "x", "--as-of", os.fsdecode(b"19\xe9"), "--data", world, code=1).complaints
    assert "is not UTF-8" in line


def test_bad_queries_of_a_file_are_answered_with_their_error(cli: Cli, target: tuple[str, str], tmp_path: Path) -> None:
    queries = [
        (b'{"id":"a","text":"Chile","as_of":"1972"}', None), (b"{broken", "JSON"), (b'{"id":"c"}', "text"),
        (b'{"id":"d","text":"x","as_of":"soon"}', "as_of"), (b'{"id":"e","text":"x","asof":"1972"}', "asof: is no field of a query"),
        (b'{"id":"f","text":"x","limit":"many"}', 'limit: must be a whole number, not "many"'),
        (b'{"id":"g","text":"x","limit":1001}', "limit: 1001 is not between"),
        (b'{"id":"h","text":"x","filter":{"kinds":["ghost"]}}', "filter.kinds"), (b'{"id":"\\ud800","text":"x"}', "id: holds half"),
        (b'{"id":9,"text":"x","revision":99}', "revision 99 does not exist"), (b'{"text":"\xff"}', "UTF-8"), (b'{"id":"l","text":"Peru"}', None),
    ]
    source = tmp_path / "q.jsonl"
    source.write_bytes(b"\n".join(query for query, _ in queries))
    done = cli("lookup", "--input", source, "--output", tmp_path / "a.jsonl", *target, code=1)
    answers = [json.loads(line) for line in (tmp_path / "a.jsonl").read_bytes().splitlines()]
    assert [one["id"] for one in answers] == ["a", "2", "c", "d", "e", "f", "g", "h", "9", "9", "11", "l"]
    for (_, words), answer in zip(queries, answers, strict=True):
        assert words in answer["error"] if words else "error" not in answer
    assert [line.split(": ")[1] for line in done.complaints] == [f"line {number}" for number, (_, words) in enumerate(queries, 1) if words]
