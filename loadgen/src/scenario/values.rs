//! What the variables of a client's requests are.

use std::time::Duration;

use url::Url;

use super::escape::Escape;
use super::jar::Jar;
use super::sum;
use super::template::Variable;
use super::variables::{Draw, Variables};

/// What the variables of a client's requests are at present.
#[derive(Debug, Clone)]
pub(crate) struct Values {
    client: u32,
    random: fastrand::Rng,
    /// What was at random when the last request began to be filled.
    marked: fastrand::Rng,
    seq: u64,
    value: u64,
    /// Of each name its value; empty before it has one.
    slots: Vec<Vec<u8>>,
    /// The cookies of the session, where they are kept.
    jar: Jar,
}

impl Values {
    /// Those of the requests of one client, from a seed: the same seed, the same values.
    pub(crate) fn of_client(client: u32, seed: u64, variables: &Variables) -> Self {
        // Seeds that differ little make generators that do not.
        let mut first = fastrand::Rng::with_seed(seed);
        let random = fastrand::Rng::with_seed(first.u64(..) ^ (u64::from(client) << 1 | 1));
        Self {
            client,
            marked: random.clone(),
            random,
            seq: 1,
            value: 0,
            slots: vec![Vec::new(); variables.names.len()],
            jar: Jar::default(),
        }
    }

    /// Those of a request that stands for all of them.
    pub(crate) fn example(variables: &Variables) -> Self {
        Self::of_client(0, 0, variables)
    }

    /// The same client's for its request with this `number` among all, from 0, and this `value`.
    pub(crate) fn next(&mut self, number: u64, value: u64) {
        (self.seq, self.value) = (number + 1, value);
    }

    /// Draws what a request has of its own.
    pub(crate) fn draw(&mut self, draws: &[Draw]) {
        for draw in draws {
            match draw {
                Draw::One { slot, from } => {
                    let into = &mut self.slots[*slot];
                    into.clear();
                    from.draw(&mut self.random, into);
                }
                Draw::Row { slots, rows, is_in_turn } => {
                    let place = match is_in_turn {
                        true => (self.seq - 1) % rows.len() as u64,
                        false => self.random.u64(..rows.len() as u64),
                    };
                    let place = usize::try_from(place).expect("it is below a usize");
                    for (slot, text) in slots.iter().zip(&rows[place]) {
                        self.set(*slot, text.as_bytes());
                    }
                }
            }
        }
    }

    /// The same client's, whose request is one of several that are the same: what is at random is
    /// theirs, of which `number` is the number and `seed` the seed. Gives back what it was.
    pub(crate) fn shared(&mut self, seed: u64, number: u64) -> fastrand::Rng {
        let mut first = fastrand::Rng::with_seed(seed);
        let theirs = fastrand::Rng::with_seed(first.u64(..) ^ (number << 1));
        std::mem::replace(&mut self.random, theirs)
    }

    /// Makes what is at random its own again.
    pub(crate) fn own(&mut self, random: fastrand::Rng) {
        self.random = random;
    }

    /// A request begins to be filled: it may have to be made once more.
    pub(crate) fn mark(&mut self) {
        self.marked.clone_from(&self.random);
    }

    /// What was at random when the last request began to be filled.
    pub(crate) fn marked(&self) -> fastrand::Rng {
        self.marked.clone()
    }

    /// What `fill` comes to where what is at random is drawn from `random`, and what is left of that. It is
    /// this client's own again then.
    pub(crate) fn drawing<T>(
        &mut self,
        random: fastrand::Rng,
        fill: impl FnOnce(&mut Self) -> T,
    ) -> (T, fastrand::Rng) {
        let own = std::mem::replace(&mut self.random, random);
        let filled = fill(self);
        (filled, std::mem::replace(&mut self.random, own))
    }

    /// What the name at `slot` is from now on.
    pub(crate) fn set(&mut self, slot: usize, value: &[u8]) {
        let into = &mut self.slots[slot];
        into.clear();
        into.extend_from_slice(value);
    }

    /// Makes the name at `slot` the cookies that a request to `url` has.
    pub(crate) fn set_cookies(&mut self, slot: usize, url: &Url) {
        let text = self.jar.text(url);
        self.set(slot, text.as_bytes());
    }

    /// Keeps the cookies that an answer from `url` sets by its `head`.
    pub(crate) fn keep_cookies(&mut self, url: &Url, head: &[u8]) {
        self.jar.keep(url, head);
    }

    /// A time from `least` to `most`, as likely as any other between them.
    pub(crate) fn within(&mut self, least: Duration, most: Duration) -> Duration {
        least + (most.saturating_sub(least)).mul_f64(self.random.f64())
    }

    /// The value of the request.
    #[cfg(test)]
    pub(crate) fn value(&self) -> u64 {
        self.value
    }

    /// Appends what `variable` is, as it is written where it stands.
    pub(super) fn append(&mut self, variable: &Variable, escape: Escape, into: &mut Vec<u8>) {
        match variable {
            Variable::Value => into.extend_from_slice(format!("{:016}", self.value).as_bytes()),
            Variable::Seq => decimal(into, self.seq),
            Variable::Client => decimal(into, u64::from(self.client)),
            Variable::Uuid => into.extend_from_slice(uuid(self.random.u128(..)).as_bytes()),
            Variable::Rand(range) => {
                into.extend_from_slice(self.random.i64(range.clone()).to_string().as_bytes());
            }
            Variable::Slot(slot) => escape.append(&self.slots[*slot], into),
            Variable::Sum(slot, number) => match sum::of(&self.slots[*slot], *number) {
                Some(sum) => into.extend_from_slice(sum.to_string().as_bytes()),
                // No service takes this for a number that it has told.
                None => into.extend_from_slice(b"NaN"),
            },
        }
    }
}

fn decimal(into: &mut Vec<u8>, number: u64) {
    into.extend_from_slice(number.to_string().as_bytes());
}

/// A UUID of these bits, but for those that say that it is one at random (RFC 9562, section 5.4).
pub(super) fn uuid(bits: u128) -> String {
    const VERSION: u128 = 0x4 << 76;
    const VARIANT: u128 = 0b10 << 62;
    let bits = bits & !(0xf << 76) & !(0b11 << 62) | VERSION | VARIANT;
    let digits = format!("{bits:032x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}
