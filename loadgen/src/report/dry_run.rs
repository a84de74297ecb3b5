//! What a run would do, for a person to read before it does.

use std::time::Duration;

use check::history::Op;

use super::layout::{Field, Screen, field, lines};
use crate::escape;
use crate::plan::{Client, Load, Naming, Plan, Reading, Shape, Subject, WarmUp};
use crate::scenario::{Step, in_url};
use crate::secrets::masked;

/// What `plan` does, whose requests are sent as `requests` show the first of each step.
#[must_use]
pub(crate) fn text(plan: &Plan, requests: &[(Step, String)], screen: Screen) -> String {
    let mut all = lines(fields(plan), screen);
    for (index, (step, request)) in requests.iter().enumerate() {
        all.extend([String::new(), title(plan, step, index)]);
        all.extend(lines(meaning(plan, step), screen));
        let request = masked(&as_written(request));
        all.extend(escape::lines(&cut(&request)).lines().map(str::to_owned));
    }
    all.push(String::new());
    all.join("\n")
}

/// What a request is the first of.
fn title(plan: &Plan, step: &Step, index: usize) -> String {
    let opening = plan.scenario.opening.len();
    match () {
        () if !step.name.is_empty() && index < opening => {
            format!("{}, once for each client, before the load:", step.name)
        }
        () if !step.name.is_empty() => format!("{}:", step.name),
        () if index == opening => "First request:".to_owned(),
        () => "First read:".to_owned(),
    }
}

/// What a step of several does, and what its answers mean.
fn meaning(plan: &Plan, step: &Step) -> Vec<Field> {
    if step.name.is_empty() {
        return Vec::new();
    }
    let kind = step.judged.and_then(|judged| plan.kinds().get(judged));
    let does = match &step.op {
        _ if kind.is_none() => "nothing that is judged",
        Op::Add => "adds",
        Op::Read => "reads",
        Op::Write | Op::Cas => "writes",
        Op::Take => "takes",
        Op::Give => "gives back",
        Op::Move => "moves",
    };
    let does = kind.map_or_else(|| does.to_owned(), |kind| format!("{does} {}", kind.name));
    let otherwise = "2xx applied, 4xx not applied unless something contradicts it, others unknown";
    let answers = if step.answers.is_empty() {
        otherwise.to_owned()
    } else {
        format!("{}; otherwise {otherwise}", step.answers)
    };
    let mut fields = vec![field("   Does:", does), field("   Answers:", answers)];
    if step.follow > 0 {
        fields.push(field("   Redirects:", redirects(step.follow)));
    }
    let keeps = step.keeps.iter().map(|keep| format!("{} from {}", keep.name, keep.extract));
    let keeps: Vec<_> = keeps.collect();
    if !keeps.is_empty() {
        fields.push(field("   Keeps:", keeps.join(", ")));
    }
    fields
}

fn redirects(most: u32) -> String {
    format!("up to {most} are followed, and the last answer counts")
}

/// `request` with the names of what is not known yet in its first line, as they were written.
fn as_written(request: &str) -> String {
    let (line, rest) = request.split_at(request.find('\n').unwrap_or(request.len()));
    in_url(line) + rest
}

/// So much of a request is shown: its content may be long.
const MAX_REQUEST_BYTES: usize = 4096;

fn cut(request: &str) -> String {
    if request.len() <= MAX_REQUEST_BYTES {
        return request.to_owned();
    }
    let end = request.floor_char_boundary(MAX_REQUEST_BYTES);
    format!("{}\n[{} more bytes]", &request[..end], request.len() - end)
}

fn fields(plan: &Plan) -> Vec<Field> {
    let mut fields = Vec::new();
    if let Subject::Launched(launch) = &plan.subject {
        let words = launch.command.iter().map(|word| word.to_string_lossy());
        fields.push(field("Would start:", masked(&shell_words::join(words))));
    }
    fields.push(field("Would load:", masked(plan.subject.url().as_str())));
    fields.extend(way(&plan.load.connecting.naming).map(|way| field("Connecting to:", way)));
    fields.push(field("Requests:", amount(plan)));
    let others = plan.scenario.first().others.len();
    if others > 0 {
        fields.push(field(
            "In turn:",
            format!("{} requests, of which this is the first", others + 1),
        ));
    }
    if let (1.., true) = (plan.scenario.follows(), plan.scenario.first().name.is_empty()) {
        fields.push(field("Redirects:", redirects(plan.scenario.follows())));
    }
    fields.push(field("In flight at once:", in_flight(&plan.load)));
    fields.push(field("Client:", client(&plan.load)));
    fields.extend(plan.reads.iter().map(|read| field("State read by:", state_rule(&read.how))));
    let unmodelled = match plan.reads.as_slice() {
        [_, ..] => "the totals before and after",
        [] => "nothing: --read URL says where the state is read",
    };
    let models: Vec<_> = match plan.kinds() {
        [] => vec![unmodelled.to_owned()],
        [only] => vec![only.model.to_string()],
        several => several.iter().map(|kind| format!("{} ({})", kind.model, kind.name)).collect(),
    };
    fields.push(field("Judged as:", models.join(", ")));
    let thresholds = plan.thresholds.all.iter();
    fields.extend(thresholds.map(|threshold| field("Threshold:", &threshold.text)));
    fields
}

/// By which rule a state is read.
fn state_rule(Reading { extract, next, .. }: &Reading) -> String {
    match next {
        Some(next) => format!("{extract}, page by page: {next}"),
        None => extract.to_string(),
    }
}

/// Where connections go, where that is not what the URL says.
fn way(Naming { proxy, socket, detours, known, .. }: &Naming) -> Option<String> {
    if let Some(proxy) = proxy {
        return Some(format!("the proxy {}", masked(proxy.as_str())));
    }
    if let Some(socket) = socket {
        return Some(format!("unix:{}", socket.display()));
    }
    let count = detours.len() + known.len();
    (count > 0).then(|| "what --connect-to and --resolve say".to_owned())
}

fn amount(plan: &Plan) -> String {
    let Load { requests, duration, ref shape, warm_up, .. } = plan.load;
    let mut text = match requests {
        Some(requests) => requests.to_string(),
        None => "as many as it takes".to_owned(),
    };
    if let Some(duration) = duration {
        text = format!("{text}, for {}", seconds(duration));
    }
    match shape {
        Shape::Closed { ramp_up } if ramp_up.is_zero() => {}
        Shape::Closed { ramp_up } => {
            text = format!("{text}, by clients that join within {}", seconds(*ramp_up));
        }
        Shape::Open { .. } => {
            let rate = shape.rate_at(Duration::ZERO).unwrap_or_default();
            text = format!("{text}, beginning with {rate} a second");
        }
    }
    match warm_up {
        WarmUp::Requests(0) => text,
        WarmUp::Requests(more) => format!("{text}, after a warm-up of {more}"),
        WarmUp::Time(time) if time.is_zero() => text,
        WarmUp::Time(time) => format!("{text}, after a warm-up of {}", seconds(time)),
    }
}

fn in_flight(load: &Load) -> String {
    let threads =
        if load.threads == 1 { "1 thread".to_owned() } else { format!("{} threads", load.threads) };
    format!("{}, by {threads}", load.concurrency)
}

fn client(load: &Load) -> String {
    let kept =
        if load.keep_alive { "connections are kept" } else { "a connection for each request" };
    let streams = match load.client {
        Client::Http2 { streams: 1 } => ", one request at a time each".to_owned(),
        Client::Http2 { streams } => format!(", up to {streams} requests at a time each"),
        Client::Http1 | Client::Reqwest => String::new(),
    };
    format!("{}, {kept}{streams}", load.client.name())
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
