//! The state of a container by shape, word and colour.

use super::icon::{Glyph, Icon};
use crate::prelude::*;
use crate::{
    format::has_failed,
    model::{Container, ContainerState, Health},
};

/// Shape and word of a state, and of its health where there is a check.
#[component]
pub fn StateBadge<'a>(
    /// Whose state.
    container: &'a Container,
) -> Erased {
    let tone = if has_failed(container) { "failed" } else { container.state.as_str() };
    view! {
        <span class=format!("state-badge state-badge--{tone}")>
            <Icon glyph=glyph(container) />
            {container.state.label()}
        </span>
        {container.health.filter(|_| container.state.has_processes()).map(|health| view! { <HealthBadge health /> })}
    }
    .erased()
}

/// Shape and word of a health check's verdict.
#[component]
fn HealthBadge(
    /// The verdict.
    health: Health,
) -> Erased {
    let glyph = match health {
        Health::Starting => Glyph::Clock,
        Health::Healthy => Glyph::Check,
        Health::Unhealthy => Glyph::Warning,
    };
    view! {
        " "
        <span class=format!("state-badge state-badge--{}", health.as_str()) title="Health check">
            <Icon glyph />
            {health.as_str()}
        </span>
    }
    .erased()
}

fn glyph(container: &Container) -> Glyph {
    match container.state {
        ContainerState::Created => Glyph::Circle,
        ContainerState::Running => Glyph::Disc,
        ContainerState::Paused => Glyph::Pause,
        ContainerState::Restarting => Glyph::Restart,
        ContainerState::Removing => Glyph::Trash,
        ContainerState::Exited if has_failed(container) => Glyph::Diamond,
        ContainerState::Exited => Glyph::Square,
        ContainerState::Dead => Glyph::Cross,
    }
}
