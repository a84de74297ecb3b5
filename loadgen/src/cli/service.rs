//! The service under test: one that runs, or one that is to be started.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

use super::options::Options;
use super::values;
use crate::extract::Extract;
use crate::plan::{Launch, Readiness, Specimen, Subject};

/// A service at a URL, and where its state is read.
pub(super) struct Service {
    pub(super) url: Url,
    /// Where the state is read, and where it stands in the answer.
    pub(super) read: Option<(Url, Extract)>,
    pub(super) subject: Subject,
}

/// The service at `url` that the options describe.
pub(super) fn service(url: &Url, options: &Options) -> Result<Service, String> {
    if options.judging.extract.is_some() && options.judging.read.is_none() {
        return Err(
            "--extract says what to take from the answer of --read URL, but --read is missing"
                .to_owned(),
        );
    }
    if options.server.restart && options.judging.read.is_none() {
        return Err(
            "--restart is for what --read URL reads afterwards, but --read is missing".to_owned()
        );
    }
    let extract = options.judging.extract.clone().unwrap_or(Extract::Only);
    let read = match &options.judging.read {
        Some(text) => Some((values::url_relative_to(url, text)?, extract)),
        None => None,
    };
    Ok(Service { url: url.clone(), read, subject: subject(options, url, false)? })
}

/// What is at `url`: a server that is to be started, or one that runs. `restarts` where the
/// workload is about what it saves.
pub(super) fn subject(options: &Options, url: &Url, restarts: bool) -> Result<Subject, String> {
    const GRACE: Duration = Duration::from_secs(5);
    let Some(command) = &options.server.exec else { return Ok(Subject::Running(url.clone())) };
    let restart = options.server.restart || restarts;
    Ok(Subject::Launched(Launch {
        program: program()?,
        command: command.words.clone(),
        shell_hint: command.shell_hint.clone(),
        readiness: Readiness::Accepts(url.clone()),
        wait: options.server.wait.unwrap_or(Duration::from_secs(10)),
        grace: options.server.grace.unwrap_or(if restart { GRACE_TO_SAVE } else { GRACE }),
        log: None,
        echo: false,
        restart,
    }))
}

/// A server of ours that is to be launched.
pub(super) struct Served {
    pub(super) specimen: Specimen,
    /// What it takes beside that.
    pub(super) arguments: Vec<OsString>,
    /// Whether it has its grace to save what it has acknowledged.
    pub(super) saves: bool,
    /// Whether it is ended and started again before the state is read the last time.
    pub(super) restarts: bool,
}

/// How a server of ours is launched: on a free port, of which it says which.
pub(super) fn launch(options: &Options, program: &Path, served: Served) -> Launch {
    const WAIT: Duration = Duration::from_secs(10);
    const GRACE: Duration = Duration::from_secs(2);
    let Served { specimen: Specimen { workload, mode, .. }, arguments, saves, restarts } = served;
    let mut command = vec![program.as_os_str().to_owned()];
    command.extend(["server", "--workload", workload, "--mode", mode].map(OsString::from));
    command.extend(["--listen", "127.0.0.1:0"].map(OsString::from));
    if let Some(race_window) = options.specimens.race_window {
        command.extend(["--race-window".into(), race_window.to_string().into()]);
    }
    command.extend(arguments);
    Launch {
        program: program.to_owned(),
        command,
        shell_hint: None,
        readiness: Readiness::Says,
        // It waits for a database itself, and can say what is wrong with that.
        wait: WAIT + documents::Limits::default().start,
        grace: if saves { GRACE_TO_SAVE } else { GRACE },
        log: None,
        echo: true,
        restart: restarts,
    }
}

/// The grace of a server that is to save what it acknowledged, where nobody says otherwise: what is
/// not saved yet may take its time.
const GRACE_TO_SAVE: Duration = Duration::from_mins(1);

/// This program's own file, which is started again as whatever a run needs beside it.
pub(super) fn program() -> Result<PathBuf, String> {
    std::env::current_exe().map_err(|error| format!("cannot find this program's own file: {error}"))
}
