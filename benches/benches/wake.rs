//! Waking a loop from another thread, backend against backend: the other thread posts a call, the
//! loop answers through a channel. Most of a round trip is the machine waking a sleeping CPU.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use polyloop::{Runner, sleep};

fn wake(c: &mut Criterion) {
    let mut group = c.benchmark_group("wake/round_trip");
    group.measurement_time(Duration::from_secs(3));
    group.sample_size(20);
    for (name, runner) in &polyloop_benches::runners() {
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_custom(|rounds| measure(runner, rounds));
        });
    }
    group.finish();
}

/// Times `rounds` posts, each answered before the next.
fn measure(runner: &Runner, rounds: u64) -> Duration {
    let handle = runner.event_loop().handle();
    let poster = std::thread::spawn(move || {
        let (answer, answers) = mpsc::channel();
        let begin = Instant::now();
        for _ in 0..rounds {
            let answer = answer.clone();
            let call = move || answer.send(()).expect("the poster waits for the answer");
            handle.call_soon_threadsafe(call).expect("the loop runs until the poster has ended");
            answers.recv().expect("the loop answers");
        }
        begin.elapsed()
    });
    let poster = runner.run(async move {
        // The timer is far from the wakes: it only looks whether the poster has ended.
        while !poster.is_finished() {
            sleep(Duration::from_millis(20)).await;
        }
        poster
    });
    let elapsed = poster.expect("the loop runs").join();
    elapsed.expect("the poster does not panic")
}

criterion_group!(benches, wake);
criterion_main!(benches);
