//! Several logs as one, in the order of time.
//!
//! Each log comes in its own order. A line waits until every other log has given its next line, or has been silent for
//! [`WINDOW`]; and until it is itself that old, as long as a silent log may still tell of something earlier. So lines are in order unless
//! one log comes later than that behind another. Held are at most one line of each log.

use super::follower::Tailed;
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

/// How late a log may be behind the others. Longer would be more orderly, and show every line later.
const WINDOW: Duration = Duration::from_millis(250);

/// Reads several logs at once; with one it adds nothing.
pub struct Merge {
    logs: Vec<Log>,
    timer: Pin<Box<Sleep>>,
}

struct Log {
    tailed: BoxStream<'static, Tailed>,
    head: Option<Head>,
    /// Since when it has had nothing to give.
    silent_since: Option<Instant>,
    over: bool,
}

struct Head {
    tailed: Tailed,
    since: Instant,
}

impl fmt::Debug for Merge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merge").field("logs", &self.logs.len()).finish_non_exhaustive()
    }
}

impl Merge {
    /// Of these, which are told apart by their number.
    pub fn new(logs: impl IntoIterator<Item = impl Stream<Item = Tailed> + Send + 'static>) -> Self {
        let log = |tailed: BoxStream<'static, Tailed>| Log { tailed, head: None, silent_since: None, over: false };
        let logs = logs.into_iter().map(|tailed| log(tailed.boxed())).collect();
        Self { logs, timer: Box::pin(sleep_until(Instant::now())) }
    }

    /// What comes next, and of which; `None` when all are over. Cancel safe.
    pub async fn next(&mut self) -> Option<(usize, Tailed)> {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<(usize, Tailed)>> {
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
                    return Poll::Ready(head.map(|head| (number, head.tailed)));
                }
                Err(due) => due,
            };
            // Without a line there is nothing to wait for but the logs themselves.
            let Some(due) = due else { return Poll::Pending };
            self.timer.as_mut().reset(due);
            if self.timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// Whose head comes next; else when to look again.
    fn ready(&self, at: Instant) -> Result<usize, Option<Instant>> {
        // What is no line stands where it stands in its own log.
        if let Some(number) =
            self.logs.iter().position(|log| log.head.as_ref().is_some_and(|head| head.time().is_none()))
        {
            return Ok(number);
        }
        let heads = self.logs.iter().enumerate().filter_map(|(number, log)| Some((number, log.head.as_ref()?)));
        let Some((number, head)) = heads.min_by_key(|(_, head)| head.time()) else {
            return Err(None);
        };
        let silent: Vec<_> = self.logs.iter().filter_map(|log| log.silent_since).collect();
        let Some(last) = silent.iter().max() else { return Ok(number) };
        let is_old = head.time().is_some_and(|time| time <= LogTime::from(now()).before(WINDOW));
        let due = if is_old { *last + WINDOW } else { (*last + WINDOW).max(head.since + WINDOW) };
        if due <= at { Ok(number) } else { Err(Some(due)) }
    }
}

impl Log {
    fn fill(&mut self, at: Instant, context: &mut Context<'_>) {
        if self.over || self.head.is_some() {
            return;
        }
        match self.tailed.poll_next_unpin(context) {
            Poll::Ready(Some(tailed)) => {
                self.head = Some(Head { tailed, since: at });
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

impl Head {
    /// Of a line.
    fn time(&self) -> Option<LogTime> {
        match &self.tailed {
            Tailed::Line(line, _) => Some(line.time),
            Tailed::Gap(_) | Tailed::End(_) | Tailed::Resume => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Line, Place},
        *,
    };
    use app::model::LogStream;
    use futures::stream;

    fn line(time: u64) -> Tailed {
        let line = Line { stream: LogStream::Stdout, time: LogTime(time), text: Vec::new(), truncated: false };
        Tailed::Line(line, Some(Place { time: LogTime(time), count: 1, mark: None }))
    }

    async fn merged(mut merge: Merge) -> Vec<(usize, Option<u64>)> {
        let mut told = Vec::new();
        while let Some((number, tailed)) = merge.next().await {
            told.push((number, if let Tailed::Line(line, _) = tailed { Some(line.time.0) } else { None }));
        }
        told
    }

    #[tokio::test]
    async fn each_log_keeps_its_own_order_and_times_decide_between_them() {
        let logs = [vec![line(1), line(5), line(4), Tailed::Resume, line(9)], vec![line(2), line(3), line(6)], vec![]];
        let told = merged(Merge::new(logs.map(stream::iter))).await;
        let (first, second) = (0, 1);
        // 4 stands behind 5 in its own log.
        let order = [(first, 1), (second, 2), (second, 3), (first, 5), (first, 4)];
        let mut expected: Vec<_> = order.map(|(log, time)| (log, Some(time))).into();
        expected.extend([(first, None), (second, Some(6)), (first, Some(9))]);
        assert_eq!(told, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_waits_for_a_silent_log_no_longer_than_the_window() {
        let late = stream::once(async {
            tokio::time::sleep(WINDOW * 3 / 5).await;
            line(1)
        });
        let silent = stream::pending();
        let mut merge = Merge::new([stream::iter([line(2)]).boxed(), late.boxed(), silent.boxed()]);
        let asked = Instant::now();
        let (first, second) = (merge.next().await, merge.next().await);
        assert!(matches!(&first, Some((1, _))) && matches!(&second, Some((0, _))), "{first:?} {second:?}");
        assert!(asked.elapsed() <= 2 * WINDOW, "{:?}", asked.elapsed());
    }
}
