//! What the numbers of a history count: steps, each of which is one, or a hundredth, say.

use super::number::{Decimal, Parsed};

/// What a number counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Steps {
    /// A step is one with its point so many places to the left: a hundredth where they are 2.
    decimals: u8,
    /// What the first number was above whole steps, in steps.
    fraction: Decimal,
}

/// Numbers as they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The least of them.
    pub least: Decimal,
    /// The greatest.
    pub greatest: Decimal,
    /// With how many decimals one is written at most, as 2 of `12.50`.
    pub decimals: u8,
}

impl Steps {
    /// Steps of so many `decimals`, from what the `first` number was above whole ones.
    pub(crate) fn from(decimals: u8, first: Decimal) -> Self {
        let fraction = first.times_ten_to(decimals).map(Decimal::fraction).unwrap_or_default();
        Self { decimals, fraction }
    }

    /// How many steps `number` is; `None` where that is not a whole number above what the first was, or
    /// does not fit.
    pub(crate) fn count(self, number: Decimal) -> Option<i64> {
        number.times_ten_to(self.decimals)?.above(self.fraction)
    }

    /// Whether `number` has a count, but for its fraction.
    pub(crate) fn have_room_for(self, number: Decimal) -> bool {
        number.times_ten_to(self.decimals).is_some()
    }
}

impl Written {
    /// What all `texts` are, if they are numbers; at least one there has to be.
    pub(crate) fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Option<Self> {
        let all = texts.into_iter().map(Self::one).collect::<Option<Vec<_>>>()?;
        all.into_iter().reduce(Self::and)
    }

    /// Whether each of them has a count in steps of so many `decimals`.
    pub(crate) fn fit(self, decimals: u8) -> bool {
        let has_room = |number: Decimal| number.times_ten_to(decimals).is_some();
        self.decimals <= decimals && has_room(self.least) && has_room(self.greatest)
    }

    /// These numbers and `others`.
    pub(crate) fn and(self, others: Self) -> Self {
        let Self { least, greatest, decimals } = self;
        Self {
            least: least.min(others.least),
            greatest: greatest.max(others.greatest),
            decimals: decimals.max(others.decimals),
        }
    }

    /// As people write amounts: without an exponent.
    fn one(text: &str) -> Option<Self> {
        let text = text.trim();
        let Parsed::Number(number) = Decimal::parse(text) else { return None };
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let decimals = u8::try_from(decimals).ok().filter(|_| !text.contains(['e', 'E']))?;
        Some(Self { least: number, greatest: number, decimals })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Decimal {
        Written::one(text).unwrap().least
    }

    #[test]
    fn a_number_counts_steps_and_none_is_rounded() {
        for (decimals, first, text, expected) in [
            (2, "0", "12.50", Some(1250)),
            (2, "0", "-0.01", Some(-1)),
            (2, "0", "12.505", None),
            (2, "1.005", "12.505", Some(1250)),
            (2, "1.005", "12.50", None),
            (1, "0", "12.50", Some(125)),
            (1, "0", "12.55", None),
            (0, "0.5", "12.50", Some(12)),
            (0, "0", "12.50", None),
            (2, "0", "92233720368547758.07", Some(i64::MAX)),
            (2, "0", "92233720368547758.08", None),
        ] {
            let steps = Steps::from(decimals, number(first));
            let found = Decimal::parse(text).number().and_then(|number| steps.count(number));
            assert_eq!(found, expected, "{decimals} {first} {text}");
        }
        assert!(!Steps::from(2, Decimal::default()).have_room_for(i64::MAX.into()));
    }

    #[test]
    fn numbers_are_known_by_their_least_and_by_how_they_are_written() {
        let of = |texts: &[&str]| {
            let written = Written::of(texts.iter().copied())?;
            Some((written.least.to_string(), written.decimals))
        };
        assert_eq!(of(&["12.50", "3"]), Some(("3".to_owned(), 2)));
        assert_eq!(of(&["-1", " 3.0 "]), Some(("-1".to_owned(), 1)));
        for texts in [&["1", "x"][..], &["1e-2"], &[""], &[]] {
            assert_eq!(of(texts), None, "{texts:?}");
        }
    }

    #[test]
    fn what_has_no_room_in_steps_does_not_fit() {
        let fit = |text: &str, decimals| Written::one(text).is_some_and(|one| one.fit(decimals));
        assert!(fit("12.50", 2) && fit("-92233720368547758.08", 2) && fit("3", 0));
        assert!(
            !fit("12.50", 1) && !fit("-92233720368547758.09", 2) && !fit("92233720368547759", 2)
        );
        let both = Written::of(["1", "92233720368547759"]).unwrap();
        assert!(!both.fit(2) && both.fit(1));
    }

    proptest! {
        /// A twin that counts in 128 bits.
        #[test]
        fn steps_are_those_of_wider_numbers(
            units: i64, scale in 0_usize..6, first in 0_i64..100_000, decimals in 0_u8..4,
        ) {
            let written = |units: i64| {
                let digits = format!("{:0>width$}", units.unsigned_abs(), width = scale + 1);
                let (whole, rest) = digits.split_at(digits.len() - scale);
                let sign = if units < 0 { "-" } else { "" };
                let point = if scale > 0 { "." } else { "" };
                number(&format!("{sign}{whole}{point}{rest}"))
            };
            let found = Steps::from(decimals, written(first)).count(written(units));
            // In units of 10⁻⁶, of which a step has so many.
            let wide = |units: i64| i128::from(units) * 10_i128.pow(6 - u32::try_from(scale).unwrap());
            let step = 10_i128.pow(6 - u32::from(decimals));
            let is_whole = (wide(units) - wide(first)).rem_euclid(step) == 0;
            let expected = wide(units).div_euclid(step);
            match found {
                Some(count) => prop_assert!(is_whole && i128::from(count) == expected),
                // What is between two steps may have no room in units of its own.
                None => prop_assert!(!is_whole || i64::try_from(expected).is_err()),
            }
        }
    }
}
