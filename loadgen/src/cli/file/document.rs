//! What a file says, as it stands there. The comments are what an editor shows.

#![expect(clippy::doc_markdown, reason = "these comments are what an editor shows")]

use schemars::JsonSchema;
use serde::Deserialize;

use super::at::At;
use super::named::Named;
use super::text::Text;

/// A service, what its clients do, and what is judged.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(title = "A scenario of loadgen")]
pub(in crate::cli) struct Document {
    /// The service, as http://127.0.0.1:8080; a URL on the command line wins.
    pub(in crate::cli) target: Option<At<String>>,
    /// How much is sent, and when. Options of the command line win.
    pub(in crate::cli) load: Load,
    /// Names of one text each, for {{NAME}}; `--set NAME=TEXT` replaces it.
    pub(in crate::cli) variables: Named<At<Text>>,
    /// Environment variables that {{env.NAME}} may stand for. Their values are shown nowhere.
    pub(in crate::cli) env: Vec<At<String>>,
    /// Header fields of every request, the reads of the state among them.
    pub(in crate::cli) headers: Named<At<Text>>,
    /// What lets the service begin anew, once before each run (--reset).
    pub(in crate::cli) reset: Option<Step>,
    /// Whether each client keeps the cookies that answers set, and sends them again.
    pub(in crate::cli) cookies: bool,
    /// How many redirects of a request are followed, at most, to the same scheme, host and port (--follow) [0].
    pub(in crate::cli) follow: Option<At<Text>>,
    /// A table in a file of comma-separated values, whose first line has the names: each request (with
    /// `steps`) or round (with `flow`) has a row of it.
    pub(in crate::cli) table: Option<At<Table>>,
    /// What each client does once, before the load: a login, as it is in no figure.
    pub(in crate::cli) session: Vec<Step>,
    /// Where the state is read, before the load and after it.
    pub(in crate::cli) state: Named<State>,
    /// What is drawn anew for each request (with `steps`) or each round (with `flow`).
    pub(in crate::cli) pick: Named<At<Pick>>,
    /// The kinds of requests, of which each client takes one after the other, so often as `share` says.
    pub(in crate::cli) steps: Named<Step>,
    /// The requests of a round, which each client takes in this order, again and again.
    pub(in crate::cli) flow: Vec<Step>,
    /// How long a client waits between the steps of a flow: 1s, or 1s..3s.
    pub(in crate::cli) pause: Option<At<Text>>,
    /// What the steps do something with, and by which model it is judged.
    pub(in crate::cli) judge: Named<At<Judge>>,
    /// What always holds, in CEL: total == before.total, rows - before.rows == pay.keys. Names are the
    /// values of states, before.NAME what they were before the load, and STEP.ok, .sent, .fail, .unknown
    /// and .keys what the requests of a step came to.
    pub(in crate::cli) invariants: Vec<At<String>>,
    /// Nobody else changes what the requests change: an update too many is then the service's fault
    /// (--exclusive).
    pub(in crate::cli) exclusive: bool,
    /// What figures are to keep to, as p(99)<50ms.
    pub(in crate::cli) thresholds: Vec<At<Text>>,
}

/// How much is sent, and when.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(in crate::cli) struct Load {
    /// How many clients there are, each with one request in flight (-c).
    pub(in crate::cli) clients: Option<At<Text>>,
    /// How many requests are sent, exactly (-n); of a flow, how many rounds.
    pub(in crate::cli) requests: Option<At<Text>>,
    /// For how long (--duration).
    pub(in crate::cli) duration: Option<At<Text>>,
    /// How many requests, or rounds of a flow, are due in a time, as 100/s (--rate).
    pub(in crate::cli) rate: Option<At<Text>>,
    /// In which time the load grows to its whole (--ramp-up).
    pub(in crate::cli) ramp_up: Option<At<Text>>,
    /// How the rate changes, as 10s:100/s,30s:1000/s (--stages).
    pub(in crate::cli) stages: Option<At<Text>>,
    /// What is kept out of the figures at first, as 2s or 100 (--warm-up).
    pub(in crate::cli) warm_up: Option<At<Text>>,
    /// How long a request may take (-s).
    pub(in crate::cli) timeout: Option<At<Text>>,
    /// What everything at random is made from (--seed).
    pub(in crate::cli) seed: Option<At<Text>>,
}

/// A request.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(in crate::cli) struct Step {
    /// What a step of a flow or session is called.
    pub(in crate::cli) name: Option<At<String>>,
    /// How many of the requests it is, as 5%. Steps without it have what is left.
    pub(in crate::cli) share: Option<At<String>>,
    /// GET from this path.
    pub(in crate::cli) get: Option<At<String>>,
    /// POST to this path.
    pub(in crate::cli) post: Option<At<String>>,
    /// PUT to this path.
    pub(in crate::cli) put: Option<At<String>>,
    /// PATCH this path.
    pub(in crate::cli) patch: Option<At<String>>,
    /// DELETE this path.
    pub(in crate::cli) delete: Option<At<String>>,
    /// Read this state, as the state itself is read.
    pub(in crate::cli) read: Option<At<String>>,
    /// Header fields, beside those of every request.
    pub(in crate::cli) headers: Named<At<Text>>,
    /// The content, as JSON. A text that is nothing but a variable of numbers is a number in it.
    pub(in crate::cli) json: Option<At<serde_json::Value>>,
    /// The content, as the fields of a form.
    pub(in crate::cli) form: Option<Named<At<Text>>>,
    /// The content, as it is.
    pub(in crate::cli) body: Option<At<String>>,
    /// What is drawn anew for each request of this step.
    pub(in crate::cli) pick: Named<At<Pick>>,
    /// What is kept of the answer, by the name that stands for it in later requests of the client: a
    /// rule, as json:/token.
    pub(in crate::cli) keep: Named<At<String>>,
    /// What answers mean, the first rule that fits. Otherwise a 2xx is applied, a 4xx not, and whatever
    /// else may be either.
    pub(in crate::cli) answers: Vec<Answer>,
    /// What an answer must have to count as an acknowledgement, beside its status.
    pub(in crate::cli) expect: Option<At<String>>,
    /// How many clients send the same request at one instant, as people do who click twice [1].
    pub(in crate::cli) together: Option<At<Text>>,
    /// How many redirects of it are followed, at most [as many as the file says].
    pub(in crate::cli) follow: Option<At<Text>>,
    /// What the request does with what is judged.
    pub(in crate::cli) does: Option<At<Does>>,
    /// How long it may take.
    pub(in crate::cli) timeout: Option<At<Text>>,
}

/// What an answer means.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::cli) struct Answer {
    /// Its status: 409, or 4xx.
    pub(in crate::cli) status: At<Text>,
    /// What it has beside that: json:/POINTER=VALUE, header:NAME=VALUE, contains:TEXT or regex:PATTERN.
    #[serde(rename = "where")]
    pub(in crate::cli) has: Option<At<String>>,
    /// What it means.
    pub(in crate::cli) means: At<Means>,
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::cli) enum Means {
    /// It was done.
    Applied,
    /// It was not: at that time there was nothing to take, or the value was another.
    Refused,
    /// It was not: at that time nothing was there.
    Empty,
    /// It had no effect of its own: an earlier request with its key has had it.
    Same,
    /// It was not done.
    NotApplied,
    /// It may have been done.
    Unknown,
}

/// What a variable is drawn from: a range (1..100), a list, or `uuid`.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(untagged)]
pub(in crate::cli) enum Pick {
    /// One of these.
    List(Vec<Text>),
    /// A range, as 1..100, or `uuid`.
    Text(String),
}

/// A table of values.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::cli) struct Table {
    /// The file; its path is from where the scenario is.
    pub(in crate::cli) file: String,
    /// Which row a request has: each the next, or any [in-turn].
    #[serde(default)]
    pub(in crate::cli) rows: Rows,
}

/// Which row of a table a request has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::cli) enum Rows {
    /// The next, whoever sends it; behind the last comes the first.
    #[default]
    InTurn,
    /// Any.
    Random,
}

/// Where the state is read.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::cli) struct State {
    /// GET it from this path.
    pub(in crate::cli) get: At<String>,
    /// Header fields, beside those of every request.
    #[serde(default)]
    pub(in crate::cli) headers: Named<At<Text>>,
    /// Where it stands in the answer: a rule, as json:/left; of a list, where its elements stand, as
    /// json:/users[*]/email.
    pub(in crate::cli) value: Option<At<String>>,
    /// Where the states of many objects stand in it.
    pub(in crate::cli) each: Option<Each>,
    /// Where the answer says which page comes next, where the list has several: `link` is the Link field
    /// whose relation is next, json:/next a link in the answer, and cursor=json:/next_cursor what the
    /// parameter cursor of the query is for the next page.
    pub(in crate::cli) next: Option<At<String>>,
    /// What else invariants speak of, by its name, and where it stands in the answer.
    #[serde(default)]
    pub(in crate::cli) values: Named<At<String>>,
    /// How long what was acknowledged may take to be applied: the state is read again until it has not
    /// changed for so long.
    pub(in crate::cli) settle: Option<At<Text>>,
}

/// Where the states of many objects stand in one answer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::cli) struct Each {
    /// Where the list is, or the object with a member for each: a pointer, as json:/items.
    pub(in crate::cli) of: At<String>,
    /// Where in an element of the list its key stands, as json:/sku.
    pub(in crate::cli) key: Option<At<String>>,
    /// Where in it its value stands, as json:/left.
    pub(in crate::cli) value: Option<At<String>>,
}

/// What a request does with what is judged. One of the verbs is there, with the name of what is
/// judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(in crate::cli) struct Does {
    /// It adds to a counter or a set, or puts into a pool.
    pub(in crate::cli) add: Option<String>,
    /// It takes from what is left, out of a pool, or a lock.
    pub(in crate::cli) take: Option<String>,
    /// It gives back to what is left, or a lock.
    pub(in crate::cli) give: Option<String>,
    /// It reads.
    pub(in crate::cli) read: Option<String>,
    /// It writes a value, or a new version of a document.
    pub(in crate::cli) write: Option<String>,
    /// It has an effect once for each key, whoever sends it again.
    pub(in crate::cli) once: Option<String>,
    /// It issues a value that no other answer may have.
    pub(in crate::cli) issue: Option<String>,
    /// It moves an amount between accounts.
    #[serde(rename = "move")]
    pub(in crate::cli) moves: Option<String>,
    /// Which of many objects it is about, as "{{sku}}".
    pub(in crate::cli) of: Option<String>,
    /// The account that is moved from, as "{{from}}".
    pub(in crate::cli) from: Option<Text>,
    /// The account that is moved to, as "{{to}}".
    pub(in crate::cli) to: Option<Text>,
    /// How much is added, taken or moved: a whole number, or one with no more decimals than are judged [1].
    pub(in crate::cli) amount: Option<Text>,
    /// What is written or added, as it is read later [a value of the request's own, {{value}}].
    pub(in crate::cli) value: Option<Text>,
    /// The version that a write expects, as it sends it: "{{etag}}".
    #[serde(rename = "if")]
    pub(in crate::cli) expects: Option<String>,
    /// Where the answer carries the result: a rule, as json:/id.
    pub(in crate::cli) result: Option<String>,
}

/// By which model something is judged: its name, as `counter`, `bounded` or `set`.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(untagged)]
pub(in crate::cli) enum Judge {
    /// The model; its state is the one of the same name.
    Model(String),
    /// The model, and what it has beside that.
    Full(FullJudge),
}

/// By which model something is judged, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::cli) struct FullJudge {
    /// The model, as `counter`, `bounded` or `set`.
    pub(in crate::cli) model: String,
    /// Which state is its state [the one of the same name].
    pub(in crate::cli) state: Option<String>,
    /// What each object is at first, where no state says it.
    pub(in crate::cli) initial: Option<Text>,
    /// With how many decimals amounts and the state are written at most, as 2 of 12.50 [0].
    pub(in crate::cli) decimals: Option<u8>,
}
