//! Theme switch: system, light, dark or high contrast. Stored as `data-theme` on `<html>` and in a
//! cookie from which the server renders it, so that the page does not flash.

use crate::parts::{
    icon::Glyph,
    radio_group::{RadioGroup, RadioOption},
};
use crate::prelude::*;

/// A color theme.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// The operating system's setting.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// Black on white or white on black, depending on the system's setting.
    Contrast,
}

impl Theme {
    const ALL: [Self; 4] = [Self::System, Self::Light, Self::Dark, Self::Contrast];

    /// The value in the cookie and in `data-theme`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Contrast => "contrast",
        }
    }

    /// Parses a value; unknown ones mean the system's setting.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.as_str() == word).unwrap_or_default()
    }

    /// The theme in a request's `Cookie` header.
    pub fn from_cookies(header: &str) -> Self {
        let theme = header.split(';').find_map(|cookie| cookie.trim().strip_prefix("theme="));
        theme.map(Self::parse).unwrap_or_default()
    }

    const fn option(self) -> RadioOption {
        let (label, glyph) = match self {
            Self::System => ("System", Glyph::Screen),
            Self::Light => ("Light", Glyph::Sun),
            Self::Dark => ("Dark", Glyph::Moon),
            Self::Contrast => ("High contrast", Glyph::Contrast),
        };
        RadioOption { value: self.as_str(), label, glyph: Some(glyph) }
    }
}

/// A radio group of four icons.
#[component]
pub fn ThemeSwitch(
    /// The theme with which the page was rendered.
    initial: Theme,
) -> Erased {
    let theme = RwSignal::new(initial);
    let select = Callback::new(move |value: &'static str| {
        theme.set(Theme::parse(value));
        show(theme.get_untracked());
    });
    let options = Theme::ALL.map(Theme::option).to_vec();
    let selected = Memo::new(move |_| theme.get().as_str());
    view! { <RadioGroup name="theme" label="Theme" options selected on_select=select icons_only=true /> }.erased()
}

/// Applies the theme now, and stores it in a cookie for a year.
fn show(theme: Theme) {
    let document = document();
    if let Some(html) = document.document_element() {
        let _ = match theme {
            Theme::System => html.remove_attribute("data-theme"),
            Theme::Light | Theme::Dark | Theme::Contrast => html.set_attribute("data-theme", theme.as_str()),
        };
    }
    let cookie = format!("theme={}; Path=/; Max-Age=31536000; SameSite=Lax", theme.as_str());
    let _ = js_sys::Reflect::set(&document, &"cookie".into(), &cookie.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_cookie_values_mean_the_system_theme() {
        for (header, theme) in [
            ("theme=dark", Theme::Dark),
            ("a=b; theme=light; c=d", Theme::Light),
            ("theme=contrast", Theme::Contrast),
            ("theme=purple", Theme::System),
            ("mytheme=dark", Theme::System),
            ("", Theme::System),
        ] {
            assert_eq!(Theme::from_cookies(header), theme, "{header}");
        }
    }
}
