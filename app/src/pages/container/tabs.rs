//! The parts of a container's page: one is seen, and the address says which.

use crate::base_path::address;
use crate::prelude::*;
use leptos_router::hooks::use_query_map;

/// A part of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tab {
    /// Charts, and what the list knows.
    #[default]
    Overview,
    /// What only inspect knows.
    Configuration,
    /// What runs in it.
    Processes,
    /// The engine's own document.
    Inspect,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Overview, Self::Configuration, Self::Processes, Self::Inspect];

    /// The word in the address.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Configuration => "configuration",
            Self::Processes => "processes",
            Self::Inspect => "inspect",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Configuration => "Configuration",
            Self::Processes => "Processes",
            Self::Inspect => "Inspect",
        }
    }
}

/// The part the address names.
pub fn use_tab() -> Memo<Tab> {
    let query = use_query_map();
    Memo::new(move |_| {
        let word = query.read().get("tab").unwrap_or_default();
        Tab::ALL.into_iter().find(|tab| tab.as_str() == word).unwrap_or_default()
    })
}

/// Links to the parts.
#[component]
pub fn Tabs(
    /// The part that is seen.
    tab: Memo<Tab>,
    /// The page's path.
    path: String,
) -> Erased {
    let logs = format!("{path}/logs");
    let link = move |other: Tab| {
        let href = if other == Tab::default() { path.clone() } else { format!("{path}?tab={}", other.as_str()) };
        view! {
            <a class="tabs__tab" href=address(&href) data-noscroll="" aria-current=word(move || (tab.get() == other).then_some("page"))>
                {other.label()}
            </a>
        }
    };
    view! {
        <nav class="tabs" aria-label="Parts of this page">
            {Tab::ALL.into_iter().map(link).collect_view()}
            <a class="tabs__tab" href=address(&logs)>
                "Logs"
            </a>
        </nav>
    }
    .erased()
}
