use polyloop_core::limits;

/// The water marks of what is on its way out: above `high` the writer is asked to pause, at `low`
/// or less to go on. `low <= high` always.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Marks {
    pub(crate) high: usize,
    pub(crate) low: usize,
}

impl Marks {
    pub(super) const DEFAULT: Marks =
        Marks { high: limits::WRITE_HIGH_WATER, low: limits::WRITE_HIGH_WATER / 4 };

    /// Makes marks as asyncio does: one that is not given follows from the other.
    ///
    /// # Panics
    ///
    /// If `low` is above `high`.
    pub(crate) fn new(high: Option<usize>, low: Option<usize>) -> Marks {
        let high = high.or(low.map(|low| low.saturating_mul(4)));
        let high = high.unwrap_or(limits::WRITE_HIGH_WATER);
        let low = low.unwrap_or(high / 4);
        assert!(low <= high, "the low mark ({low}) is above the high one ({high})");
        Marks { high, low }
    }
}

impl Default for Marks {
    fn default() -> Marks {
        Marks::DEFAULT
    }
}
