//! Connections over loopback, backend against backend: each is opened, accepted, told so by one byte,
//! and reset by its client, as tasks of one loop; one and 16 at a time.

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use polyloop::{Result, Runner, TcpListener, TcpStream, create_task, gather};

const AT_ONCE: [u64; 2] = [1, 16];

fn accept(c: &mut Criterion) {
    let runners = polyloop_benches::runners();
    for at_once in AT_ONCE {
        let mut group = c.benchmark_group(format!("accept/{at_once}_at_once"));
        group.throughput(Throughput::Elements(at_once));
        group.measurement_time(Duration::from_secs(3));
        group.sample_size(20);
        for (name, runner) in &runners {
            group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                bencher.iter_custom(|rounds| measure(runner, at_once, rounds));
            });
        }
        group.finish();
    }
}

/// Times `rounds` connections of each of so many clients.
fn measure(runner: &Runner, at_once: u64, rounds: u64) -> Duration {
    let timed = runner.run(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let begin = Instant::now();
        let server = create_task(async move {
            for _ in 0..at_once * rounds {
                let (stream, _) = listener.accept().await?;
                create_task(greet(stream)).detach();
            }
            Ok::<(), polyloop::Error>(())
        });
        let clients = (0..at_once).map(|_| async move {
            for _ in 0..rounds {
                let mut stream = TcpStream::connect(address).await?;
                stream.read_exact(&mut [0]).await?;
                // A reset leaves no port waiting for stray segments.
                stream.set_linger(Some(Duration::ZERO))?;
            }
            Ok::<(), polyloop::Error>(())
        });
        for client in gather(clients).await.expect("clients are not cancelled") {
            client?;
        }
        server.await.expect("accepting is not cancelled")?;
        Ok::<_, polyloop::Error>(begin.elapsed())
    });
    timed.expect("the loop runs").expect("loopback works")
}

/// Says that the connection is there, and waits until it is not.
async fn greet(mut stream: TcpStream) -> Result<()> {
    stream.write_all(b"!").await?;
    // The client's reset is what ends it.
    drop(stream.read(&mut [0]).await);
    Ok(())
}

criterion_group!(benches, accept);
criterion_main!(benches);
