//! The behavior that the product needs from an engine, tested on the simulator and on a real
//! dockerd.
//!
//! A behavior is a function of a [`Lab`]; the list below defines two tests for each. Messages of
//! refusals are compared literally on engine 20.10 and on the simulator, which imitates it; other
//! releases word some of them differently. `support/kind.rs` lists the differences of Podman by
//! behavior, and `docs/ENGINE-TESTS.md` has the results. `support/lab.rs` selects the engine and
//! cleans up.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

#[path = "contract/events.rs"]
mod events;
#[path = "contract/facts.rs"]
mod facts;
#[path = "contract/health_and_memory.rs"]
mod health_and_memory;
#[path = "contract/lists.rs"]
mod lists;
#[path = "contract/output.rs"]
mod output;
#[path = "contract/refusals.rs"]
mod refusals;
#[path = "contract/restarts.rs"]
mod restarts;
#[path = "contract/samples.rs"]
mod samples;
#[path = "contract/states.rs"]
mod states;
#[path = "contract/streams.rs"]
mod streams;
mod support;

/// Defines two tests for each behavior.
macro_rules! contract {
    ($($area:ident: $($behavior:ident)+;)+) => {
        mod on_the_simulator {
            $(mod $area { $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $behavior() {
                    crate::support::on_the_simulator(|lab| Box::pin(async move { crate::$area::$behavior(&lab).await })).await;
                }
            )+ })+
        }
        mod on_a_real_engine {
            $(mod $area { $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $behavior() {
                    let name = concat!(stringify!($area), "::", stringify!($behavior));
                    crate::support::on_a_real_engine(name, |lab| Box::pin(async move { crate::$area::$behavior(&lab).await })).await;
                }
            )+ })+
        }
    };
}

contract! {
    states:
        a_created_container_has_never_run
        a_started_container_is_running
        a_paused_container_keeps_its_process_and_can_be_unpaused
        a_stopped_container_has_its_programs_exit_code
        a_process_that_ignores_sigterm_is_killed_after_the_timeout
        a_killed_container_exits_with_137
        an_ignored_signal_leaves_the_container_running
        an_exited_program_leaves_its_exit_code
        a_restarted_container_has_a_new_run
        restart_starts_a_stopped_container
        a_renamed_container_is_found_by_its_new_name
        a_removed_container_is_gone
        force_removes_a_running_container_and_its_process
        an_auto_removed_container_is_gone_after_its_exit
        a_missing_executable_leaves_the_container_created
        an_id_prefix_is_enough
        inspect_shows_the_requested_values;
    restarts:
        a_restart_policy_starts_again_until_its_limit
        a_container_between_two_restarts_is_restarting
        a_stop_ends_a_restart_loop
        a_stopped_container_stays_stopped_with_any_policy
        a_manual_start_resets_the_restart_count;
    health_and_memory:
        a_passing_check_makes_a_container_healthy
        a_failing_check_makes_a_container_unhealthy
        an_exited_container_is_unhealthy_without_an_event
        a_container_out_of_memory_is_killed_and_marked;
    events:
        a_stop_sends_kill_die_stop
        a_stop_of_a_process_that_ignores_sigterm_sends_both_signals
        a_kill_sends_kill_and_die
        a_restart_sends_a_stop_and_a_start
        pausing_and_resuming_send_events
        a_stop_unpauses_a_paused_container
        a_rename_sends_the_old_name
        a_forced_removal_sends_kill_die_destroy
        an_auto_removed_container_sends_die_and_destroy
        a_restart_policy_sends_die_and_start_and_nothing_else
        a_failed_start_sends_nothing_but_create
        networks_are_connected_before_start_and_disconnected_after_die
        top_sends_an_event
        events_carry_image_name_and_labels
        the_time_of_an_event_is_given_in_seconds_and_nanoseconds;
    streams:
        since_includes_its_own_nanosecond
        until_ends_the_stream
        without_since_only_new_events_are_sent
        a_live_stream_sends_events_while_it_is_open
        events_are_filtered_by_container_event_type_and_label
        a_filter_for_health_status_matches_by_prefix;
    lists:
        the_list_has_running_containers_unless_all_is_set
        the_list_is_filtered_by_name_id_label_and_status
        a_status_filter_finds_stopped_containers_without_all
        the_list_is_newest_first_and_limited
        the_list_has_a_status_text_with_durations;
    samples:
        counters_of_a_stats_stream_increase
        the_first_sample_of_a_stream_has_no_precpu_stats
        a_single_sample_has_precpu_stats
        a_one_shot_sample_has_no_precpu_stats
        a_container_without_a_process_gives_zeros
        a_stats_stream_survives_a_stop_and_restarts_its_counters
        a_stream_ends_when_the_container_is_removed
        cpu_time_of_a_paused_container_does_not_increase
        a_memory_limit_is_the_limit_of_its_samples;
    facts:
        inspect_has_environment_and_limits
        an_image_is_inspected_by_digest
        top_supports_columns_by_name;
    output:
        stdout_and_stderr_are_separate
        tail_returns_the_newest_lines
        timestamps_precede_the_lines
        a_followed_log_ends_with_the_process
        lines_of_earlier_runs_are_kept
        every_line_has_its_own_timestamp
        since_and_until_include_their_own_nanosecond
        tail_counts_lines_of_both_streams
        parts_of_a_long_line_share_its_timestamp
        a_terminal_has_no_frames_and_timestamps_within_long_lines
        a_log_with_driver_none_cannot_be_read
        a_followed_log_ends_with_its_run
        top_shows_the_processes;
    refusals:
        an_unknown_container_is_404_everywhere
        starting_a_running_container_changes_nothing
        stopping_a_stopped_container_changes_nothing
        pausing_is_refused_unless_running
        unpausing_is_refused_unless_paused
        a_paused_container_cannot_be_started
        killing_a_stopped_container_is_refused
        a_running_or_paused_container_is_not_removed_without_force
        a_name_in_use_is_refused
        an_invalid_name_is_refused
        renaming_to_the_same_name_is_refused
        a_missing_image_is_404
        a_container_needs_a_command
        top_of_a_stopped_container_is_refused
        logs_without_a_stream_are_refused
        an_unknown_signal_is_refused
        an_unknown_filter_is_refused;
}
