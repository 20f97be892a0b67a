//! The part of a `create` body that only inspect shows.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::engine::extras::{Extras, Ulimit};

/// Fields of the body itself; `null` counts as absent.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ExtrasOfConfig {
    hostname: Option<String>,
    user: Option<String>,
    working_dir: Option<String>,
}

/// Fields of the body's `HostConfig`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ExtrasOfHost {
    cpu_shares: Option<u64>,
    pids_limit: Option<i64>,
    ulimits: Option<Vec<Limit>>,
    log_config: Option<LogConfig>,
    tmpfs: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Limit {
    name: String,
    soft: i64,
    hard: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct LogConfig {
    #[serde(rename = "Type")]
    driver: Option<String>,
    config: Option<BTreeMap<String, String>>,
}

pub(super) fn extras(config: ExtrasOfConfig, host: ExtrasOfHost, entrypoint_words: usize) -> Extras {
    let log = host.log_config.unwrap_or_default();
    let ulimit = |Limit { name, soft, hard }| Ulimit { name, soft, hard };
    Extras {
        hostname: config.hostname.unwrap_or_default(),
        user: config.user.unwrap_or_default(),
        working_dir: config.working_dir.unwrap_or_default(),
        entrypoint_words,
        cpu_shares: host.cpu_shares.unwrap_or_default(),
        // 0 and -1 mean no limit.
        pids_limit: host.pids_limit.filter(|limit| *limit > 0),
        ulimits: host.ulimits.unwrap_or_default().into_iter().map(ulimit).collect(),
        log_driver: log.driver.unwrap_or_default(),
        log_options: log.config.unwrap_or_default(),
        tmpfs: host.tmpfs.unwrap_or_default(),
    }
}
