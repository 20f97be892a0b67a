//! The status text of the list: "Up 5 minutes (healthy)", "Exited (137) 2 hours ago".

use std::time::Duration;

use crate::clock::Moment;
use crate::engine::container::{Container, State};

/// The status text of a container, whose listed state may lag behind the real one.
#[must_use]
pub(crate) fn status_text(container: &Container, listed: State, now: Moment) -> String {
    let since = |moment: Option<Moment>| duration_text(moment.map_or(Duration::ZERO, |moment| now.since(moment)));
    match listed {
        State::Created => "Created".to_owned(),
        State::Dead => "Dead".to_owned(),
        State::Removing => "Removal In Progress".to_owned(),
        State::Restarting => format!("Restarting ({}) {} ago", container.exit_code, since(container.finished_at)),
        State::Exited => format!("Exited ({}) {} ago", container.exit_code, since(container.finished_at)),
        State::Paused => format!("Up {} (Paused)", since(container.started_at())),
        State::Running => format!("Up {}{}", since(container.started_at()), health_text(container)),
    }
}

fn health_text(container: &Container) -> String {
    match container.health.as_ref().map(|health| health.status.as_str()) {
        Some("starting") => " (health: starting)".to_owned(),
        Some(verdict) => format!(" ({verdict})"),
        None => String::new(),
    }
}

/// Formats a duration like Go's `units.HumanDuration`.
fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours) = (seconds / 60, (seconds + 1_800) / 3_600);
    match seconds {
        0 => "Less than a second".to_owned(),
        1 => "1 second".to_owned(),
        2..60 => format!("{seconds} seconds"),
        60..120 => "About a minute".to_owned(),
        _ if minutes < 60 => format!("{minutes} minutes"),
        _ if hours == 1 => "About an hour".to_owned(),
        _ if hours < 48 => format!("{hours} hours"),
        _ if hours < 24 * 7 * 2 => format!("{} days", hours / 24),
        _ if hours < 24 * 30 * 2 => format!("{} weeks", hours / 24 / 7),
        _ => format!("{} months", hours / 24 / 30),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_engines_wording() {
        let cases = [
            (0, "Less than a second"),
            (1, "1 second"),
            (59, "59 seconds"),
            (61, "About a minute"),
            (150, "2 minutes"),
            (3_700, "About an hour"),
            (7_200, "2 hours"),
            (172_800, "2 days"),
            (1_814_400, "3 weeks"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration_text(Duration::from_secs(seconds)), text);
        }
    }
}
