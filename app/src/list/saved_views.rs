//! Named views of the list, stored as text in local storage, which all tabs share. Pure except for
//! [`load`] and [`store`]. In its own chunk.

use crate::prelude::*;
use crate::query::{decode, encode};

/// Key in local storage.
pub const KEY: &str = "quaylight.views";

/// A view with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Name of the view.
    pub name: String,
    /// URL of the view.
    pub href: String,
}

/// Parses the output of [`print()`]. Skips invalid lines and URLs of other pages.
pub fn parse(text: &str) -> Vec<SavedView> {
    let view = |line: &str| {
        let (name, href) = line.split_once(' ')?;
        let is_list = href == "/containers" || href.starts_with("/containers?");
        is_list.then(|| SavedView { name: decode(name), href: href.to_owned() })
    };
    text.lines().filter_map(view).collect()
}

/// Formats one line per view: name and URL.
pub fn print(views: &[SavedView]) -> String {
    views.iter().map(|SavedView { name, href }| format!("{} {href}\n", encode(name))).collect()
}

/// Adds a view in the order of names. Replaces a view with the same name.
#[must_use]
pub fn with(mut views: Vec<SavedView>, view: SavedView) -> Vec<SavedView> {
    views.retain(|other| other.name != view.name);
    let place = views.iter().position(|other| other.name > view.name).unwrap_or(views.len());
    views.insert(place, view);
    views
}

/// Loads the views of this browser.
pub fn load() -> Vec<SavedView> {
    let storage = window().local_storage().ok().flatten();
    storage.and_then(|storage| storage.get_item(KEY).ok().flatten()).map(|text| parse(&text)).unwrap_or_default()
}

/// Stores the views; false if storage is blocked.
pub fn store(views: &[SavedView]) -> bool {
    let storage = window().local_storage().ok().flatten();
    storage.is_some_and(|storage| storage.set_item(KEY, &print(views)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(name: &str, href: &str) -> SavedView {
        SavedView { name: name.to_owned(), href: href.to_owned() }
    }

    #[test]
    fn views_round_trip_through_the_storage() {
        let views = vec![view("a b\nc", "/containers?q=web"), view("été 100%", "/containers")];
        assert_eq!(parse(&print(&views)), views);
    }

    #[test]
    fn invalid_lines_are_skipped() {
        assert_eq!(
            parse("x javascript:alert(1)\ny /elsewhere\nz\n\nok /containers?view=table"),
            [view("ok", "/containers?view=table")]
        );
    }

    #[test]
    fn names_are_unique_and_sorted() {
        let views = with(vec![view("a", "/containers"), view("c", "/containers")], view("b", "/containers?q=1"));
        let views = with(views, view("a", "/containers?q=2"));
        let names = views.iter().map(|view| (view.name.as_str(), view.href.as_str())).collect::<Vec<_>>();
        assert_eq!(names, [("a", "/containers?q=2"), ("b", "/containers?q=1"), ("c", "/containers")]);
    }
}
