//! State of a container as icon, text and color.

use super::icon::{Glyph, Icon};
use crate::prelude::*;
use crate::{
    format::has_failed,
    model::{Container, ContainerState, Health},
};

/// Icon and text of the state, and of the health if there is a health check.
#[component]
pub fn StateBadge<'a>(
    /// Container whose state is shown.
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

/// Icon and text of the health status.
#[component]
fn HealthBadge(
    /// The health status.
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
