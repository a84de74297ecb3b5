//! What each generator is run against.

use std::io;
use std::thread;

use crate::delays::{Delays, Stops};
use crate::figures::Figures;
use crate::generators::{Generator, Load, Place, Said};
use crate::log::{Due, Log};
use crate::server::Server;

/// A server, and a load on it.
pub(crate) struct Scenario {
    pub(crate) delays: Delays,
    pub(crate) stops: Option<Stops>,
    /// Requests a second.
    pub(crate) rate: u32,
    pub(crate) seconds: u32,
    /// Whether generators come before all other processes.
    pub(crate) comes_first: bool,
    /// For generators that need a number.
    pub(crate) connections: u32,
}

/// What came of one.
pub(crate) struct Run {
    pub(crate) generator: &'static Generator,
    pub(crate) said: Said,
    pub(crate) log: Log,
    load: Load,
}

impl Scenario {
    /// Runs each of the generators against a server of its own.
    pub(crate) fn runs(
        &self,
        generators: &[&'static Generator],
        loadgen: &str,
    ) -> io::Result<Vec<Run>> {
        generators.iter().map(|generator| self.run(generator, loadgen)).collect()
    }

    fn run(&self, generator: &'static Generator, loadgen: &str) -> io::Result<Run> {
        let cores = thread::available_parallelism()?.get();
        // One processor for the server, one for the generator.
        let core = |core| (cores > 1).then_some(core);
        let server = Server::start(self.delays, self.stops, core(0))?;
        let &Self { delays, rate, seconds, connections, .. } = self;
        let load = Load { url: server.url(), rate, seconds, delay: delays.mean(), connections };
        let place = Place { core: core(1), is_first: self.comes_first };
        let said = generator.run(&load, place, loadgen);
        let log = server.finish()?;
        Ok(Run { generator, said: said?, log, load })
    }
}

impl Run {
    /// The delays that the server gave to the requests which are in the generator's figures.
    pub(crate) fn truth(&self) -> Figures {
        self.log.delays((self.generator.leaves_out)(&self.load))
    }

    /// The latencies that requests have by arithmetic, if they are due at the load's rate.
    pub(crate) fn arithmetic(&self) -> Figures {
        let Load { rate, seconds, delay, .. } = self.load;
        let from = (self.generator.leaves_out)(&self.load);
        self.log.latencies(Due { rate: f64::from(rate), count: rate * seconds, from }, delay)
    }
}
