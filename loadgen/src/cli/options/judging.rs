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
    /// Read the state at this URL before and after the load, and compare it with what was
    /// acknowledged; a path is on the host of the load
    #[arg(long, value_name = "URL", help_heading = JUDGING)]
    pub(in crate::cli) read: Option<String>,

    /// Where that answer has the number: json:/POINTER, regex:PATTERN (first group), header:NAME,
    /// prom:METRIC{label="value"}, or last (the last number of the body). For a set, where it has
    /// the elements, as in json:/users[*]/email [default: only, the single number of the answer; if
    /// there are several, loadgen lists a rule for each]
    #[arg(long, value_name = "RULE", value_parser = values::list_rule, help_heading = JUDGING)]
    pub(in crate::cli) extract: Option<Extract>,

    /// Where the answer to --read names the next page of a list with several pages: link (the Link
    /// header with the relation next), json:/next (a link), or cursor=json:/next_cursor or
    /// cursor=header:NAME (the value of the query parameter cursor for the next page)
    #[arg(long, value_name = "RULE", value_parser = values::next_page, help_heading = JUDGING)]
    pub(in crate::cli) next_page: Option<Next>,

    /// Judge every answer, and the time it took, by this model of the requests: counter,
    /// fetch-and-add, register, bounded[:N], set, unique (no two answers carry the same value),
    /// once (at most one request for each --object has an effect), dispense (each element that
    /// --read lists is handed out once) or dispense:fifo (and in that order) [default: judge only
    /// the totals; without a URL or with --workload, the model of the workload]
    #[arg(long, value_name = "MODEL", value_parser = values::model, help_heading = JUDGING)]
    pub(in crate::cli) model: Option<Model>,

    /// Where the answer to an update carries its result, by a rule as for --extract: for
    /// fetch-and-add, the new value [default: only]; for bounded, a number that is 0 if nothing was
    /// taken [default: an answer that means applied took something, see --answers]; for set, the
    /// added element, if the service chooses it; for unique, once and dispense, the returned value
    #[arg(long, value_name = "RULE", value_parser = values::rule, help_heading = JUDGING)]
    pub(in crate::cli) result: Option<Extract>,

    /// Rules that say what answers mean; the first rule that fits counts:
    /// '409=refused,4xx=not-applied', '200 json:/success=false=refused', '200 regex:PATTERN=WORD'.
    /// Words: applied, refused (there was nothing to take), empty, same (another request did it),
    /// not-applied, unknown [default: 2xx applied, 4xx not applied unless something contradicts it,
    /// others unknown]; repeatable
    #[arg(long, value_name = "RULES", help_heading = JUDGING)]
    pub(in crate::cli) answers: Vec<Answers>,

    /// Count a success as acknowledged only if it also has this: contains:TEXT,
    /// json:/POINTER=VALUE, header:NAME=VALUE or regex:PATTERN. Otherwise it is unknown, unless
    /// --answers says what it means; repeatable
    #[arg(long, value_name = "RULE", value_parser = Answers::expecting, help_heading = JUDGING)]
    pub(in crate::cli) expect: Vec<Answers>,

    /// Object that a request is about, such as '{{sku}}' with a name of --pick; each object is
    /// judged by itself, as --model says
    #[arg(long, value_name = "TEXT", requires = "model", help_heading = JUDGING)]
    pub(in crate::cli) object: Option<String>,

    /// Amount that each update adds to a counter, or takes from what is left: 3, or 12.50, which
    /// counts in hundredths [default: 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = values::amount, help_heading = JUDGING)]
    pub(in crate::cli) amount: Option<Written>,

    /// Assume that nobody else changes what the requests change: an update too many is then the
    /// service's fault [default: on if loadgen starts the server]
    #[arg(long, help_heading = JUDGING)]
    pub(in crate::cli) exclusive: bool,

    /// If the state shows less than was acknowledged, read it again until it has not changed for
    /// this time: a late update is not a lost one. 0 takes the first read [default: 1s; a
    /// --workload has its own]
    #[arg(long, value_name = "TIME", value_parser = values::duration_or_zero, help_heading = JUDGING)]
    pub(in crate::cli) settle: Option<Duration>,

    /// Let this share of the requests read, as --read says, instead of updating (5%)
    #[arg(long, value_name = "SHARE", value_parser = values::share, help_heading = JUDGING)]
    pub(in crate::cli) reads: Option<f64>,

    /// Write a different value with each update, in place of {value} in the URL, a header or the
    /// data; the model register does so anyway, and set unless --result is given
    #[arg(long, help_heading = JUDGING)]
    pub(in crate::cli) writes: bool,

    /// End at the first anomaly that the answers prove, with exit code 1; for the models
    /// fetch-and-add, bounded, and counter with --reads
    #[arg(long, help_heading = JUDGING)]
    pub(in crate::cli) first: bool,

    /// Limit for a figure; a run that crosses it has exit code 4: 'p(99)<50ms', 'fail_rate<1%'.
    /// Figures: p(N), avg, min, med, max (latency), throughput (requests/s), error_rate (not ok),
    /// fail_rate, unknown_rate, dropped, lost, bytes; repeatable
    #[arg(long = "threshold", value_name = "LIMIT", value_parser = thresholds::threshold, help_heading = JUDGING)]
    pub(in crate::cli) thresholds: Vec<Threshold>,

    /// Check thresholds every second, and end the run at the first one that is crossed
    #[arg(long, requires = "thresholds", help_heading = JUDGING)]
    pub(in crate::cli) abort_on_threshold: bool,

    /// Record every request and its answer, as JSON lines that `loadgen check` reads
    #[arg(long, value_name = "FILE", help_heading = JUDGING)]
    pub(in crate::cli) history: Option<PathBuf>,

    /// If there are more requests than this, keep none and judge only the totals; 0 never keeps any
    #[arg(long, value_name = "N", default_value_t = 20_000_000, help_heading = JUDGING)]
    pub(in crate::cli) history_limit: u64,

    #[command(flatten)]
    pub(in crate::cli) effort: EffortOptions,
}

/// How much is spent on a verdict on a history.
#[derive(Args, Debug)]
pub(in crate::cli) struct EffortOptions {
    /// Longest search for an order that explains every answer, if a history needs a search
    #[arg(long, value_name = "TIME", value_parser = values::duration, default_value = "60s", help_heading = JUDGING)]
    check_timeout: Duration,

    /// Most memory for such a search, for each object, and for a history that is recorded or read
    /// (512MiB, 2GiB)
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
