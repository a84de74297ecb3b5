use std::collections::BTreeMap;

use check::Model;
use http::Method;
use server::cli::Chosen;

use super::*;
use crate::extract::Extract;
use crate::plan::{Client, Connecting, Readiness};
use crate::scenario::{Call, Place};

fn parsed(arguments: &[&str]) -> Result<Session, clap::Error> {
    let arguments = ["loadgen"].iter().chain(arguments).map(OsString::from);
    match parse(arguments)? {
        Command::Load(session) => Ok(session),
        _ => panic!("no load"),
    }
}

/// The plan of a command line with a URL.
#[track_caller]
fn plan(arguments: &[&str]) -> Plan {
    match parsed(arguments).unwrap().runs {
        Runs::Url(plan) => plan,
        Runs::Repeated(..) | Runs::Specimens(_) => panic!("no URL"),
    }
}

/// The plans of a command line without one, by mode.
#[track_caller]
fn plans(arguments: &[&str]) -> Vec<(&'static str, Plan)> {
    match parsed(arguments).unwrap().runs {
        Runs::Specimens(plans) => {
            plans.into_iter().map(|(specimen, plan)| (specimen.mode, plan)).collect()
        }
        Runs::Url(_) | Runs::Repeated(..) => panic!("a URL"),
    }
}

#[track_caller]
fn refusal(arguments: &[&str]) -> String {
    let error = parsed(arguments).expect_err("it is refused");
    assert_eq!(error.exit_code(), 2);
    error.to_string()
}

/// The command line of the server that a plan launches.
#[track_caller]
fn arguments(plan: &Plan) -> Vec<String> {
    let Subject::Launched(launch) = &plan.subject else { panic!("nothing is launched") };
    launch.command.iter().map(|word| word.to_str().unwrap().to_owned()).collect()
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

#[test]
fn a_url_alone_is_one_request() {
    let plan = plan(&["localhost:8000"]);
    let crate::plan::Load { requests, duration, concurrency, threads, timeout, .. } = plan.load;
    assert_eq!((requests, duration, concurrency, threads), (Some(1), None, 1, 1));
    assert_eq!(timeout, Duration::from_secs(30));
    assert!(!plan.load.survives_broken && !plan.load.survives_death);
    assert!(plan.judging.is_none() && plan.scenario.steps.len() == 1);
    let Call { method, headers, body, variables, .. } = plan.scenario.first().call.clone();
    assert_eq!((method, headers.len(), body, variables.has_value), (Method::GET, 0, None, false));
    assert!(plan.load.keep_alive && plan.load.client == Client::Http1);
    assert!(plan.reads.is_empty() && plan.specimen.is_none());
    let Subject::Running(url) = plan.subject else { panic!("{:?}", plan.subject) };
    assert_eq!(plan.scenario.first().place, Place::Url(url.clone()));
    assert_eq!(url.as_str(), "http://localhost:8000/");
}

#[test]
fn nothing_at_all_is_the_damage_and_the_cure() {
    let plans = plans(&[]);
    assert_eq!(plans.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["racy", "mutex"]);
    for (name, plan) in plans {
        assert_eq!((plan.load.requests, plan.load.concurrency), (Some(20_000), 200));
        let specimen = plan.specimen.unwrap();
        assert_eq!((specimen.workload, specimen.mode), ("counter", name));
        let command = arguments(&plan);
        assert_eq!(
            command[1..],
            ["server", "--workload", "counter", "--mode", name, "--listen", "127.0.0.1:0"]
        );
    }
}

#[test]
fn modes_are_named_one_by_one_or_all_at_once() {
    let names = |arguments: &[&str]| -> Vec<_> {
        plans(arguments).into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(&["--mode", "atomic"]), ["atomic"]);
    assert_eq!(names(&["--mode", "rwlock,racy"]), ["rwlock", "racy"]);
    assert_eq!(names(&["--mode", "rwlock", "--mode", "racy"]), ["rwlock", "racy"]);
    assert_eq!(
        names(&["--mode", "all"]),
        store::WORKLOADS[0].modes.iter().map(|mode| mode.name).collect::<Vec<_>>()
    );
    assert!(refusal(&["--mode", "rwlock,nope"]).contains("`nope` is not a mode of counter"));
    let command = arguments(&plans(&["--race-window", "5us"])[0].1);
    assert!(command.ends_with(&["--race-window".to_owned(), "5us".to_owned()]), "{command:?}");
}

#[test]
fn a_time_limit_implies_50000_requests_unless_n_follows() {
    for (arguments, requests) in [
        (["-t", "5", "x"].as_slice(), Some(50_000)),
        (&["-n", "7", "-t", "5", "x"], Some(50_000)),
        (&["-t", "5", "-n", "7", "x"], Some(7)),
        (&["-t5", "-n7", "x"], Some(7)),
        (&["x", "-t5", "--requests=7"], Some(7)),
        // Of several the last counts, and so does its place.
        (&["-n", "9", "-t", "5", "-n", "7", "x"], Some(7)),
        (&["-t", "5", "-n", "7", "-t", "5", "x"], Some(50_000)),
        // A flag before an option moves its place as well.
        (&["-kr", "-t", "5", "-H", "a: b", "-n", "7", "x"], Some(7)),
        (&["-t", "5"], Some(50_000)),
    ] {
        let load = match parsed(arguments).unwrap().runs {
            Runs::Url(plan) | Runs::Repeated(plan, _) => plan.load,
            Runs::Specimens(plans) => plans[0].1.load.clone(),
        };
        assert_eq!((load.requests, load.duration), (requests, Some(seconds(5.0))), "{arguments:?}");
    }
}

#[test]
fn a_stall_is_a_time_without_a_sign_of_life() {
    let stall = |arguments: &[&str]| plan(arguments).load.stall;
    assert_eq!(stall(&["x"]), seconds(2.0));
    assert_eq!(stall(&["--stall", "300ms", "x"]), seconds(0.3));
    assert_eq!(stall(&["--stall", "5", "x"]), seconds(5.0));
    assert_eq!(plans(&["--stall", "5"])[0].1.load.stall, seconds(5.0));
    assert!(refusal(&["--stall", "0", "x"]).contains("such as 30, 500ms"));
}

#[test]
fn a_connection_has_the_time_of_its_request_unless_it_has_one_of_its_own() {
    let connecting = |arguments: &[&str]| {
        let Connecting { timeout, re_resolves, tls, .. } = plan(arguments).load.connecting;
        (timeout, re_resolves, tls.is_some())
    };
    assert_eq!(connecting(&["x"]), (None, false, false));
    let timeout = Some(seconds(0.2));
    let arguments = ["--connect-timeout", "200ms", "--re-resolve", "https://x", "--insecure"];
    assert_eq!(connecting(&arguments), (timeout, true, true));
    assert_eq!(plans(&["--connect-timeout", "0.2"])[0].1.load.connecting.timeout, timeout);
    assert!(refusal(&["--connect-timeout", "0", "x"]).contains("such as 30, 500ms"));
}

#[test]
fn only_a_name_is_looked_up_again_and_only_by_our_own_client() {
    for (arguments, expected) in [
        (&["--re-resolve"][..], "expected a URL"),
        (&["--re-resolve", "127.0.0.1:8000"], "127.0.0.1 is an address"),
        (&["--re-resolve", "http://[::1]:8000/"], "[::1] is an address"),
        (&["--re-resolve", "--client", "reqwest", "x"], "reqwest makes its connections itself"),
    ] {
        let refused = refusal(arguments);
        assert!(refused.contains(expected), "{arguments:?}: {refused}");
    }
}

#[test]
fn a_duration_has_as_many_requests_as_it_takes() {
    for (arguments, requests) in [
        (["--duration", "1.5", "x"].as_slice(), None),
        (&["--duration", "1500ms", "x"], None),
        (&["--duration", "1s 500ms", "x"], None),
        (&["--duration", "1.5", "-n", "7", "x"], Some(7)),
        (&["-n", "7", "--duration", "1.5", "x"], Some(7)),
    ] {
        let load = plan(arguments).load;
        assert_eq!((load.requests, load.duration), (requests, Some(seconds(1.5))), "{arguments:?}");
    }
}

#[test]
fn concurrency_is_bounded_by_the_requests_and_threads_by_the_concurrency() {
    let shape = |arguments: &[&str]| {
        let load = plans(arguments)[0].1.load.clone();
        (load.requests, load.concurrency, load.threads)
    };
    // The default gives way, a number that was given does not.
    assert_eq!(shape(&["-n", "50", "--threads", "4"]), (Some(50), 50, 4));
    assert_eq!(shape(&["-n", "50", "-c", "3", "--threads", "4"]), (Some(50), 3, 3));
    assert_eq!(shape(&["--duration", "1", "-c", "9", "--threads", "4"]), (None, 9, 4));
    assert!(refusal(&["-n", "50", "-c", "51"]).contains("-c 51 is more than the 50 requests"));
    assert!(refusal(&["-n", "1", "-c", "2", "x"]).contains("-c 2 is more than the 1 request of"));
    // Connections without a number of requests are a load; ab's -c 1 is one request.
    for (concurrency, requests) in [("1", 1), ("2", 200), ("20", 200), ("50", 500)] {
        let load = plan(&["-c", concurrency, "x"]).load;
        assert_eq!(
            (load.requests, load.concurrency.to_string()),
            (Some(requests), concurrency.to_owned())
        );
    }
    assert_eq!(plan(&["-c", "50", "--duration", "1", "x"]).load.requests, None);
    assert_eq!(plan(&["-c", "50", "-t", "1", "x"]).load.requests, Some(50_000));
    assert!(plans(&[])[0].1.load.threads >= 1);
}

#[test]
fn of_an_option_that_is_repeated_the_last_counts_as_with_ab() {
    let plan = plan(&["-n", "5", "-q", "-c", "2", "-n", "6", "-q", "-c", "3", "-k", "-k", "x"]);
    assert_eq!((plan.load.requests, plan.load.concurrency), (Some(6), 3));
}

#[test]
fn flags_of_ab_may_be_run_together() {
    let session = parsed(&["-rqkdSl", "-n10", "-c2", "-s5", "-v3", "x"]).unwrap();
    let Output { quiet, live, verbosity, details, outputs, command: _, table: _ } = session.output;
    assert!(quiet && live.is_none() && verbosity == 3 && outputs.at_end.is_empty());
    assert!(!details.percentiles && !details.deviations && !details.document_length);
    let Runs::Url(plan) = session.runs else { panic!("no URL") };
    assert!(plan.load.survives_broken && plan.load.keep_alive);
    assert_eq!((plan.load.requests, plan.load.concurrency), (Some(10), 2));
    assert_eq!(plan.load.timeout, Duration::from_secs(5));
}

#[test]
fn header_fields_come_from_several_options() {
    let arguments = ["-H", "X: 1", "-C", "a=1", "-C", "b=2", "-A", "me:pass", "--data", "d", "x"];
    let call = plan(&arguments).scenario.steps.remove(0).call;
    let headers: BTreeMap<_, _> =
        call.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    let expected = [
        ("Authorization", "Basic bWU6cGFzcw=="),
        ("Content-Type", "text/plain"),
        ("Cookie", "a=1; b=2"),
        ("X", "1"),
    ];
    assert_eq!(headers, BTreeMap::from(expected));
    assert_eq!((call.method, call.body), (Method::POST, Some(b"d".to_vec())));
}

#[test]
fn a_type_is_said_of_content_alone_and_once() {
    let types = |arguments: &[&str]| -> Vec<String> {
        let headers = plan(arguments).scenario.steps.remove(0).call.headers;
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
    };
    assert_eq!(types(&["x"]), [""; 0]);
    assert_eq!(types(&["-m", "POST", "x"]), [""; 0]);
    assert_eq!(types(&["--data", "", "x"]), ["Content-Type: text/plain"]);
    assert_eq!(types(&["--data", "", "-T", "a/b", "x"]), ["Content-Type: a/b"]);
    assert_eq!(types(&["--data", "", "-H", "content-TYPE: a/b", "x"]), ["content-TYPE: a/b"]);
}

#[test]
fn two_sources_of_one_header_are_one_header_the_last_named() {
    let fields = |arguments: &[&str]| -> Vec<String> {
        let headers = plan(arguments).scenario.steps.remove(0).call.headers;
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
    };
    for (arguments, expected) in [
        (&["-T", "a/b", "-H", "Content-Type: c/d", "--data", ""][..], &["Content-Type: c/d"][..]),
        (&["-H", "content-type: c/d", "-T", "a/b", "--data", ""], &["Content-Type: a/b"]),
        (&["-A", "me:pass", "-H", "authorization: Bearer t"], &["authorization: Bearer t"]),
        (
            &["-H", "Authorization: Bearer t", "-A", "me:pass"],
            &["Authorization: Basic bWU6cGFzcw=="],
        ),
        (&["-C", "a=1", "-H", "Cookie: b=2", "-C", "c=3"], &["Cookie: a=1; b=2; c=3"]),
        (&["-H", "cookie: b=2", "-H", "X: 1", "-C", "c=3"], &["cookie: b=2; c=3", "X: 1"]),
        // What may be there several times is.
        (&["-H", "X: 1", "-H", "X: 2"], &["X: 1", "X: 2"]),
    ] {
        assert_eq!(fields(&[arguments, &["x"]].concat()), expected, "{arguments:?}");
    }
}

#[test]
fn a_header_that_closes_connections_keeps_none() {
    let keeps = |arguments: &[&str]| plan(arguments).load.keep_alive;
    assert!(keeps(&["x"]) && keeps(&["-H", "Connection: keep-alive", "x"]));
    assert!(
        !keeps(&["-H", "Connection: close", "x"]) && !keeps(&["-H", "connection: TE, Close", "x"])
    );
    let plans = plans(&["-H", "Connection: close"]);
    assert!(plans.iter().all(|(_, plan)| !plan.load.keep_alive));
}

#[test]
fn a_client_has_a_name() {
    assert_eq!(plan(&["--client", "reqwest", "x"]).load.client, Client::Reqwest);
    assert!(refusal(&["--client", "curl", "x"]).contains("expected http1 or reqwest"));
}

#[test]
fn the_state_is_read_on_the_same_host_or_elsewhere() {
    for (read, expected) in [
        ("/get?name=i", "http://host:8000/get?name=i"),
        ("other:9000/get", "http://other:9000/get"),
        ("http://other/get", "http://other/get"),
        ("//other/get", "http://other/get"),
    ] {
        let plan = plan(&["--read", read, "host:8000/inc?name=i"]);
        let read = &plan.reads[0];
        assert_eq!(read.place, Place::Url(expected.parse().unwrap()));
        assert!(matches!(read.how.extract, Extract::Only));
    }
    let plan = plan(&["--read", "/n", "--extract", "json:/n", "host"]);
    assert!(matches!(&plan.reads[0].how.extract, Extract::Json(pointer) if pointer == "/n"));
}

#[test]
fn http2_has_streams_and_goes_through_no_proxy() {
    let client = |arguments: &[&str]| plan(arguments).load.client;
    assert_eq!(client(&["--http2", "x"]), Client::Http2 { streams: 1 });
    assert_eq!(client(&["--http2", "--streams", "10", "x"]), Client::Http2 { streams: 10 });
    for (arguments, expected) in [
        (&["--streams", "10", "x"][..], "--http2"),
        (&["--http2", "--streams", "0", "x"], "above zero"),
        (&["--http3", "x"], "HTTP/3 is not supported"),
        (&["--http2", "--client", "reqwest", "x"], "--client"),
        (&["--http2", "--proxy", "p:1", "x"], "--http2 does not go through a proxy"),
    ] {
        assert!(refusal(arguments).contains(expected), "{arguments:?}");
    }
}

#[test]
fn a_proxy_takes_an_ordinary_client() {
    for (arguments, expected) in [
        (&["--proxy", "socks5://p:1", "x"][..], "socks5://p:1"),
        (&["-X", "p:3128", "-P", "a:b", "x"], "http://a:b@p:3128/"),
    ] {
        let load = plan(arguments).load;
        assert_eq!(load.client, Client::Reqwest);
        assert_eq!(load.connecting.naming.proxy.unwrap().as_str(), expected);
    }
    for (arguments, expected) in [
        (&["-P", "a:b", "x"][..], "expected --proxy URL"),
        (&["--proxy", "p:1"], "expected a URL"),
        (&["--proxy", "ftp://p", "x"], "socks5h://"),
        (&["-X", "p:1", "--proxy", "p:1", "x"], "cannot be used with"),
        (&["-X", "p:1", "--exec", "a", "x"], "--exec starts a server"),
        (&["-X", "p:1", "-B", "127.0.0.1", "x"], "-B/--bind is for loadgen's own client"),
    ] {
        assert!(refusal(arguments).contains(expected), "{arguments:?}: {}", refusal(arguments));
    }
}

#[test]
fn the_server_is_a_command_of_its_own() {
    let arguments = ["loadgen", "server", "--mode", "racy", "--listen", "127.0.0.1:0"];
    let command = parse(arguments.map(OsString::from)).unwrap();
    let Command::Server(options) = command else { panic!("{command:?}") };
    let Chosen::Specimen(specimen) = options.specimen.0 else { panic!("{options:?}") };
    assert_eq!((specimen.mode.name, options.listen.port()), ("racy", 0));
    // Options of a load do not belong to it, and behind one a host may have this name.
    let arguments = ["loadgen", "server", "-n5"];
    assert_eq!(parse(arguments.map(OsString::from)).unwrap_err().exit_code(), 2);
    let place = plan(&["-n5", "server"]).scenario.first().place.clone();
    assert_eq!(place, Place::Url("http://server/".parse().unwrap()));
}

#[test]
fn help_and_version_are_no_errors() {
    for argument in ["-h", "--help", "-V", "--version"] {
        assert_eq!(parsed(&[argument]).unwrap_err().exit_code(), 0, "{argument}");
    }
}

#[test]
fn a_model_says_what_the_requests_are() {
    let judging = |arguments: &[&str]| plan(arguments).judging.unwrap();
    let counter = judging(&["--model", "counter", "--read", "/r", "x"]);
    assert!(counter.kinds[0].model == Model::Counter && counter.result.is_none());
    assert_eq!(counter.history_limit, 20_000_000);
    assert_eq!((counter.effort.timeout, counter.effort.memory_bytes), (seconds(60.0), 1 << 30));
    let returns = judging(&["--model", "fetch-and-add", "--read", "/r", "x"]);
    assert!(matches!(returns.result, Some(Extract::Only)));
    let header = ["--model", "fetch-and-add", "--result", "header:x-n", "--read", "/r", "x"];
    assert!(matches!(judging(&header).result, Some(Extract::Header(_))));
    let desk = judging(&["--model", "bounded:20", "--check-memory", "5MB", "x"]);
    assert!(desk.kinds[0].model == Model::Bounded { capacity: Some(20) } && desk.result.is_none());
    assert_eq!(desk.effort.memory_bytes, 5_000_000);
    let read = judging(&["--model", "bounded", "--read", "/r", "x"]);
    assert_eq!(read.kinds[0].model, Model::Bounded { capacity: None });
}

#[test]
fn values_of_their_own_have_a_place() {
    for arguments in [
        ["--model", "set", "--read", "/r", "x/{value}"],
        ["--model", "register", "--read", "/r", "x?v={value}"],
    ] {
        assert!(plan(&arguments).scenario.first().call.variables.has_value, "{arguments:?}");
    }
    let plain = ["--writes", "--data", "{value}", "x"];
    let plan_of_writes = plan(&plain);
    assert!(plan_of_writes.scenario.first().call.variables.has_value);
    assert_eq!(plan_of_writes.scenario.first_value.to_string().len(), 16);
    for arguments in [
        ["-H", "Key: {value}", "x"].as_slice(),
        &["--model", "counter", "--read", "/r", "x/{value}"],
    ] {
        let message = refusal(arguments);
        assert!(message.contains("nothing fills it"), "{message}");
    }
    for model in ["counter", "fetch-and-add", "bounded:3"] {
        let message = refusal(&["--writes", "--model", model, "--read", "/r", "x/{value}"]);
        assert!(message.contains("expected --model register or set"), "{message}");
    }
}

#[test]
fn the_counter_server_is_judged_by_what_it_answers() {
    let model = |arguments: &[&str]| {
        let plans = plans(arguments);
        plans.into_iter().map(|(_, plan)| plan.model().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(model(&[]), [Model::FetchAndAdd; 2]);
    // Without content, or as plain text, its answers carry no value.
    assert_eq!(model(&["-i"]), [Model::Counter; 2]);
    assert_eq!(model(&["-H", "accept: text/plain"]), [Model::Counter; 2]);
    assert_eq!(model(&["--model", "counter"]), [Model::Counter; 2]);
    let (_, plan) = plans(&["--reads", "5%"]).remove(0);
    assert!((plan.scenario.reads() - 0.05).abs() < 1e-9);
}

#[test]
fn what_cannot_be_judged_is_refused_with_what_is_missing() {
    for (arguments, expected) in [
        (&["--model", "counter", "x"][..], "--read URL"),
        (&["--model", "bounded", "x"], "where it is read before the load, or bounded:N"),
        (
            &["--model", "bounded", "--pick", "sku=1..3", "--object", "{{sku}}", "x/{{sku}}"],
            "how many are there of each {{sku}}? Expected bounded:N",
        ),
        (&["--model", "bounded:", "x"], "bounded[:N] (as in bounded:20)"),
        (&["--model", "set", "--read", "/r", "x"], "{value}"),
        (&["--writes", "x"], "{value}"),
        (&["--writes"], "needs a URL"),
        (&["--model", "counter", "--read", "/r", "--result", "last", "x"], "carry no result"),
        (&["--result", "last", "x"], "--model"),
        (&["--reads", "5%", "x"], "--read URL"),
        (&["--reads", "5%", "--read", "http://y/", "x"], "another host"),
        (&["--reads", "5", "x"], "such as 5%"),
        (&["--reads", "100%", "x"], "below 100%"),
        (&["--history", "/dev/null", "x"], "--model"),
        (&["--history", "/dev/null"], "--mode"),
        (&["--model", "set"], "fetch-and-add"),
        (&["--check-memory", "5TB", "x"], "512MiB"),
        (&["--check-memory", "0", "x"], "512MiB"),
        (&["--workload", "all", "x"], "leave out the URL"),
        (&["--workload", "all", "--mode", "racy"], "leave out --mode"),
        (&["--workload", "unawaited", "x"], "--exec"),
        (&["--workload", "unawaited", "--reads", "5%"], "unawaited saves later"),
        (&["--workload", "all", "--reads", "5%"], "unawaited saves later"),
        (&["--workload", "booking", "--model", "set"], "bounded:20"),
        (&["--workload", "booking", "--mode", "sharded"], "mode of booking"),
        (&["--workload", "booking", "--read", "/r", "x"], "URL of your own"),
        (&["--workload", "nothing"], "mistakes"),
        (
            &["--workload", "results", "--result", "json:/id"],
            "the client chooses the ids of results",
        ),
        (&["--restart", "--exec", "server", "x"], "--read URL"),
        (&["-e", "/dev/null"], "-e is for one run only: pick one with --mode"),
        (&["-g", "/dev/null"], "-g is for one run only"),
        (&["--hgrm", "/dev/null"], "--hgrm is for one run only"),
        (&["-g", "/dev/null", "-n", "20000001", "x"], "--hgrm has the percentiles of any number"),
        (&["-w", "--output", "-", "x"], "-w: standard output is taken by --output"),
        (&["-y", "a><b", "x"], "expected attributes, without `>`"),
        (&["-z", "class='a", "x"], "the closing ' is missing"),
        (
            &["man", "chekc"],
            "expected check, run, init, compare, completions, help, schema, man, server",
        ),
        (&["completions", "tcsh"], "bash"),
        (&["check"], "HISTORY"),
        (&["check", "h", "--model", "sets"], "fetch-and-add"),
    ] {
        let error = refusal(arguments);
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}

#[test]
fn a_server_that_is_launched_is_known_by_its_port_or_says_it_and_is_restarted_where_it_saves() {
    let launch = |plan: Plan| match plan.subject {
        Subject::Launched(launch) => launch,
        Subject::Running(url) => panic!("{url} runs already"),
    };
    let exec = launch(plan(&["--exec", "./app --port 80", "localhost"]));
    let Readiness::Accepts(url) = exec.readiness else { panic!("{:?}", exec.readiness) };
    assert_eq!((url.as_str(), exec.echo, exec.restart), ("http://localhost/", false, false));
    assert_eq!((exec.wait, exec.grace), (seconds(10.0), seconds(5.0)));
    let saving = launch(plan(&["--exec", "./app", "--restart", "--read", "/n", "localhost"]));
    assert_eq!((saving.restart, saving.grace), (true, seconds(60.0)));

    let session = parsed(&["--workload", "unawaited", "--mode", "awaited"]).unwrap();
    let Runs::Specimens(mut plans) = session.runs else { panic!("no URL") };
    let embedded = launch(plans.remove(0).1);
    assert!(matches!(embedded.readiness, Readiness::Says) && embedded.echo && embedded.restart);
    let journal = PathBuf::from(embedded.command.last().unwrap());
    assert!(journal.exists(), "it is there for as long as the session is");
    let name = std::fs::read_link(&journal).unwrap();
    assert!(!name.exists(), "it ends with this process: {}", name.display());
    drop(session.journals);
}

#[test]
fn a_placeholder_in_content_that_nothing_fills_is_warned_of() {
    let session =
        |arguments: &[&str]| match parse(["loadgen"].iter().chain(arguments).map(OsString::from)) {
            Ok(Command::Load(session)) => session,
            other => panic!("{other:?}"),
        };
    let warned = session(&["--data", "{value}", "x"]).warnings;
    assert!(warned.len() == 1 && warned[0].contains("nothing fills it"), "{warned:?}");
    assert!(session(&["--writes", "--data", "{value}", "x"]).warnings.is_empty());
    assert!(session(&["--data", "value", "x"]).warnings.is_empty());
}

#[test]
fn times_of_single_requests_are_kept_where_they_are_asked_for() {
    assert_eq!(plan(&["x"]).timings, None);
    assert_eq!(plan(&["-g", "/dev/null", "x"]).timings, Some(20_000_000));
    // How many they are nobody knows.
    assert!(plan(&["-g", "/dev/null", "--duration", "1s", "x"]).timings.is_some());
}

#[test]
fn attributes_ask_for_the_table() {
    let outputs = |arguments: &[&str]| {
        let session = parsed(arguments).unwrap();
        let options = session.output.outputs.at_end.iter().map(|output| output.option);
        (options.collect::<Vec<_>>(), session.output.table.cell)
    };
    assert_eq!(outputs(&["x"]), (vec![], "bgcolor=white".to_owned()));
    assert_eq!(outputs(&["-w", "x"]).0, ["-w"]);
    assert_eq!(outputs(&["-x", "border=1", "x"]).0, ["-w"]);
    assert_eq!(outputs(&["-z", "class=\"a b\"", "x"]), (vec!["-w"], "class=\"a b\"".to_owned()));
}

#[test]
fn a_manual_page_has_every_option_and_no_hidden_one() {
    let written = |arguments: &[&str]| {
        let arguments = ["loadgen"].iter().chain(arguments).map(OsString::from);
        let Ok(Command::Generate(generated)) = parse(arguments) else { panic!("no page") };
        let mut page = Vec::new();
        generated.write(&mut page).unwrap();
        String::from_utf8(page).unwrap()
    };
    let page = written(&["man"]);
    for text in
        [".TH loadgen 1", r"\-\-concurrency", r"\fB\-g\fR", "loadgen\\-check(1)", "Exit codes"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("supervise") && !page.contains("surplus"), "{page}");
    let page = written(&["man", "check"]);
    assert!(
        page.contains(r".TH loadgen\-check 1") || page.contains(".TH loadgen-check 1"),
        "{page}"
    );
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = written(&["completions", shell]);
        assert!(text.contains("concurrency") && !text.contains("supervise"), "{shell}");
    }
}

#[test]
fn a_host_that_is_nearly_called_like_a_short_command_is_loaded() {
    assert_eq!(
        plan(&["main"]).scenario.first().place.on(&"http://x".parse().unwrap()).as_str(),
        "http://main/"
    );
    assert!(refusal(&["complettions"]).contains("did you mean `completions`"));
    assert!(refusal(&["runn", "shop.yaml"]).contains("did you mean `run`"));
}

#[test]
fn variables_are_known_or_refused() {
    for arguments in [
        &["--data", "{{seq}} {{rand 1..2}}", "x/{{client}}?id={{uuid}}"][..],
        &["--json", "{\"a\":{\"b\":{{seq}}}}", "x"],
        &["-H", "X-Id: {{uuid}}", "x"],
        &["--writes", "--data", "{{value}}", "x"],
        &["--model", "register", "--read", "/r", "x?v={{value}}"],
    ] {
        let session = parsed(arguments).unwrap();
        assert!(session.warnings.is_empty(), "{arguments:?}");
    }
    for (arguments, expected) in [
        (&["--data", "{{user}}", "x"][..], "there is no variable {{user}}"),
        (&["x/{{user}}"], "there is no variable {{user}}"),
        (&["-H", "X: {{rand 5..1}}", "x"], "there is no variable {{rand 5..1}}"),
        (&["--read", "/{{seq}}", "x"], "without variables"),
        (&["--workload", "jobs", "--body-lines", "f", "x"], "a workload says itself"),
        (&["--body-lines", "f"], "a workload says itself"),
    ] {
        assert!(refusal(arguments).contains(expected), "{arguments:?}: {}", refusal(arguments));
    }
}

/// The state is asked for where it stands, among the load as before and after it.
#[test]
fn requests_are_followed_and_reads_of_the_state_are_not() {
    let load = ["--model", "counter", "--read", "/n", "--reads", "10%", "h/inc"];
    let follows = |more: &[&str]| {
        let plan = plan(&[more, &load].concat());
        plan.scenario.steps.iter().map(|step| step.follow).collect::<Vec<_>>()
    };
    assert_eq!(follows(&[]), [0, 0]);
    assert_eq!(follows(&["--follow", "3"]), [3, 0]);
    assert_eq!(follows(&["--follow", "20"]), [20, 0]);
    for wrong in ["21", "-1", "many", ""] {
        let refused = refusal(&[&format!("--follow={wrong}"), "h/inc"]);
        assert!(refused.contains("expected a whole number up to 20"), "{refused}");
    }
}
