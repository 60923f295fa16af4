"""Kombu's transport for Redis, mended: an acknowledgement that Redis does not hear must not cost a worker its place.

As it is, a message whose acknowledgement fails counts as under way for ever; a worker that had all of its messages in
the works when Redis went away then never asks for another, and never notices that Redis is back.
"""

from __future__ import annotations

from kombu.transport import redis, virtual


class QoS(redis.QoS):  # type: ignore[misc]  # kombu has no types
    """What is under way. A message that Redis does not know to be done comes again after its visibility timeout."""

    def ack(self, delivery_tag: str) -> None:
        """See the base class."""
        try:
            super().ack(delivery_tag)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """See the base class."""
        try:
            super().reject(delivery_tag, requeue=requeue)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise


class Channel(redis.Channel):  # type: ignore[misc]  # kombu has no types
    """See the base class."""

    QoS = QoS


class Transport(redis.Transport):  # type: ignore[misc]  # kombu has no types
    """See the base class."""

    Channel = Channel
