//! Small reusable components: each shows one value or one control.
//!
//! In: values and signals. Out: markup, and calls to the given callbacks. They never read the
//! store.

pub mod container_element;
pub mod copy_button;
pub mod dialog;
pub mod empty_state;
pub mod fact;
pub mod icon;
pub mod key;
pub mod meter;
pub mod page_host;
pub mod port_list;
pub mod project_tag;
pub mod radio_group;
pub mod reading;
pub mod sparkline;
pub mod state_badge;
pub mod time_chart;
pub mod timed;
pub mod typed_search;
