//! A distribution in few bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2DeflateSerializer};
use serde::de::Error as _;
use serde::{Deserialize, Serialize, Serializer};

use super::{Distribution, histogram};

impl Distribution {
    /// Base64 of the histogram in its V2 form, deflated.
    pub(crate) fn encoded(&self) -> String {
        STANDARD.encode(self.deflated())
    }

    fn deflated(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(&self.histogram, &mut bytes)
            .expect("writing to a vector cannot fail");
        bytes
    }

    /// The same in few bytes.
    pub(crate) fn packed(&self) -> Packed {
        let Self { min_ns, max_ns, sum_ns, squares_ns2, .. } = *self;
        Packed { histogram: self.deflated(), min_ns, max_ns, sum_ns, squares_ns2 }
    }
}

/// A distribution in few bytes, as it is kept of each second and in files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Packed {
    /// The histogram in its V2 form, deflated; in base64 in files.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    histogram: Vec<u8>,
    min_ns: u64,
    max_ns: u64,
    sum_ns: u128,
    squares_ns2: u128,
}

impl From<Distribution> for Packed {
    fn from(distribution: Distribution) -> Self {
        distribution.packed()
    }
}

impl TryFrom<Packed> for Distribution {
    type Error = &'static str;

    fn try_from(packed: Packed) -> Result<Self, Self::Error> {
        let Packed { histogram: bytes, min_ns, max_ns, sum_ns, squares_ns2 } = packed;
        let read: Histogram<u64> = Deserializer::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(|_| "expected a histogram in its V2 form, deflated")?;
        // One that was read does not grow.
        let mut histogram = histogram();
        if (read.sigfig(), read.low()) != (histogram.sigfig(), histogram.low()) {
            return Err("expected a histogram of whole microseconds to three digits");
        }
        histogram.add(read).map_err(|_| "expected a histogram of whole microseconds")?;
        let distribution = Self { histogram, min_ns, max_ns, sum_ns, squares_ns2 };
        if distribution.is_sound() {
            Ok(distribution)
        } else {
            Err("expected a sum between the least and the greatest of the times")
        }
    }
}

pub(in crate::record) fn to_base64<S: Serializer>(
    bytes: &[u8],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes))
}

pub(in crate::record) fn from_base64<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    STANDARD.decode(text).map_err(|_| D::Error::custom("expected base64"))
}
