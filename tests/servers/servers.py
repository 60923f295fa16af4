"""Neo4j, Elasticsearch, Redis and RabbitMQ, each in one home folder on loopback, without authentication or TLS."""

from __future__ import annotations

import http
import http.client
import json
import os
import shutil
import socket
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from tests.servers.jars import HERE, jars, java
from tests.servers.process import STOP_S, Server, Unavailable

NEO4J = "2026.09.0"
NEO4J_LTS = "5.26.30"
ELASTICSEARCH = "9.5.3"
ELASTICSEARCH_8 = "8.19.21"
WIPE_S = 60.0
ANSWER_S = 5.0  #: one question, while we wait for a server to be ready


class JavaServer(Server):
    """A server from jars, run by the JDK that its version wants.

    One that is `short_lived` starts with half the work: the first compiler only. Give that up, and give more heap, where
    speed is measured. One that `leaves_classes` starts slower and ends slower, and those after it start with half again.
    """

    NEWER: ClassVar[int]  #: versions from here on want the newer JDK
    SHORT_LIVED: ClassVar = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
    QUIET: ClassVar = ("-Xlog:cds=off", "-Xlog:cds+dynamic=off")
    leaves_classes = False

    def __init__(
        self, home: Path, *, version: str, port: int | None = None, heap: str = "768m", short_lived: bool = True
    ) -> None:
        super().__init__(home, port=port)
        self.version, self.heap, self.short_lived = version, heap, short_lived

    @property
    def newer(self) -> bool:
        """Whether it wants the newer JDK, and its options."""
        return int(self.version.split(".")[0]) >= self.NEWER

    @property
    def jars(self) -> Path:
        """The folder that holds its parts."""
        return jars(self.name, self.version)

    @abstractmethod
    def options(self) -> Sequence[str | Path]:
        """For the JVM, its path to the jars among them."""

    def command(self) -> Sequence[str | Path]:
        source = HERE / self.name / "Server.java"
        return [java(25 if self.newer else 17), f"-Xmx{self.heap}", *self.quickly(), *self.options(), source, self.home]

    def quickly(self) -> Sequence[str]:
        """The options that make it start fast, for the price of its speed later."""
        if not self.short_lived:
            return ()
        if self.archive.exists():
            return (*self.SHORT_LIVED, f"-XX:SharedArchiveFile={self.archive}", *self.QUIET)
        if self.leaves_classes:
            return (*self.SHORT_LIVED, f"-XX:ArchiveClassesAtExit={self.left}", *self.QUIET)
        return self.SHORT_LIVED

    @property
    def archive(self) -> Path:
        """Classes loaded and checked, for this JDK; the JVM passes over one that does not fit."""
        jdk = java(25 if self.newer else 17).resolve().parents[1].name
        return self.jars / f"classes-{jdk}.jsa"

    @property
    def left(self) -> Path:
        """Where it leaves them when it ends."""
        return self.home / "classes.jsa"

    def stop(self, timeout_s: float = STOP_S) -> bool:
        by_itself = super().stop(timeout_s)
        if self.left.exists():
            if by_itself and not self.archive.exists():
                copy = self.archive.with_suffix(f".{os.getpid()}")
                shutil.copy(self.left, copy)
                copy.rename(self.archive)
            self.left.unlink()
        return by_itself


class Neo4j(JavaServer):
    """The community edition: one user database, `neo4j`."""

    name = "neo4j"
    STANDARD_PORT = 7687
    NEWER = 2025
    OPENED: ClassVar = ("java.nio", "java.io", "sun.nio.ch", "java.lang")

    def __init__(
        self,
        home: Path,
        *,
        version: str = NEO4J,
        port: int | None = None,
        heap: str = "768m",
        page_cache: str = "128m",
        short_lived: bool = True,
    ) -> None:
        super().__init__(home, version=version, port=port, heap=heap, short_lived=short_lived)
        self.page_cache = page_cache

    @property
    def url(self) -> str:
        return f"neo4j://127.0.0.1:{self.port}"

    def options(self) -> Sequence[str | Path]:
        opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in self.OPENED]
        newer = ["--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"] if self.newer else []
        return [*opened, *newer, "-cp", f"{self.jars}/lib/*"]

    def prepare(self) -> None:
        settings = {
            "server.bolt.enabled": "true",
            "server.bolt.listen_address": f"127.0.0.1:{self.port}",
            "server.bolt.advertised_address": f"127.0.0.1:{self.port}",
            "server.memory.pagecache.size": self.page_cache,
            "dbms.security.auth_enabled": "false",
            "dbms.usage_report.enabled": "false",
            "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",  # else each stop takes ten seconds
        }
        (self.home / "conf").mkdir(exist_ok=True)
        lines = "".join(f"{name}={value}\n" for name, value in settings.items())
        (self.home / "conf" / "neo4j.conf").write_text(lines, encoding="utf-8")

    def answers(self) -> bool:
        from neo4j import GraphDatabase
        from neo4j.exceptions import DriverError, Neo4jError

        socket.create_connection(("127.0.0.1", self.port), ANSWER_S).close()
        try:
            with GraphDatabase.driver(self.url, connection_timeout=ANSWER_S, max_transaction_retry_time=0) as driver:
                driver.execute_query("RETURN 1")
        except (DriverError, Neo4jError):
            return False
        return True

    def wipe(self) -> None:
        """As if it were new: no nodes, no constraints, no indexes but the two of a new database."""
        from neo4j import GraphDatabase

        with GraphDatabase.driver(self.url) as driver, driver.session(database="neo4j") as session:
            session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()
            for (name,) in session.run("SHOW CONSTRAINTS YIELD name").values():
                session.run(f"DROP CONSTRAINT `{name}`").consume()
            for (name,) in session.run("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name").values():
                session.run(f"DROP INDEX `{name}`").consume()


class Elasticsearch(JavaServer):
    """One node with what is in its server's jar: no X-Pack, no security, no painless, no analysis-common."""

    name = "elasticsearch"
    STANDARD_PORT = 9200
    NEWER = 9

    def __init__(
        self,
        home: Path,
        *,
        version: str = ELASTICSEARCH,
        port: int | None = None,
        heap: str = "768m",
        short_lived: bool = True,
    ) -> None:
        super().__init__(home, version=version, port=port, heap=heap, short_lived=short_lived)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def options(self) -> Sequence[str | Path]:
        vectors = ["jdk.incubator.vector"] if self.newer else []
        modules = ["org.elasticsearch.server", "jdk.net", *vectors, "ALL-MODULE-PATH"]
        return ["--module-path", self.jars / "lib", f"--add-modules={','.join(modules)}"]

    def prepare(self) -> None:
        settings = {
            "cluster.name": "worldctx",
            "node.name": "one",
            "network.host": "127.0.0.1",
            "http.port": self.port,
            "transport.port": self.second_port("transport_port"),
            "discovery.type": "single-node",
            "cluster.routing.allocation.disk.threshold_enabled": False,  # a full disk of the machine is not ours to judge
            "action.destructive_requires_name": False,
        }
        config = self.home / "config"
        config.mkdir(exist_ok=True)
        lines = "".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items())
        (config / "elasticsearch.yml").write_text(lines, encoding="utf-8")
        shutil.copy(HERE / "elasticsearch" / "log4j2.properties", config)
        modules = self.home / "modules"
        modules.unlink(missing_ok=True)
        modules.symlink_to(self.jars / "modules")

    def answers(self) -> bool:
        health = self.ask("GET", "/_cluster/health?wait_for_status=yellow&wait_for_no_initializing_shards=true&timeout=1s")
        return bool(health.get("status") in ("yellow", "green") and not health["timed_out"])

    def ask(self, method: str, path: str, *, timeout_s: float = ANSWER_S) -> Any:
        """One request, without a driver. What is not done is an OSError."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            said = json.loads(answer.read())
            if answer.status >= http.HTTPStatus.BAD_REQUEST:
                raise OSError(f"{self.url}{path}: {said}")
            return said
        except (http.client.HTTPException, ValueError) as error:
            raise OSError(f"{self.url}: {error}") from error
        finally:
            connection.close()

    def wipe(self) -> None:
        """No indices, no templates, no aliases."""
        for path in ("/_all?expand_wildcards=all", "/_index_template/*", "/_component_template/*"):
            self.ask("DELETE", path, timeout_s=WIPE_S)


class Redis(Server):
    """Every write is on disk before it is acknowledged."""

    name = "redis"
    STANDARD_PORT = 6379

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> Sequence[str | Path]:
        return [program("redis-server"), self.home / "redis.conf"]

    def prepare(self) -> None:
        lines = f"port {self.port}\nbind 127.0.0.1\ndir {self.home}\nappendonly yes\nappendfsync always\nsave ''\n"
        (self.home / "redis.conf").write_text(lines, encoding="utf-8")

    def answers(self) -> bool:
        return self.say("PING") == b"+PONG\r\n"

    def say(self, line: str) -> bytes:
        """One command, without a driver."""
        with socket.create_connection(("127.0.0.1", self.port), ANSWER_S) as connection:
            connection.sendall(line.encode() + b"\r\n")
            return connection.recv(1024)

    def wipe(self) -> None:
        """All databases empty."""
        self.say("FLUSHALL")


class RabbitMQ(Server):
    """A node of its own name, with its own port mapper; guest may come in from loopback."""

    name = "rabbitmq"
    STANDARD_PORT = 5672
    PROGRAM: ClassVar = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # the one on PATH changes to another user

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def command(self) -> Sequence[str | Path]:
        return [self.PROGRAM if self.PROGRAM.exists() else program("rabbitmq-server")]

    def environment(self) -> Mapping[str, str]:
        return {
            "HOME": str(self.home),  # for the cookie
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self.second_port("epmd_port")),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_CONFIG_FILE": str(self.home / "rabbitmq.conf"),
            "RABBITMQ_DIST_PORT": str(self.second_port("dist_port")),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.home / "enabled_plugins"),
            "RABBITMQ_LOG_BASE": str(self.home / "log"),
            "RABBITMQ_LOGS": "-",  # to standard output, as our log
            "RABBITMQ_MNESIA_BASE": str(self.home / "mnesia"),
            "RABBITMQ_NODENAME": f"worldctx{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none",
            "RUNNING_UNDER_SYSTEMD": "true",  # the script then becomes the server, and signals reach it
        }

    def prepare(self) -> None:
        (self.home / "enabled_plugins").write_text("[].\n", encoding="utf-8")
        (self.home / "rabbitmq.conf").write_text("log.console.level = info\n", encoding="utf-8")

    def answers(self) -> bool:
        import amqp

        try:
            with amqp.Connection(f"127.0.0.1:{self.port}", connect_timeout=ANSWER_S, read_timeout=ANSWER_S):
                return True
        except amqp.AMQPError:
            return False


def program(name: str) -> Path:
    """A program of the system."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    if not found:
        raise Unavailable(f"no {name}: install the package of that name")
    return Path(found)
