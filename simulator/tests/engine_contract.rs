//! What the product relies on in an engine, told once and run twice: on the simulator and on a real dockerd.
//!
//! A behaviour is a function of a [`Lab`]; the list below makes two tests of each. Sentences of refusals are compared word for
//! word on engine 20.10 and on the simulator, which imitates it; other releases word some of them differently. What Podman has
//! otherwise is listed in `support/kind.rs`, behaviour by behaviour; `docs/ENGINE-TESTS.md` has the results.
//! `support/lab.rs` says which engine is used and what is cleaned up.

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

/// Makes two tests of each behaviour.
macro_rules! contract {
    ($($area:ident: $($behaviour:ident)+;)+) => {
        mod on_the_simulator {
            $(mod $area { $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $behaviour() {
                    crate::support::on_the_simulator(|lab| Box::pin(async move { crate::$area::$behaviour(&lab).await })).await;
                }
            )+ })+
        }
        mod on_a_real_engine {
            $(mod $area { $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $behaviour() {
                    let name = concat!(stringify!($area), "::", stringify!($behaviour));
                    crate::support::on_a_real_engine(name, |lab| Box::pin(async move { crate::$area::$behaviour(&lab).await })).await;
                }
            )+ })+
        }
    };
}

contract! {
    states:
        a_created_container_has_never_run
        a_started_container_runs
        a_paused_container_keeps_its_process_and_goes_on
        a_stopped_container_leaves_with_its_own_code
        a_process_that_ignores_sigterm_is_killed_when_patience_ends
        a_killed_container_has_exited_with_137
        a_signal_that_ends_nothing_leaves_the_container_running
        a_program_that_ends_by_itself_leaves_its_code
        a_restarted_container_runs_anew
        a_stopped_container_is_started_by_restart
        a_renamed_container_is_found_by_its_new_name
        a_removed_container_is_gone
        a_running_container_is_removed_by_force
        a_container_that_removes_itself_is_gone_after_its_end
        a_program_that_does_not_exist_leaves_the_container_created
        an_id_prefix_is_enough
        inspect_shows_the_requested_values;
    restarts:
        a_restart_policy_starts_again_until_its_limit
        a_container_between_two_runs_is_restarting
        a_stop_ends_a_restart_loop
        a_stopped_container_stays_stopped_whatever_its_policy
        a_start_by_hand_counts_restarts_from_zero;
    health_and_memory:
        a_passing_check_makes_a_container_healthy
        a_failing_check_makes_a_container_unhealthy
        a_container_that_ends_is_unhealthy_without_an_event
        a_memory_hog_is_killed_and_marked;
    events:
        a_stop_sends_kill_die_stop
        a_stop_of_a_deaf_process_sends_both_signals
        a_kill_sends_kill_and_die
        a_restart_sends_a_stop_and_a_start
        pausing_and_resuming_send_events
        a_signal_to_a_paused_container_lets_it_go_on
        a_rename_sends_the_old_name
        a_forced_removal_sends_kill_die_destroy
        a_container_that_removes_itself_sends_die_and_destroy
        a_restart_policy_sends_die_and_start_and_nothing_else
        a_failed_start_sends_nothing_but_create
        networks_are_connected_before_the_start_and_disconnected_after_the_end
        a_look_at_the_processes_is_an_event
        events_carry_image_name_and_labels
        the_time_of_an_event_is_given_in_seconds_and_nanoseconds;
    streams:
        since_counts_its_own_nanosecond_in
        until_ends_the_stream
        without_since_only_new_events_are_sent
        a_live_stream_sends_events_while_it_is_open
        events_are_filtered_by_container_event_type_and_label
        a_filter_for_health_status_matches_by_prefix;
    lists:
        the_list_holds_running_containers_unless_all_are_requested
        the_list_is_filtered_by_name_id_label_and_status
        a_status_filter_finds_stopped_containers_without_all
        the_newest_container_comes_first_and_a_limit_cuts_the_rest
        the_list_says_in_words_how_long;
    samples:
        a_stats_stream_counts_upwards
        the_first_sample_of_a_stream_has_no_cpu_figures_of_before
        a_single_sample_has_cpu_figures_of_before
        a_one_shot_has_none
        a_container_without_a_process_gives_zeros
        a_stream_outlives_a_stop_and_starts_over_after_a_start
        a_stream_ends_when_the_container_is_removed
        a_paused_container_counts_no_further
        a_memory_limit_is_the_limit_of_its_samples;
    facts:
        inspect_shows_surroundings_and_limits
        an_image_is_inspected_by_the_digest_of_its_container
        top_takes_columns_by_name;
    output:
        stdout_and_stderr_are_separate
        the_tail_holds_the_newest_lines
        timestamps_stand_before_the_lines
        a_followed_log_ends_with_the_process
        lines_of_earlier_runs_are_kept
        every_line_has_a_time_of_its_own
        since_and_until_count_their_own_nanosecond_in
        the_newest_lines_are_those_of_both_streams
        a_long_line_comes_in_pieces_that_share_its_stamp
        a_terminal_has_no_frames_and_stamps_within_long_lines
        a_log_that_is_sent_nowhere_cannot_be_read
        a_followed_log_ends_with_the_run_although_another_follows
        top_shows_the_processes;
    refusals:
        an_unknown_container_is_404_everywhere
        starting_a_running_container_changes_nothing
        stopping_a_stopped_container_changes_nothing
        pausing_is_refused_unless_it_runs
        going_on_is_refused_unless_paused
        a_paused_container_cannot_be_started
        killing_what_does_not_run_is_refused
        a_running_or_paused_container_is_not_removed_without_force
        a_name_in_use_is_refused
        a_bad_name_is_refused
        the_same_name_again_is_refused
        a_missing_image_is_404
        a_container_needs_a_command
        top_of_a_stopped_container_is_refused
        logs_of_no_stream_are_refused
        an_unknown_signal_is_refused
        an_unknown_filter_is_refused;
}
