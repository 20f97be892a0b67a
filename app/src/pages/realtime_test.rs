//! `/realtime-test`: measurements of the stream, a diagnosis of the connection, and buttons that
//! close and reopen the stream.

pub mod connection_summary;
pub mod cost;
pub mod diagnosis;
pub mod measures;

use crate::prelude::*;
use crate::{
    acting::{actions::use_actions, selection::SelectableList},
    client::use_realtime_containers,
    frame::{connection_indicator::at_this_moment, page_title::PageTitle},
    list::container_list::ContainerList,
    query::{Density, ListQuery, View, arrange},
};
use connection_summary::ConnectionSummary;
use cost::Cost;
use diagnosis::ConnectionDiagnosis;
use measures::Measures;

/// Connection summary, diagnosis, cost, stream measurements and the container list.
#[component]
pub fn RealtimeTestPage() -> Erased {
    let hook = use_realtime_containers();
    let query = ListQuery { view: View::Table, density: Density::Compact, ..ListQuery::default() };
    let seen = query.clone();
    let entries = Memo::new(move |_| {
        hook.rows.revision().track();
        hook.rows.with_picture(|picture| arrange(picture, &seen)).unwrap_or_default().entries
    });
    let query = Memo::new(move |_| query.clone());
    use_actions().selection().attach(SelectableList { entries, query });
    let stale = Memo::new(move |_| at_this_moment(hook, |moment| moment.stale_since().is_some()));
    view! {
        <PageTitle text="Real-time test" />
        <div class="realtime-test-page">
            <h1 class="realtime-test-page__title">"Real-time test"</h1>
            <ConnectionSummary />
            <ConnectionDiagnosis />
            <section class="realtime-test-page__section" aria-label="Monitoring cost">
                <h2 class="realtime-test-page__heading">"Monitoring cost"</h2>
                <Cost />
            </section>
            <section class="realtime-test-page__section" aria-label="Real-time containers">
                <h2 class="realtime-test-page__heading">"Real-time containers"</h2>
                <Measures />
                <ContainerList entries query stale sortable=false />
            </section>
        </div>
    }
    .erased()
}
