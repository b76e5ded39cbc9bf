use super::*;

#[test]
fn names_are_read_as_they_are_written() {
    for peer in Peer::ALL {
        assert_eq!(peer.name().parse(), Ok(peer));
    }
    assert!("nobody".parse::<Peer>().unwrap_err().contains("tokio"));
}

#[test]
fn the_versions_are_those_of_the_manifest() {
    let manifest = include_str!("../../Cargo.toml");
    let crates = [
        (Peer::BareMio, "mio"),
        (Peer::Tokio, "tokio"),
        (Peer::Smol, "smol"),
        (Peer::MonoioRing, "monoio"),
        (Peer::MonoioLegacy, "monoio"),
        (Peer::Compio, "compio"),
        (Peer::Glommio, "glommio"),
    ];
    for (peer, name) in crates {
        let line = manifest.lines().find(|line| line.starts_with(&format!("{name} = ")));
        let pinned = format!("\"={}\"", peer.version());
        assert!(line.is_some_and(|line| line.contains(&pinned)), "{name}: {line:?}");
    }
}

#[test]
fn a_bare_loop_has_no_tasks_but_files() {
    let yields = Work::Alone(Alone::Yield);
    assert!(Peer::BareEpoll.lacks(yields).is_some());
    assert!(Peer::BareRing.lacks(Work::Alone(Alone::Reads(1))).is_none());
    assert!(Peer::Tokio.lacks(yields).is_none());
}
