//! The rows that a store would hold, as serialised text: what survives a crash, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use routewright_engine::{
    AgentId, InteractionId, TenantId, Timestamp,
    capacity::{AgentRow, Work},
    contact::ContactKey,
    interaction::Interaction,
    switchboard::{Counters, Shelf, ShelfError, Switchboard, Touched},
};
use serde::{Serialize, de::DeserializeOwned};

/// The committed rows of a shard.
#[derive(Debug, Default)]
pub struct Store {
    interactions: BTreeMap<InteractionId, String>,
    latest: BTreeMap<ContactKey, InteractionId>,
    due: BTreeMap<InteractionId, Timestamp>,
    works: BTreeMap<(TenantId, InteractionId), String>,
    agents: BTreeMap<(TenantId, AgentId), String>,
    counters: Counters,
}

impl Store {
    /// Writes what changed, all of it or, when something is wrong, nothing that a recovery could trust.
    ///
    /// # Errors
    /// A row that was touched is not to be had.
    pub fn commit(&mut self, board: &Switchboard, touched: &Touched) -> Result<(), String> {
        for id in &touched.interactions {
            let interaction = board.interaction(*id).ok_or(format!("{id} was touched and is not in hand"))?;
            self.interactions.insert(*id, write(interaction));
            let latest = self.latest.entry(interaction.key()).or_insert(*id);
            *latest = (*latest).max(*id);
            match interaction.due() {
                Some(due) => self.due.insert(*id, due),
                None => self.due.remove(id),
            };
        }
        for key in &touched.works {
            match board.work(&key.0, key.1) {
                Some(work) => self.works.insert(key.clone(), write(work)),
                None => self.works.remove(key),
            };
        }
        for key in &touched.agents {
            match board.agent_row(&key.0, &key.1) {
                Some(row) => self.agents.insert(key.clone(), write(&row)),
                None => self.agents.remove(key),
            };
        }
        self.counters = board.counters();
        Ok(())
    }

    /// Forgets conversations that are over, record and all, and whose contacts do not come back.
    pub fn forget_over(&mut self, board: &Switchboard, ids: &BTreeSet<InteractionId>) {
        for id in ids {
            let over = board.interaction(*id).filter(|interaction| !interaction.is_live());
            let Some(over) = over.filter(|interaction| board.work(&interaction.tenant, *id).is_none()) else {
                continue;
            };
            self.latest.remove(&over.key());
            self.interactions.remove(id);
            self.due.remove(id);
        }
    }

    /// Gives a fresh switchboard, already configured, everything that was committed.
    ///
    /// # Errors
    /// A row does not read back, or the switchboard does not hold what the rows say.
    pub fn recover(&self, board: &mut Switchboard, tenants: &[TenantId], now: Timestamp) -> Result<(), String> {
        board.restore_counters(self.counters);
        for tenant in tenants {
            let agents: Vec<AgentRow> = rows(self.agents.iter().filter(|(key, _)| key.0 == *tenant))?;
            let works: Vec<Work> = rows(self.works.iter().filter(|(key, _)| key.0 == *tenant))?;
            board.restore(tenant, agents.into_iter(), works.into_iter(), now);
        }
        for row in self.interactions.values() {
            board.restore_standing(&read(row)?);
        }
        board.admit(self.due.iter().map(|(id, due)| (*id, *due)), Timestamp(i64::MAX));
        self.compare(board)
    }

    /// A rebuilt switchboard writes the same rows as it was built of.
    fn compare(&self, board: &Switchboard) -> Result<(), String> {
        for ((tenant, id), row) in &self.works {
            let now = board.work(tenant, *id).map(write);
            if now.as_ref() != Some(row) {
                return Err(format!("the work of {id} was {row} and is {now:?} after recovery"));
            }
        }
        for ((tenant, agent), row) in &self.agents {
            let now = board.agent_row(tenant, agent).as_ref().map(write);
            if now.as_ref() != Some(row) {
                return Err(format!("the row of {agent} was {row} and is {now:?} after recovery"));
            }
        }
        if board.counters() != self.counters {
            return Err(format!("numbering stood at {:?} and is at {:?}", self.counters, board.counters()));
        }
        Ok(())
    }

    /// Every interaction, as it was committed.
    ///
    /// # Errors
    /// A row does not read back.
    pub fn interactions(&self) -> Result<Vec<Interaction>, String> {
        rows(self.interactions.iter())
    }

    /// One interaction, as it was committed.
    ///
    /// # Errors
    /// It does not exist, or does not read back.
    pub fn interaction(&self, id: InteractionId) -> Result<Interaction, String> {
        let row = self.interactions.get(&id).ok_or(format!("{id} has no row"))?;
        read(row)
    }

    /// The works of a tenant that a crash would leave.
    pub fn works(&self) -> impl Iterator<Item = &(TenantId, InteractionId)> {
        self.works.keys()
    }
}

impl Shelf for Store {
    fn fetch(&mut self, id: InteractionId) -> Result<Option<Interaction>, ShelfError> {
        self.interactions.get(&id).map(|row| read(row)).transpose().map_err(ShelfError)
    }

    fn latest(&mut self, key: &ContactKey) -> Result<Option<InteractionId>, ShelfError> {
        Ok(self.latest.get(key).copied())
    }
}

fn rows<'a, K: 'a, T: DeserializeOwned>(rows: impl Iterator<Item = (&'a K, &'a String)>) -> Result<Vec<T>, String> {
    rows.map(|(_, row)| read(row)).collect()
}

fn read<T: DeserializeOwned>(row: &str) -> Result<T, String> {
    serde_json::from_str(row).map_err(|e| format!("a row does not read back: {e}: {row}"))
}

fn write<T: Serialize>(row: &T) -> String {
    serde_json::to_string(row).expect("rows are plain data with text keys")
}
