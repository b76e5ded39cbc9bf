//! A selector that does what a test says, and writes down what it is asked.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use polyloop_core::{
    Batch, Completion, EventLoop, Interest, Key, LoopConfig, Notify, Op, OpId, OsHandle,
    Submission, Time, Token,
};
use polyloop_readiness::{Event, ReadinessLoop, Selector, Tag, Trigger};

/// One call of the loop's.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Call {
    Register(Tag, Interest),
    Rearm(Tag, Interest),
    Deregister(Tag),
    Select(Option<Duration>),
}

/// The test's side of a selector.
#[derive(Clone)]
pub(crate) struct Script(Rc<RefCell<State>>);

struct State {
    trigger: Trigger,
    answers: VecDeque<io::Result<Vec<Event>>>,
    found: Vec<Event>,
    calls: Vec<Call>,
    refusal: Option<i32>,
    notified: Arc<AtomicUsize>,
}

pub(crate) struct Scripted(Script);

struct Counter(Arc<AtomicUsize>);

impl Script {
    pub(crate) fn new(trigger: Trigger) -> Script {
        Script(Rc::new(RefCell::new(State {
            trigger,
            answers: VecDeque::new(),
            found: Vec::new(),
            calls: Vec::new(),
            refusal: None,
            notified: Arc::default(),
        })))
    }

    pub(crate) fn build(&self) -> ReadinessLoop<Scripted> {
        self.build_with(&LoopConfig::default())
    }

    pub(crate) fn build_with(&self, config: &LoopConfig) -> ReadinessLoop<Scripted> {
        ReadinessLoop::new("scripted", Scripted(self.clone()), config)
    }

    /// The next wait answers this.
    pub(crate) fn answer(&self, answer: io::Result<Vec<Event>>) {
        self.0.borrow_mut().answers.push_back(answer);
    }

    /// The next wait finds this direction of a registration ready.
    pub(crate) fn ready(&self, tag: Tag, ready: Interest) {
        self.answer(Ok(vec![Event { tag, ready, closed: false }]));
    }

    /// Every registration fails with this number from now on.
    pub(crate) fn refuse_registrations(&self, errno: i32) {
        self.0.borrow_mut().refusal = Some(errno);
    }

    /// Takes what has been asked since the last time.
    pub(crate) fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.0.borrow_mut().calls)
    }

    /// Takes the only registration since the last time.
    pub(crate) fn registered(&self) -> Tag {
        let calls = self.calls();
        let mut tags = calls.iter().filter_map(|call| match call {
            Call::Register(tag, _) => Some(*tag),
            _ => None,
        });
        let tag = tags.next().expect("something was registered");
        assert_eq!(tags.next(), None, "one registration");
        tag
    }

    pub(crate) fn notified(&self) -> usize {
        self.0.borrow().notified.load(Ordering::Relaxed)
    }

    fn note(&self, call: Call) {
        self.0.borrow_mut().calls.push(call);
    }

    fn refusal(&self) -> io::Result<()> {
        self.0.borrow().refusal.map_or(Ok(()), |errno| Err(io::Error::from_raw_os_error(errno)))
    }
}

impl Selector for Scripted {
    fn trigger(&self) -> Trigger {
        self.0.0.borrow().trigger
    }

    fn reports_read_closed(&self) -> bool {
        true
    }

    fn register(&mut self, _: &OsHandle, tag: Tag, interest: Interest) -> io::Result<()> {
        self.0.note(Call::Register(tag, interest));
        self.0.refusal()
    }

    fn rearm(&mut self, _: &OsHandle, tag: Tag, interest: Interest) -> io::Result<()> {
        self.0.note(Call::Rearm(tag, interest));
        self.0.refusal()
    }

    fn deregister(&mut self, handle: &OsHandle, tag: Tag) -> io::Result<()> {
        // Asking fails for a descriptor that is closed already.
        polyloop_os::poll_now(handle, Interest::BOTH).expect("deregistered before it is closed");
        self.0.note(Call::Deregister(tag));
        Ok(())
    }

    fn select(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.0.note(Call::Select(timeout));
        let mut state = self.0.0.borrow_mut();
        state.found.clear();
        match state.answers.pop_front() {
            Some(answer) => state.found = answer?,
            None => assert!(timeout.is_some(), "this wait would have no end"),
        }
        Ok(())
    }

    fn found(&self) -> impl Iterator<Item = Event> {
        self.0.0.borrow().found.clone().into_iter()
    }

    fn notifier(&self) -> Arc<dyn Notify> {
        Arc::new(Counter(self.0.0.borrow().notified.clone()))
    }
}

impl Notify for Counter {
    fn notify(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Attaches one end of a connection, and gives the other.
pub(crate) fn stream(events: &mut dyn EventLoop) -> (Key, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (theirs, _) = listener.accept().unwrap();
    (events.attach(OsHandle::TcpStream(ours)).expect("attached"), theirs)
}

/// Submits an op that has to wait.
pub(crate) fn submit_queued(events: &mut dyn EventLoop, op: Op, token: u64) -> OpId {
    match events.submit(op, Token(token)) {
        Submission::Queued(id) => id,
        Submission::Done(completion) => panic!("it did not wait: {completion:?}"),
    }
}

/// Submits an op that ends at once.
pub(crate) fn submit_done(events: &mut dyn EventLoop, op: Op) -> Completion {
    match events.submit(op, Token(0)) {
        Submission::Done(completion) => completion,
        Submission::Queued(_) => panic!("it waits"),
    }
}

/// Turns once without waiting.
pub(crate) fn turn(events: &mut dyn EventLoop) -> Vec<Completion> {
    let mut batch = Batch::new();
    events.turn(Time::ZERO, &mut batch);
    batch.drain().collect()
}
