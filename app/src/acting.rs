//! Actions on containers: buttons, menus, confirmation, the selection and its bar, toasts.
//!
//! In: clicks and keys. Out: requests through [`crate::client::act`], and their state in a context.
//! Reading order: [`actions`], [`action_button`], [`selection`], [`selection_bar`].

pub mod action_button;
pub mod action_menu;
pub mod action_parts;
pub mod actions;
pub mod bulk;
pub mod bulk_dialog;
pub mod confirm_dialog;
pub mod container_actions;
pub mod selection;
pub mod selection_bar;
pub mod selection_keys;
pub mod selection_results;
pub mod toasts;
