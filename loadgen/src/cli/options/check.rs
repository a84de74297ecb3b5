//! What is judged again.

use std::path::PathBuf;

use check::Model;
use check::files::Given;
use clap::Args;

use super::{EffortOptions, FormatOptions};
use crate::cli::values;
use crate::report::Color;

/// What is judged again, and how that is shown.
#[derive(Args, Debug)]
pub(in crate::cli) struct CheckOptions {
    /// The history: JSON lines of --history, or events as Jepsen writes them, in EDN or JSON; gzipped
    /// or not; - for standard input
    pub(in crate::cli) history: PathBuf,

    /// What the operations mean [default: what the history says]
    #[arg(long, value_name = "MODEL", value_parser = values::model)]
    pub(in crate::cli) model: Option<Model>,

    /// What every object was at first: a number, null, or for a set a list as [1,2] [default: what the
    /// history says; where it does not, what the first reads saw if they agree, or what the model says]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(in crate::cli) initial: Option<Given>,

    /// Print the verdict as JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,

    /// When the verdict has colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(in crate::cli) color: Color,

    #[command(flatten)]
    pub(in crate::cli) formats: FormatOptions,

    #[command(flatten)]
    pub(in crate::cli) effort: EffortOptions,
}
