//! Texts of any kind, read.

use std::io::{self, Read};

use crate::files::{ReadError, Reader, Recorded, write};
use crate::history::{Initial, Operation};
use crate::{History, Model};

pub(super) const MODELS: [Model; 13] = [
    Model::Counter,
    Model::FetchAndAdd,
    Model::Register,
    Model::Bounded { capacity: Some(20) },
    Model::Set,
    Model::Unique,
    Model::Once,
    Model::Dispense,
    Model::Versioned,
    Model::Queue,
    Model::Lock,
    Model::Accounts { floor: Some(0) },
    Model::Bounded { capacity: None },
];

/// Reads `bytes` as events, in EDN or JSON: whole and in pieces it is the same, and the operations of
/// a client keep the order in which they ended.
///
/// # Panics
/// When any of that does not hold.
pub fn edn(bytes: &[u8]) {
    let models = [None, Some(MODELS[bytes.len() % MODELS.len()])];
    for model in models {
        let recorded = read(bytes, &Reader { model, ..Reader::default() });
        // A history of ours knows what its objects were at first; of events it is assumed.
        if let Some(recorded) = recorded.filter(|recorded| !recorded.starts.is_empty()) {
            for object in &recorded.history.objects {
                keep_order(&object.operations);
            }
        }
    }
}

/// No operation of a client is over before one that ended earlier has begun.
fn keep_order(operations: &[Operation]) {
    for (index, later) in operations.iter().enumerate() {
        let own = operations[..index].iter().filter(|earlier| earlier.client == later.client);
        for earlier in own {
            assert!(!later.precedes(earlier), "{earlier:?} ended before {later:?}");
        }
    }
}

/// What `reader` makes of `bytes`: the same whole and in pieces, within the memory it may have, and
/// the same again once it is written.
pub(super) fn read(bytes: &[u8], reader: &Reader) -> Option<Recorded> {
    let whole = reader.read(bytes);
    let step = bytes.len() % 7 + 1;
    let in_pieces = reader.read(Pieces { bytes, step, is_interrupted: false });
    assert_eq!(said(&in_pieces), said(&whole), "in pieces of {step}");
    let needed_bytes = whole.as_ref().map_or(bytes.len(), |recorded| held_bytes(&recorded.history));
    for memory_bytes in [needed_bytes / 2, needed_bytes, 2 * needed_bytes] {
        keep_memory(bytes, &Reader { memory_bytes, ..reader.clone() }, &whole);
    }
    let recorded = whole.ok()?;
    let text = written(&recorded);
    let again = Reader::default().read(text.as_slice()).map(|again| (again.model, again.history));
    let again = again.expect("it was written by us");
    assert_eq!(again, (recorded.model, recorded.history.clone()));
    Some(recorded)
}

fn written(recorded: &Recorded) -> Vec<u8> {
    let mut text = Vec::new();
    write(&mut text, recorded.model, &recorded.history).expect("memory takes all");
    text
}

/// What a reader says, to be compared.
fn said(read: &Result<Recorded, ReadError>) -> Result<&Recorded, String> {
    read.as_ref().map_err(ToString::to_string)
}

/// With a bound on its memory `reader` says so, or the same as without, and then it has kept it.
fn keep_memory(bytes: &[u8], reader: &Reader, whole: &Result<Recorded, ReadError>) {
    match reader.read(bytes) {
        Err(ReadError::Memory { limit_bytes, .. }) => assert_eq!(limit_bytes, reader.memory_bytes),
        bounded => {
            assert_eq!(said(&bounded), said(whole), "with {} bytes", reader.memory_bytes);
            if let Ok(recorded) = bounded {
                let held_bytes = held_bytes(&recorded.history);
                assert!(held_bytes <= reader.memory_bytes, "{held_bytes} are held");
            }
        }
    }
}

/// The least that a history holds, however its lists are kept.
fn held_bytes(history: &History) -> usize {
    let of_object = history.objects.iter().map(|object| {
        let told = match &object.initial {
            Initial::Elements(elements) => elements.len(),
            Initial::Balances(balances) => 2 * balances.len(),
            Initial::Default | Initial::Value(_) => 0,
        };
        object.key.len() + size_of_val(object.operations.as_slice()) + told * size_of::<i64>()
    });
    of_object.sum()
}

/// Hands out a few bytes at a time, and is interrupted before each.
struct Pieces<'b> {
    bytes: &'b [u8],
    step: usize,
    is_interrupted: bool,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.is_interrupted = !self.is_interrupted;
        if self.is_interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let step = self.step.min(buffer.len());
        self.bytes.read(&mut buffer[..step])
    }
}
