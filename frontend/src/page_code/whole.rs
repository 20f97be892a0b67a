//! All pages in the first module, as `cargo leptos watch` builds them: splitting takes longer.

use app::{
    acting::action_parts::ActionParts,
    chunks::{Chunk, ChunkCode},
    keyboard::quick_parts::QuickParts,
    list::list_parts::ListParts,
    pages::{ContainerPage, EnginesPage, EventsPage, LastVisitLine, LogsPage, RealtimeTestPage, SwarmPage, WhyPanel},
};

/// Pages whose code is part of the module.
pub(crate) const PAGE_CODE: ChunkCode = ChunkCode {
    fetch: |_| Box::pin(async { true }),
    draw: |page| {
        Some(match page {
            Chunk::Container => ContainerPage(),
            Chunk::Logs => LogsPage(),
            Chunk::RealtimeTest => RealtimeTestPage(),
            Chunk::Engines => EnginesPage(),
            Chunk::Swarm => SwarmPage(),
            Chunk::Events => EventsPage(),
            Chunk::Actions => ActionParts(),
            Chunk::List => ListParts(),
            Chunk::Why => WhyPanel(),
            Chunk::LastVisit => LastVisitLine(),
            Chunk::Quick => QuickParts(),
        })
    },
};
