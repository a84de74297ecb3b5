//! Histories read from whatever they are in.

use std::io::{BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use super::error::ReadError;
use super::{History, edn, json_lines};
use crate::model::Model;

/// Reads a history: JSON lines, or EDN as Jepsen writes it, gzipped or not.
///
/// What the operations mean `model` says; otherwise the history's header, or what its operations
/// can only be.
///
/// # Errors
/// When the input cannot be read, or is not a history: with the line, what was found there and
/// what was expected.
pub fn read(input: impl Read, model: Option<Model>) -> Result<(Model, History), ReadError> {
    let mut input = BufReader::new(input);
    if input.fill_buf()?.starts_with(&GZIP) {
        return plain(BufReader::new(MultiGzDecoder::new(input)), model);
    }
    plain(input, model)
}

/// What a gzip file begins with (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

fn plain(mut input: impl BufRead, model: Option<Model>) -> Result<(Model, History), ReadError> {
    let start = input.fill_buf()?;
    let start = start.trim_ascii_start();
    match start {
        [] => Err(ReadError::at(1, "the file is empty: expected a history")),
        // An object of JSON; a map of EDN has a keyword where that has a string.
        [b'{', rest @ ..]
            if matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}') | None) =>
        {
            json_lines::read(input, model)
        }
        [b'{' | b'[' | b'(' | b'#' | b';' | b',', ..] => edn::read(input, model),
        _ => {
            let found = String::from_utf8_lossy(&start[..start.len().min(20)]);
            let found = found.replace(char::is_control, "");
            Err(ReadError::at(1, format!("`{found}`: expected JSON lines or EDN")))
        }
    }
}
