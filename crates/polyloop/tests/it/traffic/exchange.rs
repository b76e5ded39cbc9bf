//! Both ends write and read all at once, in pieces of any size; then one ends, and then the other.

use std::time::Instant;

use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use polyloop::create_task;

use super::ends::{Closing, End, Kind};
use super::payload::{Checked, Next, PIECE_MAX, Random};
use super::{TOTAL, run};

pub(super) async fn write_all(writer: &mut (impl AsyncWrite + Unpin), total: usize, seed: u64) {
    let mut random = Random::new(seed);
    let mut next = Next::new(total);
    while next.left > 0 {
        writer.write_all(next.take(random.size())).await.unwrap();
        if random.below(8) == 0 {
            writer.flush().await.unwrap();
        }
    }
    writer.flush().await.unwrap();
}

/// Reads to the end; how many bytes that were.
pub(super) async fn read_all(reader: &mut (impl AsyncRead + Unpin), seed: u64) -> usize {
    let mut random = Random::new(seed);
    let mut checked = Checked::new();
    let mut buf = vec![0; PIECE_MAX];
    loop {
        match reader.read(&mut buf[..random.size()]).await.unwrap() {
            0 => return checked.total,
            count => checked.take(&buf[..count]),
        }
    }
}

/// Moves everything through one end. The first to end does so as soon as it has written all, the
/// second only when it has read everything.
async fn side(end: End, ends_first: bool, seed: u64) -> (usize, End) {
    let End { mut reader, mut writer } = end;
    let writing = create_task(async move {
        write_all(&mut writer, TOTAL, seed).await;
        if ends_first {
            writer.close().await.unwrap();
        }
        writer
    });
    let got = read_all(&mut reader, seed + 1).await;
    let mut writer = writing.await.unwrap();
    if !ends_first {
        writer.close().await.unwrap();
    }
    (got, End { reader, writer })
}

/// Exchanges everything twice, so that each end is the first to end once.
pub(crate) fn exchange(kind: Kind) {
    for first in 0..2 {
        let begin = Instant::now();
        run(async move {
            let [one, other] = kind.connect(Closing::InOrder).await;
            let one = create_task(side(one, first == 0, 1));
            let other = create_task(side(other, first == 1, 3));
            // Whoever has ended keeps its end: the other has something to send yet.
            let (one, other) = (one.await.unwrap(), other.await.unwrap());
            assert_eq!((one.0, other.0), (TOTAL, TOTAL), "{kind:?}, {first} ends first");
        });
        println!("{kind:?}, {first} ends first: {:?}", begin.elapsed());
    }
}

#[test]
fn every_stream_carries_64_mib_each_way_whichever_end_ends_first() {
    Kind::PLAIN.iter().copied().for_each(exchange);
}
