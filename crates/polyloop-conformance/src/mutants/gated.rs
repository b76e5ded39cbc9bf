use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use polyloop_core::{GuestWait, LoopFactory, Result};

use super::fault::Fault;
use super::mutant::MutantFactory;
use crate::harness::{Harness, Outcome};
use crate::registry::CASES;

/// The faults of optional capabilities, with the cases that must see them.
pub const GATED: &[(Fault, &[&str])] = &[
    (Fault::DetachForgetsUnread, &["detaching_hands_unread_bytes_over"]),
    (Fault::DetachLeavesNonblocking, &["an_attached_stream_is_like_any_other"]),
    (Fault::AttachedListenerDeaf, &["an_attached_listener_accepts"]),
    (
        Fault::ExitForgotten,
        &[
            "an_exit_is_told_once_with_its_code",
            "an_exit_before_the_wait_is_told_with_its_signal",
            "a_cancelled_wait_for_an_exit_loses_none",
            "many_exits_are_each_told",
        ],
    ),
    (Fault::CloseIgnored, &["closing_a_loop_ends_its_connections"]),
    (Fault::AttachedDescriptorDeaf, &["an_attached_descriptor_can_be_polled"]),
    (
        Fault::GuestAlwaysReadable,
        &["an_idle_guest_is_not_readable", "arriving_bytes_make_a_guest_readable"],
    ),
    (
        Fault::GuestNeverReadable,
        &[
            "arriving_bytes_make_a_guest_readable",
            "a_wake_makes_a_guest_readable",
            "a_pending_completion_makes_a_guest_readable",
            "what_is_left_keeps_a_guest_readable",
        ],
    ),
    (Fault::GuestWaitBlind, &["a_helper_thread_can_wait_for_a_guest"]),
    (Fault::HandlesForgotten, &["handles_travel_with_bytes"]),
    (Fault::TruncationUntold, &["handles_that_do_not_fit_are_told"]),
    (Fault::HandlesBesideWatch, &["handles_of_a_watched_stream_are_busy"]),
    (Fault::HandlesAnywhere, &["handles_need_a_byte_and_a_unix_socket"]),
    (Fault::GuestDeadlinePast, &["an_idle_guest_has_no_deadline"]),
];

/// Checks, on a backend that can attach and be a guest, that the suite sees each fault of those.
///
/// # Panics
///
/// If a case passes, or is skipped, on a loop that is broken in what the case is about.
pub fn gated_faults_are_caught(factory: Arc<dyn LoopFactory>) {
    let patience = Duration::from_millis(300);
    for (fault, cases) in GATED {
        for name in *cases {
            let mutant = MutantFactory::around(*fault, factory.clone());
            let harness = Arc::new(Harness::new(mutant).with_patience(patience));
            let case = CASES.iter().find(|case| case.name == *name).expect("a case of the suite");
            let outcome = harness.outcome(case);
            assert!(
                matches!(outcome, Outcome::Failed(_)),
                "{name} does not see {} on {}: {outcome:?}",
                fault.name(),
                factory.name()
            );
        }
    }
}

/// A wait that sees nothing.
pub(super) struct Blind;

impl GuestWait for Blind {
    fn wait(&self, timeout: Option<Duration>) -> Result<bool> {
        std::thread::sleep(timeout.unwrap_or_default().min(Duration::from_millis(400)));
        Ok(false)
    }
}

/// Gives the descriptor of the inner loop, or one that lies.
pub(super) fn descriptor(fault: Fault, inner: Result<Arc<File>>) -> Result<Arc<File>> {
    let real = inner?;
    Ok(match fault {
        Fault::GuestAlwaysReadable => crate::sys::readable_file().map_or(real, Arc::new),
        Fault::GuestNeverReadable => crate::sys::unreadable_file().map_or(real, Arc::new),
        _ => real,
    })
}
