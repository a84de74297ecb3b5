//! `server`: the server of specimens as a program.

#![forbid(unsafe_code)]

use clap::Parser;

/// A server of concurrency bugs and their cures: `--workload` says what clients share, `--mode` how
/// it is protected.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    options: loadgen_server::cli::Options,
}

fn main() -> anyhow::Result<()> {
    loadgen_server::cli::run(&Cli::parse().options)
}
