//! `server`: the counter server as a program.

#![forbid(unsafe_code)]

use clap::Parser;

/// The counter server, protected or not, as `--mode` says.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    options: server::cli::Options,
}

fn main() -> anyhow::Result<()> {
    server::cli::run(&Cli::parse().options)
}
