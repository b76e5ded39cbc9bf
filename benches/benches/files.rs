//! Files, backend against backend: reads of 4 KiB from the page cache, one and 32 at once, and a file
//! sent to a socket (`POLYLOOP_BENCH_MIB` MiB of it, 64 if that is not set).

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use polyloop::fs::{self, File};
use polyloop::{Result, Runner, TcpListener, TcpStream, create_task, gather, sendfile};

/// Reads at once.
const DEPTHS: [u64; 2] = [1, 32];

const PIECE: u64 = 4096;

/// Pieces of the file that is read: it stays in the page cache.
const PIECES: u64 = 4096;

fn reads(c: &mut Criterion) {
    let runners = polyloop_benches::runners();
    for depth in DEPTHS {
        let mut group = c.benchmark_group(format!("read_4KiB/depth_{depth}"));
        group.throughput(Throughput::Elements(depth));
        group.measurement_time(Duration::from_secs(3));
        group.sample_size(20);
        for (name, runner) in &runners {
            group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                bencher.iter_custom(|rounds| measure_reads(runner, depth, rounds));
            });
        }
        group.finish();
    }
}

/// Times `rounds` reads of each of so many tasks.
fn measure_reads(runner: &Runner, depth: u64, rounds: u64) -> Duration {
    let timed = runner.run(async move {
        let file = std::rc::Rc::new(file_of(PIECES * PIECE).await?);
        let begin = Instant::now();
        let readers = (0..depth).map(|reader| {
            let file = file.clone();
            async move {
                let mut buffer = vec![0; PIECE as usize];
                for round in 0..rounds {
                    // A step that visits every piece, and no neighbour of the one before.
                    let offset = (reader * 131 + round * 1031) % PIECES * PIECE;
                    let (count, back) = file.read_owned_at(buffer, offset).await;
                    assert_eq!(count? as u64, PIECE, "the file is that long");
                    buffer = back;
                }
                Ok::<(), polyloop::Error>(())
            }
        });
        for run in gather(readers).await.expect("readers are not cancelled") {
            run?;
        }
        Ok::<_, polyloop::Error>(begin.elapsed())
    });
    timed.expect("the loop runs").expect("the file can be read")
}

fn sends(c: &mut Criterion) {
    let mib = std::env::var("POLYLOOP_BENCH_MIB").ok().and_then(|mib| mib.parse().ok());
    let size = mib.unwrap_or(64_u64) << 20;
    let runners = polyloop_benches::runners();
    let mut group = c.benchmark_group(format!("sendfile/{}MiB", size >> 20));
    group.throughput(Throughput::Bytes(size));
    group.measurement_time(Duration::from_secs(5));
    group.sample_size(10);
    for (name, runner) in &runners {
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_custom(|rounds| measure_sends(runner, size, rounds));
        });
    }
    group.finish();
}

/// Times sending the file so often, while a task of the same loop reads it.
fn measure_sends(runner: &Runner, size: u64, rounds: u64) -> Duration {
    let timed = runner.run(async move {
        let file = file_of(size).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let client = TcpStream::connect(listener.local_addr()?).await?;
        let (mut server, _peer) = listener.accept().await?;
        let begin = Instant::now();
        let reader = create_task(drain(client, size * rounds));
        for _ in 0..rounds {
            assert_eq!(sendfile(&mut server, &file, 0, None).await?, size, "all of it is sent");
        }
        reader.await.expect("reading is not cancelled")?;
        Ok::<_, polyloop::Error>(begin.elapsed())
    });
    timed.expect("the loop runs").expect("loopback works")
}

async fn drain(mut stream: TcpStream, total: u64) -> Result<()> {
    let mut buf = vec![0; 256 * 1024];
    let mut received = 0;
    while received < total {
        let count = stream.read(&mut buf).await?;
        assert!(count > 0, "the stream ended early");
        received += count as u64;
    }
    Ok(())
}

async fn file_of(len: u64) -> Result<File> {
    let file = fs::temp_file().await?;
    let piece = vec![7; 1 << 20];
    for offset in (0..len).step_by(piece.len()) {
        file.write_all_at(&piece, offset).await?;
    }
    Ok(file)
}

criterion_group!(benches, reads, sends);
criterion_main!(benches);
