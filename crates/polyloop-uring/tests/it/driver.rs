//! Drives a loop from a test: waits for the completion of a token, keeping the others.

use std::net::SocketAddr;
use std::time::Duration;

use polyloop_core::{
    Address, Batch, Buffer, Completion, Error, EventLoop, Key, ListenSpec, LoopConfig, Op, OpId,
    OpenSpec, OsHandle, Output, Submission, TcpSpec, Token, Turned,
};
use polyloop_uring::{Setup, Step, UringLoop};

pub(crate) struct Driver {
    pub(crate) events: UringLoop,
    pub(crate) kept: Vec<Completion>,
    batch: Batch,
    next: u64,
}

pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Runs a test on the best ring and on a plain one.
pub(crate) fn on_each_step(config: &LoopConfig, test: impl Fn(Driver)) {
    for step in [Step::Deferred, Step::Cooperative, Step::Plain] {
        test(Driver::new(config, Setup::at(step)));
    }
}

impl Driver {
    pub(crate) fn new(config: &LoopConfig, setup: Setup) -> Driver {
        let events = UringLoop::with_setup(config, setup).expect("a ring");
        Driver { events, kept: Vec::new(), batch: Batch::new(), next: 0 }
    }

    pub(crate) fn standard() -> Driver {
        Driver::new(&LoopConfig::default(), Setup::default())
    }

    /// Submits an op under a token of its own; an answer at once is kept like any other.
    pub(crate) fn submit(&mut self, op: Op) -> (Token, Option<OpId>) {
        self.next += 1;
        let token = Token(self.next);
        match self.events.submit(op, token) {
            Submission::Done(completion) => {
                self.kept.push(completion);
                (token, None)
            }
            Submission::Queued(id) => (token, Some(id)),
        }
    }

    pub(crate) fn turn(&mut self, timeout: Duration) -> Turned {
        let deadline = self.events.now() + timeout;
        let turned = self.events.turn(deadline, &mut self.batch);
        self.kept.extend(self.batch.drain());
        turned
    }

    /// Turns until a completion of the token is there.
    pub(crate) fn wait(&mut self, token: Token) -> Completion {
        let end = self.events.now() + PATIENCE;
        loop {
            if let Some(index) = self.kept.iter().position(|it| it.token == token) {
                return self.kept.remove(index);
            }
            assert!(self.events.now() < end, "no completion of {token:?} in {:?}", self.events);
            self.turn(Duration::from_millis(100));
        }
    }

    pub(crate) fn run(&mut self, op: Op) -> Completion {
        let (token, _) = self.submit(op);
        self.wait(token)
    }

    pub(crate) fn result(&mut self, op: Op) -> Result<Output, Error> {
        self.run(op).result
    }

    pub(crate) fn open(&mut self, spec: OpenSpec) -> Key {
        match self.result(Op::Open { spec: Box::new(spec) }).expect("opened") {
            Output::Opened(key) => key,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn pipe(&mut self) -> (Key, Key) {
        match self.result(Op::Open { spec: Box::new(OpenSpec::Pipe) }).expect("opened") {
            Output::OpenedPair { read, write } => (read, write),
            other => panic!("{other:?}"),
        }
    }

    /// Makes two connected Unix streams.
    pub(crate) fn unix_pair(&mut self) -> (Key, Key) {
        let (one, other) = std::os::unix::net::UnixStream::pair().expect("a pair");
        let mut attach = |stream: std::os::unix::net::UnixStream| {
            let file = std::fs::File::from(std::os::fd::OwnedFd::from(stream));
            self.events.attach(OsHandle::UnixStream(file)).expect("attached")
        };
        (attach(one), attach(other))
    }

    pub(crate) fn listener(&mut self) -> (Key, SocketAddr) {
        let address = "127.0.0.1:0".parse().expect("an address");
        let key = self.open(OpenSpec::TcpListener(ListenSpec::at(address)));
        let address = self.events.local_address(key).expect("bound").as_ip().expect("internet");
        (key, address)
    }

    /// Makes two connected streams.
    pub(crate) fn pair(&mut self) -> (Key, Key) {
        let (listener, address) = self.listener();
        let client = self.open(OpenSpec::Tcp(TcpSpec::to(address)));
        let (connect, _) = self.submit(Op::Connect { key: client, address: Address::Ip(address) });
        let accepted = match self.result(Op::Accept { key: listener }).expect("accepted") {
            Output::Accepted(key) => key,
            other => panic!("{other:?}"),
        };
        self.wait(connect).result.expect("connected");
        self.close(listener);
        (client, accepted)
    }

    pub(crate) fn close(&mut self, key: Key) {
        let mode = polyloop_core::CloseMode::Flush;
        self.result(Op::Close { key, mode }).expect("closed");
    }

    pub(crate) fn send(&mut self, key: Key, bytes: &[u8]) {
        let sent = self.result(Op::Send { key, buffer: Buffer::from(bytes) }).expect("sent");
        assert!(matches!(sent, Output::Transferred(len) if len == bytes.len()), "{sent:?}");
    }

    pub(crate) fn recv(&mut self, key: Key, capacity: usize) -> Vec<u8> {
        let done = self.run(Op::Recv { key, buffer: Buffer::with_capacity(capacity) });
        let Ok(Output::Transferred(len)) = done.result else { panic!("{done:?}") };
        let Some(Op::Recv { buffer, .. }) = done.op else { panic!("no op") };
        assert_eq!(buffer.len(), len);
        buffer.into_vec()
    }

    pub(crate) fn count(&self, opcode: &str) -> u64 {
        self.events.submitted().of_name(opcode)
    }
}
