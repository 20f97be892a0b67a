//! What the server writes for a view, which is what the browser then looks for.

#![cfg(feature = "ssr")]

extern crate elements as leptos;

use leptos::{Erase, Erased, live, other, prelude::*, text, word};

fn html(view: impl IntoView) -> String {
    view.to_html()
}

#[component]
fn Greeting(
    /// Who is greeted.
    name: String,
) -> Erased {
    view! { <p class="greeting">"Hello, " {name}</p> }.erased()
}

#[test]
fn elements_are_written_as_leptos_writes_its_own() {
    let view = view! {
        <div class="a b" data-id="7" aria-label=String::from("it's \"so\"")>
            <input type="checkbox" checked=true disabled=false value="" />
            <Greeting name="<b>".to_owned() />
        </div>
    };
    assert_eq!(
        html(view),
        "<div class=\"a b\" data-id=\"7\" aria-label=\"it's &quot;so&quot;\"><input type=\"checkbox\" checked value>\
         <p class=\"greeting\">Hello, <!>&lt;b&gt;</p></div>"
    );
}

#[test]
fn what_is_not_there_leaves_a_mark_and_what_is_not_said_leaves_nothing() {
    let nothing = None::<String>;
    let view = view! { <p title=nothing.clone() hidden=nothing.is_some()>{nothing.clone()}</p> };
    assert_eq!(html(view), "<p><!></p>");
    let list = vec!["one", "two"];
    assert_eq!(html(view! { <p>{list}</p> }), "<p>one<!>two<!></p>");
}

#[test]
fn what_follows_signals_is_written_as_it_is_now() {
    let owner = Owner::new();
    owner.set();
    let count = RwSignal::new(2);
    let view = view! {
        <p
            class=text(move || format!("of-{}", count.get()))
            data-odd=word(move || (count.get() % 2 == 1).then_some("yes"))
            on:click=move |_| count.set(3)
        >
            {live(move || if count.get() > 1 { "many".erased() } else { view! { <strong>"one"</strong> }.erased() })}
            {move || count.get().to_string()}
        </p>
    };
    assert_eq!(html(view), "<p class=\"of-2\">many<!>2</p>");
}

#[test]
fn views_of_other_types_stand_among_the_rest() {
    let owner = Owner::new();
    owner.set();
    let view = view! {
        <ul>
            <For each=|| [1, 2] key=|item| *item let:item>
                <li>{item.to_string()}</li>
            </For>
            {other("text")}
        </ul>
    };
    assert_eq!(html(view), "<ul><li>1</li><li>2</li><!>text</ul>");
}

#[test]
fn what_stands_in_a_script_is_no_markup() {
    let code = "if (1 < 2 && 3 > 2) {}".to_owned();
    assert_eq!(
        html(view! { <script type="module">{code}</script> }),
        "<script type=\"module\">if (1 < 2 && 3 > 2) {}</script>"
    );
}

#[test]
fn a_stream_says_the_same_as_the_whole() {
    use futures::StreamExt as _;
    let view = || view! { <div class="a"><p>"one" {"two"}</p> {vec!["three"]} <br /></div> };
    let streamed = futures::executor::block_on(view().to_html_stream_in_order().collect::<String>());
    assert_eq!(streamed, html(view()));
}
