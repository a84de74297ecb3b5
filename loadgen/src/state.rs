//! The state of a service, read before and after the load: through the same driver, with the same
//! headers and to the same addresses as the load.

mod elements;
mod pages;
mod read_error;
mod reader;
mod several;

use std::fmt;

use serde::{Serialize, Serializer};

use crate::extract::{Decimal, Scalar, Steps};
pub(crate) use elements::Elements;
pub use read_error::ReadError;
pub(crate) use reader::Reader;
pub use reader::Source;
pub(crate) use several::Readers;

/// The state of a service, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// There is none yet: the service makes it with the first update.
    Nothing,
    /// A number.
    Number(Decimal),
    /// A value of any kind.
    Text(String),
    /// The elements of a set.
    Elements(Elements),
    /// The values of many objects, each by its key, in the order of the keys.
    Keyed(Vec<(String, Scalar)>),
    /// The states of several kinds of what is judged, in the order in which they are read.
    Several(Vec<Self>),
}

impl State {
    /// How much that is; `None` where it is no number of anything.
    pub(crate) fn size(&self) -> Option<Size> {
        let value = match self {
            Self::Nothing => Decimal::default(),
            Self::Number(number) => *number,
            Self::Elements(elements) => {
                i64::try_from(elements.iter().len()).unwrap_or(i64::MAX).into()
            }
            Self::Text(_) | Self::Keyed(_) | Self::Several(_) => return None,
        };
        Some(Size { value, is_nothing: *self == Self::Nothing })
    }

    /// Whether nothing is there.
    pub(crate) fn is_nothing(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Keyed(all) => all.is_empty(),
            Self::Several(all) => all.iter().all(Self::is_nothing),
            Self::Number(_) | Self::Text(_) | Self::Elements(_) => false,
        }
    }

    /// Those of several kinds, of which there is at least one.
    fn of_all(mut all: Vec<Self>) -> Self {
        if all.len() == 1 { all.remove(0) } else { Self::Several(all) }
    }

    /// Those of each kind, in the order in which they are read.
    pub(crate) fn parts(&self) -> &[Self] {
        match self {
            Self::Several(all) => all,
            one => std::slice::from_ref(one),
        }
    }

    /// The numbers that it has.
    fn numbers(&self) -> impl Iterator<Item = Decimal> {
        let (one, keyed): (_, &[_]) = match self {
            Self::Number(number) => (Some(*number), &[]),
            Self::Keyed(all) => (None, all),
            Self::Nothing | Self::Text(_) | Self::Elements(_) | Self::Several(_) => (None, &[]),
        };
        let number = |(_, value): &(String, Scalar)| match value {
            Scalar::Number(number) => Some(*number),
            Scalar::Text(_) => None,
        };
        one.into_iter().chain(keyed.iter().filter_map(number))
    }

    /// The first of its numbers that is no whole number of these `steps`.
    pub(crate) fn between(&self, steps: Steps) -> Option<Decimal> {
        self.numbers().find(|number| steps.count(*number).is_none())
    }

    /// The value of the object that is called `key`, in a state of many.
    pub(crate) fn of(&self, key: &str) -> Option<&Scalar> {
        let Self::Keyed(all) = self else { return None };
        let place = all.binary_search_by(|(known, _)| known.as_str().cmp(key)).ok()?;
        Some(&all[place].1)
    }
}

/// The state before a run, read twice, one directly after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Before {
    /// What it was at first.
    pub(crate) first: State,
    /// What it was when the load began.
    pub(crate) state: State,
}

impl Before {
    /// Whether it changed though nobody was told to change it.
    pub(crate) fn moves(&self) -> bool {
        self.first != self.state
    }
}

/// The number of a state, or how many elements it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// The number; 0 where there was nothing.
    pub value: Decimal,
    /// Whether there was nothing.
    pub is_nothing: bool,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_nothing { f.pad("nothing (counts as 0)") } else { self.value.fmt(f) }
    }
}

/// As a number.
impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}
