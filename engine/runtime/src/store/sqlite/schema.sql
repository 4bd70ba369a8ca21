-- The layout of a store, version 2. Bodies are JSON text, instants are milliseconds since 1970 (UTC).

-- What happened: one row per group commit, one line of JSON per record (see journal.rs).
CREATE TABLE journal (
    seq  INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    body BLOB NOT NULL
);

-- Interactions as they are. `groups` lists the journal rows that speak of one ("12,15,"), `version` is the one that
-- wrote the row last. Rows of live ones may be older than the journal (see `settled`). `due` is in one index only and that one is partial: most rows of a long history have none.
CREATE TABLE interactions (
    id         INTEGER PRIMARY KEY,
    tenant     TEXT NOT NULL,
    touchpoint TEXT NOT NULL,
    address    TEXT NOT NULL,
    live       INTEGER NOT NULL,
    due        INTEGER,
    version    INTEGER NOT NULL,
    groups     TEXT NOT NULL,
    body       TEXT NOT NULL
);
CREATE INDEX interactions_due ON interactions (due, id) WHERE due IS NOT NULL;
CREATE INDEX interactions_contact ON interactions (tenant, touchpoint, address, id);
CREATE INDEX interactions_live ON interactions (tenant, live, id);

-- One row: every group up to this one is in the rows of interactions. Those after it may be in the journal only.
CREATE TABLE settled (upto INTEGER NOT NULL);
INSERT INTO settled (upto) VALUES (0);

-- Claims on agents, from queue to closed record.
CREATE TABLE works (
    interaction INTEGER PRIMARY KEY REFERENCES interactions (id) DEFERRABLE INITIALLY DEFERRED,
    tenant      TEXT NOT NULL,
    state       TEXT NOT NULL,
    agent       TEXT,
    body        TEXT NOT NULL
);

-- Agents who were ever present.
CREATE TABLE agents (
    tenant TEXT NOT NULL,
    agent  TEXT NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (tenant, agent)
) WITHOUT ROWID;

-- Settings, flows, keys, audit: what people write.
CREATE TABLE documents (
    tenant     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    id         TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    by         TEXT NOT NULL,
    body       TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, id)
);
-- First answers to repeated requests are the only documents that are kept for a time.
CREATE INDEX documents_idempotency ON documents (updated_at) WHERE kind = 'idempotency';

-- Messages for contacts that no answer carried, until their touchpoint acknowledges them.
CREATE TABLE outbox (
    position   INTEGER PRIMARY KEY,
    tenant     TEXT NOT NULL,
    touchpoint TEXT NOT NULL,
    effect     TEXT NOT NULL UNIQUE,
    at         INTEGER NOT NULL,
    body       TEXT NOT NULL
);
CREATE INDEX outbox_touchpoint ON outbox (tenant, touchpoint, position);
