"""Java, and the jars of Neo4j and Elasticsearch: fetched once by Maven into a cache outside the repository."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import Unavailable

HERE = Path(__file__).parent
FETCH = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
FETCH_S = 600  #: some 160 MB at a slow line's speed
JVM = Path("/usr/lib/jvm")
FOLDERS = {17: ("java-17*", "openjdk-17*", "temurin-17*"), 25: ("temurin-25*", "java-25*", "openjdk-25*")}


def java(version: int) -> Path:
    """The java of this JDK: JAVA_HOME_17 or JAVA_HOME_25, else the system's folder for JDKs, else the one on PATH."""
    named = os.environ.get(f"JAVA_HOME_{version}")
    homes = [Path(named)] if named else []
    homes += [home for pattern in FOLDERS[version] for home in sorted(JVM.glob(pattern))]
    for home in homes:
        if os.access(found := home / "bin" / "java", os.X_OK):
            return found
    if (on_path := shutil.which("java")) and version_of(on_path) == version:
        return Path(on_path)
    raise Unavailable(f"no JDK {version}: set JAVA_HOME_{version}")


def version_of(java: str) -> int:
    """The feature release of a java command."""
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


def cache() -> Path:
    """Where jars stay between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "worldctx-servers"


def jars(name: str, version: str) -> Path:
    """A folder with the server's jars in `lib`; its parts are in place as soon as the folder is."""
    folder = cache() / f"{name}-{version}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_name(folder.name + ".lock")):
        if not folder.is_dir():
            fetch(name, version, folder)
    return folder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time; the lock goes with the process that holds it."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fetch(name: str, version: str, folder: Path) -> None:
    """Have Maven copy the jars into a folder beside the right one, then rename it."""
    maven = shutil.which("mvn")
    if not maven:
        raise Unavailable(f"no jars of {name} {version} in {folder.parent}, and no mvn to fetch them")
    with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as temporary:
        made = Path(temporary) / "made"
        pom = HERE / name / "pom.xml"
        wanted = [f"-Dserver.version={version}", f"-DoutputDirectory={made / 'lib'}"]
        try:
            done = subprocess.run([maven, "-B", "-q", "-f", str(pom), FETCH, *wanted], capture_output=True, text=True, timeout=FETCH_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"the jars of {name} {version} did not come within {FETCH_S} s") from error
        if done.returncode:
            raise Unavailable(f"no jars of {name} {version}: {(done.stdout + done.stderr).strip()[:2000]}")
        if name == "elasticsearch":
            make_module(made, version)
        made.rename(folder)


def make_module(folder: Path, version: str) -> None:
    """Elasticsearch loads its transport as a module of its own folder, with a class loader of its own."""
    module = folder / "modules" / "transport-netty4"
    module.mkdir(parents=True)
    for pattern in ("netty-*.jar", "transport-netty4-*.jar"):
        for jar in (folder / "lib").glob(pattern):
            jar.rename(module / jar.name)
    (module / "plugin-descriptor.properties").write_text(
        f"""\
name=transport-netty4
description=HTTP and transport on netty
version={version}
elasticsearch.version={version}
java.version=17
classname=org.elasticsearch.transport.netty4.Netty4Plugin
modulename=org.elasticsearch.transport.netty4
extended.plugins=
has.native.controller=false
""",
        encoding="utf-8",
    )
