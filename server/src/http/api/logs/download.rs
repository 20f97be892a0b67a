//! A log as one text file, sent while it is read.

use super::{Readers, bad_query, readable, refused};
use crate::{
    engine::{EngineClient, EngineError, Framing, LogQuery, LogQueryText},
    http::{
        entry::{caller::Caller, container_path::ContainerPath},
        wire::problem::{Problem, problems},
    },
    logs::{Decoder, Entry, NewestLine, Progress, SILENCE_TIMEOUT, SKIPPED_LINES, lines_before_end},
    now,
};
use app::model::ContainerId;
use axum::{
    body::{Body, Bytes},
    extract::{Query, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
};
use futures::{StreamExt as _, stream, stream::BoxStream};
use std::{collections::VecDeque, io};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Maximum length of a line. Longer lines are truncated and marked.
const MAX_LINE_BYTES: usize = 1 << 20;
/// Approximate size of a chunk, up to which lines are sent together.
const MAX_CHUNK_BYTES: usize = 48 << 10;

problems!(
    DownloadProblems:
    BadId,
    BadQuery,
    SignInNeeded,
    NoEngine,
    NoSuchContainer,
    Ambiguous,
    Refused,
    LogsUnreadable,
    TooMany,
    EngineLost
);

/// Log of one container, as a file.
#[utoipa::path(
    get,
    path = "/api/containers/{id}/logs",
    operation_id = "downloadContainerLogs",
    tag = "Logs",
    params(("id" = ContainerId, Path, description = "Full id of the container."), LogQueryText),
    responses(
        (status = 200, description = "The log, as an attachment.", body = String, content_type = "text/plain"),
        DownloadProblems,
    )
)]
pub(in crate::http) async fn download(
    caller: Caller,
    State(readers): State<Readers>,
    path: Result<ContainerPath, Problem>,
    query: Result<Query<LogQueryText>, QueryRejection>,
) -> Result<Response, Problem> {
    let key = caller.container(&path?)?;
    let id = key.id;
    let query = LogQuery::for_download(&readable(query)?, now()).map_err(bad_query)?;
    // Counts as a reader, and checks that the container exists.
    let follower = readers.follower(&caller, key, query, None)?;
    let client = caller.engine(key.engine)?;
    client.can_read_logs(id).await.map_err(refused)?;
    let download = Download::open(&client, id, query, caller.stop.clone()).await?;
    let lines = stream::unfold((download, follower), |(mut download, follower)| async move {
        let bytes = download.next().await.transpose()?;
        Some((bytes, (download, follower)))
    });
    let name = caller.name_of(key).unwrap_or_default();
    let disposition = format!("attachment; filename=\"{}\"", file_name(&name, id));
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// File name that consists of characters that are safe in headers and on every file system.
fn file_name(name: &str, id: ContainerId) -> String {
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let name: String = name.chars().filter(is_plain).collect();
    let name = if name.is_empty() { id.short() } else { name };
    format!("{name}-{}.log", now().to_string().replace(':', ""))
}

struct Download {
    /// Lines that were read in advance; lines from the engine follow.
    entries: VecDeque<Entry>,
    pieces: BoxStream<'static, Result<Bytes, EngineError>>,
    decoder: Decoder,
    /// The newest line, until it is read.
    newest: Option<NewestLine>,
    /// The newest line and the number of records up to it, once it is read.
    reached: Option<(NewestLine, u32)>,
    client: EngineClient,
    id: ContainerId,
    query: LogQuery,
    timestamps: bool,
    over: bool,
    stop: CancellationToken,
}

impl Download {
    async fn open(
        client: &EngineClient,
        id: ContainerId,
        query: LogQuery,
        stop: CancellationToken,
    ) -> Result<Self, Problem> {
        let inspect = client.inspect_document(id).await?;
        let terminal = inspect["Config"]["Tty"].as_bool().unwrap_or_default();
        let framing = if terminal { Framing::Terminal } else { Framing::Frames };
        let mut newest = None;
        let (pieces, entries) = match lines_before_end(client, id, &query, framing).await? {
            Some(entries) => (stream::empty().boxed(), entries),
            None => {
                newest = NewestLine::of(client, id, &query, &inspect, framing).await;
                (client.logs(id, &query, false)?.boxed(), Vec::new())
            }
        };
        let decoder = Decoder::new(framing, MAX_LINE_BYTES);
        Ok(Self {
            entries: entries.into(),
            pieces,
            decoder,
            newest,
            reached: None,
            client: client.clone(),
            id,
            query,
            timestamps: query.timestamps,
            over: false,
            stop,
        })
    }

    /// The next lines. An error cuts the response off, so that a client notices that the file is
    /// incomplete.
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let mut text = Vec::new();
        // Ends with the session even if lines are left.
        if self.stop.is_cancelled() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        loop {
            while let Some(entry) = self.entries.pop_front().or_else(|| self.decoder.entry()) {
                if self.skips_lines_before(&entry) {
                    write(&mut text, &Entry::Error(SKIPPED_LINES.to_owned()), self.timestamps);
                }
                write(&mut text, &entry, self.timestamps);
                if text.len() >= MAX_CHUNK_BYTES {
                    return Ok(Some(text.into()));
                }
            }
            if let Some((newest, records)) = self.reached.take() {
                let framing = self.decoder.framing();
                if newest.skipped_between(&self.client, self.id, &self.query, framing, records).await.is_some() {
                    write(&mut text, &Entry::Error(SKIPPED_LINES.to_owned()), self.timestamps);
                }
            }
            if self.over && self.newest.take().is_some() {
                write(&mut text, &Entry::Error(SKIPPED_LINES.to_owned()), self.timestamps);
            }
            if !text.is_empty() || self.over {
                return Ok((!text.is_empty()).then(|| text.into()));
            }
            let piece = self.stop.run_until_cancelled(timeout(SILENCE_TIMEOUT, self.pieces.next())).await;
            match piece {
                Some(Ok(Some(Ok(bytes)))) => self.decoder.take(bytes),
                Some(Ok(None)) => {
                    self.decoder.end();
                    self.over = true;
                }
                Some(Ok(Some(Err(error)))) => return Err(io::Error::other(error)),
                Some(Err(_)) => return Err(io::ErrorKind::TimedOut.into()),
                None => return Err(io::ErrorKind::Interrupted.into()),
            }
        }
    }
}

impl Download {
    /// True if the engine skipped lines before this entry.
    fn skips_lines_before(&mut self, entry: &Entry) -> bool {
        let Entry::Line(line) = entry else {
            // The engine reports the gap itself.
            self.newest = None;
            return false;
        };
        let progress = self.newest.as_mut().map(|newest| newest.take(line));
        if matches!(progress, Some(Progress::Reached | Progress::Beyond)) {
            let newest = self.newest.take().filter(|_| progress == Some(Progress::Reached));
            self.reached = newest.map(|newest| (newest, self.decoder.records()));
        }
        progress == Some(Progress::Beyond)
    }
}

/// Writes one line. A message from the engine is put between dashes and has no time, so that it is
/// not taken for a line of the log.
fn write(text: &mut Vec<u8>, entry: &Entry, timestamps: bool) {
    let line = match entry {
        Entry::Line(line) => line,
        Entry::Error(sentence) => {
            let words = format!("--- The engine could not read any further; lines may be missing: {sentence} ---\n");
            text.extend_from_slice(words.as_bytes());
            return;
        }
    };
    if timestamps {
        text.extend_from_slice(format!("{} ", line.time.timestamp()).as_bytes());
    }
    text.extend_from_slice(&line.text);
    text.extend_from_slice(if line.truncated { " […]\n".as_bytes() } else { b"\n" });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    #[test]
    fn a_download_is_named_after_the_container_and_the_time() {
        let id = "ab".repeat(32).parse().unwrap();
        let name = file_name("shop-web-1", id);
        assert!(name.starts_with("shop-web-1-20") && name.ends_with("Z.log"), "{name}");
        assert!(file_name("\"\r\nx: y/../é", id).starts_with("xy..-20"));
        assert!(file_name("", id).starts_with("abababababab-20"));
    }
}
