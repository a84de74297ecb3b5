//! The request: its method, headers and content.

mod body;
mod files;
mod form;
mod headers;

use std::path::PathBuf;

use clap::{ArgMatches, Args};
use http::Method;

use super::values::{self, Fields};
use crate::scenario::Call;
use body::content;
use headers::headers;

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

    /// POST this content; @FILE has it, and @- standard input
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["json", "form", "data_urlencode"], help_heading = REQUEST)]
    data: Option<String>,

    /// POST this JSON, and ask for JSON; @FILE has it, and @- standard input
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["form", "data_urlencode"], help_heading = REQUEST)]
    json: Option<String>,

    /// POST a form of parts `name=value`, as curl's -F: name=@FILE uploads a file, name=<FILE takes its
    /// text; `;type=TYPE` and `;filename=NAME` may follow; repeatable
    #[arg(long, value_name = "PART", conflicts_with = "data_urlencode", help_heading = REQUEST)]
    form: Vec<String>,

    /// POST a form, percent-encoded: `name=value`, name@FILE, or a value alone; repeatable
    #[arg(long, value_name = "FIELD", help_heading = REQUEST)]
    data_urlencode: Vec<String>,

    /// Type of the content [default: text/plain; that of --json or a form]
    #[arg(short = 'T', value_name = "TYPE", help_heading = REQUEST)]
    content_type: Option<String>,

    /// Header field `Name: value`, in place of the default of that name; repeatable. @FILE and
    /// @env:NAME have some, a line each
    #[arg(short = 'H', long = "header", value_name = "FIELD", value_parser = values::headers, help_heading = REQUEST)]
    headers: Vec<Fields>,

    /// Cookie `name=value`; repeatable
    #[arg(short = 'C', value_name = "COOKIE", help_heading = REQUEST)]
    cookies: Vec<String>,

    /// Basic authentication `user:password`; @FILE and @env:NAME keep it off the list of processes
    #[arg(short = 'A', value_name = "CREDENTIALS", value_parser = values::credentials, help_heading = REQUEST)]
    credentials: Option<String>,

    /// Authorization by this token; @FILE and @env:NAME keep it off the list of processes
    #[arg(long, value_name = "TOKEN", value_parser = values::token, help_heading = REQUEST)]
    bearer: Option<String>,
}

const REQUEST: &str = "Request";

impl RequestArguments {
    /// The request that the options describe.
    pub(super) fn call(&self, matches: &ArgMatches) -> Result<Call, String> {
        let content = content(self)?;
        let implied = match &content {
            Some(content) => content.method.clone(),
            None if self.head => Method::HEAD,
            None => Method::GET,
        };
        let method = self.method.clone().unwrap_or(implied);
        let headers = headers(self, matches, content.as_ref())?;
        let is_literal = content.as_ref().is_none_or(|content| content.is_literal);
        let body = content.map(|content| content.bytes);
        Ok(Call { method, headers, body, is_filled: false, is_literal })
    }
}
