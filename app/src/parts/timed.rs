//! A `<time>` element.

use crate::prelude::*;
use crate::{format::date_time, model::Timestamp};

/// Text such as `2 min ago`, with the exact time in `datetime` and as tooltip.
pub fn timed(instant: Timestamp, content: impl Fn() -> String + Send + 'static) -> Erased {
    view! {
        <time datetime=instant.to_string() title=date_time(instant)>
            {content}
        </time>
    }
    .erased()
}
