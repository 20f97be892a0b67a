//! `GET /containers/{id}/logs`: lines as frames of eight header bytes and text, or raw with a
//! terminal.
//!
//! A line longer than 16 KiB is sent in parts, each with the timestamp of the first; with a
//! terminal, these timestamps are within the line.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bytes::{BufMut, Bytes, BytesMut};
use futures::stream;

use super::Shared;
use super::params::Params;
use super::refusal::Refusal;
use crate::calls::{Endpoint, OpenStream};
use crate::clock::Moment;
use crate::daemon::Daemon;
use crate::engine::container::{Container, Run};
use crate::engine::program::Line;
use crate::engine::settings::Stamps;
use crate::engine::{ContainerId, EngineError};

/// Polling interval of a followed log. Lines are computed from the time, so there is no
/// notification.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Drivers whose logs can be read.
const READABLE: [&str; 3] = ["json-file", "local", "journald"];

/// Difference between the timestamps of lines printed at the same time: dockerd stamps each line
/// when it reads it. [`Settings`] can differ, as in Podman.
///
/// [`Settings`]: crate::engine::Settings
const STAMP_STEP: Duration = Duration::from_micros(2);
/// Maximum number of lines printed at the same time.
const MAX_LINES_PER_TIME: u32 = 100_000;
/// Maximum difference between a line's timestamp and its time.
const MAX_STAMP_DELAY: Duration = Duration::from_secs(1);
/// Maximum size of a part of a line.
const MAX_PART_BYTES: usize = 16 << 10;

/// Selection of lines.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    stdout: bool,
    stderr: bool,
    timestamps: bool,
    since: Option<Moment>,
    until: Option<Moment>,
    /// Number of newest lines; `None` for all lines.
    tail: Option<usize>,
    /// Precision of timestamps.
    stamps: Stamps,
    /// Number of the last run whose lines are sent: a followed log ends with its run.
    last_run: u32,
}

/// `GET /containers/{id}/logs?stdout=&stderr=&tail=&follow=&timestamps=&since=&until=`.
pub(crate) async fn logs(daemon: Shared, Path(id): Path<String>, params: Params) -> Result<Response, Refusal> {
    let wanted = Wanted {
        stdout: params.flag("stdout"),
        stderr: params.flag("stderr"),
        timestamps: params.flag("timestamps"),
        since: params.moment("since")?,
        until: params.moment("until")?,
        // "all" and invalid numbers mean all lines, as in dockerd.
        tail: params.text("tail").and_then(|tail| tail.parse().ok()),
        stamps: Stamps::default(),
        last_run: u32::MAX,
    };
    if !wanted.stdout && !wanted.stderr {
        return Err(Refusal::invalid("Bad parameters: you must choose at least one stream"));
    }
    let (id, wanted, now, bytes) = daemon.act(|engine, now| {
        let container = engine.find(&id)?;
        if !READABLE.contains(&container.spec.extras.log_driver()) {
            return Err(EngineError::NotImplemented("configured logging driver does not support reading".to_owned()));
        }
        let wanted = Wanted { stamps: engine.settings.log_stamps, ..wanted };
        let first = wanted.since.filter(|_| wanted.tail.is_none()).map(|since| since.minus(MAX_STAMP_DELAY));
        let followed = Wanted { tail: None, last_run: container.run().map_or(0, |run| run.number), ..wanted };
        Ok((container.id.clone(), followed, now, wanted.encode(container, first, now)))
    })?;
    if !params.flag("follow") {
        return Ok(Body::from(bytes).into_response());
    }
    let open = daemon.calls.opened(Endpoint::Logs);
    let follower = Follower { daemon: Arc::clone(&daemon), id, wanted, seen: now, first: Some(bytes), _open: open };
    let body = stream::unfold(follower, async |mut follower| {
        let bytes = follower.next().await?;
        Some((Ok::<_, Infallible>(bytes), follower))
    });
    Ok(Body::from_stream(body).into_response())
}

/// A log that is followed.
struct Follower {
    daemon: Arc<Daemon>,
    id: ContainerId,
    wanted: Wanted,
    /// Time before which all lines have been sent.
    seen: Moment,
    first: Option<Bytes>,
    _open: OpenStream,
}

impl Follower {
    /// The next lines; `None` once the process has ended and all its lines were sent.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            return Some(first);
        }
        loop {
            let (bytes, is_running, now) = self.read();
            if !bytes.is_empty() {
                self.seen = now;
                self.daemon.faults.thawed().await;
                return Some(bytes);
            }
            if !is_running {
                return None;
            }
            self.seen = now;
            self.daemon.clock.sleep_until(now.plus(POLL_INTERVAL)).await;
        }
    }

    fn read(&self) -> (Bytes, bool, Moment) {
        self.daemon.act(|engine, now| match engine.find(self.id.as_str()) {
            Ok(container) => {
                let past_end = self.wanted.until.is_some_and(|until| now >= until);
                let same_run = container.run().is_some_and(|run| run.number == self.wanted.last_run);
                let is_running = same_run && container.state.has_process() && !past_end;
                (self.wanted.encode(container, Some(self.seen), now), is_running, now)
            }
            Err(_) => (Bytes::new(), false, now),
        })
    }
}

impl Wanted {
    /// The selected lines printed from `from` to now, encoded.
    fn encode(&self, container: &Container, from: Option<Moment>, now: Moment) -> Bytes {
        let runs = container.runs.iter().filter(|run| run.number <= self.last_run);
        let mut lines: Vec<(Moment, Line)> =
            runs.flat_map(|run| self.lines_of_run(container, run, from, now)).collect();
        // The newest lines are taken first, then filtered.
        let skipped = self.tail.map_or(0, |tail| lines.len().saturating_sub(tail));
        lines.drain(..skipped);
        // `since` and `until` are inclusive.
        let in_time =
            |at: &Moment| self.since.is_none_or(|since| *at >= since) && self.until.is_none_or(|until| *at <= until);
        // A terminal has a single stream.
        let is_stderr = |line: &Line| line.stderr && !container.spec.tty;
        lines.retain(|(at, line)| in_time(at) && if is_stderr(line) { self.stderr } else { self.stdout });
        let mut bytes = BytesMut::new();
        for (at, line) in &lines {
            self.put_line(&mut bytes, *at, line, container.spec.tty);
        }
        bytes.freeze()
    }

    fn put_line(&self, bytes: &mut BytesMut, at: Moment, line: &Line, tty: bool) {
        let stamp = if self.timestamps { format!("{at} ") } else { String::new() };
        let text = format!("{}{}", line.text, if tty { "\r\n" } else { "\n" });
        for piece in text.as_bytes().chunks(MAX_PART_BYTES) {
            if !tty {
                bytes.put_u8(if line.stderr { 2 } else { 1 });
                bytes.put_bytes(0, 3);
                bytes.put_u32(u32::try_from(stamp.len() + piece.len()).unwrap_or(u32::MAX));
            }
            bytes.put_slice(stamp.as_bytes());
            bytes.put_slice(piece);
        }
    }

    /// Lines printed from `from` to `end`, with their timestamps.
    fn lines_of_run(&self, container: &Container, run: &Run, from: Option<Moment>, end: Moment) -> Vec<(Moment, Line)> {
        let active = run.active(end);
        let first = from.map_or(Duration::ZERO, |from| from.since(run.started_at));
        // A line printed at the moment the process ends still counts.
        let to = if run.ended_at.is_some_and(|ended| ended <= end) { active + Duration::from_nanos(1) } else { active };
        let mut last = None;
        let stamped = |line: Line| {
            // Lines of the same time follow each other completely, wherever the log is split.
            let number =
                last.filter(|(at, _)| *at == line.at).map_or(0, |(_, number)| number + 1).min(MAX_LINES_PER_TIME);
            last = Some((line.at, number));
            (self.stamps.stamp(run.started_at.plus(line.at), number), line)
        };
        container.spec.program.lines(first, to).into_iter().map(stamped).collect()
    }
}

impl Stamps {
    fn stamp(self, at: Moment, number: u32) -> Moment {
        match self {
            Self::Nanoseconds => at.plus(STAMP_STEP * number),
            Self::Seconds => Moment::from_nanos(at.as_secs() * 1_000_000_000),
        }
    }
}
