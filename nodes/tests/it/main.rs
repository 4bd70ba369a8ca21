//! Whole flows of the standard node types: what they cost, and those of other systems, imported and played.

mod cost;
mod imports;
mod lifetime;
