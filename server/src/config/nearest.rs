//! The known name that a mistyped one may mean.

/// Maximum length of compared names; longer ones are not mistyped.
const MAX_NAME_BYTES: usize = 64;

/// Returns the known name with the fewest changes, if there are few; otherwise one that starts
/// alike or shares a word.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let begins = |long: &str| long.bytes().zip(name.bytes()).take_while(|(one, other)| one == other).count();
    let shares = |long: &str| long.split('-').filter(|word| name.split('-').any(|other| other == *word)).count();
    if name.len() > MAX_NAME_BYTES {
        return None;
    }
    let rank = |long: &str| {
        let changes = distance(name, long);
        let few = changes <= 1 + name.len() / 4;
        // A typing mistake first, then a similar name.
        (few, if few { usize::MAX - changes } else { begins(long) }, shares(long))
    };
    let best = known.max_by_key(|long| rank(long))?;
    (rank(best).0 || begins(best) > 2 || shares(best) > 0).then_some(best)
}

/// Levenshtein distance of two names.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, wanted) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *wanted);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_gets_a_suggestion() {
        let known = ["listen", "data-dir", "trusted-proxy", "log", "log-format", "engine", "allow-actions"];
        for (name, meant) in [
            ("listn", Some("listen")),
            ("isten", Some("listen")),
            ("datadir", Some("data-dir")),
            ("trusted-proxies", Some("trusted-proxy")),
            ("log-fmt", Some("log-format")),
            ("lgo", None),
            ("allow-action", Some("allow-actions")),
            ("xyzzy", None),
        ] {
            assert_eq!(nearest(name, known.into_iter()), meant, "{name}");
        }
        assert_eq!(nearest(&"a".repeat(1_000), known.into_iter()), None);
    }
}
