//! Finds secrets by format: tokens, password hashes, private keys. Pure.

use super::{FoundSecret, MIN_TOKEN, width};

/// Prefixes of tokens, by provider.
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
/// Prefixes that also start normal words; such a token must contain digits or both cases.
const WORDLIKE_TOKENS: [&str; 12] =
    ["sk-", "npm_", "hf_", "pypi-", "key-", "gsk_", "xai-", "r8_", "pul-", "SG.", "dapi", "pplx-"];

/// Finds tokens with a known prefix, JSON web tokens, Telegram bot tokens, and words after
/// `Bearer`.
pub(super) fn in_words(text: &str, found: &mut Vec<FoundSecret>) {
    let mut start = 0;
    let (mut after_bearer, mut before) = (false, "");
    let is_of_word =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '+' | '/' | '~');
    for word in text.split(|letter| !is_of_word(letter)) {
        let range = start..start + word.len();
        let is_of_bot = || start > 0 && text.as_bytes()[start - 1] == b':' && is_of_telegram(before, word);
        if word.len() >= MIN_TOKEN && (after_bearer || is_token(word) || is_of_bot()) {
            found.push(FoundSecret::new(range.clone(), "TOKEN"));
        }
        if !word.is_empty() {
            after_bearer = word.eq_ignore_ascii_case("bearer");
        }
        before = word;
        start = range.end + if range.end < text.len() { width(text, range.end) } else { 0 };
    }
}

/// True if a word has the format of a token.
pub(super) fn is_token(word: &str) -> bool {
    let is_web_token = || word.starts_with("eyJ") && word.bytes().filter(|byte| *byte == b'.').count() >= 2;
    // Plex: 20 characters.
    let is_claim =
        || word.strip_prefix("claim-").is_some_and(|rest| rest.len() == 20 && !rest.contains(['-', '.', '/']));
    let has_digit = || word.bytes().skip(3).any(|byte| byte.is_ascii_digit());
    let has_both_cases = || {
        let rest = || word.bytes().skip(3);
        rest().any(|byte| byte.is_ascii_uppercase()) && rest().any(|byte| byte.is_ascii_lowercase())
    };
    // In a path, the token is a segment.
    let segment = word.rsplit('/').next().unwrap_or(word);
    let begins = |beginnings: &[&str]| {
        beginnings.iter().any(|beginning| word.starts_with(beginning) || segment.starts_with(beginning))
            && (word.len() == segment.len() || segment.len() >= MIN_TOKEN)
    };
    begins(&TOKENS) || begins(&WORDLIKE_TOKENS) && (has_digit() || has_both_cases()) || is_web_token() || is_claim()
}

/// True for a Telegram bot token: `110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw`.
fn is_of_telegram(bot: &str, token: &str) -> bool {
    let bot = bot.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    (8..=10).contains(&bot.len())
        && bot.bytes().all(|byte| byte.is_ascii_digit())
        && (34..=36).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// Prefixes of password hashes after their `$`, as in user files.
const HASHES: [&str; 11] = ["apr1$", "2y$", "2a$", "2b$", "1$", "5$", "6$", "y$", "argon2", "pbkdf2", "scrypt$"];
/// Minimum length of a hash in bytes; shorter texts may be `$1$2` in a script.
const MIN_HASH: usize = 20;

/// Finds password hashes, which could be cracked.
pub(super) fn in_hashes(text: &str, found: &mut Vec<FoundSecret>) {
    let mut after = 0;
    for (at, _) in text.match_indices('$') {
        if at < after {
            continue;
        }
        let rest = &text.as_bytes()[at + 1..];
        // Compose doubles each `$`.
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
            found.push(FoundSecret::new(at..after, "HASH"));
        }
    }
}

/// Finds private keys in PEM format, from the first line to the last.
pub(super) fn in_private_keys(text: &str, found: &mut Vec<FoundSecret>) {
    const BEGIN: &str = "-----BEGIN ";
    const END: &str = "-----END ";
    /// Maximum length of a label such as `OPENSSH PRIVATE KEY-----` or `PGP PRIVATE KEY
    /// BLOCK-----`, in bytes.
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
        found.push(FoundSecret::new(begin..end, "PRIVATE_KEY"));
        from = end;
    }
}
