//! Effects: code that runs in the browser when signals change.

use leptos::prelude as leptos_own;

/// Leptos's `Effect`.
#[derive(Debug, Clone, Copy)]
pub struct Effect;

impl Effect {
    /// Runs after the first render, and again when a signal changes that it read the last time.
    /// Receives its previous result.
    ///
    /// # Server-side
    /// Does not run.
    #[expect(clippy::new_ret_no_self, reason = "called like Leptos's own, whose handle is not needed here")]
    pub fn new<T: 'static>(mut run: impl FnMut(Option<T>) -> T + 'static) {
        let mut former = None;
        let run: Box<dyn FnMut()> = Box::new(move || former = Some(run(former.take())));
        leptos_own::Effect::new(run);
    }
}
