//! How much is sent, and when.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use clap::Args;

use crate::cli::rates::{self, Spread, Stages};
use crate::cli::values;
use crate::plan::{Client, WarmUp};

/// How much is sent, and when.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(in crate::cli) struct LoadArguments {
    /// Send exactly this many requests [default: 1; if -c is above 1: 10 times -c, at least 200;
    /// without a URL: 20000; a --workload has its own]
    #[arg(short = 'n', long, value_name = "N", value_parser = values::count::<NonZeroU64>, help_heading = LOAD)]
    pub(in crate::cli) requests: Option<NonZeroU64>,

    /// Requests in flight at once, each on its own connection [default: 1; without a URL: 200; a
    /// --workload has its own]
    #[arg(short, long, value_name = "N", value_parser = values::count::<NonZeroUsize>, help_heading = LOAD)]
    pub(in crate::cli) concurrency: Option<NonZeroUsize>,

    /// Stop after this time or 50000 requests; a later -n replaces the 50000. A plain number is
    /// seconds
    #[arg(short = 't', value_name = "TIME", value_parser = values::duration, conflicts_with = "duration", help_heading = LOAD)]
    pub(in crate::cli) time_limit: Option<Duration>,

    /// Send for this long (500ms, 10s, 2m); the number of requests has no limit unless -n sets one
    #[arg(long, value_name = "TIME", value_parser = values::duration, help_heading = LOAD)]
    pub(in crate::cli) duration: Option<Duration>,

    /// Send at this rate (5000/s, 300/m), whether or not earlier requests were answered. -c is then
    /// the most requests in flight; a request that is due beyond it is dropped
    #[arg(long, value_name = "RATE", value_parser = rates::rate_above_zero, help_heading = LOAD)]
    pub(in crate::cli) rate: Option<f64>,

    /// Increase the load from zero to --rate, or to all clients of -c, during this time
    #[arg(long, value_name = "TIME", value_parser = values::duration, conflicts_with = "stages", help_heading = LOAD)]
    pub(in crate::cli) ramp_up: Option<Duration>,

    /// Change the rate in straight lines, from --rate or from 0 to each point in turn, then end:
    /// 10s:100/s,30s:1000/s,10s:0/s
    #[arg(long, value_name = "STAGES", value_parser = rates::stages, help_heading = LOAD)]
    pub(in crate::cli) stages: Option<Stages>,

    /// How to spread the requests of a rate over time
    #[arg(long, value_name = "HOW", default_value = "constant", help_heading = LOAD)]
    pub(in crate::cli) arrival: Spread,

    /// Seed of everything that is random (poisson arrivals, {{rand}}, {{uuid}}, --pick, --shuffle):
    /// the same seed gives the same values again
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = LOAD)]
    pub(in crate::cli) seed: u64,

    /// Leave the first requests out of the figures: a number of them (100), or those of a time
    /// (2s). They are in addition to -n and --duration, and judged like the others
    #[arg(long, value_name = "N|TIME", value_parser = rates::warm_up, conflicts_with_all = ["stages", "ramp_up"], help_heading = LOAD)]
    pub(in crate::cli) warm_up: Option<WarmUp>,

    /// Longest time for a request, including its connection [default: 30s]
    #[arg(short = 's', long, value_name = "TIME", value_parser = values::duration, help_heading = LOAD)]
    pub(in crate::cli) timeout: Option<Duration>,

    /// Call the target stalled if it answers nothing for this long while requests are in flight; a
    /// run whose answers are judged then ends [default: 2s]
    #[arg(long, value_name = "TIME", value_parser = values::duration, help_heading = LOAD)]
    pub(in crate::cli) stall: Option<Duration>,

    /// Go on if a new connection is reset or closed before its first answer
    #[arg(short = 'r', help_heading = LOAD)]
    pub(in crate::cli) survive_receive_errors: bool,

    /// Keep connections open for further requests (the default)
    #[arg(short = 'k', conflicts_with = "no_keep_alive", help_heading = LOAD)]
    pub(in crate::cli) keep_alive: bool,

    /// Open a new connection for each request
    #[arg(long, help_heading = LOAD)]
    pub(in crate::cli) no_keep_alive: bool,

    /// Speak HTTP/2: negotiated over TLS (ALPN), assumed without TLS (prior knowledge)
    #[arg(long, conflicts_with = "client", help_heading = LOAD)]
    pub(in crate::cli) http2: bool,

    /// Requests that an HTTP/2 connection carries at once: there are -c divided by N connections
    /// [default: 1]
    #[arg(long, value_name = "N", requires = "http2", value_parser = values::count::<NonZeroUsize>, help_heading = LOAD)]
    pub(in crate::cli) streams: Option<NonZeroUsize>,

    /// Client that sends the requests: loadgen's own, or reqwest, to see what an ordinary client
    /// costs
    #[arg(long, value_name = "CLIENT", default_value = "http1", value_parser = values::client, help_heading = LOAD)]
    client: Client,

    /// Threads that send requests [default: one per core]
    #[arg(long, value_name = "N", value_parser = values::threads, help_heading = LOAD)]
    pub(in crate::cli) threads: Option<NonZeroUsize>,

    // Taken to be refused with the reason.
    #[arg(long, hide = true)]
    pub(in crate::cli) http3: bool,

    // ab has it: taken to be refused with the reason.
    #[arg(short = 'b', value_name = "BYTES", value_parser = no_buffers, hide = true)]
    socket_buffers: Option<u64>,
}

const LOAD: &str = "Load";

fn no_buffers(_: &str) -> Result<u64, String> {
    Err("the kernel sizes the buffers of sockets by itself; sysctl net.ipv4.tcp_wmem and tcp_rmem set its bounds"
        .to_owned())
}

impl LoadArguments {
    /// Which client sends the requests.
    pub(in crate::cli) fn client(&self) -> Client {
        if self.http2 {
            return Client::Http2 { streams: self.streams.map_or(1, NonZeroUsize::get) };
        }
        self.client
    }
}
