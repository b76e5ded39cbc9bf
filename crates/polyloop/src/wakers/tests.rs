use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

use super::Wakers;

/// Writes its number down when it is woken.
struct Numbered(u32, Arc<Mutex<Vec<u32>>>);

impl Wake for Numbered {
    fn wake(self: Arc<Self>) {
        self.1.lock().unwrap().push(self.0);
    }
}

fn numbered() -> (impl Fn(u32) -> Waker, Arc<Mutex<Vec<u32>>>) {
    let woken = Arc::<Mutex<Vec<u32>>>::default();
    let log = woken.clone();
    (move |number| Waker::from(Arc::new(Numbered(number, log.clone()))), woken)
}

#[test]
fn everybody_who_waits_is_woken_once_in_order() {
    let (waker, woken) = numbered();
    let wakers = Wakers::default();
    let (first, second, third) = (wakers.waiter(), wakers.waiter(), wakers.waiter());
    first.add(&waker(1));
    second.add(&waker(2));
    third.add(&waker(3));
    wakers.wake_all();
    wakers.wake_all();
    assert_eq!(*woken.lock().unwrap(), [1, 2, 3]);
    // Who waits on is not put behind who came later.
    third.add(&waker(3));
    first.add(&waker(1));
    wakers.wake_all();
    assert_eq!(*woken.lock().unwrap(), [1, 2, 3, 1, 3]);
}

#[test]
fn a_place_has_one_waker_the_last() {
    let (waker, woken) = numbered();
    let wakers = Wakers::default();
    let waiter = wakers.waiter();
    (1..=100).for_each(|number| waiter.add(&waker(number)));
    assert_eq!(wakers.len(), 1);
    wakers.wake_all();
    assert_eq!(*woken.lock().unwrap(), [100]);
}

#[test]
fn who_gives_up_is_off_the_list_at_once() {
    let (waker, woken) = numbered();
    let wakers = Wakers::default();
    let stays = wakers.waiter();
    stays.add(&waker(0));
    for number in 1..=1000 {
        wakers.waiter().add(&waker(number));
        assert_eq!(wakers.len(), 1, "{number}");
    }
    assert_eq!(Arc::strong_count(&woken), 3, "the last waker was dropped");
    wakers.wake_all();
    assert_eq!(*woken.lock().unwrap(), [0]);
}
