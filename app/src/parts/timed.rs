//! A time said in words, with the exact one for programs and for the pointer.

use crate::prelude::*;
use crate::{format::date_time, model::Timestamp};

/// `2 min ago`, with the instant itself beside it.
pub fn timed(instant: Timestamp, said: TextFn) -> Erased {
    view! {
        <time datetime=instant.to_string() title=date_time(instant)>
            {said}
        </time>
    }
    .erased()
}
