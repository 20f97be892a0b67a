//! Lines that the engine could not read: reads again, and reports those that are missing.

use super::{
    super::SKIPPED_LINES, Follower, FollowerState, LogEvent, MAX_FAILED_READS, MIN_RETRY_DELAY, PREMATURE_END_LIMIT,
    PREMATURE_ENDS,
};
use app::model::{LogGap, LogGapReason};
use tokio::time::sleep;

impl Follower {
    /// Reports skipped lines once, because they are skipped again with each read. Since 26.1,
    /// dockerd ends the log where it cannot read on, and may lose the lines before that place; the
    /// log is then read again before future lines are followed.
    pub(super) fn skipped(&mut self, gap: LogGap) -> Option<LogEvent> {
        if gap.to.is_none() {
            return self.interrupted(gap);
        }
        let is_reported = self.skipped.replace(gap.from) == Some(gap.from);
        (!is_reported).then_some(LogEvent::Gap(gap))
    }

    /// Handles a read error of the engine. dockerd's error can overtake earlier lines, which arrive
    /// with the next read; only then is it known which lines are missing.
    pub(super) fn interrupted(&mut self, gap: LogGap) -> Option<LogEvent> {
        let is_reported = self.unreadable.as_ref().is_some_and(|reported| reported.detail == gap.detail);
        if !is_reported {
            self.interruption = Some(gap);
        }
        None
    }

    /// Reads again, or reports the missing lines if that has not helped.
    pub(super) async fn after_interruption(&mut self, gap: LogGap) -> Option<LogEvent> {
        self.state = FollowerState::Opening;
        self.failed_reads += 1;
        if self.failed_reads <= MAX_FAILED_READS {
            sleep(MIN_RETRY_DELAY).await;
            return None;
        }
        Some(self.report_gap(gap))
    }

    /// Reports missing lines after the last one.
    pub(super) fn report_gap(&mut self, gap: LogGap) -> LogEvent {
        let from = self.position.map(|position| position.time.timestamp());
        let gap = LogGap { from, ..gap };
        (self.failed_reads, self.unreadable) = (0, Some(gap.clone()));
        self.is_stuck |= gap.detail.as_deref() == Some(SKIPPED_LINES);
        LogEvent::Gap(gap)
    }

    /// Counts ends of a running container's log. After several in a row without a new line, reports
    /// once that the engine cannot read on.
    pub(super) fn premature_end(&mut self, reading: &FollowerState) -> Option<LogEvent> {
        match reading {
            FollowerState::Reading(reading) if reading.opened_at().elapsed() < PREMATURE_END_LIMIT => {}
            _ => {
                self.is_stuck = false;
                return None;
            }
        }
        self.premature_ends = self.premature_ends.saturating_add(1);
        (self.premature_ends == MAX_FAILED_READS && self.unreadable.is_none()).then(|| {
            LogEvent::Gap(LogGap {
                container_id: None,
                engine: None,
                reason: LogGapReason::Unreadable,
                from: self.position.map(|position| position.time.timestamp()),
                to: None,
                detail: Some(PREMATURE_ENDS.to_owned()),
            })
        })
    }
}
