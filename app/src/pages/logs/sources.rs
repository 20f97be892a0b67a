//! The containers whose logs are shown: names, colors, and the list of merged containers.

use super::{choices::LogChoices, viewer::offset_minutes};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::{Rows, use_realtime_containers},
    logs::MAX_MERGED_LOGS,
    model::ContainerKey,
    parts::icon::{Glyph, Icon},
};

/// Number of distinguishable colors. The name is always shown next to the color.
const COLOR_COUNT: usize = 8;

/// One container on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The container.
    pub id: ContainerKey,
    /// Last known name.
    pub name: String,
    /// Index of the container's color.
    pub color: usize,
}

/// The containers in the URL, in the same order.
#[derive(Debug, Clone, Copy)]
pub struct Sources {
    /// All containers.
    pub all: Memo<Vec<Source>>,
    /// Containers that have existed at some time while the page was open.
    pub known: Memo<Vec<ContainerKey>>,
}

/// Returns the containers with their current names. Removed containers keep their last name.
pub fn use_sources(ids: Memo<Vec<ContainerKey>>) -> Sources {
    let rows = use_realtime_containers().rows;
    let known = Memo::new(move |former: Option<&Vec<ContainerKey>>| {
        rows.keys().track();
        let was_known = |id: &ContainerKey| former.is_some_and(|former| former.contains(id));
        ids.read().iter().copied().filter(|id| was_known(id) || rows.get(*id).is_some()).take(MAX_MERGED_LOGS).collect()
    });
    let all = Memo::new(move |former: Option<&Vec<Source>>| {
        rows.keys().track();
        let ids = ids.read();
        let colors = colors(&ids);
        let several = rows.has_several_engines();
        let name = |id: ContainerKey| {
            let known = rows.get(id).map(|row| row.container.get().name.clone());
            let with_engine = |name| if several { format!("{name} ({})", id.engine) } else { name };
            let last = || former?.iter().find(|source| source.id == id).map(|source| source.name.clone());
            known.map(with_engine).or_else(last).unwrap_or_else(|| id.id.short())
        };
        ids.iter()
            .take(MAX_MERGED_LOGS)
            .zip(colors)
            .map(|(id, color)| Source { id: *id, name: name(*id), color })
            .collect()
    });
    Sources { all, known }
}

/// Colors of containers. A container's color depends only on its id, unless another container on
/// the page has that color.
fn colors(ids: &[ContainerKey]) -> Vec<usize> {
    let mut taken = Vec::new();
    for id in ids {
        let own = id.id.to_string().bytes().fold(0, |sum: usize, byte| sum.wrapping_mul(31).wrapping_add(byte.into()))
            % COLOR_COUNT;
        let free = (0..COLOR_COUNT).map(|step| (own + step) % COLOR_COUNT).find(|color| !taken.contains(color));
        taken.push(free.unwrap_or(own));
    }
    taken
}

/// Name, download link and remove link of each merged container.
#[component]
pub fn SourceList(
    /// The choices in the URL.
    choices: LogChoices,
    /// The containers.
    sources: Sources,
) -> Erased {
    (move || {
        let all = sources.all.get();
        if choices.is_single().get() || all.is_empty() {
            return None::<Erased>.erased();
        }
        let items = all.iter().map(|source| item(choices, source, &all)).collect_view();
        view! {
            <ul class="log-sources" aria-label="Merged containers">
                {items}
            </ul>
        }
        .erased()
    })
    .erased()
}

fn item(choices: LogChoices, source: &Source, all: &[Source]) -> Erased {
    let Source { id, name, color } = source.clone();
    let others: Vec<ContainerKey> = all.iter().map(|source| source.id).filter(|other| *other != id).collect();
    let query = choices.query();
    let rows = use_realtime_containers().rows;
    view! {
        <li class=format!("log-sources__item log-color--{color}")>
            <a class="log-sources__name" href=address(&rows.page_path(id)) dir="auto">
                {name.clone()}
            </a>
            <a
                class="icon-button"
                href=move || {
                    let query = query.read();
                    address(&download_href(rows, id, &query.for_download(&|at| offset_minutes(query.zone, at))))
                }
                download=""
                rel="external"
                aria-label=format!("Download the log of {name}")
                title="Download"
            >
                <Icon glyph=Glyph::Down />
            </a>
            <a
                class="icon-button"
                href=move || address(&choices.href(&others))
                data-noscroll=""
                aria-label=format!("Remove {name}")
                title="Remove"
            >
                <Icon glyph=Glyph::Close />
            </a>
        </li>
    }
    .erased()
}

/// The download URL of a log.
pub fn download_href(rows: Rows, id: ContainerKey, query: &str) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}/logs{mark}{query}", rows.api_path(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_stable_and_distinct() {
        let id = |digit: usize| {
            let id = format!("{digit:064x}").parse().unwrap_or_else(|_| unreachable!("64 digits"));
            ContainerKey::new(crate::model::EngineName::LOCAL, id)
        };
        let eight: Vec<ContainerKey> = (0..8).map(id).collect();
        let mut chosen = colors(&eight);
        assert_eq!(chosen[..3], colors(&eight[..3]));
        chosen.sort_unstable();
        assert_eq!(chosen, [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(colors(&(0..20).map(id).collect::<Vec<_>>()).len(), 20);
    }
}
