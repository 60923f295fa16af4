"""An Elasticsearch server over HTTP: where it is, what is asked of it, and what its refusals mean to us.

The official driver's transport carries plain JSON, so that one driver speaks to servers of either major version; the
driver's own client announces itself as one of the two.
"""

from __future__ import annotations

import json
import logging
import os
import re
import ssl
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote, urlsplit

from worldctx.model.errors import (
    BadInput,
    Internal,
    Overloaded,
    StoreFull,
    StoreUnavailable,
    Unsupported,
    WorldctxError,
)

if TYPE_CHECKING:
    from elastic_transport import Transport

log = logging.getLogger(__name__)

#: Schemes of addresses, and what they are spoken to with.
SCHEMES = {"elasticsearch+http": "http", "elasticsearch+https": "https"}
PORT = 9200
#: Major versions that the tests run against.
VERSIONS = (8, 9)
#: An answer to a query comes within this many seconds, or never; to a bulk of passages; to a change of indices.
QUERY_S, BULK_S, ADMIN_S = 10.0, 60.0, 60.0
#: More than the threads that ask: those of the service, the follower's, and a rebuild's.
CONNECTIONS = 64
#: One bulk request, and how many are under way: a server stores each with one thread, while the next is made here.
BULK_BYTES, BULK_ITEMS, AT_ONCE = 5 * 2**20, 128, 2
#: A server that is too busy to take passages is asked again after these many seconds, doubling, so many times.
BUSY_S, BUSY_TURNS = 0.1, 7
#: All questions go to the same copy of an index, whose counts are then the same.
COPY = "preference=worldctx"
#: HTTP.
MISSING, CONFLICT, FORBIDDEN, UNAUTHORIZED, BAD_REQUEST, BUSY, NOT_ALLOWED = 404, 409, 403, 401, 400, 429, 405

#: It becomes part of the names of indices, which end in a number of six digits.
_NAME = re.compile(r"(?!.*(?:^|-)\d{6}$)[a-z0-9_-]{0,100}")

JSON = {"content-type": "application/json", "accept": "application/json"}
LINES = {"content-type": "application/x-ndjson", "accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is, who we are to it, and the name of our index there."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    name: str

    @property
    def shown(self) -> str:
        """For people: without the password."""
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def alias(self) -> str:
        """The name under which the index serves."""
        return f"worldctx-{self.name}" if self.name else "worldctx"


def address_of(url: str) -> Address:
    """Read `elasticsearch+http://[USER:PASSWORD@]HOST[:PORT][/NAME]`, or `elasticsearch+https://…`.

    Raises:
        BadInput: it is none; the message does not repeat the password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or PORT
    except ValueError as error:
        raise BadInput.at("search", f"the Elasticsearch address cannot be read: {error}") from error
    name = parts.path.strip("/")
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise BadInput.at("search", "an Elasticsearch address is elasticsearch+https://HOST:PORT/NAME, or +http")
    if not _NAME.fullmatch(name):
        raise BadInput.at(
            "search", f"{name!r} cannot name an index: use small letters, digits, - and _, and no number at its end")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Address(SCHEMES[parts.scheme], host, port, user, password, name)


@dataclass(frozen=True, slots=True)
class Operation:
    """One passage to store under an id, unless something of this version or a later one is stored there.

    Without a version and a body: what is stored there is deleted.
    """

    key: str
    version: int | None
    body: dict[str, Any] | None


class Cluster:
    """One server. Safe in any thread; it comes back by itself when the server does."""

    def __init__(self, address: Address, transport: Transport) -> None:
        self._address, self._transport = address, transport

    def __str__(self) -> str:
        return f"Elasticsearch at {self._address.shown}"

    def ask(self, method: str, path: str, body: Any = None, *, timeout: float = QUERY_S,
            passed: Sequence[int] = ()) -> tuple[int, Any]:
        """The answer to one request, and its HTTP status.

        Args:
            passed: statuses above 299 that are answers too.

        Raises:
            StoreUnavailable, StoreFull, Overloaded, Internal: there is none.
        """
        status, answer = self._send(method, path, body, JSON, timeout)
        if status >= 300 and status not in passed:
            self._refuse(status, answer)
        return status, answer

    def hits(self, index: str, body: Any, timeout: float) -> list[dict[str, Any]]:
        """What a search finds. All go to the same copy of the index, which tells the same of its past each time."""
        path = f"/{index}/_search?allow_partial_search_results=false&{COPY}" \
               "&filter_path=hits.hits._score,hits.hits.fields,hits.hits.sort,hits.hits._source"
        answer = self.ask("POST", path, body, timeout=timeout)[1]
        found: list[dict[str, Any]] = answer.get("hits", {}).get("hits", [])
        return found

    def write(self, index: str, operations: Sequence[Operation], *, by_alias: bool = True) -> None:
        """Store passages, or delete them; those that are stored already, or deleted, are passed over.

        Args:
            index: its name, or an alias.
            by_alias: refuse a name that is no alias, or no longer: the server would make an index of that name.

        Raises:
            StoreFull: the server's disk takes no more.
            StoreUnavailable, Overloaded: some were not stored, and may be sent again.
        """
        path = f"/{index}/_bulk?require_alias={str(by_alias).lower()}"
        with ThreadPoolExecutor(AT_ONCE, "worldctx-bulk") as threads:
            sent = deque[Future[None]]()
            for chunk in _chunks(operations):
                if len(sent) == AT_ONCE:
                    sent.popleft().result()
                sent.append(threads.submit(self._write, path, chunk))
            for one in sent:
                one.result()

    def _write(self, path: str, lines: list[bytes]) -> None:
        pause = BUSY_S
        for _ in range(BUSY_TURNS):
            lines, refusal = self._write_once(path, lines)
            if not lines:
                return
            time.sleep(pause)
            pause *= 2
        raise refusal or Overloaded(f"{self} is too busy")

    def _write_once(self, path: str, lines: list[bytes]) -> tuple[list[bytes], WorldctxError | None]:
        """The lines that the server was too busy to take, and what it said."""
        told = f"{path}&filter_path=errors,items.*.status,items.*.error"
        status, answer = self._send("POST", told, b"".join(lines), LINES, BULK_S)
        if status == BUSY and not _blocked(answer):
            return lines, self._refusal(status, answer)
        if status >= 300:
            self._refuse(status, answer)
        if not answer["errors"]:
            return [], None
        again, refusal = [], None
        for line, item in zip(lines, answer["items"], strict=True):
            (result,) = item.values()
            missed = result["status"] == MISSING and "error" not in result  # deleted already
            if result["status"] < 300 or result["status"] == CONFLICT or missed:
                continue
            refusal = self._refusal(result["status"], result)
            if result["status"] != BUSY or _blocked(result):
                raise refusal
            again.append(line)
        return again, refusal

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str], timeout: float) -> tuple[int, Any]:
        from elastic_transport import ConnectionTimeout, SerializationError, TlsError, TransportError

        try:
            answer = self._transport.perform_request(method, path, body=body, headers=headers, request_timeout=timeout)
        except ConnectionTimeout as error:
            raise StoreUnavailable(f"{self} did not answer within {timeout:g} s") from error
        except TlsError as error:
            raise StoreUnavailable(f"{self} cannot be spoken to over TLS: {_cause(error)}") from error
        except SerializationError as error:
            raise StoreUnavailable(f"{self} gave an answer that is no JSON") from error
        except TransportError as error:
            raise StoreUnavailable(f"{self} cannot be reached: {_cause(error)}") from error
        return answer.meta.status, answer.body

    def _refuse(self, status: int, answer: Any) -> NoReturn:
        raise self._refusal(status, answer)

    def _refusal(self, status: int, answer: Any) -> WorldctxError:
        """What an answer that is none means."""
        kind, why = _reason(answer)
        if _blocked(answer):
            return StoreFull(f"{self} takes no writes: {why}")
        if status == BUSY:
            return Overloaded(f"{self} is too busy: {why or status}")
        if status in (UNAUTHORIZED, FORBIDDEN):
            return StoreUnavailable(f"{self} refuses the user or API key: {why or status}")
        if kind == "index_not_found_exception" or (kind == "illegal_argument_exception" and "require_alias" in why):
            return StoreUnavailable(f"{self} no longer has the index: {why}")
        if status >= 500:
            return StoreUnavailable(f"{self} failed: {why or status}")
        return Internal(f"{self} refused a request: {status} {kind} {why}".rstrip())

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


def connect(address: Address) -> Cluster:
    """A server that answers and is of a version that we know.

    Raises:
        StoreUnavailable: it does not answer.
        Unsupported: it is of another version, or no Elasticsearch; or the driver is not installed.
    """
    try:
        from elastic_transport import NodeConfig, Transport, Urllib3HttpNode
    except ImportError as error:
        raise Unsupported("the Elasticsearch driver is not installed; pip install 'worldctx[server]'") from error
    headers = {"user-agent": "worldctx"}
    if told := authorization(address):
        headers["authorization"] = told
    authority = _authority() if address.scheme == "https" else None
    node = NodeConfig(address.scheme, address.host, address.port, headers=headers, connections_per_node=CONNECTIONS,
                      request_timeout=QUERY_S, ca_certs=authority)
    # One more try for connections that a server closed when it was restarted; a server that is slow is not pressed.
    transport = Transport([node], node_class=Urllib3HttpNode, max_retries=1, retry_on_timeout=False,
                          retry_on_status=(), meta_header=False)
    cluster = Cluster(address, transport)
    try:
        check_version(cluster)
    except WorldctxError:
        cluster.close()
        raise
    return cluster


def check_version(cluster: Cluster) -> None:
    """Ask for the version; a server without the main page tells it of its nodes."""
    status, answer = cluster.ask("GET", "/", passed=(NOT_ALLOWED, MISSING, BAD_REQUEST))
    if status >= 300:
        _, answer = cluster.ask("GET", "/_nodes/_local?filter_path=nodes.*.version")
        answer = {"version": {"number": next(iter(answer["nodes"].values()))["version"]}}
    try:
        number, distribution = answer["version"]["number"], answer["version"].get("distribution", "elasticsearch")
        major = int(number.partition(".")[0])
    except (KeyError, TypeError, ValueError) as error:
        raise Unsupported(f"{cluster} is no Elasticsearch") from error
    if distribution != "elasticsearch" or major not in VERSIONS:
        raise Unsupported(f"{cluster} is {distribution} {number}; worldctx needs Elasticsearch 8 or 9")


def _authority() -> str | None:
    """The file with the certificates that vouch for the server; None for those that vouch for public ones."""
    authority = os.environ.get("WORLDCTX_ELASTIC_CA") or None
    if authority:
        try:
            ssl.create_default_context(cafile=authority)
        except OSError as error:
            raise Unsupported(f"WORLDCTX_ELASTIC_CA: no certificates can be read from {authority}") from error
    return authority


def authorization(address: Address) -> str:
    """Who we are: the header, empty when nothing says."""
    from elastic_transport.client_utils import basic_auth_to_header

    if key := os.environ.get("WORLDCTX_ELASTIC_API_KEY"):
        return f"ApiKey {key}"
    password = address.password or os.environ.get("WORLDCTX_ELASTIC_PASSWORD", "")
    user = address.user or os.environ.get("WORLDCTX_ELASTIC_USER", "elastic" if password else "")
    return basic_auth_to_header((user, password)) if user else ""


def _chunks(operations: Sequence[Operation]) -> Iterator[list[bytes]]:
    """What bulk requests are made of: for each operation one or two lines, joined."""
    lines: list[bytes] = []
    size = 0
    for one in operations:
        line = _line(one)
        if lines and (size + len(line) > BULK_BYTES or len(lines) >= BULK_ITEMS):
            yield lines
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield lines


def _line(one: Operation) -> bytes:
    if one.body is None:
        return encoded({"delete": {"_id": one.key}}) + b"\n"
    action = {"index": {"_id": one.key, "version": one.version, "version_type": "external"}}
    return b"%b\n%b\n" % (encoded(action), encoded(one.body))


def encoded(body: Any) -> bytes:
    """JSON, as short as it can be."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _reason(answer: Any) -> tuple[str, str]:
    """Type and reason of a refusal, where it gives them."""
    error = answer.get("error", answer) if isinstance(answer, dict) else answer
    if not isinstance(error, dict):
        return "", str(error or "")[:200]
    cause = (error.get("root_cause") or [error])[0]
    return str(cause.get("type", "")), str(cause.get("reason", ""))[:400]


def _blocked(answer: Any) -> bool:
    """Whether an index was made read-only, as the server does when its disk is nearly full."""
    return _reason(answer)[0] == "cluster_block_exception"


def _cause(error: Exception) -> str:
    """One line of why a connection failed."""
    causes = getattr(error, "errors", ()) or (error,)
    reason = getattr(causes[-1], "__cause__", None) or causes[-1]
    return str(getattr(reason, "strerror", None) or reason).split("\n", 1)[0][:200]
