//! Status bar below the log: line counts and the state of the stream. Announced politely, and
//! rarely.

use super::{link::LinkState, sources::Sources, viewer::Viewer};
use crate::prelude::*;
use crate::{format::grouped, logs::MAX_LINES};

/// Line counts, the state of the stream, and a retry button.
#[component]
pub fn Status(
    /// The lines.
    viewer: Viewer,
    /// The containers.
    sources: Sources,
) -> Erased {
    let counts = move || {
        let counts = viewer.counts.get();
        let mut words = match counts.kept {
            1 => "1 line".to_owned(),
            kept => format!("{} lines", grouped(kept as u64)),
        };
        if counts.shown < counts.kept {
            words.push_str(&format!(", {} shown", grouped(counts.shown as u64)));
        }
        if counts.dropped > 0 {
            words.push_str(&format!(
                "; {} older {} dropped (limit {}; the download has all)",
                grouped(counts.dropped),
                if counts.dropped == 1 { "line" } else { "lines" },
                grouped(MAX_LINES as u64)
            ));
        }
        words
    };
    let state = Memo::new(move |_| viewer.link.get());
    let class = move || format!("log-status__link log-status__link--{}", shape(&state.read()));
    let has_sources = Memo::new(move |_| !sources.all.read().is_empty());
    let retry = move || {
        let is_wanted = matches!(*state.read(), LinkState::Retrying(_) | LinkState::Refused(_));
        is_wanted
            .then(|| {
                view! {
                    <button type="button" class="button" on:click=move |_| viewer.connect_now()>
                        "Retry"
                    </button>
                }
            })
            .erased()
    };
    view! {
        <div class="log-status">
            <p class="log-status__counts">{counts}</p>
            <p class=class aria-live="polite">
                {move || if has_sources.get() { words(&state.read(), viewer) } else { String::new() }}
            </p>
            {retry}
        </div>
    }
    .erased()
}

fn words(state: &LinkState, viewer: Viewer) -> String {
    match state {
        LinkState::Idle => String::new(),
        LinkState::Opening => "Connecting…".to_owned(),
        LinkState::Live => "Live".to_owned(),
        LinkState::Retrying(None) => "Reconnecting. No lines are lost.".to_owned(),
        LinkState::Retrying(Some(error)) => format!("Reconnecting: {}", error.detail),
        LinkState::Paused => "Paused in the background".to_owned(),
        LinkState::Complete if viewer.ended_by_until() => "End of range".to_owned(),
        LinkState::Complete => "Ended".to_owned(),
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
        LinkState::Retrying(_) => "waiting",
        LinkState::Refused(_) => "refused",
        LinkState::Idle | LinkState::Opening | LinkState::Paused | LinkState::Complete => "still",
    }
}
