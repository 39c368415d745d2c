//! The `identity` layer; see ARCHITECTURE.md.
