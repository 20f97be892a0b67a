//! Tabs of a container's page. The URL selects one.

use crate::base_path::address;
use crate::prelude::*;
use leptos_router::hooks::use_query_map;

/// A tab of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tab {
    /// Charts and basic properties.
    #[default]
    Overview,
    /// Properties from `docker inspect`.
    Configuration,
    /// Running processes.
    Processes,
    /// The unmodified output of `docker inspect`.
    Inspect,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Overview, Self::Configuration, Self::Processes, Self::Inspect];

    /// The value in the URL.
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

/// The tab named by the URL.
pub fn use_tab() -> Memo<Tab> {
    let query = use_query_map();
    Memo::new(move |_| {
        let word = query.read().get("tab").unwrap_or_default();
        Tab::ALL.into_iter().find(|tab| tab.as_str() == word).unwrap_or_default()
    })
}

/// Links to the tabs.
#[component]
pub fn Tabs(
    /// The selected tab.
    tab: Memo<Tab>,
    /// Path of the page.
    path: String,
) -> Erased {
    let logs = format!("{path}/logs");
    let link = move |other: Tab| {
        let href = if other == Tab::default() { path.clone() } else { format!("{path}?tab={}", other.as_str()) };
        view! {
            <a class="tabs__tab" href=address(&href) data-noscroll="" aria-current=move || (tab.get() == other).then_some("page")>
                {other.label()}
            </a>
        }
    };
    view! {
        <nav class="tabs" aria-label="Container page">
            {Tab::ALL.into_iter().map(link).collect_view()}
            <a class="tabs__tab" href=address(&logs)>
                "Logs"
            </a>
        </nav>
    }
    .erased()
}
