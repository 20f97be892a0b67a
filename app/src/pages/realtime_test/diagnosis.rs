//! Tests the connection between this page and the server on request, and shows the findings with
//! the settings to change.

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

/// The buttons, the pings as they arrive, and the result.
#[component]
pub fn ConnectionDiagnosis() -> Erased {
    let test = use_diagnosis();
    let stage = test.stage;
    let is_running = move || matches!(*stage.read(), Stage::Running(_));
    let disabled = move || move || is_running().then_some("true");
    view! {
        <section class="realtime-test-page__section diagnosis" aria-label="Diagnosis">
            <h2 class="realtime-test-page__heading">"Diagnosis"</h2>
            <p class="diagnosis__lead">
                "Checks whether events from the server arrive without delay. The test opens its own streams and detects proxies that buffer, compress or close them."
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
                    title="Also detects proxies that close streams after 30 or 60 seconds"
                    on:click=move |_| test.run(Length::Long)
                >
                    "Run the long test"
                </button>
                <span class="diagnosis__note">{move || note(&stage.read()).to_owned()}</span>
            </div>
            <p class="diagnosis__summary" role="group" aria-live="polite" aria-label="Test result">
                {move || result(&stage.read())}
            </p>
            {move || match stage.get() {
                Stage::Idle => None::<()>.erased(),
                Stage::Running(_) => (move || delivery(&test.evidence.read().plain)).erased(),
                Stage::Over(diagnosis) => {
                    let evidence = test.evidence.get_untracked();
                    (delivery(&evidence.plain), findings(&diagnosis), measured(&evidence, &diagnosis)).erased()
                }
            }}
        </section>
    }
    .erased()
}

fn note(stage: &Stage) -> &'static str {
    match stage {
        Stage::Running(Length::Short) => "Testing for 5 seconds…",
        Stage::Running(Length::Long) => "Testing for 1 minute. You can use this page meanwhile, but do not leave it.",
        Stage::Idle | Stage::Over(_) => "",
    }
}

fn result(stage: &Stage) -> String {
    match stage {
        Stage::Over(diagnosis) => summary(diagnosis),
        Stage::Idle | Stage::Running(_) => String::new(),
    }
}
