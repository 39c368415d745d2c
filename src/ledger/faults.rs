//! Storage that fails on purpose, for tests.
