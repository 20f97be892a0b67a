//! Picks the containers whose logs are merged, by name or a whole project at once.

use super::{choices::LogChoices, sources::Sources};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    format::{contains, fold},
    list::engine_tag::engine_tag,
    logs::MAX_MERGED_LOGS,
    model::{Container, ContainerKey},
    parts::{
        icon::{Glyph, Icon},
        key::key,
    },
};
use leptos::{
    ev::{FocusEvent, KeyboardEvent},
    html,
    wasm_bindgen::JsCast,
    web_sys::{Element, Node},
};
use std::{collections::BTreeMap, sync::Arc};

/// Maximum number of listed names; the user types to find others.
const MAX_SHOWN: usize = 100;

/// A button that opens the list of names.
///
/// # Server-side
/// Only the button.
#[component]
pub fn Picker(
    /// The choices in the URL.
    choices: LogChoices,
    /// The selected containers.
    sources: Sources,
) -> Erased {
    let is_open = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let on_key = move |event: KeyboardEvent| {
        if key(&event) == "Escape" && is_open.get_untracked() {
            is_open.set(false);
            if let Some(button) = button.get_untracked() {
                let _ = button.focus();
            }
        }
    };
    let on_focus_out = move |event: FocusEvent| {
        let within = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
        let to = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
        // The focus goes nowhere if the user clicked something that takes none, or if a link was
        // removed.
        if let (Some(within), Some(to)) = (within, to)
            && !within.contains(Some(&to))
        {
            is_open.set(false);
        }
    };
    let label = move || match sources.all.read().len() {
        0 => "Add containers".to_owned(),
        _ => "Merge with other logs".to_owned(),
    };
    view! {
        <div class="log-picker" on:keydown=on_key on:focusout=on_focus_out>
            <button
                type="button"
                class="button"
                aria-expanded=move || is_open.get().to_string()
                node_ref=button
                on:click=move |_| is_open.update(|open| *open = !*open)
            >
                <Icon glyph=Glyph::Lines />
                {label}
            </button>
            {move || is_open.get().then(|| view! { <Names choices sources /> }).erased()}
        </div>
    }
    .erased()
}

#[component]
fn Names(
    /// The choices in the URL.
    choices: LogChoices,
    /// The selected containers.
    sources: Sources,
) -> Erased {
    let rows = use_realtime_containers().rows;
    let typed = RwSignal::new(String::new());
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    let all = Memo::new(move |_| {
        rows.keys().track();
        let named = |container: &Arc<Container>| (container.name.clone(), container.key(), container.project.clone());
        let mut all =
            rows.with_picture(|picture| picture.containers.values().map(named).collect::<Vec<_>>()).unwrap_or_default();
        all.sort();
        all
    });
    let matches = Memo::new(move |_| {
        let typed = fold(&typed.read()).into_owned();
        let all = all.read();
        let is_match = |(name, _, _): &&(String, ContainerKey, Option<String>)| contains(name, &typed);
        all.iter().filter(is_match).take(MAX_SHOWN).cloned().collect::<Vec<_>>()
    });
    let projects = move || {
        let mut projects: BTreeMap<String, Vec<ContainerKey>> = BTreeMap::new();
        for (_, id, project) in &*all.read() {
            if let Some(project) = project.as_ref().filter(|name| contains(name, &fold(&typed.read()))) {
                projects.entry(project.clone()).or_default().push(*id);
            }
        }
        projects
            .into_iter()
            .map(|(name, ids)| {
                let href = address(&choices.href(&ids[..ids.len().min(MAX_MERGED_LOGS)]));
                view! {
                    <li>
                        <a class="log-picker__project" href=href data-noscroll="">
                            "All of " <bdi>{name}</bdi> {format!(" ({})", ids.len())}
                        </a>
                    </li>
                }
            })
            .collect_view()
            .erased()
    };
    let names = move || {
        let selected: Vec<ContainerKey> = sources.all.read().iter().map(|source| source.id).collect();
        matches.get().into_iter().map(|(name, id, _)| item(choices, &selected, name, id)).collect_view().erased()
    };
    view! {
        <div class="log-picker__panel" role="group" aria-label="Containers to merge">
            <input
                class="toolbar__input log-picker__field"
                type="text"
                aria-label="Find a container to merge"
                placeholder="Container or project name"
                autocomplete="off"
                spellcheck="false"
                node_ref=field
                prop:value=move || typed.get()
                on:input=move |event| typed.set(event_target_value(&event))
            />
            <ul class="log-picker__list" aria-label="Projects">
                {projects}
            </ul>
            <ul class="log-picker__list" aria-label="Containers">
                {names}
            </ul>
        </div>
    }
    .erased()
}

/// A link that adds the container to the page or removes it.
fn item(choices: LogChoices, selected: &[ContainerKey], name: String, id: ContainerKey) -> Erased {
    let is_selected = selected.contains(&id);
    let mut ids: Vec<ContainerKey> = selected.iter().copied().filter(|other| *other != id).collect();
    if !is_selected {
        ids.push(id);
    }
    if ids.len() > MAX_MERGED_LOGS {
        return None::<Erased>.erased();
    }
    view! {
        <li>
            <a
                class="log-picker__name"
                href=address(&choices.href(&ids))
                data-noscroll=""
                aria-current=move || is_selected.then_some("true")
            >
                {is_selected.then(|| view! { <Icon glyph=Glyph::Check /> })}
                <bdi>{name}</bdi>
                {engine_tag(id.engine)}
            </a>
        </li>
    }
    .erased()
}
