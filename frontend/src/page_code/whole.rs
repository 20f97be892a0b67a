//! All pages in the first module, as `cargo leptos watch` builds them: a split takes longer.

use app::{
    components::{action_parts::ActionParts, erased::Erase, list_parts::ListParts, quick_parts::QuickParts},
    pages::{
        AwayLine, ContainerPage, EventsPage, LogsPage, RealtimeTestPage, WhyPanel,
        split::{PageCode, SplitPage},
    },
};

/// Pages that are here.
pub(crate) const PAGE_CODE: PageCode = PageCode {
    fetch: |_| Box::pin(async { true }),
    draw: |page| {
        Some(match page {
            SplitPage::Container => ContainerPage().erased(),
            SplitPage::Logs => LogsPage().erased(),
            SplitPage::RealtimeTest => RealtimeTestPage().erased(),
            SplitPage::Events => EventsPage().erased(),
            SplitPage::Actions => ActionParts().erased(),
            SplitPage::List => ListParts().erased(),
            SplitPage::Why => WhyPanel().erased(),
            SplitPage::Away => AwayLine().erased(),
            SplitPage::Quick => QuickParts().erased(),
        })
    },
};
