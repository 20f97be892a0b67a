//! What is needed once somebody acts, in a chunk of its own.

use super::{action_menu::ActionMenu, confirm_dialog::ConfirmDialog, selection_bar::SelectionBar, toasts::Toasts};
use crate::prelude::*;

/// The menu, the confirmation, what to do with a selection, and what was refused.
#[component]
pub fn ActionParts() -> Erased {
    view! {
        <ActionMenu />
        <ConfirmDialog />
        <SelectionBar />
        <Toasts />
    }
    .erased()
}
