//! Exact decimal numbers: no float is involved, so that nothing is rounded.

use std::cmp::Ordering;
use std::fmt;
use std::iter;

use serde::{Serialize, Serializer};

/// A decimal number: `units` / 10^`scale`.
///
/// It is normalised: its units do not end in a zero that its scale could do without. `20.0` and `20`
/// are one number, of which [`Self::has_decimals`] tells how it was written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Decimal {
    units: i64,
    /// At most [`MAX_SCALE`].
    scale: u8,
    has_decimals: bool,
}

/// The greatest power of ten that fits into 64 bits.
const MAX_SCALE: u8 = 18;

/// A number that is longer than this is not worth its parsing.
const MAX_LITERAL_BYTES: usize = 1000;

/// What a text with a number in it turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parsed {
    /// A number.
    Number(Decimal),
    /// A number that has more digits than 64 bits hold.
    OutOfRange,
    /// No number.
    Malformed,
}

impl Parsed {
    pub(super) fn number(self) -> Option<Decimal> {
        match self {
            Self::Number(number) => Some(number),
            Self::OutOfRange | Self::Malformed => None,
        }
    }
}

impl Decimal {
    /// The number that `text` is in the notation of JSON, except that a sign `+` and leading zeros
    /// may be there: `-12.50`, `1e+06`, `007`.
    pub(super) fn parse(text: &str) -> Parsed {
        if text.len() > MAX_LITERAL_BYTES {
            return Parsed::OutOfRange;
        }
        let (is_negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (unsigned, None),
        };
        let (whole, decimals) = match mantissa.split_once('.') {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (mantissa, None),
        };
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !are_digits(whole) || decimals.is_some_and(|text| !are_digits(text)) {
            return Parsed::Malformed;
        }
        let Some(exponent) = exponent.map_or(Some(0), parse_exponent) else {
            return Parsed::Malformed;
        };
        let decimals = decimals.unwrap_or_default();
        let number = Self::of_digits(is_negative, whole, decimals, exponent);
        number.map_or(Parsed::OutOfRange, Parsed::Number)
    }

    /// `whole`.`decimals` × 10^`exponent`; `None` where that does not fit.
    fn of_digits(is_negative: bool, whole: &str, decimals: &str, exponent: i64) -> Option<Self> {
        let digits = || whole.bytes().chain(decimals.bytes()).map(|byte| i64::from(byte - b'0'));
        let count = whole.len() + decimals.len();
        let trailing_zeros = digits().rev().take_while(|digit| *digit == 0).count();
        let has_decimals = !decimals.is_empty();
        if trailing_zeros == count {
            return Some(Self { units: 0, scale: 0, has_decimals });
        }
        let sign = if is_negative { -1 } else { 1 };
        // The digits without their trailing zeros, times ten to the power of this.
        let power =
            exponent + i64::try_from(trailing_zeros).ok()? - i64::try_from(decimals.len()).ok()?;
        let appended = usize::try_from(power.max(0)).ok()?;
        if appended > usize::from(MAX_SCALE) || power < -i64::from(MAX_SCALE) {
            return None;
        }
        let significant = digits().take(count - trailing_zeros).chain(iter::repeat_n(0, appended));
        let mut units = 0_i64;
        for digit in significant {
            units = units.checked_mul(10)?.checked_add(sign * digit)?;
        }
        let scale = u8::try_from((-power).max(0)).ok()?;
        Some(Self { units, scale, has_decimals })
    }

    /// The number, where it is whole.
    #[must_use]
    pub fn to_integer(self) -> Option<i64> {
        (self.scale == 0).then_some(self.units)
    }

    /// The greatest whole number that is not above it.
    #[must_use]
    pub fn floor(self) -> i64 {
        self.units.div_euclid(self.one())
    }

    /// What it is above its floor: at least 0, below 1.
    #[must_use]
    pub fn fraction(self) -> Self {
        Self { units: self.units.rem_euclid(self.one()), ..self }
    }

    /// How far it is above `other`, exactly; `None` where that does not fit.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let scaled =
            |number: Self| number.units.checked_mul(10_i64.pow(u32::from(scale - number.scale)));
        let mut units = scaled(self)?.checked_sub(scaled(other)?)?;
        let mut scale = scale;
        while scale > 0 && units % 10 == 0 {
            units /= 10;
            scale -= 1;
        }
        Some(Self { units, scale, has_decimals: self.has_decimals || other.has_decimals })
    }

    /// One, with its point so many places to the left: 0.01 for 2; at most 18.
    pub(crate) fn unit(decimals: u8) -> Self {
        Self { units: 1, scale: decimals.min(MAX_SCALE), has_decimals: decimals > 0 }
    }

    /// The number that all of `text` is, if it is one.
    pub(crate) fn of(text: &str) -> Option<Self> {
        Self::parse(text).number()
    }

    /// It, times ten to the power of `decimals`, exactly; `None` where that does not fit.
    #[must_use]
    pub fn times_ten_to(self, decimals: u8) -> Option<Self> {
        let Self { units, scale, .. } = self;
        if decimals == 0 {
            return Some(self);
        }
        let more = u32::from(decimals.saturating_sub(scale));
        let units = units.checked_mul(10_i64.checked_pow(more)?)?;
        Some(Self { units, scale: scale.saturating_sub(decimals), ..self })
    }

    /// How many whole steps it is above `fraction`: 12 for 12.5 above 0.5. `None` where its own
    /// fraction is another.
    #[must_use]
    pub fn above(self, fraction: Self) -> Option<i64> {
        (self.fraction() == fraction).then(|| self.floor())
    }

    /// Whether it was written with a decimal point, as amounts of money are.
    #[must_use]
    pub fn has_decimals(self) -> bool {
        self.has_decimals
    }

    /// The same, as if written without decimals where it is whole: for notations whose decimals say
    /// nothing about what is counted.
    #[must_use]
    pub(super) fn as_counted(self) -> Self {
        Self { has_decimals: self.scale > 0, ..self }
    }

    fn one(self) -> i64 {
        10_i64.pow(u32::from(self.scale))
    }
}

/// An exponent; far beyond what a number may have, its size makes no difference.
fn parse_exponent(text: &str) -> Option<i64> {
    const FAR: i64 = 1 << 32;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent = digits.parse().unwrap_or(FAR).min(FAR);
    Some(if text.starts_with('-') { -exponent } else { exponent })
}

impl From<i64> for Decimal {
    fn from(units: i64) -> Self {
        Self { units, scale: 0, has_decimals: false }
    }
}

/// How it was written makes no difference.
impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        (self.units, self.scale) == (other.units, other.scale)
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scaled = |number: &Self, scale: u8| {
            i128::from(number.units) * 10_i128.pow(u32::from(scale - number.scale))
        };
        let scale = self.scale.max(other.scale);
        scaled(self, scale).cmp(&scaled(other, scale))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return self.units.fmt(f);
        }
        let sign = if self.units < 0 { "-" } else { "" };
        let (units, one) = (self.units.unsigned_abs(), self.one().unsigned_abs());
        let scale = usize::from(self.scale);
        f.pad(&format!("{sign}{}.{:0scale$}", units / one, units % one))
    }
}

/// As a number. One with decimals is what JSON's readers make of it, most of them a float.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(integer) = self.to_integer() {
            return serializer.serialize_i64(integer);
        }
        let float = self.to_string().parse().expect("decimal digits are a float, too");
        serializer.serialize_f64(float)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).number().unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn what_is_written_is_read_exactly() {
        for (text, shown) in [
            ("20.0", "20"),
            ("1e3", "1000"),
            ("12.50", "12.5"),
            ("-0.05", "-0.05"),
            ("1.0e+06", "1000000"),
            ("25e-1", "2.5"),
            ("0e999999999999999999999", "0"),
            ("-0", "0"),
            ("007", "7"),
            ("9223372036854775807", "9223372036854775807"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("9.223372036854775807", "9.223372036854775807"),
            ("0.000000000000000001", "0.000000000000000001"),
            ("100000000000000000000e-2", "1000000000000000000"),
        ] {
            assert_eq!(number(text).to_string(), shown, "{text}");
        }
        for text in
            ["9223372036854775808", "1e19", "0.0000000000000000001", "1e-19", "1e99999999999999"]
        {
            assert_eq!(Decimal::parse(text), Parsed::OutOfRange, "{text}");
        }
        for text in ["", "-", ".5", "5.", "1e", "1e+", "1.2.3", "0x10", "1_000", "٣", "NaN", "+Inf"]
        {
            assert_eq!(Decimal::parse(text), Parsed::Malformed, "{text}");
        }
    }

    #[test]
    fn how_it_was_written_is_known_and_makes_no_difference() {
        assert_eq!(number("12.00"), number("12"));
        assert!(number("12.00").has_decimals() && !number("12").has_decimals());
        assert!(!number("12.0").as_counted().has_decimals());
        assert!(number("12.5").as_counted().has_decimals());
    }

    #[test]
    fn floor_and_fraction_make_up_the_number() {
        let half = number("0.5");
        for (text, floor, fraction) in
            [("12.5", 12, "0.5"), ("-12.5", -13, "0.5"), ("7", 7, "0"), ("-0.25", -1, "0.75")]
        {
            let number = number(text);
            assert_eq!((number.floor(), number.fraction().to_string().as_str()), (floor, fraction));
        }
        assert_eq!(number("12.5").above(half), Some(12));
        assert_eq!(number("12.25").above(half), None);
        assert_eq!(number("12").above(half), None);
        assert_eq!(number("12").above(Decimal::default()), Some(12));
        assert_eq!(number("12.5").to_integer(), None);
    }

    #[test]
    fn differences_are_exact() {
        for (one, other, difference) in [
            ("0.3", "0.1", Some("0.2")),
            ("12.5", "10.5", Some("2")),
            ("1", "0.000000000000000001", Some("0.999999999999999999")),
            ("9223372036854775807", "-1", None),
        ] {
            let found = number(one).minus(number(other)).map(|number| number.to_string());
            assert_eq!(found.as_deref(), difference, "{one} - {other}");
        }
        assert!(number("0.25") < number("0.3") && number("-1") < number("-0.5"));
    }

    #[test]
    fn in_json_it_is_a_number() {
        let json = |text| serde_json::to_string(&number(text)).unwrap();
        assert_eq!(json("12.50"), "12.5");
        assert_eq!(json("9223372036854775807"), "9223372036854775807");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(units: i64, scale in 0_usize..19) {
            let digits = format!("{units}e-{scale}");
            let read = number(&digits);
            prop_assert_eq!(number(&read.to_string()), read);
            let fraction = read.fraction();
            prop_assert!(fraction >= Decimal::default() && fraction < Decimal::from(1));
            prop_assert_eq!(read.above(fraction), Some(read.floor()));
        }

        #[test]
        fn any_text_is_read_or_not(text in "[-+0-9.eE]{0,24}") {
            let read = Decimal::parse(&text);
            let float: Option<f64> = text.parse().ok().filter(|_| read != Parsed::Malformed);
            if let (Some(number), Some(float)) = (read.number(), float) {
                let shown: f64 = number.to_string().parse().unwrap();
                prop_assert!((shown - float).abs() <= float.abs() * 1e-12);
            }
        }
    }
}
