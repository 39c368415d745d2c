//! The `documents` layer; see ARCHITECTURE.md.
