//! Texts for results of health checks. Used by the page of one container only.

use crate::model::{HealthOutcome, HealthResult};

/// Outcome of a check, as the end of a sentence: `failed (exit code 3)`, `timed out`, `could not be
/// run`.
pub fn check_words(check: &HealthResult) -> String {
    let words = match (check.outcome, check.exit_code) {
        (Some(HealthOutcome::Passed), _) | (None, Some(0)) => "passed",
        (Some(HealthOutcome::TimedOut), _) => "timed out",
        (Some(HealthOutcome::NotRun), _) => "could not be run",
        (Some(HealthOutcome::Failed), _) | (None, Some(_)) => "failed",
        (None, None) => "no result",
    };
    match check.exit_code {
        // The engine writes -1 for no exit code.
        None | Some(-1 | 0) => words.to_owned(),
        Some(code) => format!("{words} (exit code {code})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_depend_on_outcome_and_code() {
        use HealthOutcome::{Failed, NotRun, Passed, TimedOut};
        for (outcome, exit_code, words) in [
            (Some(Passed), Some(0), "passed"),
            (Some(Failed), Some(1), "failed (exit code 1)"),
            (Some(TimedOut), Some(-1), "timed out"),
            (Some(NotRun), Some(-1), "could not be run"),
            (Some(NotRun), Some(127), "could not be run (exit code 127)"),
            (None, Some(2), "failed (exit code 2)"),
            (None, None, "no result"),
        ] {
            let check = HealthResult { started_at: None, finished_at: None, exit_code, outcome, output: String::new() };
            assert_eq!(check_words(&check), words);
        }
    }
}
