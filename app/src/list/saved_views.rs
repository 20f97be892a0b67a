//! Views of the list that were saved under a name, as text in the browser's storage, which all tabs share. Pure but for
//! [`load`] and [`store`]. In a chunk of its own.

use crate::prelude::*;
use crate::query::{decode, encode};

/// Where the browser keeps them.
pub const KEY: &str = "quaylight.views";

/// A view with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// What it is called.
    pub name: String,
    /// Its address.
    pub href: String,
}

/// Reads what [`print()`] wrote; a line that is none is left out, and so is an address that leads elsewhere.
pub fn parse(text: &str) -> Vec<SavedView> {
    let view = |line: &str| {
        let (name, href) = line.split_once(' ')?;
        let is_list = href == "/containers" || href.starts_with("/containers?");
        is_list.then(|| SavedView { name: decode(name), href: href.to_owned() })
    };
    text.lines().filter_map(view).collect()
}

/// A line each: name and address.
pub fn print(views: &[SavedView]) -> String {
    views.iter().map(|SavedView { name, href }| format!("{} {href}\n", encode(name))).collect()
}

/// With one more, in the order of names; of two of one name the later.
#[must_use]
pub fn with(mut views: Vec<SavedView>, view: SavedView) -> Vec<SavedView> {
    views.retain(|other| other.name != view.name);
    let place = views.iter().position(|other| other.name > view.name).unwrap_or(views.len());
    views.insert(place, view);
    views
}

/// What this browser has saved.
pub fn load() -> Vec<SavedView> {
    let storage = window().local_storage().ok().flatten();
    storage.and_then(|storage| storage.get_item(KEY).ok().flatten()).map(|text| parse(&text)).unwrap_or_default()
}

/// Saves them; false where the browser keeps nothing.
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
    fn views_survive_the_storage() {
        let views = vec![view("a b\nc", "/containers?q=web"), view("été 100%", "/containers")];
        assert_eq!(parse(&print(&views)), views);
    }

    #[test]
    fn what_is_no_view_of_the_list_is_left_out() {
        assert_eq!(
            parse("x javascript:alert(1)\ny /elsewhere\nz\n\nok /containers?view=table"),
            [view("ok", "/containers?view=table")]
        );
    }

    #[test]
    fn a_name_is_there_once_and_in_order() {
        let views = with(vec![view("a", "/containers"), view("c", "/containers")], view("b", "/containers?q=1"));
        let views = with(views, view("a", "/containers?q=2"));
        let names = views.iter().map(|view| (view.name.as_str(), view.href.as_str())).collect::<Vec<_>>();
        assert_eq!(names, [("a", "/containers?q=2"), ("b", "/containers?q=1"), ("c", "/containers")]);
    }
}
