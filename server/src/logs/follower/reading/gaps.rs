//! Lines that are missing: no longer in the log, or skipped by the engine.

use super::{Read, Reading};
use crate::{
    engine::LogTime,
    logs::{Line, NewestLine, Progress, SKIPPED_LINES, seeker::Seeker},
};
use app::model::{LogGap, LogGapReason};

impl Reading {
    /// True while a line of the log is expected soon.
    pub(super) fn is_waiting_for_line(&self) -> bool {
        self.newest.is_some() || self.seeker.as_ref().is_some_and(Seeker::holds)
    }

    /// Reports lines that the engine skipped before this one.
    pub(super) fn look_for_newest(&mut self, line: &Line) {
        match self.newest.as_mut().map(|newest| newest.take(line)) {
            None | Some(Progress::Before) => {}
            // Rotation may have removed it since.
            Some(Progress::Beyond) if self.wakeups.is_none() => {
                self.report_skipped(Some(line.time));
            }
            Some(Progress::Reached | Progress::Beyond) => {
                self.reached =
                    self.newest.take().filter(|_| self.counts_records).map(|newest| (newest, self.decoder.records()));
            }
        }
    }

    /// Reports lines that the engine skipped before the newest line.
    pub(super) async fn report_skipped_between(&mut self, newest: NewestLine, records: u32) {
        let (query, framing) = (self.query, self.decoder.framing());
        let between = newest.skipped_between(&self.client, self.id, &query, framing, records).await;
        if let Some((from, to)) = between {
            self.push_skipped(Some(from), Some(to));
        }
    }

    fn push_skipped(&mut self, from: Option<LogTime>, to: Option<LogTime>) {
        self.found.push_back(Read::Skipped(LogGap {
            container_id: None,
            engine: None,
            reason: LogGapReason::Unreadable,
            from: from.map(LogTime::timestamp),
            to: to.map(LogTime::timestamp),
            detail: Some(SKIPPED_LINES.to_owned()),
        }));
    }

    /// Reports lines that the engine skipped, if the newest line was not read; returns true if so.
    /// `to` is the time of the line after them.
    pub(super) fn report_skipped(&mut self, to: Option<LogTime>) -> bool {
        // An unfinished line may be the newest.
        let Some(newest) = self.newest.take().filter(|_| self.decoder.unfinished().is_none()) else { return false };
        let last = newest.before().or(self.position.map(|position| position.time));
        if last.is_none() && self.wakeups.is_some() {
            return false;
        }
        self.push_skipped(last, to);
        true
    }

    /// Reports lines that are no longer in the log. Those that were received by following are shown
    /// instead.
    pub(super) fn report_gap(&mut self, to: LogTime) {
        // An older position belongs to another container's log.
        let Some(last) = self.position.filter(|position| position.time >= self.created) else { return };
        let mut from = last.time;
        let followed = self.wakeups.as_mut().map(|wakeups| wakeups.between(from, to)).unwrap_or_default();
        for line in followed {
            from = line.time;
            self.show(line, None);
        }
        self.found.push_back(Read::Gap(LogGap {
            container_id: None,
            engine: None,
            reason: LogGapReason::Rotated,
            from: Some(from.timestamp()),
            to: Some(to.timestamp()),
            detail: None,
        }));
    }
}
