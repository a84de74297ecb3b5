//! The scenario of a file.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;

use super::Options;
use crate::cli::values;

/// The scenario of a file, and what else is said of its run.
#[derive(Args, Debug)]
pub(in crate::cli) struct RunOptions {
    /// The file: which service it is, what its clients do, and what is judged, in YAML
    pub(in crate::cli) file: PathBuf,

    /// Say whether the file is right, and send nothing
    #[arg(long)]
    pub(in crate::cli) check: bool,

    /// Give a variable of the file this text; repeatable
    #[arg(long = "set", value_name = "NAME=TEXT", value_parser = set)]
    pub(in crate::cli) sets: Vec<(String, String)>,

    /// Run it so often, each time with other values at random, and set the runs side by side
    #[arg(long, value_name = "N", value_parser = values::count::<NonZeroU32>)]
    pub(in crate::cli) repeat: Option<NonZeroU32>,

    /// Let the service begin anew before each run: a step of the file's, as 'post: /reset'
    #[arg(long, value_name = "STEP")]
    pub(in crate::cli) reset: Option<String>,

    #[command(flatten)]
    pub(in crate::cli) options: Options,
}

fn set(text: &str) -> Result<(String, String), String> {
    let (name, text) = text.split_once('=').ok_or("expected NAME=TEXT")?;
    Ok((name.trim().to_owned(), text.to_owned()))
}
