//! The `jobs` layer; see ARCHITECTURE.md.
