//! Reads that are given up again and again, at random moments, while much comes.

use std::time::Duration;

use futures::io::{AsyncReadExt, AsyncWriteExt};
use polyloop::{Loop, create_task, sleep, wait_for};

use super::ends::{Closing, End, Kind};
use super::payload::{Checked, Next, Random};
use super::{run, until_nothing_is_left};

/// What comes: more than the buffers on the way hold.
const COMING: usize = 2 << 20;

/// Writes in bursts, so that a reader waits now and then.
async fn write_in_bursts(mut end: End, seed: u64) -> End {
    let mut random = Random::new(seed + 50);
    let mut next = Next::new(COMING);
    while next.left > 0 {
        let piece = next.take(random.below(20_000) as usize + 1);
        end.writer.write_all(piece).await.unwrap();
        if random.below(8) == 0 {
            end.writer.flush().await.unwrap();
            sleep(Duration::from_micros(random.below(500))).await;
        }
    }
    end.writer.close().await.unwrap();
    end
}

/// Reads with little patience until the end; how often it was given up.
async fn read_impatiently(end: &mut End, seed: u64) -> usize {
    let mut random = Random::new(seed);
    let mut checked = Checked::new();
    let mut buf = vec![0; 30_000];
    let mut given_up = 0;
    loop {
        let patience = Duration::from_micros(random.below(300));
        let size = random.below(buf.len() as u64) as usize + 1;
        match wait_for(end.reader.read(&mut buf[..size]), patience).await {
            Ok(Ok(0)) => break,
            Ok(count) => checked.take(&buf[..count.unwrap()]),
            Err(_) => given_up += 1,
        }
    }
    assert_eq!(checked.total, COMING, "seed {seed}");
    given_up
}

/// Both ends read so from each other; nothing is lost, and nothing is left behind.
pub(crate) fn reads(kind: Kind) {
    for seed in 0..4 {
        run(async move {
            let before = Loop::current().unwrap().census();
            let [one, mut other] = kind.connect(Closing::InOrder).await;
            let writing = create_task(write_in_bursts(one, seed));
            let given_up = read_impatiently(&mut other, seed).await;
            assert!(given_up > 0, "{kind:?}, seed {seed}: no read was given up");
            drop((writing.await.unwrap(), other));
            until_nothing_is_left(&before, "reads that were given up").await;
        });
    }
}

#[test]
fn reads_that_are_given_up_at_random_points_lose_no_byte() {
    Kind::PLAIN.iter().copied().for_each(reads);
}
