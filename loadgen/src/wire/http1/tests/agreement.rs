//! The client and the reference over one answer.

use super::super::Connection;
use super::super::head::MAX_HEAD_BYTES;
use super::reference::{self, HEAD};
use super::script::{End, Heard, Script, failed, listen, request};

/// Whether the client makes of an answer what the reference does, and the same in pieces that are cut at
/// `places`, which ascend; what differs where it does not. The connection is closed behind the answer.
pub(crate) fn agree(bytes: &[u8], to_head_request: bool, places: &[usize]) -> Result<(), String> {
    let (expected, content) = reference::read(bytes, to_head_request);
    let (end, heard) = cut_alike(bytes, to_head_request, places)?;
    let shown = || bytes.escape_ascii();
    if !is_beyond_limits(bytes, &end) && named_alike(&end) != expected {
        return Err(format!("{end:?}, the reference {expected:?}: {}", shown()));
    }
    if content.as_ref().is_some_and(|content| *content != heard.content) {
        return Err(format!("{heard:?}, the reference {content:?}: {}", shown()));
    }
    Ok(())
}

/// What the client makes of an answer in one piece, where it makes the same of it in others, and in
/// bounded memory.
pub(crate) fn cut_alike(
    bytes: &[u8],
    to_head_request: bool,
    places: &[usize],
) -> Result<(End, Heard), String> {
    let (whole, of_whole) = read([bytes], to_head_request)?;
    let starts = [0].into_iter().chain(places.iter().copied());
    let pieces = starts.zip(places.iter().copied().chain([bytes.len()]));
    let pieces = pieces.map(|(start, end)| &bytes[start..end]).filter(|piece| !piece.is_empty());
    let (cut, of_cut) = read(pieces, to_head_request)?;
    // What follows an answer is seen only where it comes with the end of it.
    let late = whole == failed("illegal answer: bytes after the answer")
        && matches!(cut, End::Answered { .. });
    if cut != whole && !late || of_cut != of_whole {
        let shown = bytes[..bytes.len().min(2000)].escape_ascii();
        return Err(format!(
            "{cut:?} {of_cut:?}, whole {whole:?} {of_whole:?}, cut at {places:?}: {shown}"
        ));
    }
    Ok((whole, of_whole))
}

fn read<'p>(
    pieces: impl IntoIterator<Item = &'p [u8]>,
    to_head_request: bool,
) -> Result<(End, Heard), String> {
    let mut script = Script::answering(pieces);
    let (end, _, heard) = listen(&mut Connection::new(&mut script), &request(to_head_request));
    if script.widest > MAX_HEAD_BYTES {
        return Err(format!("{} bytes were read at once", script.widest));
    }
    Ok((end, heard))
}

/// The reference knows no limits, of which the lowest is 16 KiB.
fn is_beyond_limits(bytes: &[u8], end: &End) -> bool {
    let limits = ["head longer", "trailers longer", "malformed chunk extension"];
    let is_limit = |name: &String| limits.iter().any(|limit| name.contains(limit));
    bytes.len() > 16 * 1024 && matches!(end, End::Failed(name) if is_limit(name))
}

/// What is wrong in a head has one name in the reference.
fn named_alike(end: &End) -> End {
    match end {
        End::Failed(name) if name.ends_with(HEAD) => failed(&format!("illegal answer: {HEAD}")),
        End::Failed(name) if name == "illegal answer: status 101" => end.clone(),
        End::Failed(name) if name.starts_with("illegal answer: status ") => {
            failed("illegal answer: status below 100")
        }
        _ => end.clone(),
    }
}
