//! `quaylight doctor`: checks the requirements of Quaylight and prints how to meet them.

use super::{
    print_line,
    trial::{self, Finding, Target, Verdict},
};
use crate::{
    config::{Cli, Config, EngineSetting},
    engine::{self, EngineAddress, EngineClient, EngineError, ListRow, Permissions},
    far::link::{FarServer, FarSettings, Hub},
    openid::OpenId,
    process::{metrics::Metrics, usage},
    sampler::Files,
};
use app::model::ContainerId;
use std::process::ExitCode;

/// Recommended limit of open files: four per container for a thousand containers, and one per
/// viewer.
const RECOMMENDED_FILES: u64 = 8_192;

/// Prints findings and remembers whether one of them is a failure.
#[derive(Debug, Default)]
struct Report {
    is_bad: bool,
}

impl Report {
    fn take(&mut self, findings: Vec<Finding>) {
        for Finding { verdict, what, found } in findings {
            match verdict {
                Verdict::Good => self.ok(what, &found),
                Verdict::Note => self.note(what, &found),
                Verdict::Bad => self.bad(what, &found),
            }
        }
    }

    fn ok(&self, what: &str, found: &str) {
        print_line(&format!("ok    {what:<12} {found}"));
    }

    fn note(&self, what: &str, found: &str) {
        print_line(&format!("note  {what:<12} {found}"));
    }

    fn bad(&mut self, what: &str, found: &str) {
        self.is_bad = true;
        print_line(&format!("error {what:<12} {found}"));
    }
}

pub(super) async fn doctor(cli: &Cli) -> anyhow::Result<ExitCode> {
    let (config, mut report) = (&cli.config, Report::default());
    let place = trial::place(cli);
    report.take(place.findings);
    let (found, signs_in) = trial::start(cli, place.is_as_service).await;
    report.take(found);
    openid(config, &mut report).await;
    let permissions = Permissions::new(config.allow_actions || signs_in);
    // The startup's check has reported the error.
    for (name, address) in trial::engine_addresses(cli).unwrap_or_default() {
        if let Some(name) = name.filter(|_| config.engines().is_ok_and(|engines| engines.len() > 1)) {
            report.note("engine", &format!("{name}:"));
        }
        match address {
            Ok(Some(Target::Quaylight(settings))) => far(settings, &mut report).await,
            // The startup's check has reported it.
            Ok(Some(Target::Join(_))) => {}
            Ok(None) if config.engines().is_ok_and(|engines| engines.iter().flatten().all(EngineSetting::is_joins)) => {
            }
            Ok(Some(Target::Engine(address))) => engine(&address, &permissions, place.is_as_service, &mut report).await,
            Ok(None) => report.note("engine", "the demo engine, which has no requirements"),
            Err(error) => report.bad("engine", &error),
        }
    }
    hub(config, &mut report).await;
    limits(cli, &report);
    proxies(&permissions);
    Ok(if report.is_bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Checks that discovery of the OpenID provider succeeds.
async fn openid(config: &Config, report: &mut Report) {
    match OpenId::from_config(&config.access) {
        Ok(None) => {}
        Ok(Some(provider)) => match provider.check().await {
            Ok(()) => report.ok("openid", &format!("{} responds", provider.issuer())),
            Err(error) => report.bad("openid", &error.reason()),
        },
        // Reported by the checks of the startup.
        Err(_) => {}
    }
}

/// Checks that the server that this one joins responds.
async fn hub(config: &Config, report: &mut Report) {
    let Some(address) = config.join.join.clone() else { return };
    let hub = Hub::new(address, config.join.join_ca.clone());
    match hub.check().await {
        Ok(()) => report.ok("join", &format!("{} responds", hub.address())),
        Err(error) => {
            let problem = error.join_problem();
            report.bad("join", &format!("{}: {} {}", hub.address(), problem.message, problem.hint));
        }
    }
}

/// Checks that another Quaylight responds and accepts the token.
async fn far(settings: FarSettings, report: &mut Report) {
    let server = FarServer::new(settings);
    match server.get_json::<serde_json::Value>("/api/engines").await {
        Ok(_) => report.ok("engine", &format!("another Quaylight at {}", server.endpoint())),
        Err(error) => {
            let problem = error.problem();
            report.bad("engine", &format!("{}: {} {}", server.endpoint(), problem.message, problem.hint));
        }
    }
}

async fn engine(address: &EngineAddress, permissions: &Permissions, is_as_service: bool, report: &mut Report) {
    let connected = EngineClient::connect(address, permissions.clone(), Metrics::default()).await;
    let (client, facts) = match connected {
        Ok(connected) => connected,
        Err(error) => {
            let problem = error.problem();
            if matches!(error, EngineError::PermissionDenied) && !is_as_service {
                let problem =
                    "this user may not open it, but the service's user may be able to; run this command as root";
                report.note("engine", &format!("{address}: {problem}"));
                return;
            }
            report.bad("engine", &format!("{address}: {} {}", problem.message, problem.hint));
            return;
        }
    };
    for certificate in engine::expiring_certificates(address) {
        report.note("certificates", &certificate);
    }
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "?".to_owned());
    let (version, api) = (or_unknown(facts.version), or_unknown(facts.api_version));
    report.ok("engine", &format!("{version} (API {api}) at {address}"));
    if facts.memory_total.is_none() {
        report.note(
            "call",
            "GET /info is denied, so the host's CPUs and memory are unknown (allow it in a socket proxy with INFO=1)",
        );
    }
    let listed = match client.list().await {
        Ok(listing) => listing.rows,
        Err(error) => {
            report
                .bad("call", &format!("GET /containers/json: {error} (allow it in a socket proxy with CONTAINERS=1)"));
            return;
        }
    };
    report.ok("list", &format!("{} containers", listed.len()));
    one(&client, &listed, address, report).await;
    if permissions.calls().any(|call| call.method == "POST") {
        actions(&client, report).await;
    }
}

/// Tests the calls that concern a single container.
async fn one(client: &EngineClient, listed: &[ListRow], address: &EngineAddress, report: &mut Report) {
    let runs = |each: &&ListRow| each.state.is_some_and(app::model::ContainerState::has_processes);
    let Some(container) = listed.iter().find(runs).or_else(|| listed.first()) else {
        report.note("call", "the calls for a single container were not tested, because there are no containers");
        return;
    };
    let id = container.id;
    let inspected = client.inspect(id).await;
    report_call(report, "GET /containers/{}/json", inspected.as_ref().err(), true);
    let is_running = runs(&container);
    if is_running {
        report_call(report, "GET /containers/{}/stats", client.counters(id).await.err().as_ref(), false);
        report_call(
            report,
            "GET /containers/{}/top",
            client.top(id, &crate::details::columns()).await.err().as_ref(),
            false,
        );
    }
    report_call(report, "GET /containers/{}/logs", client.can_read_logs(id).await.err().as_ref(), false);
    if let (true, Ok(inspected)) = (is_running && address.may_be_this_host(), inspected) {
        numbers(id, inspected, report);
    }
}

/// Tests that the engine, or a proxy in front of it, accepts the actions that proxies allow
/// separately. The requests name a container that does not exist.
async fn actions(client: &EngineClient, report: &Report) {
    let missing = ContainerId::from_bytes([0; 32]);
    let results = [
        ("start", client.start(missing).await),
        ("stop", client.stop(missing, None, None).await),
        ("restart", client.restart(missing, None, None).await),
        ("pause", client.pause(missing).await),
    ];
    for (action, result) in results {
        let call = format!("POST /containers/{{}}/{action}");
        match result {
            Err(error) if !error.is_no_such_container() => {
                report.note("call", &format!("{call}: {error} (allow actions in a socket proxy with POST=1)"));
            }
            _ => report.ok("call", &call),
        }
    }
}

fn report_call(report: &mut Report, call: &str, error: Option<&EngineError>, is_needed: bool) {
    match error {
        None => report.ok("call", call),
        Some(error) if is_needed => report.bad("call", &format!("{call}: {error}")),
        Some(error) => report.note("call", &format!("{call}: {error}")),
    }
}

fn numbers(id: ContainerId, inspected: engine::convert::Inspected, report: &Report) {
    let mut runs = crate::engine::Runs::default();
    runs.insert(id, inspected.run, inspected.network);
    match Files::here(None).counters(id, &runs) {
        Some(_) => report.ok("numbers", "from the kernel's files, at about 1/20 of the cost of the Engine API"),
        None => report.note(
            "numbers",
            "from the Engine API, because the processes and cgroups of the containers are not visible to this process. In a container, add \
             --pid host --cgroupns host -v /sys/fs/cgroup:/host/sys/fs/cgroup:ro",
        ),
    }
}

/// Checks the limit of open files of the service, or of a server started like this command.
fn limits(cli: &Cli, report: &Report) {
    let service = cli.installed.as_ref().and_then(|installed| installed.service.as_ref());
    let (limit, whose, solution) = match service {
        Some(service) => (service.max_open_files(), "of the service (LimitNOFILE=)", "LimitNOFILE= of the unit"),
        None => (usage::max_open_files(), "of this process", "ulimit -n"),
    };
    match limit {
        Some(count) if count < RECOMMENDED_FILES => report
            .note("files", &format!("limit of {count} {whose}; raise it for many containers or viewers ({solution})")),
        Some(u64::MAX) => report.ok("files", &format!("no limit {whose}")),
        Some(count) => report.ok("files", &format!("limit of {count} {whose}")),
        None if service.is_some() => {
            report.ok("files", "the unit has no LimitNOFILE=, so systemd's own limit applies");
        }
        None => {}
    }
    report.note("proxy", "open /realtime-test in a browser to check whether a reverse proxy delays the stream");
}

fn proxies(permissions: &Permissions) {
    print_line("\nEngine API calls that Quaylight makes:");
    for call in permissions.calls() {
        let without = call.without.map(|missing| format!("  (without it: {missing})")).unwrap_or_default();
        print_line(&format!("  {:<6} {}{without}", call.method, call.path));
    }
    let switches: Vec<_> = permissions.switches().iter().map(|switch| format!("{switch}=1")).collect();
    print_line(&format!("For a socket proxy: {}", switches.join(" ")));
    let swarm: Vec<_> = permissions.swarm_switches().iter().map(|switch| format!("{switch}=1")).collect();
    print_line(&format!("For the proxy of a manager of a swarm, also: {}", swarm.join(" ")));
}
