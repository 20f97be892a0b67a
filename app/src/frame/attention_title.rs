//! The prefix of the document title that shows problems even in a background tab.

use super::connection_indicator::at_this_moment;
use crate::prelude::*;
use crate::{client::use_realtime_containers, format::needs_attention, protocol::Picture};

/// Delay in seconds before the title reports stale data: two missed heartbeats.
const DISCONNECTED_AFTER_SECS: u64 = 6;

/// Prefix while the server or an engine is disconnected.
pub const DISCONNECTED: &str = "Disconnected – ";

#[derive(Clone, Copy)]
struct AttentionTitle(Memo<String>);

/// The prefix from [`provide_attention_title`].
///
/// # Panics
/// Outside the component that provided it.
pub fn use_attention_title() -> Memo<String> {
    expect_context::<AttentionTitle>().0
}

/// Provides the prefix of the title: `(2) ` if two containers need attention, [`DISCONNECTED`] if
/// the data is stale, otherwise empty.
pub fn provide_attention_title() -> Memo<String> {
    let hook = use_realtime_containers();
    // The count changes with the containers and, because some conditions depend on age, every
    // minute.
    let count = Memo::new(move |_| {
        hook.rows.container_revision().track();
        hook.slow_now.track();
        let now = hook.now.get_untracked();
        let count = |picture: &Picture| {
            picture
                .containers
                .values()
                .filter(|each| needs_attention(each, hook.rows.engine_time(each.engine, now)))
                .count()
        };
        hook.rows.with_picture(count).unwrap_or_default()
    });
    let title = Memo::new(move |_| {
        let is_lost = at_this_moment(hook, |moment| {
            moment.stale_since().is_some_and(|then| moment.now.since(then).as_secs() >= DISCONNECTED_AFTER_SECS)
        });
        match count.get() {
            _ if is_lost => DISCONNECTED.to_owned(),
            0 => String::new(),
            count => format!("({count}) "),
        }
    });
    provide_context(AttentionTitle(title));
    title
}
