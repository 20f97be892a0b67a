//! What happens in the browser when something changes.

use leptos::prelude as leptos_own;

/// Leptos' `Effect`.
#[derive(Debug, Clone, Copy)]
pub struct Effect;

impl Effect {
    /// Runs once the page is there, and again when what was followed the last time changes; what it returned then is given to it.
    ///
    /// # Server-side
    /// Does not run.
    #[expect(clippy::new_ret_no_self, reason = "called as Leptos' own, whose handle nobody here keeps")]
    pub fn new<T: 'static>(mut run: impl FnMut(Option<T>) -> T + 'static) {
        let mut former = None;
        let run: Box<dyn FnMut()> = Box::new(move || former = Some(run(former.take())));
        leptos_own::Effect::new(run);
    }
}
