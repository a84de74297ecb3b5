//! The flags of curl's, and what each comes to.

/// What a flag of curl's comes to.
#[derive(Clone, Copy)]
pub(super) enum Means {
    /// Nothing for a load: it is about what curl shows, or what we do anyway.
    Nothing,
    /// The same for a flag that is followed by a value.
    NothingOfValue,
    /// An option of ours without a value.
    Flag(&'static str),
    /// An option of ours with the same value.
    Same(&'static str),
    /// A header field of this name.
    Header(&'static str),
    /// What has rules of its own.
    Special(Special),
    /// What a load does not do: why.
    Refused(&'static str),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    Url,
    Data,
    DataRaw,
    DataBinary,
    FormString,
    Get,
    Cookie,
    Compressed,
    Location,
    MaxRedirs,
}

use Means::{Flag, Header, Nothing, NothingOfValue, Refused, Same};

const ELSEWHERE: &str = "a load stays with one service: expected -L";
const OTHER_HTTP: &str = "expected HTTP/1.1 or HTTP/2";

/// The flags of curl's: a letter where there is one, the name, and what it comes to.
#[rustfmt::skip]
pub(super) const FLAGS: &[(Option<char>, &str, Means)] = &[
    (Some('X'), "request", Same("--method")),
    (Some('H'), "header", Same("-H")),
    (Some('d'), "data", Means::Special(Special::Data)),
    (None, "data-ascii", Means::Special(Special::Data)),
    (None, "data-raw", Means::Special(Special::DataRaw)),
    (None, "data-binary", Means::Special(Special::DataBinary)),
    (None, "data-urlencode", Same("--data-urlencode")),
    (None, "json", Same("--json")),
    (Some('F'), "form", Same("--form")),
    (None, "form-string", Means::Special(Special::FormString)),
    (Some('G'), "get", Means::Special(Special::Get)),
    (Some('I'), "head", Flag("-i")),
    (Some('u'), "user", Same("-A")),
    (None, "oauth2-bearer", Same("--bearer")),
    (Some('b'), "cookie", Means::Special(Special::Cookie)),
    (Some('A'), "user-agent", Header("User-Agent")),
    (Some('e'), "referer", Header("Referer")),
    (None, "compressed", Means::Special(Special::Compressed)),
    (Some('k'), "insecure", Flag("--insecure")),
    (None, "cacert", Same("--cacert")),
    (Some('E'), "cert", Same("--cert")),
    (None, "key", Same("--key")),
    (None, "connect-to", Same("--connect-to")),
    (None, "resolve", Same("--resolve")),
    (Some('4'), "ipv4", Flag("-4")),
    (Some('6'), "ipv6", Flag("-6")),
    (None, "unix-socket", Same("--unix-socket")),
    (None, "interface", Same("--bind")),
    (Some('x'), "proxy", Same("--proxy")),
    (Some('U'), "proxy-user", Same("--proxy-user")),
    (Some('m'), "max-time", Same("-s")),
    (None, "connect-timeout", Same("--connect-timeout")),
    (None, "http2", Flag("--http2")),
    (None, "http2-prior-knowledge", Flag("--http2")),
    (None, "url", Means::Special(Special::Url)),
    (None, "http1.1", Nothing),
    (None, "tlsv1.2", Nothing),
    (None, "basic", Nothing),
    (Some('s'), "silent", Nothing),
    (Some('S'), "show-error", Nothing),
    (Some('v'), "verbose", Nothing),
    (Some('i'), "include", Nothing),
    (Some('f'), "fail", Nothing),
    (None, "fail-with-body", Nothing),
    (Some('#'), "progress-bar", Nothing),
    (None, "no-progress-meter", Nothing),
    (Some('N'), "no-buffer", Nothing),
    (Some('g'), "globoff", Nothing),
    (Some('O'), "remote-name", Nothing),
    (Some('o'), "output", NothingOfValue),
    (Some('w'), "write-out", NothingOfValue),
    (Some('D'), "dump-header", NothingOfValue),
    (Some('c'), "cookie-jar", NothingOfValue),
    (None, "trace-ascii", NothingOfValue),
    (Some('L'), "location", Means::Special(Special::Location)),
    (None, "max-redirs", Means::Special(Special::MaxRedirs)),
    (None, "location-trusted", Refused(ELSEWHERE)),
    (Some('0'), "http1.0", Refused(OTHER_HTTP)),
    (None, "http3", Refused(OTHER_HTTP)),
    (None, "http3-only", Refused(OTHER_HTTP)),
    (Some('T'), "upload-file", Refused("expected --data-binary @FILE and -X PUT")),
    (None, "retry", Refused("nothing is sent twice")),
    (None, "next", Refused("expected one request")),
];

impl Means {
    /// Whether a value follows it.
    pub(super) fn takes_value(self) -> bool {
        match self {
            Nothing | Flag(_) | Refused(_) => false,
            Means::Special(special) => {
                !matches!(special, Special::Get | Special::Compressed | Special::Location)
            }
            NothingOfValue | Same(_) | Header(_) => true,
        }
    }
}
