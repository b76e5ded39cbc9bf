use std::collections::BTreeMap;

use polyloop_core::{Buffer, CloseMode, Interest, Op, Token};

use crate::harness::Harness;
use crate::random::Random;
use crate::rig::Rig;

/// Random rows of ops end on this loop as they do on the model.
pub(crate) fn random_rows_end_as_on_the_model(harness: &Harness) {
    crate::differential::compare_with_the_model(harness);
}

/// Of a thousand random ops, some cancelled, each ends exactly once, and nothing follows an end.
pub(crate) fn each_of_a_thousand_ops_ends_exactly_once(harness: &Harness) {
    let mut random = Random::new(harness.seed());
    let mut rig = harness.rig();
    let mut ends: BTreeMap<Token, usize> = BTreeMap::new();
    let mut pairs = [rig.pair(), rig.pair(), rig.pair()];
    let mut tickets = Vec::new();
    for _ in 0..1000 {
        let index = random.below(pairs.len());
        let pair = pairs[index];
        let key = if random.below(2) == 0 { pair.client } else { pair.server };
        let interest = [Interest::READABLE, Interest::WRITABLE, Interest::BOTH][random.below(3)];
        let op = match random.below(20) {
            0..7 => Op::Recv { key, buffer: Buffer::with_capacity(1 + random.below(500)) },
            7..13 => Op::Send { key, buffer: vec![1; random.below(2000)].into() },
            13..15 => Op::Poll { key, interest },
            15 => Op::PollMulti { key, interest },
            16 => Op::RecvMulti { key },
            17 => Op::Accept { key: pair.listener },
            18 if random.below(8) == 0 => {
                pairs[index] = rig.pair();
                Op::Close { key, mode: CloseMode::Abort }
            }
            _ => {
                if let Some(ticket) =
                    (!tickets.is_empty()).then(|| tickets[random.below(tickets.len())])
                {
                    rig.cancel(ticket);
                }
                continue;
            }
        };
        let ticket = rig.submit(op);
        ends.insert(ticket.token, 0);
        tickets.push(ticket);
        if random.below(4) == 0 {
            rig.turn(std::time::Duration::ZERO);
            count_ends(&mut rig, &mut ends);
        }
    }
    tickets.iter().for_each(|ticket| rig.cancel(*ticket));
    rig.wait("the end of every op", |rig| {
        count_ends(rig, &mut ends);
        ends.values().all(|count| *count == 1).then_some(())
    });
    rig.linger(std::time::Duration::from_millis(5));
    count_ends(&mut rig, &mut ends);
    assert_eq!(rig.events.census().ops, 0, "no op is left");
}

/// Counts terminal completions, and checks that nothing comes after one.
fn count_ends(rig: &mut Rig, ends: &mut BTreeMap<Token, usize>) {
    for completion in rig.take_all() {
        let Some(count) = ends.get_mut(&completion.token) else { continue };
        assert_eq!(*count, 0, "{completion:?} came after the op had ended");
        if !completion.is_more() {
            *count = 1;
        }
    }
}
