use std::io::{Read, Write};
use std::os::unix::net::UnixStream as Plain;

use polyloop::{Backend, Error, ErrorKind, LoopGroup, Spread, UnixStream};

use super::{PATIENCE, group, until};
use crate::unix_sockets::SocketPath;

fn connect(path: &SocketPath) -> Plain {
    let stream = Plain::connect(path).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Greets each connection with the number of its loop, then echoes.
fn greeting(
    index: usize,
) -> impl Fn(UnixStream) -> std::pin::Pin<Box<dyn Future<Output = Result<(), Error>>>> {
    move |mut stream: UnixStream| {
        Box::pin(async move {
            stream.write_all(&[index as u8]).await?;
            while let Some(chunk) = stream.read_chunk().await? {
                stream.write_all(&chunk).await?;
            }
            Ok(())
        })
    }
}

#[test]
fn connections_of_a_unix_socket_are_handed_to_all_loops() {
    for (spread, resolved) in [
        (Spread::Auto, Spread::RoundRobin),
        (Spread::RoundRobin, Spread::RoundRobin),
        (Spread::LeastConnections, Spread::LeastConnections),
    ] {
        let (group, path) = (group(3), SocketPath::new());
        let server = group.server().spread(spread).start_unix(path.as_ref(), greeting).unwrap();
        assert_eq!(server.spread(), resolved);
        assert_eq!(server.local_addr().as_path(), Some(path.as_ref()));
        let mut served = [0; 3];
        let mut streams = Vec::new();
        for _ in 0..9 {
            let mut stream = connect(&path);
            let mut greeting = [0; 5];
            stream.write_all(b"ping").unwrap();
            stream.read_exact(&mut greeting).unwrap();
            assert_eq!(&greeting[1..], b"ping");
            served[usize::from(greeting[0])] += 1;
            streams.push(stream);
        }
        assert_eq!((served, server.connections()), ([3, 3, 3], vec![3, 3, 3]));
        drop(streams);
        until("all have ended", || server.connections() == [0, 0, 0]);
        server.close();
        until("nobody listens", || Plain::connect(&path).is_err());
        assert!(path.as_ref().exists(), "the path stays");
        group.stop(PATIENCE).unwrap();
    }
}

#[test]
fn a_unix_server_has_the_same_limits() {
    let (group, path) = (group(2), SocketPath::new());
    let server = group.server().connections_max(1).start_unix(path.as_ref(), greeting).unwrap();
    let mut served: Vec<Plain> = (0..2).map(|_| connect(&path)).collect();
    for stream in &mut served {
        stream.read_exact(&mut [0]).unwrap();
    }
    let mut waiting = connect(&path);
    waiting.set_read_timeout(Some(std::time::Duration::from_millis(100))).unwrap();
    waiting.read(&mut [0]).unwrap_err();
    assert_eq!(server.connections(), [1, 1]);
    drop(served.pop());
    waiting.set_read_timeout(Some(PATIENCE)).unwrap();
    waiting.read_exact(&mut [0]).unwrap();
    drop((served, waiting));
    group.stop(PATIENCE).unwrap();
}

#[test]
fn unix_connections_pass_between_backends_whole() {
    let here: Vec<Backend> =
        Backend::BUILT_IN.into_iter().filter(|backend| backend.probe().is_ok()).collect();
    let (count, backends) = (here.len(), here.clone());
    let group = LoopGroup::builder()
        .loops(count)
        .each_loop(move |index, builder| builder.backend(backends[index].clone()))
        .build()
        .unwrap();
    // Several servers, so that each loop is once the one that accepts.
    for _ in 0..count {
        let path = SocketPath::new();
        let server = group.server().start_unix(path.as_ref(), greeting).unwrap();
        for index in 0..count {
            let mut stream = connect(&path);
            stream.write_all(b"early").unwrap();
            let mut back = [0; 6];
            stream.read_exact(&mut back).unwrap();
            assert_eq!((usize::from(back[0]), &back[1..]), (index, &b"early"[..]));
        }
        drop(server);
    }
    until("each is at its end", || group.connections().iter().sum::<usize>() == 0);
    group.stop(PATIENCE).unwrap();
}

#[test]
fn a_unix_server_that_cannot_be_is_refused_with_its_path() {
    let (group, path) = (group(2), SocketPath::new());
    let builder = group.server().spread(Spread::ReusePort);
    let error = builder.start_unix(path.as_ref(), greeting).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let named = path.as_ref().display().to_string();
    assert!(error.to_string().contains(&named), "{error}");
    assert!(!path.as_ref().exists());
    std::fs::write(&path, "in the way").unwrap();
    let error = group.server().start_unix(path.as_ref(), greeting).unwrap_err();
    assert!(error.to_string().contains(&named), "{error}");
    group.stop(PATIENCE).unwrap();
}
