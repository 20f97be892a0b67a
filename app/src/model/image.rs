//! Image references: a name, or an image id.

/// Minimum number of digits of an id. Engines accept fewer, but a name could look the same.
const MIN_ID_DIGITS: usize = 7;

/// True if a reference is the id of this image, in full or by its first digits, with or without
/// `sha256:`.
pub fn is_image_id(reference: &str, image_id: &str) -> bool {
    let (algorithm, digits) = image_id.split_once(':').unwrap_or(("sha256", image_id));
    let given = match reference.split_once(':') {
        Some((name, given)) if name == algorithm => given,
        _ => reference,
    };
    given.len() >= MIN_ID_DIGITS && digits.starts_with(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_recognized_in_full_or_abbreviated() {
        let id = format!("sha256:3f1a2b{}", "c".repeat(58));
        for (reference, expected) in [
            (id.as_str(), true),
            (&id[7..], true),
            (&id[..19], true),
            (&id[7..19], true),
            ("3f1a2bc", true),
            ("3f1a2b", false), // could be a name
            ("sha256:", false),
            ("sha512:3f1a2bcccc", false),
            ("app:3f1a2bcccc", false),
            ("app:latest", false),
            ("", false),
        ] {
            assert_eq!(is_image_id(reference, &id), expected, "{reference}");
        }
        assert!(is_image_id("3f1a2bc", "3f1a2bcccccc"), "an engine may leave out the algorithm");
        assert!(!is_image_id("", "") && !is_image_id("app", ""));
    }
}
