"""`python -m worldctx.rpc.health [HOST:PORT]`: asks a service for its health; exit code 0 where it takes calls.

For health checks of containers and the like. No token is asked for, and no store is touched.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from worldctx.config import Settings
from worldctx.model.errors import BadInput, StoreUnavailable, WorldctxError
from worldctx.rpc.telemetry import host_and_port

#: Seconds that a service has to answer: one that is healthy takes milliseconds, also when all its threads are busy.
PATIENCE_S = 4.0
#: Where a service that listens on all addresses is reached from its own machine.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - an address to ask, not one to listen on
TLS = "https://"


def check(address: str) -> str:
    """What a service says of itself.

    Args:
        address: HOST:PORT, or https://HOST:PORT.

    Raises:
        StoreUnavailable: it does not answer in time.
        BadInput: it is no address.
    """
    bare = address.removeprefix(TLS)
    host_and_port(bare, "address")
    channel = (grpc.secure_channel(bare, grpc.ssl_channel_credentials()) if address.startswith(TLS)
               else grpc.insecure_channel(bare))
    with channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=PATIENCE_S)
        except grpc.RpcError as error:
            said = code().name if (code := getattr(error, "code", None)) else str(error)
            raise StoreUnavailable(f"{address} does not answer: {said}") from error
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


def own_address(listen: str) -> str:
    """Where a service that listens there is asked on its own machine."""
    host, _, port = listen.rpartition(":")
    return f"{EVERYWHERE.get(host, host)}:{port}"


def main(words: Sequence[str]) -> int:
    """Say in one line how a service is; the exit code.

    Args:
        words: HOST:PORT or https://HOST:PORT; without it the service of WORLDCTX_LISTEN on this machine is asked.
    """
    try:
        if len(words) > 1:
            raise BadInput("usage: python -m worldctx.rpc.health [HOST:PORT | https://HOST:PORT]")
        address = words[0] if words else own_address(Settings.read().listen)
        said = check(address)
    except WorldctxError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    sys.stdout.write(f"{address} {said}\n")
    return 0 if said == "SERVING" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
