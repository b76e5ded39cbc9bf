//! Echo over loopback TCP, backend against backend: clients and servers are tasks of one loop, so
//! a figure is the loop's cost for both ends and the kernel's for the bytes.

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use polyloop::{Result, Runner, TcpListener, TcpStream, create_task, gather};

const CONNECTIONS: [usize; 3] = [1, 50, 1000];

/// Bytes of a message.
const SIZES: [usize; 4] = [64, 1024, 16 * 1024, 128 * 1024];

fn echo(c: &mut Criterion) {
    polyloop_benches::raise_descriptor_limit();
    let runners = polyloop_benches::runners();
    for (connections, size) in CONNECTIONS.into_iter().flat_map(|it| SIZES.map(|size| (it, size))) {
        let mut group = c.benchmark_group(format!("echo/{connections}x{size}"));
        group.throughput(Throughput::Elements(connections as u64));
        group.measurement_time(Duration::from_secs(3));
        group.sample_size(20);
        for (name, runner) in &runners {
            group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                bencher.iter_custom(|rounds| measure(runner, connections, size, rounds));
            });
        }
        group.finish();
    }
}

/// Times `rounds` messages on each of so many connections, set up beforehand.
fn measure(runner: &Runner, connections: usize, size: usize, rounds: u64) -> Duration {
    let timed = runner.run(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let servers = create_task(async move {
            for _ in 0..connections {
                let (stream, _) = listener.accept().await?;
                create_task(serve(stream, size)).detach();
            }
            Ok::<(), polyloop::Error>(())
        });
        let mut clients = Vec::new();
        for _ in 0..connections {
            clients.push(TcpStream::connect(address).await?);
        }
        servers.await.expect("accepting is not cancelled")?;
        let begin = Instant::now();
        let runs = gather(clients.into_iter().map(|client| ask(client, size, rounds))).await;
        for run in runs.expect("clients are not cancelled") {
            run?;
        }
        Ok::<_, polyloop::Error>(begin.elapsed())
    });
    timed.expect("the loop runs").expect("loopback works")
}

async fn serve(mut stream: TcpStream, size: usize) -> Result<()> {
    let mut buf = vec![0; size];
    loop {
        match stream.read(&mut buf).await? {
            0 => return Ok(()),
            count => stream.write_all(&buf[..count]).await?,
        }
    }
}

async fn ask(mut stream: TcpStream, size: usize, rounds: u64) -> Result<()> {
    let message = vec![7; size];
    let mut buf = vec![0; size];
    for _ in 0..rounds {
        stream.write_all(&message).await?;
        let mut received = 0;
        while received < size {
            received += stream.read(&mut buf).await?;
        }
    }
    Ok(())
}

criterion_group!(benches, echo);
criterion_main!(benches);
