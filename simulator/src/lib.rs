//! A simulated Docker Engine that serves the Engine API on a unix socket or TCP.
//!
//! The demo, the tests and the load runs use it, so they run the same code as production. It has no
//! processes: the output, usage and end of a container are formulas of time, which makes a thousand
//! of them cheap and a run repeatable. `tests/engine_contract.rs` compares it with a real engine.
//!
//! Reading order:
//! 1. [`engine`]: plain state; actions in, results and events out. [`engine::lifecycle`] has the
//!    order of events.
//! 2. [`scenario`]: its containers, and what happens automatically.
//! 3. [`daemon`]: the lock, the clock and the event log around it.
//! 4. [`api`]: one file per area of the Engine API; [`api::guard`] wraps all of them.
//! 5. [`fault`]: the active faults. [`calls`]: call counts. [`control`]: both over HTTP.
//! 6. [`swarm`]: a swarm of several engines.
//! 7. [`listener`] and [`handle`]: sockets, start and end.
//!
//! With the feature `real-engine` there is also a `RealEngine`: a private dockerd for tests.
//!
//! ```no_run
//! # async fn example() -> Result<(), simulator::SimulatorError> {
//! use simulator::{Options, Simulator};
//!
//! let options = Options { scenario: "busy:50".parse()?, ..Options::default() };
//! let simulator = Simulator::start(options).await?;
//! println!("DOCKER_HOST={}", simulator.endpoint());
//! simulator.act(|engine, now| engine.pause("shop-web-1", now))?;
//! simulator.shutdown().await;
//! # Ok(())
//! # }
//! ```

// Inspect is one large `json!`, which expands a step per token.
#![recursion_limit = "256"]

pub mod api;
pub mod calls;
pub mod clock;
pub mod control;
pub mod daemon;
pub mod engine;
mod event_log;
pub mod fault;
pub mod handle;
pub mod listener;
pub mod options;
#[cfg(feature = "real-engine")]
pub mod real_engine;
pub mod scenario;
pub mod swarm;

pub use calls::{Calls, Counts, Endpoint};
pub use clock::{Clock, Moment};
pub use engine::spec::ContainerSpec;
pub use engine::{CgroupVersion, Engine, EngineError, Release};
pub use fault::{BadLine, BadResponse, ContainerFault, DaemonState, FaultPatch, Faults};
pub use handle::{Simulator, SimulatorError, SimulatorHandle};
pub use options::{Listen, Options};
#[cfg(feature = "real-engine")]
pub use real_engine::RealEngine;
pub use scenario::{Scenario, ScenarioKind};
pub use swarm::Swarm;
