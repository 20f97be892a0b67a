//! HTTP client for the provider: trusts the system's certificates, follows no redirects, has
//! timeouts.

use super::chain;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use std::{future::Future, io, pin::Pin, sync::OnceLock, time::Duration};
use tokio::time::timeout;

/// Timeout for a request. Providers respond within a second.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum length of a response; keys and metadata have some 20 kB.
const MAX_BODY_BYTES: usize = 1024 * 1024;

type HttpClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Sends requests to the provider.
#[derive(Debug)]
pub(super) struct Requests {
    /// True if http is refused, also for URLs from the provider's metadata.
    is_https_only: bool,
    /// HTTP client. The certificates are read at the first request.
    client: OnceLock<HttpClient>,
}

/// Error of a request.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct RequestError(String);

impl Requests {
    pub(super) fn new(is_https_only: bool) -> Self {
        Self { is_https_only, client: OnceLock::new() }
    }

    fn client(&self) -> io::Result<&HttpClient> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let tls = HttpsConnectorBuilder::new().with_native_roots()?;
        let schemes = if self.is_https_only { tls.https_only() } else { tls.https_or_http() };
        // Sign-ins are rare: no connection is kept.
        let mut builder = Client::builder(TokioExecutor::new());
        let client = builder.pool_max_idle_per_host(0).build(schemes.enable_http1().build());
        Ok(self.client.get_or_init(|| client))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, RequestError> {
        let address = request.uri().to_string();
        let failed = |reason: String| RequestError(format!("{address}: {reason}"));
        let client = self.client().map_err(|error| failed(format!("no certificates to trust: {error}")))?;
        let response = async {
            let response = client.request(request.map(|body| Full::new(Bytes::from(body)))).await;
            let (parts, body) = response.map_err(|error| chain(&error))?.into_parts();
            let body = Limited::new(body, MAX_BODY_BYTES).collect().await.map_err(|error| chain(error.as_ref()))?;
            Ok(HttpResponse::from_parts(parts, body.to_bytes().to_vec()))
        };
        let late = || format!("no response within {} s", REQUEST_TIMEOUT.as_secs());
        timeout(REQUEST_TIMEOUT, response).await.unwrap_or_else(|_| Err(late())).map_err(failed)
    }
}

impl<'c> AsyncHttpClient<'c> for Requests {
    type Error = RequestError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, RequestError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
