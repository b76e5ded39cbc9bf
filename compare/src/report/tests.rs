use std::collections::BTreeMap;

use super::*;

fn figure(samples: &[f64]) -> Figure {
    Figure { samples: samples.to_vec() }
}

fn row(peer: &str, rate: &[f64], cpu: &[f64]) -> Row {
    let figures = BTreeMap::from([(Metric::Rate, figure(rate)), (Metric::CpuNs, figure(cpu))]);
    Row { peer: peer.to_owned(), skipped: None, figures }
}

fn report() -> Report {
    let peer = |name: &str, kind: &str, skipped: Option<&str>| PeerReport {
        name: name.to_owned(),
        version: "1".to_owned(),
        about: "one of <two>".to_owned(),
        kind: kind.to_owned(),
        skipped: skipped.map(str::to_owned),
    };
    let skipped = Row {
        peer: "smol".to_owned(),
        skipped: Some("it & others failed".to_owned()),
        figures: BTreeMap::new(),
    };
    Report {
        taken: "2026-11-21".to_owned(),
        machine: Machine {
            kernel: "Linux 6.18".to_owned(),
            cpu: "a processor".to_owned(),
            cores: 2,
            memory_mib: 4000,
            virtual_machine: true,
        },
        settings: Told {
            repetitions: 3,
            measured_ms: 200,
            warm_up_ms: 50,
            took_s: 1,
            quick: false,
        },
        notes: vec!["A note.".to_owned()],
        peers: vec![
            peer("epoll", "bare", None),
            peer("tokio", "peer", None),
            peer("smol", "peer", None),
            peer("libuv", "peer", Some("not installed")),
        ],
        cells: vec![CellReport {
            name: "echo-50x1K".to_owned(),
            title: "Echo".to_owned(),
            about: "of something".to_owned(),
            unit: "message".to_owned(),
            measured_ms: 200,
            rows: vec![
                row("epoll", &[1000.0, 1100.0, 900.0], &[4000.0, 4100.0, 4050.0]),
                row("tokio", &[500.0, 123_456.0, 750.0], &[8100.0, 8000.0, 9000.0]),
                skipped,
            ],
        }],
    }
}

#[test]
fn a_figure_is_the_median_with_its_spread() {
    let odd = figure(&[3.0, 1.0, 2.0]);
    assert_eq!(figure(&[0.0, 0.0, 6.0]).middle(Metric::UserNs), 2.0);
    assert_eq!((odd.least(), odd.middle(Metric::Rate), odd.most()), (1.0, 2.0, 3.0));
    assert_eq!(figure(&[4.0, 1.0, 2.0, 3.0]).middle(Metric::Rate), 2.5);
}

#[test]
fn numbers_have_the_digits_that_say_something() {
    let texts = [1_234_567.0, 999.6, 123.4, 12.34, 9.999, 1.234, 0.0, -1500.0, f64::NAN];
    let texts = texts.map(number::text);
    assert_eq!(texts, ["1,234,567", "1,000", "123", "12.3", "10.0", "1.23", "0.00", "-1,500", "–"]);
}

#[test]
fn ratios_are_those_of_medians_to_the_bare_loops() {
    let report = report();
    let cell = &report.cells[0];
    assert_eq!(ratio::of(cell, "tokio", "epoll", Metric::Rate), Some(0.75));
    assert_eq!(ratio::of(cell, "tokio", "epoll", Metric::CpuNs), Some(2.0));
    assert_eq!(ratio::of(cell, "tokio", "io_uring", Metric::CpuNs), None);
    assert_eq!(ratio::of(cell, "smol", "epoll", Metric::CpuNs), None);
}

#[test]
fn what_is_written_as_json_is_read_again() {
    let folder = std::env::temp_dir().join(format!("polyloop-report-{}", std::process::id()));
    report().write(&folder).unwrap();
    let read = Report::read(&folder.join("comparison.json")).unwrap();
    assert_eq!(read, report());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_page_in_markdown_has_spreads_ratios_and_reasons() {
    let page = markdown::page(&report());
    let row =
        "| tokio | 750 <sub>500–123,456; 0.75 e</sub> | 8,100 <sub>8,000–9,000; 2.00 e</sub> |";
    assert!(page.contains(row), "{page}");
    assert!(page.contains("\n## Targets\n"), "{page}");
    assert!(page.contains("| Echo | 1.00 | 2.00 |"), "the overview\n{page}");
    assert!(page.contains("No smol: it & others failed."));
    assert!(page.contains("**skipped**: not installed"));
    // Every row of a table has as many columns as its head.
    for table in page.split("\n\n").filter(|part| part.starts_with("| ")) {
        let columns = |line: &str| line.matches('|').count();
        let head = columns(table);
        let first = table.lines().next().map(columns);
        assert!(table.lines().all(|line| Some(columns(line)) == first), "{head}: {table}");
    }
}

#[test]
fn the_page_in_html_is_whole_and_escaped() {
    let page = html::page(&report());
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert!(page.contains("it &amp; others failed"));
    assert!(page.contains("one of &lt;two&gt;"));
    assert!(!page.contains("<two>"));
    assert!(!page.contains("http"), "nothing is loaded from elsewhere");
    for tag in
        ["svg", "table", "tr", "td", "th", "ul", "li", "figure", "details", "div", "p", "span"]
    {
        let opened =
            page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

#[test]
fn bars_are_as_long_as_what_they_stand_for() {
    let report = report();
    let chart = chart::bars(&report, &report.cells[0], Metric::CpuNs).unwrap();
    // The longest line, from 0 to 9000, takes 330.
    assert!(chart.contains(&format!("width=\"{:.1}\"", 8100.0 / 9000.0 * 330.0)), "{chart}");
    assert_eq!(chart.matches("<rect").count(), 2);
    assert_eq!(chart::bars(&report, &report.cells[0], Metric::P99), None);
}

#[test]
fn columns_of_a_table_stand_below_each_other() {
    let rows = [vec!["a", "bb", "c"], vec!["long", "1", "100"], vec!["x", "–"]];
    let rows = rows.map(|row| row.into_iter().map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(table::aligned(&rows), "  a     bb    c\n  long   1  100\n  x      –\n");
}

#[test]
fn reasons_are_told_once() {
    let mut report = report();
    let mut other = report.cells[0].rows[2].clone();
    other.peer = "glommio".to_owned();
    report.cells[0].rows.push(other);
    assert_eq!(report.cells[0].skips(), [("smol, glommio".to_owned(), "it & others failed")]);
}
