//! Waking a member of a scope while the scope is polled, in every order of what the threads do.

use std::task::Waker;

use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::*;

struct Parent(AtomicUsize);

impl Wake for Parent {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

const MEMBER: u64 = 1;

/// The member's poll sees what happened before the wake, or the member is listed again and the
/// parent was told.
#[test]
fn a_wake_is_seen_by_this_poll_or_causes_the_next() {
    loom::model(|| {
        let wakes = Arc::new(Wakes { state: Mutex::new(State::default()) });
        let member = MemberWake::new(&wakes, MEMBER);
        let parent = Arc::new(Parent(AtomicUsize::new(0)));
        let happened = Arc::new(AtomicUsize::new(0));
        let (waker, happens) = (member.waker.clone(), happened.clone());
        let thread = thread::spawn(move || {
            happens.store(1, Ordering::Relaxed);
            waker.wake();
        });
        wakes.set_parent(&Waker::from(parent.clone()));
        assert_eq!(wakes.take(Vec::new()), [MEMBER], "a new member is polled");
        member.begin_poll();
        let seen = happened.load(Ordering::Relaxed) == 1;
        thread.join().unwrap();
        let listed = wakes.take(Vec::new());
        assert!(seen || listed == [MEMBER], "the wake was lost");
        assert!(listed.len() <= 1);
        if !listed.is_empty() {
            assert_eq!(parent.0.load(Ordering::SeqCst), 1, "the parent was not told");
        }
    });
}
