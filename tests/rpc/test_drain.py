"""SIGTERM: calls in flight are finished, new ones are sent elsewhere, and the data is closed in order."""

from __future__ import annotations

import asyncio
import os
import signal

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.rpc.conftest import write
from worldctx.client.client import connect
from worldctx.model.errors import StoreUnavailable
from worldctx.rpc.server import serve
from worldctx.wire.v1 import context_pb2
from worldctx.wiring import Running


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_call_in_flight_is_finished_and_a_new_one_refused(small: Running, number: signal.Signals) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[str] = loop.create_future()
    service = asyncio.create_task(serve(small, small.settings, ready.set_result))
    address = await ready
    async with connect(address) as client, connect(address) as other, grpc.aio.insecure_channel(address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        watch = health.Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        with small.follower.resting():
            token = write(small, "a")
            in_flight = asyncio.create_task(client.look_up(context_pb2.LookUpRequest(text="Zanzibar", revision=token)))
            await asyncio.sleep(0.2)
            os.kill(os.getpid(), number)
            assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
            with pytest.raises(StoreUnavailable):
                await other.stats()
            assert not in_flight.done()
            assert not service.done()
        assert (await in_flight).revision == token
    await asyncio.wait_for(service, 30)


async def test_a_call_that_takes_longer_than_the_drain_is_ended(small: Running) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[str] = loop.create_future()
    service = asyncio.create_task(serve(small, small.settings.model_copy(update={"drain_s": 0.2}), ready.set_result))
    async with connect(await ready) as client:
        with small.follower.resting():
            token = write(small, "a")
            in_flight = asyncio.create_task(client.look_up(context_pb2.LookUpRequest(text="Zanzibar", revision=token)))
            await asyncio.sleep(0.2)
            os.kill(os.getpid(), signal.SIGTERM)
            with pytest.raises(StoreUnavailable):
                await in_flight
            await asyncio.wait_for(service, 30)


async def test_a_service_whose_line_nobody_reads_closes_in_order(small: Running) -> None:
    def nobody(address: str) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        await serve(small, small.settings, nobody)
    assert small.world.graph.head() == 0
