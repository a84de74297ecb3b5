//! How long a generator takes from its start to its first request.
//!
//! Starts a command several times, with `{}` in its arguments replaced by the URL of a listener, and
//! takes the time until a byte of a request arrives there. The command is then ended.

#![forbid(unsafe_code)]

use std::io::{self, Read as _};
use std::net::TcpListener;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use nix::sys::socket::{setsockopt, sockopt};
use nix::sys::time::{TimeVal, TimeValLike as _};

const USAGE: &str = "usage: first-request TIMES COMMAND [ARGUMENT]...   ({} is the URL)";

/// A command that has sent nothing in so many seconds does not send anything.
const PATIENCE_S: u64 = 5;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let times = arguments.next().and_then(|times| times.parse().ok()).filter(|times| *times > 0);
    let command: Vec<_> = arguments.collect();
    let Some((times, (program, arguments))) = times.zip(command.split_first()) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let taken: io::Result<Vec<_>> = (0..times).map(|_: u32| once(program, arguments)).collect();
    match taken {
        Ok(mut taken) => {
            taken.sort_unstable();
            let ms = |time: &Duration| time.as_secs_f64() * 1e3;
            let (median, longest) = (&taken[taken.len() / 2], &taken[taken.len() - 1]);
            println!("{:.1} ms (median of {times}), {:.1} ms (longest)", ms(median), ms(longest));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("first-request: {program}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn once(program: &str, arguments: &[String]) -> io::Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    setsockopt(&listener, sockopt::ReceiveTimeout, &TimeVal::seconds(PATIENCE_S.cast_signed()))?;
    let url = format!("http://{}/", listener.local_addr()?);
    let arguments = arguments.iter().map(|argument| argument.replace("{}", &url));
    let begun = Instant::now();
    let child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let _child = Ended(child);
    let (mut stream, _) = listener.accept()?;
    stream.set_read_timeout(Some(Duration::from_secs(PATIENCE_S)))?;
    stream.read_exact(&mut [0])?;
    Ok(begun.elapsed())
}

/// A child that is ended when it is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // One that has ended by itself needs no more.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
