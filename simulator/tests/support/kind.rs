//! The kind of engine, and the differences of each kind.

use bollard::models::SystemVersion;

/// Kind of engine, as far as behaviors depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Docker Engine 20.10, and the simulator, which imitates it.
    Docker2010,
    /// Another version of Docker Engine.
    Docker,
    /// Podman's Docker-compatible socket.
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

    /// The name of an image that was imported as `name`.
    pub(crate) fn image(self, name: &str) -> String {
        if self == Self::Podman { format!("docker.io/library/{name}") } else { name.to_owned() }
    }

    /// The reason why this kind does not have `behavior`, if it does not.
    pub(crate) fn difference(self, behavior: &str) -> Option<&'static str> {
        let differences = if self == Self::Podman { PODMAN } else { &[] };
        differences.iter().find(|(name, _)| *name == behavior).map(|(_, reason)| *reason)
    }
}

/// Podman runs health checks with timers of systemd, which its root does not have.
const NO_SYSTEMD: &str = "health checks need systemd, which is missing";
/// Measured with `until` = now, in whole seconds or not.
const UNTIL: &str = "a stream with until = now has no past events";

const SECONDS: &str = "log timestamps have whole seconds";
const INSIDE: &str = "process ids are those inside the container";

/// Differences of Podman 5.4.2.
const PODMAN: &[(&str, &str)] = &[
    ("events::a_stop_sends_kill_die_stop", "a stop sends no kill event, and no stop event if the cleanup is faster"),
    (
        "events::a_stop_of_a_process_that_ignores_sigterm_sends_both_signals",
        "a stop sends no kill event, and no stop event if the cleanup is faster",
    ),
    ("events::a_kill_sends_kill_and_die", "a kill event has no signal"),
    ("events::a_restart_sends_a_stop_and_a_start", "a requested restart sends only restart and start"),
    ("events::a_stop_unpauses_a_paused_container", "the stop of a paused container is refused"),
    ("events::a_rename_sends_the_old_name", "a rename event does not have the old name"),
    ("events::a_forced_removal_sends_kill_die_destroy", "a forced removal sends no kill event"),
    ("events::a_restart_policy_sends_die_and_start_and_nothing_else", "a restart by policy also sends a restart event"),
    ("events::networks_are_connected_before_start_and_disconnected_after_die", "the network none has no events"),
    ("events::top_sends_an_event", "top sends no event"),
    ("facts::inspect_has_environment_and_limits", "ulimits have names such as RLIMIT_NOFILE"),
    ("facts::top_supports_columns_by_name", INSIDE),
    ("health_and_memory::a_passing_check_makes_a_container_healthy", NO_SYSTEMD),
    ("health_and_memory::a_failing_check_makes_a_container_unhealthy", NO_SYSTEMD),
    ("health_and_memory::an_exited_container_is_unhealthy_without_an_event", NO_SYSTEMD),
    (
        "health_and_memory::a_container_out_of_memory_is_killed_and_marked",
        "an out-of-memory kill is marked, but has no event",
    ),
    ("lists::the_list_has_running_containers_unless_all_is_set", "a list without all excludes paused containers"),
    ("output::top_shows_the_processes", INSIDE),
    ("output::every_line_has_its_own_timestamp", SECONDS),
    ("output::since_and_until_include_their_own_nanosecond", SECONDS),
    ("output::parts_of_a_long_line_share_its_timestamp", "the parts are as long as single writes"),
    ("output::a_terminal_has_no_frames_and_timestamps_within_long_lines", "the parts are as long as single writes"),
    ("refusals::starting_a_running_container_changes_nothing", "a forced removal sends no kill event"),
    ("refusals::renaming_to_the_same_name_is_refused", "renaming to the same name succeeds"),
    ("refusals::a_container_needs_a_command", "a container without a command is refused only at its start"),
    (
        "restarts::a_container_between_two_restarts_is_restarting",
        "a policy restarts immediately, so the state restarting does not occur",
    ),
    ("restarts::a_stop_ends_a_restart_loop", "a policy restarts immediately, so the state restarting does not occur"),
    ("samples::counters_of_a_stats_stream_increase", "a sample's name has no slash, and the stream's period is 5 s"),
    ("samples::the_first_sample_of_a_stream_has_no_precpu_stats", "a stream's first sample has precpu_stats"),
    ("samples::a_single_sample_has_precpu_stats", "a single sample has no precpu_stats"),
    ("samples::a_container_without_a_process_gives_zeros", "a container without a process has no samples"),
    ("samples::a_stats_stream_survives_a_stop_and_restarts_its_counters", "a stream ends with the process"),
    ("states::a_missing_executable_leaves_the_container_created", "a failed start sets no exit code"),
    ("streams::since_includes_its_own_nanosecond", UNTIL),
    ("streams::until_ends_the_stream", UNTIL),
    ("streams::events_are_filtered_by_container_event_type_and_label", UNTIL),
    ("streams::a_filter_for_health_status_matches_by_prefix", NO_SYSTEMD),
];
