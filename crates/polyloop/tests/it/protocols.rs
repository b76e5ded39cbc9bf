use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    BufferedProtocol, Error, ErrorKind, Loop, Protocol, SocketOption, Transport, call_soon,
    connect_accepted_socket, connect_read_pipe, connect_write_pipe, create_connection,
    create_server, open_connection, sleep, timeout,
};

use crate::streams::pair;
use crate::{Log, run};

const MS: Duration = Duration::from_millis(1);

/// More than the buffers of a socket take.
const MUCH: usize = 8_000_000;

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            sleep(MS).await;
        }
    };
    timeout(MS * 5000, waiting).await.unwrap_or_else(|_| panic!("in time: {what}"));
}

/// What a noting protocol does in each of its methods.
#[derive(Clone, Copy, Default)]
struct Habits {
    closes_when_made: bool,
    keeps_open_at_eof: bool,
    echoes: bool,
    panics_at: Option<u8>,
}

/// Notes every call.
struct Noting {
    log: Log,
    habits: Habits,
    inside: Cell<bool>,
}

impl Noting {
    fn new(log: &Log, habits: Habits) -> Noting {
        Noting { log: log.clone(), habits, inside: Cell::new(false) }
    }

    fn note(&self, what: impl Into<String>) {
        assert!(!self.inside.get(), "calls nest");
        self.log.push(what);
    }
}

impl Protocol for Noting {
    fn connection_made(&mut self, transport: &Transport) {
        self.note("made");
        if self.habits.closes_when_made {
            transport.close();
            assert!(transport.is_closing());
            transport.write(b"too late");
        }
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) {
        self.note(format!("data {}", String::from_utf8_lossy(data)));
        assert!(self.habits.panics_at != Some(data[0]), "as asked");
        self.inside.set(true);
        if self.habits.echoes {
            transport.write(data);
        }
        self.inside.set(false);
    }

    fn eof_received(&mut self, _: &Transport) -> bool {
        self.note("eof");
        self.habits.keeps_open_at_eof
    }

    fn connection_lost(&mut self, _: &Transport, error: Option<Error>) {
        self.note(match error {
            None => "lost".to_owned(),
            Some(error) => format!("lost {:?}", error.io_kind()),
        });
    }

    fn pause_writing(&mut self, _: &Transport) {
        self.note("pause");
    }

    fn resume_writing(&mut self, _: &Transport) {
        self.note("resume");
    }
}

async fn noted() -> (Log, Transport, polyloop::TcpStream) {
    noted_with(Habits::default()).await
}

async fn noted_with(habits: Habits) -> (Log, Transport, polyloop::TcpStream) {
    let (here, there) = pair().await;
    let log = Log::default();
    let transport = connect_accepted_socket(|| Noting::new(&log, habits), here);
    (log, transport, there)
}

fn has(log: &Log, what: &str) -> bool {
    log.0.borrow().iter().any(|entry| entry == what)
}

#[test]
fn calls_come_in_order_and_the_last_is_lost() {
    run(async {
        let (log, transport, mut peer) = noted().await;
        let beside = log.clone();
        call_soon(move || beside.push("behind made"));
        assert!(log.take().is_empty(), "nothing is called from inside");
        peer.write_all(b"one").await.unwrap();
        until("data", || has(&log, "data one")).await;
        drop(peer);
        until("the end", || has(&log, "lost")).await;
        assert_eq!(log.take(), ["made", "behind made", "data one", "eof", "lost"]);
        assert!(transport.is_closing() && !transport.is_reading());
        sleep(MS * 5).await;
        assert!(log.take().is_empty());
    });
}

#[test]
fn a_close_inside_connection_made_is_followed_by_lost() {
    run(async {
        let (log, _, mut peer) =
            noted_with(Habits { closes_when_made: true, ..Habits::default() }).await;
        assert_eq!(peer.read(&mut [0; 8]).await.unwrap(), 0);
        until("the end", || has(&log, "lost")).await;
        assert_eq!(log.take(), ["made", "lost"]);
    });
}

#[test]
fn an_abort_before_the_first_call_still_has_both() {
    run(async {
        let (log, transport, _peer) = noted().await;
        transport.abort();
        until("the end", || has(&log, "lost")).await;
        assert_eq!(log.take(), ["made", "lost"]);
    });
}

#[test]
fn a_protocol_that_keeps_open_at_the_end_goes_on_writing() {
    run(async {
        let habits = Habits { keeps_open_at_eof: true, ..Habits::default() };
        let (log, transport, mut peer) = noted_with(habits).await;
        peer.shutdown(std::net::Shutdown::Write).await.unwrap();
        until("the end", || has(&log, "eof")).await;
        transport.write(b"still");
        transport.write_eof();
        let mut buf = [0; 8];
        assert_eq!(peer.read(&mut buf).await.unwrap(), 5);
        assert_eq!(peer.read(&mut buf).await.unwrap(), 0);
        assert!(!has(&log, "lost"));
        transport.close();
        until("the end", || has(&log, "lost")).await;
    });
}

#[test]
fn all_bytes_before_a_reset_are_received_and_then_its_error() {
    run(async {
        let (log, transport, mut peer) = noted().await;
        transport.pause_reading();
        assert!(!transport.is_reading());
        peer.write_all(b"last words").await.unwrap();
        sleep(MS * 20).await;
        assert_eq!(log.take(), ["made"], "reading is paused");
        transport.resume_reading();
        until("data", || has(&log, "data last words")).await;
        peer.set_option(SocketOption::Linger(Some(Duration::ZERO))).unwrap();
        drop(peer);
        until("the end", || has(&log, "lost ConnectionReset")).await;
        assert_eq!(log.take(), ["data last words", "lost ConnectionReset"]);
    });
}

#[test]
fn a_failed_write_is_the_connections_end() {
    run(async {
        let (log, transport, peer) = noted().await;
        transport.pause_reading();
        drop(peer);
        let writing = async {
            while !transport.is_closing() {
                transport.write(b"x");
                sleep(MS).await;
            }
        };
        timeout(MS * 5000, writing).await.unwrap();
        until("the end", || log.0.borrow().len() == 2).await;
        let calls = log.take();
        assert!(["lost BrokenPipe", "lost ConnectionReset"].contains(&&calls[1][..]), "{calls:?}");
    });
}

#[test]
fn writing_is_paused_and_resumed_at_the_marks_and_calls_do_not_nest() {
    run(async {
        let habits = Habits { echoes: true, ..Habits::default() };
        let (log, transport, mut peer) = noted_with(habits).await;
        assert_eq!(transport.write_buffer_limits(), (16 * 1024, 64 * 1024));
        transport.set_write_buffer_limits(4, None);
        assert_eq!(transport.write_buffer_limits(), (1, 4));
        until("it is made", || has(&log, "made")).await;
        transport.write(&vec![b'.'; MUCH]);
        assert_eq!(log.take(), ["made", "pause"], "at once");
        assert!(transport.write_buffer_size() > 4);
        let mut left = MUCH;
        let mut buf = vec![0; 100_000];
        while left > 0 {
            left -= peer.read(&mut buf).await.unwrap();
        }
        until("it goes on", || has(&log, "resume")).await;
        assert_eq!(log.take(), ["resume"]);
        // From inside of a method, too, and told after that.
        peer.write_all(b"echo!").await.unwrap();
        until("it goes on", || has(&log, "data echo!")).await;
        assert_eq!(peer.read(&mut buf).await.unwrap(), 5);
    });
}

#[test]
fn a_panic_in_a_method_is_reported_and_ends_that_connection_only() {
    run(async {
        let reports = Rc::new(RefCell::new(Vec::new()));
        let seen = reports.clone();
        Loop::current().unwrap().set_exception_handler(move |context| {
            seen.borrow_mut().push(format!("{}: {}", context.message, context.panic));
        });
        let log = Log::default();
        let noted = log.clone();
        let habits = Habits { echoes: true, panics_at: Some(b'!'), ..Habits::default() };
        let server = create_server(move || Noting::new(&noted, habits), "127.0.0.1:0");
        let server = server.await.unwrap();
        let (mut reader, writer) = open_connection(server.local_addr().unwrap()).await.unwrap();
        let (mut other, other_writer) =
            open_connection(server.local_addr().unwrap()).await.unwrap();
        writer.write(b"!");
        assert_eq!(reader.read(8).await.unwrap_or_default(), b"", "it is closed");
        other_writer.write(b"fine");
        assert_eq!(other.readexactly(4).await.unwrap(), b"fine");
        until("it is lost", || has(&log, "lost")).await;
        let reports = reports.borrow();
        assert_eq!(*reports, ["a protocol panicked in data_received: as asked"]);
        assert_eq!(server.connections(), 1);
    });
}

#[test]
fn a_buffered_protocol_receives_into_its_own_buffer() {
    struct Summing {
        buffer: [u8; 100],
        sum: Rc<Cell<u64>>,
    }
    impl BufferedProtocol for Summing {
        fn get_buffer(&mut self, size_hint: usize) -> &mut [u8] {
            assert!(size_hint > 0);
            &mut self.buffer
        }
        fn buffer_updated(&mut self, _: &Transport, count: usize) {
            let sum: u64 = self.buffer[..count].iter().copied().map(u64::from).sum();
            self.sum.set(self.sum.get() + sum);
        }
    }
    run(async {
        let (here, mut peer) = pair().await;
        let sum = Rc::new(Cell::new(0));
        let summing = || Summing { buffer: [0; 100], sum: sum.clone() };
        let transport = Transport::buffered(summing, here);
        peer.write_all(&[3; 100_000]).await.unwrap();
        until("all has come", || sum.get() == 300_000).await;
        drop(peer);
        until("it is closed", || transport.is_closing()).await;
    });
}

#[test]
fn a_protocol_can_be_looked_at_and_replaced() {
    run(async {
        let (log, transport, mut peer) = noted().await;
        until("it is made", || has(&log, "made")).await;
        let echoes = |noting: &mut Noting| std::mem::replace(&mut noting.habits.echoes, true);
        assert_eq!(transport.with_protocol(echoes), Some(false));
        assert_eq!(transport.with_protocol(|_: &mut u8| ()), None, "it is another type");
        peer.write_all(b"one").await.unwrap();
        assert_eq!(peer.read(&mut [0; 8]).await.unwrap(), 3);
        let next = Log::default();
        transport.set_protocol(Noting::new(&next, Habits::default()));
        peer.write_all(b"two").await.unwrap();
        until("data", || has(&next, "data two")).await;
        assert_eq!(log.take(), ["made", "data one"]);
        assert_eq!(next.take(), ["data two"]);
    });
}

#[test]
fn pipes_have_protocols_at_both_ends() {
    run(async {
        let (reader, writer) = polyloop::io::pipe().await.unwrap();
        let (log, writing) = (Log::default(), Log::default());
        connect_read_pipe(|| Noting::new(&log, Habits::default()), reader);
        let transport = connect_write_pipe(|| Noting::new(&writing, Habits::default()), writer);
        transport.write(b"through a pipe");
        until("data", || has(&log, "data through a pipe")).await;
        transport.write_eof();
        until("the end", || has(&log, "lost") && has(&writing, "lost")).await;
        assert_eq!(log.take(), ["made", "data through a pipe", "eof", "lost"]);
        assert_eq!(writing.take(), ["made", "lost"]);
    });
}

#[test]
fn a_connection_is_made_when_create_connection_is_done() {
    run(async {
        let (log, there) = (Log::default(), Log::default());
        let noted = there.clone();
        let habits = Habits { echoes: true, ..Habits::default() };
        let server = create_server(move || Noting::new(&noted, habits), "127.0.0.1:0");
        let server = server.await.unwrap();
        let port = server.local_addr().unwrap().port();
        let noting = || Noting::new(&log, Habits::default());
        let transport = create_connection(noting, ("localhost", port)).await.unwrap();
        assert_eq!(log.take(), ["made"]);
        transport.write(b"hello");
        until("data", || has(&log, "data hello")).await;
        server.close_clients();
        until("the end", || has(&log, "lost") && has(&there, "lost")).await;
        let refused = create_connection(|| Noting::new(&log, habits), ("127.0.0.1", 1)).await;
        assert!(matches!(refused.unwrap_err().kind(), ErrorKind::Io(_)));
    });
}

#[test]
fn a_loop_that_closes_drops_the_protocols() {
    struct Holding {
        _kept: Rc<()>,
        _itself: RefCell<Option<Transport>>,
    }
    impl Protocol for Holding {
        fn connection_made(&mut self, transport: &Transport) {
            self._itself.replace(Some(transport.clone()));
        }
        fn data_received(&mut self, _: &Transport, _: &[u8]) {}
    }
    let kept = Rc::new(());
    let held = kept.clone();
    let peer = run(async move {
        let (here, peer) = pair().await;
        let itself = RefCell::default();
        connect_accepted_socket(|| Holding { _kept: held, _itself: itself }, here);
        sleep(MS * 5).await;
        peer
    });
    assert_eq!(Rc::strong_count(&kept), 1);
    drop(peer);
}
