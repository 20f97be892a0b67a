//! The product's line icons, on a 16-pixel grid.

use crate::prelude::*;

/// An icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Glyph {
    Cards,
    Check,
    Circle,
    Clock,
    Close,
    Command,
    Compact,
    Contrast,
    Copy,
    Cross,
    Diamond,
    Disc,
    Down,
    Folded,
    Kill,
    Lines,
    More,
    Open,
    Options,
    Moon,
    Pause,
    Play,
    Plug,
    Refresh,
    Restart,
    Roomy,
    Screen,
    Search,
    Square,
    Stop,
    Sun,
    Table,
    Trash,
    Up,
    Warning,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::Cards => "M2.5 2.5H7V7H2.5zM9 2.5h4.5V7H9zM2.5 9H7v4.5H2.5zM9 9h4.5v4.5H9z",
            Self::Check => "M3.5 8.5l3 3 6-7",
            Self::Circle | Self::Disc => "M13 8A5 5 0 1 1 3 8a5 5 0 0 1 10 0z",
            Self::Clock => "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3l2 1.5",
            Self::Close | Self::Cross => "M4 4l8 8M12 4l-8 8",
            // A command prompt.
            Self::Command => "M3 4l4 4-4 4M8.5 12.5h5",
            Self::Contrast => "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11",
            Self::Compact => "M2.5 3h11M2.5 6.3h11M2.5 9.7h11M2.5 13h11",
            Self::Copy => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
            Self::Diamond => "M8 2.5L13.5 8 8 13.5 2.5 8z",
            Self::Down => "M8 3v10M4 9l4 4 4-4",
            Self::Folded => "M6 3.5L10.5 8 6 12.5",
            Self::Open => "M3.5 6L8 10.5 12.5 6",
            Self::Options => {
                "M2 4.5h6.5M12.5 4.5H14M2 11.5h1.5M7.5 11.5H14M12.5 4.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM7.5 11.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0z"
            }
            Self::Kill => "M9 1.5L3.5 9H8l-1 5.5L12.5 7H8z",
            Self::Lines => "M2.5 3.5h9M2.5 6.5h11M2.5 9.5h7M2.5 12.5h10",
            Self::More => {
                "M4.6 8a1.1 1.1 0 1 1-2.2 0 1.1 1.1 0 0 1 2.2 0zM9.1 8a1.1 1.1 0 1 1-2.2 0 1.1 1.1 0 0 1 2.2 0zM13.6 8a1.1 1.1 0 1 1-2.2 0 1.1 1.1 0 0 1 2.2 0z"
            }
            Self::Moon => "M13.2 9.6A5.5 5.5 0 0 1 6.4 2.8a5.5 5.5 0 1 0 6.8 6.8z",
            Self::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Self::Play => "M5 3v10l7.5-5z",
            Self::Plug => "M6 2v3.5M10 2v3.5M4.5 5.5h7V8a3.5 3.5 0 0 1-7 0zM8 11.5V14",
            Self::Refresh => "M13 8a5 5 0 1 1-1.6-3.7L13 5.8M13 2.5v3.3H9.7",
            Self::Restart => "M3 8a5 5 0 1 0 1.6-3.7L3 5.8M3 2.5v3.3h3.3",
            Self::Roomy => "M2.5 2.5h11V7h-11zM2.5 9h11v4.5h-11z",
            Self::Screen => "M2 3h12v8H2zM5.5 13.5h5",
            Self::Search => "M10.5 10.5L14 14M12 7A5 5 0 1 1 2 7a5 5 0 0 1 10 0z",
            Self::Square | Self::Stop => "M4 4h8v8H4z",
            Self::Sun => {
                "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7"
            }
            Self::Table => "M2.5 4h11M2.5 8h11M2.5 12h11",
            Self::Trash => "M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.6 9h6.8l.6-9",
            Self::Up => "M8 13V3M4 7l4-4 4 4",
            Self::Warning => "M8 2L14.5 13.5h-13zM8 6.5v3M8 11.4v.2",
        }
    }

    const fn is_filled(self) -> bool {
        matches!(self, Self::Disc | Self::Diamond | Self::More | Self::Square)
    }
}

/// An icon in the color of the surrounding text. Hidden from assistive technology, so it needs a
/// text label.
#[component]
pub fn Icon(
    /// The icon.
    glyph: Glyph,
) -> Erased {
    let class = if glyph.is_filled() { "icon icon--filled" } else { "icon" };
    view! {
        <svg class=class viewBox="0 0 16 16" aria-hidden="true">
            <path d=glyph.path() />
        </svg>
    }
    .erased()
}
