//! The diagram of [`super`], walked along every arrow; then at random.

use super::{Command::*, ConnectionState::*, *};
use crate::model::Timestamp;
use proptest::prelude::*;

/// A page with time of its own.
struct Page {
    machine: Machine,
    millis: u64,
    random: f64,
}

impl Page {
    fn new() -> Self {
        let millis = 1_000_000;
        Self { machine: Machine::new(Timestamp::from_millis(millis)), millis, random: 0.0 }
    }

    fn started() -> Self {
        let mut page = Self::new();
        assert_eq!(page.tell(Input::Start), [Open { stream: 1, fresh: false }]);
        page
    }

    fn live() -> Self {
        let mut page = Self::started();
        assert_eq!(page.tell(Input::Content { stream: 1 }), []);
        page
    }

    /// In Static, its last stream attempt failed, its first snapshot asked for.
    fn fallen_back() -> (Self, u32) {
        let mut page = Self::live();
        let mut stream = 1;
        while page.state() != Static {
            page.fail(stream, StreamProblem::Ended);
            stream += u32::from(page.state() != Static);
            if page.state() != Static {
                assert_eq!(page.wait_for_commands(), [Open { stream, fresh: false }]);
            }
        }
        (page, stream)
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis)
    }

    fn tell(&mut self, input: Input) -> Vec<Command> {
        self.machine.handle(input, self.now(), self.random)
    }

    fn fail(&mut self, stream: u32, problem: StreamProblem) -> Vec<Command> {
        self.tell(Input::StreamFailed { stream, problem })
    }

    /// Lets time pass, ticking whenever the machine asked for it; what it did, and how long after the start of the wait.
    fn wait(&mut self, millis: u64) -> Vec<(u64, Command)> {
        let (start, end) = (self.millis, self.millis + millis);
        let mut done = Vec::new();
        while let Some(due) = self.machine.due().filter(|due| due.as_millis() <= end) {
            self.millis = due.as_millis().max(self.millis);
            done.extend(self.tell(Input::Tick).into_iter().map(|command| (self.millis - start, command)));
        }
        self.millis = end;
        done
    }

    /// Lets time pass until the machine does something.
    fn wait_for_commands(&mut self) -> Vec<Command> {
        loop {
            let Some(due) = self.machine.due() else { panic!("the machine waits for nothing") };
            self.millis = due.as_millis().max(self.millis);
            let commands = self.tell(Input::Tick);
            if !commands.is_empty() {
                return commands;
            }
        }
    }

    fn view(&self) -> Connection {
        self.machine.connection(|local| local)
    }

    fn state(&self) -> ConnectionState {
        self.view().state
    }

    fn problem(&self) -> String {
        self.view().problem.unwrap_or_default()
    }
}

fn after(instant: Timestamp, millis: u64) -> Timestamp {
    Timestamp::from_millis(instant.as_millis() + millis)
}

fn says(problem: &impl ToString, page: &Page) {
    assert_eq!(page.problem(), problem.to_string());
}

#[test]
fn the_first_content_makes_it_live_and_a_heartbeat_does_not() {
    let mut page = Page::started();
    assert_eq!(page.state(), Connecting);
    page.tell(Input::Heartbeat { stream: 1 });
    assert_eq!(page.state(), Connecting);
    page.millis += 40;
    page.tell(Input::Content { stream: 1 });
    assert_eq!(page.view(), Connection { state: Live, ..Connection::connecting(page.now()) });
}

#[test]
fn heartbeats_keep_it_live() {
    let mut page = Page::live();
    for _ in 0..20 {
        assert_eq!(page.wait(3_000), []);
        page.tell(Input::Heartbeat { stream: 1 });
    }
    assert_eq!(page.state(), Live);
}

#[test]
fn ten_silent_seconds_end_the_stream_and_it_is_opened_again() {
    let mut page = Page::live();
    assert_eq!(page.wait(10_100), [(10_000, Close), (10_000, Open { stream: 2, fresh: false })]);
    assert_eq!(page.state(), Reconnecting);
    says(&StreamProblem::Silent, &page);
    page.tell(Input::Content { stream: 2 });
    assert_eq!((page.state(), page.problem()), (Live, String::new()));
}

#[test]
fn a_stream_that_never_begins_is_given_up_too() {
    let mut page = Page::started();
    // Ten seconds without a stream are also when Static begins.
    assert_eq!(
        page.wait(10_000),
        [(10_000, Close), (10_000, Fetch { fetch: 1 }), (10_000, Open { stream: 2, fresh: false })]
    );
    assert_eq!(page.state(), Static);
}

#[test]
fn retries_are_quick_at_first_then_doubled_and_jittered() {
    for (random, waits) in [(0.0, [0, 250, 500, 1_000, 2_000]), (0.5, [100, 375, 750, 1_500, 3_000])] {
        let mut page = Page::live();
        page.random = random;
        page.millis += 60_000;
        for (stream, wait) in (1..).zip(waits) {
            assert_eq!(page.fail(stream, StreamProblem::Refused)[0], Close);
            let view = page.view();
            assert_eq!((view.retry_at, view.attempts), (Some(Timestamp::from_millis(page.millis + wait)), stream));
            page.wait(wait);
            assert_eq!(page.view().retry_at, None);
        }
    }
}

#[test]
fn five_failures_in_a_row_make_it_static_and_fetch_at_once() {
    let (page, stream) = Page::fallen_back();
    assert_eq!((stream, page.view().attempts), (5, 5));
    assert!(page.machine.expects_fetch(1));
}

#[test]
fn static_fetches_every_ten_seconds_after_each_answer() {
    let (mut page, _) = Page::fallen_back();
    for fetch in 1..4 {
        page.tell(Input::Fetched { fetch, overtook: true });
        let fetches: Vec<_> =
            page.wait(10_000).into_iter().filter(|(_, command)| matches!(command, Fetch { .. })).collect();
        assert_eq!(fetches, [(10_000, Fetch { fetch: fetch + 1 })]);
    }
    assert_eq!(page.state(), Static);
}

#[test]
fn attempts_go_on_for_ever() {
    let (mut page, mut stream) = Page::fallen_back();
    page.random = 0.999;
    for _ in 0..1_000 {
        let opened = page.wait(15_000).into_iter().find(|(_, command)| matches!(command, Open { .. }));
        stream += 1;
        assert_eq!(opened.map(|(_, command)| command), Some(Open { stream, fresh: false }));
        page.fail(stream, StreamProblem::Refused);
    }
}

#[test]
fn static_becomes_live_unasked_and_its_fetch_is_given_up() {
    let (mut page, stream) = Page::fallen_back();
    assert!(page.wait_for_commands().contains(&Open { stream: stream + 1, fresh: false }));
    page.tell(Input::Content { stream: stream + 1 });
    assert_eq!((page.state(), page.view().attempts), (Live, 0));
    assert!(!page.machine.expects_fetch(1));
    page.tell(Input::Heartbeat { stream: stream + 1 });
    assert_eq!(page.wait(9_999), []);
}

#[test]
fn a_failed_fetch_says_which_leg_is_broken() {
    let (mut page, _) = Page::fallen_back();
    says(&StreamProblem::Ended, &page);
    page.tell(Input::FetchFailed { fetch: 1, problem: FetchProblem::Status(502, None) });
    says(&FetchProblem::Status(502, None), &page);
    page.wait(10_000);
    page.tell(Input::Fetched { fetch: 2, overtook: false });
    says(&StreamProblem::Ended, &page);
}

#[test]
fn a_stream_counts_as_held_back_once_a_try_fails_while_the_server_answers() {
    let (mut page, stream) = Page::fallen_back();
    page.tell(Input::Fetched { fetch: 1, overtook: false });
    says(&StreamProblem::Ended, &page);
    assert!(page.wait_for_commands().contains(&Open { stream: stream + 1, fresh: false }));
    page.fail(stream + 1, StreamProblem::Refused);
    says(&StreamProblem::HeldBack, &page);
}

#[test]
fn a_stream_that_breaks_right_after_its_first_frame_is_not_retried_at_full_speed() {
    let mut page = Page::live();
    for stream in 1..4 {
        page.fail(stream, StreamProblem::Ended);
        page.wait(1_000);
        page.tell(Input::Content { stream: stream + 1 });
    }
    page.fail(4, StreamProblem::Ended);
    assert_eq!(page.view().attempts, 4);
    page.wait(2_000);
    page.tell(Input::Content { stream: 5 });
    page.millis += 5_000;
    page.fail(5, StreamProblem::Ended);
    assert_eq!(page.view().attempts, 1);
}

#[test]
fn a_misfit_is_healed_by_a_stream_that_begins_with_a_snapshot() {
    let mut page = Page::live();
    assert_eq!(page.fail(1, StreamProblem::Misfit), [Close]);
    assert_eq!(page.wait_for_commands(), [Open { stream: 2, fresh: true }]);
    page.fail(2, StreamProblem::Ended);
    assert_eq!(page.wait_for_commands(), [Open { stream: 3, fresh: true }]);
    page.tell(Input::Content { stream: 3 });
    page.fail(3, StreamProblem::Ended);
    assert_eq!(page.wait_for_commands(), [Open { stream: 4, fresh: false }]);
}

#[test]
fn waking_up_ends_a_wait_at_once() {
    let (mut page, stream) = Page::fallen_back();
    assert_eq!(page.tell(Input::Wake), [Open { stream: stream + 1, fresh: false }]);
}

#[test]
fn waking_up_replaces_a_stream_that_has_been_silent_and_tests_one_that_has_not() {
    let mut page = Page::live();
    page.wait(3_999);
    assert_eq!(page.tell(Input::Wake), []);
    assert_eq!(page.wait(1)[0], (1, Close));

    let mut page = Page::live();
    page.wait(4_000);
    assert_eq!(page.tell(Input::Wake), [Close, Open { stream: 2, fresh: false }]);
    assert_eq!(page.state(), Live);
    page.fail(2, StreamProblem::Offline);
    assert_eq!(page.state(), Reconnecting);
}

#[test]
fn a_cut_holds_through_time_and_waking_until_it_is_restored() {
    let mut page = Page::live();
    assert_eq!(page.tell(Input::Cut), [Close]);
    assert!(page.view().cut);
    says(&StreamProblem::Cut, &page);
    assert_eq!(page.wait(9_999), []);
    assert_eq!((page.state(), page.tell(Input::Wake)), (Reconnecting, vec![]));
    assert_eq!(page.wait(1), [(1, Fetch { fetch: 1 })]);
    page.tell(Input::FetchFailed { fetch: 1, problem: FetchProblem::Unreachable });
    says(&StreamProblem::Cut, &page);
    assert_eq!((page.state(), page.wait(9_999)), (Static, vec![]));
    assert_eq!(page.tell(Input::Restore), [Open { stream: 2, fresh: false }]);
    assert!(!page.view().cut);
    page.tell(Input::Content { stream: 2 });
    assert_eq!(page.state(), Live);
    assert_eq!(page.tell(Input::Restore), []);
}

#[test]
fn reconnecting_by_hand_opens_at_once_and_begins_counting_anew() {
    let (mut page, stream) = Page::fallen_back();
    assert_eq!(page.tell(Input::Reconnect), [Open { stream: stream + 1, fresh: false }]);
    assert_eq!((page.state(), page.view().attempts, page.problem()), (Reconnecting, 0, String::new()));
    page.tell(Input::Cut);
    assert_eq!(page.tell(Input::Reconnect), [Open { stream: stream + 2, fresh: false }]);
    assert!(!page.view().cut);
}

#[test]
fn refreshing_by_hand_works_anywhere_and_shows_until_answered() {
    let mut page = Page::live();
    assert_eq!(page.tell(Input::Refresh), [Fetch { fetch: 1 }]);
    assert_eq!(page.tell(Input::Refresh), []);
    assert!(page.view().refreshing);
    page.tell(Input::Fetched { fetch: 1, overtook: false });
    assert_eq!((page.state(), page.view().refreshing), (Live, false));

    let (mut page, stream) = Page::fallen_back();
    assert_eq!(page.tell(Input::Refresh), []);
    page.wait(2_000);
    page.tell(Input::Content { stream: stream + 1 });
    assert!(page.view().refreshing, "what a person asked for is not given up");
}

#[test]
fn a_fetched_snapshot_that_is_newer_moves_the_open_stream_there_unseen() {
    let mut page = Page::live();
    page.tell(Input::Refresh);
    let before = page.view().since;
    page.wait(50);
    assert_eq!(page.tell(Input::Fetched { fetch: 1, overtook: true }), [Close, Open { stream: 2, fresh: false }]);
    assert_eq!((page.state(), page.view().since), (Live, before));
}

#[test]
fn a_refresh_that_fails_while_live_is_shown_until_the_next_frame() {
    let mut page = Page::live();
    page.tell(Input::Refresh);
    page.tell(Input::FetchFailed { fetch: 1, problem: FetchProblem::Unreachable });
    says(&FetchProblem::Unreachable, &page);
    page.tell(Input::Content { stream: 1 });
    assert_eq!(page.problem(), "");
}

#[test]
fn a_page_hidden_for_a_minute_lets_go_and_resumes_at_once_when_shown() {
    let mut page = Page::live();
    page.tell(Input::Hide);
    for _ in 0..19 {
        assert_eq!(page.wait(3_000), []);
        page.tell(Input::Heartbeat { stream: 1 });
    }
    page.tell(Input::Hide);
    assert_eq!(page.wait(3_000), [(3_000, Close)], "57 s and 3 s; being hidden is told once");
    assert_eq!((page.state(), page.machine.due()), (Reconnecting, None));
    says(&StreamProblem::LetGo, &page);
    for input in [Input::Wake, Input::Hide, Input::Content { stream: 1 }] {
        assert_eq!(page.tell(input), []);
    }
    assert_eq!(page.wait(3_600_000), []);
    assert_eq!(page.tell(Input::Show), [Open { stream: 2, fresh: false }]);
    assert_eq!(page.machine.due(), Some(after(page.now(), 10_000)), "from now on, without a stream it is Static");
    page.tell(Input::Content { stream: 2 });
    assert_eq!((page.state(), page.problem()), (Live, String::new()));
}

#[test]
fn a_page_hidden_for_less_keeps_its_stream() {
    let mut page = Page::live();
    page.tell(Input::Hide);
    page.wait(3_000);
    assert_eq!(page.tell(Input::Show), []);
    page.tell(Input::Heartbeat { stream: 1 });
    for _ in 0..30 {
        assert_eq!(page.wait(3_000), []);
        page.tell(Input::Heartbeat { stream: 1 });
    }
}

#[test]
fn a_hidden_page_that_slept_through_its_minute_lets_go_without_an_attempt() {
    let mut page = Page::live();
    page.tell(Input::Hide);
    page.millis += 600_000;
    assert_eq!(page.tell(Input::Tick), [Close]);
    assert_eq!(page.machine.due(), None);
}

#[test]
fn a_hidden_page_without_a_stream_stops_trying_and_fetching() {
    let (mut page, stream) = Page::fallen_back();
    page.tell(Input::FetchFailed { fetch: 1, problem: FetchProblem::Unreachable });
    page.tell(Input::Hide);
    page.random = 0.999;
    page.wait(60_000);
    assert!(page.machine.is_resting() && page.machine.due().is_none());
    let newest = page.machine.newest_stream();
    assert!(newest > stream);
    assert_eq!(page.tell(Input::Show), [Open { stream: newest + 1, fresh: false }]);
}

#[test]
fn a_page_that_is_left_lets_go_at_once_and_resumes_when_the_browser_brings_it_back() {
    let mut page = Page::live();
    assert_eq!(page.tell(Input::Leave), [Close]);
    assert_eq!(page.tell(Input::Leave), []);
    assert_eq!(page.tell(Input::Show), [Open { stream: 2, fresh: false }]);
}

#[test]
fn a_cut_outlives_being_hidden() {
    let mut page = Page::live();
    page.tell(Input::Cut);
    page.tell(Input::Hide);
    page.wait(120_000);
    assert_eq!(page.tell(Input::Show), []);
    says(&StreamProblem::Cut, &page);
    assert_eq!(page.wait(10_000).last(), Some(&(10_000, Fetch { fetch: page.machine.newest_fetch() })));
    assert_eq!(page.tell(Input::Restore), [Open { stream: 2, fresh: false }]);
}

#[test]
fn what_is_asked_for_by_hand_is_done_even_while_hidden() {
    let mut page = Page::live();
    page.tell(Input::Hide);
    page.wait(60_000);
    let stream = page.machine.newest_stream() + 1;
    assert_eq!(page.tell(Input::Reconnect), [Open { stream, fresh: false }]);
    assert!(
        page.wait(59_000).iter().any(|(_, command)| matches!(command, Open { .. })),
        "silence is noticed meanwhile"
    );
    page.wait(1_000);
    assert!(page.machine.is_resting());
}

#[test]
fn what_was_given_up_changes_nothing() {
    let mut page = Page::live();
    page.fail(1, StreamProblem::Ended);
    page.wait(0);
    let before = page.view();
    for input in [
        Input::Content { stream: 1 },
        Input::Heartbeat { stream: 1 },
        Input::StreamFailed { stream: 1, problem: StreamProblem::Refused },
        Input::Fetched { fetch: 9, overtook: true },
        Input::FetchFailed { fetch: 9, problem: FetchProblem::Offline },
    ] {
        assert_eq!(page.tell(input), []);
    }
    assert_eq!(page.view(), before);
}

#[test]
fn every_problem_is_a_sentence_that_names_its_leg_or_a_remedy() {
    use FetchProblem as F;
    use StreamProblem::*;
    let stream = [Ended, Refused, Offline, Silent, Misfit, HeldBack, Cut, LetGo].map(|problem| problem.to_string());
    let fetch =
        [F::Unreachable, F::Offline, F::Status(503, None), F::Status(403, Some("No.".to_owned())), F::Unreadable];
    for words in stream.into_iter().chain(fetch.map(|problem| problem.to_string())) {
        assert!(words.ends_with('.') && words.starts_with(char::is_uppercase), "{words}");
    }
}

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
