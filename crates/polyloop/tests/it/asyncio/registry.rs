//! Which program has a twin, and that each twin prints what its program printed.

use std::collections::BTreeSet;
use std::path::Path;

use super::script::Log;
use super::{
    callbacks, cancel, completions, futures, gathers, groups, locks, queues, tasks, timeouts,
    timers, tour, waits,
};

/// A program's twin, and what it must print.
pub(super) struct Twin {
    pub(super) name: &'static str,
    pub(super) run: fn(Log),
    /// What the program printed under asyncio.
    recorded: &'static str,
    /// What the twin prints instead, by design; `docs/asyncio-differences.md` says why.
    differs: Option<&'static str>,
}

impl Twin {
    pub(super) fn expected(&self) -> Vec<&'static str> {
        self.differs.unwrap_or(self.recorded).lines().collect()
    }

    fn check(&self) {
        let log = Log::default();
        (self.run)(log.clone());
        assert_eq!(log.take(), self.expected(), "{}", self.name);
    }
}

macro_rules! recorded {
    ($name:ident, $ending:literal) => {
        include_str!(concat!("../../asyncio/recorded/", stringify!($name), $ending))
    };
}

macro_rules! difference {
    ($name:ident) => {
        None
    };
    ($name:ident differs) => {
        Some(recorded!($name, ".polyloop.txt"))
    };
}

/// Makes the table of the twins, and a test of each.
macro_rules! twins {
    ($($theme:ident::$name:ident $($differs:ident)?,)*) => {
        pub(super) const TWINS: &[Twin] = &[$(Twin {
            name: stringify!($name),
            run: $theme::$name,
            recorded: recorded!($name, ".txt"),
            differs: difference!($name $($differs)?),
        }),*];

        mod prints_as_recorded {
            $(
                #[test]
                fn $name() {
                    let twin = super::TWINS.iter().find(|twin| twin.name == stringify!($name));
                    twin.unwrap().check();
                }
            )*
        }
    };
}

twins! {
    tour::tour_hello_after_a_sleep,
    tour::tour_two_sleeps_gathered,
    tour::tour_three_lookups,
    tour::tour_wait_for_times_out,
    tour::tour_in_turn_or_as_tasks,
    callbacks::callbacks_in_order,
    callbacks::callbacks_nested,
    callbacks::callbacks_cancelled,
    callbacks::callbacks_and_tasks_share_a_queue,
    callbacks::callbacks_that_raise,
    callbacks::callbacks_between_steps,
    callbacks::callbacks_behind_the_end,
    callbacks::callbacks_threadsafe_at_home,
    timers::timers_by_time,
    timers::timers_ties_of_two,
    timers::timers_ties_of_many differs,
    timers::timers_zero_and_soon,
    timers::timers_in_the_past,
    timers::timers_cancelled,
    timers::timers_armed_by_timers,
    timers::timers_all_due_at_once,
    timers::timers_and_sleepers,
    timers::timers_among_busy_callbacks,
    tasks::tasks_in_order_of_creation,
    tasks::tasks_yield_in_turn,
    tasks::tasks_awaiter_is_an_iteration_later,
    tasks::tasks_done_are_awaited_at_once,
    tasks::tasks_done_callbacks,
    tasks::tasks_done_callbacks_removed,
    tasks::tasks_names,
    tasks::tasks_that_raise,
    tasks::tasks_made_by_tasks,
    tasks::tasks_left_at_the_end,
    tasks::tasks_sleep_of_zero_yields_once,
    cancel::cancel_before_the_start,
    cancel::cancel_while_it_sleeps,
    cancel::cancel_while_it_is_ready,
    cancel::cancel_of_a_finished_task,
    cancel::cancel_of_itself,
    cancel::cancel_of_itself_at_the_end differs,
    cancel::cancel_twice,
    cancel::cancel_of_several,
    cancel::cancel_cleans_up_from_inside,
    cancel::cancel_of_the_awaiter_of_a_task differs,
    cancel::cancel_of_a_gather,
    cancel::cancel_races_with_the_end,
    cancel::cancel_with_a_message,
    gathers::gather_in_order,
    gathers::gather_awaiter_is_two_iterations_later,
    gathers::gather_first_error,
    gathers::gather_two_errors_at_once,
    gathers::gather_every_outcome,
    gathers::gather_of_nothing,
    gathers::gather_nested,
    gathers::gather_of_tasks,
    gathers::gather_with_a_cancelled_member,
    timeouts::timeout_keeps_a_quick_result,
    timeouts::timeout_expires,
    timeouts::timeout_and_a_timer,
    timeouts::timeout_nested_inner_first,
    timeouts::timeout_nested_outer_first,
    timeouts::timeout_of_zero,
    timeouts::timeout_when_the_result_is_ready differs,
    timeouts::wait_for_without_a_limit,
    timeouts::wait_for_runs_at_home,
    timeouts::wait_for_zero differs,
    timeouts::wait_for_in_several_tasks,
    timeouts::wait_for_a_task,
    futures::future_callbacks,
    futures::future_cancelled,
    futures::future_set_then_awaited,
    completions::io_before_timers,
    completions::io_behind_what_is_ready,
    groups::task_group_joins,
    groups::task_group_first_error,
    groups::task_group_several_errors,
    groups::task_group_body_fails,
    groups::task_group_error_interrupts_the_body,
    groups::task_group_nested,
    groups::task_group_child_is_cancelled,
    groups::task_group_is_cancelled,
    waits::shield_outlives_its_awaiter,
    waits::shield_awaiter_is_two_iterations_later,
    waits::shield_in_a_timeout,
    waits::wait_first_completed,
    waits::wait_first_exception,
    waits::wait_with_a_limit,
    waits::wait_awaiter_is_two_iterations_later,
    waits::as_completed_in_order_of_ends,
    waits::as_completed_with_a_limit,
    waits::tasks_current,
    waits::tasks_eager,
    locks::lock_is_fair,
    locks::lock_is_not_taken_past_waiters,
    locks::lock_waiter_is_cancelled,
    locks::lock_waiter_is_cancelled_as_it_is_woken,
    locks::event_wakes_all_in_order,
    locks::event_set_and_cleared_at_once,
    locks::condition_notifies_some,
    locks::condition_waits_for_a_predicate,
    locks::semaphore_lets_some_in,
    locks::semaphore_is_fair,
    locks::semaphore_bounded,
    locks::barrier_rounds differs,
    locks::barrier_aborted,
    queues::queue_producer_and_consumer,
    queues::queue_bounded,
    queues::queue_getters_are_served_in_order,
    queues::queue_getter_is_cancelled,
    queues::queue_join,
    queues::queue_without_waiting,
    queues::queue_by_priority_and_last_in,
    queues::queue_shut_down,
}

/// Gives the names of a folder's files with that ending.
fn names_in(folder: &str, ending: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/asyncio").join(folder);
    let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name());
    files.filter_map(|file| file.to_str()?.strip_suffix(ending).map(str::to_owned)).collect()
}

#[test]
fn every_program_has_a_recording_and_a_twin() {
    let twins: BTreeSet<String> = TWINS.iter().map(|twin| twin.name.to_owned()).collect();
    assert_eq!(twins.len(), TWINS.len(), "a name is there twice");
    let recorded = names_in("recorded", ".txt");
    let recorded = recorded.into_iter().filter(|name| !name.ends_with(".polyloop")).collect();
    assert_eq!(twins, recorded);
    assert_eq!(twins, names_in("programs", ".py"));
}

#[test]
fn every_difference_is_real_and_has_its_reason_in_the_documents() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/asyncio-differences.md");
    let documented = std::fs::read_to_string(path).unwrap();
    let mut differing = BTreeSet::new();
    for twin in TWINS {
        if let Some(differs) = twin.differs {
            assert_ne!(differs, twin.recorded, "{} does not differ", twin.name);
            assert!(documented.contains(&format!("`{}`", twin.name)), "{}", twin.name);
            differing.insert(twin.name.to_owned());
        }
    }
    assert_eq!(differing, names_in("recorded", ".polyloop.txt"));
}
