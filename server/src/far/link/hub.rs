//! Requests of a server that joins another one, the hub: it accepts an invitation, and opens the
//! connection on which the hub then sends its requests.

use super::{
    FarAddress, FarError,
    server::{PRODUCT, read_whole, refusal},
    tls::{Connector, connector},
};
use crate::auth::Digest;
use app::model::{EngineHop, EngineName};
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode, header, request};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    body::Incoming,
    upgrade::{self, Upgraded},
};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde::{Deserialize, Serialize};
use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::timeout;

/// Path of the connection.
pub const JOIN_PATH: &str = "/api/join";
/// Path of the acceptance.
pub const ENROL_PATH: &str = "/api/join/enrol";
/// Protocol of the connection, in the header `Upgrade`. Proxies pass on any name, as for WebSockets.
pub const PROTOCOL: &str = "quaylight-join";
/// Header with the version of the server, in both directions.
pub const VERSION_HEADER: HeaderName = HeaderName::from_static("quaylight-version");
/// Timeout for the head of a response, with the connection.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The server to join.
#[derive(Debug)]
pub struct Hub {
    address: FarAddress,
    /// Certificates of the authorities that may have signed its certificate; the system's if not set.
    authority: Option<PathBuf>,
    /// Reading the certificates takes long, so it is kept until they fail.
    connector: Mutex<Option<Connector>>,
}

/// An open connection.
#[derive(Debug)]
pub struct Opened {
    /// The connection, on which the hub sends requests.
    pub connection: Upgraded,
    /// Version of the hub.
    pub version: Option<String>,
}

/// Body of the acceptance of an invitation.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Enrolment {
    /// SHA-256 of the key that the server has chosen, as 64 hexadecimal digits.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
    pub key_digest: Digest,
}

/// Response to it.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Enrolled {
    /// Name of the server's engine at the hub.
    pub name: EngineName,
}

impl Hub {
    /// Sends nothing yet.
    pub fn new(address: FarAddress, authority: Option<PathBuf>) -> Self {
        Self { address, authority, connector: Mutex::default() }
    }

    /// Its address.
    pub fn address(&self) -> &FarAddress {
        &self.address
    }

    /// Checks that it responds.
    ///
    /// # Errors
    /// The reason why it does not.
    pub async fn check(&self) -> Result<(), FarError> {
        let request = Request::get(self.address.at("/healthz"));
        let response = self.send(request, Bytes::new()).await?;
        if response.status().is_success() { Ok(()) } else { Err(refusal(response).await) }
    }

    /// Accepts an invitation with the digest of a key; returns the name of this server's engine
    /// there.
    ///
    /// # Errors
    /// When it refuses or does not respond.
    pub async fn enrol(&self, invitation: &str, key: Digest) -> Result<EngineName, FarError> {
        let body = serde_json::to_vec(&Enrolment { key_digest: key }).unwrap_or_default();
        let request = Request::post(self.address.at(ENROL_PATH))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, bearer(invitation)?);
        let response = self.send(request, body.into()).await?;
        if !response.status().is_success() {
            return Err(refusal(response).await);
        }
        let body = read_whole(response).await?;
        let enrolled: Enrolled = serde_json::from_slice(&body).map_err(|_| unexpected())?;
        Ok(enrolled.name)
    }

    /// Opens the connection.
    ///
    /// # Errors
    /// When it refuses the key or does not respond.
    pub async fn join(&self, key: &str) -> Result<Opened, FarError> {
        let request = Request::get(self.address.at(JOIN_PATH))
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, PROTOCOL)
            .header(header::AUTHORIZATION, bearer(key)?);
        let response = self.send(request, Bytes::new()).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let is_success = response.status().is_success();
            return Err(if is_success { unexpected() } else { refusal(response).await });
        }
        let version = response.headers().get(VERSION_HEADER).and_then(|version| version.to_str().ok());
        let version = version.map(str::to_owned);
        let connection = timeout(TIMEOUT, upgrade::on(response)).await;
        let connection = connection.map_err(|_| FarError::Timeout(TIMEOUT, EngineHop::Http))??;
        Ok(Opened { connection, version })
    }

    /// Reads the certificates again, after an error of TLS.
    pub fn reset(&self, error: &FarError) {
        if error.hop() == EngineHop::Tls {
            *self.connector.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    async fn send(&self, request: request::Builder, body: Bytes) -> Result<Response<Incoming>, FarError> {
        let request = request
            .header(header::USER_AGENT, PRODUCT)
            .header(VERSION_HEADER, env!("CARGO_PKG_VERSION"))
            .body(Full::new(body))
            .map_err(|error| FarError::InvalidResponse(format!("bad request: {error}")))?;
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(self.connector()?);
        let response = timeout(TIMEOUT, client.request(request)).await;
        Ok(response.map_err(|_| FarError::Timeout(TIMEOUT, EngineHop::Connect))??)
    }

    fn connector(&self) -> Result<Connector, FarError> {
        let mut kept = self.connector.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(connector) => Ok(connector.clone()),
            None => {
                let read = connector(self.authority.as_deref()).map_err(FarError::certificates)?;
                Ok(kept.insert(read).clone())
            }
        }
    }
}

fn bearer(secret: &str) -> Result<HeaderValue, FarError> {
    let value = HeaderValue::from_str(&format!("Bearer {secret}"));
    let mut value = value.map_err(|_| FarError::Token("the token has characters that no token has".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn unexpected() -> FarError {
    FarError::InvalidResponse("no Quaylight that servers can join responds at this address".to_owned())
}
