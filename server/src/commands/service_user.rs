//! Looks with the rights of the service's user: what root may do says nothing about what the service may.
//!
//! In: the unit's `User=`, `Group=` and `SupplementaryGroups=`. Out: this process with these rights, for good.

use crate::config::Service;

/// As whom this process looks from now on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Looking {
    /// As the service's user; with its groups.
    AsService(String),
    /// As whoever started it, who is another one.
    AsStarted(String),
    /// The service cannot start as the user or with the groups that it names.
    Impossible(String),
}

#[cfg(target_os = "linux")]
pub(super) fn become_user_of(service: &Service) -> Looking {
    use nix::unistd::{Uid, geteuid};
    let name = service.user.as_deref().unwrap_or("root");
    let user = match find_user(name) {
        Ok(user) => user,
        Err(reason) => return Looking::Impossible(reason),
    };
    let (own, root) = (geteuid(), Uid::from_raw(0));
    if own == user.uid && own != root {
        return Looking::AsService(format!("{name}, as the service runs"));
    }
    if own != root {
        return Looking::AsStarted(format!(
            "the service runs as {name}; start this with sudo to look with its rights and groups"
        ));
    }
    match switch(service, &user) {
        Ok(groups) => Looking::AsService(format!("{name} with the groups {}, as the service runs", groups.join(", "))),
        Err(reason) => Looking::Impossible(reason),
    }
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

/// Takes the user's groups, the unit's, and then the user; their names.
#[cfg(target_os = "linux")]
fn switch(service: &Service, user: &nix::unistd::User) -> Result<Vec<String>, String> {
    use nix::unistd::{Gid, Group, getgrouplist, setgid, setgroups, setuid};
    use std::ffi::CString;
    let find = |name: &str| {
        let found = match name.parse::<u32>() {
            Ok(number) => Group::from_gid(Gid::from_raw(number)),
            Err(_) => Group::from_name(name),
        };
        let missing = || format!("the service's group {name} does not exist; systemd cannot start it (216/GROUP)");
        found.ok().flatten().map(|group| group.gid).ok_or_else(missing)
    };
    let primary = service.group.as_deref().map_or(Ok(user.gid), find)?;
    let name = CString::new(user.name.as_str()).map_err(|error| error.to_string())?;
    let mut groups = getgrouplist(&name, primary).unwrap_or_else(|_| vec![primary]);
    for group in &service.groups {
        groups.push(find(group)?);
    }
    groups.sort_unstable_by_key(|group| group.as_raw());
    groups.dedup();
    let failed = |error: nix::Error| format!("cannot take the rights of the service's user {}: {error}", user.name);
    // The user last: it may not change its groups.
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
pub(super) fn become_user_of(_: &Service) -> Looking {
    Looking::AsStarted("there is no systemd here".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_user_or_a_group_that_is_not_there_is_named() {
        let nobody = Service::run_as(Some("no-such-user-here"), &[]);
        let Looking::Impossible(reason) = become_user_of(&nobody) else { panic!("it exists?") };
        assert!(reason.contains("no-such-user-here"), "{reason}");
        // Root alone comes as far as the groups, and stays itself.
        if nix::unistd::geteuid().is_root() {
            let grouped = Service::run_as(None, &["no-such-group-here"]);
            let Looking::Impossible(reason) = become_user_of(&grouped) else { panic!("it exists?") };
            assert!(reason.contains("no-such-group-here") && reason.contains("216/GROUP"), "{reason}");
        }
    }
}
