//! What pages are made of: leaves that draw a value, and arrangements of leaves.
//!
//! In: signals of one row, or plain values. Out: markup, and calls of the callbacks passed in. Leaves know no store; what the
//! whole app shares (the theme, what is being done to containers) comes through the contexts of `theme_switch` and `actions`.
//! One stylesheet per file here, same name, in `style/components/`.

pub mod action_button;
pub mod action_menu;
pub mod action_parts;
pub mod actions;
pub mod banner;
pub mod confirm_dialog;
pub mod connection_indicator;
pub mod container_actions;
pub mod container_card;
pub mod container_list;
pub mod container_row;
pub mod container_table;
pub mod copy_button;
pub mod empty_state;
pub mod entry_list;
pub mod erased;
#[cfg(test)]
pub(crate) mod examples;
pub mod focus_keeper;
pub mod freshness;
pub mod group_heading;
pub mod icon;
pub mod meter;
pub mod nearness;
pub mod page_header;
pub mod port_list;
pub mod project_tag;
pub mod radio_group;
pub mod reading;
pub mod sparkline;
pub mod state_badge;
pub mod state_filter;
pub mod status_line;
pub mod theme_switch;
pub mod time_chart;
pub mod toasts;
pub mod toolbar;
pub mod usage;
