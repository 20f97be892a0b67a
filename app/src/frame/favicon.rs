//! The browser tab's icon: healthy, in trouble or disconnected, distinguished by shape and color.

use super::attention_title::{DISCONNECTED, use_attention_title};
use crate::base_path::address;
use crate::prelude::*;

/// Updates the icon whenever the title changes.
pub fn update_favicon() {
    let title = use_attention_title();
    let icon = Memo::new(move |_| icon(&title.read()));
    Effect::new(move |_| {
        let link = document().query_selector("link[rel=icon]").ok().flatten();
        if let Some(link) = link {
            let _ = link.set_attribute("href", &address(icon.get()));
        }
    });
}

fn icon(title: &str) -> &'static str {
    match title {
        "" => "/favicon.svg",
        DISCONNECTED => "/favicon-disconnected.svg",
        _ => "/favicon-trouble.svg",
    }
}
