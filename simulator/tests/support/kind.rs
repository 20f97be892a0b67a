//! Which kind of engine answers, and what its kind has otherwise.

use bollard::models::SystemVersion;

/// What answers, as far as behaviours differ by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Docker Engine 20.10, and the simulator, which imitates it.
    Docker2010,
    /// Another Docker Engine.
    Docker,
    /// Podman's socket for Docker's clients.
    Podman,
}

impl Kind {
    pub(crate) fn of(version: &SystemVersion) -> Self {
        let components = version.components.iter().flatten();
        if components.into_iter().any(|component| component.name.starts_with("Podman")) {
            Self::Podman
        } else if version.version.as_deref().is_some_and(|version| version.starts_with("20.10")) {
            Self::Docker2010
        } else {
            Self::Docker
        }
    }

    /// The name under which it tells of an image that was imported as `name`.
    pub(crate) fn image(self, name: &str) -> String {
        if self == Self::Podman { format!("docker.io/library/{name}") } else { name.to_owned() }
    }

    /// Why `behaviour` is not to be expected of it, if it is not.
    pub(crate) fn difference(self, behaviour: &str) -> Option<&'static str> {
        let differences = if self == Self::Podman { PODMAN } else { &[] };
        differences.iter().find(|(name, _)| *name == behaviour).map(|(_, reason)| *reason)
    }
}

/// Podman's checks are timers of systemd's, and its root has none.
const NO_SYSTEMD: &str = "health checks are run by systemd's timers, and there is no systemd";
/// Measured with until = now, whole seconds or not.
const UNTIL: &str = "a stream until now tells nothing of the past";

const SECONDS: &str = "a log's stamps are of whole seconds";
const INSIDE: &str = "processes have the numbers that they have inside the container";

/// What Podman has otherwise; seen with 5.4.2.
const PODMAN: &[(&str, &str)] = &[
    ("events::a_stop_sends_kill_die_stop", "a stop tells no kill, and no stop where the clean-up is faster"),
    (
        "events::a_stop_of_a_deaf_process_sends_both_signals",
        "a stop tells no kill, and no stop where the clean-up is faster",
    ),
    ("events::a_kill_sends_kill_and_die", "a kill does not tell its signal"),
    ("events::a_restart_sends_a_stop_and_a_start", "a restart by hand tells restart and start only"),
    ("events::a_signal_to_a_paused_container_lets_it_go_on", "a paused container's stop is refused"),
    ("events::a_rename_sends_the_old_name", "a rename does not tell the old name"),
    ("events::a_forced_removal_sends_kill_die_destroy", "a removal by force tells no kill"),
    ("events::a_restart_policy_sends_die_and_start_and_nothing_else", "a restart by policy tells restart, too"),
    (
        "events::networks_are_connected_before_the_start_and_disconnected_after_the_end",
        "no event tells of the network none",
    ),
    ("events::a_look_at_the_processes_is_an_event", "a look at the processes is no event"),
    ("facts::inspect_shows_surroundings_and_limits", "ulimits are called RLIMIT_NOFILE and the like"),
    ("facts::top_takes_columns_by_name", INSIDE),
    ("health_and_memory::a_passing_check_makes_a_container_healthy", NO_SYSTEMD),
    ("health_and_memory::a_failing_check_makes_a_container_unhealthy", NO_SYSTEMD),
    ("health_and_memory::a_container_that_ends_is_unhealthy_without_an_event", NO_SYSTEMD),
    (
        "health_and_memory::a_memory_hog_is_killed_and_marked",
        "an end for want of memory is marked, but is no event of its own",
    ),
    (
        "lists::the_list_holds_running_containers_unless_all_are_requested",
        "a list of the running ones leaves paused ones out",
    ),
    ("output::top_shows_the_processes", INSIDE),
    ("output::every_line_has_a_time_of_its_own", SECONDS),
    ("output::since_and_until_count_their_own_nanosecond_in", SECONDS),
    ("output::a_long_line_comes_in_pieces_that_share_its_stamp", "the pieces are as long as what was written at once"),
    (
        "output::a_terminal_has_no_frames_and_stamps_within_long_lines",
        "the pieces are as long as what was written at once",
    ),
    ("refusals::starting_a_running_container_changes_nothing", "a removal by force tells no kill"),
    ("refusals::the_same_name_again_is_refused", "a container may be given its own name again"),
    ("refusals::a_container_needs_a_command", "a container without a command is refused at its start only"),
    ("restarts::a_container_between_two_runs_is_restarting", "a policy starts again at once: there is no between"),
    ("restarts::a_stop_ends_a_restart_loop", "a policy starts again at once: there is no between"),
    ("samples::a_stats_stream_counts_upwards", "a sample's name has no slash, and the stream's period is 5 s"),
    (
        "samples::the_first_sample_of_a_stream_has_no_cpu_figures_of_before",
        "a stream's first sample has figures of before",
    ),
    ("samples::a_single_sample_has_cpu_figures_of_before", "a single sample has no figures of before"),
    ("samples::a_container_without_a_process_gives_zeros", "a container without a process has no figures at all"),
    ("samples::a_stream_outlives_a_stop_and_starts_over_after_a_start", "a stream ends with the process"),
    ("states::a_program_that_does_not_exist_leaves_the_container_created", "a failed start leaves no exit code"),
    ("streams::since_counts_its_own_nanosecond_in", UNTIL),
    ("streams::until_ends_the_stream", UNTIL),
    ("streams::events_are_filtered_by_container_event_type_and_label", UNTIL),
    ("streams::a_filter_for_health_status_matches_by_prefix", NO_SYSTEMD),
];
