//! Where results go: to standard output, and into the files that were asked for.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use serde::Serialize;

use crate::judge::Judged;
use crate::progress::tell;
use crate::report::{Section, write_page};

/// Where the JSON form of a report goes.
#[derive(Debug)]
pub enum JsonOutput {
    /// To standard output, in place of the text.
    Stdout,
    /// To a file, which is open already.
    File(File),
}

/// Files that are written once everything is judged; they are open already.
#[derive(Debug)]
pub struct Files {
    /// The history.
    pub history: Option<File>,
    /// The operations in an order that explains every answer.
    pub certificate: Option<File>,
    /// The page.
    pub html: Option<File>,
}

/// Writes a report where it was asked for.
///
/// # Errors
/// When that cannot be written to. That nobody reads standard output any more is no error.
pub fn show(
    report: &impl Serialize,
    text: impl FnOnce() -> String,
    json: Option<JsonOutput>,
) -> io::Result<()> {
    let (to_stdout, to_file) = match json {
        Some(JsonOutput::Stdout) => (json_text(report)?, Ok(())),
        Some(JsonOutput::File(mut file)) => (text(), file.write_all(json_text(report)?.as_bytes())),
        None => (text(), Ok(())),
    };
    let to_stdout = match io::stdout().lock().write_all(to_stdout.as_bytes()) {
        // Whoever read it has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    };
    // Only now: where one of them fails, the other is there.
    to_stdout.and(to_file)
}

fn json_text(report: &impl Serialize) -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(report)? + "\n")
}

impl Files {
    /// Writes what was asked for of `sections`: the history and the certificate are the first's.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(self, sections: &[Section<'_>]) -> io::Result<()> {
        let judged = sections.first().and_then(|section| section.judged);
        if let Some(file) = self.history {
            match judged {
                Some(Judged { model, history, .. }) => write_history(file, *model, history)?,
                None => tell("loadgen: no history was kept, so none is written"),
            }
        }
        if let Some(file) = self.certificate {
            match judged.and_then(|judged| Some((judged.model, judged.certificate()?))) {
                Some((model, ordered)) => write_history(file, model, &ordered)?,
                None => tell("loadgen: no certificate is written, for want of a valid order"),
            }
        }
        if let Some(file) = self.html {
            let mut file = BufWriter::new(file);
            write_page(sections, &mut file)?;
            file.flush()?;
        }
        Ok(())
    }
}

fn write_history(file: File, model: check::Model, history: &check::History) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    check::files::write(&mut file, model, history)?;
    file.flush()
}
