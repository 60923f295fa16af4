"""docker-compose.yml without an engine: every service is whole, and what it says of worldctx is true of this worldctx."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from ingest.settings import IngestSettings
from tests.deploy.conftest import ROOT, Served, is_ours
from tests.servers.servers import ELASTICSEARCH, NEO4J
from worldctx.cli import build
from worldctx.config import Settings
from worldctx.graph.neo4j import bolt
from worldctx.search import cluster

COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
PROFILES = {
    "embedded": {"embedded"},
    "full": {"worldctx", "worker", "beat", "neo4j", "elasticsearch", "rabbitmq", "prometheus", "grafana"},
}
#: ${NAME}, ${NAME:-default}, ${NAME:?message}; $$ is a dollar.
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?:(:[-?])([^}]*))?\}")
SECRETS = re.compile(r"pass(word)?|auth|token|secret|api_key", re.IGNORECASE)


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    return [text for one in value for text in texts(one)] if isinstance(value, list) else [str(value)]


def test_each_profile_has_its_services(services: dict[str, dict[str, Any]]) -> None:
    assert {name: {key for key, one in services.items() if name in one["profiles"]} for name in PROFILES} == PROFILES
    assert set(services) == set().union(*PROFILES.values())


def test_every_service_is_checked_restarted_bounded_and_pinned(services: dict[str, dict[str, Any]]) -> None:
    for name, one in services.items():
        assert {"test", "interval", "timeout", "retries", "start_period"} <= set(one["healthcheck"]), name
        assert one["restart"] == "unless-stopped", name
        assert one["deploy"]["resources"]["limits"]["memory"], name
        assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+\.\d+(-\w+)?", one["image"]), name
    assert "latest" not in COMPOSE


def test_who_needs_another_waits_until_it_is_healthy(services: dict[str, dict[str, Any]]) -> None:
    needs = {name: one.get("depends_on", {}) for name, one in services.items()}
    for name, others in needs.items():
        for other, how in others.items():
            assert how == {"condition": "service_healthy"}, name
            assert set(services[name]["profiles"]) <= set(services[other]["profiles"])
    assert set(needs["worldctx"]) == {"neo4j", "elasticsearch"}
    assert set(needs["worker"]) == set(needs["beat"]) == {"worldctx", "rabbitmq"}


def test_the_servers_are_of_the_versions_that_the_tests_run_on(services: dict[str, dict[str, Any]]) -> None:
    assert services["neo4j"]["image"] == f"neo4j:{NEO4J}-community"
    assert services["elasticsearch"]["image"].endswith(f"/elasticsearch:{ELASTICSEARCH}")


def test_ports_are_open_to_this_machine_only(services: dict[str, dict[str, Any]]) -> None:
    ports = {name: one["ports"] for name, one in services.items() if "ports" in one}
    assert all(port.startswith("127.0.0.1:") for some in ports.values() for port in some)
    assert not {"neo4j", "elasticsearch"} & set(ports)
    published = [port for name, some in ports.items() if "full" in services[name]["profiles"] for port in some]
    assert len(published) == len(set(published))


def test_no_secret_is_in_the_file_and_each_must_be_set(services: dict[str, dict[str, Any]]) -> None:
    for name, one in services.items():
        for variable, value in one.get("environment", {}).items():
            if SECRETS.search(variable) or "@" in str(value):
                assert re.search(r"\$\{\w+:\?", str(value)), (name, variable)
    required = {name: message for name, how, message in VARIABLE.findall(COMPOSE) if how == ":?"}
    assert required
    assert all(".env" in message for message in required.values())
    assert {name for name, how, _ in VARIABLE.findall(COMPOSE) if not how} == set()
    # Explained, and without a value, in the example.
    assert set(re.findall(r"^([A-Z0-9_]+)=$", EXAMPLE, re.MULTILINE)) == set(required)
    assert re.findall(r"^[A-Z0-9_]+=.+$", EXAMPLE, re.MULTILINE) == []


def test_the_example_tells_of_every_variable_with_its_default() -> None:
    defaults = {name: value for name, how, value in VARIABLE.findall(COMPOSE) if how == ":-"}
    assert dict(re.findall(r"^#([A-Z0-9_]+)=(.+)$", EXAMPLE, re.MULTILINE)) == defaults


def test_every_variable_of_worldctx_is_a_setting(services: dict[str, dict[str, Any]]) -> None:
    known = {f"WORLDCTX_{name.upper()}" for name in Settings.model_fields}
    known |= {f"WORLDCTX_INGEST_{name.upper()}" for name in IngestSettings.model_fields}
    known |= {bolt.USER, bolt.PASSWORD, *re.findall(r"WORLDCTX_ELASTIC_\w+", Path(cluster.__file__).read_text(encoding="utf-8"))}
    for name, one in services.items():
        if is_ours(one):
            assert set(one["environment"]) <= known, name


@pytest.mark.parametrize("name", ["embedded", "worldctx", "worker", "beat"])
def test_the_settings_of_worldctx_can_be_read(name: str, services: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in services[name]["environment"].items():
        monkeypatch.setenv(variable, VARIABLE.sub(lambda found: found[3] if found[2] == ":-" else "Secret1", str(value)))
    settings = Settings.read()
    if name in ("worker", "beat"):
        from ingest.app import make_app
        from worldctx.commands.brokered import ingest_settings

        given = ingest_settings(None, None)
        assert given.token == "Secret1"
        assert given.server == "worldctx:50051"
        parts = make_app(given).connection_for_write()
        assert (parts.hostname, parts.port, parts.userid, parts.password, parts.virtual_host) == ("rabbitmq", 5672, "worldctx", "Secret1", "/")
        return
    assert settings.insecure
    assert settings.token == "Secret1"
    if name == "worldctx":
        address = cluster.address_of(settings.search)
        assert (address.scheme, address.host, address.port) == ("http", "elasticsearch", 9200)
        assert cluster.authorization(address) == cluster.authorization(cluster.address_of("elasticsearch+http://elastic:Secret1@elasticsearch"))
        assert settings.graph == "neo4j://neo4j:7687"


def test_commands_of_worldctx_are_command_lines(services: dict[str, dict[str, Any]]) -> None:
    group = typer.main.get_command(build())
    for name, one in services.items():
        if is_ours(one):
            verb, *words = one["command"]
            command = group.commands[verb]  # type: ignore[attr-defined]
            command.make_context(verb, list(words))  # an unknown option or a wrong value is an error
            assert name in ("embedded", "worldctx") or verb == name


def test_names_of_containers_lead_to_services(services: dict[str, dict[str, Any]]) -> None:
    environment = [text for one in services.values() if is_ours(one) for text in texts(one["environment"])]
    hosts = {host for text in environment for host in re.findall(r"(?:@|//|^)([a-z0-9]+):\d+", text)}
    assert hosts == {"neo4j", "elasticsearch", "rabbitmq", "worldctx"}
    assert hosts <= set(services)
    assert services["neo4j"]["environment"]["NEO4J_server_default__advertised__address"] == "neo4j"


def test_volumes_are_declared_and_files_that_are_mounted_are_here(compose: dict[str, Any]) -> None:
    mounts = [one.split(":") for service in compose["services"].values() for one in service.get("volumes", [])]
    files = [Path(source) for source, *_ in mounts if source.startswith("./")]
    assert all((ROOT / path).exists() for path in files)
    assert {source for source, *_ in mounts if not source.startswith("./")} == set(compose["volumes"])


def test_the_checks_of_our_image_say_whether_the_service_is_there(services: dict[str, dict[str, Any]], served: Served) -> None:
    for name, one in services.items():
        if is_ours(one):
            kind, *words = one["healthcheck"]["test"]
            assert kind == "CMD"
            host, port = words[-1].rsplit(":", 1)
            assert port == "50051"
            assert host == ("127.0.0.1" if one["command"] == ["serve"] else "worldctx"), name
            done = served.ask(*words[:-1], f"127.0.0.1:{served.port}")
            assert (done.returncode, done.stderr) == (0, "")
            done = served.ask(*words[:-1], "127.0.0.1:1")
            assert done.returncode == 1


def test_the_service_of_the_profile_embedded_wants_its_token(served: Served) -> None:
    words = ["python", "-m", "worldctx", "stats", "--json", "--server", f"127.0.0.1:{served.port}"]
    assert served.ask(*words).returncode == 0
    without = Served(served.port, served.metrics_port, "", served.process)
    assert "bearer token" in without.ask(*words).stderr


def test_passwords_are_made_once_and_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = importlib.util.spec_from_file_location("passwords", ROOT / "deploy" / "passwords.py")
    assert spec is not None
    assert spec.loader is not None
    passwords = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(passwords)
    (tmp_path / ".env.example").write_text(EXAMPLE, encoding="utf-8")
    assert passwords.main(tmp_path) == 0
    written = (tmp_path / ".env").read_text(encoding="utf-8")
    made = dict(re.findall(r"^([A-Z0-9_]+)=(.*)$", written, re.MULTILINE))
    assert set(made) == set(re.findall(r"^([A-Z0-9_]+)=$", EXAMPLE, re.MULTILINE))
    assert len(set(made.values())) == len(made)
    assert all(re.fullmatch(r"[0-9a-f]{32}", value) for value in made.values())
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert passwords.main(tmp_path) == 1
    assert (tmp_path / ".env").read_text(encoding="utf-8") == written
    assert all(value not in shown for value in made.values() for shown in capsys.readouterr())


def test_the_image_has_what_its_extras_ask_for_at_tested_versions_and_no_torch() -> None:
    from packaging.requirements import Requirement

    def pins(name: str) -> dict[str, str]:
        return dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "requirements" / name).read_text(encoding="utf-8"), re.MULTILINE))

    image, tested = pins("image.lock"), pins("dev.lock")
    assert {name: tested.get(name) for name in image} == image
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for text in [*project["dependencies"], *extras["embed"], *extras["server"], *extras["workers"], *extras["rdf"], *extras["parquet"]]:
        needed = Requirement(text)
        assert needed.name == "worldctx" or needed.specifier.contains(image[needed.name.lower()]), text
    assert not {"torch", "sentence-transformers", "pytest"} & set(image)


def test_the_image_runs_the_service_as_nobody_in_particular() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    last = text[text.rindex("\nFROM "):]
    images = set(re.findall(r"^FROM (\S+)", text, re.MULTILINE))
    assert len(images) == 1
    assert re.fullmatch(r"python:3\.12\.\d+-slim-\w+", images.pop())
    for line in ("USER 10001:10001", "VOLUME /data", 'ENTRYPOINT ["worldctx"]', '    CMD ["python", "-m", "worldctx.rpc.health"]'):
        assert f"{line}\n" in last
    copied = {word for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE) for word in line.split()[:-1]}
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    assert copied == set(re.findall(r"^!(.+)$", ignore, re.MULTILINE))
    assert all((ROOT / one).exists() for one in copied)
