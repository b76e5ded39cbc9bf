//! The one list of all cases: the suite's tests, the registry and the tables come from it.

use std::sync::Arc;

use crate::harness::{Case, Harness};

/// Hands the list of cases to a macro: `clause number, module of tests => [file::case, ...]`.
#[doc(hidden)]
#[macro_export]
macro_rules! __for_all_cases {
    ($($callback:ident)::+ ! ($($arguments:tt)*)) => {
        $($callback)::+! { ($($arguments)*)
            2 clause_02 [
                submission::a_failure_is_a_completion_with_token_and_op,
                submission::a_key_that_was_never_minted_is_stale_for_every_op,
                submission::an_op_that_does_not_fit_its_resource_is_invalid,
                submission::an_inward_buffer_without_capacity_is_invalid,
                submission::sending_nothing_is_done,
                sending_files::what_is_sent_from_must_be_a_file,
                files::an_offset_beyond_every_file_is_invalid,
                files::writing_nothing_needs_a_file_to_write,
                files::a_path_with_nul_is_invalid,
                submission::tokens_come_back_as_they_were_given,
            ]
            3 clause_03 [
                submission::an_op_that_fails_comes_back_whole,
                streams::a_receive_fills_its_own_buffer,
                streams::a_receive_uses_the_whole_storage,
                streams::a_vectored_send_sends_its_buffers_in_order,
            ]
            4 clause_04 [
                attempts::try_recv_gives_what_is_there,
                attempts::try_recv_finds_the_end_after_the_bytes,
                attempts::try_recv_would_block_behind_a_waiting_receive,
                attempts::try_recv_does_not_overtake_a_receive_of_the_same_turn,
                attempts::try_send_would_block_behind_a_waiting_send,
                attempts::try_send_takes_what_fits_and_then_would_block,
                sending_soon::what_is_sent_soon_keeps_its_order,
                sending_soon::turns_send_what_was_given_to_be_sent_soon,
                sending_soon::what_is_sent_soon_comes_before_the_end,
                sending_soon::what_is_sent_soon_does_not_overtake,
                sending_soon::sending_soon_after_a_shutdown_fails,
                sending_soon::a_later_send_tells_that_sending_soon_has_failed,
                attempts::try_recv_chunk_gives_a_chunk,
                attempts::what_is_unread_comes_first,
                attempts::what_is_unread_comes_before_the_end,
                attempts::an_attempt_to_read_into_nothing_is_invalid,
                attempts::an_attempt_on_the_wrong_resource_is_an_error,
                datagrams::datagrams_can_be_tried,
                datagrams::a_tried_datagram_does_not_overtake,
                datagrams::what_a_datagram_cannot_do_leaves_it_there,
                looking::a_look_takes_nothing,
                looking::a_look_at_a_datagram_takes_nothing,
                looking::several_buffers_are_filled_in_order,
            ]
            5 clause_05 [
                streams::receives_complete_in_order,
                streams::completions_of_one_direction_come_in_order,
                streams::the_end_comes_after_all_bytes,
                streams::a_half_closed_stream_still_answers,
                streams::the_server_may_close_its_half_first,
                streams::a_shutdown_comes_after_queued_sends,
                streams::a_send_after_shutdown_fails,
                streams::a_large_send_goes_whole_to_a_slow_reader,
                streams::a_send_completes_only_when_whole,
                streams::sends_do_not_interleave,
                streams::many_buffers_go_in_order,
                streams::a_waiting_receive_finds_the_end,
                streams::both_directions_go_on_at_once,
                listeners::a_multishot_accept_takes_every_connection,
                listeners::a_second_accept_beside_a_multishot_one_is_busy,
                watching::readable_is_told_each_time_there_newly_is_something,
                watching::readable_is_told_at_once_for_what_is_there,
                watching::readable_is_told_once_until_all_is_read,
                watching::the_end_is_told_and_does_not_end_the_watch,
                watching::a_watched_stream_gives_its_bytes_before_its_end,
                watching::a_cancelled_watch_loses_no_bytes,
                watching::a_receive_beside_a_watch_is_busy,
                watching::what_is_unread_is_told,
                watching::a_pipe_can_be_watched,
                unix_sockets::unix_streams_keep_the_order_of_streams,
                random_ops::each_of_a_thousand_ops_ends_exactly_once,
                random_ops::random_rows_end_as_on_the_model,
            ]
            6 clause_06 [
                cancelling::a_cancelled_op_ends_and_gives_its_buffer_back,
                cancelling::a_cancel_in_the_same_turn_ends_the_op,
                cancelling::a_stale_id_cancels_nothing,
                cancelling::those_behind_a_cancelled_op_go_on,
                cancelling::a_cancel_that_races_bytes_loses_none,
                cancelling::a_send_cancelled_half_way_tells_how_much_went,
                cancelling::a_send_behind_a_cancelled_one_goes_whole,
                cancelling::a_cancelled_accept_leaves_the_backlog,
                cancelling::a_cancel_that_races_a_connection_leaks_nothing,
                cancelling::a_cancelled_multishot_accept_leaks_nothing,
                unix_sockets::unix_streams_can_be_watched_and_cancelled,
                datagrams::a_cancelled_datagram_receive_takes_none,
                pipes::a_cancelled_pipe_receive_takes_nothing,
                files::a_cancelled_file_op_ends_once,
                sending_files::a_cancelled_send_of_a_file_tells_how_much_went,
            ]
            7 clause_07 [
                turns::a_past_deadline_does_not_wait,
                turns::a_deadline_is_not_missed,
                turns::an_idle_loop_sleeps,
                turns::a_completion_ends_the_wait,
                turns::a_small_batch_loses_nothing,
                turns::more_is_announced_when_a_batch_is_full,
                turns::a_burst_is_delivered_whole,
                turns::an_op_that_waits_does_not_complete_by_itself,
            ]
            8 clause_08 [
                wakers::a_wake_ends_a_wait_without_deadline,
                wakers::a_wake_before_the_turn_is_not_lost,
                wakers::a_thousand_wakes_end_few_waits,
                wakers::a_wake_hides_no_completion,
                wakers::a_waker_outlives_its_loop,
                wakers::no_wake_of_many_threads_is_lost,
            ]
            9 clause_09 [
                turns::a_deadline_is_not_early,
                turns::the_clock_never_goes_back,
                turns::the_clock_goes_on_in_a_turn,
            ]
            10 clause_10 [
                submission::an_unknown_op_is_unsupported_and_comes_back,
                routes::every_op_has_a_route,
                routes::the_capabilities_name_the_backend,
                routes::optional_capabilities_and_answers_agree,
                datagrams::a_datagram_says_who_sent_it,
                datagrams::what_does_not_fit_of_a_datagram_is_lost,
                datagrams::a_connected_datagram_socket_has_one_peer,
                datagrams::a_datagram_without_a_destination_fails,
                datagrams::an_empty_datagram_is_a_datagram,
                datagrams::a_datagram_of_many_buffers_is_one,
                datagrams::a_bound_address_is_taken,
                pipes::a_pipe_carries_bytes,
                pipes::a_closed_write_end_is_the_end,
                pipes::a_closed_read_end_breaks_the_pipe,
                pipes::a_pipe_carries_more_than_it_holds,
                pipes::a_pipe_is_not_a_socket,
                files::a_file_is_read_where_it_was_written,
                files::the_end_of_a_file_is_zero_bytes,
                files::what_is_partly_in_memory_is_read_whole,
                files::a_hole_in_a_file_is_zeros,
                files::a_file_can_be_synced,
                files::the_flags_of_a_file_hold,
                files::file_ops_go_on_at_once,
                files::a_close_comes_after_file_ops,
                sending_files::a_part_of_a_file_is_sent_whole,
                sending_files::a_file_is_sent_in_the_order_of_the_sends,
                sending_files::a_file_goes_into_a_pipe,
                paths::vectored_ops_of_a_file_take_their_buffers_in_order,
                paths::a_file_is_cut_and_filled_up,
                paths::an_open_file_and_its_path_are_told_alike,
                paths::a_renamed_file_has_its_new_name_only,
                paths::what_is_removed_is_gone,
                paths::a_second_name_names_the_same_file,
                paths::a_symbolic_link_is_followed_or_not,
            ]
            11 clause_11 [
                listeners::a_connection_carries_bytes_both_ways,
                listeners::an_accept_waits_for_a_connection,
                listeners::both_sides_know_both_addresses,
                listeners::connections_are_accepted_in_order,
                listeners::port_zero_becomes_a_port,
                listeners::internet_version_6_works_where_the_machine_has_it,
                unix_sockets::a_unix_listener_gives_every_connection,
                unix_sockets::an_abstract_name_is_an_address,
                unix_sockets::the_sockets_of_a_pair_are_connected,
                unix_sockets::a_unix_datagram_says_who_sent_it,
                handles::handles_travel_with_bytes,
                handles::handles_that_do_not_fit_are_told,
                handles::handles_of_a_watched_stream_are_busy,
                handles::handles_need_a_byte_and_a_unix_socket,
                closing::a_key_is_stale_once_its_close_is_submitted,
                closing::a_key_stays_stale_when_its_slot_is_reused,
                closing::a_close_ends_every_op_and_comes_last,
                closing::a_flushing_close_sends_first,
                closing::an_aborting_close_cancels_sends,
                closing::a_cancelled_close_hurries_and_succeeds,
                closing::every_kind_of_resource_closes,
                closing::a_close_is_the_end_for_the_peer,
                closing::closing_a_listener_ends_what_waits_in_it,
                sending_files::a_close_of_a_file_waits_for_what_is_sent_from_it,
                options::an_option_that_is_set_is_read,
                options::buffer_sizes_are_at_least_about_what_was_asked_for,
                options::the_options_of_a_spec_hold,
                options::options_of_a_closed_key_are_stale,
                options::an_unconnected_socket_has_no_peer,
                attaching::an_attached_stream_is_like_any_other,
                attaching::detaching_hands_unread_bytes_over,
                attaching::an_attached_listener_accepts,
                attaching::closing_a_loop_ends_its_connections,
                exits::an_exit_is_told_once_with_its_code,
                exits::an_exit_before_the_wait_is_told_with_its_signal,
                exits::a_cancelled_wait_for_an_exit_loses_none,
                exits::many_exits_are_each_told,
            ]
            12 clause_12 [
                polls::a_poll_waits_for_bytes_and_takes_none,
                polls::a_poll_waits_for_room,
                polls::a_poll_tells_only_what_is_there,
                polls::a_cancelled_poll_takes_nothing,
                polls::polls_of_one_key_are_independent,
                polls::a_multishot_poll_goes_on,
                polls::a_multishot_poll_tells_at_once_what_is_there,
                polls::a_listener_is_readable_when_there_is_a_connection,
                polls::the_end_is_readable,
                polls::what_is_unread_is_readable,
                polls::a_file_cannot_be_polled,
                attaching::an_attached_descriptor_can_be_polled,
            ]
            13 clause_13 [
                guest::an_idle_guest_is_not_readable,
                guest::arriving_bytes_make_a_guest_readable,
                guest::a_wake_makes_a_guest_readable,
                guest::what_waits_behind_a_send_soon_shows_in_a_guest,
                guest::a_pending_completion_makes_a_guest_readable,
                guest::what_is_left_keeps_a_guest_readable,
                guest::a_helper_thread_can_wait_for_a_guest,
                guest::an_idle_guest_has_no_deadline,
            ]
            14 clause_14 [
                watching::an_idle_reader_bounds_what_is_received_ahead,
                attempts::the_census_counts_chunks_that_are_held,
                attempts::an_empty_pool_does_not_stop_a_reader,
                bounds::bounds_that_no_loop_can_work_within_are_refused,
                bounds::ops_are_bounded,
                bounds::the_end_of_a_direction_is_taken_on_at_the_bound,
                bounds::resources_are_bounded,
                bounds::what_comes_and_goes_leaves_nothing,
            ]
            15 clause_15 [
                attempts::a_chunk_outlives_its_loop,
                ending::closing_a_loop_reaps_every_op,
                ending::a_closed_loop_delivers_nothing,
                ending::an_op_of_a_closed_loop_comes_back,
                ending::a_call_of_a_closed_loop_says_so,
                ending::a_loop_drops_with_a_thousand_ops_in_flight,
                ending::a_forked_child_drops_its_loop_without_harm,
            ]
            16 clause_16 [
                listeners::a_refused_connect_keeps_the_errno_and_says_where_to,
                listeners::accepting_pauses_at_the_bound_of_resources,
                unix_sockets::a_missing_unix_listener_is_named,
                unix_sockets::a_unix_name_that_is_too_long_is_refused,
                unix_sockets::a_unix_connect_waits_for_room_in_the_backlog,
                unix_sockets::unix_datagrams_wait_for_room_with_their_receiver,
                listeners::listening_where_another_listens_fails,
                streams::writing_to_a_closed_peer_is_an_error,
                streams::a_reset_comes_after_the_bytes,
                streams::a_reset_that_a_send_met_comes_to_the_reader_too,
                files::a_missing_file_is_named,
                paths::a_failing_op_of_paths_names_them,
            ]
        }
    };
}

/// Makes one test of each case of the suite, run against the loops of a factory.
///
/// Put it in a module of its own for each factory.
#[macro_export]
macro_rules! suite {
    ($factory:expr $(,)?) => {
        fn conformance_harness() -> ::std::sync::Arc<$crate::Harness> {
            ::std::sync::Arc::new($crate::Harness::new($factory))
        }

        $crate::__for_all_cases!($crate::__suite_tests!());
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __suite_tests {
    (() $($number:literal $clause:ident [$($file:ident::$case:ident),* $(,)?])*) => {
        $(mod $clause {
            $(#[test]
            fn $case() {
                $crate::run_named(super::conformance_harness(), stringify!($case));
            })*
        })*
    };
}

macro_rules! case_list {
    (() $($number:literal $clause:ident [$($file:ident::$case:ident),* $(,)?])*) => {
        &[$($(Case {
            name: stringify!($case),
            clause: $number,
            run: crate::cases::$file::$case,
        },)*)*]
    };
}
use case_list as __case_list;

/// Every case, by clause.
pub const CASES: &[Case] = crate::__for_all_cases!(__case_list!());

/// Runs the case of that name as a test does.
///
/// # Panics
///
/// If the case fails, or there is none of that name.
pub fn run_named(harness: Arc<Harness>, name: &str) {
    let case = CASES.iter().find(|case| case.name == name);
    harness.run(case.unwrap_or_else(|| panic!("no case is called {name}")));
}
