"""The connection to a Neo4j server: one driver, reads and writes that are safe to repeat, errors in our own words."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import neo4j
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    ConstraintError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from worldctx.model.errors import BadInput, IncompatibleData, StoreFull, StoreUnavailable, Unsupported, WorldctxError
from worldctx.model.url import without_password

T = TypeVar("T")
Row = list[Any]

#: `neo4j+s` asks for TLS, `neo4j+ssc` for TLS with any certificate; `bolt` speaks to the one server that is named.
SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
#: Where the password may stand instead of the URL.
USER, PASSWORD = "WORLDCTX_NEO4J_USER", "WORLDCTX_NEO4J_PASSWORD"
#: Seconds: to connect, to get a free connection, to repeat a write and a read in (clients repeat their calls, too), for
#: one statement to run.
CONNECT_S, ACQUIRE_S, REPEAT_S, READ_AGAIN_S, STATEMENT_S = 5.0, 10.0, 5.0, 2.0, 120.0
#: Seconds before a read is asked for again, doubling.
PAUSE_S = 0.1
#: Connections: the service's threads, the follower and a few verbs of an operator.
POOL = 64
#: Oldest server of each line that is known to work: Cypher with scoped subqueries and indexes on relationships.
OLDEST = (5, 26)
_VERSION = re.compile(r"(\d+)\.(\d+)")
_NO_SPACE = re.compile("no space left|disk.*full|read-only", re.IGNORECASE)


class Bolt:
    """A driver for one database. Safe in any thread; a connection that broke is made anew at the next use."""

    def __init__(self, url: str) -> None:
        """Connect and look at the server's version.

        Args:
            url: `neo4j://[user:password@]host[:port][/database]`.

        Raises:
            BadInput: the URL is none.
            StoreUnavailable: nobody answers there, or it refuses the password.
            Unsupported: the server is too old.
        """
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise BadInput.at("graph", f"{without_password(url)!r} is no URL of a Neo4j server; write neo4j://HOST:7687")
        self._database = parts.path.strip("/") or None
        port = _port_of(url)
        self.name = f"Neo4j at {parts.hostname}:{port}"
        user = unquote(parts.username or "") or os.environ.get(USER, "")
        password = unquote(parts.password or "") or os.environ.get(PASSWORD, "")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self._bookmarks = neo4j.GraphDatabase.bookmark_manager()
        self._driver = neo4j.GraphDatabase.driver(
            f"{parts.scheme}://{host}:{port}", auth=(user or "neo4j", password) if password or user else None,
            connection_timeout=CONNECT_S, connection_acquisition_timeout=ACQUIRE_S, max_connection_pool_size=POOL,
            max_transaction_retry_time=REPEAT_S, liveness_check_timeout=30.0, user_agent="worldctx",
            notifications_min_severity="OFF", telemetry_disabled=True)
        try:
            with self._ours():
                self.version = self._check_version()
        except BaseException:
            self._driver.close()
            raise

    def read(self, query: str, **parameters: object) -> list[Row]:
        """All rows of a query, asked for again when the connection breaks.

        In a transaction that the server begins and ends with it: one of the driver's own takes half as long again
        and gives a single query nothing more.

        Raises:
            StoreUnavailable: the server does not answer.
        """
        statement, until, pause = neo4j.Query(query, timeout=STATEMENT_S), time.monotonic() + READ_AGAIN_S, PAUSE_S
        while True:
            with self._ours():
                try:
                    with self._session(neo4j.READ_ACCESS) as session:
                        return session.run(statement, parameters).values()
                except (ServiceUnavailable, SessionExpired, TransientError):
                    if time.monotonic() + pause > until:
                        raise
            time.sleep(pause)
            pause *= 2

    def stream(self, query: str, **parameters: object) -> Iterator[Row]:
        """The rows of a query one by one, as the server finds them; not repeated, and however long it takes."""
        with self._ours(), self._session(neo4j.READ_ACCESS) as session:
            for record in session.run(neo4j.Query(query), parameters):
                yield list(record.values())

    def write(self, work: Callable[[neo4j.ManagedTransaction], T]) -> T:
        """Do some work in one transaction, durable when this returns.

        It is done again when the connection breaks or the server asks for it, even after a commit whose answer was
        lost: `work` must find out itself whether it was done before.

        Raises:
            StoreUnavailable, StoreFull: nothing was written, or it is not known: doing it again is safe.
        """
        bounded = neo4j.unit_of_work(timeout=STATEMENT_S)(work)
        with self._ours(), self._session(neo4j.WRITE_ACCESS) as session:
            try:
                return session.execute_write(bounded)
            except IncompleteCommit:
                return session.execute_write(bounded)

    def run(self, statement: str, **parameters: object) -> None:
        """One statement that is safe to repeat in a transaction of its own, such as one of the schema."""
        with self._ours(), self._session(neo4j.WRITE_ACCESS) as session:
            session.run(neo4j.Query(statement), parameters).consume()

    def close(self) -> None:
        """Close all connections. Safe to repeat."""
        self._driver.close()

    def _session(self, access: str) -> neo4j.Session:
        return self._driver.session(database=self._database, default_access_mode=access,
                                    bookmark_manager=self._bookmarks)

    def _check_version(self) -> str:
        agent = self._driver.get_server_info().agent  # Neo4j/5.26.27
        found = _VERSION.search(agent)
        if found is None or (int(found[1]), int(found[2])) < OLDEST:
            raise Unsupported(f"{self.name} is {agent}; worldctx needs Neo4j 5.26 or later")
        return agent.partition("/")[2]

    @contextmanager
    def _ours(self) -> Iterator[None]:
        try:
            yield
        except (Neo4jError, DriverError, ValueError) as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> WorldctxError:
        """The error of our own family that stands for one of the driver's."""
        told = str(getattr(error, "message", "") or error).split("\n", 1)[0]
        if isinstance(error, AuthError):
            return StoreUnavailable(f"{self.name} refuses the user or the password; put them into the URL or into "
                                    f"{USER} and {PASSWORD}")
        if _NO_SPACE.search(told):
            return StoreFull(f"{self.name} cannot write: {told}; nothing was written")
        if isinstance(error, (ServiceUnavailable, SessionExpired)):
            return StoreUnavailable(f"{self.name} does not answer ({told})")
        if isinstance(error, ConstraintError):
            return StoreUnavailable(f"{self.name} refused a change that another service made too; send it again")
        if isinstance(error, TransientError):
            return StoreUnavailable(f"{self.name} is too busy ({told}); try again")
        if isinstance(error, ConfigurationError):
            return BadInput.at("graph", told)
        if isinstance(error, ClientError) and "Security" in (error.code or ""):
            return StoreUnavailable(f"{self.name} does not allow it: {told}")
        if isinstance(error, ClientError) and "DatabaseNotFound" in (error.code or ""):
            return StoreUnavailable(f"{self.name}: {told}")
        if isinstance(error, DriverError):
            return StoreUnavailable(f"{self.name}: {told}")
        if isinstance(error, Neo4jError):
            if "Statement.ArgumentError" in (error.code or "") or "too large" in told:
                return BadInput(f"a value cannot be stored: {told}")
            return StoreUnavailable(f"{self.name} failed: {told}")
        return IncompatibleData(f"{self.name} holds what this worldctx cannot read: {told}")


def _port_of(url: str) -> int:
    try:
        return urlsplit(url).port or 7687
    except ValueError as error:
        raise BadInput.at("graph", f"{without_password(url)!r} has a bad port") from error
