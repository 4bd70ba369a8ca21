//! What a record must say before it may be closed (MAX-16, FCE-09).
//!
//! What it deliberately does not do: it closes nothing; capacity does.

use super::desk::{Desk, Served};
use crate::{
    id::{AgentId, DispositionId, InteractionId, TenantId},
    refusal::Refusal,
};

impl Desk<'_> {
    /// What keeps an agent from closing a record in this way.
    pub(super) fn qualifies(
        &mut self,
        tenant: &TenantId,
        agent: &AgentId,
        interaction: InteractionId,
        disposition: Option<&DispositionId>,
    ) -> Served<Result<(), Refusal>> {
        if let Err(refusal) = self.find(tenant, interaction)? {
            return Ok(Err(refusal));
        }
        if disposition.is_none() && self.must_qualify(tenant, agent) {
            return Ok(Err(Refusal::DispositionRequired(interaction)));
        }
        Ok(self.known(tenant, disposition))
    }

    /// True when the agent's profile wants every conversation qualified (MAX-16).
    pub(super) fn must_qualify(&self, tenant: &TenantId, agent: &AgentId) -> bool {
        let own = self.board.tenants.get(tenant);
        own.is_some_and(|own| own.catalogue.profile_of(agent).disposition_required)
    }

    pub(super) fn known(&self, tenant: &TenantId, disposition: Option<&DispositionId>) -> Result<(), Refusal> {
        let Some(disposition) = disposition else { return Ok(()) };
        let exists =
            self.board.tenants.get(tenant).is_some_and(|own| own.catalogue.dispositions.contains_key(disposition));
        if exists { Ok(()) } else { Err(Refusal::UnknownDisposition(disposition.to_string())) }
    }
}

/// What a record is qualified that had to be and closed by itself (FCE-09).
pub(super) fn not_qualified() -> DispositionId {
    DispositionId::new("not_qualified").expect("a word of letters and an underscore is a disposition's name")
}
