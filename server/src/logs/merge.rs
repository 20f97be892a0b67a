//! Merges several logs by time.
//!
//! In: one [`LogEvent`] stream per log, and how far the clock of its engine is ahead. Out: their
//! events with the number of the log. Holds at most one line per log.
//!
//! A line is held until all other logs have sent their next line or have been silent for
//! [`REORDER_WINDOW`], and while a silent log could still send an earlier one, until the line
//! itself is that old. Lines are therefore in order unless a log is delayed by more than
//! [`REORDER_WINDOW`].

use super::follower::LogEvent;
use crate::{engine::LogTime, now};
use futures::{Stream, StreamExt as _, stream::BoxStream};
use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep_until};

/// Maximum delay of a log that still keeps the order. A longer time would delay every line.
const REORDER_WINDOW: Duration = Duration::from_millis(250);

/// Reads several logs; with a single log, it adds no delay.
pub struct Merge {
    logs: Vec<Log>,
    timer: Pin<Box<Sleep>>,
}

struct Log {
    event: BoxStream<'static, LogEvent>,
    head: Option<Head>,
    /// Time since which the log has been silent.
    silent_since: Option<Instant>,
    over: bool,
    /// Milliseconds by which the clock of the log's engine is ahead of this server's.
    clock_offset: i64,
}

struct Head {
    event: LogEvent,
    since: Instant,
}

impl fmt::Debug for Merge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merge").field("logs", &self.logs.len()).finish_non_exhaustive()
    }
}

impl Merge {
    /// Merges these logs, which are identified by their index. Each comes with the milliseconds by
    /// which the clock of its engine is ahead of this server's.
    pub fn new(logs: impl IntoIterator<Item = (impl Stream<Item = LogEvent> + Send + 'static, i64)>) -> Self {
        let log = |(event, clock_offset): (BoxStream<'static, LogEvent>, i64)| Log {
            event,
            head: None,
            silent_since: None,
            over: false,
            clock_offset,
        };
        let logs = logs.into_iter().map(|(event, offset)| log((event.boxed(), offset))).collect();
        Self { logs, timer: Box::pin(sleep_until(Instant::now())) }
    }

    /// Returns the index of a log and its next event; `None` when all have ended. Cancel safe.
    pub async fn next(&mut self) -> Option<(usize, LogEvent)> {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<(usize, LogEvent)>> {
        loop {
            let at = Instant::now();
            for log in &mut self.logs {
                log.fill(at, context);
            }
            if self.logs.iter().all(|log| log.over && log.head.is_none()) {
                return Poll::Ready(None);
            }
            let due = match self.ready(at) {
                Ok(number) => {
                    let head = self.logs[number].head.take();
                    return Poll::Ready(head.map(|head| (number, head.event)));
                }
                Err(due) => due,
            };
            // Without a held line, only the logs can wake this task.
            let Some(due) = due else { return Poll::Pending };
            self.timer.as_mut().reset(due);
            if self.timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// Returns the log whose head is next, or the time at which to check again.
    fn ready(&self, at: Instant) -> Result<usize, Option<Instant>> {
        // Events other than lines keep their place in their own log.
        if let Some(number) =
            self.logs.iter().position(|log| log.head.as_ref().is_some_and(|head| head.time().is_none()))
        {
            return Ok(number);
        }
        let heads =
            self.logs.iter().enumerate().filter_map(|(number, log)| Some((number, log.head.as_ref()?, log.time()?)));
        let Some((number, head, time)) = heads.min_by_key(|(_, _, time)| *time) else {
            return Err(None);
        };
        let silent: Vec<_> = self.logs.iter().filter_map(|log| log.silent_since).collect();
        let Some(last) = silent.iter().max() else { return Ok(number) };
        let is_old = time <= LogTime::from(now()).before(REORDER_WINDOW);
        let due =
            if is_old { *last + REORDER_WINDOW } else { (*last + REORDER_WINDOW).max(head.since + REORDER_WINDOW) };
        if due <= at { Ok(number) } else { Err(Some(due)) }
    }
}

impl Log {
    fn fill(&mut self, at: Instant, context: &mut Context<'_>) {
        if self.over || self.head.is_some() {
            return;
        }
        match self.event.poll_next_unpin(context) {
            Poll::Ready(Some(event)) => {
                self.head = Some(Head { event, since: at });
                self.silent_since = None;
            }
            Poll::Ready(None) => {
                self.over = true;
                self.silent_since = None;
            }
            Poll::Pending => {
                self.silent_since.get_or_insert(at);
            }
        }
    }
}

impl Log {
    /// Time of the log's next line, on this server's clock.
    fn time(&self) -> Option<LogTime> {
        let distance = Duration::from_millis(self.clock_offset.unsigned_abs());
        let time = self.head.as_ref()?.time()?;
        Some(if self.clock_offset > 0 { time.before(distance) } else { time.after(distance) })
    }
}

impl Head {
    /// Time of a line; `None` for other events.
    fn time(&self) -> Option<LogTime> {
        match &self.event {
            LogEvent::Line(line, _) => Some(line.time),
            LogEvent::Gap(_) | LogEvent::End(_) | LogEvent::Resume => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Line, LogPosition},
        *,
    };
    use app::model::LogStream;
    use futures::stream;

    fn line(time: u64) -> LogEvent {
        let line = Line { stream: LogStream::Stdout, time: LogTime(time), text: Vec::new(), truncated: false };
        LogEvent::Line(line, Some(LogPosition { time: LogTime(time), count: 1, mark: None }))
    }

    async fn merged(mut merge: Merge) -> Vec<(usize, Option<u64>)> {
        let mut output = Vec::new();
        while let Some((number, event)) = merge.next().await {
            output.push((number, if let LogEvent::Line(line, _) = event { Some(line.time.0) } else { None }));
        }
        output
    }

    #[tokio::test]
    async fn merged_logs_keep_their_order_and_are_sorted_by_time() {
        let logs =
            [vec![line(1), line(5), line(4), LogEvent::Resume, line(9)], vec![line(2), line(3), line(6)], vec![]];
        let output = merged(Merge::new(logs.map(|log| (stream::iter(log), 0)))).await;
        let (first, second) = (0, 1);
        // 4 comes after 5 in its own log.
        let order = [(first, 1), (second, 2), (second, 3), (first, 5), (first, 4)];
        let mut expected: Vec<_> = order.map(|(log, time)| (log, Some(time))).into();
        expected.extend([(first, None), (second, Some(6)), (first, Some(9))]);
        assert_eq!(output, expected);
    }

    #[tokio::test]
    async fn logs_of_engines_with_different_clocks_are_sorted_on_one_clock() {
        let millis = |time: u64| line(time * 1_000_000);
        let ahead = [millis(5_001), millis(5_004)];
        let right = [millis(2), millis(3)];
        let output = merged(Merge::new([(stream::iter(ahead), 5_000), (stream::iter(right), 0)])).await;
        assert_eq!(output.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [0, 1, 1, 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_waits_at_most_the_reorder_window_for_a_silent_log() {
        let late = stream::once(async {
            tokio::time::sleep(REORDER_WINDOW * 3 / 5).await;
            line(1)
        });
        let silent = stream::pending();
        let mut merge = Merge::new([stream::iter([line(2)]).boxed(), late.boxed(), silent.boxed()].map(|log| (log, 0)));
        let started = Instant::now();
        let (first, second) = (merge.next().await, merge.next().await);
        assert!(matches!(&first, Some((1, _))) && matches!(&second, Some((0, _))), "{first:?} {second:?}");
        assert!(started.elapsed() <= 2 * REORDER_WINDOW, "{:?}", started.elapsed());
    }
}
