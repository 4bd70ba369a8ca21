//! One group, one transaction. Statements are prepared once and kept by the connection.

use rusqlite::{CachedStatement, Connection, Transaction, TransactionBehavior, params};

use super::{
    columns::{int, state_name},
    failed,
    lag::Plan,
};
use crate::{
    error::StoreError,
    store::{DocumentRow, Group, StoredInteraction},
};

pub(super) fn commit(connection: &mut Connection, group: &Group, plan: &Plan) -> Result<(), StoreError> {
    transact(connection, |to| write(to, group, plan))
}

pub(super) fn settle(connection: &mut Connection, plan: &Plan) -> Result<(), StoreError> {
    transact(connection, |to| write_interactions(to, plan, ""))
}

fn transact(
    connection: &mut Connection,
    write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
) -> Result<(), StoreError> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed("begin a group"))?;
    write(&transaction).map_err(failed("write a group"))?;
    transaction.commit().map_err(failed("sync a group"))
}

fn write(to: &Transaction<'_>, group: &Group, plan: &Plan) -> rusqlite::Result<()> {
    to.prepare_cached("INSERT INTO journal (seq, at, body) VALUES (?1, ?2, ?3)")?.execute(params![
        int(group.seq),
        group.at.0,
        group.journal
    ])?;
    write_interactions(to, plan, &format!("{},", group.seq))?;
    write_works(to, group)?;
    if let Some(upto) = group.pruned {
        to.prepare_cached("DELETE FROM journal WHERE seq <= ?1")?.execute([int(upto)])?;
    }
    write_rest(to, group)
}

fn write_interactions(to: &Transaction<'_>, plan: &Plan, mention: &str) -> rusqlite::Result<()> {
    for opened in &plan.opened {
        let row = &opened.row;
        to.prepare_cached(
            "INSERT INTO interactions (id, tenant, touchpoint, address, live, due, version, groups, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            int(row.id.0),
            row.tenant.as_str(),
            row.touchpoint.as_str(),
            row.address,
            row.live,
            row.due.map(|due| due.0),
            int(opened.version),
            list(&opened.groups),
            row.body
        ])?;
    }
    if !plan.changed.is_empty() {
        // Ending is a statement of its own, so that the turns before it leave the index of live ones alone.
        let mut change = to.prepare_cached(
            "UPDATE interactions SET due = ?2, version = ?3, groups = groups || ?4, body = ?5 WHERE id = ?1 AND live = ?6",
        )?;
        let mut change_life = to.prepare_cached(
            "UPDATE interactions SET due = ?2, version = ?3, groups = groups || ?4, body = ?5, live = ?6 WHERE id = ?1",
        )?;
        for changed in &plan.changed {
            if update(&mut change, changed)? == 0 {
                update(&mut change_life, changed)?;
            }
        }
    }
    for id in &plan.mentioned {
        to.prepare_cached("UPDATE interactions SET groups = groups || ?2 WHERE id = ?1")?
            .execute(params![int(id.0), mention])?;
    }
    if let Some(upto) = plan.settled {
        to.prepare_cached("UPDATE settled SET upto = ?1")?.execute([int(upto)])?;
    }
    Ok(())
}

fn update(statement: &mut CachedStatement<'_>, stored: &StoredInteraction) -> rusqlite::Result<usize> {
    let StoredInteraction { row, version, groups } = stored;
    let due = row.due.map(|due| due.0);
    statement.execute(params![int(row.id.0), due, int(*version), list(groups), row.body, row.live])
}

/// Groups as the column lists them.
fn list(groups: &[u64]) -> String {
    groups.iter().map(|group| format!("{group},")).collect()
}

fn write_works(to: &Transaction<'_>, group: &Group) -> rusqlite::Result<()> {
    let mut put = to.prepare_cached(
        "INSERT INTO works (interaction, tenant, state, agent, body) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (interaction) DO UPDATE SET state = excluded.state, agent = excluded.agent, body = excluded.body",
    )?;
    for row in &group.works {
        let agent = row.agent.as_ref().map(routewright_engine::AgentId::as_str);
        put.execute(params![int(row.interaction.0), row.tenant.as_str(), state_name(row.state), agent, row.body])?;
    }
    let mut remove = to.prepare_cached("DELETE FROM works WHERE interaction = ?1")?;
    for id in &group.works_gone {
        remove.execute(params![int(id.0)])?;
    }
    Ok(())
}

fn write_rest(to: &Transaction<'_>, group: &Group) -> rusqlite::Result<()> {
    for row in &group.agents {
        to.prepare_cached("INSERT OR REPLACE INTO agents (tenant, agent, body) VALUES (?1, ?2, ?3)")?
            .execute(params![row.tenant.as_str(), row.agent.as_str(), row.body])?;
    }
    for (tenant, agent) in &group.agents_gone {
        to.prepare_cached("DELETE FROM agents WHERE tenant = ?1 AND agent = ?2")?
            .execute(params![tenant.as_str(), agent.as_str()])?;
    }
    for row in &group.documents {
        write_document(to, row)?;
    }
    for row in &group.outbox {
        to.prepare_cached(
            "INSERT INTO outbox (position, tenant, touchpoint, effect, at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            int(row.position),
            row.tenant.as_str(),
            row.touchpoint.as_str(),
            row.effect,
            row.at.0,
            row.body
        ])?;
    }
    for ack in &group.acknowledged {
        to.prepare_cached("DELETE FROM outbox WHERE tenant = ?1 AND touchpoint = ?2 AND position <= ?3")?
            .execute(params![ack.tenant.as_str(), ack.touchpoint.as_str(), int(ack.upto)])?;
    }
    Ok(())
}

fn write_document(to: &Transaction<'_>, row: &DocumentRow) -> rusqlite::Result<()> {
    match &row.document {
        Some(document) => to
            .prepare_cached(
                "INSERT OR REPLACE INTO documents (tenant, kind, id, revision, updated_at, by, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                row.tenant.as_str(),
                row.kind.as_str(),
                row.id,
                int(document.revision),
                document.updated_at.0,
                document.by,
                document.body.to_string()
            ])?,
        None => to
            .prepare_cached("DELETE FROM documents WHERE tenant = ?1 AND kind = ?2 AND id = ?3")?
            .execute(params![row.tenant.as_str(), row.kind.as_str(), row.id])?,
    };
    Ok(())
}
