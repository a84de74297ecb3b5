//! Where connections went, and how often a name was looked up.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::layout::{Field, field};
use crate::plan::{Client, Plan};
use crate::record::{Record, Visits};
use crate::wire::Address;

/// What went to an address of the target, the warm-up included.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AddressSummary {
    /// The address and port.
    #[schemars(with = "String")]
    pub address: Address,
    /// Connections that were made.
    pub connections: u64,
    /// Requests that were begun over them.
    pub requests: u64,
    /// Attempts to connect that came to nothing: they were refused, or another address was faster.
    pub failed: u64,
}

/// How often the target's name was looked up: once, or again for new connections.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LookupSummary {
    /// How often it was begun.
    pub begun: u64,
    /// How often nothing was found.
    pub failed: u64,
    /// How often it was not over at the end.
    pub unanswered: u64,
    /// What the resolver said where nothing was found.
    pub errors: BTreeMap<String, u64>,
}

/// The addresses that were tried; `None` where the client does not tell.
pub(super) fn addresses(plan: &Plan, record: &Record) -> Option<Vec<AddressSummary>> {
    if plan.load.client == Client::Reqwest {
        return None;
    }
    let summary = |(address, counts): (&Address, &Visits)| {
        let Visits { connections, requests, failed } = *counts;
        AddressSummary { address: address.clone(), connections, requests, failed }
    };
    Some(record.reached.addresses.iter().map(summary).collect())
}

impl LookupSummary {
    pub(super) fn new(record: &Record) -> Self {
        let lookups = &record.reached.lookups;
        Self {
            begun: lookups.begun,
            failed: lookups.failed_count(),
            unanswered: lookups.unanswered(),
            errors: lookups.failures.clone(),
        }
    }

    fn field(&self) -> Field {
        let Self { begun, failed, unanswered, errors } = self;
        let mut text = begun.to_string();
        if *failed > 0 {
            let errors: Vec<_> =
                errors.iter().map(|(error, count)| format!("{count} × {error}")).collect();
            let _ = write!(text, ", {failed} failed ({})", errors.join(", "));
        }
        if *unanswered > 0 {
            let _ = write!(text, ", {unanswered} not over at the end");
        }
        field("Lookups:", text)
    }
}

/// In the text report: where requests went to several addresses, or the name was looked up again.
pub(super) fn fields(
    addresses: &[AddressSummary],
    lookups: &LookupSummary,
    re_resolves: bool,
) -> Vec<Field> {
    let took_some = addresses.iter().filter(|one| one.connections > 0).count();
    if took_some < 2 && !re_resolves {
        return Vec::new();
    }
    let label = |index| if index == 0 { "Addresses:" } else { "" };
    let line = |(index, one): (usize, &AddressSummary)| field(label(index), one.text());
    let mut fields: Vec<_> = addresses.iter().take(MOST_SHOWN).enumerate().map(line).collect();
    if addresses.len() > MOST_SHOWN {
        let more = addresses.len() - MOST_SHOWN;
        fields.push(field("", format!("and {more} more, which the JSON report has")));
    }
    fields.extend(re_resolves.then(|| lookups.field()));
    fields
}

/// More addresses would fill the screen.
const MOST_SHOWN: usize = 16;

impl AddressSummary {
    fn text(&self) -> String {
        let Self { address, connections, requests, failed } = self;
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        let mut text = format!(
            "{address}: {requests} request{} over {connections} connection{}",
            plural(*requests),
            plural(*connections)
        );
        if *failed > 0 {
            let _ = write!(text, ", {failed} attempt{} failed", plural(*failed));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn address(last: u8, connections: u64, requests: u64, failed: u64) -> AddressSummary {
        let address = SocketAddr::from(([10, 0, 0, last], 80)).into();
        AddressSummary { address, connections, requests, failed }
    }

    fn shown(addresses: &[AddressSummary], lookups: &LookupSummary, re_resolves: bool) -> String {
        let fields = fields(addresses, lookups, re_resolves).into_iter();
        let lines: Vec<_> =
            fields.map(|field| format!("{}{}\n", field.label, field.value)).collect();
        lines.concat()
    }

    #[test]
    fn addresses_are_shown_where_there_are_several_or_they_are_looked_up_again() {
        let once = LookupSummary { begun: 1, failed: 0, unanswered: 0, errors: BTreeMap::new() };
        let reached = [address(1, 1, 20, 0), address(2, 0, 0, 1)];
        assert_eq!(shown(&reached, &once, false), "");
        assert_eq!(
            shown(&reached, &once, true),
            "Addresses:10.0.0.1:80: 20 requests over 1 connection\n\
             10.0.0.2:80: 0 requests over 0 connections, 1 attempt failed\n\
             Lookups:1\n"
        );
        let two = [address(1, 1, 1, 0), address(2, 3, 4, 2)];
        assert_eq!(
            shown(&two, &once, false),
            "Addresses:10.0.0.1:80: 1 request over 1 connection\n\
             10.0.0.2:80: 4 requests over 3 connections, 2 attempts failed\n"
        );
        let errors = BTreeMap::from([("no \u{1b}name".to_owned(), 2)]);
        let failing = LookupSummary { begun: 9, failed: 2, unanswered: 1, errors };
        let text = shown(&two, &failing, true);
        let expected = "Lookups:9, 2 failed (2 × no \\u{1b}name), 1 not over at the end\n";
        assert!(text.ends_with(expected), "{text}");
        let many: Vec<_> = (0..20).map(|last| address(last, 1, 1, 0)).collect();
        assert!(shown(&many, &once, false).ends_with("and 4 more, which the JSON report has\n"));
    }
}
