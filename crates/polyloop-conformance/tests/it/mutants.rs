use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{env, fs, panic, thread};

use polyloop_conformance::mutants::{GATED, Mutant};
use polyloop_conformance::{CASES, Case, Harness, Outcome};

/// Which cases fail on which mutant.
pub(crate) type Table = BTreeMap<String, BTreeSet<String>>;

/// A mutant's cases wait that long at first; what differs from the table is tried again.
const IMPATIENT: Duration = Duration::from_millis(300);
const PATIENT: Duration = Duration::from_secs(2);

/// How often it is tried again. What a busy machine does to a case that measures time comes and goes; what a
/// change to a case or to a mutant does comes every time.
const TRIALS: u32 = 6;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/mutants.tsv");

/// Each broken loop fails exactly the cases of the table, and each case sees a broken loop.
#[test]
fn the_suite_sees_every_mutant_and_the_table_says_where() {
    silence_outcomes();
    let mutants: Vec<Mutant> =
        Mutant::all().into_iter().filter(|found| !is_gated(*found)).collect();
    let recorded = read_table();
    let seen = Mutex::new(Table::new());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                // Relaxed: the number only has to be taken once.
                while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let failing = failing_cases(*mutant, &recorded);
                    seen.lock().unwrap().insert(mutant.name().to_owned(), failing);
                }
            });
        }
    });
    let seen = seen.into_inner().unwrap();
    if env::var_os("POLYLOOP_BLESS").is_some() {
        write_table(&seen, &mutants);
        // The page's own test may have written it from the table as it was before.
        crate::page::write();
    }
    for (mutant, failing) in &seen {
        assert!(!failing.is_empty(), "no case sees {mutant}");
    }
    if env::var_os("POLYLOOP_BLESS").is_none() {
        assert_same(&seen, &recorded);
    }
    assert_every_case_sees_something(&seen);
}

/// Runs every case on one mutant; a surprise is believed only if it comes every time.
fn failing_cases(mutant: Mutant, recorded: &Table) -> BTreeSet<String> {
    let expected = recorded.get(mutant.name());
    let fails = |case: &Case, patience| {
        let harness = Harness::new(mutant.factory()).with_patience(patience);
        let harness = Arc::new(harness.with_seed(1).with_rows(3));
        matches!(harness.outcome(case), Outcome::Failed(_))
    };
    let mut failing = BTreeSet::new();
    for case in CASES {
        let expected = expected.is_some_and(|cases| cases.contains(case.name));
        let as_expected = fails(case, IMPATIENT) == expected
            || (0..TRIALS).any(|_| fails(case, PATIENT) == expected);
        if as_expected == expected {
            failing.insert(case.name.to_owned());
        }
    }
    failing
}

fn assert_same(seen: &Table, recorded: &Table) {
    let mut differences = String::new();
    for (mutant, failing) in seen {
        let empty = BTreeSet::new();
        let recorded = recorded.get(mutant).unwrap_or(&empty);
        let surprises: Vec<_> = failing.difference(recorded).collect();
        let missed: Vec<_> = recorded.difference(failing).collect();
        if !surprises.is_empty() || !missed.is_empty() {
            differences.push_str(&format!(
                "{mutant}: fail but are not in the table: {surprises:?}; pass though they are in \
                 the table: {missed:?}\n"
            ));
        }
    }
    let gone: Vec<_> = recorded.keys().filter(|name| !seen.contains_key(*name)).collect();
    assert!(
        differences.is_empty() && gone.is_empty(),
        "{differences}no longer there: {gone:?}\nif this is right, record it with POLYLOOP_BLESS=1"
    );
}

/// A case that no broken loop fails has not been seen to test anything.
fn assert_every_case_sees_something(seen: &Table) {
    let caught: BTreeSet<&str> = seen.values().flatten().map(String::as_str).collect();
    let gated: BTreeSet<&str> = GATED.iter().flat_map(|(_, cases)| cases.iter().copied()).collect();
    let idle: Vec<_> = CASES
        .iter()
        .map(|case| case.name)
        .filter(|name| !caught.contains(name) && !gated.contains(name))
        .collect();
    assert!(idle.is_empty(), "no mutant fails these cases: {idle:#?}");
}

fn is_gated(mutant: Mutant) -> bool {
    GATED.iter().any(|(fault, _)| Mutant::Fault(*fault) == mutant)
}

pub(crate) fn read_table() -> Table {
    let text = fs::read_to_string(TABLE).unwrap_or_default();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(mutant, cases)| {
            (mutant.to_owned(), cases.split(' ').map(str::to_owned).collect::<BTreeSet<_>>())
        })
        .collect()
}

fn write_table(seen: &Table, mutants: &[Mutant]) {
    let mut text =
        String::from("# mutant, and the cases that fail on it; see docs/conformance.md\n");
    for mutant in mutants {
        let cases: Vec<&str> = seen[mutant.name()].iter().map(String::as_str).collect();
        text.push_str(&format!("{}\t{}\n", mutant.name(), cases.join(" ")));
    }
    fs::write(TABLE, text).expect("the table can be written");
}

/// Broken loops fail on purpose, thousands of times: their panics are not reported.
fn silence_outcomes() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().name() != Some(Harness::OUTCOME_THREAD) {
            report(info);
        }
    }));
}
