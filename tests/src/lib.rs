//! Proof of the whole product: the simulator, the process tests and the benchmarks.
//!
//! Nothing depends on this crate. What one crate can prove of itself is tested there.

pub mod bench;
pub mod centre;
pub mod client;
pub mod corpus;
pub mod day;
pub mod kill;
pub mod mutate;
pub mod server;
pub mod sim;
