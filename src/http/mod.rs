//! The `http` layer; see ARCHITECTURE.md.
