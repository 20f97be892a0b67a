//! An entry: one thing that a user did or tried.

use crate::auth::Issuer;
use app::model::{ContainerId, EngineName, Timestamp};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, net::IpAddr};
use utoipa::ToSchema;

/// Limit for names that were typed and for messages from the engine.
const MAX_TEXT_LENGTH: usize = 256;
/// Maximum number of names in a folded entry.
const MAX_NAMES: usize = 8;

/// Result of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The action was carried out.
    Done,
    /// Not allowed.
    Denied,
    /// Allowed, and failed.
    Failed,
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditEntry)]
pub struct Entry {
    /// Time of the action; the first one if the entry stands for several.
    pub at: Timestamp,
    /// Name of the user, or the name that was given.
    pub who: String,
    /// Authentication method: `none`, `session`, `token`, `proxy`, `join` or `command`.
    #[schema(value_type = String)]
    pub means: Cow<'static, str>,
    /// Source of the name: the address of an OpenID provider, `local`, `token`, `proxy`, `join`,
    /// `command` or `none`.
    #[serde(default)]
    #[schema(required = true)]
    pub issuer: String,
    /// The provider's own id for the user. Names can be chosen; this cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub subject: Option<String>,
    /// Address of the client.
    #[schema(value_type = String)]
    pub from: IpAddr,
    /// The action: `start`, `remove`, `signIn`, `enrol` …
    pub action: String,
    /// Id of the container; omitted if the action concerns none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub container_id: Option<ContainerId>,
    /// Engine of the container; omitted if there is no container, or no engine has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub engine: Option<EngineName>,
    /// Name of the container; omitted if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub container_name: Option<String>,
    /// The object in a swarm: `service web`, `node web-1`; left out otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub target: Option<String>,
    /// Result of the action.
    pub result: Outcome,
    /// Reason for a failure, or details of the action; omitted if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<String>,
    /// Number of times within a minute; omitted if one.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub count: u64,
    /// Time of the last repetition, if there were several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_at: Option<Timestamp>,
    /// Names that were tried, if there were several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

const fn once() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_once(count: &u64) -> bool {
    *count == 1
}

impl Entry {
    /// A successful entry with the current time and no container.
    pub fn new(action: &str, who: &str, means: &'static str, from: IpAddr) -> Self {
        let issuer = if means == "session" { "local" } else { means };
        Self {
            at: crate::now(),
            who: short(who),
            means: means.into(),
            issuer: issuer.to_owned(),
            subject: None,
            from,
            action: action.to_owned(),
            container_id: None,
            engine: None,
            container_name: None,
            target: None,
            result: Outcome::Done,
            detail: None,
            count: 1,
            last_at: None,
            names: Vec::new(),
        }
    }

    /// Sets the issuer and the provider's id of the user.
    pub fn of(self, issuer: &Issuer) -> Self {
        Self { issuer: short(issuer.as_str()), subject: issuer.subject().map(short), ..self }
    }

    /// Sets the container, and its engine if it has one.
    pub fn to(self, engine: Option<EngineName>, id: ContainerId, name: Option<String>) -> Self {
        Self { engine, container_id: Some(id), container_name: name, ..self }
    }

    /// Sets the object in a swarm.
    pub fn on(self, target: &str) -> Self {
        Self { target: Some(short(target)), ..self }
    }

    /// Sets the result.
    pub fn ended(self, result: Outcome, detail: Option<&str>) -> Self {
        Self { result, detail: detail.map(short), ..self }
    }

    /// Sets the detail.
    pub fn because(self, detail: &str) -> Self {
        Self { detail: Some(short(detail)), ..self }
    }

    /// Folds a repetition into this entry; the name may differ.
    pub(super) fn fold(&mut self, again: Self) {
        self.count += 1;
        self.last_at = Some(again.at);
        self.detail = again.detail;
        if self.who != again.who && self.names.len() < MAX_NAMES && !self.names.contains(&again.who) {
            if self.names.is_empty() {
                self.names.push(self.who.clone());
            }
            self.names.push(again.who);
        }
    }

    /// True for the 1st, 10th, 100th … repetition, so that a flood does not fill the log.
    pub(super) fn is_to_be_logged(&self) -> bool {
        self.count == 10_u64.pow(self.count.ilog10())
    }
}

fn short(text: &str) -> String {
    text.chars().take(MAX_TEXT_LENGTH).collect()
}
