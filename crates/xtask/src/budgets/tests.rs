use super::counting::{self, Counted};
use super::table::{Row, Table};
use super::{blessed, changes, judge};

const TEXT: &str = "\
# A comment.
# counted with: x86_64, rustc 1.95.0, glibc 2.36, valgrind-3.19.0
backend\toperation\tinstructions
mio\tyield\t500
mio\tspawn\t2000
io-uring\tread\t4000
mio\ttiny\t10
";

fn counted(rows: &[(&str, &str, f64)]) -> Counted {
    let row = |&(backend, operation, instructions): &(&str, &str, f64)| Row {
        backend: backend.to_owned(),
        operation: operation.to_owned(),
        instructions,
        profile: "profile.1".to_owned(),
    };
    let facts = "x86_64, rustc 1.95.0, glibc 2.36, valgrind-3.19.0".to_owned();
    Counted { facts, rows: rows.iter().map(row).collect() }
}

fn recorded() -> Table {
    Table::parse(TEXT).unwrap()
}

#[test]
fn what_is_written_is_read_back() {
    let table = recorded();
    assert_eq!(table.rows.len(), 4);
    assert_eq!(table.architecture(), "x86_64");
    assert_eq!(Table::parse(&table.to_string()), Ok(table));
    assert!(Table::parse("mio\tyield\tmany").unwrap_err().contains("line 1"));
}

#[test]
fn growth_beyond_three_hundredths_is_a_finding_with_the_profile() {
    let at = |instructions| counted(&[("mio", "yield", instructions)]);
    assert_eq!(judge(&recorded(), &at(515.0), false), [""; 0]);
    assert_eq!(judge(&recorded(), &at(400.0), false), [""; 0]);
    let findings = judge(&recorded(), &at(516.0), false);
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    for part in ["mio, yield", "516", "500", "+3.2 %", "profile.1"] {
        assert!(finding.contains(part), "{finding} lacks {part}");
    }
}

#[test]
fn a_few_instructions_are_never_a_finding() {
    assert_eq!(judge(&recorded(), &counted(&[("mio", "tiny", 13.0)]), false), [""; 0]);
    assert_eq!(judge(&recorded(), &counted(&[("mio", "tiny", 14.0)]), false).len(), 1);
}

#[test]
fn what_has_no_counterpart_is_a_finding() {
    let some = counted(&[("mio", "yield", 500.0), ("mio", "new", 1.0), ("io-uring", "read", 1.0)]);
    let findings = judge(&recorded(), &some, true);
    assert_eq!(findings.len(), 3, "{findings:?}");
    assert!(findings[0].contains("mio, new"));
    assert!(findings[1].contains("mio, spawn"));
}

#[test]
fn a_backend_that_does_not_run_here_is_not_missed() {
    let without_ring =
        counted(&[("mio", "yield", 500.0), ("mio", "spawn", 2000.0), ("mio", "tiny", 10.0)]);
    assert_eq!(judge(&recorded(), &without_ring, true), [""; 0]);
    let table = blessed(&recorded(), &without_ring, true);
    assert_eq!(table.to_string(), recorded().to_string());
}

#[test]
fn blessing_a_part_leaves_the_rest() {
    let table = blessed(&recorded(), &counted(&[("mio", "spawn", 1900.0)]), false);
    let numbers: Vec<f64> = table.rows.iter().map(|row| row.instructions).collect();
    assert_eq!(numbers, [500.0, 1900.0, 4000.0, 10.0]);
}

#[test]
fn blessing_all_drops_what_is_no_longer_counted() {
    let all = counted(&[("mio", "yield", 500.0), ("io-uring", "read", 1.0)]);
    let operations: Vec<String> =
        blessed(&recorded(), &all, true).rows.iter().map(Row::name).collect();
    assert_eq!(operations, ["mio, yield", "io-uring, read"]);
}

#[test]
fn changes_are_listed_with_the_greatest_growth_first() {
    let some = counted(&[("mio", "yield", 450.0), ("mio", "spawn", 2020.0), ("mio", "tiny", 10.4)]);
    let text = changes(&recorded(), &some);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].contains("2000 -> 2020  mio, spawn"), "{text}");
    assert!(lines[1].contains("-10.0 %"), "{text}");
}

#[test]
fn the_total_of_a_profile_is_its_summary() {
    assert_eq!(counting::total("version: 1\nsummary: 1234\n\nfn=(1) f\n16 1234\n"), Some(1234.0));
    assert_eq!(counting::total("version: 1\n"), None);
}
