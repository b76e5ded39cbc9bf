//! Does one piece of the benchmarks' work so many times, for tools that count instructions.

#![forbid(unsafe_code)]

use std::time::Duration;

use polyloop_benches::{Bare, HandOver, Peer, Tokio, on_each_peer, work};

const USAGE: &str = "usage: polyloop-benches PEER WORK ROUNDS
PEER: polyloop-mio polyloop-uring polyloop-polling tokio tokio-with-io smol
      bare, for the first line of
WORK: spawn spawn-1000 yield yield-100 ping-pong
      queue queue-1 queue-ping-pong lock sleeps-fired sleeps-cancelled wake";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [wanted, work, rounds] = &arguments[..] else { usage() };
    let Ok(rounds) = rounds.parse() else { usage() };
    on_each_peer!(|peer| {
        if peer.name() == wanted {
            return run(&peer, work, rounds);
        }
    });
    if wanted == Bare.name() {
        return report(tasks(&Bare, work, rounds));
    }
    if wanted == "tokio-with-io" {
        return run(&Tokio::with_io(), work, rounds);
    }
    usage()
}

fn run<P: HandOver>(peer: &P, work: &str, rounds: u64) {
    report(tasks(peer, work, rounds).or_else(|| hand_overs(peer, work, rounds)));
}

fn tasks<P: Peer>(peer: &P, work: &str, rounds: u64) -> Option<Duration> {
    Some(match work {
        "spawn" => work::spawn_and_await(peer, rounds),
        "spawn-1000" => work::spawn_1000_and_join(peer, rounds),
        "yield" => work::yields(peer, 1, rounds),
        "yield-100" => work::yields(peer, 100, rounds),
        "ping-pong" => work::ping_pong(peer, rounds),
        _ => return None,
    })
}

fn hand_overs<P: HandOver>(peer: &P, work: &str, rounds: u64) -> Option<Duration> {
    Some(match work {
        "queue" => work::queue_hand_over(peer, 64, rounds),
        "queue-1" => work::queue_hand_over(peer, 1, rounds),
        "queue-ping-pong" => work::queue_ping_pong(peer, rounds),
        "lock" => work::lock_hand_over(peer, rounds),
        "sleeps-fired" => work::sleeps_fired(peer, rounds),
        "sleeps-cancelled" => work::sleeps_cancelled(peer, rounds),
        "wake" => work::wake_from_a_thread(peer, rounds),
        _ => return None,
    })
}

fn report(taken: Option<Duration>) {
    let Some(taken) = taken else { usage() };
    println!("{taken:?}, of the thread's CPU time but for the wake");
}

fn usage() -> ! {
    eprintln!("{USAGE}");
    std::process::exit(2)
}
