//! What goes wrong between a service and its clients.

/// What the proxy does with a request and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// The connection is reset, and the service sees nothing.
    ResetBefore,
    /// It is applied, and the connection is reset.
    ResetAfter,
    /// It is applied, and the connection is closed.
    Close,
    /// Half of the answer, then the end.
    Half,
    /// The answer, and the answer once more.
    Twice,
    /// The answer, and once more when the next request was sent over the same connection.
    TwiceLater,
    /// It is applied, and nobody ever says so.
    Stall,
    /// It is applied long after the client has given up.
    Late,
    /// The answer in two pieces, some time apart.
    Slow,
    /// It is applied, and the answer is a 4xx that nobody declared.
    AppliedAndRefused,
    /// It is applied, and the answer is a 5xx.
    AppliedAndFailed,
    /// The service sees nothing, and the answer is a 4xx that nobody declared.
    Refused,
    /// The service sees nothing, and the answer is a 5xx.
    Failed,
    /// The right answer, compressed.
    Gzip,
    /// The right answer, said to have an encoding that nobody knows.
    UnknownEncoding,
    /// The right status without content.
    Empty,
    /// 204 in place of another success.
    NoContent,
    /// Text that has nothing to do with what was asked for.
    OtherText,
    /// A number that is too large for any register.
    HugeNumber,
    /// A header field that goes on on the next line.
    Folded,
    /// The last answer of its connection, and bytes behind it.
    CloseWithStray,
    /// The request is sent to the service twice, as proxies do that have seen no answer.
    Repeated,
}

use Fault::{
    AppliedAndFailed, AppliedAndRefused, Close, CloseWithStray, Empty, Failed, Folded, Gzip, Half,
    HugeNumber, Late, NoContent, OtherText, Refused, Repeated, ResetAfter, ResetBefore, Slow,
    Stall, Twice, TwiceLater, UnknownEncoding,
};

/// All that may happen.
pub(crate) const ALL: [Fault; 22] = [
    ResetBefore,
    ResetAfter,
    Close,
    Half,
    Twice,
    TwiceLater,
    Stall,
    Late,
    Slow,
    AppliedAndRefused,
    AppliedAndFailed,
    Refused,
    Failed,
    Gzip,
    UnknownEncoding,
    Empty,
    NoContent,
    OtherText,
    HugeNumber,
    Folded,
    CloseWithStray,
    Repeated,
];

impl Fault {
    /// Whether it makes more of the state than was acknowledged or left unknown, which hides losses,
    /// or changes the state after it was read the last time.
    pub(crate) fn hides_losses(self) -> bool {
        matches!(self, AppliedAndRefused | Repeated | Late)
    }
}

/// Refusals that services and proxies also send after they have done what was asked for.
pub(crate) const REFUSALS: [u16; 6] = [408, 409, 425, 429, 499, 404];

pub(crate) const FAILURES: [u16; 4] = [500, 502, 503, 504];
