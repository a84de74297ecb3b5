//! The page for new users: each of its commands is run as they would run it.

use std::path::Path;
use std::process::{Command, Output};

use super::shop::Shop;
use crate::commands;
use crate::program::{PROGRAM, until_seen};

const PAGE: &str = include_str!("../../../../docs/first-scenario.md");

/// A block of commands, and what the last of them exits with.
struct Block<'p> {
    commands: &'p str,
    exit: i32,
}

fn blocks() -> Vec<Block<'static>> {
    let blocks = commands::blocks(PAGE).filter_map(|(language, commands)| {
        let exit = language.strip_prefix("sh")?.trim().strip_prefix("exit ");
        Some(Block { commands, exit: exit.map_or(0, |exit| exit.parse().unwrap()) })
    });
    blocks.collect()
}

/// A run of the broken shop proves something nearly always: so many are made at most.
const TRIES: usize = 5;

#[test]
fn every_command_of_the_first_page_does_what_the_page_says() {
    let Some(shop) = Shop::open() else { return };
    let folder = tempfile::tempdir().unwrap();
    let programs = Path::new(PROGRAM).parent().unwrap().to_str().unwrap();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
    let run = |commands: &str| {
        let mut shell = Command::new("bash");
        shell.args(["-eu", "-c", commands]).current_dir(folder.path());
        shell.env("PATH", &path).env("SHOP", shop.url()).output().unwrap()
    };
    let all = blocks();
    assert_eq!(all.iter().map(|block| block.exit).collect::<Vec<_>>(), [0, 0, 1, 0, 1, 0]);
    for Block { commands, exit } in all {
        let tries = if exit == 0 { 1 } else { TRIES };
        let is_it = |output: &Output| output.status.code() == Some(exit);
        let ended = until_seen(tries, || run(commands), is_it, commands);
        let said = String::from_utf8_lossy(&ended.stdout).into_owned();
        assert!(exit == 0 || said.contains("INVALID: "), "{commands}\n{said}");
    }
}
