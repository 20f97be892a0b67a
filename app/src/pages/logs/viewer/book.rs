//! What the page keeps: its lines, what is shown of them, where each log stands, and what it is waiting for.

use crate::{
    logs::{
        Line, LineContext, LineFilter, Positions, Store, Tested,
        event::{Ended, Gap, Printed},
    },
    model::{ContainerId, LogEndReason, LogStream, Timestamp},
};
use leptos::leptos_dom::helpers::{AnimationFrameRequestHandle, IntervalHandle, TimeoutHandle};
use std::sync::Arc;

/// In 64ths of a pixel: what a line is taken to be high until one was measured.
const USUAL_HEIGHT: u32 = 20 * 64;
/// Lines this far from the window are drawn, too, so that scrolling meets them.
const MARGIN: u64 = 600 * 64;
/// Lines that are looked at between two glances at the clock.
const PIECE: usize = 250;

/// Everything but the stream itself.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) store: Store,
    pub(super) sieve: LineFilter,
    /// Another filter's, until it has seen all lines.
    pub(super) coming: Option<LineFilter>,
    pub(super) ids: Vec<ContainerId>,
    pub(super) is_single: bool,
    pub(super) asked: String,
    pub(super) places: Positions,
    logs: Vec<LogStanding>,
    /// Of the stream that is listened to.
    pub(super) serial: u32,
    pub(super) failures: u32,
    pub(super) heard_at: Timestamp,
    pub(super) is_resting: bool,
    pub(super) retry: Option<TimeoutHandle>,
    pub(super) hiding: Option<TimeoutHandle>,
    pub(super) watchdog: Option<IntervalHandle>,
    pub(super) frame: Option<AnimationFrameRequestHandle>,
    pub(super) line_height: Option<u32>,
    /// Letters that fit beside each other, where lines wrap.
    pub(super) columns: Option<usize>,
    pub(super) last_top: i32,
    /// Server's time when the log was begun: lines up to then are those that were asked for.
    began_at: Option<Timestamp>,
    /// The next match is shown as soon as it is there, until then: earlier lines were asked for.
    pub(super) seeking_until: Option<Timestamp>,
}

/// How one log is doing.
#[derive(Debug, Default, Clone)]
struct LogStanding {
    /// What was told last, if it was an end.
    ended: Option<Ended>,
    /// What the last lines hand on: printed to stdout and to stderr.
    above: [LineContext; 2],
    /// Lines that were printed before the log was begun.
    earlier: u32,
}

/// What is to be drawn.
pub(super) struct Layout {
    pub(super) total: u64,
    pub(super) first_top: u64,
    pub(super) lines: Vec<Arc<Line>>,
    /// Where to scroll; `None`: it is right.
    pub(super) scroll_to: Option<u64>,
    /// Lines that were let through just now.
    pub(super) added: u64,
    pub(super) is_looking: bool,
}

impl Book {
    /// Begins anew.
    pub(super) fn begin(&mut self, ids: Vec<ContainerId>, is_single: bool, asked: String) {
        self.stop_timer_of_retry();
        self.store = Store::default();
        self.sieve = LineFilter::default();
        self.coming = None;
        self.logs = vec![LogStanding::default(); ids.len().max(1)];
        self.places = Positions::default();
        (self.ids, self.is_single, self.asked) = (ids, is_single, asked);
        self.failures = 0;
        self.began_at = None;
    }

    fn source_of(&self, container: Option<ContainerId>) -> Option<usize> {
        match container {
            None => Some(0),
            Some(container) => self.ids.iter().position(|id| *id == container),
        }
    }

    /// A line came.
    pub(super) fn take_line(&mut self, printed: Printed) {
        let Some(source) = self.source_of(printed.container) else { return };
        // A stream that was opened after it went on does not tell that it did.
        self.take_resume(printed.container);
        let Some(log) = self.logs.get_mut(source) else { return };
        log.earlier += u32::from(self.began_at.is_none_or(|at| printed.at <= at));
        let above = &mut log.above[usize::from(printed.stream == LogStream::Stderr)];
        self.store.push(Line::printed(self.store.next_number(), source, printed, above));
    }

    /// Lines may be missing.
    pub(super) fn take_gap(&mut self, gap: Gap) {
        let Some(source) = self.source_of(gap.container) else { return };
        self.take_resume(gap.container);
        self.store.push(Line::gap(self.store.next_number(), source, gap));
    }

    /// The stream's first sign of life.
    pub(super) fn take_server_time(&mut self, at: Option<Timestamp>) {
        self.began_at = self.began_at.or(at);
    }

    /// Whether the logs have no earlier lines than those that are kept, of `tail` that were asked for of each.
    pub(super) fn is_whole(&self, tail: u32) -> bool {
        self.began_at.is_some() && self.store.first_number() == 0 && self.logs.iter().all(|log| log.earlier < tail)
    }

    /// A log ended, for now or for ever. A stream that was opened anew tells it again.
    pub(super) fn take_end(&mut self, ended: Ended) {
        let Some(source) = self.source_of(ended.container) else { return };
        let Some(log) = self.logs.get_mut(source) else { return };
        if log.ended.as_ref() == Some(&ended) {
            return;
        }
        self.store.push(Line::end(self.store.next_number(), source, &ended));
        log.ended = Some(ended);
    }

    /// A log goes on.
    pub(super) fn take_resume(&mut self, container: Option<ContainerId>) {
        let Some(source) = self.source_of(container) else { return };
        if let Some(ended) = self.logs.get_mut(source).and_then(|log| log.ended.take()) {
            self.store.push(Line::resume(self.store.next_number(), source, ended.reason));
        }
    }

    /// Whether nothing of this log ever follows.
    pub(super) fn is_over(&self, source: usize) -> bool {
        self.logs.get(source).is_some_and(|log| log.ended.as_ref().is_some_and(|ended| ended.last))
    }

    /// Whether nothing ever follows.
    pub(super) fn is_all_over(&self) -> bool {
        !self.ids.is_empty() && (0..self.ids.len()).all(|source| self.is_over(source))
    }

    /// Whether it is over because the time asked for is.
    pub(super) fn ended_by(&self, reason: LogEndReason) -> bool {
        self.logs.iter().any(|log| log.ended.as_ref().is_some_and(|ended| ended.reason == reason))
    }

    /// The height of one line of text.
    pub(super) fn line_height(&self) -> u32 {
        self.line_height.unwrap_or(USUAL_HEIGHT)
    }

    /// Looks at lines as long as there is time, and lays out what is near the window.
    pub(super) fn lay_out(
        &mut self,
        following: bool,
        (top, height): (u64, u64),
        judge: &mut dyn FnMut(&Line) -> Tested,
        is_late: &dyn Fn() -> bool,
    ) -> Layout {
        let Self { store, sieve, coming, .. } = self;
        let first = store.first_number();
        let before = sieve.len();
        let mut is_looking = true;
        while is_looking {
            is_looking = coming.as_mut().unwrap_or(sieve).advance(store, PIECE, judge);
            if is_late() {
                break;
            }
        }
        let mut wanted = top;
        let mut added = sieve.len().saturating_sub(before) as u64;
        if let Some(done) = coming.take_if(|_| !is_looking) {
            let anchor = sieve.heights().at(top);
            let within = top.saturating_sub(sieve.heights().top(anchor));
            let number = sieve.number_at(anchor).unwrap_or_default();
            let place = done.place_of(number);
            let is_there = done.number_at(place) == Some(number);
            wanted = done.heights().top(place) + if is_there { within } else { 0 };
            *sieve = done;
            added = 0;
        }
        wanted = wanted.saturating_sub(sieve.drop_before(first));
        if let Some(coming) = coming {
            coming.drop_before(first);
        }
        let heights = sieve.heights();
        let end = heights.total().saturating_sub(height);
        wanted = if following { end } else { wanted.min(end) };
        let window = heights.window(wanted, height, MARGIN);
        let lines = window.clone().filter_map(|place| store.get(sieve.number_at(place)?).cloned()).collect();
        Layout {
            total: heights.total(),
            first_top: heights.top(window.start),
            lines,
            scroll_to: (wanted != top).then_some(wanted),
            added,
            is_looking,
        }
    }

    fn stop_timer_of_retry(&mut self) {
        if let Some(timer) = self.retry.take() {
            timer.clear();
        }
    }

    /// Nothing is to call back any more.
    pub(super) fn stop_timers(&mut self) {
        self.stop_timer_of_retry();
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

    fn id(digit: &str) -> ContainerId {
        digit.repeat(64).parse().unwrap_or_else(|_| unreachable!("64 digits"))
    }

    fn book() -> Book {
        let mut book = Book::default();
        book.begin(vec![id("a"), id("b")], false, String::new());
        book
    }

    fn printed(container: Option<ContainerId>, text: &str) -> Printed {
        let (stream, at) = (LogStream::Stdout, Timestamp::from_millis(5));
        Printed { container, stream, at, text: text.into(), truncated: false }
    }

    fn ended(digit: &str, reason: LogEndReason) -> Ended {
        let last = matches!(reason, LogEndReason::Removed | LogEndReason::Until);
        Ended { container: Some(id(digit)), reason, last, exit_code: None, at: None, detail: None }
    }

    fn texts(book: &Book) -> Vec<String> {
        let lines = (0..book.store.next_number()).filter_map(|number| book.store.get(number));
        lines.map(|line| format!("{} {}", line.source, line.text)).collect()
    }

    #[test]
    fn an_end_is_said_once_however_often_the_stream_is_opened() {
        let mut book = book();
        book.take_line(printed(Some(id("b")), "x"));
        book.take_end(ended("b", LogEndReason::Stopped));
        book.take_end(ended("b", LogEndReason::Stopped));
        book.take_line(printed(Some(id("b")), "y"));
        book.take_resume(Some(id("b")));
        assert_eq!(texts(&book), ["1 x", "1 Stopped", "1 Running again", "1 y"]);
    }

    #[test]
    fn all_is_over_when_each_is() {
        let mut book = book();
        book.take_end(ended("a", LogEndReason::Removed));
        book.take_end(ended("b", LogEndReason::Stopped));
        assert!(book.is_over(0) && !book.is_over(1) && !book.is_all_over());
        book.take_end(ended("b", LogEndReason::Removed));
        assert!(book.is_all_over() && book.ended_by(LogEndReason::Removed));
        book.take_line(printed(Some(id("c")), "of nobody"));
        assert_eq!(texts(&book).len(), 3);
    }

    #[test]
    fn a_log_is_whole_when_it_has_fewer_lines_than_were_asked_for() {
        let mut book = book();
        book.take_line(printed(Some(id("a")), "x"));
        assert!(!book.is_whole(2), "nothing is known before the stream says its time");
        book.take_server_time(Some(Timestamp::from_millis(5)));
        assert!(book.is_whole(2) && !book.is_whole(1));
        // Printed later.
        let at = Timestamp::from_millis(6);
        book.take_line(Printed { at, ..printed(Some(id("a")), "y") });
        assert!(book.is_whole(2));
        book.take_line(printed(Some(id("b")), "x"));
        book.take_line(printed(Some(id("b")), "y"));
        assert!(!book.is_whole(2) && book.is_whole(3));
    }

    #[test]
    fn a_gap_is_a_divider() {
        let mut book = book();
        let reason = crate::model::LogGapReason::Rotated;
        book.take_gap(Gap { container: Some(id("b")), reason, from: None, to: None, detail: None });
        assert!(texts(&book)[0].starts_with("1 The engine rotated this log"));
        assert_eq!(book.store.printed(), 0);
    }

    const LINE: Tested = Tested { height: Some(10 * 64), is_found: false, is_printed: true };

    fn hundred() -> Book {
        let mut book = book();
        for number in 0..100 {
            book.take_line(printed(Some(id("a")), &number.to_string()));
        }
        book
    }

    #[test]
    fn following_holds_the_end_in_view_and_reading_what_is_read() {
        let mut book = hundred();
        let mut all = |_: &Line| LINE;
        let laid = book.lay_out(true, (0, 100 * 64), &mut all, &|| false);
        assert_eq!((laid.total, laid.scroll_to, laid.added), (1_000 * 64, Some(900 * 64), 100));
        book.take_line(printed(Some(id("a")), "new"));
        let laid = book.lay_out(false, (300 * 64, 100 * 64), &mut all, &|| false);
        assert_eq!((laid.scroll_to, laid.added), (None, 1));
    }

    #[test]
    fn another_filter_keeps_the_first_line_that_is_read() {
        let mut book = hundred();
        let mut all = |_: &Line| LINE;
        book.lay_out(false, (0, 100 * 64), &mut all, &|| false);
        book.coming = Some(LineFilter::default());
        let mut even = |line: &Line| Tested { height: line.number.is_multiple_of(2).then_some(10 * 64), ..LINE };
        // Line 30 is at 300; among the even ones it is the 15th.
        let laid = book.lay_out(false, (305 * 64, 100 * 64), &mut even, &|| false);
        assert_eq!((laid.total, laid.scroll_to), (500 * 64, Some(155 * 64)));
    }
}
