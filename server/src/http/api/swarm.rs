//! `GET /api/swarm` and `GET /api/swarm/stream`: the swarms with a manager among the engines.
//!
//! Both count as demand: managers are polled only for them.

pub(in crate::http) mod actions;

use crate::{
    http::{
        entry::caller::Caller,
        state::EngineState,
        wire::{
            event_stream::{EventDescription, EventStream, Streamed},
            problem::{Problem, problems},
            sse::{self, Events, Source},
        },
    },
    swarm::{Picture, PictureReader, Swarm},
};
use app::model::{SwarmCluster, SwarmPolled, Swarms};
use axum::{
    Json,
    extract::State,
    http::{HeaderName, header},
    response::Response,
};

problems!(SwarmProblems: SignInNeeded);

/// All swarms with a manager among the engines.
///
/// Polls a manager of each, if what is in memory is older than a second; waits for at most 1.5 s. What
/// did not respond is shown as of `polledAt`, with the `error`. Users with a limited scope see the
/// services that have one of its labels, or whose containers have.
#[utoipa::path(
    get,
    path = "/api/swarm",
    operation_id = "getSwarms",
    tag = "Swarm",
    responses((status = 200, description = "The swarms; empty without a manager.", body = Swarms), SwarmProblems)
)]
pub(in crate::http) async fn show(
    caller: Caller,
    State(engines): State<EngineState>,
) -> ([(HeaderName, &'static str); 1], Json<Swarms>) {
    let picture = engines.swarm.polled().await;
    ([(header::CACHE_CONTROL, "no-store")], Json(visible(&picture, &caller)))
}

fn visible(picture: &Picture, caller: &Caller) -> Swarms {
    let state = caller.feed.state();
    picture.visible_to(&caller.identity.scope, |key| state.container(key).is_some())
}

/// Events of the stream of swarms.
pub(in crate::http) struct SwarmEvents;

impl EventStream for SwarmEvents {
    const DESCRIPTION: &str = "All swarms whenever they change.";

    fn events() -> Vec<EventDescription> {
        vec![
            EventDescription::of::<Swarms>("snapshot", "All swarms: at first, and after each change."),
            EventDescription::of::<SwarmPolled>("polled", "A poll has found no change."),
            EventDescription::of::<sse::Beat>("heartbeat", "First, and after at most 3 s without another event."),
        ]
    }
}

/// All swarms as a stream.
///
/// While it is open, a manager of each swarm is polled every second, and at once after an event.
#[utoipa::path(
    get,
    path = "/api/swarm/stream",
    operation_id = "streamSwarms",
    tag = "Swarm",
    responses(Streamed<SwarmEvents>, SwarmProblems)
)]
pub(in crate::http) async fn stream(caller: Caller, State(engines): State<EngineState>) -> Result<Response, Problem> {
    let (reader, stop) = (engines.swarm.reader(), caller.stop.clone());
    Ok(sse::response(SwarmSource { caller, swarm: engines.swarm, reader, sent: None }, stop))
}

/// The swarms that a user may see, as they change.
struct SwarmSource {
    caller: Caller,
    swarm: Swarm,
    reader: PictureReader,
    /// The swarms sent last.
    sent: Option<Swarms>,
}

impl Source for SwarmSource {
    async fn next(&mut self, events: &mut Events) -> bool {
        let picture = match self.sent {
            // What is in memory may be from long ago.
            None => self.swarm.polled().await,
            Some(_) => self.reader.changed().await,
        };
        let swarms = visible(&picture, &self.caller);
        match &self.sent {
            Some(sent) if is_same_but_for_the_time(sent, &swarms) => {
                let polled =
                    swarms.clusters.iter().filter_map(|cluster| Some((cluster.id.clone(), cluster.polled_at?)));
                events.push("polled", None, &SwarmPolled { polled_at: polled.collect() });
            }
            _ => events.push("snapshot", None, &swarms),
        }
        self.sent = Some(swarms);
        true
    }
}

/// True if only the times of the polls differ.
fn is_same_but_for_the_time(one: &Swarms, other: &Swarms) -> bool {
    let is_same = |(one, other): (&SwarmCluster, &SwarmCluster)| {
        let SwarmCluster { id, managers, nodes, services, tasks, polled_at: _, polled_by, error } = one;
        (id, managers, nodes, services) == (&other.id, &other.managers, &other.nodes, &other.services)
            && (tasks, polled_by, error) == (&other.tasks, &other.polled_by, &other.error)
    };
    one.clusters.len() == other.clusters.len() && one.clusters.iter().zip(&other.clusters).all(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::model::{SwarmTask, Timestamp};

    #[test]
    fn only_the_time_of_a_poll_does_not_count_as_a_change() {
        let cluster = |at: u64, state: &str| SwarmCluster {
            polled_at: Some(Timestamp::from_millis(at)),
            tasks: vec![SwarmTask { state: state.to_owned(), ..SwarmTask::default() }],
            ..SwarmCluster::default()
        };
        let swarms = |clusters| Swarms { clusters };
        let running = swarms(vec![cluster(1, "running")]);
        assert!(is_same_but_for_the_time(&running, &swarms(vec![cluster(2, "running")])));
        assert!(!is_same_but_for_the_time(&running, &swarms(vec![cluster(1, "failed")])));
        assert!(!is_same_but_for_the_time(&running, &swarms(vec![])));
    }
}
