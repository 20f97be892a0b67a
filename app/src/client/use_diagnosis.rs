//! Tests the connection to the server with several streams side by side.

use super::probing::probe;
use crate::diagnosis::{Diagnosis, Evidence, Probe, judge};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;
use web_sys::{AbortController, AbortSignal};

/// Length of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Finds immediate problems, with a silence of 5 s: longer than the app's streams are ever
    /// silent.
    Short,
    /// Also finds connections that are closed after a minute.
    Long,
}

/// Progress of a test.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Stage {
    /// Not started.
    #[default]
    Idle,
    /// Streams are open.
    Running(Length),
    /// Finished, with this result.
    Over(Diagnosis),
}

/// Returned by [`use_diagnosis()`].
#[derive(Debug, Clone, Copy)]
pub struct UseDiagnosisReturn {
    /// Progress of the test.
    pub stage: RwSignal<Stage>,
    /// Measurements so far.
    pub evidence: ReadSignal<Evidence>,
}

impl UseDiagnosisReturn {
    /// Starts a test, unless one is running.
    pub fn run(&self, length: Length) {
        if !matches!(*self.stage.read_untracked(), Stage::Running(_)) {
            self.stage.set(Stage::Running(length));
        }
    }
}

/// Time after the end of the longest stream after which streams that are still open are given up.
const GRACE_PERIOD: Duration = Duration::from_secs(10);

/// URL of a stream, and the field for its probe.
type Slot = (&'static str, fn(&mut Evidence) -> Option<&mut Probe>);

const SHORT: [Slot; 3] = [
    ("/api/diagnosis/stream", |evidence| Some(&mut evidence.plain)),
    ("/api/diagnosis/stream?coding=gzip", |evidence| Some(&mut evidence.packed)),
    ("/api/diagnosis/stream?pings=0&padding=0&silence=5", |evidence| Some(&mut evidence.silent)),
];

const LONG: [Slot; 4] = [
    SHORT[0],
    SHORT[1],
    ("/api/diagnosis/stream?pings=0&padding=0&silence=65", |evidence| Some(&mut evidence.silent)),
    ("/api/diagnosis/stream?pings=26&padding=0&every=2500", |evidence| evidence.long.as_mut()),
];

/// A test for one view; it stops with the view.
///
/// # Server-side
/// Stays idle.
pub fn use_diagnosis() -> UseDiagnosisReturn {
    let stage = RwSignal::new(Stage::default());
    let (evidence, set_evidence) = signal(Evidence::default());
    Effect::new(move |_| {
        let Stage::Running(length) = stage.get() else { return };
        set_evidence.set(Evidence { long: (length == Length::Long).then(Probe::default), ..Evidence::default() });
        // Aborts streams that are still open when the test or the view ends: a browser has few
        // connections.
        let Some(stop) = abort_signal(length.duration() + GRACE_PERIOD) else { return };
        for slot in length.slots() {
            spawn_local(follow(*slot, stop.clone(), set_evidence, move || {
                let judged = evidence.try_with_untracked(|all| all.is_whole().then(|| judge(all))).flatten();
                if let Some(diagnosis) = judged {
                    stage.try_set(Stage::Over(diagnosis));
                }
            }));
        }
    });
    UseDiagnosisReturn { stage, evidence }
}

impl Length {
    /// Duration of the longest stream.
    #[must_use]
    pub const fn duration(self) -> Duration {
        match self {
            Self::Short => Duration::from_secs(5),
            Self::Long => Duration::from_secs(65),
        }
    }

    const fn slots(self) -> &'static [Slot] {
        match self {
            Self::Short => &SHORT,
            Self::Long => &LONG,
        }
    }
}

/// A signal that aborts streams after the timeout, and on cleanup of the current effect.
fn abort_signal(timeout: Duration) -> Option<AbortSignal> {
    let streams = AbortController::new().ok()?;
    let stop = streams.signal();
    let kept = StoredValue::new_local(streams.clone());
    let timeout = set_timeout_with_handle(move || streams.abort(), timeout).ok();
    on_cleanup(move || {
        kept.try_with_value(AbortController::abort);
        if let Some(timeout) = timeout {
            timeout.clear();
        }
    });
    Some(stop)
}

async fn follow((url, place): Slot, stop: AbortSignal, evidence: WriteSignal<Evidence>, ended: impl Fn()) {
    probe(url, stop, |probe| {
        evidence.try_update(|evidence| {
            if let Some(kept) = place(evidence) {
                *kept = probe.clone();
            }
        });
    })
    .await;
    ended();
}
