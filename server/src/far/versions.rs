//! Versions of two servers: which one is older, and whether that was tested. Pure.

/// Notice about the versions of this server and of the one called `name`; `None` if
/// they are equal, but for the last number.
pub(crate) fn notice(name: &str, theirs: &str, ours: &str) -> Option<String> {
    let (there, here) = (minor(theirs)?, minor(ours)?);
    if there == here {
        return None;
    }
    let is_neighbour = there.0 == here.0 && there.1.abs_diff(here.1) == 1;
    let effect = if is_neighbour { "some details may be missing" } else { "only neighbouring versions are tested" };
    let [theirs, ours] = [there, here].map(|(major, minor)| format!("{major}.{minor}"));
    Some(if there < here {
        format!("{name} runs Quaylight {theirs}, this server {ours}: {effect}. Update {name}.")
    } else {
        format!("This server runs Quaylight {ours}, {name} {theirs}: {effect}. Update this server.")
    })
}

/// The first two numbers.
fn minor(version: &str) -> Option<(u64, u64)> {
    let mut numbers = version.split(['.', '-', '+']).map_while(|number| number.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_server_is_named() {
        for (theirs, ours, expected) in [
            (
                "1.3.0",
                "1.4.2",
                Some("web-3 runs Quaylight 1.3, this server 1.4: some details may be missing. Update web-3."),
            ),
            (
                "1.4.0-rc.1",
                "1.3.9",
                Some("This server runs Quaylight 1.3, web-3 1.4: some details may be missing. Update this server."),
            ),
            (
                "1.9.0",
                "1.11.0",
                Some(
                    "web-3 runs Quaylight 1.9, this server 1.11: only neighbouring versions are tested. Update web-3.",
                ),
            ),
            (
                "2.0.0",
                "1.11.0",
                Some(
                    "This server runs Quaylight 1.11, web-3 2.0: only neighbouring versions are tested. Update this server.",
                ),
            ),
            ("1.4.0", "1.4.7", None),
            ("unknown", "1.4.7", None),
        ] {
            assert_eq!(notice("web-3", theirs, ours).as_deref(), expected, "{theirs} and {ours}");
        }
    }
}
