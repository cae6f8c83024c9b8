"""The tables behind the store."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS resource (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS resource_by_type ON resource (type, id);
CREATE TABLE IF NOT EXISTS version (
    id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS term (
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (type, name, value, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS term_by_resource ON term (id, name, value);
CREATE TABLE IF NOT EXISTS stored_grant (digest TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS told (what TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
"""

FORGOTTEN = ("resource", "version", "term", "told")
"""What the control empties; grants stay, since they belong to the client."""
