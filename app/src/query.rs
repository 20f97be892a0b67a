//! The query of the list: the whole view of `/containers` as one value, stored in the page's URL.
//!
//! In: a URL, and the current state. Out: the entries to render, in order. Pure;
//! `pages::containers` owns the value. Reading order: [`ListQuery`] (the choices) → `address`
//! (parse and write) → `arrange` (search, filter, sort, group).

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
pub use scale::{Scale, cpu_share};

use crate::model::{Container, ContainerState};

/// Maximum number of search words, each of which is compared with every container.
pub const MAX_SEARCH_WORDS: usize = 64;
/// Maximum length of a search in bytes; the rest is ignored.
const MAX_SEARCH_BYTES: usize = 4 << 10;
/// Maximum number of folded groups, and of pins, read from a URL or a cookie.
const MAX_NAMES: usize = 256;

/// Number of search words in the query of a URL, counted up to a limit.
#[cfg(feature = "ssr")]
pub fn search_words(query: &str) -> usize {
    ListQuery::parse(query).search.split_whitespace().take(10 * MAX_SEARCH_WORDS).count()
}

/// The choices made on `/containers`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Cards or table.
    pub view: View,
    /// Space for each container.
    pub density: Density,
    /// Search words; all must match.
    pub search: String,
    /// Only containers in this state, if set.
    pub state: Option<ContainerState>,
    /// Sort order.
    pub sort: Sort,
    /// Grouping under headings.
    pub group: Grouping,
    /// Label to group by, for that grouping.
    pub label: String,
    /// Names of collapsed groups; the empty name is the group of containers without a value.
    pub folded: Vec<String>,
    /// True if stopped containers are hidden; `None` if not chosen, which shows them.
    pub folds_stopped: Option<bool>,
    /// Reference for CPU percentages.
    pub cpu: CpuScale,
    /// Reference for memory percentages.
    pub memory: MemoryScale,
    /// Columns of the table.
    pub columns: Columns,
    /// Pinned containers, as named by [`ListQuery::pin_of`]; stored in a cookie, not in the URL.
    pub pins: Vec<String>,
}

/// Meaning of 100 % CPU.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CpuScale {
    /// One busy core, as in `docker stats`.
    #[default]
    Core,
    /// All cores of the host.
    Host,
    /// The container's limit, or all cores of the host without one.
    Limit,
}

/// Definition of memory usage, and meaning of 100 %.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MemoryScale {
    /// Working set, relative to the container's limit, or to the host's memory without one.
    #[default]
    Limit,
    /// Working set, relative to the host's memory.
    Host,
    /// Working set and file cache, relative to the container's limit, as the kernel compares them.
    Cache,
}

/// Layout of the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    /// One card per container.
    #[default]
    Cards,
    /// One row per container.
    Table,
}

/// Space for each container.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Density {
    /// All details.
    #[default]
    Normal,
    /// The essentials.
    Compact,
}

/// A sort order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sort {
    /// Key to sort by.
    pub key: SortKey,
    /// True if the order is the reverse of the key's natural direction.
    pub reversed: bool,
}

/// Sort key. By default, numbers are sorted from the largest, names from A.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortKey {
    /// Name; numbers in it are compared by value.
    #[default]
    Name,
    /// State: running first.
    State,
    /// CPU usage: busiest first.
    Cpu,
    /// Memory usage: largest first.
    Memory,
    /// Network traffic since the start, in both directions: most first.
    Network,
    /// Block I/O since the start, reads and writes: most first.
    Block,
    /// Number of processes: most first.
    Pids,
    /// Start time: latest first.
    Started,
    /// Image name.
    Image,
    /// Compose project.
    Project,
}

/// Grouping under headings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Grouping {
    /// One list.
    #[default]
    None,
    /// Compose projects.
    Project,
    /// One group per state.
    State,
    /// One group per image.
    Image,
    /// One group per engine.
    Engine,
    /// The value of one label.
    Label,
}

/// A choice with a word in the URL and a label in the UI.
pub trait Choice: Copy + PartialEq + Default + 'static {
    /// Every variant, in the order shown.
    const ALL: &'static [Self];

    /// Word in the URL.
    fn as_str(self) -> &'static str;

    /// Label in the UI.
    fn label(self) -> &'static str;

    /// Parses a word in the URL; the default for an unknown word.
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
choice!(CpuScale: Core = "core", "One core"; Host = "host", "Whole host"; Limit = "limit", "Container limit";);
choice!(MemoryScale: Limit = "limit", "Container limit"; Host = "host", "Whole host"; Cache = "cache", "Container limit, with cache";);
choice!(Grouping:
    None = "none", "None";
    Project = "project", "Project";
    State = "state", "State";
    Image = "image", "Image";
    Engine = "engine", "Engine";
    Label = "label", "Label";
);
choice!(SortKey:
    Name = "name", "Name";
    State = "state", "State";
    Cpu = "cpu", "CPU";
    Memory = "memory", "Memory";
    Network = "network", "Network";
    Block = "block", "Block I/O";
    Pids = "pids", "Processes";
    Started = "started", "Started";
    Image = "image", "Image";
    Project = "project", "Project";
);

impl ListQuery {
    /// True if the group is collapsed.
    pub fn is_folded(&self, group: Option<&str>) -> bool {
        self.folded.iter().any(|folded| folded == group.unwrap_or_default())
    }

    /// The same query with a group collapsed, or expanded if it was collapsed.
    #[must_use]
    pub fn with_fold_toggled(mut self, group: Option<&str>) -> Self {
        let name = group.unwrap_or_default();
        if self.is_folded(group) {
            self.folded.retain(|folded| folded != name);
        } else {
            self.folded.push(name.to_owned());
        }
        self
    }

    /// The references of the meters for CPU and memory.
    pub const fn scales(&self) -> (CpuScale, MemoryScale) {
        (self.cpu, self.memory)
    }

    /// The name of a pin: project and container name, so that a recreated container stays pinned.
    pub fn pin_of(container: &Container) -> String {
        format!("{}/{}", container.project.as_deref().unwrap_or_default(), container.name)
    }

    /// True if the container is pinned.
    pub fn is_pinned(&self, container: &Container) -> bool {
        let project = container.project.as_deref().unwrap_or_default();
        self.pins.iter().any(|pin| pin.split_once('/').is_some_and(|pin| pin == (project, container.name.as_str())))
    }

    /// True if stopped containers are hidden.
    pub fn hides_stopped(&self) -> bool {
        self.folds_stopped == Some(true) && self.can_hide_stopped()
    }

    /// True if stopped containers can be hidden: not if the query selects a state, or groups by
    /// state.
    pub fn can_hide_stopped(&self) -> bool {
        self.state.is_none() && self.group != Grouping::State
    }

    /// True if samples affect the selection, the order, or a heading.
    pub fn depends_on_samples(&self) -> bool {
        let is_sorted =
            matches!(self.sort.key, SortKey::Cpu | SortKey::Memory | SortKey::Network | SortKey::Block | SortKey::Pids);
        is_sorted || self.group != Grouping::None || terms::depend_on_samples(&self.search)
    }

    /// True if the order can change without an action of the user.
    pub const fn has_live_order(&self) -> bool {
        !matches!(self.sort.key, SortKey::Name | SortKey::Image | SortKey::Project)
    }
}

impl SortKey {
    /// True if the natural direction is from A to Z, or from small to large.
    pub const fn ascends(self) -> bool {
        matches!(self, Self::Name | Self::State | Self::Image | Self::Project)
    }
}

impl Sort {
    /// The order after a click on this key's heading: by that key, or reversed if the list is
    /// already sorted by it.
    pub fn toggled(self, key: SortKey) -> Self {
        Self { key, reversed: self.key == key && !self.reversed }
    }

    /// Value of `aria-sort` for this key's heading.
    pub fn aria(self, key: SortKey) -> Option<&'static str> {
        let ascending = key.ascends() != self.reversed;
        (self.key == key).then_some(if ascending { "ascending" } else { "descending" })
    }
}
