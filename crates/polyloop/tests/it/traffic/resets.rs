//! One end is gone in the middle of everything: what came before is read, and then the right error.

use std::io::{self, ErrorKind};
use std::pin::Pin;

use futures::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use polyloop::create_task;

use super::ends::{Closing, End, Kind};
use super::exchange::write_all;
use super::payload::{Checked, Next, PIECE_MAX, Random};
use super::run;

const SEEDS: u64 = 8;

/// Reads until there is an error, which is given.
async fn read_until_error(
    reader: &mut Pin<Box<dyn AsyncRead>>,
    checked: &mut Checked,
    seed: u64,
) -> io::Error {
    let mut random = Random::new(seed);
    let mut buf = vec![0; PIECE_MAX];
    loop {
        match reader.read(&mut buf[..random.size()]).await {
            Ok(0) => panic!("seed {seed}: an end in order after {} bytes", checked.total),
            Ok(count) => checked.take(&buf[..count]),
            Err(error) => return error,
        }
    }
}

/// What was read before is all that was written; then comes the reset.
pub(crate) fn reset_when_all_was_read(kind: Kind, seed: u64) {
    run(async move {
        let before = Random::new(seed + 100).below(200_000) as usize;
        let [mut here, mut there] = kind.connect(Closing::Resets).await;
        // What lies unread is what makes the end of a Unix socket a reset.
        here.writer.write_all(b"unread").await.unwrap();
        here.writer.flush().await.unwrap();
        let writing = create_task(async move {
            write_all(&mut there.writer, before, seed).await;
            there
        });
        // What the kernel holds when the reset comes it may drop, so all of it is waited for.
        let mut checked = Checked::new();
        let mut buf = [0; 10_000];
        while checked.total < before {
            let count = here.reader.read(&mut buf).await.unwrap();
            assert!(count > 0, "{kind:?}, seed {seed}: an early end");
            checked.take(&buf[..count]);
        }
        drop(writing.await.unwrap());
        let error = read_until_error(&mut here.reader, &mut checked, seed).await;
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{kind:?}, seed {seed}");
        assert_eq!(checked.total, before);
    });
}

/// Writes as fast as it can until it has written so much, and is gone.
async fn vanish(end: End, seed: u64) -> usize {
    let End { reader, mut writer } = end;
    let mut random = Random::new(seed + 1);
    let (enough, mut next) = (1 + random.below(9_000_000) as usize, Next::new(usize::MAX));
    while usize::MAX - next.left < enough {
        writer.write_all(next.take(random.size())).await.unwrap();
    }
    drop((reader, writer));
    usize::MAX - next.left
}

/// One end disappears while the other reads as fast as it can: of what was written, a beginning comes,
/// and then the reset.
pub(crate) fn reset_in_full_flight(kind: Kind, seed: u64) {
    run(async move {
        let [mut here, there] = kind.connect(Closing::Resets).await;
        here.writer.write_all(b"unread").await.unwrap();
        here.writer.flush().await.unwrap();
        let vanishing = create_task(vanish(there, seed));
        let mut checked = Checked::new();
        let error = read_until_error(&mut here.reader, &mut checked, seed + 2).await;
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{kind:?}, seed {seed}");
        let written = vanishing.await.unwrap();
        assert!(checked.total <= written, "{kind:?}: {} of {written}", checked.total);
    });
}

/// Resets connections of these kinds in every way.
pub(crate) fn reset(kinds: &[Kind]) {
    for &kind in kinds {
        for seed in 0..SEEDS {
            reset_when_all_was_read(kind, seed);
            reset_in_full_flight(kind, seed);
        }
    }
}

#[test]
fn a_reset_in_the_middle_comes_after_every_byte_that_came_before() {
    reset(Kind::PLAIN);
}
