//! What the command line says.

pub(crate) const USAGE: &str = "\
usage: accuracy LOADGEN [--seconds N] [--seed N]
  LOADGEN      the program
  --seconds N  how long a run lasts: at least 15, for wrk2 leaves out its first ten (30)
  --seed N     what exponential delays are drawn from (1)";

pub(crate) struct Options {
    pub(crate) loadgen: String,
    pub(crate) seconds: u32,
    pub(crate) seed: u64,
}

impl Options {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self { loadgen: String::new(), seconds: 30, seed: 1 };
        while let Some(argument) = arguments.next() {
            if !argument.starts_with('-') {
                options.loadgen = argument;
                continue;
            }
            let value = arguments.next().ok_or_else(|| format!("{argument}: expected a value"))?;
            let wrong = |expected| format!("{argument} {value}: expected {expected}");
            match argument.as_str() {
                "--seconds" => {
                    let seconds = value.parse().ok().filter(|seconds| (15..=600).contains(seconds));
                    options.seconds = seconds.ok_or_else(|| wrong("15 to 600"))?;
                }
                "--seed" => options.seed = value.parse().map_err(|_| wrong("a number"))?,
                _ => return Err(format!("unknown option {argument}")),
            }
        }
        if options.loadgen.is_empty() { Err("expected a program".to_owned()) } else { Ok(options) }
    }
}
