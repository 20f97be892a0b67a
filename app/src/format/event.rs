//! Texts for events of containers. Used by the pages that show events only.

use super::{exit_words, short_image};
use crate::model::{Cause, Occurrence, OccurrenceKind as Kind};

/// The engine's word for a failing health check.
const UNHEALTHY: &str = "unhealthy";

/// Title of an event: `Ran out of memory`.
pub fn event_title(occurrence: &Occurrence) -> &'static str {
    match occurrence.kind {
        Kind::Created => "Created",
        Kind::Started if occurrence.cause == Some(Cause::RestartPolicy) => "Restarted by its restart policy",
        Kind::Started => "Started",
        Kind::Stopped => "Stopped by request",
        Kind::Died => end(occurrence),
        Kind::Oom => "Out of memory",
        Kind::Killed => "Signal sent",
        Kind::Paused => "Paused",
        Kind::Unpaused => "Unpaused",
        Kind::Restarted => "Restarted by request",
        Kind::Health => match occurrence.detail.as_deref() {
            Some("healthy") => "Became healthy",
            Some(UNHEALTHY) => "Became unhealthy",
            Some("starting") => "Health check started",
            _ => "Health status reported",
        },
        Kind::Renamed => "Renamed",
        Kind::Updated => "Limits or restart policy changed",
        Kind::Destroyed => "Removed",
    }
}

fn end(death: &Occurrence) -> &'static str {
    match (death.cause, death.exit_code) {
        (Some(Cause::OutOfMemory), _) => "Ran out of memory",
        (Some(Cause::EngineRestart), _) => "Engine restarted",
        (Some(Cause::Request), _) if death.evidence.as_ref().is_some_and(|evidence| evidence.probable) => {
            "Stopped, probably by request"
        }
        (Some(Cause::Request), _) => "Stopped by request",
        (_, Some(0)) => "Finished",
        (_, None | Some(143)) => "Exited",
        (_, Some(137)) => "Killed",
        (_, Some(_)) => "Failed",
    }
}

/// Details of an event: the exit code and its meaning, the signal, the image, or the former name;
/// empty if there are none.
pub fn event_detail(occurrence: &Occurrence) -> String {
    let Occurrence { kind, exit_code, signal, detail, cause, .. } = occurrence;
    match kind {
        Kind::Died if *cause == Some(Cause::EngineRestart) && detail.is_some() => detail.clone().unwrap_or_default(),
        Kind::Died => exit_code.map(|code| exit_words(code, *cause == Some(Cause::OutOfMemory))).unwrap_or_default(),
        Kind::Killed => signal.clone().unwrap_or_default(),
        Kind::Renamed => detail.as_ref().map(|old| format!("previously {old}")).unwrap_or_default(),
        Kind::Created => detail.as_deref().map(short_image).unwrap_or_default().into_owned(),
        _ => String::new(),
    }
}

/// True for events that need attention: an end without a request, an out-of-memory kill, or a
/// failing health check.
pub fn is_trouble(occurrence: &Occurrence) -> bool {
    match occurrence.kind {
        Kind::Oom => true,
        Kind::Died => match occurrence.cause {
            Some(Cause::OutOfMemory | Cause::EngineRestart) => true,
            Some(Cause::Request) => false,
            // 143 means that the container exited on SIGTERM.
            _ => !matches!(occurrence.exit_code, None | Some(0 | 143)),
        },
        Kind::Health => occurrence.detail.as_deref() == Some(UNHEALTHY),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::occurrence;

    #[test]
    fn the_title_of_an_end_depends_on_cause_and_code() {
        for (cause, code, words, detail, trouble) in [
            (
                Some(Cause::OutOfMemory),
                Some(137),
                "Ran out of memory",
                "Exit code 137: out of memory: killed by the kernel",
                true,
            ),
            (Some(Cause::Request), Some(137), "Stopped by request", "Exit code 137: killed (SIGKILL)", false),
            (Some(Cause::EngineRestart), Some(137), "Engine restarted", "Exit code 137: killed (SIGKILL)", true),
            (Some(Cause::Itself), Some(137), "Killed", "Exit code 137: killed (SIGKILL)", true),
            (Some(Cause::Itself), Some(127), "Failed", "Exit code 127: its command was not found", true),
            (Some(Cause::Itself), Some(0), "Finished", "Exit code 0: finished normally", false),
            (None, Some(139), "Failed", "Exit code 139: segmentation fault (SIGSEGV)", true),
            (None, Some(143), "Exited", "Exit code 143: terminated (SIGTERM)", false),
            (None, None, "Exited", "", false),
        ] {
            let death = Occurrence { cause, exit_code: code, ..occurrence(1, Kind::Died, 0) };
            assert_eq!((event_title(&death), event_detail(&death).as_str()), (words, detail), "{cause:?} {code:?}");
            assert_eq!(is_trouble(&death), trouble, "{cause:?} {code:?}");
        }
    }

    #[test]
    fn every_kind_has_a_title_and_only_some_are_trouble() {
        for kind in Kind::ALL {
            assert!(!event_title(&occurrence(1, kind, 0)).is_empty(), "{kind:?}");
            let plain = occurrence(1, kind, 0);
            assert_eq!(is_trouble(&plain), kind == Kind::Oom, "{kind:?}");
        }
        let health = |result: &str| Occurrence { detail: Some(result.to_owned()), ..occurrence(1, Kind::Health, 0) };
        assert!(is_trouble(&health("unhealthy")) && !is_trouble(&health("healthy")));
        assert_eq!(event_title(&health("unhealthy")), "Became unhealthy");
        let again = Occurrence { cause: Some(Cause::RestartPolicy), ..occurrence(1, Kind::Started, 0) };
        assert_eq!(event_title(&again), "Restarted by its restart policy");
        let renamed = Occurrence { detail: Some("web-0".to_owned()), ..occurrence(1, Kind::Renamed, 0) };
        assert_eq!(event_detail(&renamed), "previously web-0");
        let image = format!("sha256:3f1a2b4c5d6e{}", "0".repeat(52));
        let created = Occurrence { detail: Some(image), ..occurrence(1, Kind::Created, 0) };
        assert_eq!(event_detail(&created), "sha256:3f1a2b4c5d6e");
    }
}
