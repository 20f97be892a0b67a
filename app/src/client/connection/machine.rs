//! The machine itself; its diagram stands in [`super`].

use super::{Command, Connection, ConnectionState, FetchProblem, Input, StreamProblem, backoff, fetching::Fetching};
use crate::model::Timestamp;
use std::{mem, time::Duration};

/// A stream silent for this long is given up: three heartbeats, and room for one that is late.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same just after the page woke up: one heartbeat and some, because the stream may have died unnoticed.
const PATIENCE_ON_WAKE: Duration = Duration::from_secs(4);
/// Without a stream for this long, snapshots are fetched.
const STATIC_AFTER: Duration = Duration::from_secs(10);
/// Or after this many failures in a row: about 4 to 8 s of backoff.
const STATIC_AFTER_FAILURES: u32 = 5;
/// Pace of the snapshots in Static.
const FETCH_EVERY: Duration = Duration::from_secs(10);
/// A page that was hidden for so long lets go: long enough for a look at another tab, short enough that forgotten tabs cost nothing.
const LET_GO_AFTER: Duration = Duration::from_secs(60);
/// A stream that ended sooner counts as one more failure, so that one which always breaks at once is not retried at full speed.
const STEADY_AFTER: Duration = Duration::from_secs(5);

/// Decides; holds no resource. Times are the browser's own and never run backwards.
#[derive(Debug)]
pub(in crate::client) struct Machine {
    state: ConnectionState,
    since: Timestamp,
    down_since: Timestamp,
    stream: Option<Stream>,
    streams: u32,
    failures: u32,
    retry_at: Option<Timestamp>,
    fresh: bool,
    cut: bool,
    /// In Static, a try has failed although the server had just answered a fetch.
    held_back: bool,
    /// Since when nobody can see the page.
    hidden_since: Option<Timestamp>,
    /// Let go because of that: no stream, no attempts, no fetches.
    resting: bool,
    fetching: Fetching,
    stream_problem: Option<StreamProblem>,
    commands: Vec<Command>,
}

/// The stream that is open or opening.
#[derive(Debug, Clone, Copy)]
struct Stream {
    number: u32,
    opened_at: Timestamp,
    heard_at: Timestamp,
    patience: Duration,
}

impl Machine {
    /// Before [`Input::Start`].
    pub(in crate::client) fn new(now: Timestamp) -> Self {
        Self {
            state: ConnectionState::Connecting,
            since: now,
            down_since: now,
            stream: None,
            streams: 0,
            failures: 0,
            retry_at: None,
            fresh: false,
            cut: false,
            held_back: false,
            hidden_since: None,
            resting: false,
            fetching: Fetching::default(),
            stream_problem: None,
            commands: Vec::new(),
        }
    }

    /// Takes in what happened and says what to do. `random` is at least 0 and below 1.
    pub(in crate::client) fn handle(&mut self, input: Input, now: Timestamp, random: f64) -> Vec<Command> {
        match input {
            Input::Start => self.open(now),
            Input::Content { stream } if self.expects_stream(stream) => self.hear_content(now),
            Input::Heartbeat { stream } if self.expects_stream(stream) => self.hear(now),
            Input::StreamFailed { stream, problem } if self.expects_stream(stream) => self.lose(problem, now, random),
            Input::Fetched { fetch, overtook } if self.expects_fetch(fetch) => self.take_fetched(overtook, now),
            Input::FetchFailed { fetch, problem } if self.expects_fetch(fetch) => self.end_fetch(Err(problem), now),
            Input::Tick => self.tick(now, random),
            Input::Wake => self.wake(now),
            Input::Hide => self.hidden_since = Some(self.hidden_since.unwrap_or(now)),
            Input::Leave => self.rest(now),
            Input::Show => self.show(now),
            Input::Reconnect => self.reconnect(now),
            Input::Refresh => self.fetch(true),
            Input::Cut => self.hold_cut(now),
            Input::Restore if self.cut => self.reconnect(now),
            // Of a stream or fetch given up meanwhile, or nothing to restore.
            Input::Content { .. }
            | Input::Heartbeat { .. }
            | Input::StreamFailed { .. }
            | Input::Fetched { .. }
            | Input::FetchFailed { .. }
            | Input::Restore => {}
        }
        mem::take(&mut self.commands)
    }

    /// Whether this stream has not been given up.
    pub(in crate::client) fn expects_stream(&self, number: u32) -> bool {
        self.stream.is_some_and(|stream| stream.number == number)
    }

    /// Whether this fetch has not been given up.
    pub(in crate::client) fn expects_fetch(&self, number: u32) -> bool {
        self.fetching.expects(number)
    }

    /// Whether the page has let go of everything until it is shown again.
    pub(in crate::client) fn is_resting(&self) -> bool {
        self.resting
    }

    /// When to send the next [`Input::Tick`].
    pub(in crate::client) fn due(&self) -> Option<Timestamp> {
        let silence = self.stream.map(|stream| after(stream.heard_at, stream.patience));
        [silence, self.retry_at, self.static_at(), self.fetching.due(), self.let_go_at()].into_iter().flatten().min()
    }

    /// What the indicator shows; `to_server` translates times into the server's.
    pub(in crate::client) fn connection(&self, to_server: impl Fn(Timestamp) -> Timestamp) -> Connection {
        Connection {
            state: self.state,
            since: to_server(self.since),
            problem: self.problem(),
            retry_at: self.retry_at.map(&to_server),
            attempts: if self.state == ConnectionState::Live { 0 } else { self.failures },
            cut: self.cut,
            refreshing: self.fetching.is_by_hand(),
        }
    }

    /// The fetch knows more than the stream: a browser does not tell why a stream failed.
    fn problem(&self) -> Option<String> {
        match self.fetching.last() {
            Some(Err(problem)) if !self.cut => Some(problem.to_string()),
            Some(Ok(())) if !self.cut && self.held_back => Some(StreamProblem::HeldBack.to_string()),
            _ => self.stream_problem.as_ref().map(ToString::to_string),
        }
    }

    fn enter(&mut self, state: ConnectionState, now: Timestamp) {
        if self.state != state {
            self.state = state;
            self.since = now;
        }
    }

    fn open(&mut self, now: Timestamp) {
        self.close();
        self.retry_at = None;
        self.streams += 1;
        self.stream = Some(Stream { number: self.streams, opened_at: now, heard_at: now, patience: PATIENCE });
        self.commands.push(Command::Open { stream: self.streams, fresh: self.fresh });
    }

    fn close(&mut self) {
        if self.stream.take().is_some() {
            self.commands.push(Command::Close);
        }
    }

    fn hear(&mut self, now: Timestamp) {
        if let Some(stream) = &mut self.stream {
            stream.heard_at = now;
            stream.patience = PATIENCE;
        }
    }

    fn hear_content(&mut self, now: Timestamp) {
        self.hear(now);
        self.fresh = false;
        self.held_back = false;
        self.stream_problem = None;
        self.fetching.forget();
        if self.state != ConnectionState::Live {
            self.enter(ConnectionState::Live, now);
            self.fetching.stop();
        }
    }

    fn lose(&mut self, problem: StreamProblem, now: Timestamp, random: f64) {
        let steady = self.stream.is_some_and(|stream| now.since(stream.opened_at) >= STEADY_AFTER);
        let was_live = self.state == ConnectionState::Live;
        self.close();
        self.failures = if was_live && steady { 1 } else { self.failures.saturating_add(1) };
        self.fresh |= problem == StreamProblem::Misfit;
        self.held_back = self.state == ConnectionState::Static && matches!(self.fetching.last(), Some(Ok(())));
        self.stream_problem = Some(problem);
        self.retry_at = Some(after(now, backoff::delay(self.failures, random)));
        self.leave_live(now);
        self.become_static_if_due(now);
    }

    /// Live and Connecting become Reconnecting; Reconnecting and Static stay.
    fn leave_live(&mut self, now: Timestamp) {
        match self.state {
            ConnectionState::Live => {
                self.down_since = now;
                self.enter(ConnectionState::Reconnecting, now);
            }
            ConnectionState::Connecting => self.enter(ConnectionState::Reconnecting, now),
            ConnectionState::Reconnecting | ConnectionState::Static => {}
        }
    }

    /// When Static begins by time, while it has not.
    fn static_at(&self) -> Option<Timestamp> {
        match self.state {
            _ if self.resting => None,
            ConnectionState::Connecting | ConnectionState::Reconnecting => Some(after(self.down_since, STATIC_AFTER)),
            ConnectionState::Live | ConnectionState::Static => None,
        }
    }

    fn become_static_if_due(&mut self, now: Timestamp) {
        let down = self.static_at();
        if down.is_some_and(|at| now >= at || self.failures >= STATIC_AFTER_FAILURES) {
            self.enter(ConnectionState::Static, now);
            self.fetch(false);
        }
    }

    fn tick(&mut self, now: Timestamp, random: f64) {
        if self.let_go_at().is_some_and(|at| now >= at) {
            self.rest(now);
        }
        let silent = self.stream.is_some_and(|stream| now.since(stream.heard_at) >= stream.patience);
        if silent {
            self.lose(StreamProblem::Silent, now, random);
        }
        if self.retry_at.is_some_and(|at| now >= at) {
            self.open(now);
        }
        self.become_static_if_due(now);
        if self.fetching.due().is_some_and(|at| now >= at) {
            self.fetch(false);
        }
    }

    fn wake(&mut self, now: Timestamp) {
        match &mut self.stream {
            Some(stream) if now.since(stream.heard_at) < PATIENCE_ON_WAKE => stream.patience = PATIENCE_ON_WAKE,
            Some(_) => self.open(now),
            None if self.cut || self.resting => {}
            None => self.open(now),
        }
    }

    /// When a hidden page lets go, while it has not.
    fn let_go_at(&self) -> Option<Timestamp> {
        self.hidden_since.filter(|_| !self.resting).map(|since| after(since, LET_GO_AFTER))
    }

    fn rest(&mut self, now: Timestamp) {
        self.resting = true;
        self.close();
        self.retry_at = None;
        self.held_back = false;
        self.fetching.stop();
        self.fetching.forget();
        if !self.cut {
            self.stream_problem = Some(StreamProblem::LetGo);
        }
        self.enter(ConnectionState::Reconnecting, now);
    }

    fn show(&mut self, now: Timestamp) {
        self.hidden_since = None;
        if !mem::take(&mut self.resting) {
            return self.wake(now);
        }
        self.down_since = now;
        if !self.cut {
            self.open(now);
        }
    }

    fn reconnect(&mut self, now: Timestamp) {
        self.cut = false;
        self.resting = false;
        self.hidden_since = self.hidden_since.map(|_| now);
        self.failures = 0;
        self.held_back = false;
        self.stream_problem = None;
        self.fetching.forget();
        self.fetching.stop();
        self.down_since = now;
        if self.state != ConnectionState::Connecting {
            self.enter(ConnectionState::Reconnecting, now);
        }
        self.open(now);
    }

    fn hold_cut(&mut self, now: Timestamp) {
        self.cut = true;
        self.close();
        self.retry_at = None;
        self.stream_problem = Some(StreamProblem::Cut);
        self.leave_live(now);
    }

    fn fetch(&mut self, by_hand: bool) {
        self.commands.extend(self.fetching.ask(by_hand).map(|fetch| Command::Fetch { fetch }));
    }

    fn take_fetched(&mut self, overtook: bool, now: Timestamp) {
        self.end_fetch(Ok(()), now);
        if overtook {
            self.fresh = false;
            if self.stream.is_some() {
                self.open(now);
            }
        }
    }

    fn end_fetch(&mut self, result: Result<(), FetchProblem>, now: Timestamp) {
        let next = (self.state == ConnectionState::Static).then(|| after(now, FETCH_EVERY));
        self.fetching.end(result, next);
    }
}

#[cfg(test)]
impl Machine {
    pub(super) const fn newest_stream(&self) -> u32 {
        self.streams
    }

    pub(super) const fn newest_fetch(&self) -> u32 {
        self.fetching.newest()
    }
}

fn after(instant: Timestamp, wait: Duration) -> Timestamp {
    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    Timestamp::from_millis(instant.as_millis().saturating_add(millis))
}
