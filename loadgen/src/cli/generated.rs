//! What is made from the definition of the command line: completions and manual pages.

use std::io::{self, Write};

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;

use super::options::Cli;

/// Something that is made from the definition of the command line.
#[derive(Debug)]
pub enum Generated {
    /// What a shell needs to complete a command line.
    Completions(Shell),
    /// The manual page, in roff, of this command.
    Manual(Box<Command>),
    /// What is to be read about a topic.
    Help(String),
}

impl Generated {
    /// The manual page of the command with this name; of the whole program without one.
    pub(super) fn manual(name: Option<&str>) -> Result<Self, String> {
        let mut program = visible(&Cli::command());
        let Some(name) = name else { return Ok(Self::Manual(Box::new(program))) };
        program.build();
        if let Some(command) = program.find_subcommand(name) {
            return Ok(Self::Manual(Box::new(command.clone())));
        }
        let names = program.get_subcommands().map(Command::get_name);
        let names: Vec<_> = names.collect();
        Err(format!("`{name}` is not a command: expected {}", names.join(", ")))
    }

    /// Writes it.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Completions(shell) => {
                // It panics where it cannot write.
                let mut text = Vec::new();
                let mut program = visible(&Cli::command());
                clap_complete::generate(*shell, &mut program, "loadgen", &mut text);
                out.write_all(&text)
            }
            Self::Manual(command) => Man::new((**command).clone()).render(out),
            Self::Help(text) => out.write_all(text.as_bytes()),
        }
    }
}

/// The program without what its help hides, which would be completed, too.
fn visible(program: &Command) -> Command {
    let arguments = program.get_arguments().filter(|argument| !argument.is_hide_set()).cloned();
    let commands = program.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    let text = |styled: Option<&clap::builder::StyledStr>| styled.cloned().unwrap_or_default();
    Command::new("loadgen")
        .about(text(program.get_about()))
        .long_about(text(program.get_long_about()))
        .after_help(text(program.get_after_help()))
        .version(env!("CARGO_PKG_VERSION"))
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .args_conflicts_with_subcommands(true)
        .args(arguments)
        .subcommands(commands)
}
