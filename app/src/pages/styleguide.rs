//! `/styleguide`: every component in every state, with static data, for visual tests. Enabled by
//! `--styleguide` and in debug builds.
//!
//! In: [`samples`]. A component that reads the shared store gets its own. Out: sections named after
//! the components.

pub mod diagnoses;
pub mod parts;
pub mod samples;

use crate::base_path::address;
use crate::prelude::*;
use crate::{acting::toasts::done_toast, frame::page_title::PageTitle};
use diagnoses::diagnoses;
use leptos_meta::Stylesheet;
use parts::{buttons, charts, choices, connections, lists, messages, meters, states};

/// All sections.
#[component]
pub fn StyleguidePage() -> Erased {
    view! {
        <PageTitle text="Styleguide" />
        <Stylesheet href=address("/styleguide.css") />
        <div class="styleguide">
            <h1 class="styleguide__title">"Styleguide"</h1>
            {section("States", states())}
            {section("Meters", meters())}
            {section("Connection", connections())}
            {section("Cards and rows", lists())}
            {section("Buttons", buttons())}
            {section("Choices", choices())}
            {section("Messages", messages())}
            {section("Charts", charts())}
            {section("Diagnosis", diagnoses())}
        </div>
    }
    .erased()
}

fn section(title: &'static str, content: Erased) -> Erased {
    view! {
        <section class="styleguide__section" aria-label=title>
            <h2 class="styleguide__heading">{title}</h2>
            {content}
        </section>
    }
    .erased()
}

/// One state of a component, with a caption.
pub(crate) fn case(name: &'static str, content: Erased) -> Erased {
    view! {
        <div class="styleguide__case" role="group" aria-label=name>
            <p class="styleguide__name">{name}</p>
            {content}
        </div>
    }
    .erased()
}

/// The toast that offers to undo an action, with example text.
pub(crate) fn undo_toast_example() -> Erased {
    done_toast(|| "Stopped web-1, db and 3 others".to_owned(), || {}, || {})
}
