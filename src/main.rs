//! The `oxflow` binary: hands the arguments to the subcommands.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    oxflow::cli::run()
}
