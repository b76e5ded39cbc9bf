use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::time::Duration;

use polyloop_core::{Error, ErrorKind, Result};

use super::{Layer, Marks, Observer, Wire, WireKind};
use crate::{TcpListener, TcpStream, create_task, sleep, timeout};

fn run<F: Future + 'static>(future: F) -> F::Output {
    crate::run(timeout(Duration::from_secs(30), future)).unwrap().expect("a test ends in time")
}

fn wire(stream: TcpStream) -> Rc<Wire> {
    Wire::new(stream.into_resource(), WireKind::Socket)
}

async fn pair() -> (Rc<Wire>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let client = create_task(async move { TcpStream::connect(address).await.unwrap() });
    let (server, _) = listener.accept().await.unwrap();
    (wire(client.await.unwrap()), server)
}

async fn read_to_end(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    let mut buf = vec![0; 4096];
    loop {
        match stream.read(&mut buf).await? {
            0 => return Ok(all),
            count => all.extend_from_slice(&buf[..count]),
        }
    }
}

async fn drain(wire: &Rc<Wire>) -> Result<()> {
    wire.drain().await
}

async fn closed(wire: &Rc<Wire>) -> Result<()> {
    wire.wait_closed().await
}

/// More than the buffers of a socket take.
fn much() -> Vec<u8> {
    (0..6_000_000_u32).map(|n| (n.wrapping_mul(7) >> 3) as u8).collect()
}

#[test]
fn all_that_was_written_goes_out_in_order_before_the_close() {
    run(async {
        let (wire, mut peer) = pair().await;
        let all = much();
        for slice in all.chunks(70_001) {
            wire.write(slice);
        }
        wire.write(b"the end");
        assert!(wire.is_paused() && wire.outstanding() > 1_000_000);
        wire.close();
        let mut got = read_to_end(&mut peer).await.unwrap();
        assert_eq!(got.split_off(all.len()), b"the end");
        assert!(got == all);
        closed(&wire).await.unwrap();
        assert_eq!(wire.outstanding(), 0);
    });
}

#[test]
fn a_writer_above_the_high_mark_waits_until_the_low_one() {
    run(async {
        let (wire, mut peer) = pair().await;
        wire.set_marks(Marks::new(Some(1_000_000), None));
        assert_eq!(wire.marks(), Marks { high: 1_000_000, low: 250_000 });
        drain(&wire).await.unwrap();
        wire.write(&much());
        let waiting = timeout(Duration::from_millis(20), drain(&wire)).await;
        assert!(waiting.is_err(), "nobody reads");
        let reader = create_task(async move { read_to_end(&mut peer).await.unwrap().len() });
        drain(&wire).await.unwrap();
        assert!(wire.outstanding() <= 250_000);
        wire.write_eof();
        assert_eq!(reader.await.unwrap(), much().len());
    });
}

#[test]
fn an_abort_ends_a_close_that_cannot_flush() {
    run(async {
        let (wire, peer) = pair().await;
        wire.write(&much());
        wire.close();
        let waiting = timeout(Duration::from_millis(20), closed(&wire)).await;
        assert!(waiting.is_err(), "the peer does not read");
        wire.abort();
        closed(&wire).await.unwrap();
        drop(peer);
    });
}

#[test]
fn the_first_error_is_told_to_drain_and_to_who_waits_for_the_end() {
    run(async {
        let (wire, peer) = pair().await;
        drop(peer);
        let error = loop {
            wire.write(b"x");
            match drain(&wire).await {
                Ok(()) => sleep(Duration::from_millis(1)).await,
                Err(error) => break error,
            }
        };
        assert!(matches!(error.kind(), ErrorKind::Io(_)), "{error}");
        let again = drain(&wire).await.unwrap_err();
        assert_eq!(again.raw_os_error(), error.raw_os_error());
        wire.close();
        let end = closed(&wire).await.unwrap_err();
        assert_eq!(end.raw_os_error(), error.raw_os_error());
    });
}

#[test]
fn who_reads_a_wire_that_is_closed_finds_the_end() {
    run(async {
        let (wire, _peer) = pair().await;
        let reading = wire.clone();
        let reader = create_task(async move {
            let mut buf = [0; 8];
            poll_fn(|cx| reading.poll_read(cx, &mut buf)).await
        });
        sleep(Duration::from_millis(1)).await;
        wire.close();
        assert_eq!(reader.await.unwrap().unwrap(), 0);
        closed(&wire).await.unwrap();
    });
}

/// Adds one to each byte. Its handshake is one byte each way, its farewell a zero.
struct Shift {
    greeted: bool,
    plain: Vec<u8>,
    outgoing: Vec<u8>,
    ended: Option<bool>,
}

impl Shift {
    fn new() -> Box<Shift> {
        Box::new(Shift { greeted: false, plain: vec![], outgoing: vec![9], ended: None })
    }
}

impl Layer for Shift {
    fn incoming(&mut self, bytes: &[u8]) -> usize {
        if !self.greeted {
            assert_eq!(bytes[0], 9);
            self.greeted = true;
            return 1;
        }
        // At most 1000 bytes are held.
        let room = 1000 - self.plain.len();
        let taken = &bytes[..bytes.len().min(room)];
        let content = taken.strip_suffix(&[0]).inspect(|_| self.ended = Some(true));
        self.plain.extend(content.unwrap_or(taken).iter().map(|byte| byte - 1));
        taken.len()
    }

    fn eof(&mut self) {
        self.ended.get_or_insert(false);
    }

    fn read_plain(&mut self, buf: &mut [u8]) -> Result<Option<usize>> {
        if self.plain.is_empty() {
            return match self.ended {
                None => Ok(None),
                Some(true) => Ok(Some(0)),
                Some(false) => Err(Error::other("cut off")),
            };
        }
        let count = buf.len().min(self.plain.len());
        buf[..count].copy_from_slice(&self.plain[..count]);
        self.plain.drain(..count);
        Ok(Some(count))
    }

    fn write_plain(&mut self, bytes: &[u8]) -> Result<usize> {
        if !self.greeted {
            return Ok(0);
        }
        let count = bytes.len().min(5000);
        self.outgoing.extend(bytes[..count].iter().map(|byte| byte + 1));
        Ok(count)
    }

    fn close_notify(&mut self) {
        self.outgoing.push(0);
    }

    fn outgoing(&self) -> &[u8] {
        &self.outgoing
    }

    fn sent(&mut self, count: usize) {
        self.outgoing.drain(..count);
    }

    fn is_handshaking(&self) -> bool {
        !self.greeted && self.ended.is_none()
    }

    fn failure(&self) -> Option<Error> {
        (self.ended == Some(false)).then(|| Error::other("cut off"))
    }
}

#[test]
fn what_is_written_through_a_layer_waits_for_its_handshake() {
    run(async {
        let (client, server) = pair().await;
        let server = wire(server);
        client.install_layer(Shift::new(), b"");
        client.write(&[7; 20_000]);
        client.write_eof();
        assert!(client.outstanding() >= 20_000, "it is held");
        // Bytes that were read before the layer was there are its first.
        let mut first = [0; 1];
        assert_eq!(poll_fn(|cx| server.poll_read(cx, &mut first)).await.unwrap(), 1);
        server.install_layer(Shift::new(), &first);
        let handshake = poll_fn(|cx| client.poll_handshake(cx));
        timeout(Duration::from_secs(5), handshake).await.unwrap().unwrap();
        poll_fn(|cx| server.poll_handshake(cx)).await.unwrap();
        let mut total = 0;
        let mut buf = [0; 700];
        loop {
            match poll_fn(|cx| server.poll_read(cx, &mut buf)).await.unwrap() {
                0 => break,
                count => {
                    assert!(buf[..count].iter().all(|byte| *byte == 7));
                    total += count;
                }
            }
        }
        assert_eq!(total, 20_000);
    });
}

/// Counts how often writing may go on.
#[derive(Default)]
struct Drained(Cell<u32>);

impl Observer for Drained {
    fn on_readable(self: Rc<Self>, wire: &Rc<Wire>) {
        let engine = wire.engine().unwrap();
        assert!(wire.try_read(&engine, &mut [0; 8]).unwrap_err().is_would_block());
    }

    fn on_drained(self: Rc<Self>, _: &Rc<Wire>) {
        self.0.set(self.0.get() + 1);
    }

    fn on_scheduled(self: Rc<Self>, _: &Rc<Wire>) {}
    fn on_failed(self: Rc<Self>, _: &Rc<Wire>) {}
    fn on_closed(self: Rc<Self>, _: &Rc<Wire>) {}
    fn on_loop_closed(self: Rc<Self>, _: &Rc<Wire>) {}
}

#[test]
fn a_writer_that_a_handshake_holds_up_goes_on_after_it() {
    run(async {
        let (client, mut server) = pair().await;
        client.install_layer(Shift::new(), b"");
        let drained = Rc::new(Drained::default());
        client.observe(drained.clone());
        client.watch(&client.engine().unwrap()).unwrap();
        client.set_marks(Marks::new(Some(1000), None));
        client.write(&[7; 3000]);
        assert!(client.is_paused(), "it is held");
        let writing = client.clone();
        let writer = create_task(async move { writing.drain().await });
        // The kernel has room for all of it, so nothing else tells.
        server.write_all(&[9]).await.unwrap();
        timeout(Duration::from_secs(5), writer).await.unwrap().unwrap().unwrap();
        while drained.0.get() == 0 {
            sleep(Duration::from_millis(1)).await;
        }
        assert!(!client.is_paused() && client.outstanding() == 0);
    });
}

#[test]
fn an_end_that_the_layer_was_not_told_of_is_an_error_after_the_bytes() {
    run(async {
        let (client, mut server) = pair().await;
        client.install_layer(Shift::new(), b"");
        server.write_all(&[9, 2, 3]).await.unwrap();
        assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 1);
        drop(server);
        let chunk = poll_fn(|cx| client.poll_read_chunk(cx)).await.unwrap().unwrap();
        assert_eq!(&chunk[..], [1, 2]);
        let error = poll_fn(|cx| client.poll_read_chunk(cx)).await.unwrap_err();
        assert!(error.to_string().contains("cut off"), "{error}");
    });
}
