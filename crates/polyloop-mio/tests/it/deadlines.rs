use std::time::{Duration, Instant};

use polyloop_core::{Batch, EventLoop, LoopConfig};

/// What mio's own wait rounds up to.
const MILLISECOND: Duration = Duration::from_millis(1);

/// How long the machine may take to do one of many waits as it should.
const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn a_turn_ends_within_a_millisecond_of_its_deadline() {
    let mut events = polyloop_mio::build(&LoopConfig::default()).unwrap();
    let (mut batch, begin) = (Batch::new(), Instant::now());
    loop {
        let asked = events.now();
        let deadline = asked + MILLISECOND / 10;
        events.turn(deadline, &mut batch);
        let ended = events.now();
        if ended >= deadline && ended.since(asked) < MILLISECOND {
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "every wait took a millisecond");
    }
}
