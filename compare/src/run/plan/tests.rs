use super::*;

fn plan(only: &[&str], peers: &[Peer], settings: &Settings) -> Plan {
    let only = only.iter().map(|part| (*part).to_owned()).collect();
    Plan::new(&Choice { only, peers: peers.to_vec() }, settings)
}

#[test]
fn a_pattern_chooses_cells_by_a_part_of_their_name() {
    let chosen = plan(&["50x64"], &[Peer::Tokio], &Settings::full());
    let names: Vec<_> = chosen.cells.iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(names, ["echo-50x64", "echo-50x64-by-16"]);
    assert_eq!(chosen.peers, [Peer::Tokio]);
}

#[test]
fn a_quick_run_has_fewer_cells_but_every_one_that_is_named() {
    let all = plan(&[], &[Peer::Tokio], &Settings::full()).cells.len();
    let quick = plan(&[], &[Peer::Tokio], &Settings::quick()).cells.len();
    assert_eq!(all, cells().len());
    assert_eq!(quick, 13);
    assert_eq!(plan(&["timer"], &[Peer::Tokio], &Settings::quick()).cells.len(), 3);
}

#[test]
fn every_cell_has_a_name_of_its_own() {
    let mut names: Vec<_> = cells().into_iter().map(|cell| cell.name).collect();
    names.sort();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
