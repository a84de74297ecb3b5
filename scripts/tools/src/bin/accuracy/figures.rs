//! Latencies as they are said, and how far they are from the truth.

/// The percentiles that are compared.
pub(crate) const PERCENTS: [f64; 6] = [50.0, 75.0, 90.0, 95.0, 99.0, 99.9];

/// Where the 99th percentile is among them.
pub(crate) const P99: usize = 4;

/// What somebody says of the latencies of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Figures {
    /// Of how many requests.
    pub(crate) answered: Option<u64>,
    /// Those of [`PERCENTS`]; `None` where it does not say.
    pub(crate) percentiles_ms: [Option<f64>; PERCENTS.len()],
    pub(crate) max_ms: Option<f64>,
}

impl Figures {
    /// Those of `self` less those of `truth`, as far as both are known: percentiles, and the maximum.
    pub(crate) fn errors_ms(&self, truth: &Self) -> ([Option<f64>; PERCENTS.len()], Option<f64>) {
        let mut errors = [None; PERCENTS.len()];
        for (error, (said, truth)) in
            errors.iter_mut().zip(self.percentiles_ms.iter().zip(truth.percentiles_ms))
        {
            *error = said.zip(truth).map(|(said, truth)| said - truth);
        }
        (errors, self.max_ms.zip(truth.max_ms).map(|(said, truth)| said - truth))
    }

    /// Whether every percentile that is known is within 1 % and 0.2 ms of `truth`.
    pub(crate) fn are_close(&self, truth: &Self) -> bool {
        let (errors, _) = self.errors_ms(truth);
        let pairs = errors.iter().zip(truth.percentiles_ms);
        pairs
            .filter_map(|(error, truth)| error.zip(truth))
            .all(|(error, truth)| error.abs() <= truth * 0.01 + 0.2)
    }

    /// Whether the maximum is known and within 0.2 ms of that of `truth`.
    pub(crate) fn has_close_max(&self, truth: &Self) -> bool {
        self.errors_ms(truth).1.is_some_and(|error| error.abs() <= 0.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_a_hundred_and_a_fifth_of_a_millisecond_are_close() {
        let truth = Figures { percentiles_ms: [Some(10.0); 6], max_ms: Some(10.0), answered: None };
        let said = |percentile, max| Figures {
            percentiles_ms: [Some(10.0), None, Some(percentile), None, None, None],
            max_ms: Some(max),
            answered: None,
        };
        assert!(said(10.29, 10.0).are_close(&truth) && said(9.71, 10.0).are_close(&truth));
        assert!(!said(10.31, 10.0).are_close(&truth) && !said(9.69, 10.0).are_close(&truth));
        assert!(
            said(10.0, 10.19).has_close_max(&truth) && !said(10.0, 10.21).has_close_max(&truth)
        );
        assert!(!Figures::default().has_close_max(&truth));
    }
}
