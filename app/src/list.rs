//! The list of containers: toolbar, table, cards, groups, options, saved views.
//!
//! In: a `ListQuery` and the arranged entries. Out: markup, and changed queries. Reading order:
//! [`container_list`], [`container_table`], [`container_row`], [`usage`]; then [`toolbar`] and
//! [`list_options`].

pub mod container_card;
pub mod container_list;
pub mod container_row;
pub mod container_table;
pub mod engine_tag;
pub mod entry_list;
pub mod focus_keeper;
pub mod group_heading;
pub mod list_options;
pub mod list_parts;
pub mod pin_button;
pub mod saved_views;
pub mod search_completion;
pub mod state_filter;
pub mod status_line;
pub mod toolbar;
pub mod usage;
pub mod viewport;
pub mod why_link;
