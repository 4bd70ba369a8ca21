//! The demonstration: a bilingual contact centre to try things on ([`centre`]), and a contact and an agent who use it
//! ([`play`]). Nothing here is special to the server: the centre is ordinary documents, the play ordinary HTTP.

pub mod centre;
pub mod play;
mod script;

/// The tenant of the demonstration.
pub const TENANT: &str = "demo";
