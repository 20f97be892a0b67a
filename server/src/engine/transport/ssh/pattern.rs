//! Patterns of host names, as in `~/.ssh/config` and `known_hosts`: `*` and `?`, without regard to
//! case.

/// True if the pattern matches the whole name.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let lower = |text: &str| text.to_ascii_lowercase().into_bytes();
    matches_bytes(&lower(pattern), &lower(name))
}

fn matches_bytes(pattern: &[u8], name: &[u8]) -> bool {
    // Where to continue after the last `*`, which takes one more letter each time.
    let (mut at, mut in_name, mut retry) = (0, 0, None);
    while in_name < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                retry = Some((at, in_name));
                at += 1;
            }
            Some(letter) if *letter == b'?' || *letter == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => match retry {
                Some((star, taken)) => {
                    retry = Some((star, taken + 1));
                    (at, in_name) = (star + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

/// True if a pattern matches and no pattern with `!` does.
pub(super) fn any_matches<'a>(patterns: impl IntoIterator<Item = &'a str>, name: &str) -> bool {
    let mut found = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(pattern) if matches(pattern, name) => return false,
            Some(_) => {}
            None => found |= matches(pattern, name),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, name) in [
            ("*", ""),
            ("*", "web"),
            ("web-?", "WEB-3"),
            ("*.example.org", "a.b.example.org"),
            ("a*b*c", "aXbbXc"),
            ("[web]:2222", "[web]:2222"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("web", "web-3"), ("?", ""), ("*.org", "example.com"), ("a*b*c", "abcb"), ("", "x")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
        assert!(any_matches(["web-*", "!web-9"], "web-3"));
        assert!(!any_matches(["web-*", "!web-9"], "web-9"));
        assert!(!any_matches(["!web-9"], "web-3"));
    }
}
