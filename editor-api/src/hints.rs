//! Hints between people who talk: that somebody is writing. They reach whoever listens at that moment.
//!
//! What it deliberately does not do: a hint is worth nothing a few seconds later, so it is neither stored nor repeated, and
//! never passes through the heart.

use routewright_engine::{AgentId, InteractionId, TenantId};
use tokio::sync::broadcast;

/// Hints that a slow listener may be behind; what he misses is stale anyway.
const BEHIND_MAX: usize = 256;

/// Somebody is writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Writing {
    pub tenant: TenantId,
    pub interaction: InteractionId,
    /// The agent who writes; none for the contact.
    pub agent: Option<AgentId>,
}

/// Who is writing, told to everybody who listens.
#[derive(Debug)]
pub(crate) struct Hints(broadcast::Sender<Writing>);

impl Hints {
    pub(crate) fn new() -> Self {
        Self(broadcast::Sender::new(BEHIND_MAX))
    }

    pub(crate) fn tell(&self, writing: Writing) {
        // Without a listener there is nobody to tell.
        let _ = self.0.send(writing);
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Writing> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hint_reaches_those_who_listen_now() {
        let hints = Hints::new();
        let (tenant, interaction) = (TenantId::new("main").expect("a name"), "i7".parse().expect("an id"));
        let writing = Writing { tenant, interaction, agent: None };
        hints.tell(writing.clone());
        let mut listener = hints.listen();
        hints.tell(writing.clone());
        assert_eq!(listener.recv().await, Ok(writing));
        assert!(listener.try_recv().is_err(), "what was told before is not repeated");
    }
}
