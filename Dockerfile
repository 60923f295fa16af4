# The command line, the service and the workers in one image. See docs/deployment.md.
#   docker build --tag worldctx .
#   docker run --rm worldctx --help
# linux/amd64: elsewhere one dependency (daachorse) has no wheel, and the builder would need a compiler.

FROM python:3.12.12-slim-trixie AS builder
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN ["python", "-m", "venv", "/opt/worldctx"]
# worldctx[embed,server,rdf,parquet] at tested versions. The dependencies change less often than the code: a layer of their own.
COPY requirements/image.lock requirements/
RUN ["/opt/worldctx/bin/pip", "install", "--no-deps", "--only-binary", ":all:", "--requirement", "requirements/image.lock"]
COPY pyproject.toml README.md LICENSE ./
COPY worldctx worldctx
COPY ingest ingest
RUN ["python", "-m", "pip", "wheel", "--no-deps", "--wheel-dir", "dist", "."]
RUN ["/opt/worldctx/bin/pip", "install", "--no-deps", "--no-index", "--find-links", "dist", "worldctx"]

FROM python:3.12.12-slim-trixie
# A fixed number, so that a folder of the host can be given to it.
RUN ["useradd", "--uid", "10001", "--user-group", "--no-create-home", "--home-dir", "/data", "worldctx"]
RUN ["install", "--directory", "--owner", "10001", "--group", "10001", "--mode", "0750", "/data"]
COPY --from=builder /opt/worldctx /opt/worldctx
ENV PATH=/opt/worldctx/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ORT_DISABLE_TELEMETRY=1 \
    WORLDCTX_DATA=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 50051 9464
# Of `serve`: it asks the service where WORLDCTX_LISTEN says that it listens.
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-m", "worldctx.rpc.health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["worldctx"]
CMD ["--help"]
