//! Header of every page: navigation, connection state, commands and theme.

use super::{connection_indicator::ConnectionIndicator, quick::PaletteButton};
use crate::base_path::{self, address};
use crate::prelude::*;
use crate::{
    client::{UseRealtimeContainersReturn, use_realtime_containers},
    prefs::theme_switch::{Theme, ThemeSwitch},
};
use leptos_router::hooks::use_location;

/// Brand, navigation, connection state, command palette and theme.
#[component]
pub fn PageHeader(
    /// The theme the page was rendered with.
    theme: Theme,
) -> Erased {
    let UseRealtimeContainersReturn { engines, rows, settings, .. } = use_realtime_containers();
    let is_demo = Memo::new(move |_| engines.read().iter().any(|engine| engine.demo));
    view! {
        <header class="page-header">
            <a class="page-header__brand" href=address("/containers")>
                <svg class="page-header__mark" viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M6.5 4.5L1 2.5v4zM9.5 4.5l5.5-2v4zM6.5 6.5h3l1 8h-5zM6.5 3h3v3h-3z" />
                </svg>
                <span class="page-header__name">"Quaylight"</span>
            </a>
            <nav class="page-header__nav" aria-label="Pages">
                <NavLink href="/containers" label="Containers" />
                {move || rows.has_several_engines().then(|| view! { <NavLink href="/engines" label="Engines" /> }).erased()}
                {settings.has_swarm.then(|| view! { <NavLink href="/swarm" label="Swarm" /> }).erased()}
                <NavLink href="/events" label="Events" />
                <NavLink href="/realtime-test" label="Real-time test" />
            </nav>
            {move || {
                is_demo
                    .get()
                    .then(|| {
                        view! {
                            <span
                                class="page-header__demo"
                                title="Simulated containers; not connected to a real engine"
                            >
                                "Demo engine"
                            </span>
                        }
                    })
                    .erased()
            }}
            <ConnectionIndicator />
            <PaletteButton />
            <ThemeSwitch initial=theme />
        </header>
    }
    .erased()
}

#[component]
fn NavLink(
    /// Target path.
    href: &'static str,
    /// Link text.
    label: &'static str,
) -> Erased {
    let path = use_location().pathname;
    view! {
        <a class="page-header__link" href=address(href) aria-current=move || (base_path::path(&path.read()) == href).then_some("page")>
            {label}
        </a>
    }
    .erased()
}
