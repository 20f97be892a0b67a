//! `/engines`: all engines, and `/engines/{engine}`: one of them. In their own chunk.
//!
//! In: the signals of the stream. Out: a row or a list of facts for each engine. Reading order:
//! [`facts`] and [`totals`] (pure), [`table`], [`detail`].

pub mod detail;
pub mod facts;
pub mod table;
pub mod totals;

use crate::base_path;
use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    model::{Engine, EngineName},
};
use detail::EngineDetail;
use leptos_router::hooks::use_location;
use table::EngineTable;
use totals::Totals;

/// The page for the URL: all engines, or one.
#[component]
pub fn EnginesPage() -> Erased {
    let path = use_location().pathname;
    // The address of the next page is set before this one is taken away.
    let name = Memo::new(move |former: Option<&Option<String>>| {
        let path = path.read();
        match base_path::path(&path).strip_prefix("/engines") {
            Some("") => None,
            Some(rest) if rest.rfind('/') == Some(0) => Some(rest[1..].to_owned()),
            _ => former.cloned().flatten(),
        }
    });
    (move || match name.get() {
        None => view! { <EngineTable /> }.erased(),
        Some(name) => view! { <EngineDetail name /> }.erased(),
    })
    .erased()
}

/// The signals of one engine.
#[derive(Debug, Clone, Copy)]
pub struct EngineSource {
    /// Name of the engine.
    pub name: EngineName,
    /// The engine; `None` once it is removed from the configuration.
    pub engine: Memo<Option<Engine>>,
    /// Totals of the engine's containers.
    pub totals: Memo<Totals>,
}

impl EngineSource {
    /// The signals of the engine with this name.
    pub fn of(name: EngineName) -> Self {
        let hook = use_realtime_containers();
        let engine = Memo::new(move |_| hook.engines.read().iter().find(|engine| engine.id == name).cloned());
        let totals = Memo::new(move |_| {
            hook.rows.revision().track();
            hook.rows.with_picture(|picture| Totals::of(name, picture)).unwrap_or_default()
        });
        Self { name, engine, totals }
    }

    /// Text about the engine; empty once it is removed.
    pub fn text(
        self,
        words: impl Fn(&Engine) -> String + Send + Sync + 'static,
    ) -> impl Fn() -> String + Send + 'static {
        move || self.engine.read().as_ref().map(&words).unwrap_or_default()
    }
}
