//! JSONPath references of Connect.
