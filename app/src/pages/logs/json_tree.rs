//! The tree view of a JSON line. Nested values are collapsible `<details>` elements, so the browser
//! handles pointer and keyboard.

use super::viewer::Viewer;
use crate::logs::tree::{Content, Node};
use crate::prelude::*;

/// Number of levels that are expanded at first: the value of interest is usually near the root.
const MAX_OPEN_LEVELS: usize = 2;

/// Maximum number of fields of a value that is expanded at first, so that it does not fill the
/// window.
const MAX_OPEN_FIELDS: usize = 20;

/// The fields of an object, or the items of an array.
pub(super) fn nodes(nodes: Vec<Node>, level: usize, viewer: Viewer) -> Erased {
    nodes.into_iter().map(|node| render(node, level, viewer)).collect_view().erased()
}

fn render(Node { name, content }: Node, level: usize, viewer: Viewer) -> Erased {
    let name = (!name.is_empty()).then(|| view! { <span class="json-tree__name">{name}</span> ": " });
    let summary = content.summary();
    let (class, text) = match content {
        Content::Object(inner) | Content::Array(inner) if !inner.is_empty() => {
            let is_open = level < MAX_OPEN_LEVELS && inner.len() <= MAX_OPEN_FIELDS;
            return view! {
                <details class="json-tree__node" open=is_open on:toggle=move |_| viewer.draw_soon()>
                    <summary>
                        {name} <span class="json-tree__summary">{summary}</span>
                    </summary>
                    {nodes(inner, level + 1, viewer)}
                </details>
            }
            .erased();
        }
        Content::Object(_) => ("json-tree__word", "{}".to_owned()),
        Content::Array(_) => ("json-tree__word", "[]".to_owned()),
        Content::Text(text) => ("json-tree__text", text),
        Content::Number(number) => ("json-tree__number", number),
        Content::Word(word) => ("json-tree__word", word),
    };
    view! {
        <p class="json-tree__leaf">
            {name} <span class=class>{text}</span>
        </p>
    }
    .erased()
}
