//! A test of the way between this page and the server, at a press of a button: what received of it in words, and the setting to change.

pub mod delivery;
pub mod findings;
pub mod measured;

use crate::prelude::*;
use crate::{
    client::{Length, Stage, use_diagnosis},
    diagnosis::summary,
};
use delivery::delivery;
use findings::findings;
use measured::measured;

/// The buttons, the pings as they come, and the result.
#[component]
pub fn ConnectionDiagnosis() -> Erased {
    let test = use_diagnosis();
    let stage = test.stage;
    let is_running = move || matches!(*stage.read(), Stage::Running(_));
    let disabled = move || word(move || is_running().then_some("true"));
    view! {
        <section class="realtime-test-page__section diagnosis" aria-label="Diagnosis">
            <h2 class="realtime-test-page__heading">"Diagnosis"</h2>
            <p class="diagnosis__lead">
                "Does what the server sends arrive here at once? The test opens streams of its own and finds proxies that buffer, compress or cut."
            </p>
            <div class="diagnosis__buttons">
                <button
                    type="button"
                    class="button"
                    aria-disabled=disabled()
                    on:click=move |_| test.run(Length::Short)
                >
                    "Run the test"
                </button>
                <button
                    type="button"
                    class="button"
                    aria-disabled=disabled()
                    title="Also finds what cuts streams after half a minute or a minute"
                    on:click=move |_| test.run(Length::Long)
                >
                    "Run the long test"
                </button>
                <span class="diagnosis__note">{text(move || note(&stage.read()).to_owned())}</span>
            </div>
            <p class="diagnosis__summary" role="group" aria-live="polite" aria-label="Result of the test">
                {text(move || said(&stage.read()))}
            </p>
            {live(move || match stage.get() {
                Stage::Idle => None::<()>.erased(),
                Stage::Running(_) => live(move || delivery(&test.evidence.read().plain)).erased(),
                Stage::Over(diagnosis) => {
                    let evidence = test.evidence.get_untracked();
                    (delivery(&evidence.plain), findings(&diagnosis), measured(&evidence, &diagnosis)).erased()
                }
            })}
        </section>
    }
    .erased()
}

fn note(stage: &Stage) -> &'static str {
    match stage {
        Stage::Running(Length::Short) => "Listening for five seconds…",
        Stage::Running(Length::Long) => "Listening for a minute; the page can be used meanwhile, but not left.",
        Stage::Idle | Stage::Over(_) => "",
    }
}

fn said(stage: &Stage) -> String {
    match stage {
        Stage::Over(diagnosis) => summary(diagnosis),
        Stage::Idle | Stage::Running(_) => String::new(),
    }
}
