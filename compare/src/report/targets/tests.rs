use super::super::{Figure, Metric, Report, Row};
use super::*;

/// A run of November 2026, with the figures that the table needs and some of its cells.
fn recorded() -> Report {
    let mut report: Report = serde_json::from_str(include_str!("recorded.json")).unwrap();
    report.fill_in();
    report
}

fn row(report: &Report, what: &str) -> [String; 6] {
    let mut found = rows(report).into_iter().filter(|row| row[0].starts_with(what));
    let row = found.next().unwrap_or_else(|| panic!("no row begins with {what}"));
    assert!(found.next().is_none(), "two rows begin with {what}");
    row
}

fn set(report: &mut Report, cell: &str, peer: &str, metric: Metric, samples: &[f64]) {
    let cell = report.cells.iter_mut().find(|it| it.name == cell).unwrap();
    let row = cell.rows.iter_mut().find(|it| it.peer == peer).unwrap();
    row.skipped = None;
    row.figures.insert(metric, Figure { samples: samples.to_vec() });
}

#[test]
fn the_table_of_a_recorded_run_is_the_recorded_table() {
    let table = markdown(&recorded());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/report/targets/recorded.md");
    if std::env::var_os("POLYLOOP_BLESS").is_some() {
        std::fs::write(path, &table).unwrap();
    }
    assert_eq!(table, std::fs::read_to_string(path).unwrap(), "POLYLOOP_BLESS=1 writes it anew");
}

#[test]
fn every_row_has_as_many_columns_as_the_head_and_none_is_twice() {
    let rows = rows(&recorded());
    assert_eq!(rows.len(), list::TARGETS.len() + 2);
    let mut names: Vec<&String> = rows.iter().map(|row| &row[0]).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), rows.len());
    assert!(rows.iter().flatten().all(|cell| !cell.contains('|')));
}

#[test]
fn every_cell_that_a_target_names_is_measured() {
    let cells = crate::run::cells();
    for target in list::TARGETS {
        assert!(cells.iter().any(|cell| cell.name == target.cell), "{}", target.cell);
    }
    // Those that are judged together: 12 echo cells without the three that have their own targets.
    assert_eq!(cells.iter().filter(|cell| list::is_other(&cell.name)).count(), 9);
}

#[test]
fn user_time_is_held_to_the_bare_loop_and_80_ns() {
    let mut report = recorded();
    set(&mut report, "echo-50x1K", "epoll", Metric::UserNs, &[100.0, 150.0, 200.0]);
    set(&mut report, "echo-50x1K", "polyloop-mio", Metric::UserNs, &[0.0, 230.0, 460.0]);
    assert_eq!(row(&report, "user ns")[4], "230 (at most 230): met");
    set(&mut report, "echo-50x1K", "polyloop-mio", Metric::UserNs, &[276.0]);
    assert_eq!(row(&report, "user ns")[4], "276 (at most 230): **missed by 20.0 %**");
    // Each of the two rows is of one backend.
    assert_eq!(row(&report, "user ns")[5], "");
    assert_eq!(row(&report, "the same on io_uring")[4], "");
}

#[test]
fn user_time_is_a_mean_of_short_runs_and_the_median_of_long_ones() {
    let mut report = recorded();
    set(&mut report, "echo-50x1K", "polyloop-mio", Metric::UserNs, &[10.0, 20.0, 90.0]);
    assert!(row(&report, "user ns")[4].starts_with("40.0 "));
    assert!(markdown(&report).contains("the mean of runs of 200 ms"));
    let mut long = report.cells.iter().find(|cell| cell.name == "echo-50x1K").unwrap().clone();
    long.name = list::USER_TIME.to_owned();
    long.measured_ms = 5000;
    report.cells.push(long);
    assert!(row(&report, "user ns")[4].starts_with("20.0 "));
    assert!(!markdown(&report).contains("the mean of runs"));
}

#[test]
fn a_rate_is_to_be_no_less_and_a_cost_no_more() {
    let mut report = recorded();
    set(&mut report, "echo-1000x16K", "epoll", Metric::Rate, &[1000.0]);
    set(&mut report, "echo-1000x16K", "io_uring", Metric::Rate, &[2000.0]);
    set(&mut report, "echo-1000x16K", "polyloop-mio", Metric::Rate, &[900.0]);
    set(&mut report, "echo-1000x16K", "polyloop-io-uring", Metric::Rate, &[900.0]);
    let row = row(&report, "messages a second, 1,000 connections, 16 KiB");
    assert_eq!(row[2], "epoll 1,000, io_uring 2,000");
    // Each backend is beside the bare loop of its kind.
    assert_eq!(row[4], "900 (at least 900): met");
    assert_eq!(row[5], "900 (at least 1,800): **missed by 50.0 %**");
}

#[test]
fn a_figure_of_another_day_is_scaled_by_who_took_it() {
    let mut report = recorded();
    set(&mut report, "queue-ping-pong", "glommio", Metric::CpuNs, &[606.0]);
    set(&mut report, "queue-ping-pong", "polyloop-mio", Metric::CpuNs, &[499.0]);
    set(&mut report, "queue-ping-pong", "polyloop-io-uring", Metric::CpuNs, &[550.0]);
    let judged = row(&report, "ping-pong by queues");
    assert_eq!(judged[4], "499 (at most 500): met");
    assert_eq!(judged[5], "550 (at most 500): **missed by 10.0 %**");
    // On a faster day the figure itself may be kept where the ratio is not.
    set(&mut report, "queue-ping-pong", "glommio", Metric::CpuNs, &[151.5]);
    set(&mut report, "queue-ping-pong", "polyloop-mio", Metric::CpuNs, &[150.0]);
    let judged = row(&report, "ping-pong by queues");
    assert_eq!(judged[4], "150 (at most 125): **missed by 20.0 %**, though under 250");
}

#[test]
fn only_runtimes_in_rust_are_the_best_peer() {
    let mut report = recorded();
    set(&mut report, "spawn", "glommio", Metric::CpuNs, &[40.0]);
    let cell = report.cells.iter_mut().find(|cell| cell.name == "spawn").unwrap();
    for peer in ["libuv", "epoll"] {
        let figures = [(Metric::CpuNs, Figure { samples: vec![1.0] })].into();
        cell.rows.retain(|row| row.peer != peer);
        cell.rows.push(Row { peer: peer.to_owned(), skipped: None, figures });
    }
    assert_eq!(row(&report, "spawn and await")[3], "glommio 40.0");
}

#[test]
fn being_as_good_as_the_best_allows_for_noise() {
    let judge = |ours: &[f64], best: &[f64]| {
        let mut report = recorded();
        let cell = report.cells.iter_mut().find(|cell| cell.name == "thread-wake").unwrap();
        cell.rows.retain(|row| row.peer.starts_with("polyloop") || row.peer == "tokio");
        set(&mut report, "thread-wake", "tokio", Metric::P50, best);
        set(&mut report, "thread-wake", "polyloop-mio", Metric::P50, ours);
        row(&report, "wake from another")[4].contains("missed")
    };
    // Worse by a fifth, and no sample is as good as any of the best's.
    assert!(judge(&[12.0, 12.1, 12.2], &[10.0, 10.1, 10.2]));
    // Worse by a fifth, but the best's own samples reach as far.
    assert!(!judge(&[12.0, 12.1, 12.2], &[10.0, 10.1, 12.2]));
    // No sample is as good, but by two parts in a hundred.
    assert!(!judge(&[10.3, 10.3, 10.3], &[10.1, 10.1, 10.1]));
    // One stray sample of five does not make them overlap.
    assert!(judge(&[12.0, 12.1, 12.2, 12.1, 12.0], &[10.0, 10.1, 10.2, 10.1, 99.0]));
}

#[test]
fn the_other_cells_are_counted_and_named() {
    let mut report = recorded();
    report.cells.retain(|cell| !list::is_other(&cell.name) || cell.name == "echo-1x64");
    for peer in ["tokio", "monoio-ring", "monoio-legacy", "glommio", "polyloop-mio"] {
        set(&mut report, "echo-1x64", peer, Metric::Rate, &[100.0, 101.0]);
    }
    set(&mut report, "echo-1x64", "polyloop-io-uring", Metric::Rate, &[90.0, 90.9]);
    let judged = row(&report, "every other echo cell, messages");
    assert_eq!(judged[4], "1 of 1: met");
    assert!(judged[5].starts_with("0 of 1: **missed** in 1x64 by 10.0 % ("), "{}", judged[5]);
    report.cells.retain(|cell| !list::is_other(&cell.name));
    assert_eq!(row(&report, "every other echo cell, messages")[4], NOT_IN_RUN);
}

#[test]
fn nothing_is_less_than_what_a_run_begins_with() {
    let mut report = recorded();
    set(&mut report, "echo-50x1K", "polyloop-mio", Metric::Allocations, &[0.001]);
    set(&mut report, "echo-50x1K", "polyloop-io-uring", Metric::Allocations, &[1.0]);
    let judged = row(&report, "allocations a message");
    assert_eq!([&judged[4], &judged[5]], ["0.00: met", "1.00: **missed**"]);
}

#[test]
fn what_was_not_measured_says_so_and_why() {
    let mut report = recorded();
    report.cells.retain(|cell| cell.name != "idle");
    assert_eq!(row(&report, "user memory")[4], "not measured in this run");
    let cell = report.cells.iter_mut().find(|cell| cell.name == "http").unwrap();
    let ours = cell.rows.iter_mut().find(|row| row.peer == "polyloop-mio").unwrap();
    ours.figures.clear();
    ours.skipped = Some("failed: it hung up".to_owned());
    cell.rows.retain(|row| row.peer != "epoll");
    let judged = row(&report, "HTTP hello");
    assert_eq!(judged[4], "not measured: failed: it hung up");
    assert!(judged[5].ends_with("nothing to compare it with"), "{}", judged[5]);
}

#[test]
fn the_middle_half_leaves_out_stray_samples_where_there_are_enough() {
    let half = |samples: &[f64]| Figure { samples: samples.to_vec() }.half();
    assert_eq!(half(&[3.0, 1.0, 2.0]), (1.0, 3.0));
    assert_eq!(half(&[9.0, 1.0, 2.0, 3.0]), (2.0, 3.0));
    assert_eq!(half(&[5.0, 4.0, 3.0, 2.0, 1.0, 0.0, 6.0, 7.0]), (2.0, 5.0));
}
