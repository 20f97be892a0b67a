//! A log as one text, sent while it is read.

use super::{Caller, Problem, bad_query, follower, readable, refused};
use crate::{
    engine::{EngineClient, EngineError},
    http::{containers::read_id, problem::problems},
    logs::{Decoder, Entry, Framing, LogQuery, LogQueryText, SILENCE_TIMEOUT, lines_before_end},
    now,
};
use app::model::ContainerId;
use axum::{
    body::{Body, Bytes},
    extract::{
        Path, Query,
        rejection::{PathRejection, QueryRejection},
    },
    http::header,
    response::{IntoResponse, Response},
};
use futures::{StreamExt as _, stream, stream::BoxStream};
use std::{collections::VecDeque, io};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// A line of a download may be as long as a line is in good faith: longer ones are cut, and say so.
const LONGEST_LINE: usize = 1 << 20;
/// Lines leave together, up to about this many bytes.
const CHUNK: usize = 48 << 10;

problems!(
    DownloadProblems:
    BadId,
    BadQuery,
    SignInNeeded,
    NoSuchContainer,
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
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<LogQueryText>, QueryRejection>,
) -> Result<Response, Problem> {
    let id = read_id(path)?;
    let query = LogQuery::of_download(&readable(query)?, now()).map_err(bad_query)?;
    // Holds its place among the readers, and knows whether there is such a container.
    let follower = follower(&caller, id, query, None)?;
    let state = &caller.state;
    let client = state.engine()?;
    client.can_read_logs(id).await.map_err(refused)?;
    let download = Download::open(&client, id, query, state.stop.clone()).await?;
    let lines = stream::unfold((download, follower), |(mut download, follower)| async move {
        let bytes = download.next().await.transpose()?;
        Some((bytes, (download, follower)))
    });
    let name = caller.name_of(id).unwrap_or_default();
    let disposition = format!("attachment; filename=\"{}\"", file_name(&name, id));
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// Letters that no file system and no header minds.
fn file_name(name: &str, id: ContainerId) -> String {
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let name: String = name.chars().filter(is_plain).collect();
    let name = if name.is_empty() { id.short() } else { name };
    format!("{name}-{}.log", now().to_string().replace(':', ""))
}

struct Download {
    /// Those that were looked up; then come those of the pieces.
    entries: VecDeque<Entry>,
    pieces: BoxStream<'static, Result<Bytes, EngineError>>,
    decoder: Decoder,
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
        let (pieces, entries) = match lines_before_end(client, id, &query, framing).await? {
            Some(entries) => (stream::empty().boxed(), entries),
            None => (client.logs(id, &query, false)?.boxed(), Vec::new()),
        };
        let decoder = Decoder::new(framing, LONGEST_LINE);
        Ok(Self { entries: entries.into(), pieces, decoder, timestamps: query.timestamps, over: false, stop })
    }

    /// The next lines; an error cuts the answer off, so that nobody takes a part for the whole.
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let mut text = Vec::new();
        // Lines that are there already end with the session, too.
        if self.stop.is_cancelled() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        loop {
            while let Some(entry) = self.entries.pop_front().or_else(|| self.decoder.entry()) {
                write(&mut text, &entry, self.timestamps);
                if text.len() >= CHUNK {
                    return Ok(Some(text.into()));
                }
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

/// One line of the file. The engine's own sentence stands between dashes and without a time, so that it is not taken for a line.
fn write(text: &mut Vec<u8>, entry: &Entry, timestamps: bool) {
    let line = match entry {
        Entry::Line(line) => line,
        Entry::Error(sentence) => {
            let words = format!("--- The engine could not read on, lines may be missing: {sentence} ---\n");
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
    fn a_file_is_named_after_the_container_and_the_moment() {
        let id = "ab".repeat(32).parse().unwrap();
        let name = file_name("shop-web-1", id);
        assert!(name.starts_with("shop-web-1-20") && name.ends_with("Z.log"), "{name}");
        assert!(file_name("\"\r\nx: y/../é", id).starts_with("xy..-20"));
        assert!(file_name("", id).starts_with("abababababab-20"));
    }
}
