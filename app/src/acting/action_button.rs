//! Button for one action on one container.

use super::actions::{use_actions, verb};
use crate::prelude::*;
use crate::{
    client::Action,
    model::Container,
    parts::icon::{Glyph, Icon},
};
use std::sync::Arc;

/// A button with a label such as "Stop web-1".
#[component]
pub fn ActionButton(
    /// Action that the button performs.
    action: Action,
    /// Container on which the action is performed.
    container: Arc<Container>,
    /// True if another action on the container must finish first.
    busy: bool,
    /// Whether to show the verb next to the icon. Default: false.
    #[prop(optional)]
    with_word: bool,
) -> Erased {
    let actions = use_actions();
    let name = format!("{} {}", verb(action), container.name);
    view! {
        // Not `disabled`, which would drop the keyboard focus.
        <button
            type="button"
            class=if with_word { "button" } else { "icon-button" }
            aria-label=name.clone()
            title=(!with_word).then_some(name)
            aria-disabled=busy.then_some("true")
            on:click=move |_| {
                if !busy {
                    actions.request(action, Arc::clone(&container));
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
