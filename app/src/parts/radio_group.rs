//! Radio buttons side by side.

use super::icon::{Glyph, Icon};
use crate::prelude::*;
use leptos::ev::Event;

/// A radio button.
#[derive(Debug, Clone, Copy)]
pub struct RadioOption {
    /// The value in forms and URLs.
    pub value: &'static str,
    /// The visible label or tooltip.
    pub label: &'static str,
    /// The icon, if any.
    pub glyph: Option<Glyph>,
}

/// A radio group with native radio buttons, so that arrow keys and forms without JavaScript work.
#[component]
pub fn RadioGroup(
    /// The field's name in a form.
    name: &'static str,
    /// The group's accessible name.
    label: &'static str,
    /// Options, in the order shown.
    options: Vec<RadioOption>,
    /// The selected value.
    selected: Memo<&'static str>,
    /// Called with the value that the user selects.
    on_select: Callback<&'static str>,
    /// Whether to show labels only as tooltips. Default: false.
    #[prop(optional)]
    icons_only: bool,
) -> Erased {
    let class = if icons_only { "radio-group radio-group--icons" } else { "radio-group" };
    let option = move |RadioOption { value, label, glyph }: RadioOption| {
        let choose = move |_: Event| on_select.run(value);
        view! {
            <label class="radio-group__option" title=icons_only.then_some(label)>
                <input
                    class="radio-group__input"
                    type="radio"
                    name=name
                    value=value
                    checked=selected.get_untracked() == value
                    prop:checked=move || selected.get() == value
                    on:change=choose
                />
                {glyph.map(|glyph| view! { <Icon glyph /> })}
                <span class=if icons_only { "visually-hidden" } else { "radio-group__label" }>{label}</span>
            </label>
        }
    };
    view! {
        <div class=class role="radiogroup" aria-label=label>
            {options.into_iter().map(option).collect_view()}
        </div>
    }
    .erased()
}
