//! Findings of a test, each with an explanation and the settings to change.

use crate::prelude::*;
use crate::{
    diagnosis::{Diagnosis, Finding, Proxy, Setting, Weight, explanation, settings, title},
    parts::{
        copy_button::CopyButton,
        icon::{Glyph, Icon},
    },
};

/// One block for each finding. Empty for a healthy connection.
pub fn findings(diagnosis: &Diagnosis) -> Erased {
    let proxy = &diagnosis.proxy;
    diagnosis.findings.iter().map(|found| finding(found, proxy)).collect_view().erased()
}

fn finding(found: &Finding, proxy: &Proxy) -> Erased {
    let class = match found.weight() {
        Weight::Trouble => "diagnosis__finding diagnosis__finding--trouble",
        Weight::Notice => "diagnosis__finding",
    };
    let is_known = matches!(proxy, Proxy::Nginx | Proxy::Caddy | Proxy::Traefik);
    let settings = settings(found.cause, proxy).into_iter().enumerate();
    let settings = settings.map(|(place, lines)| setting(lines, is_known && place == 0)).collect_view();
    view! {
        <article class=class aria-label=title(found.cause)>
            <h3 class="diagnosis__title">
                <Icon glyph=Glyph::Warning />
                {title(found.cause)}
            </h3>
            <p>{explanation(found)}</p>
            <div class="diagnosis__settings">{settings}</div>
        </article>
    }
    .erased()
}

fn setting(Setting { product, lines }: Setting, is_open: bool) -> Erased {
    let what = match product {
        "nginx" => "nginx setting",
        "Caddy" => "Caddy setting",
        _ => "Traefik setting",
    };
    view! {
        <details class="diagnosis__setting" open=is_open>
            <summary class="diagnosis__product">{product}</summary>
            <pre class="facts__code" tabindex="0">{lines}</pre>
            <CopyButton what=what content=Signal::stored(lines.to_owned()) />
        </details>
    }
    .erased()
}
