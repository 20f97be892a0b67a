//! Names that secrets go by.

/// A word of a name that makes it a secret's.
const WORDS: [&str; 21] = [
    "APIKEY",
    "AUTHORIZATION",
    "CREDENTIAL",
    "CREDENTIALS",
    "CREDS",
    "KEY",
    "KEYS",
    "MASTERAUTH",
    "PASS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PASSWORDS",
    "PSK",
    "PW",
    "PWD",
    "SALT",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "TOKENS",
];
/// How a word ends that was written together, as in `PGPASSWORD` and `requirepass`.
const ENDINGS: [&str; 9] =
    ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "ACCESSKEY", "SECRETKEY", "PASS"];
/// Words that end like that and are none.
const HARMLESS: [&str; 3] = ["BYPASS", "COMPASS", "SURPASS"];
/// Last words of names whose value tells where something is.
const PLACES: [&str; 5] = ["FILE", "FILES", "PATH", "DIR", "DIRECTORY"];
/// Folders that files with keys lie in; a secret in base64 may begin with a slash, too.
const FOLDERS: [&str; 14] = [
    "/etc/", "/run/", "/var/", "/usr/", "/opt/", "/home/", "/root/", "/tmp/", "/data/", "/config/", "/certs/", "/app/",
    "/srv/", "/mnt/",
];

/// Whether `value` is a secret, by its name: that of a variable, a flag or a label.
pub fn names_a_secret(name: &str, value: &str) -> bool {
    // The working directory, which every shell exports.
    if value.is_empty() || matches!(name, "PWD" | "OLDPWD") {
        return false;
    }
    let words = words(name);
    let Some(last) = words.last() else { return false };
    if !words.iter().any(|word| is_secret(word)) || is_harmless(last, value) {
        return false;
    }
    last.starts_with("PASS") || !FOLDERS.iter().any(|folder| value.starts_with(folder))
}

fn is_secret(word: &str) -> bool {
    WORDS.contains(&word) || ENDINGS.iter().any(|ending| word.ends_with(ending)) && !HARMLESS.contains(&word)
}

/// A switch, a number or a place, where the name goes on after the secret's word: `PASSWORD_MIN_LENGTH=8`.
fn is_harmless(last: &str, value: &str) -> bool {
    let is_plain = value.parse::<f64>().is_ok() || matches!(value, "true" | "false" | "yes" | "no" | "on" | "off");
    !is_secret(last) && is_plain || PLACES.contains(&last) && value.contains('/')
}

/// In capitals: `dbPassword`, `db-password` and `DB_PASSWORD` are the same two.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        let begins = letter.is_ascii_uppercase() && was_lower;
        if begins || !letter.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_ascii_alphanumeric()) {
            word.push(letter.to_ascii_uppercase());
        }
        was_lower = letter.is_ascii_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_the_words_of_their_names() {
        for name in [
            "PASSWORD",
            "POSTGRES_PASSWORD",
            "PGPASSWORD",
            "db.password",
            "dbPassword",
            "--db-password",
            "requirepass",
            "API_KEY",
            "apikey",
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN",
            "NPM_TOKEN",
            "JWT_SECRET",
            "GOOGLE_CREDENTIALS",
            "DB_PWD",
            "DB_PASS",
            "SSH_KEY_PASSPHRASE",
            "WIFI_PSK",
            "com.example/license-key",
            "MINIO_ROOT_PASSWORD",
            "ALLOW_EMPTY_PASSWORD",
        ] {
            assert!(names_a_secret(name, "hunter2"), "{name}");
        }
        for name in [
            "PATH",
            "HOME",
            "PWD",
            "OLDPWD",
            "KEYBOARD_LAYOUT",
            "MONKEY",
            "KEYCLOAK_URL",
            "COMPASS",
            "BYPASS",
            "TZ",
            "LANG",
            "com.docker.compose.config-hash",
            "NODE_ENV",
            "",
        ] {
            assert!(!names_a_secret(name, "hunter2"), "{name}");
        }
    }

    #[test]
    fn switches_numbers_and_places_are_told_although_their_names_mention_a_secret() {
        for (name, value) in [
            ("PASSWORD_MIN_LENGTH", "8"),
            ("TOKEN_TTL", "3600"),
            ("KEYS_ENABLED", "true"),
            ("POSTGRES_PASSWORD_FILE", "/run/secrets/db"),
            ("SSL_KEY", "/etc/ssl/key.pem"),
            ("PASSWORD", ""),
        ] {
            assert!(!names_a_secret(name, value), "{name}={value}");
        }
        // A number is what many a password is; base64 may begin with a slash; a file's name needs no slash to be a password.
        for (name, value) in [
            ("PASSWORD", "1234"),
            ("DB_PASSWORD", "/etc/passwd"),
            ("AWS_SECRET_ACCESS_KEY", "/AbC+dEf/123="),
            ("PASSWORD_FILE", "hunter2"),
        ] {
            assert!(names_a_secret(name, value), "{name}={value}");
        }
    }
}
