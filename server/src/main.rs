//! `server`: the server of specimens as a program.

#![forbid(unsafe_code)]

use clap::Parser;

/// A server of concurrency bugs and their cures: `--workload` is what is shared, `--mode` how.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    options: loadgen_server::cli::Options,
}

fn main() -> anyhow::Result<()> {
    loadgen_server::cli::run(&Cli::parse().options)
}
