//! All pages in the first module, as `cargo leptos watch` builds them: a split takes longer.

use app::{
    components::{action_parts::ActionParts, erased::Erase},
    pages::{
        ContainerPage, RealtimeTestPage,
        split::{PageCode, SplitPage},
    },
};

/// Pages that are here.
pub(crate) const PAGE_CODE: PageCode = PageCode {
    fetch: |_| Box::pin(async { true }),
    draw: |page| {
        Some(match page {
            SplitPage::Container => ContainerPage().erased(),
            SplitPage::RealtimeTest => RealtimeTestPage().erased(),
            SplitPage::Actions => ActionParts().erased(),
        })
    },
};
