//! Secrets that are known by their looks: tokens, hashes of passwords, private keys.

use super::{Found, MIN_TOKEN, width};

/// Beginnings of tokens, by those who hand them out.
const TOKENS: [&str; 62] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "glrt-",
    "gldt-",
    "glptt-",
    "glcbt-",
    "glsoat-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "rk_test_",
    "whsec_",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xoxr-",
    "xoxs-",
    "xoxe-",
    "xoxe.",
    "xapp-",
    "dckr_pat_",
    "dckr_oat_",
    "hvs.",
    "hvb.",
    "hvr.",
    "dop_v1_",
    "doo_v1_",
    "dor_v1_",
    "AIza",
    "AKIA",
    "ASIA",
    "ya29.",
    "GOCSPX-",
    "shpat_",
    "shpca_",
    "shppa_",
    "shpss_",
    "lin_api_",
    "glsa_",
    "glc_",
    "NRAK-",
    "ATATT3x",
    "dp.pt.",
    "sbp_",
    "sntrys_",
    "sntryu_",
    "sq0atp-",
    "sq0csp-",
    "tskey-",
    "pscale_tkn_",
    "pscale_pw_",
    "AGE-SECRET-KEY-1",
    "rubygems_",
    "PMAK-",
    "figd_",
    "sk-ant-",
    "ntn_",
];
/// Beginnings that words have, too: such a token has digits.
const WORDLIKE_TOKENS: [&str; 12] =
    ["sk-", "npm_", "hf_", "pypi-", "key-", "gsk_", "xai-", "r8_", "pul-", "SG.", "dapi", "pplx-"];

/// Tokens known by their beginnings, JSON web tokens, Telegram's bots, and whatever follows `Bearer`.
pub(super) fn in_words(text: &str, found: &mut Vec<Found>) {
    let mut start = 0;
    let (mut after_bearer, mut before) = (false, "");
    let is_of_word =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '+' | '/' | '~');
    for word in text.split(|letter| !is_of_word(letter)) {
        let place = start..start + word.len();
        let is_of_bot = || start > 0 && text.as_bytes()[start - 1] == b':' && is_of_telegram(before, word);
        if word.len() >= MIN_TOKEN && (after_bearer || is_token(word) || is_of_bot()) {
            found.push(Found::new(place.clone(), "TOKEN"));
        }
        if !word.is_empty() {
            after_bearer = word.eq_ignore_ascii_case("bearer");
        }
        before = word;
        start = place.end + if place.end < text.len() { width(text, place.end) } else { 0 };
    }
}

/// Whether a word has the beginning of a token.
pub(super) fn is_token(word: &str) -> bool {
    let is_web_token = || word.starts_with("eyJ") && word.bytes().filter(|byte| *byte == b'.').count() >= 2;
    let has_digit = || word.bytes().skip(3).any(|byte| byte.is_ascii_digit());
    let has_both_cases = || {
        let rest = || word.bytes().skip(3);
        rest().any(|byte| byte.is_ascii_uppercase()) && rest().any(|byte| byte.is_ascii_lowercase())
    };
    // In a path, the token is a segment of its own.
    let segment = word.rsplit('/').next().unwrap_or(word);
    let begins = |beginnings: &[&str]| {
        beginnings.iter().any(|beginning| word.starts_with(beginning) || segment.starts_with(beginning))
            && (word.len() == segment.len() || segment.len() >= MIN_TOKEN)
    };
    begins(&TOKENS) || begins(&WORDLIKE_TOKENS) && (has_digit() || has_both_cases()) || is_web_token()
}

/// `110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw`.
fn is_of_telegram(bot: &str, token: &str) -> bool {
    let bot = bot.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    (8..=10).contains(&bot.len())
        && bot.bytes().all(|byte| byte.is_ascii_digit())
        && (34..=36).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// Beginnings of hashes of passwords behind their `$`, as in files of users.
const HASHES: [&str; 11] = ["apr1$", "2y$", "2a$", "2b$", "1$", "5$", "6$", "y$", "argon2", "pbkdf2", "scrypt$"];
/// A shorter one is something else, `$1$2` of a script for one.
const MIN_HASH: usize = 20;

/// Hashes of passwords, which whoever reads them can guess at.
pub(super) fn in_hashes(text: &str, found: &mut Vec<Found>) {
    let mut after = 0;
    for (at, _) in text.match_indices('$') {
        if at < after {
            continue;
        }
        let rest = &text.as_bytes()[at + 1..];
        // Compose writes each `$` twice.
        let name = rest.strip_prefix(b"$").unwrap_or(rest);
        if !HASHES.iter().any(|hash| name.starts_with(hash.as_bytes())) {
            continue;
        }
        let has_commas = name.starts_with(b"argon2");
        let is_of_hash = |byte: &&u8| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'$' | b'.' | b'/' | b'+' | b'=' | b'-' | b'_')
                || has_commas && **byte == b','
        };
        let length = 1 + rest.iter().take_while(is_of_hash).count();
        after = at + length;
        if length >= MIN_HASH {
            found.push(Found::new(at..after, "HASH"));
        }
    }
}

/// Private keys as text: from the first line of each to its last.
pub(super) fn in_private_keys(text: &str, found: &mut Vec<Found>) {
    const BEGIN: &str = "-----BEGIN ";
    const END: &str = "-----END ";
    /// `OPENSSH PRIVATE KEY-----`, `PGP PRIVATE KEY BLOCK-----`.
    const MAX_LABEL: usize = 64;
    let mut from = 0;
    while let Some(begin) = text[from..].find(BEGIN).map(|at| from + at) {
        let label = begin + BEGIN.len();
        from = label;
        if !text[label..text.floor_char_boundary(label + MAX_LABEL)].contains("PRIVATE KEY") {
            continue;
        }
        let end = match text[label..].find(END).map(|at| label + at + END.len()) {
            Some(end) => {
                let tail = &text[end..text.floor_char_boundary(end + MAX_LABEL)];
                end + tail.find("-----").map_or(tail.len(), |at| at + "-----".len())
            }
            None => text.len(),
        };
        found.push(Found::new(begin..end, "PRIVATE_KEY"));
        from = end;
    }
}
