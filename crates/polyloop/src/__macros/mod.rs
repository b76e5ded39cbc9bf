//! What the expansions of `#[polyloop::main]` and `#[polyloop::test]` call. Not for use by hand.

mod outcome;
mod test_plan;

pub use outcome::{Outcome, PlainEnding, PlainOutcome, ResultEnding, ResultOutcome, run};
pub use test_plan::TestPlan;
