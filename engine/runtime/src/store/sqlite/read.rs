//! Reading. Every call is one statement, so it sees one state of the database; late rows are laid over what it finds.

use routewright_engine::{InteractionId, TenantId, Timestamp, TouchpointId, contact::ContactKey};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::{
    columns::{damaged, instant, int, interaction_id, parsed, state_name, uint, work_state},
    failed,
    lag::SharedLag,
};
use crate::{
    documents::{DocumentKind, StoredDocument},
    error::StoreError,
    store::{AgentRow, InteractionRow, JournalRow, OutboxRow, Reader, StoredInteraction, WorkRow},
    views::{InteractionFilter, InteractionState},
};

/// A connection that only reads.
pub(super) struct SqliteReader {
    connection: Connection,
    lag: SharedLag,
}

impl SqliteReader {
    pub(super) fn new(connection: Connection, lag: SharedLag) -> Self {
        Self { connection, lag }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let run = || self.connection.prepare_cached(sql)?.query_row(params, read).optional();
        run().map_err(failed("be read"))
    }

    fn many<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let run = || self.connection.prepare_cached(sql)?.query_map(params, read)?.collect::<Result<Vec<_>, _>>();
        run().map_err(failed("be read"))
    }
}

impl Reader for SqliteReader {
    fn last_group(&mut self) -> Result<Option<(u64, Timestamp)>, StoreError> {
        self.one("SELECT seq, at FROM journal ORDER BY seq DESC LIMIT 1", [], |row| {
            Ok((uint(row, 0)?, instant(row, 1)?))
        })
    }

    fn group(&mut self, seq: u64) -> Result<Option<JournalRow>, StoreError> {
        self.one("SELECT seq, at, body FROM journal WHERE seq = ?1", [int(seq)], journal_row)
    }

    fn journal(&mut self, after: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError> {
        let sql = "SELECT seq, at, body FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        self.many(sql, params![int(after), limit], journal_row)
    }

    fn interaction(&mut self, id: InteractionId) -> Result<Option<StoredInteraction>, StoreError> {
        let sql =
            "SELECT id, tenant, touchpoint, address, live, due, version, groups, body FROM interactions WHERE id = ?1";
        let lag = self.lag.now();
        let mut found = self.one(sql, [int(id.0)], stored_interaction)?;
        found.iter_mut().for_each(|stored| lag.renew(stored));
        Ok(found)
    }

    fn latest(&mut self, key: &ContactKey) -> Result<Option<InteractionId>, StoreError> {
        let sql = "SELECT id FROM interactions WHERE tenant = ?1 AND touchpoint = ?2 AND address = ?3 ORDER BY id DESC LIMIT 1";
        let params = params![key.tenant.as_str(), key.touchpoint.as_str(), &*key.address];
        self.one(sql, params, |row| interaction_id(row, 0))
    }

    fn interactions(
        &mut self,
        tenant: &TenantId,
        filter: &InteractionFilter,
        before: Option<InteractionId>,
        limit: u32,
    ) -> Result<Vec<(StoredInteraction, Option<WorkRow>)>, StoreError> {
        let (live, work) = match filter.state {
            None => (None, None),
            Some(InteractionState::Live) => (Some(true), None),
            Some(InteractionState::Ended) => (Some(false), None),
            Some(
                state @ (InteractionState::Waiting
                | InteractionState::Offered
                | InteractionState::Active
                | InteractionState::WrapUp),
            ) => (None, Some(state_name(state))),
        };
        // Who has work is on the floor, which is small: those lists begin from the works.
        let from = if work.is_some() || filter.agent.is_some() {
            "works w CROSS JOIN interactions i ON i.id = w.interaction"
        } else {
            "interactions i LEFT JOIN works w ON w.interaction = i.id"
        };
        let sql = format!(
            "SELECT i.id, i.tenant, i.touchpoint, i.address, i.live, i.due, i.version, i.groups, i.body,
                    w.interaction, w.tenant, w.state, w.agent, w.body
             FROM {from}
             WHERE i.tenant = ?1 AND i.id < ?2
               AND (?3 IS NULL OR i.live = ?3) AND (?4 IS NULL OR w.state = ?4)
               AND (?5 IS NULL OR i.touchpoint = ?5) AND (?6 IS NULL OR w.agent = ?6)
             ORDER BY i.id DESC LIMIT ?7"
        );
        let params = params![
            tenant.as_str(),
            before.map_or(i64::MAX, |id| int(id.0)),
            live,
            work,
            filter.touchpoint.as_ref().map(TouchpointId::as_str),
            filter.agent.as_ref().map(routewright_engine::AgentId::as_str),
            limit,
        ];
        // What lists choose by and are sorted by is never late.
        let lag = self.lag.now();
        let mut found = self.many(&sql, params, |row| {
            let has_work = row.get_ref(9)? != rusqlite::types::ValueRef::Null;
            Ok((stored_interaction(row)?, if has_work { Some(work_row(row, 9)?) } else { None }))
        })?;
        found.iter_mut().for_each(|(stored, _)| lag.renew(stored));
        Ok(found)
    }

    fn scan_interactions(
        &mut self,
        after: Option<InteractionId>,
        limit: u32,
    ) -> Result<Vec<StoredInteraction>, StoreError> {
        let sql = "SELECT id, tenant, touchpoint, address, live, due, version, groups, body FROM interactions
                   WHERE id > ?1 ORDER BY id LIMIT ?2";
        let lag = self.lag.now();
        let mut found = self.many(sql, params![after.map_or(-1, |id| int(id.0)), limit], stored_interaction)?;
        found.iter_mut().for_each(|stored| lag.renew(stored));
        Ok(found)
    }

    fn due(
        &mut self,
        after: (Timestamp, InteractionId),
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<(Timestamp, InteractionId)>, StoreError> {
        let sql = "SELECT due, id FROM interactions WHERE due IS NOT NULL AND (due, id) > (?1, ?2) AND due <= ?3
                   ORDER BY due, id LIMIT ?4";
        let lag = self.lag.now();
        let wanted = limit as usize;
        let (mut found, mut after) = (Vec::new(), after);
        loop {
            let params = params![after.0.0, int(after.1.0), until.0, limit];
            let page = self.many(sql, params, |row| Ok((instant(row, 0)?, interaction_id(row, 1)?)))?;
            // Late deadlines belong between the database's as far as those were read.
            let is_last = page.len() < wanted;
            let upto = if is_last { (until, InteractionId(u64::MAX)) } else { page[wanted - 1] };
            found.extend(page.into_iter().filter(|(_, id)| !lag.has(*id)));
            found.extend(lag.due(after, upto));
            found.sort_unstable();
            if is_last || wanted <= found.len() {
                found.truncate(wanted);
                return Ok(found);
            }
            after = upto;
        }
    }

    fn work(&mut self, id: InteractionId) -> Result<Option<WorkRow>, StoreError> {
        let sql = "SELECT interaction, tenant, state, agent, body FROM works WHERE interaction = ?1";
        self.one(sql, [int(id.0)], |row| work_row(row, 0))
    }

    fn scan_works(&mut self, after: Option<InteractionId>, limit: u32) -> Result<Vec<WorkRow>, StoreError> {
        let sql = "SELECT interaction, tenant, state, agent, body FROM works
                   WHERE interaction > ?1 ORDER BY interaction LIMIT ?2";
        self.many(sql, params![after.map_or(-1, |id| int(id.0)), limit], |row| work_row(row, 0))
    }

    fn scan_agents(&mut self) -> Result<Vec<AgentRow>, StoreError> {
        self.many("SELECT tenant, agent, body FROM agents ORDER BY tenant, agent", [], |row| {
            Ok(AgentRow { tenant: parsed(row, 0)?, agent: parsed(row, 1)?, body: row.get(2)? })
        })
    }

    fn document(
        &mut self,
        tenant: &TenantId,
        kind: DocumentKind,
        id: &str,
    ) -> Result<Option<StoredDocument>, StoreError> {
        let sql =
            "SELECT id, revision, updated_at, by, body FROM documents WHERE tenant = ?1 AND kind = ?2 AND id = ?3";
        self.one(sql, params![tenant.as_str(), kind.as_str(), id], stored_document)
    }

    fn documents(
        &mut self,
        tenant: &TenantId,
        kind: DocumentKind,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredDocument>, StoreError> {
        let sql = "SELECT id, revision, updated_at, by, body FROM documents
                   WHERE tenant = ?1 AND kind = ?2 AND id > ?3 ORDER BY id LIMIT ?4";
        self.many(sql, params![tenant.as_str(), kind.as_str(), after.unwrap_or_default(), limit], stored_document)
    }

    fn latest_documents(
        &mut self,
        tenant: &TenantId,
        kind: DocumentKind,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredDocument>, StoreError> {
        let sql = "SELECT id, revision, updated_at, by, body FROM documents
                   WHERE tenant = ?1 AND kind = ?2 AND (?3 IS NULL OR id < ?3) ORDER BY id DESC LIMIT ?4";
        self.many(sql, params![tenant.as_str(), kind.as_str(), before, limit], stored_document)
    }

    fn documents_before(
        &mut self,
        kind: DocumentKind,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, String)>, StoreError> {
        // The kind is part of the statement, or the index of that kind would not be used.
        let sql = format!(
            "SELECT tenant, id FROM documents WHERE kind = '{}' AND updated_at < ?1 ORDER BY updated_at LIMIT ?2",
            kind.as_str()
        );
        self.many(&sql, params![before.0, limit], |row| Ok((parsed(row, 0)?, row.get(1)?)))
    }

    fn prunable(&mut self, before: Timestamp, limit: u32) -> Result<Option<(u64, u64)>, StoreError> {
        // Interactions are numbered as they open, so the first group of a tenant's first live one comes before every
        // group of the others. The tenants are found by stepping through the index from one to the next.
        let first_live = "WITH RECURSIVE known(tenant) AS (
                SELECT min(tenant) FROM interactions
                UNION ALL
                SELECT (SELECT min(tenant) FROM interactions WHERE tenant > known.tenant) FROM known
                WHERE known.tenant IS NOT NULL
            )
            SELECT groups FROM interactions WHERE id = (
                SELECT min((SELECT min(id) FROM interactions WHERE tenant = known.tenant AND live = 1)) FROM known
            )";
        let groups: Option<String> = self.one(first_live, [], |row| row.get(0))?;
        let first_group = |groups: String| groups.split(',').next().and_then(|group| group.parse::<u64>().ok());
        let needed = match groups {
            None => u64::MAX,
            Some(groups) => first_group(groups).unwrap_or_default(),
        };
        // What is not in the rows yet is in the journal only.
        let settled = self.one("SELECT upto FROM settled", [], |row| uint(row, 0))?.unwrap_or_default();
        let needed = needed.min(settled + 1);
        let sql = "SELECT seq, at FROM journal ORDER BY seq LIMIT ?1";
        let oldest = self.many(sql, [limit], |row| Ok((uint(row, 0)?, instant(row, 1)?)))?;
        let old = || oldest.iter().take_while(|(seq, at)| *at < before && *seq < needed).map(|(seq, _)| *seq);
        Ok(old().next().zip(old().last()))
    }

    fn tenants(&mut self) -> Result<Vec<TenantId>, StoreError> {
        self.many("SELECT DISTINCT tenant FROM documents ORDER BY tenant", [], |row| parsed(row, 0))
    }

    fn outbox(
        &mut self,
        tenant: &TenantId,
        touchpoint: &TouchpointId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = "SELECT position, tenant, touchpoint, effect, at, body FROM outbox
                   WHERE tenant = ?1 AND touchpoint = ?2 AND position > ?3 ORDER BY position LIMIT ?4";
        self.many(sql, params![tenant.as_str(), touchpoint.as_str(), int(after), limit], outbox_row)
    }

    fn scan_outbox(&mut self, after: u64, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = "SELECT position, tenant, touchpoint, effect, at, body FROM outbox
                   WHERE position > ?1 ORDER BY position LIMIT ?2";
        self.many(sql, params![int(after), limit], outbox_row)
    }

    fn integrity(&mut self) -> Result<Vec<String>, StoreError> {
        let mut wrong: Vec<String> = self.many("PRAGMA integrity_check", [], |row| row.get(0))?;
        wrong.retain(|line| line != "ok");
        let orphans = self.many("PRAGMA foreign_key_check", [], |row| {
            Ok(format!(
                "row {} of {} refers to a row that does not exist",
                row.get::<_, i64>(1)?,
                row.get::<_, String>(0)?
            ))
        })?;
        wrong.extend(orphans);
        Ok(wrong)
    }
}

fn journal_row(row: &Row<'_>) -> rusqlite::Result<JournalRow> {
    Ok(JournalRow { seq: uint(row, 0)?, at: instant(row, 1)?, body: row.get(2)? })
}

fn stored_interaction(row: &Row<'_>) -> rusqlite::Result<StoredInteraction> {
    let groups = row.get_ref(7)?.as_str()?;
    let groups = groups.split_terminator(',').map(str::parse).collect::<Result<_, _>>();
    Ok(StoredInteraction {
        row: InteractionRow {
            id: interaction_id(row, 0)?,
            tenant: parsed(row, 1)?,
            touchpoint: parsed(row, 2)?,
            address: row.get(3)?,
            live: row.get(4)?,
            due: row.get::<_, Option<i64>>(5)?.map(Timestamp),
            body: row.get(8)?,
        },
        version: uint(row, 6)?,
        groups: groups.map_err(|error| damaged(7, error))?,
    })
}

fn work_row(row: &Row<'_>, first: usize) -> rusqlite::Result<WorkRow> {
    let has_agent = row.get_ref(first + 3)? != rusqlite::types::ValueRef::Null;
    Ok(WorkRow {
        interaction: interaction_id(row, first)?,
        tenant: parsed(row, first + 1)?,
        state: work_state(row, first + 2)?,
        agent: if has_agent { Some(parsed(row, first + 3)?) } else { None },
        body: row.get(first + 4)?,
    })
}

fn stored_document(row: &Row<'_>) -> rusqlite::Result<StoredDocument> {
    let body: String = row.get(4)?;
    Ok(StoredDocument {
        id: row.get(0)?,
        revision: uint(row, 1)?,
        updated_at: instant(row, 2)?,
        by: row.get(3)?,
        body: serde_json::from_str(&body).map_err(|error| damaged(4, error))?,
    })
}

fn outbox_row(row: &Row<'_>) -> rusqlite::Result<OutboxRow> {
    Ok(OutboxRow {
        position: uint(row, 0)?,
        tenant: parsed(row, 1)?,
        touchpoint: parsed(row, 2)?,
        effect: row.get(3)?,
        at: instant(row, 4)?,
        body: row.get(5)?,
    })
}
