//! The way through proxies.

use crate::program::{Process, command, loadgen};
use crate::report::{Report, report};
use crate::services::Services;

const CREDENTIALS: [&str; 2] = ["-P", "user:secret"];

#[test]
fn requests_go_through_proxies_of_every_kind() {
    let Some(services) = Services::start(&["squid", "dante", "nginx", "nginx-tls"]) else { return };
    let certificate = services.file("nginx-tls", "certificate.pem");
    let trusting = ["--cacert", &certificate];
    let (squid, dante) = (services.url("squid", ""), services.url("dante", ""));
    let by_name = dante.replace("socks5:", "socks5h:");
    let place = format!("127.0.0.1:{}", services.port("squid"));
    for target in ["nginx", "nginx-tls"] {
        // The proxy looks it up.
        let url = services.url(target, "/ok").replace("127.0.0.1", "localhost");
        let tls = if target == "nginx-tls" { &trusting[..] } else { &[] };
        for (way, is_known) in [
            (["--proxy", &squid], true),
            (["-X", &place], true),
            (["--proxy", &dante], false),
            (["--proxy", &by_name], false),
        ] {
            let more = if is_known { &CREDENTIALS[..] } else { &[] };
            let load = ["-n", "200", "-c", "10", &url];
            let report = report(0, &[&load[..], &way, more, tls].concat());
            assert_eq!((report.requests().ok, report.status(200)), (200, 200), "{way:?} {url}");
            assert_eq!(report.at("/plan/client"), "reqwest");
            let proxy = report.at("/plan/proxy").as_str().unwrap();
            assert!(proxy.contains("127.0.0.1:") && !proxy.contains("secret"), "{proxy}");
        }
    }
}

#[test]
fn a_proxy_that_leads_nowhere_is_named_with_what_would_help() {
    let Some(services) = Services::start(&["squid", "nginx-tls"]) else { return };
    let (squid, target) = (services.url("squid", ""), services.url("nginx-tls", "/ok"));
    let elsewhere = target.replace("127.0.0.1", "192.0.2.1");
    let no_proxy = services.url("nginx-tls", "").replace("https://", "http://");
    for (arguments, expected) in [
        (vec!["--proxy", &squid, &target], "proxy: it wants other credentials: -P USER:PASSWORD"),
        (vec!["--proxy", &squid, "-P", "user:wrong", &target], "proxy: it wants other credentials"),
        (
            vec!["--proxy", &squid, "-P", "user:secret", &elsewhere],
            "proxy: it refused the way to the target (CONNECT): it may allow only other hosts",
        ),
        (vec!["--proxy", &no_proxy, &target], "proxy: it refused the way to the target (CONNECT)"),
        (vec!["--proxy", "socks5://127.0.0.1:9", &target], "proxy: it takes no connection"),
        (vec!["--proxy", "127.0.0.1:9", &target], "connect: connection refused"),
        (
            vec!["--proxy", "no-such-proxy.invalid:1", &target],
            "cannot resolve no-such-proxy.invalid",
        ),
    ] {
        let ended =
            loadgen(&[&["-q", "-n", "10", "--insecure"], &arguments[..]].concat()).exited(3);
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
        assert!(!ended.stderr.contains("secret"), "{}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    }
}

/// The environment's proxy counts where it is asked for, and nowhere else.
#[test]
fn the_environment_changes_no_load_unless_it_is_asked() {
    let Some(services) = Services::start(&["squid", "nginx"]) else { return };
    let url = services.url("nginx", "/ok");
    let proxy = services.url("squid", "").replace("http://", "http://user:secret@");
    let run = |more: &[&str], no_proxy: &str| {
        let mut run = command(&[&["-q", "--output", "-", "-n", "50", &url], more].concat());
        run.env("http_proxy", &proxy).env("no_proxy", no_proxy);
        Report::of(Process::spawn(run).end().exited(0))
    };
    for (more, no_proxy, is_through) in [
        (&["--proxy", "env"][..], "", true),
        (&["--proxy", "env"], "127.0.0.0/8", false),
        (&[], "", false),
        (&["--client", "reqwest"], "", false),
    ] {
        let report = run(more, no_proxy);
        assert_eq!(report.status(200), 50, "{more:?}");
        let through = report.at("/plan/proxy").as_str();
        let expected = services.url("squid", "/").replace("http://", "http://user:***@");
        assert_eq!(through, is_through.then_some(expected.as_str()), "{more:?} {no_proxy}");
    }
}
