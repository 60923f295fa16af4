"""Prometheus asks where worldctx answers, and no panel or alert names a figure that nobody gives."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from tests.deploy.conftest import ROOT, Served
from worldctx.client.client import connect_blocking
from worldctx.model.ask import Ask
from worldctx.rpc import calls

#: Of others: RabbitMQ's plugin rabbitmq_prometheus, and Prometheus itself.
OTHERS = {"up", "rabbitmq_queue_messages_ready", "rabbitmq_queue_messages_unacked"}
PROMETHEUS = yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text(encoding="utf-8"))
DASHBOARD: dict[str, Any] = json.loads((ROOT / "deploy" / "grafana" / "dashboards" / "worldctx.json").read_text(encoding="utf-8"))
ALERTS = [rule for group in yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]] + [rule["expr"] for rule in ALERTS]
FIGURE = re.compile(r"\b((?:worldctx|rabbitmq)_\w+|up)\b")


@pytest.fixture(scope="module")
def scraped(served: Served) -> str:
    """Figures of a service that has answered a call of each kind."""
    with connect_blocking(f"127.0.0.1:{served.port}", token=served.token) as client:
        client.look_up(Ask("Who is the President of Chile?"))
        assert [ack.error for ack in client.ingest([("a:1", b'{"id":"a:1","text":"The President of Chile spoke."}')])]
    return served.scraped()


def test_every_figure_of_a_panel_or_an_alert_is_one_that_the_service_gives(scraped: str) -> None:
    given = set(re.findall(r"^([a-z_]+)(?:\{| )", scraped, re.MULTILINE))
    named = {name for query in QUERIES for name in FIGURE.findall(query)}
    assert {"worldctx_index_lag", "worldctx_shed_total", "worldctx_call_seconds_bucket"} <= named
    assert named - OTHERS <= given


def test_labels_in_queries_are_those_of_the_figures(scraped: str) -> None:
    given: dict[str, set[str]] = {}
    for name, labels in re.findall(r"^([a-z_]+)\{(.*)\}", scraped, re.MULTILINE):
        given.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    for query in QUERIES:
        for name, labels in re.findall(r"(worldctx_\w+)\{([^}]*)\}", query):
            assert set(re.findall(r"(\w+)(?:=~|!~|!=|=)", labels)) <= given[name], query
    methods = {one.name for one in vars(calls).values() if isinstance(one, calls.Call)}
    asked = {name for query in QUERIES for names in re.findall(r'method=~?"([^"]*)"', query) for name in names.split("|")}
    assert asked
    assert asked <= methods


def test_prometheus_scrapes_where_the_metrics_are(services: dict[str, dict[str, Any]]) -> None:
    targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in PROMETHEUS["scrape_configs"]}
    port = services["worldctx"]["environment"]["WORLDCTX_METRICS"].rpartition(":")[2]
    assert targets["worldctx"] == [f"worldctx:{port}"]
    assert targets["rabbitmq"] == ["rabbitmq:15692"]
    assert {job for query in QUERIES for job in re.findall(r'job="(\w+)"', query)} <= set(targets)
    assert f"EXPOSE 50051 {port}\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_files_are_mounted_where_they_are_looked_for(services: dict[str, dict[str, Any]]) -> None:
    mounts = {source: target for name in ("prometheus", "grafana") for source, target, *_ in (one.split(":") for one in services[name]["volumes"])}
    config = mounts["./deploy/prometheus.yml"]
    assert f"--config.file={config}" in services["prometheus"]["command"]
    assert [config.replace("prometheus.yml", one) for one in PROMETHEUS["rule_files"]] == [mounts["./deploy/alerts.yml"]]
    provider = yaml.safe_load((ROOT / "deploy/grafana/provisioning/dashboards/worldctx.yml").read_text(encoding="utf-8"))["providers"][0]
    assert provider["options"]["path"] == mounts["./deploy/grafana/dashboards"]
    assert services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == f"{provider['options']['path']}/worldctx.json"


def test_panels_ask_the_source_that_is_provisioned(services: dict[str, dict[str, Any]]) -> None:
    (source,) = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8"))["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert "prometheus" in services
    asked = {target["datasource"]["uid"] for panel in DASHBOARD["panels"] for target in panel["targets"]}
    assert asked == {source["uid"]}
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_panels_and_alerts_are_told_in_the_docs() -> None:
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    assert [panel["title"] for panel in DASHBOARD["panels"] if f"| {panel['title']} |" not in text] == []
    assert [rule["alert"] for rule in ALERTS if f"`{rule['alert']}`" not in text] == []
    assert all(panel["description"] for panel in DASHBOARD["panels"])
    assert all(rule["annotations"]["summary"] for rule in ALERTS)
