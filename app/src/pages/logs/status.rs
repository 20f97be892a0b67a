//! Below the log: how many lines there are, and how the stream is doing. What changes is told politely, and seldom.

use super::{link::LinkState, sources::Sources, viewer::Viewer};
use crate::prelude::*;
use crate::{format::grouped, logs::MAX_LINES};

/// Counts, and the stream.
#[component]
pub fn Status(
    /// The lines.
    viewer: Viewer,
    /// Whose.
    sources: Sources,
) -> Erased {
    let counts = text(move || {
        let counts = viewer.counts.get();
        let mut words = match counts.kept {
            1 => "1 line".to_owned(),
            kept => format!("{} lines", grouped(kept as u64)),
        };
        if counts.shown < counts.kept {
            words.push_str(&format!(", {} shown", grouped(counts.shown as u64)));
        }
        if counts.left > 0 {
            words.push_str(&format!(
                "; {} older ones made room (at most {} are kept here, the download has all)",
                grouped(counts.left),
                grouped(MAX_LINES as u64)
            ));
        }
        words
    });
    let state = Memo::new(move |_| viewer.link.get());
    let class = text(move || format!("log-status__link log-status__link--{}", shape(&state.read())));
    let is_chosen = Memo::new(move |_| !sources.all.read().is_empty());
    let again = live(move || {
        let is_wanted = matches!(*state.read(), LinkState::Waiting(_) | LinkState::Refused(_));
        is_wanted
            .then(|| {
                view! {
                    <button type="button" class="button" on:click=move |_| viewer.connect_now()>
                        "Try again"
                    </button>
                }
            })
            .erased()
    });
    view! {
        <div class="log-status">
            <p class="log-status__counts">{counts}</p>
            <p class=class aria-live="polite">
                {text(move || if is_chosen.get() { words(&state.read(), viewer) } else { String::new() })}
            </p>
            {again}
        </div>
    }
    .erased()
}

fn words(state: &LinkState, viewer: Viewer) -> String {
    match state {
        LinkState::Idle => String::new(),
        LinkState::Opening => "Connecting…".to_owned(),
        LinkState::Live => "Live".to_owned(),
        LinkState::Waiting(None) => "Reconnecting: nothing is lost meanwhile".to_owned(),
        LinkState::Waiting(Some(error)) => format!("Reconnecting: {}", error.detail),
        LinkState::Resting => "Resting while nobody looks".to_owned(),
        LinkState::Over if viewer.ended_by_until() => "Complete: the time asked for is over".to_owned(),
        LinkState::Over => "Ended".to_owned(),
        LinkState::Refused(error) => {
            let mut words = error.detail.clone();
            if let Some(hint) = &error.hint {
                words.push(' ');
                words.push_str(hint);
            }
            words
        }
    }
}

const fn shape(state: &LinkState) -> &'static str {
    match state {
        LinkState::Live => "live",
        LinkState::Waiting(_) => "waiting",
        LinkState::Refused(_) => "refused",
        LinkState::Idle | LinkState::Opening | LinkState::Resting | LinkState::Over => "still",
    }
}
