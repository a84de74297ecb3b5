//! The request: its method, headers and content.

mod body;
mod files;
mod form;
mod headers;
mod lists;

use std::path::PathBuf;

use clap::{ArgMatches, Args};
use http::{HeaderValue, Method};
use url::Url;

use super::table::Rows;
use super::values::{self, Fields};
use crate::scenario::{COOKIES, Call, Draw, Name, Pick, Variables, is_name};
use body::content;
use headers::headers;
use lists::{Listed, urls};

/// The options about the request.
#[derive(Args, Debug)]
pub(super) struct RequestArguments {
    /// Method of the request
    #[arg(short, long, value_name = "METHOD", help_heading = REQUEST)]
    pub(super) method: Option<Method>,

    /// Use HEAD instead of GET
    #[arg(short = 'i', conflicts_with_all = ["method", "post", "put", "data", "json", "form", "data_urlencode"], help_heading = REQUEST)]
    head: bool,

    /// POST the content of a file
    #[arg(short = 'p', value_name = "FILE", conflicts_with_all = ["put", "data", "json", "form", "data_urlencode"], help_heading = REQUEST)]
    post: Option<PathBuf>,

    /// PUT the content of a file
    #[arg(short = 'u', value_name = "FILE", conflicts_with_all = ["data", "json", "form", "data_urlencode"], help_heading = REQUEST)]
    put: Option<PathBuf>,

    /// POST this content; @FILE reads it from a file, @- from standard input. In it, in the URL and
    /// in headers, {{seq}}, {{client}}, {{uuid}}, {{rand 1..100}} and {{value}} stand for values
    /// that vary
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["json", "form", "data_urlencode"], help_heading = REQUEST)]
    data: Option<String>,

    /// Replace {{NAME}} with a new value for each request: a number of a range (sku=1..100), one of
    /// a list (user=ann,bob), or a UUID (key=uuid). Within one request, the value is the same
    /// everywhere; repeatable
    #[arg(long = "pick", value_name = "NAME=FROM", help_heading = REQUEST)]
    pub(super) picks: Vec<Pick>,

    /// Replace {{COLUMN}} with the columns of this CSV file, whose first line names them; each
    /// request uses the next row
    #[arg(long, value_name = "FILE", value_parser = Rows::in_turn, help_heading = REQUEST)]
    csv_data: Option<Rows>,

    /// Let each client keep the cookies that its answers set, and send them again
    #[arg(long, help_heading = REQUEST)]
    pub(super) keep_cookies: bool,

    /// Follow up to this many redirects of a request, to the same scheme, host and port. Each
    /// counts as another request; the last answer is judged [default: 0]
    #[arg(long, value_name = "N", value_parser = values::redirects, help_heading = REQUEST)]
    pub(super) follow: Option<u32>,

    /// POST the lines of a file, one in each request, in turn
    #[arg(long, value_name = "FILE", conflicts_with_all = ["post", "put", "data", "json", "form", "data_urlencode", "urls"], help_heading = REQUEST)]
    body_lines: Option<PathBuf>,

    /// Request the URLs of a file in turn: each line is `URL` or `METHOD URL`, all on one host
    #[arg(long, value_name = "FILE", help_heading = REQUEST)]
    pub(super) urls: Option<PathBuf>,

    /// What was read from there, once: it may be a pipe.
    #[arg(skip)]
    listed: Vec<Listed>,

    /// Shuffle what --urls or --body-lines reads; --seed decides the order
    #[arg(long, help_heading = REQUEST)]
    shuffle: bool,

    /// Send what this curl command would send: `--curl "curl -X POST -H 'a: b' -d x https://…"`;
    /// options that a load cannot use are refused
    #[arg(long, value_name = "COMMAND", help_heading = REQUEST)]
    curl: Option<String>,

    /// POST this JSON, and ask for JSON; @FILE reads it from a file, @- from standard input
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["form", "data_urlencode"], help_heading = REQUEST)]
    json: Option<String>,

    /// POST a form of parts `name=value`, as with curl -F: name=@FILE uploads a file, name=<FILE
    /// sends its text; `;type=TYPE` and `;filename=NAME` may follow; repeatable
    #[arg(long, value_name = "PART", conflicts_with = "data_urlencode", help_heading = REQUEST)]
    form: Vec<String>,

    /// POST a form, percent-encoded: `name=value`, name@FILE, or a value without a name; repeatable
    #[arg(long, value_name = "FIELD", help_heading = REQUEST)]
    data_urlencode: Vec<String>,

    /// Type of the content [default: text/plain; --json and forms have their own]
    #[arg(short = 'T', value_name = "TYPE", help_heading = REQUEST)]
    content_type: Option<String>,

    /// Send the header `Name: value`, in place of a default with that name; repeatable. @FILE and
    /// @env:NAME read headers, one from each line
    #[arg(short = 'H', long = "header", value_name = "FIELD", value_parser = values::headers, help_heading = REQUEST)]
    headers: Vec<Fields>,

    /// Send the cookie `name=value`; repeatable
    #[arg(short = 'C', value_name = "COOKIE", help_heading = REQUEST)]
    cookies: Vec<String>,

    /// Basic authentication `user:password`; @FILE and @env:NAME keep it out of the process list
    #[arg(short = 'A', value_name = "CREDENTIALS", value_parser = values::credentials, help_heading = REQUEST)]
    credentials: Option<String>,

    /// Authorization with this bearer token; @FILE and @env:NAME keep it out of the process list
    #[arg(long, value_name = "TOKEN", value_parser = values::token, help_heading = REQUEST)]
    bearer: Option<String>,
}

const REQUEST: &str = "Request";

impl RequestArguments {
    /// What stands in the request for something that is picked.
    fn variables(&self) -> Result<Variables, String> {
        let names: Vec<_> = self.picks.iter().map(|pick| &pick.name).collect();
        let is_there_before = |place: &usize| names[..*place].contains(&names[*place]);
        if let Some(twice) = (0..names.len()).find(is_there_before) {
            return Err(format!("--pick {}: there are two of that name", names[twice]));
        }
        let mut names = Variables::of_picks(&self.picks).names.to_vec();
        for column in self.csv_data.iter().flat_map(Rows::columns) {
            is_name(&column.text).map_err(|error| format!("--csv-data: {error}"))?;
            if names.iter().any(|name| name.text == column.text) {
                return Err(format!("--csv-data: there are two names {}", column.text));
            }
            names.push(column);
        }
        if self.keep_cookies {
            names.push(Name::new(COOKIES, None, None));
        }
        Ok(Variables { names: names.into(), ..Variables::default() })
    }

    /// What each request draws that has these `variables`.
    pub(super) fn draws(&self, variables: &Variables) -> Vec<Draw> {
        let row = self.csv_data.clone().map(|rows| rows.draw(variables));
        Draw::all(&self.picks).into_iter().chain(row).collect()
    }

    /// The request that the options describe.
    pub(super) fn call(&self, matches: &ArgMatches) -> Result<Call, String> {
        let content = content(self)?;
        let implied = match &content {
            Some(content) => content.method.clone(),
            None if self.head => Method::HEAD,
            None => Method::GET,
        };
        let method = self.method.clone().unwrap_or(implied);
        let mut headers = headers(self, matches, content.as_ref())?;
        if self.keep_cookies {
            with_cookies(&mut headers);
        }
        let escape = content.as_ref().and_then(|content| content.escape);
        let body = content.map(|content| content.bytes);
        let variables = self.variables()?;
        Ok(Call { method, headers, body, variables, escape })
    }

    /// The header fields that the options give.
    pub(super) fn given_headers(
        &self,
        matches: &ArgMatches,
    ) -> Result<Vec<(String, HeaderValue)>, String> {
        headers(self, matches, None)
    }

    /// Reads the URLs that are listed, for a command line with this `url`, where it has one. The first
    /// of them, where any are.
    pub(super) fn list(&mut self, url: Option<&Url>) -> Result<Option<Url>, String> {
        let Some(path) = &self.urls else { return Ok(None) };
        self.listed = urls(path, url)?;
        Ok(self.listed.first().map(|first| first.url.clone()))
    }

    /// Refuses lists of requests, where a workload says what is sent.
    pub(super) fn refuse_turns(&self) -> Result<(), String> {
        if self.urls.is_none() && self.body_lines.is_none() {
            return Ok(());
        }
        Err("a workload says itself what is sent: leave out either it, or --urls and --body-lines"
            .to_owned())
    }

    /// The requests that the options describe, `call` to `url` the first of them, which take turns.
    pub(super) fn turns(&self, url: &Url, call: &Call, seed: u64) -> Result<Turns, String> {
        let mut turns = self.all(url, call)?;
        if self.shuffle {
            if turns.len() < 2 {
                return Err(
                    "--shuffle is for several requests: expected --urls or --body-lines FILE"
                        .to_owned(),
                );
            }
            fastrand::Rng::with_seed(seed).shuffle(&mut turns);
        }
        let first = turns.remove(0);
        Ok(Turns { first, others: turns })
    }

    fn all(&self, url: &Url, call: &Call) -> Result<Vec<(Url, Call)>, String> {
        if !self.listed.is_empty() {
            let of = |listed: &Listed| {
                let method = listed.method.clone().unwrap_or_else(|| call.method.clone());
                (listed.url.clone(), Call { method, ..call.clone() })
            };
            return Ok(self.listed.iter().map(of).collect());
        }
        let Some(path) = &self.body_lines else { return Ok(vec![(url.clone(), call.clone())]) };
        let of = |body| (url.clone(), Call { body: Some(body), ..call.clone() });
        Ok(lists::bodies(path)?.into_iter().map(of).collect())
    }
}

/// Adds the cookies of the client's session to those that are given.
pub(super) fn with_cookies(headers: &mut Vec<(String, HeaderValue)>) {
    let own = headers.iter().position(|(name, _)| name.eq_ignore_ascii_case("Cookie"));
    let own = own.map(|place| headers.remove(place).1);
    let own = own.as_ref().and_then(|value| value.to_str().ok());
    let both = own.map_or_else(String::new, |own| format!("{own}; ")) + "{{cookies}}";
    let both = HeaderValue::from_str(&both).expect("a value and a name of ours are one");
    headers.push(("Cookie".to_owned(), both));
}

/// Requests that take turns.
pub(super) struct Turns {
    pub(super) first: (Url, Call),
    pub(super) others: Vec<(Url, Call)>,
}
