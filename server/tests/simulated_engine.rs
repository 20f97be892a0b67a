//! The server through its outer edge, with the simulated engine behind it: a real listener, real HTTP, real bollard.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs, reason = "tests")]

#[path = "simulated/actions.rs"]
mod actions;
#[path = "simulated/bad_answers.rs"]
mod bad_answers;
#[path = "simulated/base_path.rs"]
mod base_path;
#[path = "simulated/capacity.rs"]
mod capacity;
#[path = "simulated/check_config.rs"]
mod check_config;
#[path = "simulated/churn.rs"]
mod churn;
#[path = "simulated/clock.rs"]
mod clock;
#[path = "simulated/commands.rs"]
mod commands;
#[path = "simulated/compact.rs"]
mod compact;
#[path = "simulated/container.rs"]
mod container;
#[path = "simulated/container_metrics.rs"]
mod container_metrics;
#[path = "simulated/crowd.rs"]
mod crowd;
#[path = "simulated/diagnosis.rs"]
mod diagnosis;
#[path = "simulated/economy.rs"]
mod economy;
#[path = "simulated/endpoints.rs"]
mod endpoints;
#[path = "simulated/events.rs"]
mod events;
#[path = "simulated/events_memory.rs"]
mod events_memory;
#[path = "simulated/guard.rs"]
mod guard;
#[path = "simulated/hardening.rs"]
mod hardening;
#[path = "simulated/healing.rs"]
mod healing;
#[path = "simulated/history.rs"]
mod history;
#[path = "simulated/hostile.rs"]
mod hostile;
#[path = "simulated/isolation.rs"]
mod isolation;
#[path = "simulated/killed.rs"]
mod killed;
#[path = "simulated/link.rs"]
mod link;
#[path = "simulated/logs.rs"]
mod logs;
#[path = "simulated/logs_download.rs"]
mod logs_download;
#[path = "simulated/logs_ends.rs"]
mod logs_ends;
#[path = "simulated/logs_merged.rs"]
mod logs_merged;
#[path = "simulated/metrics.rs"]
mod metrics;
#[path = "simulated/numbers.rs"]
mod numbers;
#[path = "simulated/overrun.rs"]
mod overrun;
#[path = "simulated/permissions.rs"]
mod permissions;
#[path = "simulated/ports_and_images.rs"]
mod ports_and_images;
#[path = "simulated/prometheus.rs"]
mod prometheus;
#[path = "simulated/proxy.rs"]
mod proxy;
#[path = "simulated/refusals.rs"]
mod refusals;
#[path = "simulated/scopes.rs"]
mod scopes;
#[path = "simulated/sessions.rs"]
mod sessions;
#[path = "simulated/shares.rs"]
mod shares;
#[path = "simulated/sign_in.rs"]
mod sign_in;
#[path = "simulated/sign_in_cookies.rs"]
mod sign_in_cookies;
#[path = "simulated/sign_in_flood.rs"]
mod sign_in_flood;
#[path = "simulated/sign_in_proxied.rs"]
mod sign_in_proxied;
#[path = "simulated/sources.rs"]
mod sources;
#[path = "simulated/startup.rs"]
mod startup;
#[path = "simulated/stream.rs"]
mod stream;
#[path = "simulated/supervision.rs"]
mod supervision;
mod support;
