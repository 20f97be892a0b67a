//! A minimal browser: keeps cookies by site and follows redirects.

use crate::support::{HttpResponse, http::send};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, Uri};
use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
};

/// The server's address in [`Browser`].
pub(crate) const QUAY: &str = "http://quay.test";
/// Maximum number of redirects, against loops.
const MAX_REDIRECTS: usize = 10;

/// Resolves the server's name; all other hosts are addresses.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    quay: SocketAddr,
    cookies: HashMap<String, BTreeMap<String, String>>,
}

/// A page and its address.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) address: String,
    pub(crate) response: HttpResponse,
}

impl Page {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.response.body).into_owned()
    }

    /// True if it sets a session cookie.
    pub(crate) fn signs_in(&self) -> bool {
        let mut cookies = self.response.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
        cookies.any(|cookie| cookie.starts_with("quaylight-session="))
    }
}

impl Browser {
    pub(crate) fn new(quay: SocketAddr) -> Self {
        Self { quay, cookies: HashMap::new() }
    }

    /// Sends one request without following redirects.
    pub(crate) async fn fetch(&mut self, method: Method, address: &str, form: &str) -> Page {
        let uri: Uri = address.parse().unwrap();
        let host = uri.authority().unwrap().to_string();
        let held = self.cookies.entry(host.clone()).or_default();
        let cookies: Vec<_> = held.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let path = uri.path_and_query().unwrap().as_str();
        let request = Request::builder().method(method).uri(path).header("host", &host).header("accept", "text/html");
        let request = request.header("cookie", cookies.join("; "));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        // From the provider's site.
        let came = if path.starts_with("/sign-in/callback") { "cross-site" } else { "same-origin" };
        let request = request.header("sec-fetch-site", came).header("sec-fetch-mode", "navigate");
        let request = request.header("sec-fetch-dest", "document");
        let to = if QUAY.ends_with(&host) { self.quay } else { host.parse().unwrap() };
        let response = send(to, request.body(Full::new(Bytes::copy_from_slice(form.as_bytes()))).unwrap()).await;
        for cookie in response.headers.get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            held.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
        }
        held.retain(|_, value| !value.is_empty());
        Page { address: address.to_owned(), response }
    }

    pub(crate) async fn get(&mut self, address: &str) -> Page {
        self.fetch(Method::GET, address, "").await
    }

    /// Follows redirects until a page, or until an address that begins with `stop`.
    pub(crate) async fn follow(&mut self, mut page: Page, stop: &str) -> Page {
        for _ in 0..MAX_REDIRECTS {
            let Some(location) = page.response.headers.get("location") else { return page };
            let location = location.to_str().unwrap();
            let site = page.address.split('/').take(3).collect::<Vec<_>>().join("/");
            let next = if location.starts_with('/') { format!("{site}{location}") } else { location.to_owned() };
            if next.starts_with(stop) {
                return Page { address: next, ..page };
            }
            page = self.get(&next).await;
        }
        panic!("redirected in circles: {page:?}");
    }

    /// Signs in as `name` at the provider. Returns the address of its redirect, without requesting
    /// it.
    pub(crate) async fn sign_in_at_provider(&mut self, name: &str) -> String {
        let first = self.get(&format!("{QUAY}/sign-in/oidc?to=/events")).await;
        assert_eq!(first.response.status, 303, "{first:?}");
        let form = self.follow(first, "never").await;
        assert!(form.text().contains("Who are you?"), "{form:?}");
        let sent = self.fetch(Method::POST, &form.address, &format!("name={name}")).await;
        let back = self.follow(sent, QUAY).await.address;
        assert!(back.starts_with(&format!("{QUAY}/sign-in/callback?")), "{back}");
        back
    }

    /// Signs in as `name` at the provider and at the server.
    pub(crate) async fn sign_in(&mut self, name: &str) -> Page {
        let back = self.sign_in_at_provider(name).await;
        self.get(&back).await
    }
}
