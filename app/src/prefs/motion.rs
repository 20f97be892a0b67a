//! Whether things may move: as the system prefers, unless told otherwise. The choice is `data-motion` on `<html>`, and a cookie from which
//! the server renders it. Switched in [`crate::keyboard::key_help`] and by the palette.

use crate::prelude::*;

/// What may move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Motion {
    /// What the operating system prefers.
    #[default]
    System,
    /// Nothing, whatever the system prefers.
    Paused,
    /// What shows a change, whatever the system prefers.
    Full,
}

impl Motion {
    const CHOSEN: [Self; 2] = [Self::Paused, Self::Full];

    /// The word in the cookie and in `data-motion`; the system's has none.
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Paused => Some("paused"),
            Self::Full => Some("full"),
        }
    }

    /// The choice of that name, otherwise the system's.
    pub fn parse(word: &str) -> Self {
        Self::CHOSEN.into_iter().find(|motion| motion.attribute() == Some(word)).unwrap_or_default()
    }

    /// The choice a request's `Cookie` header tells.
    pub fn from_cookies(header: &str) -> Self {
        let word = header.split(';').find_map(|cookie| cookie.trim().strip_prefix("motion="));
        word.map(Self::parse).unwrap_or_default()
    }
}

/// Whether nothing moves on this page; in the browser only.
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

/// Pauses motion or lets things move, now, and asks the server for it from now on, for a year.
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
    fn the_cookie_names_the_choice_and_anything_else_is_the_systems() {
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
