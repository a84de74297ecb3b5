//! The scenario of a file.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;

use super::Options;
use crate::cli::values;

/// The scenario of a file, and what else is said of its run.
#[derive(Args, Debug)]
pub(in crate::cli) struct RunOptions {
    /// Scenario file (YAML): which service to load, what its clients do, and what is judged
    pub(in crate::cli) file: PathBuf,

    /// Say whether the file is right, but send nothing
    #[arg(long)]
    pub(in crate::cli) check: bool,

    /// Set a variable of the file to this text; repeatable
    #[arg(long = "set", value_name = "NAME=TEXT", value_parser = set)]
    pub(in crate::cli) sets: Vec<(String, String)>,

    /// Run the scenario N times, each time with other random values, and show the runs side by side
    #[arg(long, value_name = "N", value_parser = values::count::<NonZeroU32>)]
    pub(in crate::cli) repeat: Option<NonZeroU32>,

    /// Reset the service before each run, with a step as in the file: 'post: /reset'
    #[arg(long, value_name = "STEP")]
    pub(in crate::cli) reset: Option<String>,

    #[command(flatten)]
    pub(in crate::cli) options: Options,
}

fn set(text: &str) -> Result<(String, String), String> {
    let (name, text) = text.split_once('=').ok_or("expected NAME=TEXT")?;
    Ok((name.trim().to_owned(), text.to_owned()))
}
