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
    /// History to judge: JSON lines of --history, or Jepsen's events in EDN or JSON, gzipped or
    /// not; - is standard input
    pub(in crate::cli) history: PathBuf,

    /// Model of the operations [default: the one that the history names]
    #[arg(long, value_name = "MODEL", value_parser = values::model)]
    pub(in crate::cli) model: Option<Model>,

    /// Initial value of every object: a number, null, or for a set a list such as [1,2] [default:
    /// what the history says; otherwise what the first reads saw, if they agree; otherwise what the
    /// model says]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(in crate::cli) initial: Option<Given>,

    /// Print the verdict as JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,

    /// When to colour the verdict
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(in crate::cli) color: Color,

    #[command(flatten)]
    pub(in crate::cli) formats: FormatOptions,

    #[command(flatten)]
    pub(in crate::cli) effort: EffortOptions,
}
