//! Anything, at random.

use super::*;
use proptest::prelude::*;

/// What may happen at any time; streams and fetches are named as older than the newest by so many.
fn anything() -> impl Strategy<Value = (u64, u8, u32)> {
    (0..20_000_u64, 0..15_u8, 0..2_u32)
}

fn input(page: &Page, kind: u8, age: u32) -> Input {
    let (stream, fetch) =
        (page.machine.newest_stream().saturating_sub(age), page.machine.newest_fetch().saturating_sub(age));
    match kind {
        0 | 1 => Input::Content { stream },
        2 => Input::Heartbeat { stream },
        3 => Input::StreamFailed { stream, problem: StreamProblem::Ended },
        4 => Input::StreamFailed { stream, problem: StreamProblem::Misfit },
        5 => Input::Fetched { fetch, overtook: age == 0 },
        6 => Input::FetchFailed { fetch, problem: FetchProblem::Unreachable },
        7 => Input::Wake,
        8 => Input::Reconnect,
        9 => Input::Refresh,
        10 => Input::Cut,
        11 => Input::Hide,
        12 => Input::Show,
        13 => Input::Leave,
        _ => Input::Restore,
    }
}

proptest! {
    /// Whatever happens, at most one stream is open; it is never given up for good unless cut by hand or left; a page at rest does nothing; and
    /// once frames come it is live.
    #[test]
    fn it_never_gives_up_and_never_holds_two(history in prop::collection::vec(anything(), 0..60), random in 0.0..1.0_f64) {
        let mut page = Page::started();
        page.random = random;
        let mut open = 1;
        for (wait, kind, age) in history {
            let waited = page.wait(wait).into_iter().map(|(_, command)| command);
            let commands: Vec<_> = waited.collect();
            let happened = input(&page, kind, age);
            for command in commands.into_iter().chain(page.tell(happened)) {
                match command {
                    Open { .. } => open += 1,
                    Close => open -= 1,
                    Fetch { .. } => {}
                }
                prop_assert!(open == 0 || open == 1);
            }
            let (cut, resting) = (page.view().cut, page.machine.is_resting());
            prop_assert!(cut || resting || open == 1 || page.view().retry_at.is_some());
            prop_assert!(page.state() == Live || cut || resting || page.machine.due().is_some());
            prop_assert!(!resting || (open == 0 && page.machine.due().is_none()));
        }
        page.tell(Input::Show);
        prop_assert!(!page.machine.is_resting());
        page.tell(Input::Reconnect);
        let stream = page.machine.newest_stream();
        page.tell(Input::Content { stream });
        prop_assert_eq!(page.state(), Live);
    }
}
