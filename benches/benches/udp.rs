//! Datagrams over loopback, backend against backend: one socket sends bursts, another receives them,
//! as tasks of one loop.

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use polyloop::{Runner, UdpSocket, create_task};

/// Datagrams of a burst: few enough for the receiver's buffer, so that none is dropped.
const BURST: usize = 32;
const SIZES: [usize; 2] = [64, 1200];

fn udp(c: &mut Criterion) {
    let runners = polyloop_benches::runners();
    for size in SIZES {
        let mut group = c.benchmark_group(format!("udp/{size}"));
        group.throughput(Throughput::Elements(BURST as u64));
        group.measurement_time(Duration::from_secs(3));
        group.sample_size(20);
        for (name, runner) in &runners {
            group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                bencher.iter_custom(|rounds| measure(runner, size, rounds));
            });
        }
        group.finish();
    }
}

/// Times `rounds` bursts, each received as a whole before the next.
fn measure(runner: &Runner, size: usize, rounds: u64) -> Duration {
    let timed = runner.run(async move {
        let receiver = UdpSocket::bind("127.0.0.1:0").await?;
        let sender = UdpSocket::bind("127.0.0.1:0").await?;
        sender.connect(receiver.local_addr()?).await?;
        receiver.connect(sender.local_addr()?).await?;
        let echo = create_task(async move {
            let mut buf = vec![0; size];
            for _ in 0..rounds {
                for _ in 0..BURST {
                    receiver.recv(&mut buf).await?;
                }
                receiver.send(b"on").await?;
            }
            Ok::<(), polyloop::Error>(())
        });
        let datagram = vec![7; size];
        let begin = Instant::now();
        for _ in 0..rounds {
            for _ in 0..BURST {
                sender.send(&datagram).await?;
            }
            sender.recv(&mut [0; 2]).await?;
        }
        let elapsed = begin.elapsed();
        echo.await.expect("the receiver is not cancelled")?;
        Ok::<_, polyloop::Error>(elapsed)
    });
    timed.expect("the loop runs").expect("loopback works")
}

criterion_group!(benches, udp);
criterion_main!(benches);
