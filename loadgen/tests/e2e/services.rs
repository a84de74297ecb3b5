//! Real servers and databases, as `scripts/services` starts them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::program::{Ended, loadgen, until_seen};
use crate::report::{Report, report};

/// Says that a test was left out, for want of something. Where everything is to be tested, in CI, it
/// fails instead.
#[track_caller]
pub(crate) fn leave_out(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "in CI nothing is left out: {why}");
    eprintln!("not tested: {why}");
}

/// Services of a test's own. Dropped, they end and leave nothing behind.
pub(crate) struct Services {
    folder: tempfile::TempDir,
    /// Where each is.
    places: HashMap<String, String>,
}

impl Services {
    /// `None` where one of these is not installed, which has been said.
    pub(crate) fn start(names: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut services = Self { folder, places: HashMap::new() };
        let mut start = services.script("start");
        let started = start.args(names).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(started.stderr).unwrap();
        if started.status.code() == Some(MISSING) {
            leave_out(said.trim());
            return None;
        }
        assert!(started.status.success(), "{said}");
        let lines = String::from_utf8(started.stdout).unwrap();
        services.places = lines
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(name, place)| (name.to_owned(), place.to_owned()))
            .collect();
        Some(services)
    }

    fn script(&self, command: &str) -> Command {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/services");
        let mut script = Command::new(path);
        script.arg(command).env("LOADGEN_SERVICES", self.home());
        script
    }

    /// Where they write.
    fn home(&self) -> PathBuf {
        self.folder.path().join("services")
    }

    /// The port that a service listens on.
    pub(crate) fn port(&self, name: &str) -> &str {
        self.places[name].rsplit(':').next().unwrap()
    }

    /// What is at `path` of a service.
    pub(crate) fn url(&self, name: &str, path: &str) -> String {
        format!("{}{path}", self.places[name])
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        let stopped = self.script("stop").status();
        // A panic while another unwinds would hide the reason.
        if !std::thread::panicking() {
            assert!(stopped.unwrap().success());
            assert!(!self.home().exists(), "something was left behind");
        }
    }
}

impl Services {
    /// A file that a service has written.
    pub(crate) fn file(&self, service: &str, name: &str) -> String {
        self.home().join(service).join(name).to_str().unwrap().to_owned()
    }

    /// Sends `signal` to the first process of nginx as this service.
    fn signal_nginx(&self, service: &str, signal: Signal) {
        let pid = std::fs::read_to_string(self.file(service, "nginx.pid")).unwrap();
        kill(Pid::from_raw(pid.trim().parse().unwrap()), signal).unwrap();
    }
}

/// What the script exits with where a service is not installed.
const MISSING: i32 = 77;

/// A run against the counter at `url`, which answers with the new value.
fn count(url: &str) -> Ended {
    let (_, path) = url["http://".len()..].split_once('/').unwrap();
    let read = format!("/{path}/get");
    loadgen(
        &[
            &["-q", "--output", "-", "-n", "1000", "-c", "20"],
            &["--model", "fetch-and-add", "--result", "only", "--read", &read][..],
            &[&format!("{url}/inc")],
        ]
        .concat(),
    )
}

#[track_caller]
fn is_right(url: &str) {
    let report = Report::of(count(url).exited(0));
    assert_eq!(report.requests().ok, 1000, "{url}");
    assert_eq!(report.at("/correctness/verdict"), "valid", "{url}");
}

/// Tried until updates are lost, which the first run nearly always shows.
#[track_caller]
fn loses_updates(url: &str) {
    let what = format!("{url} loses updates");
    until_seen(TRIES, || count(url), |ended| ended.code() != 0, what).exited(1);
}

const TRIES: usize = 10;

#[test]
fn nginx_answers_every_request_and_refuses_what_is_above_its_limit() {
    let Some(services) = Services::start(&["nginx"]) else { return };
    let whole = report(0, &["-n", "5000", "-c", "50", &services.url("nginx", "/ok")]);
    assert_eq!((whole.requests().ok, whole.status(200)), (5000, 5000));

    let limited = report(0, &["-n", "200", "-c", "20", &services.url("nginx", "/limited")]);
    let answered = limited.status(200);
    assert!((1..200).contains(&answered), "{answered}");
    assert_eq!(limited.status(429), 200 - answered);
}

#[test]
fn a_connection_that_is_closed_at_its_limit_costs_no_request() {
    let Some(services) = Services::start(&["nginx-few"]) else { return };
    let report = report(0, &["-n", "2000", "-c", "10", &services.url("nginx-few", "/ok")]);
    assert_eq!((report.requests().ok, report.status(200)), (2000, 2000));
    assert!(report.count("/addresses/0/connections") >= 100);
}

#[test]
fn nodes_one_thread_loses_updates_only_where_it_waits_in_between() {
    let Some(services) = Services::start(&["node"]) else { return };
    is_right(&services.url("node", "/atomic"));
    loses_updates(&services.url("node", "/racy"));
}

#[test]
fn pythons_threads_lose_updates_without_a_lock() {
    let Some(services) = Services::start(&["python"]) else { return };
    is_right(&services.url("python", "/memory/atomic"));
    loses_updates(&services.url("python", "/memory/racy"));
}

/// Redis does one thing at a time: `GET` and `SET` are two.
/// However its answers come: whole, in chunks, or compressed.
#[test]
fn a_server_of_one_thread_loses_updates_only_where_it_waits_however_it_answers() {
    let Some(services) = Services::start(&["aiohttp"]) else { return };
    for kind in ["", "?as=chunked", "?as=gzip"] {
        let run = |way: &str| {
            let [read, update] =
                ["get", "inc"].map(|act| services.url("aiohttp", &format!("/{way}/{act}{kind}")));
            let model = ["--model", "fetch-and-add", "--result", "only", "--read", &read];
            let load = ["-q", "--output", "-", "-n", "500", "-c", "20", &update];
            let compressed = ["-H", "Accept-Encoding: gzip"];
            loadgen(&[&load[..], &model, &compressed].concat())
        };
        let report = Report::of(run("atomic").exited(0));
        assert_eq!(report.at("/correctness/verdict"), "valid", "{kind}");
        until_seen(TRIES, || run("racy"), |ended| ended.code() != 0, "it loses updates").exited(1);
    }
}

#[test]
fn redis_loses_no_increment_but_what_is_read_and_written_back() {
    let Some(services) = Services::start(&["redis", "python"]) else { return };
    is_right(&services.url("python", "/redis/atomic"));
    loses_updates(&services.url("python", "/redis/racy"));
}

/// A statement is one step, two of them are not.
#[test]
fn postgresql_loses_no_update_but_what_is_selected_and_written_back() {
    let Some(services) = Services::start(&["postgres", "python"]) else { return };
    is_right(&services.url("python", "/postgres/atomic"));
    loses_updates(&services.url("python", "/postgres/racy"));
}

#[test]
fn a_reverse_proxy_changes_no_verdict() {
    let Some(services) = Services::start(&["nginx", "python"]) else { return };
    let port = services.port("python");
    let behind = |path: &str| services.url("nginx", &format!("/port/{port}{path}"));
    is_right(&behind("/memory/atomic"));
    loses_updates(&behind("/memory/racy"));
}

/// Its certificate has signed itself, as OpenSSL makes one that may sign others.
#[test]
fn nginx_is_loaded_over_tls_of_either_version_as_without() {
    let Some(services) = Services::start(&["nginx-tls"]) else { return };
    let url = services.url("nginx-tls", "/ok");
    let certificate = services.file("nginx-tls", "certificate.pem");
    for (version, agreed) in [("1.2", "TLSv1.2"), ("1.3", "TLSv1.3")] {
        for more in [&[][..], &["--no-keep-alive"], &["--client", "reqwest"]] {
            let load = ["-n", "500", "-c", "10", "--cacert", &certificate, "-f", version, &url];
            let report = report(0, &[&load[..], more].concat());
            assert_eq!((report.requests().ok, report.status(200)), (500, 500), "{more:?}");
            if !more.contains(&"reqwest") {
                assert_eq!(report.at("/tls/agreed/0/version"), agreed, "{more:?}");
                assert_eq!(report.at("/tls/agreed/0/alpn"), "http/1.1");
                let made = report.at("/tls/handshake_us/count").as_u64().unwrap();
                assert_eq!(made, report.at("/tls/agreed/0/connections").as_u64().unwrap());
                assert_eq!(made, if more.is_empty() { 10 } else { 500 });
            }
        }
    }
    // The handshake before the load leaves no session that the first one of it could go on with.
    let first = report(0, &["-n", "5", "--cacert", &certificate, &url]);
    assert_eq!(first.count("/tls/resumed"), 0);
    let ended = loadgen(&["-n", "5", &url]).exited(3);
    let says = format!(
        "cannot reach {}: TLS: certificate is an authority's own, and not trusted: --cacert",
        &url["https://".len()..url.len() - "/ok".len()]
    );
    assert!(ended.stderr.contains(&says), "{}", ended.stderr);
}

#[test]
fn nginx_is_shown_a_certificate_where_it_wants_one() {
    let Some(services) = Services::start(&["nginx-mtls"]) else { return };
    let url = services.url("nginx-mtls", "/ok");
    let [certificate, key] =
        ["certificate.pem", "key.pem"].map(|name| services.file("nginx-mtls", name));
    let load = ["-n", "100", "-c", "10", "--cacert", &certificate, &url];
    let with = [&load[..], &["--cert", &certificate, "--key", &key]].concat();
    assert_eq!(report(0, &with).status(200), 100);
    // It says so in HTTP.
    assert_eq!(report(3, &load).status(400), 100);
}

/// Of a run with `more` options against a counter behind nginx with TLS, which is told to start anew ten
/// times meanwhile: valid. `None` where there are no services.
pub(crate) fn counted_while_nginx_changes_its_workers(more: &[&str]) -> Option<Report> {
    let services = Services::start(&["nginx-tls", "python"])?;
    let port = services.port("python");
    let counter = services.url("nginx-tls", &format!("/port/{port}/memory/atomic"));
    let certificate = services.file("nginx-tls", "certificate.pem");
    let read = format!("{counter}/get");
    let load = ["--duration", "3s", "-c", "20", "--cacert", &certificate, "--read", &read];
    let model = ["--model", "fetch-and-add", "--result", "only"];
    let update = format!("{counter}/inc");
    std::thread::scope(|scope| {
        let run = scope.spawn(|| report(0, &[&load[..], &model, more, &[&update]].concat()));
        for _ in 0..10 {
            std::thread::sleep(std::time::Duration::from_millis(200));
            services.signal_nginx("nginx-tls", Signal::SIGHUP);
        }
        let report = run.join().unwrap();
        assert_eq!(report.at("/correctness/verdict"), "valid");
        Some(report)
    })
}

/// Connections end at any time, told beforehand or not: at a limit of theirs, and as nginx changes its
/// workers.
#[test]
fn no_update_is_sent_twice_or_lost_behind_a_proxy_with_tls_that_is_told_to_start_anew() {
    let Some(report) = counted_while_nginx_changes_its_workers(&[]) else { return };
    assert!(report.at("/tls/handshake_us/count").as_u64().unwrap() > 20);
}

/// What is asked for does not change with the way to it: a certificate is still for the URL's name.
#[test]
fn a_name_leads_where_the_user_says() {
    let Some(services) = Services::start(&["nginx", "nginx-tls"]) else { return };
    let (plain, tls) = (services.port("nginx"), services.port("nginx-tls"));
    let certificate = services.file("nginx-tls", "certificate.pem");
    let trusting = ["--cacert", &certificate, "https://localhost/ok"];
    let known = [
        (vec!["--resolve", "no.such.name:PLAIN:127.0.0.1"], vec!["http://no.such.name:PLAIN/ok"]),
        (vec!["--resolve", "*:PLAIN:[::1],127.0.0.1"], vec!["http://no.such.name:PLAIN/ok"]),
        (vec!["--connect-to", "no.such.name:80:127.0.0.1:PLAIN"], vec!["http://no.such.name/ok"]),
        (vec!["--connect-to", ":443:127.0.0.1:TLS"], trusting.to_vec()),
        (vec!["-4"], vec!["http://localhost:PLAIN/ok"]),
        (vec!["-B", "127.0.0.2,127.0.0.3", "--no-keep-alive"], vec!["http://127.0.0.1:PLAIN/ok"]),
        (vec!["--client", "reqwest", "--resolve", "a.b:PLAIN:127.0.0.1"], vec!["a.b:PLAIN/ok"]),
    ];
    for (options, target) in known {
        let filled = [&["-n", "20", "-c", "2"][..], &options, &target].concat();
        let filled: Vec<_> =
            filled.iter().map(|text| text.replace("PLAIN", plain).replace("TLS", tls)).collect();
        let filled: Vec<_> = filled.iter().map(String::as_str).collect();
        assert_eq!(report(0, &filled).status(200), 20, "{filled:?}");
    }
    let six = ["-n", "5", "-6", "--resolve", "a.b:80:127.0.0.1", "http://a.b/"];
    let ended = loadgen(&six).exited(3);
    let says = "cannot resolve a.b: it has no IPv6 address";
    assert!(ended.stderr.contains(says), "{}", ended.stderr);
    let elsewhere =
        ["--connect-to", ":443:127.0.0.1:TLS", "--cacert", &certificate, "https://a.b/"];
    let elsewhere = elsewhere.map(|text| text.replace("TLS", tls));
    let ended = loadgen(&elsewhere.each_ref().map(String::as_str)).exited(3);
    assert!(ended.stderr.contains("TLS: certificate is for another name"), "{}", ended.stderr);
}

#[test]
fn a_socket_in_the_file_system_is_loaded_as_a_port_is() {
    let Some(services) = Services::start(&["nginx", "nginx-tls"]) else { return };
    let certificate = services.file("nginx-tls", "certificate.pem");
    for (name, url) in [("nginx", "http://any/ok"), ("nginx-tls", "https://localhost/ok")] {
        let socket = services.file(name, "socket");
        // More at once than the socket's queue has room for.
        let load = ["-n", "4000", "-c", "1000", "--unix-socket", &socket, url];
        let tls = ["--cacert", &certificate];
        let load = if name == "nginx" { load.to_vec() } else { [&load[..], &tls].concat() };
        let report = report(0, &load);
        assert_eq!(report.status(200), 4000, "{name}");
        assert_eq!(*report.at("/addresses/0/address"), format!("unix:{socket}"));
    }
    let gone = loadgen(&["-n", "5", "--unix-socket", "/no/such/socket", "http://any/"]).exited(3);
    assert!(gone.stderr.contains("cannot reach any: connect: "), "{}", gone.stderr);
}
