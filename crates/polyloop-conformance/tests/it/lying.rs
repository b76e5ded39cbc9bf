use std::io::IoSlice;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use polyloop_core::{
    Address, Batch, Buffer, Capabilities, Census, Chunk, Closed, Completion, EventLoop, FnFactory,
    Inbound, Interest, Key, LoopConfig, LoopFactory, LoopWaker, Notify, Op, OpId, OptionName,
    Output, Pool, Result, Slab, SocketOption, Submission, Time, Token, Turned, WakeGate,
};

/// A loop that answers every call with a lie, in safe code: what it says was transferred, the
/// keys that it makes up, the completions that it gives twice.
struct Liar {
    capabilities: Capabilities,
    told: u64,
}

struct Deaf;

impl Notify for Deaf {
    fn notify(&self) {}
}

impl EventLoop for Liar {
    fn submit(&mut self, op: Op, token: Token) -> Submission {
        drop(op);
        self.told += 1;
        match self.told % 2 {
            0 => Submission::Queued(OpId::from_bits(u64::MAX)),
            _ => {
                let other = Op::Accept { key: Key::from_bits(u64::MAX) };
                let lie = Ok(Output::Transferred(usize::MAX));
                Submission::Done(Completion::terminal(token, lie, other))
            }
        }
    }

    fn cancel(&mut self, _id: OpId) {}

    fn turn(&mut self, _deadline: Time, batch: &mut Batch) -> Turned {
        while !batch.is_full() {
            let lie = Completion::more(Token(7), Output::Opened(Key::from_bits(self.told)));
            batch.push(lie).expect("there is room");
        }
        Turned::new(true, true)
    }

    fn now(&self) -> Time {
        Time::NEVER
    }

    fn waker(&self) -> LoopWaker {
        WakeGate::new(Box::new(Deaf)).waker()
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn try_recv(&mut self, _key: Key, _buf: &mut [u8]) -> Result<usize> {
        Ok(usize::MAX)
    }

    fn try_recv_chunk(&mut self, _key: Key) -> Result<Option<Chunk>> {
        Ok(Some(Chunk::standalone(1)))
    }

    fn unread(&mut self, _key: Key, _bytes: &[u8]) -> Result<()> {
        Ok(())
    }

    fn try_send(&mut self, _key: Key, _bufs: &[IoSlice<'_>]) -> Result<usize> {
        Ok(usize::MAX)
    }

    fn try_recv_from(&mut self, _key: Key, _buf: &mut [u8]) -> Result<(usize, Address)> {
        Ok((usize::MAX, nowhere()))
    }

    fn try_send_to(&mut self, _: Key, _: &[IoSlice<'_>], _: &Address) -> Result<usize> {
        Ok(usize::MAX)
    }

    fn local_address(&self, _key: Key) -> Result<Address> {
        Ok(nowhere())
    }

    fn peer_address(&self, key: Key) -> Result<Address> {
        self.local_address(key)
    }

    fn set_option(&mut self, _key: Key, _option: SocketOption) -> Result<()> {
        Ok(())
    }

    fn option(&self, _key: Key, _name: OptionName) -> Result<SocketOption> {
        Ok(SocketOption::SendBuffer(usize::MAX))
    }

    fn census(&mut self) -> Census {
        Census::new(usize::MAX, usize::MAX, usize::MAX)
    }

    fn close(&mut self, _grace: Duration) -> Closed {
        Closed::new(usize::MAX, usize::MAX)
    }
}

fn nowhere() -> Address {
    std::net::SocketAddr::from(([0, 0, 0, 0], 0)).into()
}

fn liar() -> Box<dyn EventLoop> {
    Box::new(Liar { capabilities: Capabilities::new("liar"), told: 0 })
}

/// A lie about a length is met by a check: the caller sees a panic or a wrong number, and only
/// bytes that were initialised.
#[test]
fn a_lying_backend_gives_wrong_answers_and_nothing_worse() {
    let mut events = liar();
    let buffer = Buffer::with_capacity(16);
    let op = Op::Recv { key: Key::from_bits(3), buffer };
    let Submission::Done(completion) = events.submit(op, Token(1)) else {
        panic!("the first answer of the liar is done")
    };
    let Ok(Output::Transferred(count)) = completion.result else { panic!("it says so") };
    let mut buffer = Buffer::with_capacity(16);
    let believed = catch_unwind(AssertUnwindSafe(|| buffer.set_len(count)));
    assert!(believed.is_err(), "a length beyond the storage is refused");
    assert_eq!(buffer.len(), 0, "and the buffer is as it was");
    let mut chunk = Chunk::standalone(8);
    assert!(catch_unwind(AssertUnwindSafe(|| chunk.fill(count))).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| chunk.consume(1))).is_err());
    assert_eq!(&chunk[..], b"");
    let mut buf = [1, 2, 3];
    let claimed = events.try_recv(Key::from_bits(0), &mut buf).unwrap();
    assert!(buf.get(..claimed).is_none(), "a claim beyond the slice reaches nothing");
}

/// Completions that were never asked for, twice or under made-up names, are plain values.
#[test]
fn made_up_completions_and_keys_reach_nothing() {
    let mut events = liar();
    let mut batch = Batch::with_capacity(4);
    let turned = events.turn(events.now(), &mut batch);
    assert!(turned.more && batch.is_full());
    assert!(batch.push(Completion::more(Token(0), Output::Readable)).is_err(), "it stays bounded");
    let mut table: Slab<Key, u8> = Slab::new();
    let own = table.insert(1);
    for completion in batch.drain() {
        let Ok(Output::Opened(key)) = completion.result else { panic!("it says so") };
        assert!(key == own || table.get(key).is_none(), "a made-up key finds nothing");
        events.cancel(OpId::from_bits(key.to_bits()));
    }
    assert_eq!(table.get(Key::from_bits(u64::MAX)), None);
    assert_eq!(table.remove(Key::from_bits(0)), None);
}

/// What a liar puts into the machinery of core comes out as it went in, or panics.
#[test]
fn the_machinery_of_core_survives_lies() {
    let mut inbound = Inbound::default();
    inbound.push(Chunk::standalone(4));
    assert!(!inbound.is_readable(), "an empty chunk is nothing to read");
    let mut pool = Pool::new(16, 1);
    let held = pool.lease().expect("there is one");
    assert!(pool.lease().is_none(), "the bound holds");
    drop(pool);
    assert_eq!(held.capacity(), 16, "a chunk outlives its pool");
    assert!(Interest::BOTH.contains(Interest::NONE));
}

/// A loop can be boxed, its factory shared between threads.
#[test]
fn a_loop_is_an_object_and_its_factory_is_shared() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    let factory = FnFactory::new("liar", |_: &LoopConfig| Ok(liar()));
    is_shared(&factory);
    let factory: &dyn LoopFactory = &factory;
    let nested: Box<dyn EventLoop> = Box::new(factory.build(&LoopConfig::default()).unwrap());
    assert_eq!(nested.capabilities().backend(), "liar");
    assert_eq!(factory.name(), "liar");
}
