//! What the list shows and how: the whole view of `/containers` as one value that lives in the page's address.
//!
//! In: an address, and everything the page holds. Out: the entries to draw, in order. Pure; `pages::containers` owns the value.
//! Reading order: [`ListQuery`] (the choices) → `address` (parse, print) → `arrange` (search, filter, sort, group).

mod address;
mod arrange;
mod column;
mod columns;
mod completion;
mod groups;
mod natural;
mod scale;
mod terms;

pub use address::{decode, encode};
pub use arrange::{Arrangement, Counts, Entry, arrange, arrange_after, count, in_former_order};
pub use column::{Column, Place};
pub use columns::Columns;
pub use completion::{Suggestion, suggest};
pub use groups::Group;
pub use scale::Scale;

use crate::model::{Container, ContainerState};

/// Words of a search that are looked for: each is compared with every container.
pub const MAX_SEARCH_WORDS: usize = 64;
/// Bytes of a search that are read: what is longer finds nothing more.
const MAX_SEARCH_BYTES: usize = 4 << 10;
/// Folded groups and pins that are read off an address or a cookie.
const MAX_NAMED: usize = 256;

/// How many words the search in the query of an address has, as far as they are counted.
#[cfg(feature = "ssr")]
pub fn search_words(query: &str) -> usize {
    ListQuery::parse(query).search.split_whitespace().take(10 * MAX_SEARCH_WORDS).count()
}

/// The choices made on `/containers`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Cards or table.
    pub view: View,
    /// How much room each container gets.
    pub density: Density,
    /// Words that must all be found.
    pub search: String,
    /// Only containers in this state.
    pub state: Option<ContainerState>,
    /// In which order.
    pub sort: Sort,
    /// What stands together under a heading.
    pub group: Grouping,
    /// The label to group by, where that is chosen.
    pub label: String,
    /// Names of the groups of which only the heading is shown; the empty name is that of containers that share nothing.
    pub folded: Vec<String>,
    /// Whether containers that are stopped are left out, but for their number; `None`: nobody said, and they are not.
    pub folds_stopped: Option<bool>,
    /// What CPU is measured against.
    pub cpu: CpuScale,
    /// What memory is measured against.
    pub memory: MemoryScale,
    /// The table's columns.
    pub columns: Columns,
    /// Containers at the top, as [`ListQuery::pin_of`] names them; remembered, and not part of the address.
    pub pins: Vec<String>,
}

/// What 100 % CPU is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CpuScale {
    /// One core is busy, as `docker stats` has it.
    #[default]
    Core,
    /// All cores of the host are.
    Host,
    /// The container's limit is used up; all cores of the host, where it has none.
    Limit,
}

/// What is counted as memory, and what 100 % of it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MemoryScale {
    /// The working set, of the container's limit, or of the host's memory where it has none.
    #[default]
    Limit,
    /// The working set, of the host's memory.
    Host,
    /// With the file cache, of the container's limit: what the kernel compares with it.
    Cache,
}

/// How containers are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    /// A card each.
    #[default]
    Cards,
    /// A row each.
    Table,
}

/// How much room each container gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Density {
    /// Everything worth knowing.
    #[default]
    Normal,
    /// One glance.
    Compact,
}

/// An order: what by, and which end first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sort {
    /// What by.
    pub key: SortKey,
    /// Whether it is turned round from the key's natural direction.
    pub reversed: bool,
}

/// What containers can be ordered by. Numbers put the most first, names the letter A.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortKey {
    /// Name, numbers in it by value.
    #[default]
    Name,
    /// Running first.
    State,
    /// Busiest first.
    Cpu,
    /// Largest first.
    Memory,
    /// Most traffic since the start first, both ways together.
    Network,
    /// Most read and written since the start first.
    Block,
    /// Most processes first.
    Pids,
    /// Youngest first.
    Started,
    /// Image name.
    Image,
    /// Compose project.
    Project,
}

/// What stands together under a heading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Grouping {
    /// One list.
    #[default]
    None,
    /// Compose projects.
    Project,
    /// What they are doing.
    State,
    /// The image as it was given.
    Image,
    /// The engine it lives on, by the host's name.
    Host,
    /// The value of one label.
    Label,
}

/// A choice that has a word in the address and one on the screen.
pub trait Choice: Copy + PartialEq + Default + 'static {
    /// Every variant, in the order the page offers them.
    const ALL: &'static [Self];

    /// The word in the address.
    fn as_str(self) -> &'static str;

    /// The words on the screen.
    fn label(self) -> &'static str;

    /// The variant an address names; the default for an unknown word.
    fn parse(word: &str) -> Self {
        Self::ALL.iter().copied().find(|choice| choice.as_str() == word).unwrap_or_default()
    }
}

macro_rules! choice {
    ($name:ident: $($variant:ident = $word:literal, $label:literal;)+) => {
        impl Choice for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }
        }
    };
}

choice!(View: Cards = "cards", "Cards"; Table = "table", "Table";);
choice!(Density: Normal = "normal", "Normal"; Compact = "compact", "Compact";);
choice!(CpuScale: Core = "core", "One core"; Host = "host", "Whole host"; Limit = "limit", "Its limit";);
choice!(MemoryScale: Limit = "limit", "Its limit"; Host = "host", "Whole host"; Cache = "cache", "Its limit, with cache";);
choice!(Grouping:
    None = "none", "None";
    Project = "project", "Project";
    State = "state", "State";
    Image = "image", "Image";
    Host = "host", "Host";
    Label = "label", "Label";
);
choice!(SortKey:
    Name = "name", "Name";
    State = "state", "State";
    Cpu = "cpu", "CPU";
    Memory = "memory", "Memory";
    Network = "network", "Network";
    Block = "block", "Disk";
    Pids = "pids", "Processes";
    Started = "started", "Started";
    Image = "image", "Image";
    Project = "project", "Project";
);

impl ListQuery {
    /// Whether only a group's heading is shown.
    pub fn is_folded(&self, group: Option<&str>) -> bool {
        self.folded.iter().any(|folded| folded == group.unwrap_or_default())
    }

    /// The same with a group folded, or opened if it was.
    #[must_use]
    pub fn with_fold_turned(mut self, group: Option<&str>) -> Self {
        let name = group.unwrap_or_default();
        if self.is_folded(group) {
            self.folded.retain(|folded| folded != name);
        } else {
            self.folded.push(name.to_owned());
        }
        self
    }

    /// What the meters are measured against.
    pub const fn scales(&self) -> (CpuScale, MemoryScale) {
        (self.cpu, self.memory)
    }

    /// What a pin names: project and name, so that a container made anew stays pinned.
    pub fn pin_of(container: &Container) -> String {
        format!("{}/{}", container.project.as_deref().unwrap_or_default(), container.name)
    }

    /// Whether a container stands at the top.
    pub fn is_pinned(&self, container: &Container) -> bool {
        let project = container.project.as_deref().unwrap_or_default();
        self.pins.iter().any(|pin| pin.split_once('/').is_some_and(|pin| pin == (project, container.name.as_str())))
    }

    /// Whether containers that are stopped are left out.
    pub fn leaves_out_stopped(&self) -> bool {
        self.folds_stopped == Some(true) && self.can_fold_stopped()
    }

    /// Whether containers that are stopped could be left out: not where they are what is asked for, or have a heading of their own.
    pub fn can_fold_stopped(&self) -> bool {
        self.state.is_none() && self.group != Grouping::State
    }

    /// Whether numbers decide what is shown, or where, or what a heading says.
    pub fn asks_for_numbers(&self) -> bool {
        let is_sorted =
            matches!(self.sort.key, SortKey::Cpu | SortKey::Memory | SortKey::Network | SortKey::Block | SortKey::Pids);
        is_sorted || self.group != Grouping::None || terms::ask_for_numbers(&self.search)
    }

    /// Whether the order follows what containers do, so that they change places without anybody doing anything here.
    pub const fn is_restless(&self) -> bool {
        !matches!(self.sort.key, SortKey::Name | SortKey::Image | SortKey::Project)
    }
}

impl SortKey {
    /// Whether the natural direction goes from A to Z or from small to large.
    pub const fn ascends(self) -> bool {
        matches!(self, Self::Name | Self::State | Self::Image | Self::Project)
    }
}

impl Sort {
    /// The order a click on this key's heading leads to: that key, or the other way round.
    pub fn toggled(self, key: SortKey) -> Self {
        Self { key, reversed: self.key == key && !self.reversed }
    }

    /// What `aria-sort` says on this key's heading.
    pub fn aria(self, key: SortKey) -> Option<&'static str> {
        let ascending = key.ascends() != self.reversed;
        (self.key == key).then_some(if ascending { "ascending" } else { "descending" })
    }
}
