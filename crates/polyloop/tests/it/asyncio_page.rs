//! `docs/asyncio.md` answers for every name of asyncio's, and shows what it names.

use std::collections::BTreeSet;
use std::path::Path;

/// The answers that a row can give.
const ANSWERS: &[&str] = &["same", "different", "absent"];

/// One row of the page's tables, with the heading above it.
#[derive(Debug)]
struct Row {
    area: String,
    name: String,
    here_as: String,
    answer: String,
    why: String,
}

fn page() -> String {
    read("../../docs/asyncio.md")
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).unwrap()
}

/// Gives the rows of the tables that stand under a heading of the second level.
fn rows(page: &str) -> Vec<Row> {
    let mut area = "";
    let mut rows = Vec::new();
    for line in prose(page) {
        if let Some(heading) = line.strip_prefix("## ") {
            area = heading;
        }
        let Some(cells) = line.strip_prefix("| `").and_then(|line| line.strip_suffix(" |")) else {
            continue;
        };
        let cells: Vec<&str> = cells.split(" | ").collect();
        let [name, here_as, answer, why] = cells[..] else {
            panic!("a row has four cells: {line}");
        };
        rows.push(Row {
            area: area.to_owned(),
            name: name.strip_suffix('`').expect("a row is of one name").to_owned(),
            here_as: here_as.to_owned(),
            answer: answer.to_owned(),
            why: why.to_owned(),
        });
    }
    rows
}

/// Gives the lines that are not code.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    page.split("```").step_by(2).flat_map(str::lines)
}

/// Gives the words of the Rust code under one heading, which the compiler checks as documentation
/// of the crate.
fn words_of_the_code<'a>(page: &'a str, area: &str) -> BTreeSet<&'a str> {
    let mut sections = page.split("\n## ");
    let section = sections.find(|section| section.lines().next() == Some(area)).unwrap_or("");
    let blocks = section.split("```").skip(1).step_by(2);
    let rust = blocks.filter_map(|block| block.strip_prefix("rust\n"));
    rust.flat_map(|code| code.split(|c: char| !is_of_a_word(c))).collect()
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn listed() -> BTreeSet<(String, String)> {
    let names = read("tests/asyncio/names.txt");
    let names = names.lines().filter(|line| !line.starts_with('#'));
    let pairs = names.map(|line| line.split_once('\t').expect("a line is an area, a tab, a name"));
    pairs.map(|(area, name)| (area.to_owned(), name.to_owned())).collect()
}

#[test]
fn the_page_answers_for_every_name_of_asyncio_once() {
    let rows = rows(&page());
    let answered: BTreeSet<_> =
        rows.iter().map(|row| (row.area.clone(), row.name.clone())).collect();
    let listed = listed();
    assert!(listed.len() > 250, "only {} names are listed", listed.len());
    let missing: Vec<_> = listed.difference(&answered).collect();
    assert!(missing.is_empty(), "the page has no row for {missing:?}");
    let unknown: Vec<_> = answered.difference(&listed).collect();
    assert!(unknown.is_empty(), "no name of asyncio's, or under the wrong heading: {unknown:?}");
    assert_eq!(rows.len(), answered.len(), "a name has two rows");
}

#[test]
fn every_row_gives_one_of_the_four_answers_and_what_belongs_to_it() {
    for row in rows(&page()) {
        assert!(ANSWERS.contains(&&*row.answer), "{row:?}");
        let is_there = matches!(&*row.answer, "same" | "different");
        assert_eq!(is_there, row.here_as.starts_with('`'), "{row:?}");
        assert!(row.answer == "same" || row.why != "–", "{row:?}");
    }
}

#[test]
fn all_that_the_page_says_is_there_stands_in_the_compiled_code_below_it() {
    let page = page();
    let mut missing = Vec::new();
    for row in rows(&page) {
        let words = words_of_the_code(&page, &row.area);
        for path in row.here_as.split('`').skip(1).step_by(2) {
            let name = path.rsplit("::").next().unwrap_or(path);
            let name = name.trim_end_matches(|c| !is_of_a_word(c));
            if !words.contains(name) {
                missing.push((row.area.clone(), path.to_owned()));
            }
        }
    }
    assert!(missing.is_empty(), "no example under its heading has {missing:?}");
}
