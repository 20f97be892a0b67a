//! `/styleguide`: every component in every state, with data that stands still. What visual tests look at; shown by `--styleguide` and by debug builds.
//!
//! In: [`samples`]. A part that reads the shared store gets one of its own. Out: sections named after the components.

pub mod diagnoses;
pub mod parts;
pub mod samples;

use crate::base_path::address;
use crate::prelude::*;
use crate::{acting::toasts::done_toast, frame::page_title::PageTitle};
use diagnoses::diagnoses;
use leptos_meta::Stylesheet;
use parts::{buttons, charts, choices, connections, lists, meters, states, talk};

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
            {section("Messages", talk())}
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

/// One state of a component, with what it is called.
pub(crate) fn case(name: &'static str, content: Erased) -> Erased {
    view! {
        <div class="styleguide__case" role="group" aria-label=name>
            <p class="styleguide__name">{name}</p>
            {content}
        </div>
    }
    .erased()
}

/// What can be undone, without anything that was done.
pub(crate) fn example_of_done() -> Erased {
    done_toast(text(|| "Stopped web-1, db and 3 others".to_owned()), || {}, || {})
}
