//! Motion preference: the system's setting unless overridden. Stored as `data-motion` on `<html>`
//! and in a cookie from which the server renders it. Changed in [`crate::keyboard::key_help`] and
//! the palette.

use crate::prelude::*;

/// Motion preference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Motion {
    /// The operating system's setting.
    #[default]
    System,
    /// No animations.
    Paused,
    /// Animations, regardless of the system's setting.
    Full,
}

impl Motion {
    const CHOSEN: [Self; 2] = [Self::Paused, Self::Full];

    /// The value in the cookie and in `data-motion`; `None` for the system's setting.
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Paused => Some("paused"),
            Self::Full => Some("full"),
        }
    }

    /// Parses a value; unknown ones mean the system's setting.
    pub fn parse(word: &str) -> Self {
        Self::CHOSEN.into_iter().find(|motion| motion.attribute() == Some(word)).unwrap_or_default()
    }

    /// The preference in a request's `Cookie` header.
    pub fn from_cookies(header: &str) -> Self {
        let word = header.split(';').find_map(|cookie| cookie.trim().strip_prefix("motion="));
        word.map(Self::parse).unwrap_or_default()
    }
}

/// True if animations are paused on this page. Only in the browser.
pub fn is_paused() -> bool {
    let html = document().document_element();
    let word = html.and_then(|html| html.get_attribute("data-motion")).unwrap_or_default();
    match Motion::parse(&word) {
        Motion::Paused => true,
        Motion::Full => false,
        Motion::System => {
            let query = window().match_media("(prefers-reduced-motion: reduce)").ok().flatten();
            query.is_some_and(|query| query.matches())
        }
    }
}

/// Pauses or allows animations now, and stores the choice in a cookie for a year.
pub fn pause(paused: bool) {
    let word = if paused { "paused" } else { "full" };
    let document = document();
    if let Some(html) = document.document_element() {
        let _ = html.set_attribute("data-motion", word);
    }
    let cookie = format!("motion={word}; Path=/; Max-Age=31536000; SameSite=Lax");
    let _ = js_sys::Reflect::set(&document, &"cookie".into(), &cookie.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_cookie_values_mean_the_system_setting() {
        for (header, motion) in [
            ("motion=paused", Motion::Paused),
            ("theme=dark; motion=full", Motion::Full),
            ("motion=wild", Motion::System),
            ("emotion=paused", Motion::System),
            ("", Motion::System),
        ] {
            assert_eq!(Motion::from_cookies(header), motion, "{header}");
        }
    }
}
