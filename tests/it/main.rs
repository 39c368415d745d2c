//! What oxFlow promises, proved on the real program: one file per promise.

mod checks_find_damage;
mod export_csv;
mod export_workbook;
mod harness;
mod http_edits;
mod http_hostile;
mod http_imports;
mod http_library;
mod http_openapi;
mod http_routes;
mod http_rows;
mod http_sessions;
mod http_support;
mod import_and_export_large;
mod import_hostile_files;
mod import_matches_again;
mod import_plans_real_schedules;
mod import_plans_rows;
mod import_reads_files;
mod live_deltas;
mod live_slow;
mod live_support;
mod rule_catalogue;
mod serving;
mod stored_figures;
mod torture;
