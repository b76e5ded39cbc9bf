use polyloop_core::{
    Batch, EventLoop, LoopConfig, LoopFactory, Result, Time, Turned, forward_to_loop,
};

/// A loop whose clock stands still, and jumps where the loop would wait for a deadline.
///
/// How often a frontend looks at its backend depends on how much time has passed, so with a real
/// clock counts would differ with the machine's speed, which valgrind takes away besides.
struct StillLoop {
    inner: Box<dyn EventLoop>,
    now: Time,
}

/// Makes loops of another factory whose clocks stand still.
pub(crate) struct StillFactory<F>(pub(crate) F);

impl<F: LoopFactory> LoopFactory for StillFactory<F> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn build(&self, config: &LoopConfig) -> Result<Box<dyn EventLoop>> {
        let inner = self.0.build(config)?;
        Ok(Box::new(StillLoop { inner, now: Time::from_nanos(1) }))
    }
}

impl EventLoop for StillLoop {
    forward_to_loop!(this => this.inner;
        submit, cancel, waker, capabilities, try_recv, try_recv_chunk, unread, try_send,
        try_send_soon, try_recv_from, try_send_to, local_address, peer_address, set_option, option,
        census, prepare, close);

    fn turn(&mut self, deadline: Time, batch: &mut Batch) -> Turned {
        if deadline.is_never() {
            return self.inner.turn(Time::NEVER, batch);
        }
        let turned = self.inner.turn(Time::ZERO, batch);
        if batch.is_empty() && !turned.more && !turned.woken {
            self.now = self.now.max(deadline);
        }
        turned
    }

    fn now(&self) -> Time {
        self.now
    }
}
