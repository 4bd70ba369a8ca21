//! Expressions of RapidPro and FLOIP.
