//! Broken loops, each of which some programs must notice.

use std::panic::{AssertUnwindSafe, catch_unwind};

use polyloop::{Mutant, set_mutant};

use super::registry::TWINS;
use super::script::Log;

/// Gives the programs whose twins print something else on a broken loop, or do not end.
fn noticed_by(mutant: Mutant) -> Vec<&'static str> {
    let notices = |run: fn(Log)| {
        let log = Log::default();
        set_mutant(Some(mutant));
        let ended = catch_unwind(AssertUnwindSafe(|| run(log.clone())));
        set_mutant(None);
        (ended.is_err(), log.take())
    };
    let noticing = TWINS.iter().filter(|twin| {
        let (failed, lines) = notices(twin.run);
        failed || lines != twin.expected()
    });
    noticing.map(|twin| twin.name).collect()
}

fn assert_noticed(mutant: Mutant, by: &[&str]) {
    let noticing = noticed_by(mutant);
    println!("{mutant:?} is noticed by {} programs: {}", noticing.len(), noticing.join(", "));
    for name in by {
        assert!(noticing.contains(name), "{mutant:?} passed {name}");
    }
}

#[test]
fn a_loop_that_runs_the_last_in_first_is_noticed() {
    assert_noticed(Mutant::LastInFirstOut, &["callbacks_in_order", "tasks_yield_in_turn"]);
}

#[test]
fn a_loop_that_takes_no_snapshot_is_noticed() {
    assert_noticed(Mutant::NoSnapshot, &["timers_zero_and_soon", "timers_all_due_at_once"]);
}

#[test]
fn a_loop_that_puts_timers_before_completions_is_noticed() {
    assert_noticed(Mutant::TimersBeforeCompletions, &["io_before_timers"]);
}

#[test]
fn a_loop_that_reverses_ties_is_noticed() {
    assert_noticed(Mutant::TiesReversed, &["timers_ties_of_two", "timers_ties_of_many"]);
}

#[test]
fn a_loop_that_runs_sleepers_at_once_is_noticed() {
    assert_noticed(Mutant::SleepersAtOnce, &["timers_and_sleepers", "timeout_and_a_timer"]);
}
