//! Whose logs the page shows: names, colours, and the list of them where there are several.

use super::{choices::LogChoices, viewer::offset_minutes};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    logs::MOST_MERGED,
    model::ContainerId,
    parts::icon::{Glyph, Icon},
};

/// Colours that can be told apart; the name stands beside each.
const COLORS: usize = 8;

/// One container of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Which.
    pub id: ContainerId,
    /// Its name, as it was last known.
    pub name: String,
    /// The number of its colour.
    pub color: usize,
}

/// Those of the address, in its order.
#[derive(Debug, Clone, Copy)]
pub struct Sources {
    /// All of them.
    pub all: Memo<Vec<Source>>,
    /// Those that the server knows or has known while the page was open.
    pub known: Memo<Vec<ContainerId>>,
}

/// Follows names; what is gone keeps its last one.
pub fn use_sources(ids: Signal<Vec<ContainerId>>) -> Sources {
    let rows = use_realtime_containers().rows;
    let known = Memo::new(move |former: Option<&Vec<ContainerId>>| {
        rows.ids().track();
        let was_known = |id: &ContainerId| former.is_some_and(|former| former.contains(id));
        ids.read().iter().copied().filter(|id| was_known(id) || rows.get(*id).is_some()).take(MOST_MERGED).collect()
    });
    let all = Memo::new(move |former: Option<&Vec<Source>>| {
        rows.ids().track();
        let ids = ids.read();
        let colors = colors(&ids);
        let name = |id: ContainerId| {
            let known = rows.get(id).map(|row| row.container.get().name.clone());
            let last = || former?.iter().find(|source| source.id == id).map(|source| source.name.clone());
            known.or_else(last).unwrap_or_else(|| id.short())
        };
        ids.iter().take(MOST_MERGED).zip(colors).map(|(id, color)| Source { id: *id, name: name(*id), color }).collect()
    });
    Sources { all, known }
}

/// Each container has its own colour wherever it is shown, unless another one of the page has it already.
fn colors(ids: &[ContainerId]) -> Vec<usize> {
    let mut taken = Vec::new();
    for id in ids {
        let own =
            id.to_string().bytes().fold(0, |sum: usize, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % COLORS;
        let free = (0..COLORS).map(|step| (own + step) % COLORS).find(|color| !taken.contains(color));
        taken.push(free.unwrap_or(own));
    }
    taken
}

/// Name, download and removal of each, where several are merged.
#[component]
pub fn SourceList(
    /// What the address says.
    choices: LogChoices,
    /// Whose logs.
    sources: Sources,
) -> Erased {
    live(move || {
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
    let others: Vec<ContainerId> = all.iter().map(|source| source.id).filter(|other| *other != id).collect();
    let query = choices.query();
    view! {
        <li class=format!("log-sources__item log-color--{color}")>
            <a class="log-sources__name" href=address(&format!("/containers/{id}")) dir="auto">
                {name.clone()}
            </a>
            <a
                class="icon-button"
                href=move || {
                    let query = query.read();
                    address(&download_href(id, &query.for_download(&|at| offset_minutes(query.zone, at))))
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
                aria-label=format!("Leave out {name}")
                title="Leave out"
            >
                <Icon glyph=Glyph::Close />
            </a>
        </li>
    }
    .erased()
}

/// Where a log is downloaded.
pub fn download_href(id: ContainerId, query: &str) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/api/containers/{id}/logs{mark}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_stay_and_differ_as_long_as_there_are_enough() {
        let id = |digit: usize| format!("{digit:064x}").parse().unwrap_or_else(|_| unreachable!("64 digits"));
        let eight: Vec<ContainerId> = (0..8).map(id).collect();
        let mut chosen = colors(&eight);
        assert_eq!(chosen[..3], colors(&eight[..3]));
        chosen.sort_unstable();
        assert_eq!(chosen, [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(colors(&(0..20).map(id).collect::<Vec<_>>()).len(), 20);
    }
}
