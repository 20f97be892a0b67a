//! `/containers/{ref}/logs`, `/engines/{engine}/containers/{ref}/logs` and `/logs?ids=A,B`: the log of one container, or of several merged.
//!
//! In: the URL ([`choices`]) and the stream of lines ([`link`]). Out: the lines that [`viewer`]
//! keeps and measures, rendered by [`mod@view`]. The pure part is [`crate::logs`].

pub mod choices;
mod json_tree;
pub mod link;
pub mod no_lines;
pub mod pattern;
pub mod picker;
pub mod recreated;
pub mod row;
pub mod sources;
pub mod status;
pub mod tools;
pub mod view;
pub mod viewer;

use super::container::{
    candidates::Candidates,
    reference::{ContainerRef, Named},
    removed::ContainerNotFound,
};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    frame::page_title::PageTitle,
    model::ContainerId,
    page_request::respond_not_found,
    parts::{empty_state::EmptyState, icon::Glyph},
};
use choices::use_log_choices;
use picker::Picker;
use recreated::Recreated;
use sources::{SourceList, Sources, use_sources};
use status::Status;
use tools::Tools;
use view::LogView;
use viewer::use_viewer;

/// The log or logs named by the URL.
#[component]
pub fn LogsPage() -> Erased {
    let choices = use_log_choices();
    let sources = use_sources(choices.ids());
    let is_known = Memo::new(move |_| !sources.known.read().is_empty());
    let is_single = choices.is_single();
    let named = choices.named();
    let unclear = Memo::new(move |_| Some(named.get()).filter(|named| named.keys.len() > 1));
    (move || {
        if let Some(Named { by: Some(by), keys }) = unclear.get() {
            view! { <Candidates name=by.name keys suffix="/logs" /> }.erased()
        } else if is_known.get() || !is_single.get() {
            view! { <Logs choices sources /> }.erased()
        } else {
            view! { <NoSuchLog id=named.read().by.as_ref().and_then(ContainerRef::id) /> }.erased()
        }
    })
    .erased()
}

#[component]
fn Logs(
    /// The choices in the URL.
    choices: choices::LogChoices,
    /// The containers.
    sources: Sources,
) -> Erased {
    let viewer = use_viewer(choices, sources);
    let is_single = choices.is_single();
    let names = move || {
        let names: Vec<String> = sources.all.read().iter().map(|source| source.name.clone()).collect();
        match names.len() {
            0 => "Logs".to_owned(),
            _ => format!("Logs of {}", names.join(", ")),
        }
    };
    let rows = use_realtime_containers().rows;
    let is_empty = Memo::new(move |_| sources.all.read().is_empty());
    let container_link = move || {
        let single = sources.all.read().first().filter(|_| is_single.get()).cloned();
        single
            .map(|source| {
                view! {
                    " / "
                    <a href=address(&rows.page_path(source.id)) dir="auto">
                        {source.name}
                    </a>
                }
            })
            .erased()
    };
    view! {
        <PageTitle text=names />
        <div class="logs-page">
            <div class="logs-page__head">
                <p class="logs-page__back">
                    <a href=address("/containers")>"Containers"</a>
                    {container_link}
                </p>
                <h1 class="logs-page__title" dir="auto">
                    {names}
                </h1>
                <Picker choices sources />
            </div>
            <Recreated choices sources />
            <SourceList choices sources />
            <Tools choices sources viewer />
            {move || {
                if is_empty.get() {
                    view! { <NoneSelected /> }.erased()
                } else {
                    view! { <LogView choices sources viewer name=Signal::derive(names) /> }.erased()
                }
            }}
            <Status viewer sources />
        </div>
    }
    .erased()
}

#[component]
fn NoneSelected() -> Erased {
    view! {
        <EmptyState title="No container selected" glyph=Glyph::Lines advice=view! {
            <p>"Add containers above. Their logs are merged by time."</p>
        }.erased() />
    }
    .erased()
}

#[component]
fn NoSuchLog(
    /// The requested container.
    id: Option<ContainerId>,
) -> Erased {
    let hook = use_realtime_containers();
    let is_waiting = hook.last_update.get_untracked().is_none();
    if !is_waiting {
        respond_not_found();
    }
    let href = Callback::new(move |key| hook.rows.id_path(key) + "/logs");
    view! { <ContainerNotFound id href /> }.erased()
}
