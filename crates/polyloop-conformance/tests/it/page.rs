use std::collections::BTreeMap;
use std::fmt::Write;
use std::{env, fs};

use polyloop_conformance::CASES;
use polyloop_conformance::mutants::{GATED, Mutant};

use crate::mutants::{Table, read_table};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/conformance.md");
const BEGIN: &str =
    "<!-- What follows is written by the crate's tests, from the table of mutants. -->\n";

/// A case shows that many of the broken loops that it sees; the most special come first.
const SHOWN: usize = 3;

/// The tables of the page are those of the crate.
#[test]
fn the_page_shows_the_cases_and_mutants_that_there_are() {
    if env::var_os("POLYLOOP_BLESS").is_some() {
        return write();
    }
    let (_, shown) = read();
    let is_current = shown == tables(&read_table());
    assert!(is_current, "docs/conformance.md is out of date: run this with POLYLOOP_BLESS=1");
}

/// Writes the page's tables from the table of mutants.
pub(crate) fn write() {
    let (text, _) = read();
    let page = format!("{text}{BEGIN}{}", tables(&read_table()));
    fs::write(PAGE, page).expect("the page can be written");
}

/// Gives what people wrote of the page, and what was generated.
fn read() -> (String, String) {
    let page = fs::read_to_string(PAGE).expect("the page is in the repository");
    let (text, shown) = page.split_once(BEGIN).expect("the page has a generated part");
    (text.to_owned(), shown.to_owned())
}

fn tables(table: &Table) -> String {
    let seen_by = mutants_of_cases(table);
    let mut text = String::new();
    for clause in 1..=16 {
        let cases: Vec<_> = CASES.iter().filter(|case| case.clause == clause).collect();
        let mutants = Mutant::all().into_iter().filter(|mutant| mutant.clause() == clause);
        writeln!(text, "\n### Clause {clause}\n").expect("text grows");
        if cases.is_empty() {
            text.push_str("No case: the lying loop of the crate's own tests holds it.\n");
        } else {
            text.push_str("| case | fails on |\n|---|---|\n");
        }
        for case in cases {
            let seen = shown(seen_by.get(case.name).map_or(&[][..], Vec::as_slice));
            writeln!(text, "| `{}` | {seen} |", case.name).expect("text grows");
        }
        let rows: Vec<String> =
            mutants.map(|mutant| format!("| `{}` | {} |", mutant.name(), mutant.about())).collect();
        if !rows.is_empty() {
            writeln!(text, "\n| broken loop | what is wrong |\n|---|---|\n{}", rows.join("\n"))
                .expect("text grows");
        }
    }
    text
}

/// Gives the mutants that each case sees, those first that few cases see.
fn mutants_of_cases(table: &Table) -> BTreeMap<String, Vec<String>> {
    let mut seen_by: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
    for (mutant, cases) in table {
        for case in cases {
            seen_by.entry(case.clone()).or_default().push((cases.len(), mutant.clone()));
        }
    }
    for (fault, cases) in GATED {
        for case in *cases {
            seen_by.entry((*case).to_owned()).or_default().push((0, fault.name().to_owned()));
        }
    }
    seen_by
        .into_iter()
        .map(|(case, mut mutants)| {
            mutants.sort();
            (case, mutants.into_iter().map(|(_, name)| name).collect())
        })
        .collect()
}

fn shown(mutants: &[String]) -> String {
    let first: Vec<String> = mutants.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match mutants.len().saturating_sub(SHOWN) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
