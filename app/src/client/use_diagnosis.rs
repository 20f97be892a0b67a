//! A test of the way to the server: several streams side by side, and what is made of them.

use super::probing::probe;
use crate::diagnosis::{Diagnosis, Evidence, Probe, judge};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;
use web_sys::{AbortController, AbortSignal};

/// Which test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// What hurts at once, and silence of 5 s: longer than the streams are ever silent.
    Short,
    /// Also what cuts after a minute.
    Long,
}

/// How far a test is.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Stage {
    /// Nobody asked for one.
    #[default]
    Idle,
    /// Streams are open.
    Running(Length),
    /// This came of it.
    Over(Diagnosis),
}

/// What the view needs.
#[derive(Debug, Clone, Copy)]
pub struct UseDiagnosisReturn {
    /// How far it is.
    pub stage: RwSignal<Stage>,
    /// What has been measured so far.
    pub evidence: ReadSignal<Evidence>,
}

impl UseDiagnosisReturn {
    /// Begins a test; while one runs, nothing.
    pub fn run(&self, length: Length) {
        if !matches!(*self.stage.read_untracked(), Stage::Running(_)) {
            self.stage.set(Stage::Running(length));
        }
    }
}

/// What is not over when the longest stream should long be, never will be.
const PATIENCE: Duration = Duration::from_secs(10);

/// One stream of a test, and where its probe belongs.
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

/// A test for one view; it ends with the view.
///
/// # Server-side
/// Idle.
pub fn use_diagnosis() -> UseDiagnosisReturn {
    let stage = RwSignal::new(Stage::default());
    let (evidence, set_evidence) = signal(Evidence::default());
    Effect::new(move |_| {
        let Stage::Running(length) = stage.get() else { return };
        set_evidence.set(Evidence { long: (length == Length::Long).then(Probe::default), ..Evidence::default() });
        // Whatever is still open when the test or the view is over is of no use, and a browser has few connections.
        let Some(stop) = until_cleanup(length.takes() + PATIENCE) else { return };
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
    /// How long its longest stream is.
    #[must_use]
    pub const fn takes(self) -> Duration {
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

/// A signal that stops streams after that time, and with the effect this is called in.
fn until_cleanup(patience: Duration) -> Option<AbortSignal> {
    let streams = AbortController::new().ok()?;
    let stop = streams.signal();
    let kept = StoredValue::new_local(streams.clone());
    let patience = set_timeout_with_handle(move || streams.abort(), patience).ok();
    on_cleanup(move || {
        kept.try_with_value(AbortController::abort);
        if let Some(patience) = patience {
            patience.clear();
        }
    });
    Some(stop)
}

async fn follow((address, place): Slot, stop: AbortSignal, evidence: WriteSignal<Evidence>, ended: impl Fn()) {
    probe(address, stop, |probe| {
        evidence.try_update(|evidence| {
            if let Some(kept) = place(evidence) {
                *kept = probe.clone();
            }
        });
    })
    .await;
    ended();
}
