//! The state machine; its diagram is in [`super`].

use super::{Command, Connection, ConnectionState, FetchProblem, Input, StreamProblem, backoff, fetching::Fetching};
use crate::model::Timestamp;
use std::{mem, time::Duration};

/// Timeout for a silent stream: three heartbeats, and some margin.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(10);
/// Timeout for a silent stream after the page woke up: one heartbeat and some margin, because the
/// stream may be dead.
const WAKE_SILENCE_TIMEOUT: Duration = Duration::from_secs(4);
/// Time without a stream after which the connection becomes Static.
const STATIC_TIMEOUT: Duration = Duration::from_secs(10);
/// Number of consecutive failures after which the connection becomes Static: about 4 to 8 s of
/// backoff.
const MAX_FAILURES: u32 = 5;
/// Interval between snapshots in Static.
const FETCH_INTERVAL: Duration = Duration::from_secs(10);
/// Time after which a hidden page is suspended: long enough to switch to another tab and back,
/// short enough that forgotten tabs cost nothing.
const HIDDEN_TIMEOUT: Duration = Duration::from_secs(60);
/// Duration of a stream below which its end counts as one more failure, so that a stream that
/// always breaks immediately is retried with backoff.
const MIN_STABLE_DURATION: Duration = Duration::from_secs(5);

/// Decides when to open and close streams; holds no resources. Times are on the browser's clock and
/// never go back.
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
    paused: bool,
    /// True if, in Static, an attempt failed although the server had just responded to a fetch.
    blocked: bool,
    /// Time since which the page is hidden.
    hidden_since: Option<Timestamp>,
    /// True if suspended because the page is hidden: no stream, no attempts, no fetches.
    suspended: bool,
    fetching: Fetching,
    stream_problem: Option<StreamProblem>,
    commands: Vec<Command>,
}

/// The stream that is open or opening.
#[derive(Debug, Clone, Copy)]
struct Stream {
    number: u32,
    opened_at: Timestamp,
    last_event_at: Timestamp,
    silence_timeout: Duration,
}

impl Machine {
    /// Creates a machine in the state before [`Input::Start`].
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
            paused: false,
            blocked: false,
            hidden_since: None,
            suspended: false,
            fetching: Fetching::default(),
            stream_problem: None,
            commands: Vec::new(),
        }
    }

    /// Processes an input and returns the commands. `random` is at least 0 and below 1.
    pub(in crate::client) fn handle(&mut self, input: Input, now: Timestamp, random: f64) -> Vec<Command> {
        match input {
            Input::Start => self.open(now),
            Input::Content { stream } if self.expects_stream(stream) => self.receive_content(now),
            Input::Heartbeat { stream } if self.expects_stream(stream) => self.receive(now),
            Input::StreamFailed { stream, problem } if self.expects_stream(stream) => {
                self.lose_stream(problem, now, random);
            }
            Input::Fetched { fetch, is_newer } if self.expects_fetch(fetch) => self.take_fetched(is_newer, now),
            Input::FetchFailed { fetch, problem } if self.expects_fetch(fetch) => self.end_fetch(Err(problem), now),
            Input::Tick => self.tick(now, random),
            Input::Wake => self.wake(now),
            Input::Hide => self.hidden_since = Some(self.hidden_since.unwrap_or(now)),
            Input::Leave => self.suspend(now),
            Input::Show => self.show(now),
            Input::Reconnect => self.reconnect(now),
            Input::Refresh => self.fetch(true),
            Input::Pause => self.pause(now),
            Input::Resume if self.paused => self.reconnect(now),
            // Of a stream or fetch that was given up, or not paused.
            Input::Content { .. }
            | Input::Heartbeat { .. }
            | Input::StreamFailed { .. }
            | Input::Fetched { .. }
            | Input::FetchFailed { .. }
            | Input::Resume => {}
        }
        mem::take(&mut self.commands)
    }

    /// True if this stream has not been given up.
    pub(in crate::client) fn expects_stream(&self, number: u32) -> bool {
        self.stream.is_some_and(|stream| stream.number == number)
    }

    /// True if this fetch has not been given up.
    pub(in crate::client) fn expects_fetch(&self, number: u32) -> bool {
        self.fetching.expects(number)
    }

    /// True if the page is suspended until it is shown again.
    pub(in crate::client) fn is_suspended(&self) -> bool {
        self.suspended
    }

    /// Time of the next [`Input::Tick`].
    pub(in crate::client) fn due(&self) -> Option<Timestamp> {
        let silence = self.stream.map(|stream| after(stream.last_event_at, stream.silence_timeout));
        [silence, self.retry_at, self.static_at(), self.fetching.due(), self.suspend_at()].into_iter().flatten().min()
    }

    /// The state for the indicator; `to_server` converts times to the server's clock.
    pub(in crate::client) fn connection(&self, to_server: impl Fn(Timestamp) -> Timestamp) -> Connection {
        Connection {
            state: self.state,
            since: to_server(self.since),
            problem: self.problem(),
            retry_at: self.retry_at.map(&to_server),
            attempts: if self.state == ConnectionState::Live { 0 } else { self.failures },
            paused: self.paused,
            refreshing: self.fetching.is_by_user(),
        }
    }

    /// Message about the current problem. The error of a fetch says more than that of a stream:
    /// browsers do not report why a stream failed.
    fn problem(&self) -> Option<String> {
        match self.fetching.last() {
            Some(Err(problem)) if !self.paused => Some(problem.to_string()),
            Some(Ok(())) if !self.paused && self.blocked => Some(StreamProblem::Blocked.to_string()),
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
        self.stream =
            Some(Stream { number: self.streams, opened_at: now, last_event_at: now, silence_timeout: SILENCE_TIMEOUT });
        self.commands.push(Command::Open { stream: self.streams, fresh: self.fresh });
    }

    fn close(&mut self) {
        if self.stream.take().is_some() {
            self.commands.push(Command::Close);
        }
    }

    fn receive(&mut self, now: Timestamp) {
        if let Some(stream) = &mut self.stream {
            stream.last_event_at = now;
            stream.silence_timeout = SILENCE_TIMEOUT;
        }
    }

    fn receive_content(&mut self, now: Timestamp) {
        self.receive(now);
        self.fresh = false;
        self.blocked = false;
        self.stream_problem = None;
        self.fetching.forget();
        if self.state != ConnectionState::Live {
            self.enter(ConnectionState::Live, now);
            self.fetching.stop();
        }
    }

    fn lose_stream(&mut self, problem: StreamProblem, now: Timestamp, random: f64) {
        let was_stable = self.stream.is_some_and(|stream| now.since(stream.opened_at) >= MIN_STABLE_DURATION);
        let was_live = self.state == ConnectionState::Live;
        self.close();
        self.failures = if was_live && was_stable { 1 } else { self.failures.saturating_add(1) };
        self.fresh |= problem == StreamProblem::OutOfSync;
        self.blocked = self.state == ConnectionState::Static && matches!(self.fetching.last(), Some(Ok(())));
        self.stream_problem = Some(problem);
        self.retry_at = Some(after(now, backoff::delay(self.failures, random)));
        self.leave_live(now);
        self.become_static_if_due(now);
    }

    /// Changes Live and Connecting to Reconnecting; keeps Reconnecting and Static.
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

    /// Time at which the connection becomes Static, unless it already is.
    fn static_at(&self) -> Option<Timestamp> {
        match self.state {
            _ if self.suspended => None,
            ConnectionState::Connecting | ConnectionState::Reconnecting => Some(after(self.down_since, STATIC_TIMEOUT)),
            ConnectionState::Live | ConnectionState::Static => None,
        }
    }

    fn become_static_if_due(&mut self, now: Timestamp) {
        let down = self.static_at();
        if down.is_some_and(|at| now >= at || self.failures >= MAX_FAILURES) {
            self.enter(ConnectionState::Static, now);
            self.fetch(false);
        }
    }

    fn tick(&mut self, now: Timestamp, random: f64) {
        if self.suspend_at().is_some_and(|at| now >= at) {
            self.suspend(now);
        }
        let silent = self.stream.is_some_and(|stream| now.since(stream.last_event_at) >= stream.silence_timeout);
        if silent {
            self.lose_stream(StreamProblem::Silent, now, random);
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
            Some(stream) if now.since(stream.last_event_at) < WAKE_SILENCE_TIMEOUT => {
                stream.silence_timeout = WAKE_SILENCE_TIMEOUT;
            }
            Some(_) => self.open(now),
            None if self.paused || self.suspended => {}
            None => self.open(now),
        }
    }

    /// Time at which a hidden page is suspended, unless it already is.
    fn suspend_at(&self) -> Option<Timestamp> {
        self.hidden_since.filter(|_| !self.suspended).map(|since| after(since, HIDDEN_TIMEOUT))
    }

    fn suspend(&mut self, now: Timestamp) {
        self.suspended = true;
        self.close();
        self.retry_at = None;
        self.blocked = false;
        self.fetching.stop();
        self.fetching.forget();
        if !self.paused {
            self.stream_problem = Some(StreamProblem::Hidden);
        }
        self.enter(ConnectionState::Reconnecting, now);
    }

    fn show(&mut self, now: Timestamp) {
        self.hidden_since = None;
        if !mem::take(&mut self.suspended) {
            return self.wake(now);
        }
        self.down_since = now;
        if !self.paused {
            self.open(now);
        }
    }

    fn reconnect(&mut self, now: Timestamp) {
        self.paused = false;
        self.suspended = false;
        self.hidden_since = self.hidden_since.map(|_| now);
        self.failures = 0;
        self.blocked = false;
        self.stream_problem = None;
        self.fetching.forget();
        self.fetching.stop();
        self.down_since = now;
        if self.state != ConnectionState::Connecting {
            self.enter(ConnectionState::Reconnecting, now);
        }
        self.open(now);
    }

    fn pause(&mut self, now: Timestamp) {
        self.paused = true;
        self.close();
        self.retry_at = None;
        self.stream_problem = Some(StreamProblem::Paused);
        self.leave_live(now);
    }

    fn fetch(&mut self, by_user: bool) {
        self.commands.extend(self.fetching.start(by_user).map(|fetch| Command::Fetch { fetch }));
    }

    fn take_fetched(&mut self, is_newer: bool, now: Timestamp) {
        self.end_fetch(Ok(()), now);
        if is_newer {
            self.fresh = false;
            if self.stream.is_some() {
                self.open(now);
            }
        }
    }

    fn end_fetch(&mut self, result: Result<(), FetchProblem>, now: Timestamp) {
        let next = (self.state == ConnectionState::Static).then(|| after(now, FETCH_INTERVAL));
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
