//! Audit log: each action, sign-in and view of secrets, successful or refused.
//!
//! In: entries from the handlers. Out: the newest for `GET /api/audit`, a log line each, and a line
//! of JSON each in a file ([`mod@file`]), which is read at startup. Entries that are cheap to
//! repeat are folded and kept apart ([`rings`]), so that they cannot evict actions.

mod entry;
mod file;
mod rings;

pub use entry::{Entry, Outcome};
pub use file::AuditLog;

use file::AuditFile;
use rings::{Class, Rings};
use std::{
    net::Ipv4Addr,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{MissedTickBehavior, interval, timeout},
};

/// Maximum number of lines that wait for a slow disk; some 3 MiB. Beyond it, lines are dropped,
/// counted and logged.
const QUEUE_CAPACITY: usize = 8_192;
/// Interval for writing folded entries that are complete.
const FOLD_INTERVAL: Duration = Duration::from_secs(5);
/// Timeout for a disk that hangs while the server stops.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

/// Recent entries in memory, and the queue of the writer. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Audit(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    rings: Mutex<Rings>,
    lines: Option<mpsc::Sender<Message>>,
    dropped: AtomicU64,
}

#[derive(Debug)]
enum Message {
    Line(Class, String),
    Flush(oneshot::Sender<()>),
}

/// Task that writes the entries to the files.
#[derive(Debug)]
pub struct AuditWriter {
    audit: Audit,
    messages: mpsc::Receiver<Message>,
    files: Files,
}

/// Failed sign-ins have their own file, because anyone can cause them.
#[derive(Debug)]
struct Files {
    entries: AuditFile,
    failed_sign_ins: AuditFile,
}

impl Audit {
    /// Continues from the file at `path`, if there is one. Problems with the file are logged: a
    /// server without a file is better than none.
    pub fn open(path: Option<PathBuf>) -> (Self, Option<AuditWriter>) {
        let Some(path) = path else { return (Self::default(), None) };
        let files = Files { failed_sign_ins: AuditFile::beside(&path), entries: AuditFile::new(path) };
        let mut rings = Rings::default();
        for file in [&files.entries, &files.failed_sign_ins] {
            file.read(|entry| rings.restore(entry));
        }
        let (lines, messages) = mpsc::channel(QUEUE_CAPACITY);
        let shared = Shared { rings: Mutex::new(rings), lines: Some(lines), dropped: AtomicU64::new(0) };
        let audit = Self(Arc::new(shared));
        (audit.clone(), Some(AuditWriter { audit, messages, files }))
    }

    /// Records an entry in memory and queues it for the file.
    pub fn record(&self, entry: Entry) {
        let class = Class::of(&entry);
        let (recorded, complete) = self.rings().record(class, entry);
        if recorded.is_to_be_logged() {
            log(&recorded);
        }
        if recorded.count == 1 {
            self.send(class, &recorded);
        }
        for (class, entry) in complete {
            self.send(class, &entry);
        }
    }

    /// Records an action of the command line, with what it concerns.
    pub fn record_command(&self, action: &str, what: &str) {
        let entry = Entry::new(action, "command line", "command", Ipv4Addr::LOCALHOST.into());
        self.record(entry.because(what));
    }

    /// The newest entries, at most `limit`, oldest first.
    pub fn newest(&self, limit: usize) -> Vec<Entry> {
        self.rings().newest(limit)
    }

    /// Writes entries that are held back, before the server stops.
    pub async fn flush(&self) {
        let Some(lines) = &self.0.lines else { return };
        let complete = self.rings().complete(true);
        for (class, entry) in complete {
            self.send(class, &entry);
        }
        let (done, written) = oneshot::channel();
        let flushing = async {
            if lines.send(Message::Flush(done)).await.is_ok() {
                let _ = written.await;
            }
        };
        if timeout(FLUSH_TIMEOUT, flushing).await.is_err() {
            tracing::error!("the last entries of the audit log may not have been written");
        }
    }

    fn send(&self, class: Class, entry: &Entry) {
        let Some(lines) = &self.0.lines else { return };
        let Ok(line) = serde_json::to_string(entry) else { return };
        if lines.try_send(Message::Line(class, line)).is_err() && self.0.dropped.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::error!("the audit log is written too slowly: entries are missing from its file");
        }
    }

    fn rings(&self) -> MutexGuard<'_, Rings> {
        self.0.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AuditWriter {
    /// Runs until the server stops.
    pub async fn run(mut self) {
        let mut folding = interval(FOLD_INTERVAL);
        folding.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let mut messages = Vec::new();
            tokio::select! {
                count = self.messages.recv_many(&mut messages, QUEUE_CAPACITY) => {
                    if count == 0 {
                        return;
                    }
                }
                _ = folding.tick() => {
                    let complete = self.audit.rings().complete(false);
                    for (class, entry) in complete {
                        self.audit.send(class, &entry);
                    }
                    continue;
                }
            }
            let mut files = self.files;
            // Disks may be slow.
            let writing = tokio::task::spawn_blocking(move || {
                files.write(messages);
                files
            });
            match writing.await {
                Ok(files) => self.files = files,
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                // The server is stopping.
                Err(_) => return,
            }
            let dropped = self.audit.0.dropped.swap(0, Ordering::Relaxed);
            if dropped > 0 {
                tracing::error!(dropped, "entries are missing from the audit log's file");
            }
        }
    }
}

impl Files {
    fn write(&mut self, messages: Vec<Message>) {
        let (mut entries, mut failed_sign_ins, mut flushed) = (String::new(), String::new(), Vec::new());
        for message in messages {
            match message {
                Message::Line(Class::FailedSignIn, line) => push_line(&mut failed_sign_ins, &line),
                Message::Line(_, line) => push_line(&mut entries, &line),
                Message::Flush(done) => flushed.push(done),
            }
        }
        self.entries.append(&entries);
        self.failed_sign_ins.append(&failed_sign_ins);
        for done in flushed {
            // The flush has timed out.
            let _ = done.send(());
        }
    }
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn log(entry: &Entry) {
    let Entry {
        who,
        issuer,
        from,
        action,
        engine,
        container_id,
        container_name,
        target,
        result,
        detail,
        means,
        count,
        subject,
        ..
    } = entry;
    let engine = engine.map_or("", app::model::EngineName::as_str);
    let id = container_id.map(|id| id.to_string()).unwrap_or_default();
    let (name, subject) = (container_name.as_deref().unwrap_or_default(), subject.as_deref().unwrap_or_default());
    let (detail, object) = (detail.as_deref().unwrap_or_default(), target.as_deref().unwrap_or_default());
    // As field values, which the log escapes: typed text cannot start a new line.
    tracing::info!(target: "audit", who = who.as_str(), issuer = issuer.as_str(), subject, means = &**means, %from, action = action.as_str(), engine.name = engine, container.id = id, container.name = name, object, result = ?result, detail, count, "audit");
}

#[cfg(test)]
mod tests;
