//! What is needed once somebody acts, in a chunk of its own.

use super::{action_menu::ActionMenu, confirm_dialog::ConfirmDialog, erased::Erase, toasts::Toasts};
use leptos::prelude::*;

/// The menu, the confirmation, and what was refused.
#[component]
pub fn ActionParts() -> impl IntoView {
    view! {
        <ActionMenu />
        <ConfirmDialog />
        <Toasts />
    }
    .erased()
}
