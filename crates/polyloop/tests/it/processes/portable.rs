//! The route of systems without descriptors of processes, forced by a loop that has none either.

#![cfg(all(feature = "custom", feature = "mio"))]

use polyloop_core::OpKind;

use crate::lacking::{Lack, run_without};

/// It knows no op that waits for an exit.
const WITHOUT_EXITS: Lack = Lack::Ops(&[OpKind::AwaitExit]);

#[test]
fn exits_are_told_without_descriptors_of_processes() {
    run_without(Lack::Attach, super::exits::exits_are_told());
    run_without(WITHOUT_EXITS, super::exits::exits_are_told());
}

#[test]
fn five_hundred_exits_at_once_are_each_told_by_signals_too() {
    run_without(Lack::Attach, super::exits::many_exits_are_told());
}

#[test]
fn two_loops_learn_of_their_own_exits_by_one_signal() {
    let threads: Vec<_> = (0..2)
        .map(|_| std::thread::spawn(|| run_without(WITHOUT_EXITS, super::exits::exits_are_told())))
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
