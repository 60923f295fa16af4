"""Fixtures for real servers: each starts once per run, at its first use, and is shared by the workers of pytest-xdist.

Servers belong to the process that stands for the run (pytest itself, or xdist's controller) and end with it. Tests that
need the same server go to the same worker, so no two of them run at once: they may wipe, stop or kill it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.servers.jars import locked
from tests.servers.process import Server, Unavailable
from tests.servers.servers import ELASTICSEARCH_8, NEO4J_LTS, Elasticsearch, Neo4j, RabbitMQ, Redis

REQUIRE = "WORLDCTX_REQUIRE_SERVERS"  #: set to 1, a server that cannot be had fails the tests that need it
SERVERS: dict[str, Callable[[Path], Server]] = {
    "neo4j_server": Neo4j,
    "neo4j_lts_server": partial(Neo4j, version=NEO4J_LTS),
    "elasticsearch_server": Elasticsearch,
    "elasticsearch_8_server": partial(Elasticsearch, version=ELASTICSEARCH_8),
    "redis_server": Redis,
    "rabbitmq_server": RabbitMQ,
}
OLDER = {"neo4j_lts_server", "elasticsearch_8_server"}


@dataclass(frozen=True)
class Run:
    """Where the servers of this run live, and the process that they live as long as."""

    folder: Path
    owner: int


RUN = pytest.StashKey[Run]()


def pytest_configure(config: pytest.Config) -> None:
    given: dict[str, Any] | None = getattr(config, "workerinput", None)
    if given is None:
        config.stash[RUN] = Run(Path(tempfile.mkdtemp(prefix="worldctx-servers-")), os.getpid())
    else:
        config.stash[RUN] = Run(Path(given["servers_folder"]), given["servers_owner"])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Xdist: what the controller tells a worker."""
    run = node.config.stash[RUN]
    node.workerinput |= {"servers_folder": str(run.folder), "servers_owner": run.owner}


def pytest_unconfigure(config: pytest.Config) -> None:
    """After the last worker has ended. The data goes too, so there is nothing to end in good order for."""
    if not hasattr(config, "workerinput"):
        run = config.stash[RUN]
        for name, made in SERVERS.items():
            made(run.folder / name).kill()
        shutil.rmtree(run.folder, ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Xdist: for `-n` alone. Who asks for another `--dist` gets it, and servers shared by tests that run at once."""
    from tests.servers.schedule import ByServer

    return ByServer(config, log, config.stash[RUN].folder) if config.getoption("dist") == "load" else None


@pytest.hookimpl(tryfirst=True)  # before pytest reads the markers
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    needs = {item: needed for item in items if (needed := servers_of(item))}
    for item, needed in needs.items():
        if needed & OLDER:
            item.add_marker("older_servers")
    if hasattr(config, "workerinput"):
        from tests.servers.schedule import tell

        groups = connected(needs.values())
        tell(config.stash[RUN].folder, {item.nodeid: groups[min(needed)] for item, needed in needs.items()})


def servers_of(item: pytest.Item) -> frozenset[str]:
    """The servers among a test's fixtures, those named by a parameter for `getfixturevalue` too."""
    callspec = getattr(item, "callspec", None)
    named = [value for value in (callspec.params.values() if callspec else ()) if isinstance(value, str)]
    return frozenset(SERVERS.keys() & {*getattr(item, "fixturenames", ()), *named})


def connected(needs: Iterable[frozenset[str]]) -> dict[str, str]:
    """For each server its group: servers that some test needs together are in one."""
    groups: list[set[str]] = []
    for needed in needs:
        touched = [group for group in groups if group & needed]
        groups = [group for group in groups if not group & needed] + [set(needed).union(*touched)]
    return {name: "+".join(sorted(group)) for group in groups for name in group}


def started(request: pytest.FixtureRequest, name: str) -> Server:
    """This run's server, started by whichever worker asks first."""
    run = request.config.stash[RUN]
    server = SERVERS[name](run.folder / name)
    try:
        with locked(run.folder / f"{name}.lock"):
            return server.start(owner=run.owner)
    except Unavailable as why:
        if os.environ.get(REQUIRE) == "1":
            pytest.fail(f"{REQUIRE}=1, but {why}", pytrace=False)
        pytest.skip(str(why))


@pytest.fixture(scope="session")
def neo4j_server(request: pytest.FixtureRequest) -> Neo4j:
    """The newest Neo4j. It may hold what the test before left: `wipe()` it first."""
    server = started(request, "neo4j_server")
    assert isinstance(server, Neo4j)
    return server


@pytest.fixture(scope="session")
def neo4j_lts_server(request: pytest.FixtureRequest) -> Neo4j:
    """The Neo4j with long-term support."""
    server = started(request, "neo4j_lts_server")
    assert isinstance(server, Neo4j)
    return server


@pytest.fixture(scope="session")
def elasticsearch_server(request: pytest.FixtureRequest) -> Elasticsearch:
    """The newest Elasticsearch. It may hold what the test before left: `wipe()` it, or use an index of your own."""
    server = started(request, "elasticsearch_server")
    assert isinstance(server, Elasticsearch)
    return server


@pytest.fixture(scope="session")
def elasticsearch_8_server(request: pytest.FixtureRequest) -> Elasticsearch:
    """The last Elasticsearch 8."""
    server = started(request, "elasticsearch_8_server")
    assert isinstance(server, Elasticsearch)
    return server


@pytest.fixture(scope="session")
def redis_server(request: pytest.FixtureRequest) -> Redis:
    """Redis, each write on disk."""
    server = started(request, "redis_server")
    assert isinstance(server, Redis)
    return server


@pytest.fixture(scope="session")
def rabbitmq_server(request: pytest.FixtureRequest) -> RabbitMQ:
    """RabbitMQ. Queues of other tests may be there: name your own."""
    server = started(request, "rabbitmq_server")
    assert isinstance(server, RabbitMQ)
    return server
