//! The columns of the table, one entry each.
//!
//! Everything about a column follows from its entry: heading, word in the URL, sort key, width,
//! place, and whether it is shown by default. Only its cell is elsewhere, in `list::container_row`.
//! The steps to add one are in docs/CONTRIBUTING.md.

use super::{Choice, Density, SortKey};

/// Position of a column's cell. Columns are declared in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Right after the name.
    AfterName,
    /// Among the figures. A container without processes has one cell across all of these.
    Figures,
    /// After the figures.
    AfterFigures,
    /// In the cell of the name.
    UnderName,
}

/// Properties of a column.
struct Spec {
    place: Place,
    /// Sort key of the heading, if the column can be sorted.
    sort: Option<SortKey>,
    is_default: bool,
    /// Minimum width in rem, in normal and compact rows.
    min_rem: [f32; 2],
    /// CSS share of the remaining width; `None` for a fixed width.
    grow: Option<&'static str>,
    /// Name of the group of columns that is dropped together if there is no room, one of
    /// [`Column::DROP_ORDER`]; `None` for columns that are never dropped, for which the stylesheet
    /// has a place in narrow lists.
    drop: Option<&'static str>,
}

macro_rules! columns {
    ($($(#[$attribute:meta])* $name:ident = $word:literal, $heading:literal { $($field:ident: $value:expr),+ $(,)? })+) => {
        /// A column that the user can show or hide. The name and the buttons are always shown.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub enum Column { $($(#[$attribute])* $name),+ }

        impl Choice for Column {
            const ALL: &'static [Self] = &[$(Self::$name),+];

            fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            fn label(self) -> &'static str {
                match self { $(Self::$name => $heading),+ }
            }
        }

        impl Column {
            const fn spec(self) -> &'static Spec {
                match self { $(Self::$name => &Spec { $($field: $value),+ }),+ }
            }

            /// Class of the column's cells.
            pub const fn class(self) -> &'static str {
                match self { $(Self::$name => concat!("container-row__", $word)),+ }
            }
        }
    };
}

columns! {
    /// State, health and time since the last change.
    #[default]
    State = "state", "State" {
        place: Place::AfterName,
        sort: Some(SortKey::State),
        is_default: true,
        min_rem: [11.5, 17.0],
        grow: Some("1.5fr"),
        drop: None,
    }
    /// CPU usage.
    Cpu = "cpu", "CPU" {
        place: Place::Figures,
        sort: Some(SortKey::Cpu),
        is_default: true,
        min_rem: [7.0, 7.0],
        grow: Some("1fr"),
        drop: None,
    }
    /// Memory usage.
    Memory = "memory", "Memory" {
        place: Place::Figures,
        sort: Some(SortKey::Memory),
        is_default: true,
        min_rem: [10.0, 8.5],
        grow: Some("1.3fr"),
        drop: None,
    }
    /// Bytes received and sent.
    Network = "network", "Network" {
        place: Place::Figures,
        sort: Some(SortKey::Network),
        is_default: true,
        min_rem: [6.0, 11.0],
        grow: None,
        drop: Some("traffic"),
    }
    /// Bytes read and written.
    Disk = "disk", "Block I/O" {
        place: Place::Figures,
        sort: Some(SortKey::Block),
        is_default: true,
        min_rem: [6.0, 11.0],
        grow: None,
        drop: Some("traffic"),
    }
    /// Number of processes.
    Pids = "pids", "Processes" {
        place: Place::Figures,
        sort: Some(SortKey::Pids),
        is_default: false,
        min_rem: [5.5, 5.5],
        grow: None,
        drop: Some("pids"),
    }
    /// Published ports.
    Ports = "ports", "Ports" {
        place: Place::AfterFigures,
        sort: None,
        is_default: true,
        min_rem: [6.5, 8.5],
        grow: Some("0.8fr"),
        drop: Some("ports"),
    }
    /// Compose project and service.
    Project = "project", "Project" {
        place: Place::AfterFigures,
        sort: Some(SortKey::Project),
        is_default: true,
        min_rem: [6.5, 6.5],
        grow: Some("1fr"),
        drop: Some("project"),
    }
    /// Image.
    Image = "image", "Image" {
        place: Place::UnderName,
        sort: Some(SortKey::Image),
        is_default: true,
        min_rem: [0.0, 0.0],
        grow: None,
        drop: None,
    }
}

impl Column {
    /// Columns between the name and the figures.
    pub const AFTER_NAME: [Self; count(Place::AfterName)] = at(Place::AfterName);
    /// Columns across which a container without processes has one cell.
    pub const FIGURES: [Self; count(Place::Figures)] = at(Place::Figures);
    /// Columns between the figures and the buttons.
    pub const AFTER_FIGURES: [Self; count(Place::AfterFigures)] = at(Place::AfterFigures);
    /// Number of cells in a row, including those of the name and the buttons.
    pub const CELLS: usize = Self::AFTER_NAME.len() + Self::FIGURES.len() + Self::AFTER_FIGURES.len() + 2;

    /// Groups of columns that are dropped together, in the order in which they are dropped.
    pub(super) const DROP_ORDER: [&'static str; 4] = ["pids", "traffic", "project", "ports"];

    /// True if the column has a cell of its own.
    pub const fn has_cell(self) -> bool {
        !matches!(self.spec().place, Place::UnderName)
    }

    /// Sort key of the column's heading.
    pub const fn sort(self) -> Option<SortKey> {
        self.spec().sort
    }

    /// The column's track in a CSS grid template.
    pub fn track(self, density: Density) -> String {
        match (self.min_rem(density), self.spec().grow) {
            (rem, Some(grow)) => format!("minmax({rem}rem, {grow})"),
            (rem, None) => format!("{rem}rem"),
        }
    }

    pub(super) const fn is_default(self) -> bool {
        self.spec().is_default
    }

    pub(super) const fn drop_group(self) -> Option<&'static str> {
        self.spec().drop
    }

    /// Minimum width of the column in rem.
    pub(super) const fn min_rem(self, density: Density) -> f32 {
        let [normal, compact] = self.spec().min_rem;
        if matches!(density, Density::Compact) { compact } else { normal }
    }
}

const fn count(place: Place) -> usize {
    let (mut index, mut count) = (0, 0);
    while index < Column::ALL.len() {
        if Column::ALL[index].spec().place as u8 == place as u8 {
            count += 1;
        }
        index += 1;
    }
    count
}

const fn at<const COUNT: usize>(place: Place) -> [Column; COUNT] {
    let mut columns = [Column::State; COUNT];
    let (mut index, mut count) = (0, 0);
    while index < Column::ALL.len() {
        if Column::ALL[index].spec().place as u8 == place as u8 {
            columns[count] = Column::ALL[index];
            count += 1;
        }
        index += 1;
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Columns;
    use std::fmt::Write as _;

    /// Content of `style/_columns.scss`, generated from the columns.
    fn stylesheet() -> String {
        let names = |columns: &[Column]| columns.iter().map(|column| column.as_str()).collect::<Vec<_>>().join(" ");
        let cells: Vec<_> = Column::ALL.iter().copied().filter(|column| column.has_cell()).collect();
        let mut sheet =
            "// The table's columns, from app/src/query/column.rs. A test there fails where this file differs.\n"
                .to_owned();
        for (name, columns) in [
            ("columns", cells.as_slice()),
            ("after-name", &Column::AFTER_NAME),
            ("figures", &Column::FIGURES),
            ("after-figures", &Column::AFTER_FIGURES),
        ] {
            let _ = write!(sheet, "\n${name}: {};", names(columns));
        }
        sheet.push_str("\n\n// Widths in normal rows, and in compact rows where they differ.\n$widths: (\n");
        for column in &cells {
            let _ = writeln!(sheet, "  {}: {},", column.as_str(), column.track(Density::Normal));
        }
        sheet.push_str(");\n$compact-widths: (\n");
        let differs = |column: &&Column| column.min_rem(Density::Normal) != column.min_rem(Density::Compact);
        for column in cells.iter().filter(differs) {
            let _ = writeln!(sheet, "  {}: {},", column.as_str(), column.track(Density::Compact));
        }
        sheet.push_str(");\n\n// Groups of columns in the order in which they are dropped, and the widest list in rem that has no\n// room for one.\n");
        for (name, entries) in [("dropped", true), ("widest", false)] {
            let _ = writeln!(sheet, "${name}: (");
            for group in Column::DROP_ORDER {
                let columns: Vec<_> = cells.iter().copied().filter(|each| each.drop_group() == Some(group)).collect();
                let value = if entries { names(&columns) } else { Columns::widest(group).to_string() };
                let _ = writeln!(sheet, "  {group}: {value},");
            }
            sheet.push_str(");\n");
        }
        let _ = writeln!(sheet, "$first-width: {};\n$width-step: {};", Columns::FIRST_WIDTH, Columns::WIDTH_STEP);
        sheet
    }

    #[test]
    fn the_stylesheet_has_the_same_columns() {
        let sheet = stylesheet();
        let is_current = include_str!("../../../style/_columns.scss") == sheet;
        assert!(is_current, "style/_columns.scss should be:\n{sheet}");
    }

    #[test]
    fn columns_are_declared_from_left_to_right() {
        assert!(Column::ALL.is_sorted_by_key(|column| column.spec().place));
    }

    #[test]
    fn a_column_without_a_place_in_narrow_lists_can_be_dropped() {
        for column in Column::ALL {
            match column.drop_group() {
                Some(group) => assert!(Column::DROP_ORDER.contains(&group), "DROP_ORDER lacks {group}"),
                // _container_row.scss puts these into the template of a narrow list.
                None => {
                    assert!(
                        matches!(column, Column::State | Column::Cpu | Column::Memory | Column::Image),
                        "{column:?}"
                    );
                }
            }
        }
    }
}
