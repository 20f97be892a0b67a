//! State of the log page: the lines, the filter results, the state of each log, and pending timers.

use crate::{
    logs::{
        Line, LineContext, LineFilter, Positions, Store, Tested,
        event::{Ended, Gap, Printed},
    },
    model::{ContainerKey, LogEndReason, LogStream, Timestamp},
};
use leptos::leptos_dom::helpers::{AnimationFrameRequestHandle, IntervalHandle, TimeoutHandle};
use std::sync::Arc;

/// Assumed height of a line until one has been measured, in 64ths of a pixel.
const DEFAULT_LINE_HEIGHT: u32 = 20 * 64;
/// Distance outside the viewport at which lines are rendered in advance, in 64ths of a pixel.
const OVERSCAN: u64 = 600 * 64;
/// Number of lines filtered between two checks of the time budget.
const BATCH_SIZE: usize = 250;

/// Everything except the stream itself.
#[derive(Debug, Default)]
pub(super) struct ViewerState {
    pub(super) store: Store,
    pub(super) filter: LineFilter,
    /// The result of a new filter, until it has processed all lines.
    pub(super) next_filter: Option<LineFilter>,
    pub(super) ids: Vec<ContainerKey>,
    pub(super) is_single: bool,
    pub(super) stream_query: String,
    pub(super) places: Positions,
    logs: Vec<LogState>,
    /// Number of the current stream.
    pub(super) serial: u32,
    pub(super) failures: u32,
    pub(super) last_event_at: Timestamp,
    pub(super) is_paused: bool,
    pub(super) retry: Option<TimeoutHandle>,
    pub(super) hiding: Option<TimeoutHandle>,
    pub(super) watchdog: Option<IntervalHandle>,
    pub(super) frame: Option<AnimationFrameRequestHandle>,
    pub(super) line_height: Option<u32>,
    /// Number of characters that fit in one row, if lines wrap.
    pub(super) columns: Option<usize>,
    pub(super) last_top: i32,
    /// Server time at the start: lines up to this time are those requested as the tail.
    began_at: Option<Timestamp>,
    /// Time until which the view scrolls to the first match among the earlier lines that were
    /// requested.
    pub(super) seeking_until: Option<Timestamp>,
}

/// State of one log.
#[derive(Debug, Default, Clone)]
struct LogState {
    /// The end of the log, if it was the last event.
    ended: Option<Ended>,
    /// Context of the last line, for stdout and for stderr.
    above: [LineContext; 2],
    /// Number of lines printed before the start.
    earlier: u32,
}

/// The result of the layout.
pub(super) struct Layout {
    pub(super) total: u64,
    pub(super) first_top: u64,
    pub(super) lines: Vec<Arc<Line>>,
    /// New scroll position in 64ths of a pixel, if it changes.
    pub(super) scroll_to: Option<u64>,
    /// Number of lines that newly pass the filters.
    pub(super) added: u64,
    pub(super) is_filtering: bool,
}

impl ViewerState {
    /// Resets everything for these logs.
    pub(super) fn begin(&mut self, ids: Vec<ContainerKey>, is_single: bool, stream_query: String) {
        self.stop_retry_timer();
        self.store = Store::default();
        self.filter = LineFilter::default();
        self.next_filter = None;
        self.logs = vec![LogState::default(); ids.len().max(1)];
        self.places = Positions::default();
        (self.ids, self.is_single, self.stream_query) = (ids, is_single, stream_query);
        self.failures = 0;
        self.began_at = None;
    }

    fn source_of(&self, container: Option<ContainerKey>) -> Option<usize> {
        match container {
            None => Some(0),
            Some(container) => self.ids.iter().position(|id| *id == container),
        }
    }

    /// Adds a line.
    pub(super) fn take_line(&mut self, printed: Printed) {
        let Some(source) = self.source_of(printed.container) else { return };
        // A stream opened after the log resumed does not report the resume.
        self.take_resume(printed.container);
        let Some(log) = self.logs.get_mut(source) else { return };
        log.earlier += u32::from(self.began_at.is_none_or(|at| printed.at <= at));
        let above = &mut log.above[usize::from(printed.stream == LogStream::Stderr)];
        self.store.push(Line::printed(self.store.next_number(), source, printed, above));
    }

    /// Adds a divider for lines that may be missing.
    pub(super) fn take_gap(&mut self, gap: Gap) {
        let Some(source) = self.source_of(gap.container) else { return };
        self.take_resume(gap.container);
        self.store.push(Line::gap(self.store.next_number(), source, gap));
    }

    /// Records the server time at the start of the stream.
    pub(super) fn take_server_time(&mut self, at: Option<Timestamp>) {
        self.began_at = self.began_at.or(at);
    }

    /// True if the logs have no lines before those kept, when `tail` lines of each were requested.
    pub(super) fn is_whole(&self, tail: u32) -> bool {
        self.began_at.is_some() && self.store.first_number() == 0 && self.logs.iter().all(|log| log.earlier < tail)
    }

    /// Adds a divider at the end of a log, temporary or final. A reopened stream reports it again.
    pub(super) fn take_end(&mut self, ended: Ended) {
        let Some(source) = self.source_of(ended.container) else { return };
        let Some(log) = self.logs.get_mut(source) else { return };
        if log.ended.as_ref() == Some(&ended) {
            return;
        }
        self.store.push(Line::end(self.store.next_number(), source, &ended));
        log.ended = Some(ended);
    }

    /// Adds a divider where a log resumes.
    pub(super) fn take_resume(&mut self, container: Option<ContainerKey>) {
        let Some(source) = self.source_of(container) else { return };
        if let Some(ended) = self.logs.get_mut(source).and_then(|log| log.ended.take()) {
            self.store.push(Line::resume(self.store.next_number(), source, ended.reason));
        }
    }

    /// True if no more lines of this log can follow.
    pub(super) fn is_complete(&self, source: usize) -> bool {
        self.logs.get(source).is_some_and(|log| log.ended.as_ref().is_some_and(|ended| ended.last))
    }

    /// True if no more lines of any log can follow.
    pub(super) fn are_all_complete(&self) -> bool {
        !self.ids.is_empty() && (0..self.ids.len()).all(|source| self.is_complete(source))
    }

    /// True if a log ended for this reason.
    pub(super) fn ended_by(&self, reason: LogEndReason) -> bool {
        self.logs.iter().any(|log| log.ended.as_ref().is_some_and(|ended| ended.reason == reason))
    }

    /// The height of one line of text.
    pub(super) fn line_height(&self) -> u32 {
        self.line_height.unwrap_or(DEFAULT_LINE_HEIGHT)
    }

    /// Filters lines until the time budget is used up, and lays out the viewport.
    pub(super) fn lay_out(
        &mut self,
        following: bool,
        (top, height): (u64, u64),
        judge: &mut dyn FnMut(&Line) -> Tested,
        is_late: &dyn Fn() -> bool,
    ) -> Layout {
        let Self { store, filter, next_filter, .. } = self;
        let first = store.first_number();
        let before = filter.len();
        let mut is_filtering = true;
        while is_filtering {
            is_filtering = next_filter.as_mut().unwrap_or(filter).advance(store, BATCH_SIZE, judge);
            if is_late() {
                break;
            }
        }
        let mut wanted = top;
        let mut added = filter.len().saturating_sub(before) as u64;
        if let Some(done) = next_filter.take_if(|_| !is_filtering) {
            let anchor = filter.heights().at(top);
            let within = top.saturating_sub(filter.heights().top(anchor));
            let number = filter.number_at(anchor).unwrap_or_default();
            let place = done.place_of(number);
            let is_there = done.number_at(place) == Some(number);
            wanted = done.heights().top(place) + if is_there { within } else { 0 };
            *filter = done;
            added = 0;
        }
        wanted = wanted.saturating_sub(filter.drop_before(first));
        if let Some(next_filter) = next_filter {
            next_filter.drop_before(first);
        }
        let heights = filter.heights();
        let end = heights.total().saturating_sub(height);
        wanted = if following { end } else { wanted.min(end) };
        let window = heights.window(wanted, height, OVERSCAN);
        let lines = window.clone().filter_map(|place| store.get(filter.number_at(place)?).cloned()).collect();
        Layout {
            total: heights.total(),
            first_top: heights.top(window.start),
            lines,
            scroll_to: (wanted != top).then_some(wanted),
            added,
            is_filtering,
        }
    }

    fn stop_retry_timer(&mut self) {
        if let Some(timer) = self.retry.take() {
            timer.clear();
        }
    }

    /// Cancels all callbacks.
    pub(super) fn stop_timers(&mut self) {
        self.stop_retry_timer();
        if let Some(timer) = self.hiding.take() {
            timer.clear();
        }
        if let Some(timer) = self.watchdog.take() {
            timer.clear();
        }
        if let Some(frame) = self.frame.take() {
            frame.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: &str) -> ContainerKey {
        let id = digit.repeat(64).parse().unwrap_or_else(|_| unreachable!("64 digits"));
        ContainerKey::new(crate::model::EngineName::LOCAL, id)
    }

    fn state() -> ViewerState {
        let mut state = ViewerState::default();
        state.begin(vec![id("a"), id("b")], false, String::new());
        state
    }

    fn printed(container: Option<ContainerKey>, text: &str) -> Printed {
        let (stream, at) = (LogStream::Stdout, Timestamp::from_millis(5));
        Printed { container, stream, at, text: text.into(), truncated: false }
    }

    fn ended(digit: &str, reason: LogEndReason) -> Ended {
        let last = matches!(reason, LogEndReason::Removed | LogEndReason::Until);
        Ended { container: Some(id(digit)), reason, last, exit_code: None, at: None, detail: None }
    }

    fn texts(state: &ViewerState) -> Vec<String> {
        let lines = (0..state.store.next_number()).filter_map(|number| state.store.get(number));
        lines.map(|line| format!("{} {}", line.source, line.text)).collect()
    }

    #[test]
    fn an_end_is_shown_once_even_if_the_stream_is_reopened() {
        let mut state = state();
        state.take_line(printed(Some(id("b")), "x"));
        state.take_end(ended("b", LogEndReason::Stopped));
        state.take_end(ended("b", LogEndReason::Stopped));
        state.take_line(printed(Some(id("b")), "y"));
        state.take_resume(Some(id("b")));
        assert_eq!(texts(&state), ["1 x", "1 Stopped", "1 Running again", "1 y"]);
    }

    #[test]
    fn all_logs_are_complete_when_each_is() {
        let mut state = state();
        state.take_end(ended("a", LogEndReason::Removed));
        state.take_end(ended("b", LogEndReason::Stopped));
        assert!(state.is_complete(0) && !state.is_complete(1) && !state.are_all_complete());
        state.take_end(ended("b", LogEndReason::Removed));
        assert!(state.are_all_complete() && state.ended_by(LogEndReason::Removed));
        state.take_line(printed(Some(id("c")), "of an unknown container"));
        assert_eq!(texts(&state).len(), 3);
    }

    #[test]
    fn a_log_is_whole_if_it_has_fewer_lines_than_requested() {
        let mut state = state();
        state.take_line(printed(Some(id("a")), "x"));
        assert!(!state.is_whole(2), "unknown before the stream reports its time");
        state.take_server_time(Some(Timestamp::from_millis(5)));
        assert!(state.is_whole(2) && !state.is_whole(1));
        // Printed after the start.
        let at = Timestamp::from_millis(6);
        state.take_line(Printed { at, ..printed(Some(id("a")), "y") });
        assert!(state.is_whole(2));
        state.take_line(printed(Some(id("b")), "x"));
        state.take_line(printed(Some(id("b")), "y"));
        assert!(!state.is_whole(2) && state.is_whole(3));
    }

    #[test]
    fn a_gap_is_a_divider() {
        let mut state = state();
        let reason = crate::model::LogGapReason::Rotated;
        state.take_gap(Gap { container: Some(id("b")), reason, from: None, to: None, detail: None });
        assert!(texts(&state)[0].starts_with("1 The engine rotated this log"));
        assert_eq!(state.store.printed(), 0);
    }

    const LINE: Tested = Tested { height: Some(10 * 64), is_found: false, is_printed: true };

    fn hundred() -> ViewerState {
        let mut state = state();
        for number in 0..100 {
            state.take_line(printed(Some(id("a")), &number.to_string()));
        }
        state
    }

    #[test]
    fn the_view_stays_at_the_end_if_following_and_else_at_its_position() {
        let mut state = hundred();
        let mut all = |_: &Line| LINE;
        let laid = state.lay_out(true, (0, 100 * 64), &mut all, &|| false);
        assert_eq!((laid.total, laid.scroll_to, laid.added), (1_000 * 64, Some(900 * 64), 100));
        state.take_line(printed(Some(id("a")), "new"));
        let laid = state.lay_out(false, (300 * 64, 100 * 64), &mut all, &|| false);
        assert_eq!((laid.scroll_to, laid.added), (None, 1));
    }

    #[test]
    fn a_new_filter_keeps_the_first_visible_line() {
        let mut state = hundred();
        let mut all = |_: &Line| LINE;
        state.lay_out(false, (0, 100 * 64), &mut all, &|| false);
        state.next_filter = Some(LineFilter::default());
        let mut even = |line: &Line| Tested { height: line.number.is_multiple_of(2).then_some(10 * 64), ..LINE };
        // Line 30 is at 300; among the even ones it is the 15th.
        let laid = state.lay_out(false, (305 * 64, 100 * 64), &mut even, &|| false);
        assert_eq!((laid.total, laid.scroll_to), (500 * 64, Some(155 * 64)));
    }
}
