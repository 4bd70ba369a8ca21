//! What the shard reads between turns: the group on its way to the disk first, then the store.

use std::sync::Arc;

use routewright_engine::{
    InteractionId, TenantId,
    contact::ContactKey,
    interaction::Interaction,
    occupancy::Standing,
    switchboard::{Shelf, ShelfError},
};

use crate::{
    documents::DocumentKind,
    error::StoreError,
    store::{DocumentRow, Group, InteractionRow, Reader},
};

/// The store, and the group it does not have yet.
pub(super) struct Shelves {
    pub(super) reader: Box<dyn Reader>,
    /// The group that the committer is writing. Its rows are sorted by id.
    pub(super) in_flight: Option<Arc<Group>>,
}

impl Shelves {
    /// An interaction's row on its way to the disk.
    pub(super) fn in_flight(&self, id: InteractionId) -> Option<&InteractionRow> {
        let rows = &self.in_flight.as_ref()?.interactions;
        rows.binary_search_by(|row| row.id.cmp(&id)).ok().map(|place| &*rows[place])
    }

    /// Where an interaction stands, as its latest row has it.
    pub(super) fn standing(&mut self, id: InteractionId) -> Result<Option<Standing>, StoreError> {
        let read = |body: &str| {
            serde_json::from_str(body)
                .map_err(|error| StoreError::Damaged { what: format!("interaction {id}"), message: error.to_string() })
        };
        if let Some(row) = self.in_flight(id) {
            return read(&row.body).map(Some);
        }
        let stored = self.reader.interaction(id)?;
        stored.map(|stored| read(&stored.row.body)).transpose()
    }

    /// The revision of a document; `draft` holds what the group being filled changed already.
    pub(super) fn revision(
        &mut self,
        draft: &[DocumentRow],
        tenant: &TenantId,
        kind: DocumentKind,
        id: &str,
    ) -> Result<Option<u64>, StoreError> {
        let in_flight = self.in_flight.as_ref().map_or(&[][..], |group| &group.documents);
        let changed = draft.iter().rev().chain(in_flight.iter().rev());
        for row in changed {
            if row.kind == kind && row.id == id && row.tenant == *tenant {
                return Ok(row.document.as_ref().map(|document| document.revision));
            }
        }
        Ok(self.reader.document(tenant, kind, id)?.map(|document| document.revision))
    }
}

impl Shelf for Shelves {
    fn fetch(&mut self, id: InteractionId) -> Result<Option<Interaction>, ShelfError> {
        if let Some(row) = self.in_flight(id) {
            return read(&row.body).map(Some);
        }
        let stored = self.reader.interaction(id).map_err(|error| ShelfError(error.to_string()))?;
        stored.map(|stored| read(&stored.row.body)).transpose()
    }

    fn latest(&mut self, key: &ContactKey) -> Result<Option<InteractionId>, ShelfError> {
        let is_his = |row: &&Arc<InteractionRow>| {
            row.address == *key.address && row.touchpoint == key.touchpoint && row.tenant == key.tenant
        };
        let in_flight = self.in_flight.as_ref().and_then(|group| group.interactions.iter().rev().find(is_his));
        let stored = self.reader.latest(key).map_err(|error| ShelfError(error.to_string()))?;
        Ok(in_flight.map(|row| row.id).max(stored))
    }
}

fn read(body: &str) -> Result<Interaction, ShelfError> {
    serde_json::from_str(body).map_err(|error| ShelfError(format!("an interaction is damaged: {error}")))
}
