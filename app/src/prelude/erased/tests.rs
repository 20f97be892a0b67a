//! Views inside and outside of the box render the same, and every feature of Leptos works in it.

use super::*;
use crate::base_path;
use any_spawner::Executor;
use futures::{StreamExt as _, executor::block_on};
use leptos::{suspense::Suspense, tachys::html::element};
use std::sync::Arc;

/// Markup of a view, rendered with the owner and the contexts that it needs.
fn rendered<V: RenderHtml>(draw: impl FnOnce() -> V) -> String {
    Owner::new().with(|| draw().to_html())
}

/// A form with the features that a new contributor tries first.
#[component]
fn Everything(
    /// True if the fallback of `Show` is rendered.
    is_empty: bool,
) -> impl IntoView {
    let (is_busy, name) = (RwSignal::new(true), RwSignal::new("web".to_owned()));
    let checked = RwSignal::new(true);
    view! {
        <form class="form" class:busy=is_busy class=("idle", move || !is_busy.get()) style:color="red">
            <h4>{name}</h4>
            <label for="name">"Name"</label>
            <input id="name" bind:value=name />
            <input type="checkbox" bind:checked=checked prop:indeterminate=false />
            <Show when=move || !is_empty fallback=|| view! { <p>"Nothing"</p> }>
                <p>{move || name.get().len()}</p>
            </Show>
            <For each=|| [1, 2] key=|number| *number let:number>
                <i>{number}</i>
            </For>
        </form>
    }
}

const FORM: &str = "<form class=\"form busy\" style=\"color:red;\"><h4>web</h4><label for=\"name\">Name</label>";

#[test]
fn leptos_features_render_the_same_inside_a_box() {
    let plain = rendered(|| view! { <Everything is_empty=false /> });
    let boxed = rendered(|| view! { <Everything is_empty=false /> }.erased());
    assert_eq!(plain, boxed);
    assert!(plain.starts_with(FORM), "{plain}");
    for part in ["<input id=\"name\">", "<p>3", "<i>1</i>", "<i>2</i>"] {
        assert!(plain.contains(part), "{part}: {plain}");
    }
    let empty = rendered(|| view! { <Everything is_empty=true /> }.erased());
    assert!(empty.contains("<p>Nothing</p>") && !empty.contains("<p>3"), "{empty}");
}

#[test]
fn nested_boxes_and_non_elements_render_the_same_inside_a_box() {
    assert_eq!(rendered(|| view! { <b>"a"</b> }.erased().erased()), "<b>a</b>");
    assert_eq!(rendered(|| "a & b".erased()), rendered(|| "a & b"));
    assert_eq!(rendered(|| None::<String>.erased()), rendered(|| None::<String>));
    assert_eq!(rendered(|| vec!["a", "b"].erased()), rendered(|| vec!["a", "b"]));
    assert_eq!(rendered(|| element::p().child(("a", "b".erased()))), rendered(|| element::p().child(("a", "b"))));
}

/// A component that returns a box.
#[component]
fn Boxed() -> Erased {
    view! { <b class="inner">"a"</b> }.erased()
}

#[test]
fn attributes_on_a_component_reach_the_elements_in_the_box() {
    assert_eq!(
        rendered(|| view! { <Boxed attr:id="one" class:two=true /> }),
        "<b id=\"one\" class=\"inner two\">a</b>"
    );
}

#[test]
fn suspense_streams_from_a_box() {
    // Fails where another test was first.
    let _ = Executor::init_futures_executor();
    let owner = Owner::new();
    let stream = owner.with(|| {
        let number = Resource::new(|| (), |()| async { 7 });
        view! {
            <main>
                <Suspense fallback=|| "Loading">
                    {move || Suspend::new(async move { view! { <b>{number.await}</b> }.erased() })}
                </Suspense>
            </main>
        }
        .erased()
        .to_html_stream_in_order()
    });
    let html: String = block_on(stream.collect());
    assert!(html.contains("<b>7</b>"), "{html}");
}

#[test]
fn an_address_in_a_view_is_below_the_base_path() {
    let link = || rendered(|| view! { <a href=base_path::address("/events")>"Events"</a> }.erased());
    assert_eq!(link(), "<a href=\"/events\">Events</a>");
    assert_eq!(base_path::with_base_path(&Arc::from("/quay"), link), "<a href=\"/quay/events\">Events</a>");
}
