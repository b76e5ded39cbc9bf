//! Protocols that write all they may while they may, and check what comes.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::rc::Rc;
use std::time::{Duration, Instant};

use polyloop::{Error, Protocol, Transport, connect_accepted_socket, sleep};

#[cfg(unix)]
use super::ends::unix;
use super::ends::{Closing, Kind, tcp};
use super::payload::{Checked, Next, Random};
use super::{TOTAL, run};

/// How much each connection received, and why it ended.
type Ends = Rc<RefCell<Vec<(usize, Option<Error>)>>>;

/// Writes so much. The first to end does so when it has written everything, the second closes when
/// it has also seen the end of the first.
struct Flood {
    next: Next,
    random: Random,
    checked: Checked,
    paused: bool,
    ends_first: bool,
    peer_has_ended: bool,
    ends: Ends,
}

impl Flood {
    fn new(total: usize, ends_first: bool, seed: u64, ends: &Ends) -> Flood {
        Flood {
            next: Next::new(total),
            random: Random::new(seed),
            checked: Checked::new(),
            paused: false,
            ends_first,
            peer_has_ended: false,
            ends: ends.clone(),
        }
    }

    /// Writes some, and lets what is ready have its turn before more.
    fn go_on(&mut self, transport: &Transport) {
        for _ in 0..16 {
            if self.paused || transport.is_closing() {
                return;
            }
            if self.next.left == 0 {
                return self.end(transport);
            }
            let size = self.random.size();
            transport.write(self.next.take(size));
            // The transport tells after this method has returned.
            self.paused = transport.write_buffer_size() > 64 * 1024;
        }
        self.again(transport);
    }

    fn again(&self, transport: &Transport) {
        let transport = transport.clone();
        polyloop::call_soon(move || {
            transport.clone().with_protocol(|flood: &mut Flood| flood.go_on(&transport));
        });
    }

    /// Ends in turn, once everything is written.
    fn end(&self, transport: &Transport) {
        if self.ends_first {
            transport.write_eof();
        } else if self.peer_has_ended {
            transport.close();
        }
    }
}

impl Protocol for Flood {
    fn data_received(&mut self, _: &Transport, data: &[u8]) {
        self.checked.take(data);
    }

    fn eof_received(&mut self, transport: &Transport) -> bool {
        self.peer_has_ended = true;
        if self.next.left == 0 && !self.ends_first {
            transport.close();
        }
        // The second goes on until it has written everything; the first has.
        !self.ends_first
    }

    fn resume_writing(&mut self, transport: &Transport) {
        self.paused = false;
        self.again(transport);
    }

    fn connection_lost(&mut self, _: &Transport, error: Option<Error>) {
        self.ends.borrow_mut().push((self.checked.total, error));
    }
}

/// Waits for what comes next.
struct Quiet;

impl Protocol for Quiet {
    fn data_received(&mut self, _: &Transport, data: &[u8]) {
        panic!("{} bytes came early", data.len());
    }
}

/// Makes a connection of this kind with a transport at each end, where nothing happens yet.
async fn connect(kind: Kind, closing: Closing) -> [Transport; 2] {
    match kind {
        Kind::Tcp | Kind::TcpStreams => {
            tcp(closing).await.map(|end| connect_accepted_socket(|| Quiet, end))
        }
        #[cfg(unix)]
        Kind::Unix | Kind::UnixStreams => {
            unix().await.map(|end| connect_accepted_socket(|| Quiet, end))
        }
        #[cfg(feature = "__tls-tests")]
        Kind::Tls | Kind::TlsStreams => {
            let ends = tcp(closing).await.map(|end| connect_accepted_socket(|| Quiet, end));
            crate::tls::over_transports(&ends).await;
            ends
        }
    }
}

/// Has both ends flood each other with so much.
fn flood(ends: &[Transport; 2], total: usize, first: usize, noted: &Ends) {
    for (index, end) in ends.iter().enumerate() {
        end.set_protocol(Flood::new(total, index == first, 5 + index as u64, noted));
    }
    for end in ends {
        end.with_protocol(|flood: &mut Flood| flood.go_on(end));
    }
}

async fn until_both_are_lost(noted: &Ends) {
    while noted.borrow().len() < 2 {
        sleep(Duration::from_millis(1)).await;
    }
}

/// Exchanges everything twice, so that each end is the first to end once.
pub(crate) fn exchange(kind: Kind) {
    for first in 0..2 {
        let begin = Instant::now();
        run(async move {
            let (ends, noted) = (connect(kind, Closing::InOrder).await, Ends::default());
            flood(&ends, TOTAL, first, &noted);
            until_both_are_lost(&noted).await;
            for (total, error) in &*noted.borrow() {
                assert!(error.is_none(), "{kind:?}, {first} ends first: {error:?}");
                assert_eq!(*total, TOTAL, "{kind:?}, {first} ends first");
            }
        });
        println!("transports over {kind:?}, {first} ends first: {:?}", begin.elapsed());
    }
}

/// One end aborts in the middle: the other has seen a whole beginning, and is told of the reset.
pub(crate) fn reset(kind: Kind) {
    for seed in 0..8 {
        run(async move {
            let enough = 1 + Random::new(seed + 100).below(3_000_000) as usize;
            let (ends, noted) = (connect(kind, Closing::Resets).await, Ends::default());
            let [one, other] = &ends;
            one.set_protocol(Flood::new(usize::MAX, true, seed, &noted));
            other.set_protocol(Flood::new(0, false, seed, &noted));
            one.with_protocol(|flood: &mut Flood| flood.go_on(one));
            let come = || other.with_protocol(|flood: &mut Flood| flood.checked.total);
            while come().is_some_and(|come| come < enough) {
                sleep(Duration::from_micros(200)).await;
            }
            one.abort();
            until_both_are_lost(&noted).await;
            let noted = noted.borrow();
            assert!(noted[0].1.is_none(), "who aborts knows: {:?}", noted[0].1);
            let error = noted[1].1.as_ref().expect("the other is told").io_kind();
            assert_eq!(error, ErrorKind::ConnectionReset, "{kind:?}, seed {seed}");
        });
    }
}

/// The plain kinds that differ in what is below a transport.
const PLAIN: &[Kind] = &[
    Kind::Tcp,
    #[cfg(unix)]
    Kind::Unix,
];

#[test]
fn transports_carry_64_mib_each_way_whichever_end_ends_first() {
    PLAIN.iter().copied().for_each(exchange);
}

#[test]
fn an_abort_in_the_middle_is_a_reset_after_a_whole_beginning() {
    // A Unix socket is reset only if something lies unread in the kernel, and transports read all.
    reset(Kind::Tcp);
}
