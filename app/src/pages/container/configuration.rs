//! Configuration of a container, from `docker inspect`.

use super::{
    facts::{fact, table},
    why::use_changes,
};
use crate::prelude::*;
use crate::{
    client::{Row, use_fetch, use_realtime_containers},
    format::{bytes, check_words, to_hundredths},
    model::{ContainerReport, Details, EnvVariable, HealthFacts, Limits, RestartPolicy, Ulimit},
    parts::copy_button::CopyButton,
};

/// Environment, limits, networks, mounts, health checks and the equivalent `docker run` command.
#[component]
pub fn Configuration(
    /// The container's signals.
    row: Row,
) -> Erased {
    let path = use_realtime_containers().rows.api_path(row.key);
    let secrets_shown = RwSignal::new(false);
    let url = Signal::derive(move || {
        let secrets = if secrets_shown.get() { "?secrets=show" } else { "" };
        Some(format!("{path}{secrets}"))
    });
    // Any change of the container may affect this: a network, a limit, a health check result.
    let report = use_fetch::<ContainerReport>(url, use_changes(row.container.into()));
    (move || match &*report.read() {
        None => view! { <p class="container-page__waiting">"Loading…"</p> }.erased(),
        Some(Err(problem)) => view! { <p class="container-page__problem">{problem.detail.clone()}</p> }.erased(),
        Some(Ok(report)) => match (&report.details, &report.problem) {
            (Some(details), _) => configuration(details, secrets_shown),
            (None, problem) => {
                let message = problem.as_ref().map(|problem| problem.message.clone());
                view! { <p class="container-page__problem">{message.unwrap_or_default()}</p> }.erased()
            }
        },
    })
    .erased()
}

fn configuration(details: &Details, secrets_shown: RwSignal<bool>) -> Erased {
    let Details { env, networks, mounts, health, docker_run, .. } = details;
    let run = docker_run.clone();
    let networks = networks.iter().map(|network| {
        let addresses = [&network.ip, &network.ip6].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
        [network.name.clone(), addresses, network.aliases.join(", ")]
    });
    let mounts = mounts.iter().map(|mount| {
        let source = mount.name.as_ref().or(mount.source.as_ref()).cloned().unwrap_or_default();
        let suffix = if mount.read_only { " (read-only)" } else { "" };
        [mount.kind.clone(), source, format!("{}{suffix}", mount.destination)]
    });
    view! {
        <section class="facts__section" aria-label="Command">
            <div class="facts__head">
                <h2 class="facts__title">"Equivalent docker run command"</h2>
                <CopyButton what="docker run" content=Signal::stored(run.clone()) />
            </div>
            <pre class="facts__code" tabindex="0">{run}</pre>
        </section>
        {environment(env, details.secrets_shown, secrets_shown)}
        {process(details)}
        {table("Networks", ["Network", "Addresses", "Aliases"], networks.collect())}
        {table("Mounts", ["Kind", "Source", "Destination"], mounts.collect())}
        {health.as_ref().map(health_log)}
    }
    .erased()
}

/// The variables. Masked values can be revealed only if the server allows actions.
fn environment(env: &[EnvVariable], are_shown: bool, secrets_shown: RwSignal<bool>) -> Erased {
    let rows = env.iter().map(|variable| [variable.name.clone(), variable.value.clone(), String::new()]).collect();
    let may_be_shown = use_realtime_containers().settings.actions_allowed;
    let has_secrets = are_shown || env.iter().any(|variable| variable.masked);
    let button = (may_be_shown && has_secrets).then(|| {
        view! {
            <p>
                <button type="button" class="button" on:click=move |_| secrets_shown.update(|shown| *shown = !*shown)>
                    {move || if secrets_shown.get() { "Mask secrets" } else { "Show secrets" }.to_owned()}
                </button>
            </p>
        }
    });
    view! {
        {table("Environment", ["Variable", "Value", ""], rows)}
        {button}
    }
    .erased()
}

fn process(details: &Details) -> Erased {
    let Details { working_dir, user, hostname, platform, log_driver, limits, restart_policy, .. } = details;
    let known = |value: &Option<String>| value.clone().unwrap_or_default();
    let Limits { memory, memory_swap, memory_reservation, cpus, cpu_shares, cpuset, pids, ulimits } = limits;
    let size = |size: &Option<u64>| size.map_or_else(|| "none".to_owned(), bytes);
    let ulimits = ulimits.iter().map(|Ulimit { name, soft, hard }| format!("{name} {soft}:{hard}"));
    let flags =
        [("terminal", details.tty), ("privileged", details.privileged), ("removed on exit", details.auto_remove)];
    let flags = flags.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name).collect::<Vec<_>>();
    view! {
        <dl class="facts">
            {fact("Restart policy", policy(restart_policy))}
            {fact("User", user.clone().unwrap_or_else(|| "image default".to_owned()))}
            {fact("Working directory", known(working_dir))}
            {fact("Hostname", known(hostname))}
            {fact("Platform", known(platform))}
            {fact("Log driver", known(log_driver))}
            {fact("Flags", flags.join(", "))}
            {fact("Memory limit", size(memory))}
            {memory_swap.map(|swap| fact("Memory and swap", bytes(swap)))}
            {memory_reservation.map(|reserved| fact("Memory reservation", bytes(reserved)))}
            {fact("CPU limit", cpus.map_or_else(|| "none".to_owned(), |cpus| format!("{} cores", to_hundredths(cpus))))}
            {cpu_shares.map(|shares| fact("CPU shares", shares.to_string()))}
            {cpuset.clone().map(|cores| fact("CPU set", cores))}
            {fact("Process limit", pids.map_or_else(|| "none".to_owned(), |pids| pids.to_string()))}
            {fact("Ulimits", ulimits.collect::<Vec<_>>().join(", "))}
        </dl>
    }
    .erased()
}

/// The restart policy as text.
pub(super) fn policy(policy: &RestartPolicy) -> String {
    match policy.maximum_retry_count {
        Some(tries) => format!("{}, at most {tries} retries", policy.name),
        None => policy.name.clone(),
    }
}

fn health_log(health: &HealthFacts) -> Erased {
    // Rendered only in the browser, so the time zone is known.
    let local_time = use_realtime_containers().local_time;
    let checks = health.checks.iter().rev().map(|check| {
        [
            check.started_at.map(|at| local_time.date_time(at)).unwrap_or_default(),
            check_words(check),
            check.output.clone(),
        ]
    });
    let test = health.test.join(" ");
    view! {
        <dl class="facts">
            {fact("Health check", test)}
            {fact("Consecutive failures", health.failing_streak.to_string())}
        </dl>
        {table("Health checks", ["Time", "Result", "Output"], checks.collect())}
    }
    .erased()
}
