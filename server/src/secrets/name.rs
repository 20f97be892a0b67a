//! Names that secrets go by.

/// A word of a name that makes it a secret's.
const WORDS: [&str; 31] = [
    "APIKEY",
    "AUTHORIZATION",
    "BEARER",
    "CREDENTIAL",
    "CREDENTIALS",
    "CREDS",
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
/// Endings of words that were written together, as in `PGPASSWORD` and `requirepass`.
const ENDINGS: [&str; 30] = [
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
/// Words with such an ending that are none.
const HARMLESS: [&str; 6] = ["BYPASS", "COMPASS", "SURPASS", "TRESPASS", "ENCOMPASS", "OVERPASS"];
/// Words that make a name a secret's at its end only, and not for a switch: `SESSION_COOKIE`, but `COOKIE_DOMAIN`.
const LAST_WORDS: [&str; 12] =
    ["AUTH", "COOKIE", "COOKIES", "JWT", "OTP", "PIN", "PINCODE", "SEED", "SEEDPHRASE", "SEEDS", "SIG", "SIGNATURE"];
/// Values of `…_AUTH` that name a way of authentication.
const AUTH_METHODS: [&str; 20] = [
    "anonymous",
    "basic",
    "cert",
    "digest",
    "forms",
    "header",
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
    "saml",
    "scram-sha-256",
    "trust",
];
/// Words before `KEY` for which it is none of a lock: `PUBLIC_KEY`, `SORT_KEY`.
const KINDS_OF_KEY: [&str; 12] = [
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
/// Last words of names whose value is a place.
const PLACES: [&str; 8] = ["FILE", "FILES", "PATH", "PATHS", "DIR", "DIRS", "DIRECTORY", "FILENAME"];
/// Last words of names whose value describes the secret: `TOKEN_ISSUER`, `KEY_ALGORITHM`. Such a value is still searched.
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
/// Last words of a webhook's names that are not its address.
const OF_WEBHOOKS: [&str; 12] =
    ["CHANNEL", "EVENT", "EVENTS", "HOST", "LEVEL", "METHOD", "NAME", "PATH", "PORT", "TEMPLATE", "TYPE", "USERNAME"];
/// Folders of files with keys; a secret in base64 may begin with a slash, too.
const FOLDERS: [&str; 18] = [
    "/etc/", "/run/", "/var/", "/usr/", "/opt/", "/home/", "/root/", "/tmp/", "/data/", "/config/", "/certs/", "/app/",
    "/srv/", "/mnt/", "./", "../", "~/", "file:",
];
/// Endings of files with keys.
const EXTENSIONS: [&str; 16] = [
    ".pem", ".key", ".crt", ".cer", ".p12", ".pfx", ".jks", ".pub", ".json", ".yaml", ".yml", ".toml", ".txt", ".conf",
    ".env", ".cfg",
];
/// Longest name that is looked at; the rest says nothing.
const MAX_NAME: usize = 512;
/// Longest switch, number or file name.
const MAX_PLAIN: usize = 256;

/// Whether `value` is a secret, by its name: that of a variable, a flag or a label.
pub fn names_a_secret(name: &str, value: &str) -> bool {
    // The working directory, which every shell exports.
    if value.is_empty() || matches!(name, "PWD" | "OLDPWD") {
        return false;
    }
    let words = words(name);
    let Some(last) = words.last().map(String::as_str) else { return false };
    if is_webhook(&words, last, value) || is_basic_auth(&words, last, value) {
        return true;
    }
    if is_last_word(last) {
        let is_method = last == "AUTH" && AUTH_METHODS.iter().any(|method| value.eq_ignore_ascii_case(method));
        return !is_switch(value) && !is_method && !is_place(value);
    }
    if !has_secret_word(&words) || is_harmless(last, value) {
        return false;
    }
    last.starts_with("PASS") || !is_place(value)
}

/// Whether a name could be a secret's, before its value is looked for.
pub(super) fn may_name_a_secret(name: &str) -> bool {
    let words = words(name);
    words.last().is_some_and(|last| is_last_word(last))
        || has_secret_word(&words)
        || words.iter().any(|word| word.starts_with("WEBHOOK") || word.ends_with("AUTH"))
}

fn is_last_word(word: &str) -> bool {
    LAST_WORDS.contains(&word)
}

fn has_secret_word(words: &[String]) -> bool {
    let is_kind = |at: usize| at > 0 && KINDS_OF_KEY.contains(&words[at - 1].as_str());
    words.iter().enumerate().any(|(at, word)| is_secret(word) && !(word.starts_with("KEY") && is_kind(at)))
}

fn is_secret(word: &str) -> bool {
    // `PASSWORD2`.
    let word = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
    WORDS.contains(&word) || ENDINGS.iter().any(|ending| word.ends_with(ending)) && !HARMLESS.contains(&word)
}

/// The address of a webhook is all that its callers need.
fn is_webhook(words: &[String], last: &str, value: &str) -> bool {
    words.iter().any(|word| word.starts_with("WEBHOOK"))
        && !is_plain(value)
        && (bounded(value).contains("://") || !OF_WEBHOOKS.contains(&last) && !is_place(value))
}

/// `traefik.http.middlewares.x.basicauth.users`.
fn is_basic_auth(words: &[String], last: &str, value: &str) -> bool {
    let is_auth = |at: usize| {
        let (word, before) = (words[at].as_str(), at.checked_sub(1).map_or("", |before| words[before].as_str()));
        matches!(word, "BASICAUTH" | "DIGESTAUTH") || word == "AUTH" && matches!(before, "BASIC" | "DIGEST" | "HTTP")
    };
    matches!(last, "USERS" | "USER" | "USERPASS") && (0..words.len()).any(is_auth) && !is_switch(value)
}

/// A switch, a number or a place, where the name goes on after the secret's word: `PASSWORD_MIN_LENGTH=8`.
fn is_harmless(last: &str, value: &str) -> bool {
    !is_secret(last) && (is_plain(value) || DESCRIPTIONS.contains(&last))
        || PLACES.contains(&last) && bounded(value).contains(['/', '.', '\\'])
}

fn is_plain(value: &str) -> bool {
    value.len() <= MAX_PLAIN && value.parse::<f64>().is_ok() || is_switch(value)
}

fn is_switch(value: &str) -> bool {
    ["true", "false", "yes", "no", "on", "off", "enabled", "disabled", "none", "null"]
        .iter()
        .any(|switch| value.eq_ignore_ascii_case(switch))
}

fn is_place(value: &str) -> bool {
    let is_file = || value.len() <= MAX_PLAIN && EXTENSIONS.iter().any(|extension| value.ends_with(extension));
    FOLDERS.iter().any(|folder| value.starts_with(folder)) || is_file()
}

/// As much of a value as is looked at: names and places are short, and values may overlap.
fn bounded(value: &str) -> &str {
    &value[..value.floor_char_boundary(MAX_PLAIN)]
}

/// In capitals: `dbPassword`, `db-password` and `DB_PASSWORD` are the same two.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name[..name.floor_char_boundary(MAX_NAME)].chars() {
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
