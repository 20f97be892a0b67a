//! The actions available in each state, their labels, and when they have taken effect. Pure.

use crate::{
    client::Action,
    model::{Container, ContainerState},
};

const REMOVE: Action = Action::Remove { force: false, volumes: false };

/// The actions with their own button, and those in the menu.
pub fn offered(state: ContainerState) -> (&'static [Action], &'static [Action]) {
    use Action::{Kill, Pause, Restart, Start, Stop, Unpause};
    match state {
        ContainerState::Running => (&[Stop, Restart], &[Pause, Kill, REMOVE]),
        ContainerState::Paused => (&[Unpause, Stop], &[Restart, Kill, REMOVE]),
        ContainerState::Restarting => (&[Stop], &[Kill, REMOVE]),
        ContainerState::Created | ContainerState::Exited => (&[Start], &[REMOVE]),
        ContainerState::Dead => (&[], &[REMOVE]),
        ContainerState::Removing => (&[], &[]),
    }
}

/// The button's label.
pub const fn verb(action: Action) -> &'static str {
    match action {
        Action::Start => "Start",
        Action::Stop => "Stop",
        Action::Restart => "Restart",
        Action::Pause => "Pause",
        Action::Unpause => "Unpause",
        Action::Kill => "Kill",
        Action::Remove { .. } => "Remove",
    }
}

/// The container's status until the stream reports the effect.
pub const fn progress(action: Action) -> &'static str {
    match action {
        Action::Start => "Starting…",
        Action::Stop => "Stopping…",
        Action::Restart => "Restarting…",
        Action::Pause => "Pausing…",
        Action::Unpause => "Unpausing…",
        Action::Kill => "Killing…",
        Action::Remove { .. } => "Removing…",
    }
}

/// The label of a completed action.
pub const fn past(action: Action) -> &'static str {
    match action {
        Action::Start => "Started",
        Action::Stop => "Stopped",
        Action::Restart => "Restarted",
        Action::Pause => "Paused",
        Action::Unpause => "Unpaused",
        Action::Kill => "Killed",
        Action::Remove { .. } => "Removed",
    }
}

/// The undo action; `None` if there is none.
pub const fn inverse(action: Action) -> Option<Action> {
    match action {
        Action::Start => Some(Action::Stop),
        Action::Stop => Some(Action::Start),
        Action::Pause => Some(Action::Unpause),
        Action::Unpause => Some(Action::Pause),
        // The data in memory or in the container is lost.
        Action::Restart | Action::Kill | Action::Remove { .. } => None,
    }
}

/// True if the action may be performed while the other is pending: a kill can end a slow stop.
pub const fn interrupts(action: Action, pending: Action) -> bool {
    matches!((action, pending), (Action::Kill, Action::Stop | Action::Restart))
}

/// True if data could be lost, so that the user must confirm.
pub const fn needs_confirmation(action: Action) -> bool {
    matches!(action, Action::Kill | Action::Remove { .. })
}

/// True if the container's current state `now` shows the effect of an action requested in state
/// `before`.
pub fn has_settled(action: Action, before: &Container, now: Option<&Container>) -> bool {
    let Some(now) = now else { return true };
    let restarted = now.started_at != before.started_at;
    match action {
        Action::Start | Action::Restart => restarted && now.state.has_processes(),
        Action::Stop | Action::Kill => restarted || !now.state.has_processes(),
        Action::Pause => now.state != ContainerState::Running,
        Action::Unpause => now.state != ContainerState::Paused,
        Action::Remove { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{MADE_AT, container};

    #[test]
    fn remove_is_available_in_every_state_with_actions() {
        for state in ContainerState::ALL {
            let (_, menu) = offered(state);
            assert_eq!(menu.last(), (state != ContainerState::Removing).then_some(&REMOVE), "{state}");
        }
    }

    #[test]
    fn undo_can_be_undone() {
        for action in [Action::Start, Action::Stop, Action::Pause, Action::Unpause] {
            assert_eq!(inverse(action).and_then(inverse), Some(action), "{action:?}");
        }
        assert_eq!((inverse(Action::Restart), inverse(Action::Kill), inverse(REMOVE)), (None, None, None));
    }

    #[test]
    fn only_kill_interrupts_a_stop_or_a_restart() {
        for pending in [Action::Stop, Action::Restart] {
            assert!(interrupts(Action::Kill, pending), "{pending:?}");
            assert!(!interrupts(pending, pending) && !interrupts(REMOVE, pending), "{pending:?}");
        }
        assert!(!interrupts(Action::Kill, Action::Kill) && !interrupts(Action::Kill, Action::Pause));
    }

    #[test]
    fn an_action_settles_when_its_effect_is_visible() {
        use ContainerState::{Exited, Paused, Running};
        let seen =
            |state, again: bool| Container { started_at: again.then_some(MADE_AT), ..container(1, "web-1", state) };
        for (action, before, now, again, settled) in [
            (Action::Stop, Running, Running, false, false),
            (Action::Stop, Running, Exited, false, true),
            (Action::Kill, Running, Running, true, true), // its restart policy was faster
            (Action::Restart, Running, Exited, false, false),
            (Action::Restart, Running, Running, true, true),
            (Action::Start, Exited, Running, true, true),
            (Action::Pause, Running, Paused, false, true),
            (Action::Unpause, Paused, Paused, false, false),
            (REMOVE, Exited, Exited, false, false),
        ] {
            let found = has_settled(action, &seen(before, false), Some(&seen(now, again)));
            assert_eq!(found, settled, "{action:?} from {before} to {now}");
        }
        assert!(has_settled(REMOVE, &seen(Exited, false), None));
    }
}
