//! The options, as clap reads them.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use check::Model;
use check::files::Given;
use clap::Parser;
use clap::builder::{PossibleValue, PossibleValuesParser};
use store::{RaceWindow, WORKLOADS};
use url::Url;

use super::compare::CompareOptions;
use super::not_built::NotBuilt;
use super::rates::{self, Spread, Stages};
use super::reaching::ReachingArguments;
use super::request::RequestArguments;
use super::thresholds;
use super::tls::TlsArguments;
use super::values::{self, CommandLine};
use crate::extract::Extract;
use crate::plan::{Client, Effort, Threshold, WarmUp};
use crate::report::Color;
use crate::scenario::Answers;

/// Load an HTTP service and say whether its answers were right.
///
/// Without a URL, loadgen starts its own counter server and loads it unprotected (racy) and
/// protected (mutex): 20000 requests at 200 at once, and the updates that were lost.
#[derive(Parser, Debug)]
#[command(
    version,
    disable_version_flag = true,
    args_conflicts_with_subcommands = true,
    // As with ab, the last one counts: scripts add options to a set of their own.
    args_override_self = true,
    after_help = "Examples:\n  \
                    loadgen -n 20000 -c 200\n  \
                    loadgen -n 20000 -c 200 --read '/get?name=i' 'http://127.0.0.1:8000/inc?name=i'\n  \
                    loadgen --workload booking -n 50 -c 50\n  \
                    loadgen --workload all\n\n\
                  Exit codes: 0 valid or nothing to judge, 1 invalid or undecided or stalled or the server's\n\
                  output says that something went wrong, 2 wrong usage, 3 the target could not be reached, died\n\
                  or answered no request well, or the run was cut short, 4 a threshold was crossed, or `compare`\n\
                  found a regression."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Subcommand>,
    #[command(flatten)]
    pub(super) options: Options,
}

#[derive(clap::Subcommand, Debug)]
pub(super) enum Subcommand {
    /// Judge a recorded history again
    Check(CheckOptions),
    /// Set the JSON reports of runs side by side, and say whether a difference is more than noise
    Compare(CompareOptions),
    /// Print what a shell needs to complete the options: bash, zsh, fish, elvish or powershell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, in roff: loadgen man | man -l -
    Man {
        /// The command that it is about [default: the whole program]
        command: Option<String>,
    },
    /// Be the server that a run without URL starts
    Server(server::cli::Options),
    /// Stand between loadgen and a server under test
    #[command(hide = true)]
    Supervise(crate::subject::supervise::Options),
}

#[derive(clap::Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
pub(super) struct Options {
    /// What to load; `http://` may be left out. Without it, a server of its own is started
    #[arg(value_parser = values::url)]
    pub(super) url: Option<Url>,

    // Taken to be refused with a better message than clap's.
    #[arg(hide = true)]
    pub(super) surplus: Vec<String>,

    /// Requests to send, exactly [default: 1; with -c 200, or 10 for each connection if that is
    /// more; 20000 without URL; as suits a --workload]
    #[arg(short = 'n', long, value_name = "N", value_parser = values::count::<NonZeroU64>, help_heading = LOAD)]
    pub(super) requests: Option<NonZeroU64>,

    /// Requests in flight at once, each on its own connection [default: 1; 200 without URL; as
    /// suits a --workload]
    #[arg(short, long, value_name = "N", value_parser = values::count::<NonZeroUsize>, help_heading = LOAD)]
    pub(super) concurrency: Option<NonZeroUsize>,

    /// Stop after this time, or after 50000 requests unless -n follows; a plain number is seconds
    #[arg(short = 't', value_name = "TIME", value_parser = values::duration, conflicts_with = "duration", help_heading = LOAD)]
    pub(super) time_limit: Option<Duration>,

    /// Send for this long, as many requests as it takes unless -n is given (500ms, 10s, 2m)
    #[arg(long, value_name = "TIME", value_parser = values::duration, help_heading = LOAD)]
    pub(super) duration: Option<Duration>,

    /// Send so many in a time, whatever is in flight, rather than each when its client's last is
    /// answered: 5000/s, 300/m. -c is then the most in flight; what is due beyond it is dropped
    #[arg(long, value_name = "RATE", value_parser = rates::rate_above_zero, help_heading = LOAD)]
    pub(super) rate: Option<f64>,

    /// Begin with no load and come to --rate, or to all of -c, in this time
    #[arg(long, value_name = "TIME", value_parser = values::duration, conflicts_with = "stages", help_heading = LOAD)]
    pub(super) ramp_up: Option<Duration>,

    /// Change the rate in straight lines, from --rate or 0, to each point, and end:
    /// 10s:100/s,30s:1000/s,10s:0/s
    #[arg(long, value_name = "STAGES", value_parser = rates::stages, help_heading = LOAD)]
    pub(super) stages: Option<Stages>,

    /// How the requests of a rate are spread
    #[arg(long, value_name = "HOW", default_value = "constant", help_heading = LOAD)]
    pub(super) arrival: Spread,

    /// What poisson arrivals are made from: the same seed, the same times
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = LOAD)]
    pub(super) seed: u64,

    /// Keep the first requests out of the figures: so many (100), or those of a time (2s). They are
    /// in addition to -n and --duration, and judged as the others
    #[arg(long, value_name = "N|TIME", value_parser = rates::warm_up, conflicts_with_all = ["stages", "ramp_up"], help_heading = LOAD)]
    pub(super) warm_up: Option<WarmUp>,

    /// Longest wait for an answer, its connection included [default: 30s]
    #[arg(short = 's', long, value_name = "TIME", value_parser = values::duration, help_heading = LOAD)]
    pub(super) timeout: Option<Duration>,

    /// Call the target stalled when it has answered nothing for this long with requests in flight; a
    /// run whose answers are judged ends then [default: 2s]
    #[arg(long, value_name = "TIME", value_parser = values::duration, help_heading = LOAD)]
    pub(super) stall: Option<Duration>,

    /// Go on after a new connection was reset or closed before its first answer
    #[arg(short = 'r', help_heading = LOAD)]
    pub(super) survive_receive_errors: bool,

    /// Keep connections for further requests, which is the default
    #[arg(short = 'k', conflicts_with = "no_keep_alive", help_heading = LOAD)]
    pub(super) keep_alive: bool,

    /// Make a new connection for each request
    #[arg(long, help_heading = LOAD)]
    pub(super) no_keep_alive: bool,

    /// Which client sends the requests: our own, or reqwest, to see what an ordinary client costs
    #[arg(long, value_name = "CLIENT", default_value = "http1", value_parser = values::client, help_heading = LOAD)]
    pub(super) client: Client,

    /// Threads that send [default: one per core]
    #[arg(long, value_name = "N", value_parser = values::threads, help_heading = LOAD)]
    pub(super) threads: Option<NonZeroUsize>,

    #[command(flatten)]
    pub(super) request: RequestArguments,

    #[command(flatten)]
    pub(super) reaching: ReachingArguments,

    #[command(flatten)]
    pub(super) tls: TlsArguments,

    /// Where the state is read before and after, to be compared with what was acknowledged;
    /// a path alone is on the same host
    #[arg(long, value_name = "URL", help_heading = JUDGING)]
    pub(super) read: Option<String>,

    /// Where the number stands in that answer: json:/POINTER, regex:PATTERN (first group),
    /// header:NAME, prom:METRIC{label="value"} or last (number of the body); of a set, where all of
    /// them stand [default: only, the one number that the answer has; with several, loadgen says
    /// which rule names which]
    #[arg(long, value_name = "RULE", value_parser = values::rule, help_heading = JUDGING)]
    pub(super) extract: Option<Extract>,

    /// What the requests mean; every answer is then judged with the time it took: counter,
    /// fetch-and-add, register, bounded:N or set [default: the totals alone; without URL or
    /// with a --workload what suits it]
    #[arg(long, value_name = "MODEL", value_parser = values::model, help_heading = JUDGING)]
    pub(super) model: Option<Model>,

    /// Where the answer to an update carries its result, by a rule as for --extract: the new value
    /// of fetch-and-add [default: only], a number that is 0 where nothing was taken of bounded
    /// [default: what means applied took, see --answers], or the element that was added to a set, where
    /// the service chooses it
    #[arg(long, value_name = "RULE", value_parser = values::rule, help_heading = JUDGING)]
    pub(super) result: Option<Extract>,

    /// What answers mean, as rules of which the first that fits counts:
    /// '409=refused,4xx=not-applied', '200 json:/success=false=refused', '200 regex:PATTERN=WORD'.
    /// Words: applied, refused (there was nothing to take), empty, same (another request did it),
    /// not-applied, unknown [default: 2xx applied, 4xx not applied as far as nothing else shows,
    /// others unknown]; repeatable
    #[arg(long, value_name = "RULES", help_heading = JUDGING)]
    pub(super) answers: Vec<Answers>,

    /// Nobody else changes what the requests change: an update too many is then the service's fault
    /// [default: so where loadgen starts the server]
    #[arg(long, help_heading = JUDGING)]
    pub(super) exclusive: bool,

    /// Where the state shows less than was acknowledged, read it again until it has not changed for
    /// this long: what is not applied yet is not lost. 0 takes the first read [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = values::duration_or_zero, help_heading = JUDGING)]
    pub(super) settle: Option<Duration>,

    /// Let this share of the requests read, as --read says, instead of updating (5%)
    #[arg(long, value_name = "SHARE", value_parser = values::share, help_heading = JUDGING)]
    pub(super) reads: Option<f64>,

    /// Let each update write a value that no other does, in place of {value} in the URL, a header
    /// or the data; with the models register and set this is so anyway
    #[arg(long, help_heading = JUDGING)]
    pub(super) writes: bool,

    /// End at the first anomaly that the answers prove, with exit code 1: for the models counter, with
    /// --reads, fetch-and-add and bounded
    #[arg(long, help_heading = JUDGING)]
    pub(super) first: bool,

    /// A limit that a figure is to keep to, or the exit code is 4: 'p(99)<50ms', 'fail_rate<1%'. Figures:
    /// p(N), avg, min, med, max (latency), throughput (requests/s), error_rate (not ok), fail_rate,
    /// unknown_rate, dropped, lost, bytes; repeatable
    #[arg(long = "threshold", value_name = "LIMIT", value_parser = thresholds::threshold, help_heading = JUDGING)]
    pub(super) thresholds: Vec<Threshold>,

    /// Check thresholds every second, and end at the first that is crossed
    #[arg(long, requires = "thresholds", help_heading = JUDGING)]
    pub(super) abort_on_threshold: bool,

    /// Record every request and its answer, as JSON lines that `loadgen check` reads
    #[arg(long, value_name = "FILE", help_heading = JUDGING)]
    pub(super) history: Option<PathBuf>,

    /// Beyond this many requests keep none, and judge by the totals alone; 0 keeps none at all
    #[arg(long, value_name = "N", default_value_t = 20_000_000, help_heading = JUDGING)]
    pub(super) history_limit: u64,

    #[command(flatten)]
    pub(super) effort: EffortOptions,

    /// Start the server under test with this command line, watch it, and end it afterwards
    #[arg(long, value_name = "COMMAND", value_parser = values::command_line, help_heading = SERVER)]
    pub(super) exec: Option<CommandLine>,

    /// Where the output of that server goes [default: the last 64 KiB go into the JSON report]
    #[arg(long, value_name = "FILE", requires = "exec", help_heading = SERVER)]
    pub(super) exec_log: Option<PathBuf>,

    /// How long that server may take until it accepts connections [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = values::duration, requires = "exec", help_heading = SERVER)]
    pub(super) wait: Option<Duration>,

    /// How long that server may take to end after SIGTERM, before SIGKILL [default: 5s; 1m
    /// with --restart]
    #[arg(long, value_name = "TIME", value_parser = values::duration, requires = "exec", help_heading = SERVER)]
    pub(super) grace: Option<Duration>,

    /// What to do when the target ends, or refuses every connection for a second
    #[arg(long, value_name = "ACTION", default_value = "stop", help_heading = SERVER)]
    pub(super) on_death: OnDeath,

    /// End the server with SIGTERM and start it again before the state is read the last time:
    /// what it acknowledged, it must have saved
    #[arg(long, requires = "exec", help_heading = SERVER)]
    pub(super) restart: bool,

    /// Load one of the server's workloads, or all of them, as suits it; a URL is then the
    /// server's [default: counter without URL]
    #[arg(long, value_name = "WORKLOAD", value_parser = workload_names(), help_heading = SPECIMENS)]
    pub(super) workload: Option<String>,

    /// Without URL: how the workload is protected; several with commas, or all
    #[arg(long, value_name = "MODE", value_delimiter = ',', help_heading = SPECIMENS, long_help = modes_help())]
    pub(super) mode: Vec<String>,

    /// Without URL: what the racy modes do between read and write: none, yield, spin:N or a
    /// duration [default: 1us; booking: 1ms; unawaited: none]
    #[arg(long, value_name = "WINDOW", help_heading = SPECIMENS)]
    pub(super) race_window: Option<RaceWindow>,

    /// Write the report as JSON to a file; - for standard output, in place of the text
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(super) output: Option<PathBuf>,

    #[command(flatten)]
    pub(super) formats: FormatOptions,

    /// Write a row for each second of the load as CSV: how many ended how, and their latencies
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(super) csv: Option<PathBuf>,

    /// Write the latencies as HdrHistogram's text of percentiles, in milliseconds, for its plotters
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(super) hgrm: Option<PathBuf>,

    /// Write the time of each percentile from 0 to 100 as CSV, in milliseconds, as ab does
    #[arg(short = 'e', value_name = "FILE", help_heading = OUTPUT)]
    pub(super) percentiles: Option<PathBuf>,

    /// Write the times of every request that was answered as TSV, as ab does for gnuplot: the shortest
    /// first, in milliseconds. They are kept in memory, 24 bytes each, up to 20000000
    #[arg(short = 'g', value_name = "FILE", help_heading = OUTPUT)]
    pub(super) gnuplot: Option<PathBuf>,

    /// Print the report as ab's HTML table, in place of the text
    #[arg(short = 'w', help_heading = OUTPUT)]
    pub(super) table: bool,

    /// Attributes of that table; they ask for it, too
    #[arg(short = 'x', value_name = "ATTRIBUTES", value_parser = values::attributes, help_heading = OUTPUT)]
    pub(super) table_attributes: Option<String>,

    /// Attributes of its rows
    #[arg(short = 'y', value_name = "ATTRIBUTES", value_parser = values::attributes, help_heading = OUTPUT)]
    pub(super) row_attributes: Option<String>,

    /// Attributes of its cells [default: bgcolor=white]
    #[arg(short = 'z', value_name = "ATTRIBUTES", value_parser = values::attributes, help_heading = OUTPUT)]
    pub(super) cell_attributes: Option<String>,

    /// Print what would be sent first, and where to, and send nothing; secrets are masked
    #[arg(long, help_heading = OUTPUT)]
    pub(super) dry_run: bool,

    /// When the verdict and findings have colours
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = OUTPUT)]
    pub(super) color: Color,

    /// Show no progress
    #[arg(short, help_heading = OUTPUT)]
    pub(super) quiet: bool,

    /// Show the run on the whole terminal while it goes on: rates, latencies, errors, stalls and what
    /// the server says. q ends the run
    #[arg(long, conflicts_with = "quiet", help_heading = OUTPUT)]
    pub(super) live: bool,

    /// From 2 on, show the request and the first head of each status, on standard error; secrets
    /// are masked
    #[arg(short, value_name = "LEVEL", default_value_t = 1, help_heading = OUTPUT)]
    pub(super) verbosity: u8,

    /// Leave out the percentiles
    #[arg(short = 'd', help_heading = OUTPUT)]
    pub(super) no_percentiles: bool,

    /// Leave out medians and standard deviations
    #[arg(short = 'S', help_heading = OUTPUT)]
    pub(super) no_deviations: bool,

    /// Call the document's length variable; one that varies is no failure anyway
    #[arg(short = 'l', help_heading = OUTPUT)]
    pub(super) variable_length: bool,

    /// Print the version
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = OUTPUT)]
    version: Option<bool>,

    #[command(flatten)]
    not_built: NotBuilt,
}

/// How much is spent on a verdict on a history.
#[derive(clap::Args, Debug)]
pub(super) struct EffortOptions {
    /// Longest search for an order that explains every answer, where a history needs one
    #[arg(long, value_name = "TIME", value_parser = values::duration, default_value = "60s", help_heading = JUDGING)]
    check_timeout: Duration,

    /// Most memory of such a search, for each object, and of a history, recorded or read (512MiB, 2GiB)
    #[arg(long, value_name = "SIZE", value_parser = values::size, default_value = "1GiB", help_heading = JUDGING)]
    check_memory: usize,

    /// Write the operations of a valid history in an order that explains every answer
    #[arg(long, value_name = "FILE", help_heading = JUDGING)]
    pub(super) certificate: Option<PathBuf>,
}

impl EffortOptions {
    pub(super) fn effort(&self) -> Effort {
        Effort {
            timeout: self.check_timeout,
            memory_bytes: self.check_memory,
            certify: self.certificate.is_some(),
        }
    }
}

/// What is judged again, and how that is shown.
#[derive(clap::Args, Debug)]
pub(super) struct CheckOptions {
    /// The history: JSON lines of --history, or events as Jepsen writes them, in EDN or JSON; gzipped
    /// or not; - for standard input
    pub(super) history: PathBuf,

    /// What the operations mean [default: what the history says]
    #[arg(long, value_name = "MODEL", value_parser = values::model)]
    pub(super) model: Option<Model>,

    /// What every object was at first: a number, null, or for a set a list as [1,2] [default: what the
    /// history says; where it does not, what the first reads saw if they agree, or what the model says]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(super) initial: Option<Given>,

    /// Print the verdict as JSON
    #[arg(long)]
    pub(super) json: bool,

    /// When the verdict has colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,

    #[command(flatten)]
    pub(super) formats: FormatOptions,

    #[command(flatten)]
    pub(super) effort: EffortOptions,
}

/// In which other forms the results are written, of a load and of a history.
#[derive(clap::Args, Debug)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
pub(super) struct FormatOptions {
    /// Write the report as a page that needs nothing else
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(super) html: Option<PathBuf>,

    /// Write the report as JUnit's XML, for CI: a case for the run, the verdict, each threshold and each
    /// finding
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(super) junit: Option<PathBuf>,

    /// Write the report as Markdown, as for the summary of a job in CI
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(super) markdown: Option<PathBuf>,
}

/// What happens to a run whose target dies.
#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnDeath {
    /// End the run and report what was measured
    Stop,
    /// Go on until every request has had its outcome
    Continue,
}

const LOAD: &str = "Load";
const JUDGING: &str = "Judging";
const SERVER: &str = "Server under test";
const SPECIMENS: &str = "Specimens";
const OUTPUT: &str = "Output";

/// The name of every workload, and for all of them.
pub(super) const ALL: &str = "all";

fn workload_names() -> PossibleValuesParser {
    let workloads =
        WORKLOADS.map(|workload| PossibleValue::new(workload.name).help(workload.summary));
    let all = PossibleValue::new(ALL).help("all of them, a line for each mode");
    PossibleValuesParser::new(workloads.into_iter().chain([all]))
}

fn modes_help() -> String {
    format!(
        "Without URL: how the workload is protected; several with commas, or all \
         [default: racy,mutex; where they are not to be had, all]\n\n{}",
        server::modes_help()
    )
}
