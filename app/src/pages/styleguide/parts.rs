//! The sections: each component on its own, in each of its states.

use super::{
    case,
    samples::{SPAN, engines, history, sample_containers, store},
    undo_toast_example,
};
use crate::prelude::*;
use crate::{
    acting::{
        action_button::ActionButton,
        actions::{Refusal, use_actions},
        toasts::RefusalToast,
    },
    chart::{Series, Unit},
    client::{Action, ActionError, ConnectionState, Host, Trend, UseRealtimeContainersReturn},
    frame::{
        banner::Banner,
        connection_indicator::ConnectionIndicator,
        quick::{PALETTE, Quick},
    },
    list::{container_list::ContainerList, state_filter::StateFilter},
    model::{Container, ContainerState, ContainerStats},
    parts::{
        copy_button::CopyButton,
        empty_state::EmptyState,
        icon::Glyph,
        meter::Meter,
        radio_group::{RadioGroup, RadioOption},
        reading::{cpu_reading, memory_reading},
        sparkline::Sparkline,
        state_badge::StateBadge,
        time_chart::{Line, TimeAxis, TimeChart},
    },
    query::{CpuScale, Density, ListQuery, MemoryScale, View, arrange, count},
    samples::{MADE_AT, container, engine, stats},
};
use std::sync::Arc;

/// The badge of each sample container.
pub(super) fn states() -> Erased {
    let badge = |container| view! { <span class="styleguide__item"><StateBadge container=&container /></span> };
    let stale = sample_containers().into_iter().take(6).map(badge).collect_view();
    let all = sample_containers().into_iter().map(badge).collect_view();
    (
        case("Badges", all.erased()),
        case("Badges, stale", view! { <div class="container-list--stale">{stale}</div> }.erased()),
    )
        .erased()
}

/// Meters from 0 to above the limit.
pub(super) fn meters() -> Erased {
    let web = container(1, "web-1", ContainerState::Running);
    let cpu = |used| cpu_reading(Some(&stats(&web, used, None)), &web, Some(Host::of(&engine())), CpuScale::Core);
    let memory = |mebibytes: u64| {
        memory_reading(Some(&stats(&web, None, Some(mebibytes << 20))), Some(Host::of(&engine())), MemoryScale::Limit)
    };
    let mut trend = Trend::default();
    for step in 0..Trend::CAPACITY as u64 {
        trend.push((step % 9 != 4).then_some(step * 37 % 1_000));
    }
    let (stale, old) = (cpu(Some(50.0)), cpu(Some(50.0)));
    let limited = Container { nano_cpus: Some(500_000_000), ..web.clone() };
    let of_limit =
        cpu_reading(Some(&stats(&web, Some(20.0), None)), &limited, Some(Host::of(&engine())), CpuScale::Limit);
    let with_cache = ContainerStats { memory_cache: Some(200 << 20), ..stats(&web, None, Some(512 << 20)) };
    let cached = memory_reading(Some(&with_cache), Some(Host::of(&engine())), MemoryScale::Cache);
    (
        case("CPU, 0", view! { <Meter reading=cpu(Some(0.0)) name="CPU" /> }.erased()),
        case("CPU, half a core", view! { <Meter reading=cpu(Some(50.0)) name="CPU" /> }.erased()),
        case("CPU, two cores", view! { <Meter reading=cpu(Some(195.0)) name="CPU" /> }.erased()),
        case("CPU, unknown", view! { <Meter reading=cpu(None) name="CPU" /> }.erased()),
        case(
            "CPU, stale",
            view! { <div class="container-list--stale"><Meter reading=stale name="CPU" /></div> }.erased(),
        ),
        case("CPU, of its limit", view! { <Meter reading=of_limit name="CPU" /> }.erased()),
        case(
            "CPU, old",
            view! { <div class="container-list--aged"><div class="usage"><Meter reading=old name="CPU" /></div></div> }
                .erased(),
        ),
        case("Memory, with cache", view! { <Meter reading=cached name="Memory" /> }.erased()),
        case("Memory, 50%", view! { <Meter reading=memory(512) name="Memory" /> }.erased()),
        case("Memory, 88%", view! { <Meter reading=memory(900) name="Memory" /> }.erased()),
        case("Memory, 98%", view! { <Meter reading=memory(1_000) name="Memory" /> }.erased()),
        case("Sparkline", view! { <div class="styleguide__sparkline"><Sparkline trend=&trend /></div> }.erased()),
    )
        .erased()
}

/// A component with a fixed state.
#[component]
fn WithStore(
    /// The state.
    store: UseRealtimeContainersReturn,
    /// Renders the component.
    draw: fn() -> Erased,
) -> Erased {
    provide_context(store);
    draw()
}

/// The four connection states, and a lost engine.
pub(super) fn connections() -> Erased {
    use ConnectionState::{Connecting, Live, Reconnecting, Static};
    let indicator = |name, state, is_lost| {
        let store = store(state, engines(is_lost));
        case(name, view! { <WithStore store draw=|| view! { <ConnectionIndicator /> }.erased() /> }.erased())
    };
    let banner = |name, state, is_lost| {
        let store = store(state, engines(is_lost));
        case(name, view! { <WithStore store draw=|| view! { <Banner /> }.erased() /> }.erased())
    };
    (
        indicator("Live", Live, false),
        indicator("Connecting", Connecting, false),
        indicator("Reconnecting", Reconnecting, false),
        indicator("Static", Static, false),
        indicator("Live, engine lost", Live, true),
        banner("Banner, stream lost", Static, false),
        banner("Banner, engine lost", Live, true),
    )
        .erased()
}

/// The same containers as cards and as rows, in normal and compact density, current and stale.
pub(super) fn lists() -> Erased {
    let list = |name, view, density, is_stale: bool| {
        let store = store(ConnectionState::Live, engines(is_stale));
        let query = ListQuery { view, density, ..ListQuery::default() };
        let arranged = store.rows.with_picture(|picture| arrange(picture, &query)).unwrap_or_default();
        let content = view! {
            <List store query entries=arranged.entries is_stale />
        };
        case(name, content.erased())
    };
    (
        list("Cards", View::Cards, Density::Normal, false),
        list("Cards, compact", View::Cards, Density::Compact, false),
        list("Rows", View::Table, Density::Normal, false),
        list("Rows, compact", View::Table, Density::Compact, false),
        list("Rows, stale", View::Table, Density::Normal, true),
    )
        .erased()
}

#[component]
fn List(
    /// The state.
    store: UseRealtimeContainersReturn,
    /// View and density.
    query: ListQuery,
    /// Entries in display order.
    entries: Vec<crate::query::Entry>,
    /// True if the list may be out of date.
    is_stale: bool,
) -> Erased {
    provide_context(store);
    view! { <ContainerList entries=fixed(entries) query=fixed(query) stale=fixed(is_stale) sortable=false /> }.erased()
}

/// Returns a memo that never changes.
fn fixed<T: Clone + PartialEq + Send + Sync + 'static>(value: T) -> Memo<T> {
    Memo::new(move |_| value.clone())
}

/// Buttons and dialogs.
pub(super) fn buttons() -> Erased {
    let web = || Arc::new(container(1, "web-1", ContainerState::Running));
    let actions = use_actions();
    let quick = expect_context::<Quick>();
    let ask = move |_| actions.request(Action::Kill, web());
    (
        case(
            "With labels",
            view! {
                <div class="styleguide__line">
                    <button type="button" class="button">"Plain"</button>
                    <button type="button" class="button" aria-disabled="true">"Waiting"</button>
                    <button type="button" class="button button--danger">"Danger"</button>
                    <ActionButton action=Action::Stop container=web() busy=false with_word=true />
                    <CopyButton what="id" content=Signal::stored("3f1a".to_owned()) />
                </div>
            }
            .erased(),
        ),
        case(
            "Icons",
            view! {
                <div class="styleguide__line">
                    <ActionButton action=Action::Stop container=web() busy=false />
                    <ActionButton action=Action::Restart container=web() busy=true />
                    <ActionButton action=Action::Unpause container=web() busy=false />
                </div>
            }
            .erased(),
        ),
        case(
            "Dialogs",
            view! {
                <div class="styleguide__line">
                    <button type="button" class="button" on:click=ask>
                        "Confirmation"
                    </button>
                    <button type="button" class="button" on:click=move |_| quick.request().set(PALETTE.to_owned())>
                        "Palette"
                    </button>
                    <button type="button" class="button" on:click=move |_| quick.request().set("?".to_owned())>
                        "Help"
                    </button>
                </div>
            }
            .erased(),
        ),
    )
        .erased()
}

/// Radio groups and the state filter.
pub(super) fn choices() -> Erased {
    let option = |value, glyph| RadioOption { value, label: value, glyph };
    let words = vec![option("Cards", Some(Glyph::Cards)), option("Table", Some(Glyph::Table))];
    let icons = vec![
        option("Sun", Some(Glyph::Sun)),
        option("Moon", Some(Glyph::Moon)),
        option("Contrast", Some(Glyph::Contrast)),
    ];
    let store = store(ConnectionState::Live, engines(false));
    let counts = store.rows.with_picture(count).unwrap_or_default();
    (
        case(
            "Radio group",
            view! {
                <RadioGroup
                    name="example-words"
                    label="Example"
                    options=words
                    selected=fixed("Cards")
                    on_select=Callback::new(|_| {})
                />
            }
            .erased(),
        ),
        case(
            "Radio group, icons",
            view! {
                <RadioGroup
                    name="example-icons"
                    label="Example of icons"
                    options=icons
                    selected=fixed("Moon")
                    on_select=Callback::new(|_| {})
                    icons_only=true
                />
            }
            .erased(),
        ),
        case("State filter", view! { <StateFilter counts=fixed(counts) query=fixed(ListQuery::default()) /> }.erased()),
    )
        .erased()
}

/// Toasts and the empty state.
pub(super) fn messages() -> Erased {
    let refusal = Refusal {
        serial: 0,
        action: Action::Start,
        name: "web-1".to_owned(),
        error: ActionError {
            status: Some(409),
            code: None,
            detail: "driver failed programming external connectivity: port is already allocated".to_owned(),
            hint: Some("Stop the container that uses the port, or publish another port.".to_owned()),
        },
    };
    (
        case("Toast, refused", view! { <RefusalToast refusal /> }.erased()),
        case("Toast, done", undo_toast_example()),
        case(
            "Empty state",
            view! {
                <EmptyState title="No matching containers" glyph=Glyph::Search advice=view! { <p>"Try fewer words."</p> }.erased() />
            }
            .erased(),
        ),
    )
        .erased()
}

/// Charts with and without data.
pub(super) fn charts() -> Erased {
    let axis = TimeAxis {
        until: fixed(MADE_AT),
        span_millis: Signal::stored(SPAN.as_millis() as u64),
        reading: RwSignal::new(None),
        marks: Signal::stored(Vec::new()),
    };
    let level = Line { name: "CPU", series: Series::from_levels(&history(), 2.0, |sample| sample.cpu_percent) };
    let received = Line { name: "Received", series: Series::from_rates(&history(), 2.0, |sample| sample.network_rx) };
    let sent = Line { name: "Sent", series: Series::from_rates(&history(), 2.0, |sample| sample.network_tx) };
    let chart = |name, title, unit, lines: Vec<Line>| {
        case(name, view! { <TimeChart title unit lines=Signal::stored(lines) axis /> }.erased())
    };
    (
        chart("One line, with a gap", "CPU (% of one core)", Unit::Percent, vec![level]),
        chart("Two lines", "Network", Unit::BytesPerSecond, vec![received, sent]),
        chart("No data", "Memory (working set)", Unit::Bytes, Vec::new()),
    )
        .erased()
}
