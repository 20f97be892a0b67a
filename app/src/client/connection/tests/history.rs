//! Random inputs.

use super::*;
use proptest::prelude::*;

/// A random input; streams and fetches are named by their distance from the newest.
fn random_input() -> impl Strategy<Value = (u64, u8, u32)> {
    (0..20_000_u64, 0..15_u8, 0..2_u32)
}

fn input(page: &Page, kind: u8, age: u32) -> Input {
    let (stream, fetch) =
        (page.machine.newest_stream().saturating_sub(age), page.machine.newest_fetch().saturating_sub(age));
    match kind {
        0 | 1 => Input::Content { stream },
        2 => Input::Heartbeat { stream },
        3 => Input::StreamFailed { stream, problem: StreamProblem::Ended },
        4 => Input::StreamFailed { stream, problem: StreamProblem::OutOfSync },
        5 => Input::Fetched { fetch, is_newer: age == 0 },
        6 => Input::FetchFailed { fetch, problem: FetchProblem::Unreachable },
        7 => Input::Wake,
        8 => Input::Reconnect,
        9 => Input::Refresh,
        10 => Input::Pause,
        11 => Input::Hide,
        12 => Input::Show,
        13 => Input::Leave,
        _ => Input::Resume,
    }
}

proptest! {
    /// At most one stream is open; attempts continue unless paused or suspended; a suspended page
    /// does nothing; and once frames arrive the page is live.
    #[test]
    fn any_history_keeps_retrying_with_at_most_one_stream(history in prop::collection::vec(random_input(), 0..60), random in 0.0..1.0_f64) {
        let mut page = Page::started();
        page.random = random;
        let mut open = 1;
        for (wait, kind, age) in history {
            let waited = page.wait(wait).into_iter().map(|(_, command)| command);
            let commands: Vec<_> = waited.collect();
            let happened = input(&page, kind, age);
            for command in commands.into_iter().chain(page.handle(happened)) {
                match command {
                    Open { .. } => open += 1,
                    Close => open -= 1,
                    Fetch { .. } => {}
                }
                prop_assert!(open == 0 || open == 1);
            }
            let (paused, suspended) = (page.view().paused, page.machine.is_suspended());
            prop_assert!(paused || suspended || open == 1 || page.view().retry_at.is_some());
            prop_assert!(page.state() == Live || paused || suspended || page.machine.due().is_some());
            prop_assert!(!suspended || (open == 0 && page.machine.due().is_none()));
        }
        page.handle(Input::Show);
        prop_assert!(!page.machine.is_suspended());
        page.handle(Input::Reconnect);
        let stream = page.machine.newest_stream();
        page.handle(Input::Content { stream });
        prop_assert_eq!(page.state(), Live);
    }
}
