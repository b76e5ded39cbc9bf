use std::io::{Read, Write};
use std::net::Shutdown;
use std::path::{Path, PathBuf};
use std::time::Duration;

use polyloop::{
    ErrorKind, UnixAddress, UnixDatagram, UnixListener, UnixStream, UnixStreamSpec, create_task,
    sleep,
};

use crate::run;

/// A path for a socket that nobody else uses, removed with it.
pub(crate) struct SocketPath(PathBuf);

impl SocketPath {
    pub(crate) fn new() -> SocketPath {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // Relaxed: the number only has to differ from others.
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("polyloop-it-{}-{number}.sock", std::process::id());
        SocketPath(std::env::temp_dir().join(name))
    }
}

impl AsRef<Path> for SocketPath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for SocketPath {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_listener_gives_connections_and_both_ends_know_their_names() {
    run(async {
        let path = SocketPath::new();
        let listener = UnixListener::bind(path.as_ref()).await.unwrap();
        assert_eq!(listener.local_addr().unwrap().as_path(), Some(path.as_ref()));
        let to = path.0.clone();
        let client = create_task(async move { UnixStream::connect(&to).await.unwrap() });
        let (mut server, peer) = listener.accept().await.unwrap();
        let mut client = client.await.unwrap();
        assert!(peer.is_unnamed() && client.local_addr().unwrap().is_unnamed());
        assert_eq!(client.peer_addr().unwrap().as_path(), Some(path.as_ref()));
        client.write_all(b"question").await.unwrap();
        client.shutdown(Shutdown::Write).await.unwrap();
        let mut all = Vec::new();
        assert_eq!(server.read_to_end(&mut all).await.unwrap(), 8);
        assert_eq!(all, b"question");
        server.write_all(b"answer").await.unwrap();
        drop(server);
        all.clear();
        client.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"answer");
        drop(listener);
        assert!(path.as_ref().exists(), "a listener leaves its path");
        let error = UnixListener::bind(path.as_ref()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::AddrInUse), "{error}");
    });
}

#[test]
fn a_client_can_have_a_name_of_its_own() {
    run(async {
        let (path, own) = (SocketPath::new(), SocketPath::new());
        let listener = UnixListener::bind(path.as_ref()).await.unwrap();
        let mut spec = UnixStreamSpec::unnamed();
        spec.bind = Some(UnixAddress::path(&own).unwrap());
        let client = UnixStream::connect_as(path.as_ref(), spec).await.unwrap();
        let (_server, peer) = listener.accept().await.unwrap();
        assert_eq!(peer.as_path(), Some(own.as_ref()));
        assert_eq!(client.local_addr().unwrap(), peer);
    });
}

#[test]
fn large_transfers_arrive_whole_both_ways() {
    run(async {
        let (here, there) = UnixStream::pair().await.unwrap();
        let sent: Vec<u8> = (0..4_000_000u32).map(|n| ((n * 7) >> 3) as u8).collect();
        let ends = [here, there].map(|end| {
            let (mut reader, mut writer) = end.into_split();
            let bytes = sent.clone();
            let writing = create_task(async move { writer.write_all(&bytes).await.unwrap() });
            let reading = create_task(async move {
                let mut all = Vec::new();
                reader.read_to_end(&mut all).await.unwrap();
                all
            });
            (writing, reading)
        });
        for (writing, reading) in ends {
            writing.await.unwrap();
            assert!(reading.await.unwrap() == sent, "the bytes arrive as they were sent");
        }
    });
}

#[test]
fn wrong_names_are_refused_saying_which() {
    run(async {
        let long = format!("/tmp/{}", "x".repeat(200));
        let errors = [
            UnixListener::bind(&long).await.unwrap_err(),
            UnixStream::connect(&long).await.unwrap_err(),
            UnixDatagram::bind(&long).await.unwrap_err(),
            UnixDatagram::unbound().await.unwrap().send_to(b"x", &long).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
            let text = error.to_string();
            assert!(text.contains(&long) && text.contains("205 bytes"), "{text}");
        }
        let error = UnixStream::connect("with\0nul").await.unwrap_err();
        assert!(error.to_string().contains("NUL"), "{error}");
        let missing = SocketPath::new();
        let error = UnixStream::connect(missing.as_ref()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::NotFound), "{error}");
        assert!(error.to_string().contains(missing.0.to_str().unwrap()), "{error}");
    });
}

#[test]
#[cfg(target_os = "linux")]
fn abstract_names_go_away_with_their_listener() {
    run(async {
        let name = UnixAddress::abstract_name(format!("polyloop-it-{}", std::process::id()));
        for _ in 0..2 {
            let listener = UnixListener::bind(&name).await.unwrap();
            let client = UnixStream::connect(&name).await.unwrap();
            let _server = listener.accept().await.unwrap();
            assert_eq!(client.peer_addr().unwrap(), name);
            drop(listener);
            let again = async {
                while UnixListener::bind(&name).await.is_err() {
                    sleep(Duration::from_millis(1)).await;
                }
            };
            polyloop::timeout(Duration::from_secs(5), again).await.unwrap();
            sleep(Duration::from_millis(5)).await;
        }
    });
}

#[test]
#[cfg(target_os = "linux")]
fn the_peer_of_a_stream_is_known() {
    run(async {
        let (here, _there) = UnixStream::pair().await.unwrap();
        let peer = here.peer_credentials().unwrap();
        assert_eq!(peer.process_id, Some(std::process::id()));
        assert_eq!(peer.user_id, rustix::process::getuid().as_raw());
        assert_eq!(peer.group_id, rustix::process::getgid().as_raw());
    });
}

#[test]
fn streams_come_from_std_and_go_back() {
    run(async {
        let (ours, mut theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        let mut stream = UnixStream::from_std(ours).unwrap();
        theirs.write_all(b"hello world").unwrap();
        let mut buf = [0; 5];
        stream.read_exact(&mut buf).await.unwrap();
        sleep(Duration::from_millis(5)).await;
        let mut back = stream.into_std().await.unwrap();
        back.stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut rest = std::mem::take(&mut back.unread);
        while rest.len() < 6 {
            let mut buf = [0; 16];
            let count = back.stream.read(&mut buf).unwrap();
            rest.extend_from_slice(&buf[..count]);
        }
        assert_eq!(rest, b" world");
    });
}

#[test]
fn datagrams_have_senders_and_wait_for_their_receiver() {
    run(async {
        let (here, there) = (SocketPath::new(), SocketPath::new());
        let receiver = UnixDatagram::bind(there.as_ref()).await.unwrap();
        let sender = UnixDatagram::bind(here.as_ref()).await.unwrap();
        let to = there.0.clone();
        // More than the receiver has room for.
        let sending = create_task(async move {
            for number in 0..1000u16 {
                sender.send_to(&number.to_be_bytes(), &to).await.unwrap();
            }
        });
        sleep(Duration::from_millis(20)).await;
        let mut buf = [0; 8];
        assert_eq!(receiver.peek(&mut buf).await.unwrap(), 2);
        for number in 0..1000u16 {
            let (count, from) = receiver.recv_from(&mut buf).await.unwrap();
            assert_eq!(
                (&buf[..count], from.as_path()),
                (&number.to_be_bytes()[..], Some(&*here.0))
            );
        }
        sending.await.unwrap();
    });
}

#[test]
fn a_connected_datagram_socket_waits_for_its_peer() {
    run(async {
        let there = SocketPath::new();
        let receiver = UnixDatagram::bind(there.as_ref()).await.unwrap();
        let sender = UnixDatagram::unbound().await.unwrap();
        sender.connect(there.as_ref()).await.unwrap();
        assert_eq!(sender.peer_addr().unwrap().as_path(), Some(there.as_ref()));
        let sending = create_task(async move {
            for number in 0..700u16 {
                sender.send(&number.to_be_bytes()).await.unwrap();
            }
        });
        sleep(Duration::from_millis(20)).await;
        let mut buf = [0; 8];
        for number in 0..700u16 {
            let (count, from) = receiver.recv_from(&mut buf).await.unwrap();
            assert_eq!((&buf[..count], from.is_unnamed()), (&number.to_be_bytes()[..], true));
        }
        sending.await.unwrap();
    });
}
