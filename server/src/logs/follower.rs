//! Reads one container's log as long as somebody looks, over stops, restarts and losses of the engine, without a gap.
//!
//! ```text
//! opening ──engine answers──▶ reading ──end, and it does not run──▶ stopped ──it starts──▶ opening
//!    ▲                           │
//!    └────── the engine is back ─┴─ the link is lost
//! ```
//! In: the engine's bytes, over one [`Reading`] after another. Out: [`Tailed`], one at a time, when it is asked. After each way back it goes on
//! behind the last line it gave out.

mod reading;

use super::{Line, LogQuery, LogReader, Place};
use crate::{
    engine::{EngineClient, EngineError, convert::time},
    feed::Feed,
};
use app::model::{ContainerId, EngineLink, LogEnd, LogEndReason};
use reading::{Cut, Reading, Run};
use std::time::Duration;
use tokio::{sync::watch, time::sleep};

/// Between two attempts where the engine gives neither lines nor a reason; doubles from attempt to attempt.
const PAUSE: Duration = Duration::from_millis(250);
/// Doublings of it at most: 8 s.
const MOST_DOUBLINGS: u32 = 5;

/// What a reader tells.
#[derive(Debug, PartialEq, Eq)]
pub enum Tailed {
    /// A line, and the place behind it.
    Line(Line, Place),
    /// Nothing more for now, or for ever.
    End(LogEnd),
    /// Lines follow again.
    Resume,
}

/// Where a follower asks.
#[derive(Debug, Clone)]
pub struct LogSources {
    /// The engine, while it is there.
    pub client: watch::Receiver<Option<EngineClient>>,
    /// Whether the container runs.
    pub feed: Feed,
}

/// Reads one log.
#[derive(Debug)]
pub struct Follower {
    id: ContainerId,
    query: LogQuery,
    sources: LogSources,
    /// Behind the last line that was given out.
    place: Option<Place>,
    standing: Standing,
    /// An end was told, so that going on is told, too.
    paused: bool,
    /// The run whose end was told last.
    ended: Option<Run>,
    /// Since the last line.
    attempts: u32,
    _reader: LogReader,
}

#[derive(Debug)]
enum Standing {
    /// The engine is to be asked, if it is there.
    Opening,
    Reading(Box<Reading>),
    /// It does not run.
    Stopped,
    Over,
}

impl Follower {
    /// A reader that begins as the query says, or behind `place`. Nothing is asked before [`Self::next`], so that an engine that is
    /// lost is waited for.
    pub fn new(id: ContainerId, query: LogQuery, place: Option<Place>, sources: LogSources, reader: LogReader) -> Self {
        Self {
            id,
            query,
            sources,
            place,
            standing: Standing::Opening,
            paused: false,
            ended: None,
            attempts: 0,
            _reader: reader,
        }
    }

    /// Opens the log, so that a refusal can be told before anything else is.
    ///
    /// # Errors
    /// The engine's refusal; anything else is waited out later.
    pub async fn open(&mut self) -> Result<(), EngineError> {
        let Some(client) = self.sources.client.borrow_and_update().clone() else { return Ok(()) };
        let opened = async {
            client.can_read_logs(self.id).await?;
            Reading::open(&client, self.id, &self.query, self.place).await
        };
        match opened.await {
            Ok(reading) => self.standing = Standing::Reading(Box::new(reading)),
            Err(error @ EngineError::Refused { .. }) => return Err(error),
            Err(error) => tracing::debug!(container.id = %self.id, %error, "a log is opened later"),
        }
        Ok(())
    }

    /// What comes next; `None` when nothing ever does. Not to be dropped halfway.
    pub async fn next(&mut self) -> Option<Tailed> {
        loop {
            let tailed = match &mut self.standing {
                Standing::Over => return None,
                Standing::Opening => self.reopen().await,
                Standing::Stopped => self.wait_for_start().await,
                Standing::Reading(reading) => match reading.next(&mut self.sources.client).await {
                    Ok((line, place)) => {
                        (self.place, self.attempts) = (Some(place), 0);
                        Some(Tailed::Line(line, place))
                    }
                    Err(cut) => self.cut(cut).await,
                },
            };
            if tailed.is_some() {
                return tailed;
            }
        }
    }

    async fn reopen(&mut self) -> Option<Tailed> {
        let Some(client) = self.sources.client.borrow_and_update().clone() else {
            if self.paused {
                // The sender lives as long as the server.
                let _ = self.sources.client.changed().await;
                return None;
            }
            return self.pause(end(LogEndReason::EngineLost));
        };
        match Reading::open(&client, self.id, &self.query, self.place).await {
            // The feed was quicker than the engine's own word, or its start another than the one that is known.
            Ok(reading) if self.ended.as_ref() == Some(reading.run()) => {
                self.standing = Standing::Stopped;
                self.wait_a_little().await;
                None
            }
            Ok(reading) => {
                self.standing = Standing::Reading(Box::new(reading));
                std::mem::take(&mut self.paused).then_some(Tailed::Resume)
            }
            Err(error) => self.failed(error).await,
        }
    }

    async fn cut(&mut self, cut: Cut) -> Option<Tailed> {
        match cut {
            Cut::TooShort(reading) => self.standing = Standing::Reading(reading),
            Cut::Link => self.standing = Standing::Opening,
            Cut::Failed(error) => return self.failed(error).await,
            Cut::Ended(_) if self.query.until.is_some() => return self.finish(end(LogEndReason::Until)),
            Cut::Ended(run) => return self.ended(&run).await,
        }
        None
    }

    /// The engine has no more of the log: because the container stopped, as a rule.
    async fn ended(&mut self, run: &Run) -> Option<Tailed> {
        self.standing = Standing::Opening;
        let client = self.sources.client.borrow().clone()?;
        let inspect = match client.inspect_document(self.id).await {
            Ok(inspect) => inspect,
            Err(error) => return self.failed(error).await,
        };
        let now = Run::of(&inspect);
        if now.running && now.started_at == run.started_at {
            // It runs on: a log that was rotated, or an engine that is ending.
            self.wait_a_little().await;
            return None;
        }
        let state = &inspect["State"];
        let known = (!now.running && now.finished_at.is_some()).then(|| state["ExitCode"].as_i64()).flatten();
        let at = state["FinishedAt"].as_str().and_then(time);
        if !now.running {
            self.standing = Standing::Stopped;
            self.ended = Some(now);
        }
        self.pause(LogEnd { exit_code: known, at, ..end(LogEndReason::Stopped) })
    }

    async fn wait_for_start(&mut self) -> Option<Tailed> {
        let id = self.id;
        let ended = self.ended.as_ref().and_then(Run::started);
        let mut removed = false;
        let started = self.sources.feed.until(|state| {
            let up = state.engines().iter().all(|engine| engine.link == EngineLink::Up);
            match state.container(id) {
                None => removed = up,
                Some(container) => return container.state.has_processes() && container.started_at != ended,
            }
            removed
        });
        started.await;
        if removed {
            return self.finish(end(LogEndReason::Removed));
        }
        self.standing = Standing::Opening;
        None
    }

    async fn failed(&mut self, error: EngineError) -> Option<Tailed> {
        self.standing = Standing::Opening;
        match error {
            // Nobody has read for a while: it goes on behind the last line, and there is nothing to say.
            EngineError::Unread => None,
            error if error.is_gone() => self.finish(end(LogEndReason::Removed)),
            EngineError::Refused { message, .. } => {
                self.finish(LogEnd { detail: Some(message), ..end(LogEndReason::Refused) })
            }
            error => {
                tracing::debug!(container.id = %self.id, %error, "a log is opened again");
                let told = self.pause(end(LogEndReason::EngineLost));
                if told.is_none() {
                    self.wait_a_little().await;
                }
                told
            }
        }
    }

    async fn wait_a_little(&mut self) {
        sleep(PAUSE * 2_u32.pow(self.attempts)).await;
        self.attempts = (self.attempts + 1).min(MOST_DOUBLINGS);
    }

    /// Told once, until lines follow again.
    fn pause(&mut self, end: LogEnd) -> Option<Tailed> {
        (!std::mem::replace(&mut self.paused, true)).then_some(Tailed::End(end))
    }

    fn finish(&mut self, end: LogEnd) -> Option<Tailed> {
        self.standing = Standing::Over;
        Some(Tailed::End(LogEnd { last: true, ..end }))
    }
}

fn end(reason: LogEndReason) -> LogEnd {
    LogEnd { container_id: None, reason, last: false, exit_code: None, at: None, detail: None }
}
