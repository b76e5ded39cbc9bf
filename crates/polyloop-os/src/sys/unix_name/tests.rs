use std::path::PathBuf;

use polyloop_core::{Address, OpenSpec, OsHandle, UnixAddress, UnixDatagramSpec, UnixListenSpec};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType};

use crate::{Blocking, Opened, accept, open, recv_from};

fn opened(spec: OpenSpec) -> OsHandle {
    match open(&spec, Blocking::No).expect("it can be opened") {
        Opened::One(handle) => handle,
        Opened::Pair(..) => panic!("one handle"),
    }
}

/// A path of a length, removed with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(len: usize) -> Scratch {
        let mut path = std::env::temp_dir().join(format!("polyloop-os-{}-", std::process::id()));
        let missing = len.saturating_sub(path.as_os_str().len());
        path.as_mut_os_string().push("x".repeat(missing));
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Linux takes a path that fills `sun_path` and has no NUL, from a peer that is not like us.
#[test]
#[cfg(target_os = "linux")]
fn a_peer_whose_path_fills_the_name_is_read() {
    let (long, here, there) = (Scratch::new(108), Scratch::new(60), Scratch::new(61));
    let name = Address::from(UnixAddress::path(&long.0).expect("a path"));
    let bound = |kind| {
        let socket = rustix::net::socket(AddressFamily::UNIX, kind, None).expect("a socket");
        let address = SocketAddrUnix::new(&long.0).expect("it fits without a NUL");
        rustix::net::bind(&socket, &address).expect("it can be bound");
        socket
    };
    let at = UnixAddress::path(&here.0).expect("a path");
    let listener = opened(OpenSpec::UnixListener(UnixListenSpec::at(at)));
    let client = bound(SocketType::STREAM);
    let to = SocketAddrUnix::new(&here.0).expect("it fits");
    rustix::net::connect(&client, &to).expect("the backlog has room");
    let (stream, peer) = accept(&listener, Blocking::No).expect("it is there");
    assert_eq!(peer, name);
    assert_eq!(crate::peer_address(&stream).expect("connected"), name);
    std::fs::remove_file(&long.0).expect("it was bound");

    let at = UnixAddress::path(&there.0).expect("a path");
    let receiver = opened(OpenSpec::UnixDatagram(UnixDatagramSpec::at(at)));
    let sender = bound(SocketType::DGRAM);
    let to = SocketAddrUnix::new(&there.0).expect("it fits");
    let sent = rustix::net::sendto(&sender, b"x", rustix::net::SendFlags::empty(), &to);
    assert_eq!(sent, Ok(1));
    let (len, from) = recv_from(&receiver, &mut [0; 4]).expect("it is there");
    assert_eq!((len, from), (1, name));
}

#[test]
fn a_name_that_is_too_long_is_refused_with_the_limit() {
    let path = format!("/tmp/{}", "x".repeat(200));
    let spec = UnixListenSpec::at(UnixAddress::path(&path).expect("a path"));
    let error = open(&OpenSpec::UnixListener(spec), Blocking::No).expect_err("too long");
    assert_eq!(error.kind(), polyloop_core::ErrorKind::InvalidInput);
    let text = error.to_string();
    assert!(text.contains(&path) && text.contains("205 bytes"), "{text}");
}
