//! `GET /containers/{id}/logs`: lines as frames of eight header bytes and text, or raw with a terminal.

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
use crate::engine::ContainerId;
use crate::engine::container::{Container, Run};
use crate::engine::program::Line;

/// How often a followed log is looked at; lines are formulas of time, so nobody says when one is due.
const FOLLOW_PERIOD: Duration = Duration::from_millis(100);

/// What of a log is wanted.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    stdout: bool,
    stderr: bool,
    timestamps: bool,
    since: Option<Moment>,
    until: Option<Moment>,
    /// Newest lines; `None`: all.
    tail: Option<usize>,
}

/// `GET /containers/{id}/logs?stdout=&stderr=&tail=&follow=&timestamps=&since=&until=`.
pub(crate) async fn logs(daemon: Shared, Path(id): Path<String>, params: Params) -> Result<Response, Refusal> {
    let wanted = Wanted {
        stdout: params.flag("stdout"),
        stderr: params.flag("stderr"),
        timestamps: params.flag("timestamps"),
        since: params.moment("since")?,
        until: params.moment("until")?,
        // "all" and nonsense mean everything, as dockerd has it.
        tail: params.text("tail").and_then(|tail| tail.parse().ok()),
    };
    if !wanted.stdout && !wanted.stderr {
        return Err(Refusal::invalid("Bad parameters: you must choose at least one stream"));
    }
    let (id, now, bytes) = daemon.act(|engine, now| {
        let container = engine.find(&id)?;
        Ok::<_, crate::engine::EngineError>((container.id.clone(), now, wanted.encode(container, wanted.since, now)))
    })?;
    if !params.flag("follow") {
        return Ok(Body::from(bytes).into_response());
    }
    let open = daemon.calls.opened(Endpoint::Logs);
    let wanted = Wanted { tail: None, ..wanted };
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
    /// Lines before this have been sent.
    seen: Moment,
    first: Option<Bytes>,
    _open: OpenStream,
}

impl Follower {
    /// The next lines; `None` once the process has ended and everything it printed has been sent.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            return Some(first);
        }
        loop {
            let (bytes, lives, now) = self.look();
            if !bytes.is_empty() {
                self.seen = now;
                self.daemon.faults.thawed().await;
                return Some(bytes);
            }
            if !lives {
                return None;
            }
            self.seen = now;
            self.daemon.clock.sleep_until(now.plus(FOLLOW_PERIOD)).await;
        }
    }

    fn look(&self) -> (Bytes, bool, Moment) {
        self.daemon.act(|engine, now| match engine.find(self.id.as_str()) {
            Ok(container) => {
                let past_end = self.wanted.until.is_some_and(|until| now >= until);
                let lives = container.state.has_process() && !past_end;
                (self.wanted.encode(container, Some(self.seen), now), lives, now)
            }
            Err(_) => (Bytes::new(), false, now),
        })
    }
}

impl Wanted {
    /// Lines printed in `from <= at < now`, encoded.
    fn encode(&self, container: &Container, from: Option<Moment>, now: Moment) -> Bytes {
        let end = self.until.map_or(now, |until| until.min(now));
        let runs = container.runs.iter();
        let mut lines: Vec<(Moment, Line)> = runs.flat_map(|run| lines_of_run(container, run, from, end)).collect();
        lines.retain(|(_, line)| if line.stderr { self.stderr } else { self.stdout });
        let skipped = self.tail.map_or(0, |tail| lines.len().saturating_sub(tail));
        let mut bytes = BytesMut::new();
        for (at, line) in &lines[skipped..] {
            self.put_line(&mut bytes, *at, line, container.spec.tty);
        }
        bytes.freeze()
    }

    fn put_line(&self, bytes: &mut BytesMut, at: Moment, line: &Line, tty: bool) {
        let stamp = if self.timestamps { format!("{at} ") } else { String::new() };
        let end = if tty { "\r\n" } else { "\n" };
        let text = format!("{stamp}{}{end}", line.text);
        if !tty {
            bytes.put_u8(if line.stderr { 2 } else { 1 });
            bytes.put_bytes(0, 3);
            bytes.put_u32(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        bytes.put_slice(text.as_bytes());
    }
}

fn lines_of_run(container: &Container, run: &Run, from: Option<Moment>, end: Moment) -> Vec<(Moment, Line)> {
    let active = run.active(end);
    let first = from.map_or(Duration::ZERO, |from| from.since(run.started_at));
    // A line printed in the very moment the process ends still counts.
    let to = if run.ended_at.is_some_and(|ended| ended <= end) { active + Duration::from_nanos(1) } else { active };
    let lines = container.spec.program.lines(first, to).into_iter();
    lines.map(|line| (run.started_at.plus(line.at), line)).collect()
}
