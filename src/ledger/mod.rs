//! The `ledger` layer; see ARCHITECTURE.md.
