//! The runtime with the real heart, the real vocabulary and the real store, driven by a clock that is moved by hand.

mod crashes;
mod delivery;
mod documents;
mod full_disk;
mod late_rows;
mod migrations;
mod store;
mod support;
mod sweeping;
mod timers;
