//! Recognizes secrets by the names of variables, flags and labels. Pure.

/// Words in the name of a secret.
const WORDS: [&str; 32] = [
    "APIKEY",
    "AUTHORIZATION",
    "BEARER",
    "CREDENTIAL",
    "CREDENTIALS",
    "CREDS",
    "HOTP",
    "KENNWORT",
    "KEY",
    "KEYS",
    "MASTERAUTH",
    "MNEMONIC",
    "PASS",
    "PASSCODE",
    "PASSKEY",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PASSWORDS",
    "PASSWORT",
    "PSK",
    "PSWD",
    "PW",
    "PWD",
    "PWORD",
    "SALT",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "TOKENS",
    "TOTP",
    "USERPWD",
];
/// Endings of compound words in the name of a secret, as in `PGPASSWORD` and `requirepass`.
const ENDINGS: [&str; 31] = [
    "ACCESSKEY",
    "ACCOUNTKEY",
    "APIKEY",
    "APIKEYS",
    "APPKEY",
    "AUTHKEY",
    "CREDENTIALS",
    "ENCRYPTIONKEY",
    "LICENCEKEY",
    "LICENSEKEY",
    "MASTERKEY",
    "PASS",
    "PASSCODE",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PASSWORDS",
    "PRIVATEKEY",
    "PRIVKEY",
    "PSK",
    "PW",
    "PWD",
    "SECRET",
    "SECRETKEY",
    "SECRETS",
    "SESSIONKEY",
    "SHAREDKEY",
    "SIGNINGKEY",
    "SSHKEY",
    "TOKEN",
    "TOKENS",
];
/// Words with such an ending that do not name a secret.
const HARMLESS: [&str; 6] = ["BYPASS", "COMPASS", "SURPASS", "TRESPASS", "ENCOMPASS", "OVERPASS"];
/// Words that only count at the end of a name, and not for a switch: `SESSION_COOKIE`, but not
/// `COOKIE_DOMAIN`.
const LAST_WORDS: [&str; 14] = [
    "AUTH",
    "COOKIE",
    "COOKIES",
    "HMAC",
    "JWT",
    "OTP",
    "PEPPER",
    "PIN",
    "PINCODE",
    "SEED",
    "SEEDPHRASE",
    "SEEDS",
    "SIG",
    "SIGNATURE",
];
/// Last two words of names that are secrets only together: settings of known products, and one-time
/// codes.
const LAST_PAIRS: [(&str, &str); 17] = [
    ("PLEX", "CLAIM"),
    ("SFTP", "USERS"),
    ("SNMP", "COMMUNITY"),
    ("RO", "COMMUNITY"),
    ("RW", "COMMUNITY"),
    ("TRAP", "COMMUNITY"),
    ("ACCESS", "CODE"),
    ("ACTIVATION", "CODE"),
    ("AUTH", "CODE"),
    ("BACKUP", "CODE"),
    ("BACKUP", "CODES"),
    ("PAIRING", "CODE"),
    ("RECOVERY", "CODE"),
    ("RECOVERY", "CODES"),
    ("RECOVERY", "PHRASE"),
    ("SEED", "PHRASE"),
    ("UNLOCK", "CODE"),
];
/// Values of names with [`LAST_WORDS`] that are methods or algorithms, not secrets.
const METHODS: [&str; 33] = [
    "anonymous",
    "basic",
    "cert",
    "digest",
    "ed25519",
    "es256",
    "forms",
    "header",
    "hmac-sha1",
    "hmac-sha256",
    "hmac-sha512",
    "hs256",
    "hs384",
    "hs512",
    "jwt",
    "kerberos",
    "ldap",
    "login",
    "md5",
    "mtls",
    "none",
    "oauth",
    "oauth2",
    "oidc",
    "plain",
    "rs256",
    "saml",
    "scram-sha-256",
    "sha1",
    "sha256",
    "sha384",
    "sha512",
    "trust",
];
/// Words before `KEY` in names of keys that are not secret: `PUBLIC_KEY`, `SORT_KEY`.
const NON_SECRET_KEYS: [&str; 12] = [
    "PUBLIC",
    "PUBLISHABLE",
    "SORT",
    "PRIMARY",
    "FOREIGN",
    "PARTITION",
    "ROUTING",
    "CACHE",
    "HOT",
    "SORTING",
    "MAP",
    "GROUP",
];
/// Last words of names whose value is a path.
const PATH_WORDS: [&str; 8] = ["FILE", "FILES", "PATH", "PATHS", "DIR", "DIRS", "DIRECTORY", "FILENAME"];
/// Last words of names whose value describes the secret: `TOKEN_ISSUER`, `KEY_ALGORITHM`. Such a
/// value is still searched.
const DESCRIPTIONS: [&str; 54] = [
    "ALG",
    "ALGORITHM",
    "ALGORITHMS",
    "AUDIENCE",
    "BACKEND",
    "CLASS",
    "COST",
    "COUNT",
    "DISABLED",
    "DOMAIN",
    "DRIVER",
    "EMAIL",
    "ENABLED",
    "ENCODING",
    "ENDPOINT",
    "ENGINE",
    "EXPIRATION",
    "EXPIRES",
    "EXPIRY",
    "FORMAT",
    "HEADER",
    "HOST",
    "HOSTNAME",
    "ISSUER",
    "LENGTH",
    "LIFETIME",
    "LIMIT",
    "LOGIN",
    "MANAGER",
    "METHOD",
    "MODE",
    "MODULE",
    "NAME",
    "PLUGIN",
    "POLICY",
    "PORT",
    "PREFIX",
    "PROVIDER",
    "REGION",
    "REQUIRED",
    "ROTATION",
    "ROUNDS",
    "SCOPE",
    "SCOPES",
    "SERVICE",
    "SIZE",
    "SUFFIX",
    "TIMEOUT",
    "TTL",
    "TYPE",
    "URI",
    "URL",
    "USERNAME",
    "VERSION",
];
/// Last words of webhook settings that are not its URL.
const WEBHOOK_SETTINGS: [&str; 12] =
    ["CHANNEL", "EVENT", "EVENTS", "HOST", "LEVEL", "METHOD", "NAME", "PATH", "PORT", "TEMPLATE", "TYPE", "USERNAME"];
/// Prefixes of paths; a slash is not enough, because base64 may start with one.
const PATH_PREFIXES: [&str; 18] = [
    "/etc/", "/run/", "/var/", "/usr/", "/opt/", "/home/", "/root/", "/tmp/", "/data/", "/config/", "/certs/", "/app/",
    "/srv/", "/mnt/", "./", "../", "~/", "file:",
];
/// Extensions of key files.
const EXTENSIONS: [&str; 16] = [
    ".pem", ".key", ".crt", ".cer", ".p12", ".pfx", ".jks", ".pub", ".json", ".yaml", ".yml", ".toml", ".txt", ".conf",
    ".env", ".cfg",
];
/// Maximum length of a name that is checked.
const MAX_NAME_BYTES: usize = 512;
/// Maximum length of a switch, number or file name.
const MAX_PLAIN_BYTES: usize = 256;

/// True if `value` is a secret according to its name, which is that of a variable, a flag or a
/// label.
pub fn names_a_secret(name: &str, value: &str) -> bool {
    // The working directory, exported by every shell.
    if value.is_empty() || matches!(name, "PWD" | "OLDPWD") {
        return false;
    }
    let words = words(name);
    let Some(last) = words.last().map(String::as_str) else { return false };
    if let Some(is_secret) = caddy_auth(name, &words, value) {
        return is_secret;
    }
    if is_webhook(&words, last, value) || is_basic_auth(&words, last, value) {
        return true;
    }
    if is_last_word(last) || is_last_pair(&words) {
        let is_method = METHODS.iter().any(|method| value.eq_ignore_ascii_case(method));
        return !is_switch(value) && !is_method && !is_path(value);
    }
    if !has_secret_word(&words) || is_harmless(last, value) {
        return false;
    }
    last.starts_with("PASS") || !is_path(value)
}

/// True if a name may be that of a secret, before its value is known.
pub(super) fn may_name_a_secret(name: &str) -> bool {
    let words = words(name);
    words.last().is_some_and(|last| is_last_word(last))
        || is_last_pair(&words)
        || has_secret_word(&words)
        || words.iter().any(|word| word.starts_with("WEBHOOK") || word.ends_with("AUTH"))
}

fn is_last_word(word: &str) -> bool {
    LAST_WORDS.contains(&word)
}

fn is_last_pair(words: &[String]) -> bool {
    let [.., first, second] = words else { return false };
    LAST_PAIRS.contains(&(first.as_str(), second.as_str()))
}

fn has_secret_word(words: &[String]) -> bool {
    let is_kind = |at: usize| at > 0 && NON_SECRET_KEYS.contains(&words[at - 1].as_str());
    words.iter().enumerate().any(|(at, word)| is_secret(word) && !(word.starts_with("KEY") && is_kind(at)))
}

fn is_secret(word: &str) -> bool {
    // `PASSWORD2`.
    let word = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
    WORDS.contains(&word) || ENDINGS.iter().any(|ending| word.ends_with(ending)) && !HARMLESS.contains(&word)
}

/// True for the URL of a webhook, which is a secret because no other credentials are needed.
fn is_webhook(words: &[String], last: &str, value: &str) -> bool {
    words.iter().any(|word| word.starts_with("WEBHOOK"))
        && !is_plain(value)
        && (bounded(value).contains("://") || !WEBHOOK_SETTINGS.contains(&last) && !is_path(value))
}

/// True for `traefik.http.middlewares.x.basicauth.users`, and `traefik.frontend.auth.basic` of
/// version 1.
fn is_basic_auth(words: &[String], last: &str, value: &str) -> bool {
    let is_last = matches!(last, "USERS" | "USER" | "USERPASS") || last == "BASIC" && bounded(value).contains(':');
    is_last && auth_end(words).is_some() && !is_switch(value)
}

/// Position after the words for basic or digest authentication.
fn auth_end(words: &[String]) -> Option<usize> {
    let is_kind = |word: &str| matches!(word, "BASIC" | "DIGEST" | "HTTP");
    let is_auth = |at: usize| {
        let (word, before) = (words[at].as_str(), at.checked_sub(1).map_or("", |before| words[before].as_str()));
        matches!(word, "BASICAUTH" | "DIGESTAUTH")
            || word == "AUTH" && is_kind(before)
            || is_kind(word) && before == "AUTH"
    };
    (0..words.len()).find(|at| is_auth(*at)).map(|at| at + 1)
}

/// Result for `caddy.basic_auth.ADA=HASH`, where the name of the user is part of the label's name,
/// and for `caddy.basicauth=/ ADA PASSWORD` of version 1; `None` for other names.
fn caddy_auth(name: &str, words: &[String], value: &str) -> Option<bool> {
    if !name.contains('.') || !words[0].starts_with("CADDY") {
        return None;
    }
    // `basic_auth /path bcrypt REALM`.
    const ALGORITHMS: [&str; 3] = ["bcrypt", "argon2id", "scrypt"];
    let names_algorithm = || value.split_whitespace().take(2).any(|word| ALGORITHMS.contains(&word));
    let is_user = |word: &String| word.bytes().any(|byte| !byte.is_ascii_digit());
    auth_end(words).map(|end| match words[end..].iter().any(is_user) {
        true => !is_switch(value),
        false => value.split_whitespace().nth(1).is_some() && !names_algorithm(),
    })
}

/// True for a switch, a number or a path whose name continues after the secret word:
/// `PASSWORD_MIN_LENGTH=8`.
fn is_harmless(last: &str, value: &str) -> bool {
    !is_secret(last) && (is_plain(value) || DESCRIPTIONS.contains(&last))
        || PATH_WORDS.contains(&last) && bounded(value).contains(['/', '.', '\\'])
}

fn is_plain(value: &str) -> bool {
    value.len() <= MAX_PLAIN_BYTES && value.parse::<f64>().is_ok() || is_switch(value)
}

fn is_switch(value: &str) -> bool {
    ["true", "false", "yes", "no", "on", "off", "enabled", "disabled", "none", "null"]
        .iter()
        .any(|switch| value.eq_ignore_ascii_case(switch))
}

fn is_path(value: &str) -> bool {
    let is_file = || value.len() <= MAX_PLAIN_BYTES && EXTENSIONS.iter().any(|extension| value.ends_with(extension));
    PATH_PREFIXES.iter().any(|folder| value.starts_with(folder)) || is_file()
}

/// The part of a value that is checked. Names and paths are short, and values may overlap.
fn bounded(value: &str) -> &str {
    &value[..value.floor_char_boundary(MAX_PLAIN_BYTES)]
}

/// Splits a name into words in capitals: `dbPassword`, `db-password` and `DB_PASSWORD` have the
/// same two words.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name[..name.floor_char_boundary(MAX_NAME_BYTES)].chars() {
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
mod tests;
