//! The lines of a server's output that say that something went wrong, and which of them count.

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Serialize;

use super::patterns::Pattern;

/// A line that says that something went wrong, and how often it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// What recognised it.
    pub kind: &'static str,
    /// How often it came.
    pub count: u64,
    /// The line, as it first came.
    pub line: String,
    /// What followed the first one: the stacks of a data race, say.
    pub detail: Vec<String>,
    /// What of ours provoked it; `None` where it counts against the server.
    pub provoked: Option<Provoked>,
}

/// What of ours provokes a line that would otherwise be a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Provoked {
    /// We closed a connection without waiting for the answer any longer.
    HangUp,
    /// We told the server to end.
    Stop,
}

/// When a server said something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before it was told to end.
    #[default]
    Running,
    /// When it was told to end, and had to save what it had acknowledged.
    Saving,
    /// When it was told to end, and had nothing more to do.
    Ending,
}

/// What a server said that may be a finding: facts alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sighting {
    kind: &'static str,
    count: u64,
    line: String,
    detail: Vec<String>,
    /// By what it is told from others of its kind: what names the failure, without numbers.
    name: String,
    moment: Moment,
    /// Whether it is about a connection whose other end has gone.
    is_broken_connection: bool,
}

/// What counts as a finding of what was `seen`, and what does not because we provoked it, in this
/// order; `hung_up` says whether we gave up any request that the server had.
pub(crate) fn findings(seen: Vec<Sighting>, hung_up: bool) -> Vec<Finding> {
    let mut named: Vec<(String, Finding)> = Vec::new();
    for sighting in seen {
        let provoked = sighting.provoked(hung_up);
        let Sighting { kind, count, line, detail, name, .. } = sighting;
        let same = |(other, finding): &&mut (String, Finding)| {
            finding.kind == kind && finding.provoked == provoked && *other == name
        };
        match named.iter_mut().find(same) {
            Some((_, finding)) => finding.count += count,
            None => named.push((name, Finding { kind, count, line, detail, provoked })),
        }
    }
    named.sort_by_key(|(_, finding)| finding.provoked);
    named.into_iter().map(|(_, finding)| finding).collect()
}

impl Sighting {
    fn provoked(&self, hung_up: bool) -> Option<Provoked> {
        match self.moment {
            Moment::Ending if !self.is_leak() => Some(Provoked::Stop),
            _ if self.is_broken_connection && hung_up => Some(Provoked::HangUp),
            _ => None,
        }
    }

    /// Whether it is about the whole run: a leak can be told only when a process ends.
    fn is_leak(&self) -> bool {
        self.kind == "lsan" || self.kind == "sanitizer" && self.line.contains(" leaked in ")
    }
}

/// Reads a server's output line by line and keeps what matters, once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Findings {
    seen: Vec<Sighting>,
    /// The one whose detail the next lines are.
    open: Option<Open>,
    moment: Moment,
    /// How many lines were or may have been part of any.
    lines: u64,
}

/// A sighting that may go on.
#[derive(Debug, Clone)]
struct Open {
    pattern: &'static Pattern,
    line: String,
    detail: Vec<String>,
    /// The line of the detail that names the failure.
    failure: Option<String>,
    moment: Moment,
}

/// Different findings that are kept; a server that fails in more ways than this is understood.
const MAX_FINDINGS: usize = 100;
/// Lines of detail that are kept: two stacks, usually.
const MAX_DETAIL_LINES: usize = 60;

impl Findings {
    /// Takes the next line of output.
    pub(crate) fn read(&mut self, line: &str) {
        let pattern = Pattern::of(line);
        self.lines += u64::from(pattern.is_some() || self.open.is_some());
        if let Some(pattern) = pattern {
            self.close();
            let (line, moment) = (line.to_owned(), self.moment);
            self.open = Some(Open { pattern, line, detail: Vec::new(), failure: None, moment });
        } else if let Some(open) = &mut self.open
            && !open.goes_on(line)
        {
            self.close();
        }
    }

    /// What comes from now on is said at this moment.
    pub(crate) fn at(&mut self, moment: Moment) {
        self.moment = moment;
    }

    /// What was seen until now, the one that may go on as far as it is; `None` if that is no more than
    /// when it had the `known` number of lines, which is brought up to date.
    pub(crate) fn since(&self, known: &mut u64) -> Option<Vec<Sighting>> {
        let is_more = std::mem::replace(known, self.lines) < self.lines;
        is_more.then(|| self.clone().take())
    }

    /// What was seen, in the order in which it first came; nothing is left.
    pub(crate) fn take(&mut self) -> Vec<Sighting> {
        self.close();
        std::mem::take(&mut self.seen)
    }

    /// Takes back that anything was said because the server was told to end: it did so by itself.
    pub(crate) fn was_never_told(&mut self) {
        self.close();
        self.at(Moment::Running);
        self.seen.iter_mut().for_each(|sighting| sighting.moment = Moment::Running);
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let sighting = open.sighting();
        if let Some(seen) = self.seen.iter_mut().find(|seen| seen.is_like(&sighting)) {
            seen.count += 1;
        } else if self.seen.len() < MAX_FINDINGS {
            self.seen.push(sighting);
        }
    }
}

impl Open {
    /// Takes a line that may belong to it, and says whether the next one may, too.
    fn goes_on(&mut self, line: &str) -> bool {
        let detail = &self.pattern.detail;
        if !detail.continues(line) {
            return false;
        }
        let is_last = detail.ends_with(line);
        if !line.is_empty() {
            self.failure = is_last.then(|| line.to_owned());
            // However deep a recursion went, what it came to is kept.
            if is_last || self.detail.len() < MAX_DETAIL_LINES {
                self.detail.push(line.to_owned());
            }
        }
        !is_last
    }

    fn sighting(self) -> Sighting {
        let Self { pattern, line, detail, failure, moment } = self;
        let failure = failure.as_deref();
        Sighting {
            kind: pattern.kind,
            count: 1,
            name: without_numbers(&line) + &failure.map(without_numbers).unwrap_or_default(),
            moment,
            is_broken_connection: pattern.is_broken_connection(failure.unwrap_or(&line)),
            line,
            detail,
        }
    }
}

impl Sighting {
    /// Whether both are the same but for numbers: addresses, times, processes.
    fn is_like(&self, other: &Self) -> bool {
        let both = |of: fn(&Self) -> (&'static str, &str, Moment)| of(self) == of(other);
        both(|sighting| (sighting.kind, &sighting.name, sighting.moment))
    }
}

/// The line without its digits and the letters of hexadecimal numbers.
fn without_numbers(line: &str) -> String {
    let is_hexadecimal = |word: &str| word.starts_with("0x");
    line.split(' ')
        .filter(|word| !is_hexadecimal(word))
        .flat_map(|word| word.chars().filter(|c| !c.is_ascii_digit()).chain([' ']))
        .collect()
}
