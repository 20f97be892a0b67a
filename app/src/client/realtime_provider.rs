//! Wraps the app and provides the containers to every view.

#[cfg(feature = "ssr")]
use super::PageDataSource;
use super::{PageData, UseRealtimeContainersReturn};
use crate::prelude::*;

#[cfg(feature = "ssr")]
fn page_text() -> String {
    use_context::<PageDataSource>().map_or_else(PageData::unknown, |source| source.get()).write()
}

/// Returns nothing: in browsers, the page data is in the HTML.
#[cfg(not(feature = "ssr"))]
fn page_text() -> String {
    String::new()
}

/// Provides [`UseRealtimeContainersReturn`] to its children.
///
/// # Server-side
/// Takes the [`PageData`] from the [`PageDataSource`] in context and writes it into the HTML;
/// nothing else runs. The browser's first render reads it back, so both render the same markup; the
/// stream is opened after that.
#[component]
pub fn RealtimeProvider<App: IntoView + 'static>(
    /// The app.
    children: TypedChildren<App>,
) -> Erased {
    // Not a Resource: the data is there at once, and a Suspense around the router would hide the
    // routes from the server. The server reads its text back, too, so that it renders from the same
    // data as the browser.
    let text = SharedValue::new_str(page_text);
    let data = PageData::read(&text.into_inner()).unwrap_or_else(PageData::unknown);
    provide_context(UseRealtimeContainersReturn::new(data));
    children.into_inner()().erased()
}
