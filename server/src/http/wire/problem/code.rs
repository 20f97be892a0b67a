//! Stable codes of problems: one list for the handlers, the OpenAPI document and the table in
//! `docs/API.md`.

use axum::http::StatusCode;
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr,
        schema::{Schema, Type},
    },
};

macro_rules! codes {
    ($($name:ident $code:literal $status:ident: $meaning:literal,)+) => {
        /// Stable code of a problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ProblemCode {
            $(#[doc = $meaning] $name,)+
        }

        impl ProblemCode {
            /// All codes, ordered by status.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The code in responses.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// Default status; see [`Self::statuses`].
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),+ }
            }

            /// Description in one sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),+ }
            }
        }
    };
}

codes! {
    BadId "bad_id" BAD_REQUEST: "A container id is not 64 hexadecimal digits.",
    Malformed "malformed" BAD_REQUEST: "The body or a parameter is invalid, or the body is too large (413).",
    BadQuery "bad_query" BAD_REQUEST: "A query parameter is invalid.",
    BadWindow "bad_window" BAD_REQUEST: "The window is not a duration of at most 6 h.",
    SignInNeeded "sign_in_needed" UNAUTHORIZED: "The request has no valid token and no session.",
    ReadOnly "read_only" FORBIDDEN: "The server was started without --allow-actions.",
    Role "role" FORBIDDEN: "The role of the user or token does not allow this.",
    NoRole "no_role" FORBIDDEN: "The proxy authenticated a user whose groups have no role.",
    CrossSite "cross_site" FORBIDDEN: "A page of another site sent the request.",
    NoEngine "no_engine" NOT_FOUND: "No engine has this name.",
    NoSuchContainer "no_such_container" NOT_FOUND: "No container has this id, or the user may not see it.",
    NoSuchCluster "no_such_cluster" NOT_FOUND: "No swarm with a manager among the engines has this id.",
    NoSuchService "no_such_service" NOT_FOUND: "No service of the swarm has this id, or the user may not see it.",
    NoSuchNode "no_such_node" NOT_FOUND: "No node of the swarm has this id.",
    NoSuchRoute "no_such_route" NOT_FOUND: "Nothing is served at this path.",
    WrongMethod "wrong_method" METHOD_NOT_ALLOWED: "The path does not support this method.",
    Ambiguous "ambiguous" CONFLICT: "Several engines have a container with this id; the hint lists them.",
    NotScalable "not_scalable" CONFLICT: "The service has no number of replicas, such as a global one.",
    Refused "refused" CONFLICT: "The engine refused; its message is in `detail`.",
    LogsUnreadable "logs_unreadable" CONFLICT: "The engine cannot read the log of this container.",
    AddressTooLong "address_too_long" URI_TOO_LONG: "The path and query together are longer than 16 KiB.",
    HostNotAllowed "host_not_allowed" MISDIRECTED_REQUEST: "The server does not serve the requested host.",
    UpgradeNeeded "upgrade_needed" UPGRADE_REQUIRED: "The path needs a connection that changes its protocol; a proxy may have removed the header.",
    TooMany "too_many" TOO_MANY_REQUESTS: "A limit has been reached: on open log or diagnostic streams, or on wrong keys of servers that join.",
    ActionFailed "action_failed" INTERNAL_SERVER_ERROR: "The server failed to run the action.",
    MetricsFailed "metrics_failed" INTERNAL_SERVER_ERROR: "The metrics could not be encoded.",
    InternalError "internal_error" INTERNAL_SERVER_ERROR: "The server failed to handle the request.",
    EngineLost "engine_lost" SERVICE_UNAVAILABLE: "The engine does not respond; `engineCode` says why.",
    TaskFailed "task_failed" SERVICE_UNAVAILABLE: "A task of the server has ended unexpectedly; the server is about to exit.",
    EngineConnecting "engine_connecting" SERVICE_UNAVAILABLE: "The engine has not responded yet.",
}

impl ProblemCode {
    /// Every status that is sent with this code.
    pub fn statuses(self) -> Vec<StatusCode> {
        let other = match self {
            Self::Malformed => Some(StatusCode::PAYLOAD_TOO_LARGE),
            _ => None,
        };
        std::iter::once(self.status()).chain(other).collect()
    }
}

impl Serialize for ProblemCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl PartialSchema for ProblemCode {
    fn schema() -> RefOr<Schema> {
        let meanings = Self::ALL.iter().map(|code| format!("`{}`: {}", code.as_str(), code.meaning()));
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(format!("Stable code of a problem. {}", meanings.collect::<Vec<_>>().join(" "))))
            .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
            .into()
    }
}

impl ToSchema for ProblemCode {}
