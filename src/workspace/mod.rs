//! The `workspace` layer; see ARCHITECTURE.md.
