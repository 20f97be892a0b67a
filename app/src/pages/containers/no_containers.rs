//! No container at all: because there is none, or because no engine has answered yet.

use crate::{
    client::use_realtime_containers,
    components::{empty_state::EmptyState, icon::Glyph},
    model::EngineLink,
};
use leptos::{either::Either, prelude::*};

/// Says which, and what to do.
#[component]
pub fn NoContainers() -> impl IntoView {
    let engines = use_realtime_containers().engines;
    let is_up = Memo::new(move |_| {
        engines.with(|engines| !engines.is_empty() && engines.iter().all(|engine| engine.link == EngineLink::Up))
    });
    move || {
        if is_up.get() {
            Either::Left(view! {
                <EmptyState title="No containers yet" glyph=Glyph::Cards>
                    <p>"Start one, and it appears here by itself:"</p>
                    <pre class="empty-state__command" tabindex="0">
                        <code>"docker run --rm --name hello -p 8080:80 nginx"</code>
                    </pre>
                </EmptyState>
            })
        } else {
            Either::Right(view! {
                <EmptyState title="Waiting for the engine" glyph=Glyph::Plug>
                    <p>"No engine is answering. The list appears by itself once one does."</p>
                </EmptyState>
            })
        }
    }
}
