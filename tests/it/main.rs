//! The whole product, seen from outside: one binary, one module per promise.

mod defaults;
mod determinism;
mod fuzz;
mod kill;
mod library;
mod mutate;
mod own_types;
mod publish_kill;
mod rehearsals;
mod sim;
mod worked_example;
