//! All pages in the first module, as `cargo leptos watch` builds them: splitting takes longer.

use app::{
    components::{action_parts::ActionParts, list_parts::ListParts, quick_parts::QuickParts},
    pages::{
        AwayLine, ContainerPage, EventsPage, LogsPage, RealtimeTestPage, WhyPanel,
        split::{PageCode, SplitPage},
    },
};

/// Pages without chunks.
pub(crate) const PAGE_CODE: PageCode = PageCode {
    fetch: |_| Box::pin(async { true }),
    draw: |page| {
        Some(match page {
            SplitPage::Container => ContainerPage(),
            SplitPage::Logs => LogsPage(),
            SplitPage::RealtimeTest => RealtimeTestPage(),
            SplitPage::Events => EventsPage(),
            SplitPage::Actions => ActionParts(),
            SplitPage::List => ListParts(),
            SplitPage::Why => WhyPanel(),
            SplitPage::Away => AwayLine(),
            SplitPage::Quick => QuickParts(),
        })
    },
};
