//! Empty state of the list: the engine has no containers, or no engine is connected yet.

use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    model::EngineLink,
    parts::{empty_state::EmptyState, icon::Glyph},
};

/// Explains why the list is empty and what to do.
#[component]
pub fn NoContainers() -> Erased {
    let engines = use_realtime_containers().engines;
    let is_up = Memo::new(move |_| {
        !engines.read().is_empty() && engines.read().iter().all(|engine| engine.link == EngineLink::Up)
    });
    (move || {
        if is_up.get() {
            view! {
                <EmptyState title="No containers yet" glyph=Glyph::Cards advice=view! {
                    <p>"Start one and it appears here:"</p>
                    <pre class="empty-state__command" tabindex="0">
                        <code>"docker run --rm --name hello -p 8080:80 nginx"</code>
                    </pre>
                }.erased() />
            }
            .erased()
        } else {
            view! {
                <EmptyState title="Waiting for the engine" glyph=Glyph::Plug advice=view! {
                    <p>"No engine is responding. The list appears as soon as one does."</p>
                }.erased() />
            }
            .erased()
        }
    })
    .erased()
}
