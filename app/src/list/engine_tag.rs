//! The engine of a container, if there are several: `web-3`, or while it is lost `web-3: connection
//! lost since 14:02:11`.

use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    model::{ContainerKey, EngineName},
};

/// Text between the name of a lost engine and the time of its loss.
pub const LOST_SINCE: &str = ": connection lost since ";

/// The tag of an engine; nothing if there is only one engine. The stylesheet dims the row of a
/// stale tag.
pub fn engine_tag(engine: EngineName) -> Erased {
    let hook = use_realtime_containers();
    hook.rows
        .has_several_engines()
        .then(|| {
            let lost_since = move || hook.rows.host(engine).and_then(|host| host.lost_since);
            let words = move || {
                let mut words = engine.to_string();
                if let Some(since) = lost_since() {
                    words.push_str(LOST_SINCE);
                    words.push_str(&hook.local_time.clock(since));
                }
                words
            };
            view! {
                <span class="engine-tag" title="Engine" data-stale=move || lost_since().map(|_| "true")>
                    {words}
                </span>
            }
        })
        .erased()
}

/// The engine's tag and `rest` on one line; with one engine, only `rest`.
pub fn with_engine_tag(ContainerKey { engine, .. }: ContainerKey, rest: Erased) -> Erased {
    if !use_realtime_containers().rows.has_several_engines() {
        return rest;
    }
    view! { <div class="container-place">{engine_tag(engine)} {rest}</div> }.erased()
}
