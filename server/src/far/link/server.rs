//! Sends requests to another Quaylight server: on connections of its own, or on the one with which
//! that server has joined. Clones share its connections.

use super::{
    FarAddress, FarError, JoinedLink,
    error::shortened,
    event_stream::EventStream,
    tls::{Connector, connector},
    token,
};
use app::model::{EngineHop, EngineName, EngineProblem};
use axum::http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;
use tower::Service as _;

/// Maximum length of a response that is read as a whole.
const MAX_BODY_BYTES: usize = 4 << 20;
/// Timeout for the headers of a response that an engine need not work for.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(8);
/// Timeout for a connection that only shows whether the host responds.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);
/// Sent as `User-Agent`.
pub(super) const PRODUCT: &str = concat!("quaylight/", env!("CARGO_PKG_VERSION"));

/// Settings of an engine that another Quaylight server watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FarSettings {
    /// Address of the server.
    pub address: FarAddress,
    /// File with an API token of the server; not needed if that server requires no sign-in.
    pub token_file: Option<PathBuf>,
    /// File with the certificate authorities that may have signed the server's certificate; the
    /// system's if not set.
    pub authority: Option<PathBuf>,
}

/// Another Quaylight server, and the engine that it watches.
#[derive(Debug, Clone)]
pub struct FarServer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    way: Way,
    /// Name of the engine on the other server, from the settings.
    wanted: Option<String>,
    /// Name of the engine on the other server while that responds; otherwise the reason.
    reach: Mutex<Result<EngineName, EngineProblem>>,
    /// Cancelled when the engine is no longer watched.
    closed: CancellationToken,
}

/// Direction in which the connection is opened.
#[derive(Debug)]
enum Way {
    /// This server opens connections.
    Dialled(Box<Dialled>),
    /// That server has opened one.
    Joined(JoinedLink),
}

/// Connections that this server opens.
#[derive(Debug)]
struct Dialled {
    settings: FarSettings,
    /// Connector for new connections. Reading the certificates takes long, so it is kept until a
    /// connection fails.
    connector: Mutex<Option<Connector>>,
    connection: Mutex<Option<Connection>>,
}

/// Connections with the same token.
#[derive(Debug, Clone)]
struct Connection {
    client: Client<Connector, Full<Bytes>>,
    authorization: Option<HeaderValue>,
}

/// Fields of a problem document that are shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ProblemText {
    code: String,
    detail: String,
    hint: String,
    engine_code: Option<String>,
}

impl FarServer {
    /// Creates a server to connect to, without sending a request.
    pub fn new(settings: FarSettings) -> Self {
        let wanted = settings.address.engine().map(str::to_owned);
        let (connector, connection) = (Mutex::default(), Mutex::default());
        Self::reached_by(Way::Dialled(Box::new(Dialled { settings, connector, connection })), wanted)
    }

    /// A server that connects by itself. `wanted`: name of the engine there, if it has several.
    pub fn joined(link: JoinedLink, wanted: Option<String>) -> Self {
        Self::reached_by(Way::Joined(link), wanted)
    }

    fn reached_by(way: Way, wanted: Option<String>) -> Self {
        let connecting = EngineProblem {
            code: "connecting".to_owned(),
            message: "The other Quaylight has not responded yet.".to_owned(),
            hint: "Try again in a moment.".to_owned(),
        };
        Self(Arc::new(Shared { way, wanted, reach: Mutex::new(Err(connecting)), closed: CancellationToken::new() }))
    }

    /// Its address, for people.
    pub fn endpoint(&self) -> String {
        match &self.0.way {
            Way::Dialled(dialled) => dialled.settings.address.to_string(),
            Way::Joined(link) => format!("join:{}", link.host()),
        }
    }

    /// Name of the engine on the other server, from the settings; needed only if there are several.
    pub fn wanted_engine(&self) -> Option<&str> {
        self.0.wanted.as_deref()
    }

    /// Name of the engine on the other server.
    ///
    /// # Errors
    /// The reason, while the server does not respond.
    pub fn engine(&self) -> Result<EngineName, EngineProblem> {
        lock(&self.0.reach).clone()
    }

    /// Sets the result of [`Self::engine`].
    pub fn set_reach(&self, reach: Result<EngineName, EngineProblem>) {
        *lock(&self.0.reach) = reach;
    }

    /// Ends waiting for this server, because the engine is no longer watched.
    pub fn close(&self) {
        self.0.closed.cancel();
    }

    /// Waits for [`Self::close`].
    pub async fn closed(&self) {
        self.0.closed.cancelled().await;
    }

    /// Closes idle connections, and reads the token again with the next request; after an error of
    /// TLS, the certificates, too.
    pub fn reset(&self, error: &FarError) {
        let Way::Dialled(dialled) = &self.0.way else { return };
        *lock(&dialled.connection) = None;
        if error.hop() == EngineHop::Tls {
            *lock(&dialled.connector) = None;
        }
    }

    /// Waits for a server that connects by itself. Returns at once, with false, if it is connected
    /// or this server connects to it.
    pub async fn until_connected(&self) -> bool {
        match &self.0.way {
            Way::Dialled(_) => false,
            Way::Joined(link) => link.until_connected().await,
        }
    }

    /// Sends a request whose URI is a path with its query. Returns any response except a redirect
    /// or a refused token.
    ///
    /// # Errors
    /// When there is no response within `limit`.
    pub async fn send(&self, mut request: Request<Bytes>, limit: Duration) -> Result<Response<Incoming>, FarError> {
        request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static(PRODUCT));
        let responding = async {
            match &self.0.way {
                Way::Dialled(dialled) => {
                    let Connection { client, authorization } = dialled.connect()?;
                    *request.uri_mut() = uri(&dialled.settings.address.at(target(&request)))?;
                    if let Some(authorization) = authorization {
                        request.headers_mut().insert(header::AUTHORIZATION, authorization);
                    }
                    Ok(client.request(request.map(Full::new)).await?)
                }
                Way::Joined(link) => {
                    *request.uri_mut() = uri(&format!("http://localhost{}", target(&request)))?;
                    link.send(request.map(Full::new)).await
                }
            }
        };
        let response = match timeout(limit, responding).await {
            Ok(response) => response?,
            Err(_) => return Err(FarError::Timeout(limit, self.hop_of_silence().await)),
        };
        let status = response.status();
        if status.is_redirection() {
            let target = response.headers().get(header::LOCATION).and_then(|target| target.to_str().ok());
            let detail = format!("it redirects to {}, which is not followed", shortened(target.unwrap_or("?")));
            return Err(FarError::InvalidResponse(detail));
        }
        if status == StatusCode::UNAUTHORIZED {
            return Err(refusal(response).await);
        }
        Ok(response)
    }

    /// Sends a GET request that needs no work of an engine; returns the successful response.
    ///
    /// # Errors
    /// As [`Self::send`], and when the request is refused.
    pub async fn get(
        &self,
        target: &str,
        headers: &[(header::HeaderName, &str)],
    ) -> Result<Response<Incoming>, FarError> {
        let mut request = Request::get(target);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let request = request.body(Bytes::new());
        let request = request.map_err(|error| FarError::InvalidResponse(format!("bad request: {error}")))?;
        let response = self.send(request, RESPONSE_TIMEOUT).await?;
        if response.status().is_success() { Ok(response) } else { Err(refusal(response).await) }
    }

    /// Sends a GET request and parses the JSON response.
    ///
    /// # Errors
    /// As [`Self::get`], and when the response cannot be parsed.
    pub async fn get_json<T: DeserializeOwned>(&self, target: &str) -> Result<T, FarError> {
        let body = self.get_text(target).await?;
        serde_json::from_str(&body).map_err(|_| unexpected(target))
    }

    /// Sends a GET request; returns the text of the response.
    ///
    /// # Errors
    /// As [`Self::get`], and when the response is not text.
    pub async fn get_text(&self, target: &str) -> Result<String, FarError> {
        let body = read_whole(self.get(target, &[]).await?).await?;
        String::from_utf8(body.into()).map_err(|_| unexpected(target))
    }

    /// Opens a stream of events, which continues after the event with the id `after`.
    ///
    /// # Errors
    /// As [`Self::get`], and when the response is not an event stream.
    pub async fn events(&self, target: &str, after: Option<&str>) -> Result<EventStream, FarError> {
        let mut headers = vec![(header::ACCEPT, "text/event-stream"), (header::ACCEPT_ENCODING, "gzip")];
        if let Some(after) = after {
            headers.push((header::HeaderName::from_static("last-event-id"), after));
        }
        EventStream::new(self.get(target, &headers).await?)
    }

    /// Checks that it responds, with a request that costs little; takes at most a second.
    ///
    /// # Errors
    /// [`FarError::Timeout`] with the step that failed, after the silence of `silence`.
    pub async fn check(&self, silence: Duration) -> Result<(), FarError> {
        let asking = timeout(PROBE_TIMEOUT, self.get_json::<IgnoredAny>("/healthz"));
        // At the same time, so that the step is known when the time is over.
        let (asked, hop) = tokio::join!(asking, self.hop_of_silence());
        match asked {
            Ok(asked) => asked.map(drop),
            Err(_) => Err(FarError::Timeout(silence, hop)),
        }
    }

    /// The step that failed if no response came in time; found within a second.
    pub async fn hop_of_silence(&self) -> EngineHop {
        match &self.0.way {
            Way::Dialled(dialled) => dialled.hop_of_silence().await,
            // A connection that has joined is tested all the time.
            Way::Joined(_) => EngineHop::Http,
        }
    }
}

fn unexpected(target: &str) -> FarError {
    FarError::InvalidResponse(format!("the response to {target} is not that of a Quaylight"))
}

fn target(request: &Request<Bytes>) -> &str {
    request.uri().path_and_query().map_or("/", |target| target.as_str())
}

fn uri(address: &str) -> Result<Uri, FarError> {
    address.parse().map_err(|error| FarError::InvalidResponse(format!("bad address: {error}")))
}

impl Dialled {
    /// The current connections, or new ones.
    fn connect(&self) -> Result<Connection, FarError> {
        let FarSettings { token_file, authority, .. } = &self.settings;
        let mut connection = lock(&self.connection);
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let authorization = token_file.as_deref().map(token::authorization).transpose().map_err(FarError::Token)?;
        let mut kept = lock(&self.connector);
        let connector = match &*kept {
            Some(connector) => connector.clone(),
            None => kept.insert(connector(authority.as_deref()).map_err(FarError::certificates)?).clone(),
        };
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(connection.insert(Connection { client, authorization }).clone())
    }

    /// Opens a connection, to find the step that is silent.
    async fn hop_of_silence(&self) -> EngineHop {
        let until = Instant::now() + PROBE_TIMEOUT;
        let address = &self.settings.address;
        if !matches!(timeout_at(until, TcpStream::connect(address.host())).await, Ok(Ok(_))) {
            return EngineHop::Connect;
        }
        let connector = lock(&self.connector).clone();
        let (Some(mut connector), Ok(uri)) = (connector, uri(&address.at("/"))) else { return EngineHop::Http };
        // Opens another one, with the handshake if there is TLS.
        match timeout_at(until, connector.call(uri)).await {
            Ok(_) => EngineHop::Http,
            Err(_) => EngineHop::Tls,
        }
    }
}

/// Reads a body of limited length.
pub(super) async fn read_whole(response: Response<Incoming>) -> Result<Bytes, FarError> {
    let body = timeout(RESPONSE_TIMEOUT, Limited::new(response.into_body(), MAX_BODY_BYTES).collect()).await;
    match body {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(_)) => Err(FarError::Closed),
        Err(_) => Err(FarError::Timeout(RESPONSE_TIMEOUT, EngineHop::Http)),
    }
}

/// The error of a response that is not successful.
pub async fn refusal(response: Response<Incoming>) -> FarError {
    let status = response.status();
    let body = read_whole(response).await.unwrap_or_default();
    match serde_json::from_slice::<ProblemText>(&body) {
        Ok(ProblemText { code, detail, hint, engine_code }) if !code.is_empty() => FarError::Refused {
            status: status.as_u16(),
            code: shortened(&code),
            engine_code: engine_code.as_deref().map(shortened),
            detail: shortened(&detail),
            hint: shortened(&hint),
        },
        _ => FarError::InvalidResponse(format!("no Quaylight responds at this address: status {status}")),
    }
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test without a port has failed")]
    use super::*;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_server_that_accepts_connections_and_is_silent_is_named_with_its_step() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        for (scheme, hop) in [("http", EngineHop::Http), ("https", EngineHop::Tls)] {
            let address = FarAddress::parse(&format!("{scheme}://{}", listener.local_addr().unwrap())).unwrap();
            let server = FarServer::new(FarSettings { address, token_file: None, authority: None });
            let started_at = Instant::now();
            let error = server.check(Duration::from_secs(3)).await.unwrap_err();
            assert_eq!((error.code(), error.hop()), ("not_answering", hop), "{error}");
            assert!(started_at.elapsed() < Duration::from_millis(2_500), "{:?}", started_at.elapsed());
        }
    }
}
