//! Explains why a container stopped or is unhealthy, with its last log lines.
//!
//! In: the row, the server's report on the container, and the last lines of its log. Out: a
//! sentence, the facts behind it, and links. Shown at the top of the container's page and, from the
//! list, in [`super::why_panel`].

use super::{configuration::policy, facts::fact};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::{ActionError, LocalTime, UseRealtimeContainersReturn, get_text, use_fetch, use_realtime_containers},
    format::{ago, bytes, cause_words, check_words, evidence_words, exit_words, span, unhealthy_words, verdict},
    model::{Container, ContainerReport, ContainerState, Details, Health, HealthResult, LastEnd, Timestamp},
};
use leptos::task::spawn_local;
use std::{sync::Arc, time::Duration};

/// Number of log lines shown.
const LOG_LINES: usize = 20;

/// The explanation and the facts behind it.
#[component]
pub fn Why(
    /// Container that is explained.
    container: ReadSignal<Arc<Container>>,
    /// Whether to include a link to the container's page. Default: false.
    #[prop(optional)]
    with_page_link: bool,
) -> Erased {
    let UseRealtimeContainersReturn { now, local_time, rows, .. } = use_realtime_containers();
    let key = container.get_untracked().key();
    let now = move || rows.engine_time(key.engine, now.get());
    let (page, path) = (rows.page_path(key), rows.api_path(key));
    let changes = use_changes(container);
    let report = use_fetch::<ContainerReport>(Signal::stored(Some(path)), changes);
    let end = Memo::new(move |_| match &*report.read() {
        Some(Ok(report)) => report.last_end.clone(),
        _ => None,
    });
    let failure = Memo::new(move |_| match &*report.read() {
        Some(Ok(report)) => last_failure(report).and_then(|check| check.outcome),
        _ => None,
    });
    let sentence = move || {
        let container = container.read();
        if is_unhealthy(&container) {
            return unhealthy_words(failure.get()).to_owned();
        }
        end.with(|end| verdict(&container, end.as_ref(), now()))
    };
    // For a running container that is unhealthy, the end of its last run is irrelevant.
    let when = move || {
        let container = container.read();
        if is_unhealthy(&container) {
            return String::new();
        }
        end.with(|end| when(&container, end.as_ref(), now(), local_time))
    };
    let facts = move || match &*report.read() {
        None => view! { <p class="container-page__waiting">"Loading…"</p> }.erased(),
        Some(Err(problem)) => view! { <p class="container-page__problem">{problem.detail.clone()}</p> }.erased(),
        Some(Ok(report)) => fact_list(&container.get(), report, local_time),
    };
    view! {
        <section class="why" aria-label="Why">
            <p class="why__verdict">{sentence}</p>
            <p class="why__when">{when}</p>
            {facts}
            <LastLines container />
            <p class="why__links">
                {with_page_link.then(|| view! { <a href=address(&page)>"Open container page"</a> " " })}
                <a href=address(&format!("{page}/logs"))>"Open full log"</a>
                " "
                <a href=address(&format!("/events?container={}", key.id))>"Show its events"</a>
            </p>
        </section>
    }
    .erased()
}

/// Counts changes of the container, after which its inspect data may be outdated.
pub(super) fn use_changes(container: ReadSignal<Arc<Container>>) -> Signal<u64> {
    let changes = RwSignal::new(0_u64);
    Effect::new(move |_| {
        container.track();
        changes.update(|changes| *changes += 1);
    });
    changes.into()
}

/// True if the container is running and its health check is failing.
fn is_unhealthy(container: &Container) -> bool {
    container.state.has_processes() && container.health == Some(Health::Unhealthy)
}

/// The newest failed health check.
fn last_failure(report: &ContainerReport) -> Option<&HealthResult> {
    let checks = &report.details.as_ref()?.health.as_ref()?.checks;
    checks.iter().rfind(|check| check.exit_code != Some(0))
}

/// Time of the end: `Ended 2026-11-23 14:29:00, 2 min ago, after 3 h 12 min.`
fn when(container: &Container, end: Option<&LastEnd>, now: Timestamp, local_time: LocalTime) -> String {
    let runs = container.state.has_processes();
    let at = end.map(|end| end.finished_at).or(container.finished_at);
    let of_row = || {
        let (started, finished) = container.started_at.zip(container.finished_at)?;
        (!runs && finished >= started).then(|| finished.since(started))
    };
    let ran = end.and_then(|end| end.ran_for_secs).map(Duration::from_secs).or_else(of_row);
    let Some(at) = at else { return String::new() };
    let after = ran.map(|ran| format!(", after {}", span(ran))).unwrap_or_default();
    let event = if runs { "Its last run ended" } else { "Ended" };
    format!("{event} {}, {}{after}.", local_time.date_time(at), ago(now, at))
}

fn fact_list(container: &Container, report: &ContainerReport, local_time: LocalTime) -> Erased {
    let ContainerReport { last_end, details, .. } = report;
    let details = details.as_ref();
    let health = details.and_then(|details| details.health.as_ref()).filter(|_| is_unhealthy(container));
    let checked = health.map(|health| {
        let streak = format!("{} consecutive failures: {}", health.failing_streak, health.test.join(" "));
        (fact("Health check", streak), last_failure(report).map(|check| failed(check, local_time)))
    });
    let runs = container.state.has_processes();
    let of_end = last_end.as_ref().map(|end| of_end(end, details, runs));
    let ended_at =
        last_end.as_ref().filter(|_| is_unhealthy(container)).map(|end| local_time.date_time(end.finished_at));
    let policy = details.map(|details| fact("Restart policy", policy(&details.restart_policy)));
    view! {
        <dl class="facts">
            {checked}
            {ended_at.map(|at| fact("Last run ended", at))}
            {of_end}
            {(container.restart_count > 0).then(|| fact("Restarts in total", container.restart_count.to_string()))}
            {policy}
            {container.error.clone().map(|error| fact("Engine error", error))}
        </dl>
    }
    .erased()
}

/// Facts about the end of a run. If the container is running again, that is the previous run.
fn of_end(end: &LastEnd, details: Option<&Details>, runs: bool) -> Erased {
    let LastEnd { exit_code, oom_killed, process_oom_killed, signal, cause, evidence, restarts_last_hour, .. } = end;
    let name = |now: &'static str, before: &'static str| if runs { before } else { now };
    let code = exit_code.map(|code| exit_words(code, *oom_killed));
    let code = code.map_or_else(|| "unknown".to_owned(), |code| code.trim_start_matches("Exit code ").to_owned());
    let limit = details.and_then(|details| details.limits.memory);
    let memory = (*oom_killed || *process_oom_killed).then(|| {
        let limit =
            limit.map_or_else(|| "it has no memory limit".to_owned(), |limit| format!("its limit is {}", bytes(limit)));
        let victim = if *oom_killed { "" } else { "a process in the container was killed; " };
        fact("Out of memory", format!("{victim}{limit}"))
    });
    (
        fact(name("Exit code", "Exit code of the last run"), code),
        signal.clone().map(|signal| fact(name("Signal", "Signal of the last run"), signal)),
        fact(name("Cause", "Cause of the last exit"), cause_words(*cause).to_owned()),
        evidence.as_ref().map(|evidence| fact("Evidence", evidence_words(evidence, end.finished_at))),
        memory,
        fact("Restarts in the last hour", restarts_last_hour.to_string()),
    )
        .erased()
}

/// The newest failed check and its output.
fn failed(check: &HealthResult, local_time: LocalTime) -> Erased {
    let HealthResult { started_at, output, .. } = check;
    let at = started_at.map(|at| local_time.date_time(at)).unwrap_or_default();
    let output = if output.trim().is_empty() { "no output" } else { output.trim() };
    fact("Last failure", format!("{at}, {}: {output}", check_words(check)))
}

/// The last log lines before the end, or the newest ones if the container is running.
#[component]
fn LastLines(
    /// Container whose log is shown.
    container: ReadSignal<Arc<Container>>,
) -> Erased {
    let UseRealtimeContainersReturn { rows, local_time, .. } = use_realtime_containers();
    let path = rows.api_path(container.get_untracked().key());
    let until = Memo::new(move |_| {
        let container = container.read();
        container.finished_at.filter(|_| !is_unhealthy(&container))
    });
    let never_ran = Memo::new(move |_| container.read().state == ContainerState::Created);
    let lines = RwSignal::new(None::<Result<String, ActionError>>);
    Effect::new(move |_| {
        if never_ran.get() {
            return;
        }
        let until = until.get().map(|at| format!("&until={at}")).unwrap_or_default();
        let path = format!("{path}/logs?tail={LOG_LINES}{until}");
        spawn_local(async move {
            let response = get_text(&path).await;
            lines.try_set(Some(response));
        });
    });
    let heading =
        move || if until.get().is_some() { "Last log lines before it exited" } else { "Latest log lines" }.to_owned();
    let drawn = move || match &*lines.read() {
        None => view! { <p class="container-page__waiting">"Loading log…"</p> }.erased(),
        Some(Err(problem)) => view! { <p class="container-page__problem">{problem.detail.clone()}</p> }.erased(),
        Some(Ok(log)) if log.trim().is_empty() => {
            view! { <p class="container-page__waiting">"No output."</p> }.erased()
        }
        Some(Ok(log)) => {
            let lines = log.lines().map(|text| line(text, local_time)).collect_view();
            view! {
                <pre class="facts__code why__lines" tabindex="0" role="region" aria-label="Last log lines">
                    {lines}
                </pre>
            }
            .erased()
        }
    };
    view! {
        <div class="why__log" hidden=move || never_ran.get()>
            <h2 class="facts__title">{heading}</h2>
            {drawn}
        </div>
    }
    .erased()
}

/// A log line, preceded by the time of day.
fn line(line: &str, local_time: LocalTime) -> Erased {
    // A line without a timestamp is shown unchanged.
    let timed = line.split_once(' ').and_then(|(time, words)| Some((time.parse::<Timestamp>().ok()?, words)));
    let (time, words) = match timed {
        Some((at, words)) => (local_time.clock(at).trim_end_matches(" UTC").to_owned(), words),
        None => (String::new(), line),
    };
    view! {
        <span class="why__time">{time}</span>
        " "
        {plain(words)}
        "\n"
    }
    .erased()
}

/// Removes terminal escape sequences.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            text.push(character);
        } else if characters.next_if_eq(&'[').is_some() {
            // Skip to the final character of the sequence.
            while characters.next().is_some_and(|character| !('@'..='~').contains(&character)) {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{MADE_AT, container as example};

    #[test]
    fn terminal_colors_are_removed() {
        assert_eq!(plain("\u{1b}[1;31mFATAL\u{1b}[0m no route"), "FATAL no route");
        assert_eq!(plain("[x] \u{1b}[2K"), "[x] ");
        assert_eq!(plain("cut \u{1b}[3"), "cut ");
    }

    #[test]
    fn the_end_time_comes_from_the_row_until_the_report_arrives() {
        let at = |second: u64| Timestamp::from_millis(MADE_AT.as_millis() + second * 1_000);
        let row = Container {
            started_at: Some(at(0)),
            finished_at: Some(at(3_725)),
            ..example(1, "web-1", ContainerState::Exited)
        };
        let words = "Ended 2026-11-23 10:32:05 UTC, 10 s ago, after 1 h 2 min.";
        let owner = Owner::new();
        owner.set();
        let local_time = LocalTime::utc();
        assert_eq!(when(&row, None, at(3_735), local_time), words);
        let running = Container { state: ContainerState::Running, started_at: Some(at(3_730)), ..row };
        assert_eq!(
            when(&running, None, at(3_735), local_time),
            "Its last run ended 2026-11-23 10:32:05 UTC, 10 s ago."
        );
    }
}
