//! What the list shows and how: the whole view of `/containers` as one value that lives in the page's address.
//!
//! In: an address, and everything the page holds. Out: the entries to draw, in order. Pure; `pages::containers` owns the value.
//! Reading order: [`ListQuery`] (the choices) → `address` (parse, print) → `arrange` (search, filter, sort, group).

mod address;
mod arrange;
mod groups;
mod natural;
mod terms;

pub use arrange::{Arrangement, Counts, Entry, arrange, count, in_former_order};
pub use groups::Group;

use crate::model::ContainerState;

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
    /// Youngest first.
    Started,
    /// Image name.
    Image,
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
choice!(Grouping:
    None = "none", "None";
    Project = "project", "Project";
    State = "state", "State";
    Image = "image", "Image";
    Label = "label", "Label";
);
choice!(SortKey:
    Name = "name", "Name";
    State = "state", "State";
    Cpu = "cpu", "CPU";
    Memory = "memory", "Memory";
    Started = "started", "Started";
    Image = "image", "Image";
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

    /// Whether the order follows running numbers, so that containers change places without anybody doing anything.
    pub const fn is_restless(&self) -> bool {
        matches!((self.sort.key, self.group), (SortKey::Cpu | SortKey::Memory, Grouping::None))
    }
}

impl SortKey {
    /// Whether the natural direction goes from A to Z or from small to large.
    pub const fn ascends(self) -> bool {
        matches!(self, Self::Name | Self::State | Self::Image)
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
