//! One choice of a few, side by side.

use super::icon::{Glyph, Icon};
use crate::prelude::*;
use leptos::ev::Event;

/// One of the choices.
#[derive(Debug, Clone, Copy)]
pub struct RadioOption {
    /// The word in forms and addresses.
    pub value: &'static str,
    /// The words on the screen, or in the tooltip.
    pub label: &'static str,
    /// The icon beside them, if there is one.
    pub glyph: Option<Glyph>,
}

/// A radio group. Real radio buttons: the arrow keys work, and so does a form without JavaScript.
#[component]
pub fn RadioGroup(
    /// The field's name in a form.
    name: &'static str,
    /// The group's accessible name.
    label: &'static str,
    /// The choices.
    options: Vec<RadioOption>,
    /// The value chosen.
    selected: Signal<&'static str>,
    /// Called with the value chosen by a person.
    on_select: Callback<&'static str>,
    /// Whether the words are only in the tooltips. Default: no.
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
