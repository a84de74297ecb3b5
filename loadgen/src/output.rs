//! Where results go: to standard output, and into the files that were asked for.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use serde::Serialize;

use crate::escape;
use crate::judge::Judged;
use crate::report::{Section, write_page};
use crate::tell::tell;

/// Where the JSON form of a report goes.
#[derive(Debug)]
pub enum JsonOutput {
    /// To standard output, in place of the text.
    Stdout,
    /// To a file, which is open already.
    File(File),
}

/// A form of the results that goes into a file of its own, once everything is judged.
#[derive(Debug)]
pub struct Format {
    /// The option that asks for it.
    pub option: &'static str,
    write: fn(&[Section<'_>], &mut dyn Write) -> io::Result<Written>,
}

/// Whether there was anything to write.
enum Written {
    Yes,
    /// There was not, for this reason.
    No(&'static str),
}

/// The first section's history.
pub static HISTORY: Format = Format { option: "--history", write: write_history };
/// The operations of the first section's history in an order that explains every answer.
pub static CERTIFICATE: Format = Format { option: "--certificate", write: write_certificate };
/// The page.
pub static HTML: Format = Format { option: "--html", write: write_html };

/// A file, which is open already, and what goes into it.
#[derive(Debug)]
pub struct OutputFile {
    /// What goes into it.
    pub format: &'static Format,
    /// Where it goes.
    pub file: File,
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
    Ok(escape::json(&serde_json::to_string_pretty(report)?) + "\n")
}

/// Writes what was asked for of `sections`.
///
/// # Errors
/// When a file cannot be written.
pub fn write_files(files: Vec<OutputFile>, sections: &[Section<'_>]) -> io::Result<()> {
    for OutputFile { format, file } in files {
        let mut file = BufWriter::new(file);
        if let Written::No(reason) = (format.write)(sections, &mut file)? {
            tell(format_args!("loadgen: {reason}"));
        }
        file.flush()?;
    }
    Ok(())
}

fn judged<'s>(sections: &[Section<'s>]) -> Option<&'s Judged> {
    sections.first().and_then(|section| section.judged)
}

fn write_history(sections: &[Section<'_>], file: &mut dyn Write) -> io::Result<Written> {
    match judged(sections) {
        Some(Judged { model, history, .. }) => {
            check::files::write(file, *model, history)?;
            Ok(Written::Yes)
        }
        None => Ok(Written::No("no history was kept, so none is written")),
    }
}

fn write_certificate(sections: &[Section<'_>], file: &mut dyn Write) -> io::Result<Written> {
    match judged(sections).and_then(|judged| Some((judged.model, judged.certificate()?))) {
        Some((model, ordered)) => {
            check::files::write(file, model, &ordered)?;
            Ok(Written::Yes)
        }
        None => Ok(Written::No("no certificate is written, for want of a valid order")),
    }
}

fn write_html(sections: &[Section<'_>], mut file: &mut dyn Write) -> io::Result<Written> {
    write_page(sections, &mut file)?;
    Ok(Written::Yes)
}
