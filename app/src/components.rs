//! What pages are made of: leaves that draw a value, and arrangements of leaves.
//!
//! In: signals of one row, or plain values. Out: markup, and calls of the callbacks passed in. Leaves know no store; what the
//! whole app shares (the theme, what is being done to containers) comes through the contexts of `theme_switch` and `actions`.
//! One stylesheet per file here, same name, in `style/components/`.

pub mod absence;
pub mod action_button;
pub mod action_menu;
pub mod action_parts;
pub mod actions;
pub mod announcer;
pub mod banner;
pub mod bulk;
pub mod bulk_dialog;
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
#[cfg(any(test, feature = "ssr"))]
pub(crate) mod examples;
pub mod favicon;
pub mod focus_keeper;
pub mod freshness;
pub mod group_heading;
pub mod icon;
pub mod key_help;
pub mod keyboard;
pub mod list_options;
pub mod list_parts;
pub mod meter;
pub mod motion;
pub mod nearness;
pub mod numbers_age;
pub mod page_header;
pub mod page_title;
pub mod palette;
pub mod pin_button;
pub mod port_list;
pub mod project_tag;
pub mod quick;
pub mod quick_parts;
pub mod radio_group;
pub mod reading;
pub mod remembered;
pub mod saved_views;
pub mod search_completion;
pub mod selection;
pub mod selection_bar;
pub mod selection_keys;
pub mod selection_results;
pub mod sparkline;
pub mod state_badge;
pub mod state_filter;
pub mod status_line;
pub mod theme_switch;
pub mod time_chart;
pub mod timed;
pub mod toasts;
pub mod toolbar;
pub mod trouble_title;
pub mod usage;
pub mod why_link;
