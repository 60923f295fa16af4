"""The tables of the SQLite graph, as the list of steps that made them what they are.

Texts that repeat (ids, predicates, methods, language tags) stand once in `terms`, dates once in `moments`; rows name
them by number. Rows are only ever added; `withdrawn` is the one column that is set later, once.
An open side of an interval is NULL, and so is everything that was not said.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from worldctx.model.errors import IncompatibleData
from worldctx.ports.failpoint import failpoint

#: "wctx", in the header of every file that we write (PRAGMA application_id).
APPLICATION_ID = 0x77637478

#: What a commit counts; the columns of `commits`, running totals as of that revision.
TOTALS = ("entities", "names", "facts", "sources", "documents", "passages", "mentions", "judgements")
#: The attributes of an entity, in the order of their columns.
ENTITY_ATTRIBUTES = ("kind", "lat", "lon", "within", "description", "weight")

_FIRST = (
    "CREATE TABLE terms (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)",
    """CREATE TABLE moments (id INTEGER PRIMARY KEY, edtf TEXT NOT NULL, lo INTEGER NOT NULL, hi INTEGER NOT NULL,
        UNIQUE (edtf, lo, hi))""",
    f"""CREATE TABLE commits (revision INTEGER PRIMARY KEY, {", ".join(f"{name} INTEGER NOT NULL" for name in TOTALS)},
        links INTEGER NOT NULL)""",
    # Each line about a source or an entity that changed anything is a row with all attributes as they stood after it.
    """CREATE TABLE sources (row INTEGER PRIMARY KEY, id INTEGER NOT NULL REFERENCES terms, title TEXT NOT NULL,
        url TEXT NOT NULL, publisher INTEGER REFERENCES terms, published INTEGER REFERENCES moments, host TEXT NOT NULL,
        country TEXT NOT NULL, sector TEXT NOT NULL, reliability TEXT NOT NULL,
        recorded INTEGER NOT NULL REFERENCES commits)""",
    "CREATE INDEX sources_id ON sources (id)",
    """CREATE TABLE entities (row INTEGER PRIMARY KEY, id INTEGER NOT NULL REFERENCES terms, kind TEXT NOT NULL,
        lat REAL, lon REAL, within INTEGER REFERENCES terms, description TEXT NOT NULL, weight REAL,
        recorded INTEGER NOT NULL REFERENCES commits)""",
    "CREATE INDEX entities_id ON entities (id)",
    """CREATE TABLE names (row INTEGER PRIMARY KEY, entity INTEGER NOT NULL REFERENCES terms, text TEXT NOT NULL,
        lang TEXT NOT NULL, start INTEGER REFERENCES moments, "end" INTEGER REFERENCES moments,
        preferred INTEGER NOT NULL, folded TEXT NOT NULL,
        recorded INTEGER NOT NULL REFERENCES commits)""",
    "CREATE INDEX names_entity ON names (entity)",
    "CREATE INDEX names_folded ON names (folded, entity)",
    """CREATE TABLE same_as (row INTEGER PRIMARY KEY, entity INTEGER NOT NULL REFERENCES terms,
        external INTEGER NOT NULL REFERENCES terms,
        recorded INTEGER NOT NULL REFERENCES commits, UNIQUE (entity, external))""",
    "CREATE INDEX same_as_external ON same_as (external)",
    # `low` and `high` are the pair in the order of their texts; `same` is NULL for unsure.
    """CREATE TABLE judgements (row INTEGER PRIMARY KEY, low INTEGER NOT NULL REFERENCES terms,
        high INTEGER NOT NULL REFERENCES terms, same INTEGER, "by" TEXT NOT NULL, at INTEGER REFERENCES moments,
        recorded INTEGER NOT NULL REFERENCES commits)""",
    "CREATE INDEX judgements_low ON judgements (low, high)",
    "CREATE INDEX judgements_high ON judgements (high)",
    # The bounds stand beside the dates' numbers so that the clocks filter without a look-up. NULL bounds: see `rows`.
    """CREATE TABLE facts (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, subject INTEGER NOT NULL REFERENCES terms,
        predicate INTEGER NOT NULL REFERENCES terms, object INTEGER REFERENCES terms, begins INTEGER,
        valid_lo INTEGER, valid_hi INTEGER, known_hi INTEGER, end_known_hi INTEGER, basis INTEGER NOT NULL,
        recorded INTEGER NOT NULL REFERENCES commits,
        withdrawn INTEGER REFERENCES commits,
        start INTEGER REFERENCES moments, "end" INTEGER REFERENCES moments, since INTEGER REFERENCES moments,
        end_since INTEGER REFERENCES moments, source INTEGER REFERENCES terms, method INTEGER NOT NULL REFERENCES terms,
        confidence REAL NOT NULL, document INTEGER REFERENCES terms, span_start INTEGER, span_end INTEGER,
        value TEXT, datatype INTEGER REFERENCES terms, unit INTEGER REFERENCES terms, lang INTEGER REFERENCES terms,
        quote TEXT, record TEXT)""",
    "CREATE INDEX facts_subject ON facts (subject, id, predicate)",
    "CREATE INDEX facts_object ON facts (object, id, predicate) WHERE object IS NOT NULL",
    "CREATE INDEX facts_begins ON facts (subject) WHERE begins IS NOT NULL",
    "CREATE INDEX facts_source ON facts (source) WHERE source IS NOT NULL",
    "CREATE INDEX facts_document ON facts (document) WHERE document IS NOT NULL",
    """CREATE TABLE documents (row INTEGER PRIMARY KEY, id INTEGER NOT NULL REFERENCES terms,
        content_hash TEXT NOT NULL UNIQUE, recorded INTEGER NOT NULL REFERENCES commits,
        withdrawn INTEGER REFERENCES commits, url TEXT NOT NULL, title TEXT NOT NULL,
        author TEXT NOT NULL, publisher TEXT NOT NULL, published INTEGER REFERENCES moments,
        modified INTEGER REFERENCES moments, language TEXT NOT NULL, place TEXT NOT NULL, section TEXT NOT NULL,
        extra TEXT NOT NULL, text TEXT NOT NULL)""",
    "CREATE INDEX documents_id ON documents (id)",
    "CREATE INDEX documents_recorded ON documents (recorded)",
    "CREATE INDEX documents_withdrawn ON documents (withdrawn) WHERE withdrawn IS NOT NULL",
    """CREATE TABLE passages (document INTEGER NOT NULL REFERENCES documents, ordinal INTEGER NOT NULL,
        id TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY (document, ordinal))""",
    "CREATE INDEX passages_id ON passages (id)",
    """CREATE TABLE mentions (document INTEGER NOT NULL REFERENCES documents, ordinal INTEGER NOT NULL,
        start INTEGER NOT NULL, "end" INTEGER NOT NULL, surface TEXT NOT NULL, candidates TEXT NOT NULL,
        PRIMARY KEY (document, ordinal)) WITHOUT ROWID""",
    """CREATE TABLE withdrawals (row INTEGER PRIMARY KEY, kind TEXT NOT NULL, target TEXT NOT NULL,
        reason TEXT NOT NULL, recorded INTEGER NOT NULL REFERENCES commits)""",
    # Not part of any revision: what became of each input record, by content hash.
    """CREATE TABLE ledger (key TEXT PRIMARY KEY, status TEXT NOT NULL, attempts INTEGER NOT NULL, reason TEXT NOT NULL,
        revision INTEGER NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX ledger_parked ON ledger (key) WHERE status = 'parked'",
)

#: What the columns in memory follow: the facts that were withdrawn after a revision.
_SECOND = ("CREATE INDEX facts_withdrawn ON facts (withdrawn) WHERE withdrawn IS NOT NULL",)

#: Input records are kept, with their payloads, until they are done. `touched` is in seconds since 1970, by our clock.
_THIRD = (
    "ALTER TABLE ledger ADD COLUMN kind TEXT",
    "ALTER TABLE ledger ADD COLUMN touched REAL NOT NULL DEFAULT 0",
    "CREATE TABLE payloads (key TEXT PRIMARY KEY, payload BLOB NOT NULL)",
    "CREATE INDEX ledger_waiting ON ledger (touched, key) WHERE status IN ('queued', 'failed')",
)

#: How far imports have come that are not finished; in no revision.
_FOURTH = ("CREATE TABLE marks (name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID",)

#: Who told each line. Every telling of a name or an external id is a row of its own, so that one source can be taken
#: out and leaves what others told; `again` marks those after the first. `given` has a bit for each attribute of an
#: entity that its line gave, in the order of ENTITY_ATTRIBUTES; NULL, in rows of earlier versions, for all that it has.
_FIFTH = (
    "ALTER TABLE entities ADD COLUMN source INTEGER REFERENCES terms",
    "ALTER TABLE entities ADD COLUMN given INTEGER",
    "ALTER TABLE names ADD COLUMN source INTEGER REFERENCES terms",
    "ALTER TABLE names ADD COLUMN again INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE judgements ADD COLUMN source INTEGER REFERENCES terms",
    """CREATE TABLE told_same_as (row INTEGER PRIMARY KEY, entity INTEGER NOT NULL REFERENCES terms,
        external INTEGER NOT NULL REFERENCES terms, recorded INTEGER NOT NULL REFERENCES commits,
        source INTEGER REFERENCES terms)""",
    "INSERT INTO told_same_as SELECT row, entity, external, recorded, NULL FROM same_as",
    "DROP TABLE same_as",
    "ALTER TABLE told_same_as RENAME TO same_as",
    "CREATE UNIQUE INDEX same_as_told ON same_as (entity, external, coalesce(source, 0))",
    "CREATE INDEX same_as_external ON same_as (external)",
)

#: The commits that erased something, whether no byte of it is left, and the documents that indexes may still hold.
_SIXTH = (
    "CREATE TABLE erasures (revision INTEGER PRIMARY KEY REFERENCES commits, settled INTEGER NOT NULL)",
    "CREATE TABLE erased (document TEXT PRIMARY KEY, revision INTEGER NOT NULL)",
)

#: Step n brings a file from version n - 1 to n (PRAGMA user_version). Steps are only ever added, never changed.
STEPS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH, _SIXTH)


def version_of(connection: sqlite3.Connection) -> int:
    """The schema version of an open file; 0 for one without anything in it.

    Raises:
        IncompatibleData: another program's database.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == APPLICATION_ID:
        return int(version)
    if application == 0 and version == 0 and tables == 0:
        return 0
    raise IncompatibleData("graph.db was written by another program; choose an empty directory for the data")


def check_version(version: int, known: int = len(STEPS)) -> None:
    """Refuse what a later release wrote.

    Raises:
        IncompatibleData
    """
    if version > known:
        raise IncompatibleData(f"graph.db has schema version {version}, and this worldctx knows versions up to "
                               f"{known}; install the worldctx that wrote it, or a later one")


def migrate(connection: sqlite3.Connection, steps: Sequence[Sequence[str]] = STEPS) -> int:
    """Bring the file to the newest version, each step in a transaction of its own, so that a kill loses one at most.

    Returns:
        How many steps were taken.

    Raises:
        IncompatibleData: another program's database, or a later release's.
    """
    before = version_of(connection)
    check_version(before, len(steps))
    # A new file is made in one: others may look at it meanwhile, and are never to see one of an earlier version.
    for number in range(before + 1 if before else len(steps), len(steps) + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for step in steps[number - 1:number] if before else steps:
                for statement in step:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number}")
            failpoint("graph.migrate.before_commit")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return len(steps) - before
