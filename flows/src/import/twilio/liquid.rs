//! Liquid templates of Studio.
