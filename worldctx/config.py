"""Settings: read once at the edge (command line, service start), passed on as values."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from worldctx.model.errors import BadInput, FieldViolation


class Settings(BaseSettings):
    """All settings, with their defaults. Each may be given as `WORLDCTX_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="WORLDCTX_", extra="forbid", frozen=True)

    data: Path = Field(Path("worldctx-data"), description="Data directory of the embedded stores.")
    graph: str = Field("", description="Graph store, sqlite:///DIR or neo4j://[USER:PASSWORD@]HOST:PORT[/DATABASE]; "
                                       "empty is the data directory.")
    search: str = Field("", description="Search index, sqlite:///DIR or elasticsearch+https://[USER:PASSWORD@]HOST:PORT"
                                        "[/NAME]; empty is the data directory.")
    listen: str = Field("127.0.0.1:50051", description="Address of the gRPC service, HOST:PORT; port 0 picks one.")
    embedder: str = Field(
        "auto", description="auto, none, onnx, sentence, hashing, or a model by folder or name; see Embedders.")
    names_model: str = Field("rules", description="Who finds names that the graph lacks: rules, crf:FILE or "
                                                  "spacy:PIPELINE; see Names.")
    tokenizer: str = Field("", description="A tokenizer.json to count budgets with; empty takes the shipped model's.")
    workers: int = Field(4, ge=1, le=256, description="Threads that answer requests.")
    queue: int = Field(256, ge=1, description="Requests that may wait for a thread; more are refused at once.")
    stream_window: int = Field(256, ge=1, description="Items of one stream in the works at a time.")
    max_text_chars: int = Field(20_000_000, ge=1, description="Longest text accepted, in characters.")
    max_message_bytes: int = Field(64 * 2**20, ge=4096, description="Largest gRPC message accepted, in bytes.")
    default_deadline_s: float = Field(30.0, gt=0, description="Deadline of a unary call that brings none, in seconds.")
    drain_s: float = Field(20.0, ge=0, description="Seconds that calls in flight get at shutdown.")
    tls_cert: Path | None = Field(None, description="PEM certificate chain of the service.")
    tls_key: Path | None = Field(None, description="PEM private key of the service.")
    token: str = Field("", description="Bearer token that callers must send; empty asks for none.")
    insecure: bool = Field(False, description="Allow an address beyond loopback without TLS.")
    reflection: bool = Field(False, description="Offer gRPC server reflection.")
    broker: str = Field("", description="Broker of the workers, redis://HOST:PORT/DB or "
                                        "amqp://USER:PASSWORD@HOST:PORT/VHOST; empty takes documents in without.")
    metrics: str = Field("", description="HOST:PORT for Prometheus metrics over HTTP; empty offers none.")

    @classmethod
    def read(cls, **given: object) -> Settings:
        """Settings from the environment, overridden by what is given (None means not given).

        Raises:
            BadInput: a setting is unknown or out of range; the message names it.
        """
        try:
            return cls(**{key: value for key, value in given.items() if value is not None})  # type: ignore[arg-type]
        except ValidationError as error:
            found = tuple(FieldViolation(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors())
            shown = "; ".join(f"{one.field}: {one.description}" for one in found)
            raise BadInput(f"settings: {shown}", violations=found) from error
