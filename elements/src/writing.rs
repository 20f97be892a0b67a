//! How a view becomes markup. On the server only.

use crate::{
    Element, Erased,
    attribute::{Attribute, Kind},
    base,
    element::Sort,
    erased::View,
    value::{Fixed, Value},
};
use leptos::tachys::{
    html::attribute::AttributeValue,
    ssr::StreamBuilder,
    view::{Position, RenderHtml},
};

impl Erased {
    pub(crate) fn write(self, buf: &mut String, position: &mut Position, escape: bool, mark_branches: bool) {
        match self.0 {
            View::Nothing => ().to_html_with_buf(buf, position, escape, mark_branches, Vec::new()),
            View::Text(text) => text.to_html_with_buf(buf, position, escape, mark_branches, Vec::new()),
            View::Element(element) => {
                let Element { name, sort, attributes, children } = *element;
                open(buf, name, attributes);
                if sort != Sort::Void {
                    *position = Position::FirstChild;
                    for child in children {
                        child.write(buf, position, sort != Sort::Raw, mark_branches);
                    }
                    close(buf, name);
                }
                *position = Position::NextChild;
            }
            View::Several(views) => {
                for view in views {
                    view.write(buf, position, escape, mark_branches);
                }
            }
            View::List(views) => views.to_html_with_buf(buf, position, escape, mark_branches, Vec::new()),
            View::Live(mut draw) => draw().write(buf, position, escape, mark_branches),
            View::Other(view) => view.write(buf, position, escape, mark_branches),
        }
    }

    /// The same, where something may still be waited for: only a view of another type does.
    pub(crate) fn stream<const OUT_OF_ORDER: bool>(
        self,
        buf: &mut StreamBuilder,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
    ) {
        match self.0 {
            View::Element(element) => {
                let Element { name, sort, attributes, children } = *element;
                let mut text = String::new();
                open(&mut text, name, attributes);
                buf.push_sync(&text);
                if sort != Sort::Void {
                    *position = Position::FirstChild;
                    for child in children {
                        child.stream::<OUT_OF_ORDER>(buf, position, sort != Sort::Raw, mark_branches);
                    }
                    text.clear();
                    close(&mut text, name);
                    buf.push_sync(&text);
                }
                *position = Position::NextChild;
            }
            View::Several(views) => {
                for view in views {
                    view.stream::<OUT_OF_ORDER>(buf, position, escape, mark_branches);
                }
            }
            View::List(views) => {
                views.to_html_async_with_buf::<OUT_OF_ORDER>(buf, position, escape, mark_branches, Vec::new());
            }
            View::Live(mut draw) => draw().stream::<OUT_OF_ORDER>(buf, position, escape, mark_branches),
            View::Other(view) => view.stream(buf, OUT_OF_ORDER, position, escape, mark_branches),
            view @ (View::Nothing | View::Text(_)) => {
                let mut text = String::new();
                Self(view).write(&mut text, position, escape, mark_branches);
                buf.push_sync(&text);
            }
        }
    }

    pub(crate) fn resolve_dry(&mut self) {
        match &mut self.0 {
            View::Nothing | View::Text(_) => {}
            View::Element(element) => element.resolve_dry(),
            View::Several(views) | View::List(views) => views.iter_mut().for_each(Self::resolve_dry),
            View::Live(draw) => draw().resolve_dry(),
            View::Other(view) => view.resolve_dry(),
        }
    }
}

impl Element {
    pub(crate) fn resolve_dry(&mut self) {
        self.children.iter_mut().for_each(Erased::resolve_dry);
    }
}

fn open(buf: &mut String, name: &str, attributes: Vec<Attribute>) {
    buf.push('<');
    buf.push_str(name);
    for Attribute { name, kind } in attributes {
        if let Some(value) = written(kind) {
            if value.is_empty() {
                buf.push(' ');
                buf.push_str(name);
            } else {
                AttributeValue::to_html(&*base::in_document(name, &value), name, buf);
            }
        }
    }
    buf.push('>');
}

/// What the markup says of it.
fn written(kind: Kind) -> Fixed {
    match kind {
        Kind::Value(Value::Fixed(value)) => value,
        Kind::Value(Value::Changing(mut changing)) => (changing.0)(),
        Kind::Property(_) | Kind::Style(_) | Kind::On(_) | Kind::Reference(_) => None,
    }
}

fn close(buf: &mut String, name: &str) {
    buf.push_str("</");
    buf.push_str(name);
    buf.push('>');
}
