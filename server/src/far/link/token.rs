//! The file with the API token for another Quaylight server.

use crate::auth::{has_wrong_owner, read_private};
use axum::http::HeaderValue;
use std::{os::unix::fs::MetadataExt as _, path::Path};

/// Checks a token file.
///
/// # Errors
/// The reason why the file cannot be used.
pub fn check_token(path: &Path) -> Result<(), String> {
    authorization(path).map(drop)
}

/// Creates the header `Authorization` from a token file.
///
/// # Errors
/// As [`read_token`].
pub(super) fn authorization(path: &Path) -> Result<HeaderValue, String> {
    let token = read_token(path)?;
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| no_token(path))?;
    value.set_sensitive(true);
    Ok(value)
}

fn no_token(path: &Path) -> String {
    format!("the token file {} must contain one token, and nothing else", path.display())
}

/// Reads a token's file.
///
/// # Errors
/// When it cannot be read, must not be trusted, or contains no token.
pub fn read_token(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let (text, found) =
        read_private(path).map_err(|error| format!("the token file {shown} cannot be read: {error}"))?;
    if has_wrong_owner(path, &found) {
        return Err(format!("the token file {shown} belongs to another user; it must be this server's or root's"));
    }
    // Credentials of systemd are readable by a group.
    if found.mode() & 0o027 != 0 {
        return Err(format!("other users can read or change the token file {shown}; run: chmod 600 {shown}"));
    }
    let token = text.trim();
    let is_one = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if is_one { Ok(token.to_owned()) } else { Err(no_token(path)) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot write its own file has failed")]
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};

    #[test]
    fn a_token_is_read_from_a_private_file_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.token");
        assert!(authorization(&path).unwrap_err().contains("cannot be read"));
        for (text, mode, expected) in [
            ("qt_abc\n", 0o600, Ok("Bearer qt_abc")),
            ("qt_abc\n", 0o440, Ok("Bearer qt_abc")),
            ("qt_abc", 0o644, Err("chmod 600")),
            ("qt_abc", 0o660, Err("chmod 600")),
            ("", 0o600, Err("one token")),
            ("two words", 0o600, Err("one token")),
        ] {
            let _ = fs::remove_file(&path);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            match (authorization(&path), expected) {
                (Ok(value), Ok(header)) => assert!(value == header && value.is_sensitive()),
                (Err(error), Err(words)) => assert!(error.contains(words), "{error}"),
                (read, _) => panic!("{text:?} with {mode:o}: {read:?}"),
            }
        }
    }
}
