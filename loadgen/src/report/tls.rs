//! How TLS was agreed on.

use schemars::JsonSchema;
use serde::Serialize;

use super::Phase;
use super::layout::{Field, field};
use crate::record::Record;
use crate::wire::tls::Agreed;

/// The handshakes of a load's connections, the warm-up's among them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TlsSummary {
    /// What was agreed on, the most frequent first.
    pub agreed: Vec<AgreedSummary>,
    /// How many handshakes went on with an earlier session.
    pub resumed: u64,
    /// How long handshakes took.
    pub handshake_us: Option<Phase>,
}

/// What was agreed on, in some of the connections.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AgreedSummary {
    /// The version, as OpenSSL calls it.
    pub version: String,
    /// The cipher, as OpenSSL calls it.
    pub cipher: String,
    /// The protocol above, where that was agreed on.
    pub alpn: Option<String>,
    /// In how many connections.
    pub connections: u64,
}

impl TlsSummary {
    /// `None` where no connection spoke TLS, or the client does not tell.
    pub(super) fn new(record: &Record) -> Option<Self> {
        let handshakes = &record.reached.handshakes;
        let summary = |(agreed, connections): (&Agreed, &u64)| {
            let Agreed { version, cipher, alpn } = agreed.clone();
            AgreedSummary { version, cipher, alpn, connections: *connections }
        };
        let mut agreed: Vec<_> = handshakes.agreed.iter().map(summary).collect();
        agreed.sort_by_key(|one| std::cmp::Reverse(one.connections));
        let handshake_us = Phase::new(&handshakes.times);
        let resumed = handshakes.resumed;
        (!agreed.is_empty()).then_some(Self { agreed, resumed, handshake_us })
    }

    /// In the text report, where ab has it.
    pub(super) fn fields(&self) -> Vec<Field> {
        let are_several = self.agreed.len() > 1;
        let line = |(index, one): (usize, &AgreedSummary)| {
            let label = if index == 0 { "SSL/TLS Protocol:" } else { "" };
            field(label, one.text(are_several))
        };
        let mut fields: Vec<_> = self.agreed.iter().enumerate().map(line).collect();
        if let Some(Phase { count, times }) = &self.handshake_us {
            let ms = |us: Option<u64>| times.percentile_ms(us);
            let (p50, max) = (ms(times.p50), ms(Some(times.max)));
            let resumed = match self.resumed {
                0 => String::new(),
                resumed => format!(" ({resumed} resumed)"),
            };
            let value = format!("{count}{resumed}, p50 {p50} [ms], max {max} [ms]");
            fields.push(field("TLS handshakes:", value));
        }
        fields
    }
}

impl AgreedSummary {
    fn text(&self, is_one_of_several: bool) -> String {
        let Self { version, cipher, alpn, connections } = self;
        let mut text = format!("{version},{cipher}");
        if let Some(alpn) = alpn {
            text = format!("{text},{alpn}");
        }
        if is_one_of_several {
            let plural = if *connections == 1 { "" } else { "s" };
            text = format!("{text} on {connections} connection{plural}");
        }
        text
    }
}
