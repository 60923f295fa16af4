"""`python -m tests.servers`: Neo4j, Elasticsearch, RabbitMQ and Redis on loopback, until Ctrl-C; their data stays."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.servers.process import Failed, Server, Unavailable
from tests.servers.servers import ELASTICSEARCH, NEO4J, Elasticsearch, JavaServer, Neo4j, RabbitMQ, Redis

NAMES = ("neo4j", "elasticsearch", "rabbitmq", "redis")


def main() -> int:
    """Start, say how to talk to each, wait, stop."""
    options = read(sys.argv[1:])
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, interrupted)
    servers = chosen(options)
    with ThreadPoolExecutor(len(servers)) as side_by_side:
        try:
            for server in side_by_side.map(lambda server: server.start(), servers):
                print(f"{server.name} is ready", file=sys.stderr)
            urls = {server.name: server.url for server in servers}
            print(json.dumps(urls) if options.json else described(urls), flush=True)
            signal.pause()
        except KeyboardInterrupt:
            print("stopping", file=sys.stderr)
        except (Failed, Unavailable) as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            list(side_by_side.map(lambda server: server.stop(), servers))
    return 0


def interrupted(*_: object) -> None:
    """Once: a second Ctrl-C does not stop the stopping."""
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, signal.SIG_IGN)
    raise KeyboardInterrupt


def read(words: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    parser.add_argument("--only", default=",".join(NAMES), help="which to start (%(default)s)")
    parser.add_argument("--neo4j", default=NEO4J, metavar="VERSION", help="of Neo4j (%(default)s)")
    parser.add_argument("--elasticsearch", default=ELASTICSEARCH, metavar="VERSION", help="of Elasticsearch (%(default)s)")
    parser.add_argument("--heap", default="768m", help="of each Java server (%(default)s)")
    parser.add_argument("--page-cache", default="128m", help="of Neo4j (%(default)s)")
    parser.add_argument("--data", type=Path, default=Path(".servers"), help="where the data stays (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print the URLs as one line of JSON")
    options = parser.parse_args(words)
    options.only = options.only.split(",")
    if unknown := set(options.only) - set(NAMES):
        parser.error(f"no server is called {', '.join(sorted(unknown))}: there are {', '.join(NAMES)}")
    return options


def chosen(options: argparse.Namespace) -> list[Server]:
    """Each in a folder of its version, on its usual port where that is free when the folder is made."""
    data = options.data.resolve()
    makers: dict[str, Callable[[], Server]] = {
        "neo4j": lambda: Neo4j(
            data / f"neo4j-{options.neo4j}",
            version=options.neo4j,
            heap=options.heap,
            page_cache=options.page_cache,
            port=Neo4j.STANDARD_PORT,
        ),
        "elasticsearch": lambda: Elasticsearch(
            data / f"elasticsearch-{options.elasticsearch}",
            version=options.elasticsearch,
            heap=options.heap,
            port=Elasticsearch.STANDARD_PORT,
        ),
        "rabbitmq": lambda: RabbitMQ(data / "rabbitmq", port=RabbitMQ.STANDARD_PORT),
        "redis": lambda: Redis(data / "redis", port=Redis.STANDARD_PORT),
    }
    servers = [makers[name]() for name in options.only]
    for server in servers:
        if isinstance(server, JavaServer):
            server.leaves_classes = True
    if running := [server.name for server in servers if server.running]:
        sys.exit(f"{', '.join(running)} runs on this data already")
    return servers


def described(urls: dict[str, str]) -> str:
    """The URLs, and the command lines of worldctx on them."""
    flags = {
        "--graph": urls.get("neo4j"),
        "--search": f"elasticsearch+{urls['elasticsearch']}" if "elasticsearch" in urls else None,
    }
    commands = [" ".join(["worldctx serve", *(f"{flag} {url}" for flag, url in flags.items() if url)])]
    broker = urls.get("rabbitmq") or urls.get("redis")
    if broker:
        there = f"--server 127.0.0.1:50051 --broker {broker}"
        commands += [f"worldctx worker {there}", f"worldctx beat {there}", f"worldctx ingest FILE.jsonl --workers {there}"]
    listed = [f"  {name:14} {url}" for name, url in urls.items()]
    return "\n".join([*listed, "", *(f"  {one}" for one in commands), "", "Ctrl-C stops them; their data stays."])


if __name__ == "__main__":
    sys.exit(main())
