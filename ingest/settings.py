"""Settings of workers and beat: read once at the edge, passed on as values."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from worldctx.model.errors import BadInput


class IngestSettings(BaseSettings):
    """Each may be given as `WORLDCTX_INGEST_<NAME>` in the environment; broker and token as `WORLDCTX_<NAME>`, too."""

    model_config = SettingsConfigDict(env_prefix="WORLDCTX_INGEST_", extra="forbid", frozen=True)

    broker: str = Field("", description="Broker, redis://HOST:PORT/DB or amqp://USER:PASSWORD@HOST:PORT/VHOST.")
    server: str = Field("", description="HOST:PORT of the service, or https://HOST:PORT.")
    token: str = Field("", description="Bearer token of the service.")
    prefix: str = Field("worldctx", description="Begins the names of our queues.")
    time_limit_s: int = Field(300, ge=1, description="Seconds that a worker may take for one record.")
    patience_s: float = Field(120.0, ge=0, description="Seconds that a task waits for a service that is away, before "
                                                      "it gives its message back to the broker.")
    retry_s: float = Field(5.0, ge=0, description="Seconds until a record that failed is tried again; four times as "
                                                  "long for the third time.")
    sweep_s: float = Field(60.0, gt=0, description="How often the sweeper looks for records that wait too long.")
    overdue_s: float = Field(600.0, ge=0, description="Seconds after which a record that nobody touched is sent again.")
    feeds: Path | None = Field(None, description="TOML file of the feeds and folders to read.")

    @classmethod
    def read(cls, **given: object) -> IngestSettings:
        """Settings from the environment, overridden by what is given (None means not given).

        Raises:
            BadInput: a setting is wrong; the message names it.
        """
        try:
            return cls(**{key: value for key, value in given.items() if value is not None})  # type: ignore[arg-type]
        except ValidationError as error:
            shown = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise BadInput(f"settings of ingest: {shown}") from error

    @property
    def hard_limit_s(self) -> int:
        """Seconds after which a task that did not end at its limit is killed."""
        return self.time_limit_s + max(1, self.time_limit_s // 10)

    @property
    def lease_s(self) -> int:
        """Seconds for which a record is one worker's alone: longer than its process can live with it."""
        return self.hard_limit_s + max(1, self.time_limit_s // 10)
