//! What the command line says.

pub(crate) const USAGE: &str = "\
usage: bare [-n REQUESTS] [-c CONNECTIONS] [--rate PER_SECOND] http://HOST:PORT/PATH
  -n N       requests in all (1)
  -c N       connections, each with one request in flight (1)
  --rate N   one request is due every 1/N seconds, and dropped where no connection is free; without it,
             each connection sends its next request when its last is answered";

pub(crate) struct Options {
    pub(crate) requests: u64,
    pub(crate) connections: usize,
    /// Requests a second, of an open loop.
    pub(crate) rate: Option<f64>,
    /// Host and port.
    pub(crate) authority: String,
    pub(crate) path: String,
}

impl Options {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut requests, mut connections, mut rate, mut url) = (1, 1, None, None);
        while let Some(argument) = arguments.next() {
            if !argument.starts_with('-') {
                url = Some(argument);
                continue;
            }
            let value = arguments.next().ok_or_else(|| format!("{argument}: expected a value"))?;
            let wrong = |expected| format!("{argument} {value}: expected {expected}");
            let is_positive = |rate: &f64| rate.is_finite() && *rate > 0.0;
            match argument.as_str() {
                "-n" => {
                    requests =
                        value.parse().ok().filter(|n| *n > 0).ok_or_else(|| wrong("1 or more"))?;
                }
                "-c" => {
                    connections =
                        value.parse().ok().filter(|n| *n > 0).ok_or_else(|| wrong("1 or more"))?;
                }
                "--rate" => {
                    let parsed = value.parse().ok().filter(is_positive);
                    rate = Some(parsed.ok_or_else(|| wrong("requests a second"))?);
                }
                _ => return Err(format!("unknown option {argument}")),
            }
        }
        let url = url.ok_or("expected a URL")?;
        let rest = url.strip_prefix("http://").ok_or("expected a URL that begins with http://")?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if !authority.contains(':') {
            return Err(format!("{url}: expected a port"));
        }
        let (authority, path) = (authority.to_owned(), format!("/{path}"));
        Ok(Self { requests, connections, rate, authority, path })
    }
}
