//! Components needed once the user acts, in their own chunk.

use super::{action_menu::ActionMenu, confirm_dialog::ConfirmDialog, selection_bar::SelectionBar, toasts::Toasts};
use crate::prelude::*;

/// The menu, the confirmation dialog, the selection bar and the toasts.
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
