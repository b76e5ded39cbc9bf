use std::collections::BTreeMap;

use super::*;

fn at(nanos: u64) -> Time {
    Time::from_nanos(nanos)
}

fn due(queue: &mut TimerQueue<u32>, now: u64) -> Vec<u32> {
    std::iter::from_fn(|| queue.pop_due(at(now)).map(|(_, value)| value)).collect()
}

#[test]
fn equal_deadlines_fire_first_in_first_out() {
    let mut queue = TimerQueue::new();
    for n in 0..100 {
        queue.insert(at(5), n);
    }
    queue.insert(at(4), 100);
    assert_eq!(due(&mut queue, 5), std::iter::once(100).chain(0..100).collect::<Vec<_>>());
}

#[test]
fn nothing_fires_before_its_deadline() {
    let mut queue = TimerQueue::new();
    queue.insert(at(10), 1);
    assert_eq!(due(&mut queue, 9), []);
    assert_eq!(queue.next_deadline(), at(10));
    assert_eq!(due(&mut queue, 10), [1]);
    assert_eq!(queue.next_deadline(), Time::NEVER);
}

#[test]
fn never_is_never_due_and_can_be_cancelled() {
    let mut queue = TimerQueue::new();
    let id = queue.insert(Time::NEVER, 1);
    assert_eq!(due(&mut queue, u64::MAX), []);
    assert_eq!(queue.cancel(id), Some(1));
    assert_eq!(queue.cancel(id), None);
}

#[test]
fn cancelled_timers_do_not_pile_up() {
    let mut queue = TimerQueue::new();
    queue.insert(at(1), 0);
    for n in 0..100_000u64 {
        let id = queue.insert(at(1_000 + n), n as u32);
        assert_eq!(queue.cancel(id), Some(n as u32));
    }
    assert_eq!(queue.len(), 1);
    assert!(queue.ladder.len() <= 2 * SWEEP_MIN, "{}", queue.ladder.len());
}

#[test]
fn random_inserts_and_cancels_agree_with_a_sorted_list() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut queue = TimerQueue::new();
    let mut model: Vec<(Time, u32, TimerId)> = Vec::new();
    for n in 0..10_000u32 {
        match random(4) {
            0 if !model.is_empty() => {
                let (_, value, id) = model.remove(random(model.len() as u64) as usize);
                assert_eq!(queue.cancel(id), Some(value));
            }
            1 => {
                let now = at(random(1_000));
                model.sort_by_key(|(deadline, ..)| *deadline);
                let split = model.partition_point(|(deadline, ..)| *deadline <= now);
                let expected: Vec<u32> = model.drain(..split).map(|(_, value, _)| value).collect();
                assert_eq!(due(&mut queue, now.as_nanos()), expected);
            }
            _ => {
                let deadline = at(random(1_000));
                model.push((deadline, n, queue.insert(deadline, n)));
            }
        }
        let earliest = model.iter().map(|(deadline, ..)| *deadline).min();
        assert_eq!(queue.next_deadline(), earliest.unwrap_or(Time::NEVER));
    }
}

#[test]
fn a_million_timers_half_of_them_cancelled_fire_in_order() {
    let count: u32 = if cfg!(miri) { 1_000 } else { 1_000_000 };
    // Many have the same deadline, and they are not made in the order of their deadlines.
    let deadline = |n: u32| u64::from(n).wrapping_mul(7_919) % 10_007;
    let mut queue = TimerQueue::new();
    let ids: Vec<TimerId> = (0..count).map(|n| queue.insert(at(deadline(n)), n)).collect();
    for n in (1..count).step_by(2) {
        assert_eq!(queue.cancel(ids[n as usize]), Some(n));
    }
    let mut fired = Vec::new();
    for now in [0, 1, 5_000, 10_006] {
        let batch = due(&mut queue, now);
        assert!(batch.iter().all(|n| deadline(*n) <= now), "none is early");
        fired.extend(batch);
        assert!(queue.next_deadline() > at(now), "none is late");
    }
    assert_eq!(fired.len(), count as usize / 2);
    assert!(fired.is_sorted_by_key(|n| (deadline(*n), *n)));
}

#[test]
fn many_timers_agree_with_a_sorted_map_while_they_grow_and_shrink() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut queue = TimerQueue::new();
    // Few deadlines, so that many are equal; what was made first is first.
    let mut model: BTreeMap<(Time, u32), TimerId> = BTreeMap::new();
    let mut now = 0;
    for n in 0..150_000_u32 {
        let growing = n < 60_000;
        match random(16) {
            0 if growing => {}
            0 | 1 => now += random(64) / 63,
            2..=5 => {
                let from = (at(random(400)), random(60_000) as u32);
                let Some((key, id)) = model.range(from..).next().map(|(key, id)| (*key, *id))
                else {
                    continue;
                };
                model.remove(&key);
                assert_eq!(queue.cancel(id), Some(key.1));
            }
            6..=11 if !growing => {
                let id = queue.pop_due(at(now));
                let first = model.first_entry().filter(|first| first.key().0 <= at(now));
                let expected = first.map(|first| first.remove_entry());
                assert_eq!(id, expected.map(|((_, value), id)| (id, value)));
            }
            _ => {
                let deadline = at(now + random(200));
                model.insert((deadline, n), queue.insert(deadline, n));
            }
        }
        let earliest = model.first_key_value().map(|((deadline, _), _)| *deadline);
        assert_eq!(queue.next_deadline(), earliest.unwrap_or(Time::NEVER));
        assert_eq!(queue.len(), model.len());
    }
    let left: Vec<u32> = model.keys().map(|(_, value)| *value).collect();
    assert_eq!(due(&mut queue, u64::MAX), left);
}

#[test]
fn ties_stay_in_order_when_the_numbers_begin_anew() {
    let mut queue = TimerQueue::new();
    queue.sequence = u32::MAX - 3;
    let ids: Vec<TimerId> = (0..5).map(|n| queue.insert(at(u64::from(n % 2)), n)).collect();
    assert_eq!(queue.sequence, 5, "they began anew");
    assert_eq!(queue.cancel(ids[0]), Some(0));
    let late = queue.insert(at(0), 5);
    assert_eq!(queue.get_mut(late), Some(&mut 5));
    assert_eq!(due(&mut queue, 1), [2, 4, 5, 1, 3]);
    assert_eq!(queue.cancel(late), None);
}

#[test]
fn a_slot_with_no_generation_left_is_retired() {
    let mut queue = TimerQueue::new();
    let id = queue.insert(at(1), 0);
    queue.timers.wear_out(id);
    let last = TimerId { index: id.index, generation: u32::MAX };
    assert_eq!(queue.cancel(id), None);
    assert_eq!(queue.cancel(last), Some(0));
    assert_eq!(queue.insert(at(1), 1).index, 1);
    assert_eq!(queue.cancel(last), None);
    assert_eq!(due(&mut queue, 1), [1]);
}
