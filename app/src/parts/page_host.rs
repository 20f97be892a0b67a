//! The host in this page's URL, for links to published ports.

use crate::prelude::*;

#[derive(Clone, Copy)]
struct PageHost(RwSignal<Option<String>>);

/// Provides the host: on the server from the request, in the browser from the location.
pub fn provide_page_host(requested: Option<String>) {
    let host = RwSignal::new(requested);
    provide_context(PageHost(host));
    Effect::new(move |_| host.set(window().location().hostname().ok()));
}

/// The host of this page; `None` while unknown.
pub fn use_page_host() -> ReadSignal<Option<String>> {
    use_context::<PageHost>().map(|host| host.0).unwrap_or_default().read_only()
}
