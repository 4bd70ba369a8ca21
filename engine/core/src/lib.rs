//! The deterministic heart: it decides, and never acts.
//!
//! Everything it needs is told to it (the instant, calendars, catalogue, answers from outside) and everything it
//! wants done comes back as data. It has no async, no clock, no file, no thread, no random source and no
//! hash-ordered container; `clippy.toml` beside this crate's manifest holds it to that.
//!
//! In reading order: what an interaction is ([`interaction`]), what can happen ([`event`]), what comes of it
//! ([`fact`], [`effect`]), how one event moves one interaction ([`step`]), who gets it ([`capacity`]), when
//! ([`timers`], [`silence`], [`sla`]), and the single writer that owns all three ([`switchboard`]). [`rehearsal`] plays a flow's own tests
//! on it.

pub mod calendar;
pub mod call;
pub mod capacity;
pub mod catalogue;
pub mod contact;
pub mod custom;
pub mod describe;
pub mod effect;
pub mod elevation;
pub mod event;
pub mod fact;
pub mod id;
mod index;
pub mod interaction;
pub mod limits;
mod mark;
pub mod migration;
pub mod node;
pub mod occupancy;
pub mod published;
pub mod refusal;
pub mod rehearsal;
pub mod release;
pub mod script;
pub mod silence;
pub mod sla;
pub mod step;
pub mod switchboard;
pub mod time;
pub mod timers;
pub mod visits;

pub use id::{AgentId, InteractionId, OfferId, SkillId, TenantId, TouchpointId};
pub use time::Timestamp;
