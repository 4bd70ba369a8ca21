//! Flows of other systems, imported and played with the standard node types.

mod imports;
