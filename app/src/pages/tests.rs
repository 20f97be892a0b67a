//! Pages as rendered by the server: for browsers without JavaScript, search engines and the first
//! paint.

use crate::prelude::*;
use crate::{
    app::App,
    client::{PageData, PageDataSource, PageSettings},
    model::{Container, ContainerState, Engine, EngineHop, EngineLink, EngineName, EngineProblem, StatsSource},
    page_request::{PageRequest, ShowStyleguide},
    protocol::Snapshot,
    samples::{container, snapshot, stats},
};
use leptos_meta::ServerMetaContext;
use leptos_router::location::RequestUrl;
use std::sync::Arc;

/// A snapshot: web-1 runs at 12.3 % CPU and 64 MiB of 1 GiB; db was killed.
fn harbour() -> Snapshot {
    let web = container(1, "web-1", ContainerState::Running);
    let db = Container {
        exit_code: Some(137),
        ports: Vec::new(),
        labels: [("com.docker.compose.project".to_owned(), "shop".to_owned())].into_iter().collect(),
        ..container(2, "db", ContainerState::Exited)
    };
    let numbers = vec![stats(&web, Some(12.34), Some(64 << 20))];
    snapshot(vec![web, db], numbers)
}

fn rendered(address: &str, snapshot: &Snapshot, actions_allowed: bool) -> String {
    Owner::new().with(|| rendered_here(address, snapshot, PageSettings { actions_allowed, ..PageSettings::default() }))
}

/// Renders with the contexts of the current owner.
fn rendered_here(address: &str, snapshot: &Snapshot, settings: PageSettings) -> String {
    provide_request(address, snapshot, settings);
    view! { <App /> }.to_html()
}

/// Provides the contexts that the server provides for a page.
fn provide_request(address: &str, snapshot: &Snapshot, settings: PageSettings) {
    let data = PageData { snapshot: snapshot.clone(), settings };
    let (meta, _output) = ServerMetaContext::new();
    provide_context(meta);
    provide_context(RequestUrl::new(address));
    provide_context(PageRequest::from_headers(Some("quay.example:3000"), None));
    provide_context(PageDataSource(Arc::new(move || data.clone())));
}

/// The markup of one container's element, up to the element of the next container.
fn element_of<'a>(html: &'a str, container: &Container) -> &'a str {
    let mark = format!("data-container-id=\"{}\"", container.id);
    let (_, after) = html.split_once(&mark).unwrap_or_default();
    after.split_once("data-container-id").map_or(after, |(element, _)| element)
}

#[test]
fn a_rendered_page_can_be_dropped_on_another_thread() {
    let harbour = harbour();
    let one = format!("/containers/{}", harbour.containers[0].id);
    let logs = format!("{one}/logs");
    for address in
        ["/containers", "/containers?view=table", "/events", "/logs", "/realtime-test", "/nowhere", &one, &logs]
    {
        let owner = Owner::new();
        // Like the server: the page is streamed, its signals belong to the owner, and any thread
        // may drop both.
        let stream = owner.with(|| {
            provide_request(address, &harbour, PageSettings::default());
            view! { <App /> }.to_html_stream_in_order()
        });
        let ended = std::thread::spawn(move || drop((stream, owner.cleanup()))).join();
        assert!(ended.is_ok(), "{address} is bound to its thread");
    }
}

#[test]
fn each_view_has_one_element_per_container_with_its_state() {
    let harbour = harbour();
    for address in ["/containers", "/containers?view=table", "/containers?view=mosaic"] {
        let html = rendered(address, &harbour, false);
        assert_eq!(html.matches("data-container-id=").count(), 2, "{address}");
        for (container, state) in harbour.containers.iter().zip(["running", "exited"]) {
            assert!(element_of(&html, container).contains(&format!("data-state=\"{state}\"")), "{address}");
        }
        assert_eq!(html.contains("role=\"table\""), address.ends_with("table"), "{address}");
    }
}

#[test]
fn only_running_containers_have_meters() {
    let harbour = harbour();
    let html = rendered("/containers", &harbour, false);
    let running = element_of(&html, &harbour.containers[0]);
    for part in [
        "aria-label=\"CPU\"",
        "aria-valuenow=\"12.3\"",
        "aria-valuetext=\"12.3% of one core\"",
        "aria-label=\"Memory\"",
        "aria-valuenow=\"6.3\"",
        "aria-valuetext=\"64 MiB of 1 GiB (6.3%)\"",
        "href=\"http://quay.example:8001\"",
    ] {
        assert!(running.contains(part), "{part} in {running}");
    }
    let stopped = element_of(&html, &harbour.containers[1]);
    assert!(!stopped.contains("role=\"meter\""));
    assert!(stopped.contains("Stopped") && stopped.contains("(137)") && stopped.contains("killed (SIGKILL)"));
}

#[test]
fn the_address_filters_and_groups_the_list() {
    let html = rendered("/containers?q=web&state=running&sort=cpu&group=project&density=compact", &harbour(), false);
    assert_eq!(html.matches("data-container-id=").count(), 1);
    assert!(html.contains("No project"));
    assert!(html.contains("container-list--compact"));
    let nothing = rendered("/containers?q=submarine", &harbour(), false);
    assert!(nothing.contains("No matching containers"));
}

#[test]
fn names_are_escaped() {
    let sneaky = container(1, "<img src=x onerror=alert(1)>\"'&", ContainerState::Running);
    for address in ["/containers", "/containers?view=table"] {
        let html = rendered(address, &snapshot(vec![sneaky.clone()], Vec::new()), true);
        assert!(!html.contains("<img"), "{address}");
    }
}

#[test]
fn the_realtime_test_page_shows_the_source_of_the_stats() {
    let mut harbour = harbour();
    for (source, words) in
        [(Some(StatsSource::Files), "cgroup files"), (Some(StatsSource::Api), "Engine API"), (None, "–")]
    {
        harbour.engines[0].stats_source = source;
        let html = rendered("/realtime-test", &harbour, false);
        let (_, after) = html.split_once("Stats source").unwrap_or_default();
        let (value, _) = after.split_once("</dd>").unwrap_or_default();
        assert!(value.contains(words) && !value.contains("every"), "{words} in {value}");
    }
    harbour.engines[0].stats_interval_millis = Some(4_000);
    let html = rendered("/realtime-test", &harbour, false);
    assert!(html.contains(", every 4.0 s because sampling is slow"), "{html}");
}

#[test]
fn nothing_carries_an_inline_style() {
    let log = format!("/containers/{}/logs?q=x&wrap=1", harbour().containers[0].id);
    for address in ["/containers", "/containers?view=table", "/realtime-test", &log] {
        assert!(!rendered(address, &harbour(), true).contains(" style="), "{address}");
    }
}

#[test]
fn actions_are_shown_only_if_allowed() {
    let harbour = harbour();
    let html = rendered("/containers", &harbour, true);
    assert!(element_of(&html, &harbour.containers[0]).contains("aria-label=\"Stop web-1\""));
    assert!(element_of(&html, &harbour.containers[1]).contains("aria-label=\"Start db\""));
    assert!(!rendered("/containers", &harbour, false).contains("aria-label=\"Stop web-1\""));
}

#[test]
fn a_lost_engine_is_named_and_the_rows_stay() {
    let mut harbour = harbour();
    for engine in &mut harbour.engines {
        engine.link = EngineLink::Lost;
        engine.error = Some(EngineProblem {
            code: "connection_refused".to_owned(),
            message: "Connection refused.".to_owned(),
            hint: "Is dockerd running?".to_owned(),
        });
    }
    let html = rendered("/containers", &harbour, false);
    assert_eq!(html.matches("data-container-id=").count(), 2);
    for part in
        ["data-stale=\"true\"", "engine harbour is not responding", "Connection refused.", "Is dockerd running?"]
    {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn an_engine_that_never_responded_shows_no_counts() {
    let mut nothing = snapshot(Vec::new(), Vec::new());
    for engine in &mut nothing.engines {
        (engine.link, engine.version) = (EngineLink::Lost, None);
    }
    let html = rendered("/containers", &nothing, false);
    assert!(!html.contains("0 running") && !html.contains("last known state"));
    assert!(html.contains("appear as soon as it responds"));
    let empty = rendered("/containers", &snapshot(Vec::new(), Vec::new()), false);
    assert!(empty.contains("0 of 0 running"));
}

#[test]
fn missing_facts_are_shown_as_a_dash() {
    let harbour = harbour();
    let html = rendered(&format!("/containers/{}", harbour.containers[1].id), &harbour, false);
    let fact = |name: &str| {
        html.split_once(&format!(">{name}</dt>")).unwrap_or_default().1.get(..120).unwrap_or_default().to_owned()
    };
    assert!(fact("Published ports").contains('–') && fact("Project").contains("shop"), "{html}");
}

#[test]
fn every_page_has_one_status_and_its_own_heading() {
    let harbour = harbour();
    let id = harbour.containers[0].id;
    for (address, heading) in [
        ("/containers", "Containers"),
        (&format!("/containers/{id}"), "web-1"),
        (&format!("/containers/{id}/logs"), "Logs of web-1"),
        (&format!("/logs?ids={id},{}", harbour.containers[1].id), "Logs of web-1, db"),
        ("/logs", "Logs"),
        ("/containers/unknown/logs", "No such container"),
        ("/containers/unknown", "No such container"),
        ("/events", "Events"),
        ("/realtime-test", "Real-time test"),
        ("/nowhere", "Not found"),
    ] {
        let html = rendered(address, &harbour, false);
        assert_eq!(html.matches("role=\"status\"").count(), 1, "{address}");
        assert_eq!(html.matches("<h1").count(), 1, "{address}");
        assert!(html.contains(heading), "{address}");
    }
}

/// Two engines that each have a container with the same id and name; `b` has another one, and may
/// be lost.
fn two_engines(link: EngineLink) -> Snapshot {
    let name = |name| EngineName::new(name).unwrap_or_default();
    let on = |engine, container| Container { engine: name(engine), ..container };
    let web = || container(1, "web", ContainerState::Running);
    let mut two = snapshot(
        vec![on("a", web()), on("b", web()), on("b", container(2, "db", ContainerState::Running))],
        Vec::new(),
    );
    let engine = two.engines.remove(0);
    two.engines = ["a", "b"].map(|id| Engine { id: name(id), name: id.to_owned(), ..engine.clone() }).to_vec();
    two.engines[1].link = link;
    two
}

#[test]
fn with_several_engines_each_row_names_its_engine_and_links_with_it() {
    let two = two_engines(EngineLink::Lost);
    let name = &two.containers[0].name;
    for address in ["/containers", "/containers?view=table", "/containers?density=compact"] {
        let html = rendered(address, &two, false);
        assert_eq!(html.matches("class=\"engine-tag\"").count(), 3, "{address}");
        assert_eq!(html.matches(": connection lost since 09:30:00").count(), 2, "{address}");
        for engine in ["a", "b"] {
            assert!(html.contains(&format!("href=\"/engines/{engine}/containers/{name}\"")), "{address}");
        }
        assert!(html.contains("data-stale=\"false\"") && html.contains("href=\"/engines\""), "{address}");
        assert!(html.contains("engine b is not responding"), "{address}");
    }
    let one = rendered("/containers", &harbour(), false);
    assert!(!one.contains("engine-tag") && !one.contains("/engines") && !one.contains("container-place"));
}

#[test]
fn containers_are_found_and_grouped_by_engine() {
    let two = two_engines(EngineLink::Lost);
    assert_eq!(rendered("/containers?q=engine:b", &two, false).matches("data-container-id=").count(), 2);
    let html = rendered("/containers?group=engine", &two, false);
    assert!(html.contains(">a</bdi>") && html.contains(">b: connection lost since 09:30:00"), "{html}");
}

#[test]
fn an_address_by_name_leads_to_the_container_or_to_its_candidates() {
    let two = two_engines(EngineLink::Up);
    let id = two.containers[0].id;
    for (address, heading) in [
        ("/containers/db", ">db</h1>"),
        ("/containers/db/logs", ">Logs of db (b)</h1>"),
        ("/engines/a/containers/web", ">web</h1>"),
        (&format!("/engines/b/containers/{id}/logs"), ">Logs of web (b)</h1>"),
        ("/containers/web", ">Several containers: web</h1>"),
        ("/containers/web/logs", ">Several containers: web</h1>"),
        (&format!("/containers/{id}"), "Several containers"),
        ("/engines/a/containers/db", "No such container"),
        (&format!("/logs?ids=a/{id},b/{id}"), ">Logs of web (a), web (b)</h1>"),
    ] {
        let html = rendered(address, &two, false);
        assert!(html.contains(heading), "{address}: {html}");
        assert_eq!(html.matches("<h1").count(), 1, "{address}");
    }
    let html = rendered("/containers/web/logs", &two, false);
    assert!(html.contains("href=\"/engines/b/containers/web/logs\""), "{html}");
    let single = rendered("/containers/web-1", &harbour(), false);
    assert!(single.contains(">web-1</h1>") && !single.contains("engine-tag"));
}

#[test]
fn the_pages_of_the_engines_show_their_facts() {
    let mut two = two_engines(EngineLink::Lost);
    let failing = &mut two.engines[1];
    failing.error = Some(EngineProblem {
        code: "tls".to_owned(),
        message: "The certificate expired.".to_owned(),
        hint: "Renew it.".to_owned(),
    });
    failing.hop = Some(EngineHop::Tls);
    let all = rendered("/engines", &two, false);
    for part in
        ["1 of 2 connected", "Connection lost", "Fails at TLS: The certificate expired. Renew it.", "1 of 1", "2 of 2"]
    {
        assert!(all.contains(part), "{part} in {all}");
    }
    assert_eq!(all.matches("data-engine-name=").count(), 2);
    let one = rendered("/engines/b", &two, false);
    for part in [">b</h1>", "Renew it.", "28.5.2", "href=\"/containers?q=engine:b\"", "2 of 2"] {
        assert!(one.contains(part), "{part} in {one}");
    }
    assert!(rendered("/engines/c", &two, false).contains("No such engine"));
    assert!(rendered("/engines/b/elsewhere", &two, false).contains("Page not found"));
}

#[test]
fn an_empty_list_shows_how_to_start_a_container() {
    assert!(rendered("/containers", &snapshot(Vec::new(), Vec::new()), false).contains("docker run"));
}

#[test]
fn the_styleguide_is_rendered_only_if_enabled() {
    let harbour = harbour();
    let shown = Owner::new().with(|| {
        provide_context(ShowStyleguide);
        rendered_here("/styleguide", &harbour, PageSettings::default())
    });
    assert!(shown.contains("class=\"styleguide\""));
    assert!(rendered("/styleguide", &harbour, false).contains("Page not found"));
}
