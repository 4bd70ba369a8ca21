//! The door: HTTP API, the Studio's pages, command line, demonstration.
//!
//! What it deliberately does not do: it takes no routing decision. Every change is a document write or an input to the
//! shard of [`routewright_runtime`]; every answer is what was committed.

pub mod api;
pub mod cli;
pub mod demo;
pub mod door;
pub mod guard;
mod hints;
mod importing;
pub mod keys;
pub mod language;
mod meter;
mod pace;
pub mod problem;
pub mod sessions;
pub mod tenant;
pub mod verify;

pub use cli::main_with;
pub use door::{Door, DoorError};
