//! Action buttons of one container: the common actions, and a menu for the others.

use super::{
    action_button::ActionButton,
    action_menu::button_edges,
    actions::{Menu, offered, use_actions},
};
use crate::prelude::*;
use crate::{
    model::Container,
    parts::icon::{Glyph, Icon},
};
use leptos::ev::MouseEvent;
use std::sync::Arc;

/// Buttons that depend on the container's state. Empty if the server allows no actions.
#[component]
pub fn ContainerActions(
    /// Container on which the buttons act.
    container: ReadSignal<Arc<Container>>,
    /// Whether to show verbs next to the icons, and all actions as buttons. Default: false.
    #[prop(optional)]
    with_words: bool,
) -> Erased {
    let actions = use_actions();
    actions
        .are_allowed()
        .then(|| {
            view! {
                <div class="container-actions">
                    {move || {
                        let container = container.get();
                        let (first, rest) = offered(container.state);
                        let shown = if with_words { [first, rest].concat() } else { first.to_vec() };
                        let buttons = shown
                            .into_iter()
                            .map(|action| {
                                let container = Arc::clone(&container);
                                let busy = actions.must_wait(container.key(), action);
                                view! { <ActionButton action container busy with_word=with_words /> }
                            })
                            .collect_view();
                        let menu = (!with_words && !rest.is_empty()).then(|| menu_button(&container));
                        (buttons, menu).erased()
                    }}
                </div>
            }
            .erased()
        })
        .erased()
}

fn menu_button(container: &Container) -> Erased {
    let actions = use_actions();
    let key = container.key();
    let name = format!("More actions for {}", container.name);
    let open = move |event: MouseEvent| {
        if let Some([right, top, bottom]) = button_edges(&event) {
            actions.menu().set(Some(Menu { key, right, top, bottom }));
        }
    };
    view! {
        <button
            type="button"
            class="icon-button"
            aria-label=name.clone()
            title=name
            aria-haspopup="menu"
            on:click=open
        >
            <Icon glyph=Glyph::More />
        </button>
    }
    .erased()
}
