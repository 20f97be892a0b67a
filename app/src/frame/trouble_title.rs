//! What is wrong, in front of the page's title: seen in a row of tabs, too.

use super::connection_indicator::at_this_moment;
use crate::prelude::*;
use crate::{client::use_realtime_containers, format::is_in_trouble, protocol::Picture};

/// What is shown may be out of date for this many seconds before the title says so: two missed heartbeats.
const LASTING_SECS: u64 = 6;

/// In front of the title of a page whose link, or whose engine, is lost.
pub const DISCONNECTED: &str = "Disconnected – ";

#[derive(Clone, Copy)]
struct TroubleTitle(Memo<String>);

/// What [`provide_trouble_title`] gave, for what follows the title.
///
/// # Panics
/// Outside the component that provided it.
pub fn use_trouble_title() -> Memo<String> {
    expect_context::<TroubleTitle>().0
}

/// `(2) ` where two containers are in trouble, [`DISCONNECTED`] where nobody knows, nothing where all is well.
pub fn provide_trouble_title() -> Memo<String> {
    let hook = use_realtime_containers();
    // How many changes with the containers, and with their ages, by the minute: all of them are looked at.
    let count = Memo::new(move |_| {
        hook.rows.told().track();
        hook.slow_now.track();
        let now = hook.now.get_untracked();
        let count = |picture: &Picture| picture.containers.values().filter(|each| is_in_trouble(each, now)).count();
        hook.rows.with_picture(count).unwrap_or_default()
    });
    let title = Memo::new(move |_| {
        let is_lost = at_this_moment(hook, |moment| {
            moment.stale_since().is_some_and(|then| moment.now.since(then).as_secs() >= LASTING_SECS)
        });
        match count.get() {
            _ if is_lost => DISCONNECTED.to_owned(),
            0 => String::new(),
            count => format!("({count}) "),
        }
    });
    provide_context(TroubleTitle(title));
    title
}
