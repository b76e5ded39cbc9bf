//! Starting a process that does nothing and waiting for its end: one after the other, and 16 at a
//! time. Most of it is the kernel's; the standard library alone, which blocks, is the yardstick.

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use polyloop::process::Command;

/// Processes that run at a time in the second row.
const AT_ONCE: u64 = 16;

fn spawn(c: &mut Criterion) {
    for at_once in [1, AT_ONCE] {
        let mut group = c.benchmark_group(format!("spawn/{at_once}_at_once"));
        group.throughput(Throughput::Elements(at_once));
        group.sample_size(20).measurement_time(Duration::from_secs(4));
        for (name, runner) in polyloop_benches::runners() {
            let name = BenchmarkId::from_parameter(format!("polyloop-{name}"));
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|rounds| {
                    runner.run(on_polyloop(rounds, at_once)).expect("the loop runs")
                });
            });
        }
        let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let tokio = tokio.expect("a runtime");
        group.bench_function(BenchmarkId::from_parameter("tokio"), |bencher| {
            bencher.iter_custom(|rounds| tokio.block_on(on_tokio(rounds, at_once)));
        });
        group.bench_function(BenchmarkId::from_parameter("std, blocking"), |bencher| {
            bencher.iter_custom(|rounds| with_std(rounds, at_once));
        });
        group.finish();
    }
}

async fn on_polyloop(rounds: u64, at_once: u64) -> Duration {
    let begin = Instant::now();
    for _ in 0..rounds {
        let started = (0..at_once).map(|_| Command::new("/bin/true").spawn());
        let started: Vec<_> = started.map(|it| it.expect("a process")).collect();
        for process in started {
            assert!(process.wait().await.expect("its exit is told").success());
        }
    }
    begin.elapsed()
}

async fn on_tokio(rounds: u64, at_once: u64) -> Duration {
    let begin = Instant::now();
    for _ in 0..rounds {
        let started = (0..at_once).map(|_| tokio::process::Command::new("/bin/true").spawn());
        let started: Vec<_> = started.map(|it| it.expect("a process")).collect();
        for mut process in started {
            assert!(process.wait().await.expect("its exit is told").success());
        }
    }
    begin.elapsed()
}

fn with_std(rounds: u64, at_once: u64) -> Duration {
    let begin = Instant::now();
    for _ in 0..rounds {
        let started = (0..at_once).map(|_| std::process::Command::new("/bin/true").spawn());
        let started: Vec<_> = started.map(|it| it.expect("a process")).collect();
        for mut process in started {
            assert!(process.wait().expect("it ends").success());
        }
    }
    begin.elapsed()
}

criterion_group!(benches, spawn);
criterion_main!(benches);
