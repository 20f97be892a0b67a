//! What `view!` calls: a function for each element, a method for each attribute.

use crate::{Element, base, element::Sort, value::IntoValue};
use leptos::tachys::html::InertElement as Inert;
use std::{borrow::Cow, fmt};

/// Markup in which nothing changes.
pub struct InertElement(pub(crate) Inert);

impl InertElement {
    /// Of this markup, one element with all that is in it.
    pub fn new(html: impl Into<Cow<'static, str>>) -> Self {
        Self(Inert::new(base::markup(html.into())))
    }
}

impl fmt::Debug for InertElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InertElement")
    }
}

macro_rules! elements {
    ($sort:ident: $($name:ident)*) => {$(
        #[doc = concat!("`<", stringify!($name), ">`")]
        #[must_use]
        pub const fn $name() -> Element {
            Element::new(stringify!($name), Sort::$sort)
        }
    )*};
}

/// Elements of HTML.
pub(crate) mod html {
    use super::{Element, Sort};
    // The types by which a `NodeRef` knows what it refers to.
    pub use leptos::tachys::html::element::{Button, Dialog, Div, ElementType, Input, Pre, Ul};

    elements! {
        Html: a article aside bdi body button code datalist dd details dialog div dl dt fieldset figcaption figure form h1 h2 h3 head header
        html kbd label legend li main mark nav ol option p pre section select span strong summary table tbody td th thead time title tr ul
    }
    elements! { Void: br img input link meta }
    elements! { Raw: script style textarea }
}

/// Elements of SVG.
pub(crate) mod svg {
    use super::{Element, Sort};

    elements! { Svg: circle g line path polyline rect svg text title }
}

macro_rules! attributes {
    ($($method:ident $name:literal)*) => {
        /// An attribute for each method.
        impl Element {$(
            #[doc = concat!("With `", $name, "`.")]
            #[must_use]
            pub fn $method(self, value: impl IntoValue) -> Self {
                self.attr($name, value)
            }
        )*}
    };
}

attributes! {
    action "action" autocomplete "autocomplete" charset "charset" checked "checked" class "class" content "content" crossorigin "crossorigin"
    datetime "datetime" dir "dir" disabled "disabled" download "download" hidden "hidden" href "href" id "id" lang "lang" list "list"
    max "max" maxlength "maxlength" method "method" min "min" name "name" nonce "nonce" open "open" placeholder "placeholder"
    popover "popover" rel "rel" role "role" scope "scope" selected "selected" spellcheck "spellcheck" src "src" step "step"
    tabindex "tabindex" target "target" title "title" r#type "type" value "value" r#as "as" alt "alt" height "height" width "width"
    aria_activedescendant "aria-activedescendant" aria_autocomplete "aria-autocomplete" aria_colspan "aria-colspan"
    aria_controls "aria-controls" aria_current "aria-current" aria_describedby "aria-describedby" aria_disabled "aria-disabled"
    aria_expanded "aria-expanded" aria_haspopup "aria-haspopup" aria_hidden "aria-hidden" aria_invalid "aria-invalid"
    aria_keyshortcuts "aria-keyshortcuts" aria_label "aria-label" aria_labelledby "aria-labelledby" aria_live "aria-live"
    aria_modal "aria-modal" aria_pressed "aria-pressed" aria_rowcount "aria-rowcount" aria_selected "aria-selected" aria_sort "aria-sort"
    aria_valuemax "aria-valuemax" aria_valuemin "aria-valuemin" aria_valuenow "aria-valuenow" aria_valuetext "aria-valuetext"
    aria_roledescription "aria-roledescription" aria_atomic "aria-atomic" aria_busy "aria-busy" aria_owns "aria-owns" aria_checked "aria-checked"
}
