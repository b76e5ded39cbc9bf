//! Streams, transports and servers over Unix sockets.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    Error, Protocol, ReadError, Server, StreamReader, StreamWriter, Transport, UnixListener,
    create_unix_connection, create_unix_server, open_unix_connection, sleep, start_unix_server,
};

use crate::{run, until_it_fails};

/// A path of this test's own, that is removed with it.
struct OwnPath(PathBuf);

impl OwnPath {
    fn new(name: &str) -> OwnPath {
        let path = std::env::temp_dir().join(format!("polyloop-{}-{name}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        OwnPath(path)
    }
}

impl Drop for OwnPath {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn shout(mut reader: StreamReader, writer: StreamWriter) -> Result<(), ReadError> {
    let line = reader.readline().await?;
    writer.write(&line.to_ascii_uppercase());
    Ok(())
}

#[test]
fn a_server_and_a_client_speak_over_a_path() {
    run(async {
        let path = OwnPath::new("streams");
        let server = start_unix_server(shout, &path.0).await.unwrap();
        assert_eq!(server.sockets().len(), 1);
        let (mut reader, writer) = open_unix_connection(&path.0).await.unwrap();
        writer.write(b"hello\n");
        assert_eq!(reader.readline().await.unwrap(), b"HELLO\n");
        assert_eq!(reader.read(1).await.unwrap(), b"");
        server.shutdown(Duration::from_secs(5)).await.unwrap();
        let error = until_it_fails(async || open_unix_connection(&path.0).await).await;
        assert_eq!(error.io_kind(), std::io::ErrorKind::ConnectionRefused);
        assert!(error.to_string().contains("polyloop-"), "{error}");
    });
}

#[test]
fn a_listener_that_is_there_serves_too() {
    run(async {
        let path = OwnPath::new("listener");
        let listener = UnixListener::bind(&path.0).await.unwrap();
        let server = Server::builder().start_server_over(shout, listener).unwrap();
        let (mut reader, writer) = open_unix_connection(&path.0).await.unwrap();
        writer.write(b"hello\n");
        assert_eq!(reader.readline().await.unwrap(), b"HELLO\n");
        drop(server);
    });
}

/// Sends back what comes, or notes it.
struct Noting {
    echoes: bool,
    calls: Rc<RefCell<Vec<String>>>,
}

impl Protocol for Noting {
    fn connection_made(&mut self, _: &Transport) {
        self.calls.borrow_mut().push("made".to_owned());
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) {
        self.calls.borrow_mut().push(String::from_utf8_lossy(data).into_owned());
        if self.echoes {
            transport.write(data);
        } else {
            transport.close();
        }
    }

    fn connection_lost(&mut self, _: &Transport, error: Option<Error>) {
        assert!(error.is_none());
        self.calls.borrow_mut().push("lost".to_owned());
    }
}

#[test]
fn protocols_speak_over_a_path() {
    run(async {
        let path = OwnPath::new("protocols");
        let (calls, there) = (Rc::default(), Rc::default());
        let seen = Rc::clone(&there);
        let echo = move || Noting { echoes: true, calls: Rc::clone(&seen) };
        let server = create_unix_server(echo, &path.0).await.unwrap();
        let noting = || Noting { echoes: false, calls: Rc::clone(&calls) };
        let transport = create_unix_connection(noting, &path.0).await.unwrap();
        assert_eq!(*calls.borrow(), ["made"]);
        transport.write(b"word");
        while calls.borrow().len() < 3 || there.borrow().len() < 3 {
            sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(*calls.borrow(), ["made", "word", "lost"]);
        assert_eq!(*there.borrow(), ["made", "word", "lost"]);
        server.close();
        server.wait_closed().await;
    });
}
