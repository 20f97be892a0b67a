//! What happened to containers, from the server's timeline, and what happens. For pages that tell of it only.
//!
//! In: [`Wanted`], which may change. Out: a [`Book`] that grows, and how the reading is doing. First the newest are asked for (`answers`), then
//! a stream of its own goes on behind them (`stream`). It is opened again after a loss, with waits that grow and vary, and behind the last
//! event that came, so that none is missed and none told twice (`reader`). A page that is hidden reads nothing.

mod answers;
mod book;
mod reader;
mod stream;
mod wanted;

pub use answers::happened;
pub use book::Book;
pub use wanted::Wanted;

use super::{ActionError, use_realtime_containers};
use crate::prelude::*;
use reader::{Parts, Reader};

/// How the reading is doing.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Reading {
    /// The first answer is on its way.
    #[default]
    Asking,
    /// New ones come as they happen.
    Live,
    /// The page is hidden, or the stream is being opened.
    Waiting,
    /// It was lost, and is tried again by itself.
    Lost,
    /// Nothing is known; it is tried again by itself.
    Failed(ActionError),
}

/// What [`use_timeline()`] returns. `Copy`: pass it about freely.
#[derive(Debug, Clone, Copy)]
pub struct UseTimelineReturn {
    /// What is known.
    pub book: Signal<Book>,
    /// How the reading is doing.
    pub reading: Signal<Reading>,
    reader: Reader,
}

/// Reads what is wanted.
///
/// # Server-side
/// Nothing is read.
pub fn use_timeline(wanted: Signal<Wanted>) -> UseTimelineReturn {
    let reader = Reader {
        wanted,
        book: RwSignal::new(Book::default()),
        reading: RwSignal::new(Reading::default()),
        parts: InBrowser::default(),
    };
    Effect::new(move |_| {
        reader.parts.hold(Parts::default());
        reader.listen();
    });
    Effect::new(move |_| {
        wanted.track();
        reader.begin();
    });
    let now = use_realtime_containers().now;
    Effect::new(move |_| {
        now.track();
        reader.look();
    });
    UseTimelineReturn { book: reader.book.into(), reading: reader.reading.into(), reader }
}

impl UseTimelineReturn {
    /// Asks for those before the oldest that is known.
    pub fn older(&self) {
        self.reader.ask_older();
    }
}
