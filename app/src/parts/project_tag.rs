//! Compose project and service of a container.

use crate::prelude::*;

/// Project and service: `shop / web`; empty for containers without a project.
#[component]
pub fn ProjectTag(
    /// Compose project of the container.
    project: Option<String>,
    /// Compose service of the container.
    service: Option<String>,
) -> Erased {
    project
        .map(|project| {
            let title = match &service {
                Some(service) => format!("Compose project and service: {project} / {service}"),
                None => format!("Compose project: {project}"),
            };
            let service = service.map(|service| view! { " / " <bdi>{service}</bdi> });
            view! {
                <span class="project-tag" title=title>
                    <bdi>{project}</bdi>
                    {service}
                </span>
            }
        })
        .erased()
}
