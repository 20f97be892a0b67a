//! A connection to an engine, its own containers, and ways to inspect them.

use std::collections::HashMap;
use std::time::Duration;

use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use bollard::errors::Error;
use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, ContainerState, ContainerStateStatusEnum, ContainerSummary,
    HostConfig,
};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, EventsOptionsBuilder, KillContainerOptionsBuilder, ListContainersOptionsBuilder,
    RemoveContainerOptionsBuilder, RenameContainerOptionsBuilder, RestartContainerOptionsBuilder,
    StopContainerOptionsBuilder,
};
use bollard::{API_DEFAULT_VERSION, Docker};
use futures::{Stream, StreamExt, TryStreamExt};
use tokio::time::{sleep, timeout};

use super::kind::Kind;

/// Prints greetings until SIGTERM, then exits with 7.
pub(crate) const GREETER: &str = "trap \"exit 7\" TERM; while true; do echo hello; sleep 0.1; done";
/// Timeout for expected changes.
pub(crate) const TEST_TIMEOUT: Duration = Duration::from_secs(20);
/// Label of every container of a lab, with the lab's prefix as its value.
const LABEL: &str = "quaylight.contract";

/// A shortened event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LabEvent {
    pub(crate) kind: String,
    pub(crate) action: String,
    pub(crate) id: String,
    pub(crate) attributes: HashMap<String, String>,
    pub(crate) time: i64,
    pub(crate) time_nano: i64,
}

/// An engine, and containers with a prefix of this lab.
#[derive(Debug)]
pub(crate) struct Lab {
    pub(crate) docker: Docker,
    pub(crate) image: String,
    /// Kind of the engine.
    pub(crate) kind: Kind,
    prefix: String,
}

impl Lab {
    pub(crate) async fn connect(url: &str, image: &str) -> Self {
        let docker = match url.strip_prefix("unix://") {
            Some(path) => Docker::connect_with_unix(path, 60, API_DEFAULT_VERSION),
            None => Docker::connect_with_http(url, 60, API_DEFAULT_VERSION),
        }
        .unwrap();
        let kind = Kind::of(&docker.version().await.unwrap());
        let prefix = format!("ql{:08x}", fastrand::u32(..));
        Self { docker, image: kind.image(image), kind, prefix }
    }

    /// A container's name: the lab's prefix and `word`.
    pub(crate) fn name(&self, word: &str) -> String {
        format!("{}-{word}", self.prefix)
    }

    /// Excludes the containers of other labs and of the user.
    pub(crate) fn own_label(&self) -> String {
        format!("{LABEL}={}", self.prefix)
    }

    /// Body of a container of the test image with this command; without a network, because a
    /// private engine has none.
    pub(crate) fn body(&self, command: &[&str]) -> ContainerCreateBody {
        ContainerCreateBody {
            image: Some(self.image.clone()),
            cmd: Some(command.iter().map(|word| (*word).to_owned()).collect()),
            labels: Some(HashMap::from([(LABEL.to_owned(), self.prefix.clone())])),
            host_config: Some(HostConfig { network_mode: Some("none".to_owned()), ..HostConfig::default() }),
            ..ContainerCreateBody::default()
        }
    }

    pub(crate) async fn create_body(&self, word: &str, body: ContainerCreateBody) -> Result<String, Error> {
        let options = CreateContainerOptionsBuilder::new().name(&self.name(word)).build();
        Ok(self.docker.create_container(Some(options), body).await?.id)
    }

    pub(crate) async fn create(&self, word: &str, command: &[&str]) -> String {
        self.create_body(word, self.body(command)).await.unwrap()
    }

    pub(crate) async fn start(&self, id: &str) {
        self.docker.start_container(id, None).await.unwrap();
    }

    /// Starts a container.
    pub(crate) async fn run(&self, word: &str, command: &[&str]) -> String {
        self.run_body(word, self.body(command)).await
    }

    pub(crate) async fn run_body(&self, word: &str, body: ContainerCreateBody) -> String {
        let id = self.create_body(word, body).await.unwrap();
        self.start(&id).await;
        id
    }

    /// A container that prints greetings and exits with 7. It has printed its first line, so it
    /// handles SIGTERM by now.
    pub(crate) async fn greeter(&self, word: &str) -> String {
        let id = self.run(word, &["sh", "-c", GREETER]).await;
        self.wait_for_output(&id).await;
        id
    }

    async fn wait_for_output(&self, id: &str) {
        let options = bollard::query_parameters::LogsOptionsBuilder::new().stdout(true).follow(true).build();
        let mut lines = Box::pin(self.docker.logs(id, Some(options)));
        timeout(TEST_TIMEOUT, lines.next()).await.expect("no output").unwrap().unwrap();
    }

    pub(crate) async fn stop(&self, id: &str, patience_secs: i32) {
        let options = StopContainerOptionsBuilder::new().t(patience_secs).build();
        self.docker.stop_container(id, Some(options)).await.unwrap();
    }

    pub(crate) async fn restart(&self, id: &str, patience_secs: i32) {
        let options = RestartContainerOptionsBuilder::new().t(patience_secs).build();
        self.docker.restart_container(id, Some(options)).await.unwrap();
    }

    pub(crate) async fn kill(&self, id: &str, signal: &str) -> Result<(), Error> {
        self.docker.kill_container(id, Some(KillContainerOptionsBuilder::new().signal(signal).build())).await
    }

    pub(crate) async fn rename(&self, id: &str, name: &str) -> Result<(), Error> {
        self.docker.rename_container(id, RenameContainerOptionsBuilder::new().name(name).build()).await
    }

    pub(crate) async fn remove(&self, id: &str, force: bool) -> Result<(), Error> {
        self.docker.remove_container(id, Some(RemoveContainerOptionsBuilder::new().force(force).build())).await
    }

    pub(crate) async fn inspect(&self, id: &str) -> ContainerInspectResponse {
        known_states(|| self.docker.inspect_container(id, None)).await.unwrap()
    }

    pub(crate) async fn state(&self, id: &str) -> ContainerState {
        self.inspect(id).await.state.unwrap()
    }

    pub(crate) async fn status(&self, id: &str) -> ContainerStateStatusEnum {
        self.state(id).await.status.unwrap()
    }

    /// Polls inspect until the state matches, and returns it.
    pub(crate) async fn until(&self, id: &str, wanted: impl Fn(&ContainerState) -> bool) -> ContainerState {
        let polling = async {
            loop {
                let state = self.state(id).await;
                if wanted(&state) {
                    return state;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(TEST_TIMEOUT, polling).await.expect("the state was not reached")
    }

    pub(crate) async fn until_gone(&self, id: &str) {
        let polling = async {
            while known_states(|| self.docker.inspect_container(id, None)).await.is_ok() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(TEST_TIMEOUT, polling).await.expect("the container is still there");
    }

    /// Rows of this lab in the list that also match `filters`.
    pub(crate) async fn list(&self, all: bool, filters: &[(&str, &str)]) -> Vec<ContainerSummary> {
        let mut wanted = HashMap::from([("label".to_owned(), vec![self.own_label()])]);
        for (key, value) in filters {
            wanted.entry((*key).to_owned()).or_default().push((*value).to_owned());
        }
        let options = ListContainersOptionsBuilder::new().all(all).filters(&wanted).build();
        known_states(|| self.docker.list_containers(Some(options.clone()))).await.unwrap()
    }

    /// The row of a container in the list, once it has `state`: the list of 20.10 lags behind.
    pub(crate) async fn row(&self, id: &str, state: &str) -> ContainerSummary {
        let polling = async {
            loop {
                let rows = self.list(true, &[]).await.into_iter();
                let row = rows
                    .filter(|row| row.id.as_deref() == Some(id))
                    .find(|row| row.state.unwrap().to_string() == state);
                match row {
                    Some(row) => return row,
                    None => sleep(Duration::from_millis(20)).await,
                }
            }
        };
        timeout(TEST_TIMEOUT, polling).await.expect("the list did not reach the state")
    }

    /// The raw bytes of a log, because bollard would parse those of a terminal as frames.
    pub(crate) async fn raw_logs(&self, id: &str, query: &str) -> Result<Vec<u8>, Error> {
        let target: PathAndQuery = format!("/containers/{id}/logs?{query}").parse().unwrap();
        let docker = self.docker.clone().with_request_modifier(move |mut request| {
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = Some(target.clone());
            *request.uri_mut() = Uri::from_parts(parts).unwrap();
            request
        });
        let pieces = docker.export_container("none");
        let whole = pieces.try_fold(Vec::new(), |mut whole, piece| async move {
            whole.extend_from_slice(&piece);
            Ok(whole)
        });
        timeout(TEST_TIMEOUT, whole).await.expect("the log ends")
    }

    /// The engine's current time, as a value for `since`.
    pub(crate) async fn now(&self) -> String {
        // Since 26.1 at the latest, Docker sends overlapping calls one response, so the first may
        // be older than this call. The second call begins after that response and can only share a
        // later one.
        self.docker.info().await.unwrap();
        let text = self.docker.info().await.unwrap().system_time.unwrap();
        let now: jiff::Timestamp = text.parse().unwrap();
        format!("{}.{:09}", now.as_second(), now.subsec_nanosecond())
    }

    /// Events of this lab's containers from `since` on, without those that only Podman sends.
    pub(crate) fn events(&self, since: &str, filters: &[(&str, &str)]) -> impl Stream<Item = LabEvent> + use<> {
        let mut wanted: HashMap<String, Vec<String>> = HashMap::new();
        for (key, value) in filters {
            wanted.entry((*key).to_owned()).or_default().push((*value).to_owned());
        }
        let options = EventsOptionsBuilder::new().since(since).filters(&wanted).build();
        let events = self.docker.events(Some(options)).map(|event| to_event(event.unwrap()));
        Box::pin(events.filter(|event| std::future::ready(!is_only_podmans(event))))
    }

    /// Events of a container from `since` to the event `last`.
    pub(crate) async fn story(&self, id: &str, since: &str, last: &str) -> Vec<LabEvent> {
        self.story_to_all(id, since, &[last]).await
    }

    /// Events of a container until it was stopped, in the order of 20.10.
    pub(crate) async fn story_of_a_stop(&self, id: &str, since: &str) -> Vec<String> {
        self.in_order(actions(&self.story_to_all(id, since, &["die", "stop"]).await))
    }

    /// Engine 20.10 sends die, disconnect and stop in this order; later ones in any order. Restores
    /// the order of 20.10.
    pub(crate) fn in_order(&self, mut actions: Vec<String>) -> Vec<String> {
        let of_the_end = |action: &String| ["die ", "disconnect", "stop"].iter().any(|end| action.starts_with(end));
        if self.kind != Kind::Docker2010 {
            actions.chunk_by_mut(|a, b| of_the_end(a) && of_the_end(b)).for_each(<[String]>::sort);
        }
        actions
    }

    /// Events from `since` until each of `all` has arrived.
    async fn story_to_all(&self, id: &str, since: &str, all: &[&str]) -> Vec<LabEvent> {
        let mut events = self.events(since, &[("type", "container"), ("container", id)]);
        let mut story = Vec::new();
        let listening = async {
            while let Some(event) = events.next().await {
                story.push(event);
                if all.iter().all(|wanted| story.iter().any(|event| event.action == *wanted)) {
                    return;
                }
            }
        };
        let in_time = timeout(TEST_TIMEOUT, listening).await;
        assert!(in_time.is_ok(), "{all:?} did not arrive, only {:?}", actions(&story));
        story
    }

    /// Checks the status of a refusal, and its message if engines have the same wording. Podman has
    /// one status for most refusals.
    #[track_caller]
    pub(crate) fn assert_refused<T: std::fmt::Debug>(&self, response: Result<T, Error>, status: u16, sentence: &str) {
        match response {
            Err(Error::DockerResponseServerError { status_code, message }) => {
                assert!(
                    status_code == status || self.kind == Kind::Podman && status_code == 500,
                    "{status_code} {message}"
                );
                if self.kind == Kind::Docker2010 {
                    assert_eq!(message, sentence);
                }
            }
            other => panic!("expected {status} {sentence:?}, got {other:?}"),
        }
    }

    /// Removes every container of this lab.
    pub(crate) async fn clean_up(&self) {
        for row in self.list(true, &[]).await {
            // An auto-removed container may be gone by now.
            let _ = self.remove(&row.id.unwrap(), true).await;
        }
    }
}

/// Retries until the response has no state that bollard does not support: Podman reports `stopped`
/// until its cleanup.
async fn known_states<T, F: Future<Output = Result<T, Error>>>(fetch: impl Fn() -> F) -> Result<T, Error> {
    let polling = async {
        loop {
            match fetch().await {
                Err(Error::JsonDataError { message, .. }) if message.contains("unknown variant `stopped`") => {
                    sleep(Duration::from_millis(20)).await;
                }
                response => return response,
            }
        }
    };
    timeout(TEST_TIMEOUT, polling).await.expect("Podman did not clean up")
}

/// Podman sends it between create and start, and after the end.
fn is_only_podmans(event: &LabEvent) -> bool {
    event.kind == "container" && matches!(event.action.as_str(), "init" | "cleanup")
}

/// A shortened message of the event stream.
pub(crate) fn to_event(event: bollard::models::EventMessage) -> LabEvent {
    let actor = event.actor.unwrap();
    LabEvent {
        kind: event.typ.unwrap().to_string(),
        action: in_dockers_words(event.action.unwrap()),
        id: actor.id.unwrap(),
        attributes: actor.attributes.unwrap(),
        time: event.time.unwrap(),
        time_nano: event.time_nano.unwrap(),
    }
}

fn in_dockers_words(action: String) -> String {
    if action == "remove" { "destroy".to_owned() } else { action }
}

/// The actions of a story with their main attribute, as in `kill 15` and `die 7`.
pub(crate) fn actions(story: &[LabEvent]) -> Vec<String> {
    let brief = |event: &LabEvent| match event.attributes.get("signal").or_else(|| event.attributes.get("exitCode")) {
        Some(more) => format!("{} {more}", event.action),
        None => event.action.clone(),
    };
    story.iter().map(brief).collect()
}
