//! Takes the permissions of the service's user, because those of root are not evidence for the
//! service.
//!
//! In: the unit's `User=`, `Group=` and `SupplementaryGroups=`. Out: this process with these
//! permissions, irrevocably.

use crate::config::Service;

/// User of this process from here on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RunningAs {
    /// The service's user, with the groups of the unit.
    Service(String),
    /// The user who started the command, who is not the service's.
    Starter(String),
    /// The service cannot start with the user or groups of its unit.
    Impossible(String),
}

#[cfg(target_os = "linux")]
pub(super) fn become_user_of(service: &Service) -> RunningAs {
    use nix::unistd::{Uid, geteuid};
    let name = service.user.as_deref().unwrap_or("root");
    let user = match find_user(name) {
        Ok(user) => user,
        Err(reason) => return RunningAs::Impossible(reason),
    };
    let (own, root) = (geteuid(), Uid::from_raw(0));
    if own == user.uid && own != root {
        return match missing_groups(service) {
            missing if missing.is_empty() => RunningAs::Service(format!("{name}, as the service runs")),
            missing => RunningAs::Starter(format!(
                "{name}, but without the service's groups: {}; run this as root to check with them",
                missing.join(", ")
            )),
        };
    }
    if own != root {
        return RunningAs::Starter(format!(
            "the service runs as {name}; run this with sudo to check with its permissions"
        ));
    }
    match switch(service, &user) {
        Ok(groups) => RunningAs::Service(format!("{name} with the groups {}, as the service runs", groups.join(", "))),
        Err(reason) => RunningAs::Impossible(reason),
    }
}

/// The unit's groups that this process is not in. Only root can add them.
#[cfg(target_os = "linux")]
fn missing_groups(service: &Service) -> Vec<String> {
    use nix::unistd::{getegid, getgroups};
    let mut own = getgroups().unwrap_or_default();
    own.push(getegid());
    let is_missing = |name: &&String| find_group(name).is_none_or(|group| !own.contains(&group));
    service.group.iter().chain(&service.groups).filter(is_missing).cloned().collect()
}

#[cfg(target_os = "linux")]
fn find_group(name: &str) -> Option<nix::unistd::Gid> {
    use nix::unistd::{Gid, Group};
    let found = match name.parse::<u32>() {
        Ok(number) => Group::from_gid(Gid::from_raw(number)),
        Err(_) => Group::from_name(name),
    };
    found.ok().flatten().map(|group| group.gid)
}

#[cfg(target_os = "linux")]
fn find_user(name: &str) -> Result<nix::unistd::User, String> {
    use nix::unistd::{Uid, User};
    let found = match name.parse::<u32>() {
        Ok(number) => User::from_uid(Uid::from_raw(number)),
        Err(_) => User::from_name(name),
    };
    found.ok().flatten().ok_or_else(|| format!("the service's user {name} does not exist; systemd cannot start it"))
}

/// Switches to the groups of the user and the unit, then to the user; returns the names of the
/// groups.
#[cfg(target_os = "linux")]
fn switch(service: &Service, user: &nix::unistd::User) -> Result<Vec<String>, String> {
    use nix::unistd::{Gid, Group, getgrouplist, setgid, setgroups, setuid};
    use std::ffi::CString;
    let find = |name: &str| {
        let missing = || format!("the service's group {name} does not exist; systemd cannot start it (216/GROUP)");
        find_group(name).ok_or_else(missing)
    };
    let primary = service.group.as_deref().map_or(Ok(user.gid), find)?;
    let name = CString::new(user.name.as_str()).map_err(|error| error.to_string())?;
    let mut groups = getgrouplist(&name, primary).unwrap_or_else(|_| vec![primary]);
    for group in &service.groups {
        groups.push(find(group)?);
    }
    groups.sort_unstable_by_key(|group| group.as_raw());
    groups.dedup();
    let failed = |error: nix::Error| format!("cannot switch to the service's user {}: {error}", user.name);
    // The user last, because it may not change its groups.
    setgroups(&groups).map_err(failed)?;
    setgid(primary).map_err(failed)?;
    setuid(user.uid).map_err(failed)?;
    let name = |gid: &Gid| match Group::from_gid(*gid) {
        Ok(Some(group)) => group.name,
        _ => gid.to_string(),
    };
    Ok(groups.iter().map(name).collect())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn become_user_of(_: &Service) -> RunningAs {
    RunningAs::Starter("there is no systemd here".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_missing_user_or_group_is_named() {
        let nobody = Service::run_as(Some("no-such-user-here"), &[]);
        let RunningAs::Impossible(reason) = become_user_of(&nobody) else { panic!("it exists?") };
        assert!(reason.contains("no-such-user-here"), "{reason}");
        let groups = ["no-such-group-here".to_owned()];
        assert_eq!(missing_groups(&Service::run_as(None, &["no-such-group-here"])), groups);
        // Only root reaches the check of the groups, and stays root.
        if nix::unistd::geteuid().is_root() {
            let grouped = Service::run_as(None, &["no-such-group-here"]);
            let RunningAs::Impossible(reason) = become_user_of(&grouped) else { panic!("it exists?") };
            assert!(reason.contains("no-such-group-here") && reason.contains("216/GROUP"), "{reason}");
        }
    }
}
