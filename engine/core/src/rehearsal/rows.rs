//! Rows as a store would keep them: JSON bytes, written when an input touched them. A switchboard can be rebuilt from
//! them at any moment.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    capacity::{AgentRow, Work},
    contact::ContactKey,
    event::Input,
    id::{AgentId, InteractionId, TenantId},
    interaction::Interaction,
    occupancy::Standing,
    script::Sandbox,
    switchboard::{Counters, Shelf, ShelfError, Switchboard, Touched},
    time::Timestamp,
};

/// What a restart finds.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    interactions: BTreeMap<InteractionId, Vec<u8>>,
    latest: BTreeMap<ContactKey, InteractionId>,
    due: BTreeMap<InteractionId, Timestamp>,
    works: BTreeMap<TenantId, BTreeMap<InteractionId, Vec<u8>>>,
    agents: BTreeMap<TenantId, BTreeMap<AgentId, Vec<u8>>>,
}

impl Rows {
    /// Writes what an input touched, and nothing else.
    pub(crate) fn store(&mut self, board: &Switchboard, touched: &Touched) -> Result<(), ShelfError> {
        for id in &touched.interactions {
            let Some(interaction) = board.interaction(*id) else { continue };
            self.interactions.insert(*id, write(interaction)?);
            let latest = self.latest.entry(interaction.key()).or_insert(*id);
            *latest = (*latest).max(*id);
            match interaction.due() {
                Some(at) => self.due.insert(*id, at),
                None => self.due.remove(id),
            };
        }
        for (tenant, id) in &touched.works {
            let own = self.works.entry(tenant.clone()).or_default();
            match board.work(tenant, *id) {
                Some(work) => own.insert(*id, write(work)?),
                None => own.remove(id),
            };
        }
        for (tenant, agent) in &touched.agents {
            let own = self.agents.entry(tenant.clone()).or_default();
            match board.agent_row(tenant, agent) {
                Some(row) => own.insert(agent.clone(), write(&row)?),
                None => own.remove(agent),
            };
        }
        Ok(())
    }

    /// Another switchboard, of the same settings and what was written.
    pub(crate) fn rebuild(
        &mut self,
        sandbox: &Arc<Sandbox>,
        settings: Vec<Input>,
        counters: Counters,
        now: Timestamp,
    ) -> Result<Switchboard, ShelfError> {
        let mut board = Switchboard::new(Arc::clone(sandbox));
        for input in settings {
            board.handle(input, now, self)?;
        }
        let tenants: BTreeSet<&TenantId> = self.works.keys().chain(self.agents.keys()).collect();
        for tenant in tenants {
            let agents: Vec<AgentRow> = read_all(self.agents.get(tenant))?;
            let works: Vec<Work> = read_all(self.works.get(tenant))?;
            board.restore(tenant, agents.into_iter(), works.into_iter(), now);
        }
        for row in self.interactions.values() {
            board.restore_standing(&read::<Standing>(row)?);
        }
        board.restore_counters(counters);
        board.admit(self.due.iter().map(|(id, at)| (*id, *at)), Timestamp(i64::MAX));
        Ok(board)
    }

    /// Every interaction that was ever stored.
    #[cfg(test)]
    pub(crate) fn interactions(&self) -> impl Iterator<Item = Interaction> {
        self.interactions.values().map(|row| read(row).expect("a row that was written can be read"))
    }
}

impl Shelf for Rows {
    fn fetch(&mut self, id: InteractionId) -> Result<Option<Interaction>, ShelfError> {
        self.interactions.get(&id).map(|row| read(row)).transpose()
    }

    fn latest(&mut self, key: &ContactKey) -> Result<Option<InteractionId>, ShelfError> {
        Ok(self.latest.get(key).copied())
    }
}

fn read_all<K, T: DeserializeOwned>(rows: Option<&BTreeMap<K, Vec<u8>>>) -> Result<Vec<T>, ShelfError> {
    rows.into_iter().flat_map(BTreeMap::values).map(|row| read(row)).collect()
}

fn read<T: DeserializeOwned>(row: &[u8]) -> Result<T, ShelfError> {
    serde_json::from_slice(row).map_err(|e| ShelfError(format!("a row cannot be read: {e}")))
}

fn write<T: Serialize>(row: &T) -> Result<Vec<u8>, ShelfError> {
    serde_json::to_vec(row).map_err(|e| ShelfError(format!("a row cannot be written: {e}")))
}
