//! A row of a list of facts: a name and a value, in a `<dl class="facts">`.

use crate::prelude::*;

/// Renders a row.
pub fn fact_row(name: &'static str, value: Erased) -> Erased {
    view! {
        <div class="facts__row">
            <dt class="facts__name">{name}</dt>
            <dd class="facts__value" dir="auto">
                {value}
            </dd>
        </div>
    }
    .erased()
}
