//! One action on one container, as an icon.

use super::actions::{use_actions, verb};
use crate::prelude::*;
use crate::{
    client::Action,
    model::Container,
    parts::icon::{Glyph, Icon},
};
use std::sync::Arc;

/// A button named "Stop web-1".
#[component]
pub fn ActionButton(
    /// What it does.
    action: Action,
    /// To what.
    container: Arc<Container>,
    /// Whether it has to wait for what is being done to the container.
    busy: bool,
    /// Whether the verb is written beside the icon. Default: no.
    #[prop(optional)]
    with_word: bool,
) -> Erased {
    let actions = use_actions();
    let name = format!("{} {}", verb(action), container.name);
    view! {
        // Not `disabled`: that would drop the keyboard's focus just when the container answers.
        <button
            type="button"
            class=if with_word { "button" } else { "icon-button" }
            aria-label=name.clone()
            title=(!with_word).then_some(name)
            aria-disabled=busy.then_some("true")
            on:click=move |_| {
                if !busy {
                    actions.wish(action, Arc::clone(&container));
                }
            }
        >
            <Icon glyph=glyph(action) />
            {with_word.then(|| verb(action))}
        </button>
    }
    .erased()
}

/// The icon of an action.
pub const fn glyph(action: Action) -> Glyph {
    match action {
        Action::Start | Action::Unpause => Glyph::Play,
        Action::Stop => Glyph::Stop,
        Action::Restart => Glyph::Restart,
        Action::Pause => Glyph::Pause,
        Action::Kill => Glyph::Kill,
        Action::Remove { .. } => Glyph::Trash,
    }
}
