//! Banner for each broken link: which one, why, since when, and what to do.

use super::{connection_indicator::at_this_moment, freshness::Trouble};
use crate::prelude::*;
use crate::{
    client::{ConnectionState, use_realtime_containers},
    format::age,
    model::Timestamp,
    parts::{
        icon::{Glyph, Icon},
        timed::timed,
    },
};

/// Duration in seconds below which an interruption of the stream shows no banner, which would shift
/// the page. The indicator shows it immediately.
const MIN_INTERRUPTION_SECS: u64 = 2;

/// One banner for each broken link. Empty if all links are up.
#[component]
pub fn Banner() -> Erased {
    let hook = use_realtime_containers();
    let troubles = move || {
        at_this_moment(hook, |moment| {
            let lasts = |trouble: &Trouble| {
                moment.connection.state == ConnectionState::Static
                    || moment.now.since(trouble.since).as_secs() >= MIN_INTERRUPTION_SECS
            };
            moment.engine_troubles().into_iter().chain(moment.link_trouble().filter(lasts)).collect::<Vec<_>>()
        })
    };
    view! {
        <div class="banner">
            {move || {
                troubles()
                    .into_iter()
                    .map(|trouble| view! { <TroubleBanner trouble now=hook.now /> })
                    .collect_view()
                    .erased()
            }}
        </div>
    }
    .erased()
}

#[component]
fn TroubleBanner(
    /// The problem.
    trouble: Trouble,
    /// The server's clock.
    now: ReadSignal<Timestamp>,
) -> Erased {
    let local_time = use_realtime_containers().local_time;
    let Trouble { engine, is_sum, summary: _, message, hint, since, outcome } = trouble;
    let (noun, verb) = if is_sum { ("Engines ", " are not responding.") } else { ("Engine ", " is not responding.") };
    let title = engine.map(|engine| view! { {noun} <bdi>{engine}</bdi> {verb} });
    let lost = title.is_none().then_some("The stream from the Quaylight server is interrupted.");
    view! {
        <section class="banner__band" aria-label="Problem">
            <Icon glyph=Glyph::Warning />
            <p class="banner__text">
                <strong class="banner__title">{title} {lost}</strong>
                " "
                <span dir="auto">{message}</span>
                " "
                <span class="banner__hint" dir="auto">{hint}</span>
            </p>
            <p class="banner__since">
                "since "
                {timed(since, move || format!("{}, {}", local_time.clock(since), age(now.get().since(since))))} ". " {outcome}
            </p>
        </section>
    }
    .erased()
}
