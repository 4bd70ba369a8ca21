//! The whole product, seen from outside: one binary, one module per promise.

mod library;
mod sim;
