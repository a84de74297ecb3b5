//! What the requests mean, and how that is judged.

use std::path::PathBuf;
use std::time::Duration;

use check::Model;
use clap::Args;

use crate::cli::{thresholds, values};
use crate::extract::{Extract, Next, Written};
use crate::plan::{Effort, Threshold};
use crate::scenario::Answers;

/// What the requests mean, and how that is judged.
#[derive(Args, Debug)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(in crate::cli) struct JudgingArguments {
    /// Where the state is read before and after, to be compared with what was acknowledged;
    /// a path alone is on the same host
    #[arg(long, value_name = "URL", help_heading = JUDGING)]
    pub(in crate::cli) read: Option<String>,

    /// Where the number stands in that answer: json:/POINTER, regex:PATTERN (first group),
    /// header:NAME, prom:METRIC{label="value"} or last (number of the body); of a set, where all of
    /// them stand, as in json:/users[*]/email [default: only, the one number that the answer has; with several, loadgen says
    /// which rule names which]
    #[arg(long, value_name = "RULE", value_parser = values::list_rule, help_heading = JUDGING)]
    pub(in crate::cli) extract: Option<Extract>,

    /// Where the answer to --read says which page comes next, where the list has several: link (the Link
    /// field whose relation is next), json:/next (a link), or cursor=json:/next_cursor (what the
    /// parameter cursor of the query is for the next page)
    #[arg(long, value_name = "RULE", value_parser = values::next_page, help_heading = JUDGING)]
    pub(in crate::cli) next_page: Option<Next>,

    /// What the requests mean; every answer is then judged with the time it took: counter,
    /// fetch-and-add, register, bounded[:N], set, unique (no two answers carry the same value), once (of all
    /// requests for an --object at most one has an effect), dispense (of what --read lists, each is
    /// handed out once) or dispense:fifo (and in that order) [default: the totals alone; without URL or
    /// with a --workload what suits it]
    #[arg(long, value_name = "MODEL", value_parser = values::model, help_heading = JUDGING)]
    pub(in crate::cli) model: Option<Model>,

    /// Where the answer to an update carries its result, by a rule as for --extract: the new value
    /// of fetch-and-add [default: only], a number that is 0 where nothing was taken of bounded
    /// [default: what means applied took, see --answers], the element that was added to a set, where
    /// the service chooses it, or what unique, once and dispense return
    #[arg(long, value_name = "RULE", value_parser = values::rule, help_heading = JUDGING)]
    pub(in crate::cli) result: Option<Extract>,

    /// What answers mean, as rules of which the first that fits counts:
    /// '409=refused,4xx=not-applied', '200 json:/success=false=refused', '200 regex:PATTERN=WORD'.
    /// Words: applied, refused (there was nothing to take), empty, same (another request did it),
    /// not-applied, unknown [default: 2xx applied, 4xx not applied as far as nothing else shows,
    /// others unknown]; repeatable
    #[arg(long, value_name = "RULES", help_heading = JUDGING)]
    pub(in crate::cli) answers: Vec<Answers>,

    /// What an answer must have to count as an acknowledgement, beside its status: contains:TEXT,
    /// json:/POINTER=VALUE, header:NAME=VALUE or regex:PATTERN. One without it is unknown, unless
    /// --answers says what it means; repeatable
    #[arg(long, value_name = "RULE", value_parser = Answers::expecting, help_heading = JUDGING)]
    pub(in crate::cli) expect: Vec<Answers>,

    /// Which of many objects a request is about, each of which is judged by itself: '{{sku}}', with a
    /// name of --pick. --model says what each of them is
    #[arg(long, value_name = "TEXT", requires = "model", help_heading = JUDGING)]
    pub(in crate::cli) object: Option<String>,

    /// How much each update adds to a counter, or takes of what is left, as 3, or 12.50: then hundredths
    /// are counted [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = values::amount, help_heading = JUDGING)]
    pub(in crate::cli) amount: Option<Written>,

    /// Nobody else changes what the requests change: an update too many is then the service's fault
    /// [default: so where loadgen starts the server]
    #[arg(long, help_heading = JUDGING)]
    pub(in crate::cli) exclusive: bool,

    /// Where the state shows less than was acknowledged, read it again until it has not changed for
    /// this long: what is not applied yet is not lost. 0 takes the first read [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = values::duration_or_zero, help_heading = JUDGING)]
    pub(in crate::cli) settle: Option<Duration>,

    /// Let this share of the requests read, as --read says, instead of updating (5%)
    #[arg(long, value_name = "SHARE", value_parser = values::share, help_heading = JUDGING)]
    pub(in crate::cli) reads: Option<f64>,

    /// Let each update write a value that no other does, in place of {value} in the URL, a header
    /// or the data; with the models register and set this is so anyway
    #[arg(long, help_heading = JUDGING)]
    pub(in crate::cli) writes: bool,

    /// End at the first anomaly that the answers prove, with exit code 1: for the models counter, with
    /// --reads, fetch-and-add and bounded
    #[arg(long, help_heading = JUDGING)]
    pub(in crate::cli) first: bool,

    /// A limit that a figure is to keep to, or the exit code is 4: 'p(99)<50ms', 'fail_rate<1%'. Figures:
    /// p(N), avg, min, med, max (latency), throughput (requests/s), error_rate (not ok), fail_rate,
    /// unknown_rate, dropped, lost, bytes; repeatable
    #[arg(long = "threshold", value_name = "LIMIT", value_parser = thresholds::threshold, help_heading = JUDGING)]
    pub(in crate::cli) thresholds: Vec<Threshold>,

    /// Check thresholds every second, and end at the first that is crossed
    #[arg(long, requires = "thresholds", help_heading = JUDGING)]
    pub(in crate::cli) abort_on_threshold: bool,

    /// Record every request and its answer, as JSON lines that `loadgen check` reads
    #[arg(long, value_name = "FILE", help_heading = JUDGING)]
    pub(in crate::cli) history: Option<PathBuf>,

    /// Beyond this many requests keep none, and judge by the totals alone; 0 keeps none at all
    #[arg(long, value_name = "N", default_value_t = 20_000_000, help_heading = JUDGING)]
    pub(in crate::cli) history_limit: u64,

    #[command(flatten)]
    pub(in crate::cli) effort: EffortOptions,
}

/// How much is spent on a verdict on a history.
#[derive(Args, Debug)]
pub(in crate::cli) struct EffortOptions {
    /// Longest search for an order that explains every answer, where a history needs one
    #[arg(long, value_name = "TIME", value_parser = values::duration, default_value = "60s", help_heading = JUDGING)]
    check_timeout: Duration,

    /// Most memory of such a search, for each object, and of a history, recorded or read (512MiB, 2GiB)
    #[arg(long, value_name = "SIZE", value_parser = values::size, default_value = "1GiB", help_heading = JUDGING)]
    check_memory: usize,

    /// Write the operations of a valid history in an order that explains every answer
    #[arg(long, value_name = "FILE", help_heading = JUDGING)]
    pub(in crate::cli) certificate: Option<PathBuf>,
}

impl EffortOptions {
    pub(in crate::cli) fn effort(&self) -> Effort {
        Effort {
            timeout: self.check_timeout,
            memory_bytes: self.check_memory,
            certify: self.certificate.is_some(),
        }
    }
}

const JUDGING: &str = "Judging";
