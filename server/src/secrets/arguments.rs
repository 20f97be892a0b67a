//! Secrets in command lines and variables.

use super::{Writer, name::names_a_secret, shell_name, text};

/// Programs that take a password in the same word: `mysql -psecret`.
const CLIENTS_OF_MYSQL: [&str; 6] = ["mysql", "mysqladmin", "mysqldump", "mariadb", "mariadb-admin", "mariadb-dump"];

/// The words of a command line, the program first, with secrets replaced.
pub fn arguments(words: &[String], writer: Writer) -> Vec<String> {
    let program = words.first().map(|word| word.rsplit('/').next().unwrap_or(word)).unwrap_or_default();
    let takes_p = CLIENTS_OF_MYSQL.contains(&program);
    let mut before = "";
    let mut told = Vec::with_capacity(words.len());
    for word in words {
        told.push(match word.strip_prefix("-p") {
            Some(password) if takes_p && !password.is_empty() => format!("-p{}", writer("PASSWORD")),
            _ => argument(before, word, writer),
        });
        before = word;
    }
    told
}

/// One word, by the flag before it and by itself.
fn argument(flag: &str, word: &str, writer: Writer) -> String {
    let is_value = flag.starts_with('-') && !flag.contains('=') && !word.starts_with('-');
    if is_value && names_a_secret(flag, word) {
        return writer(&shell_name(flag));
    }
    if let Some((name, value)) = word.split_once('=').filter(|_| word.starts_with('-')) {
        return format!("{name}={}", named(name, value, writer));
    }
    match word.split_once(':') {
        // `curl -u name:password`; a number is a user's.
        Some((user, password))
            if is_value
                && matches!(flag, "-u" | "--user")
                && !password.is_empty()
                && password.parse::<u32>().is_err() =>
        {
            format!("{user}:{}", writer("PASSWORD"))
        }
        _ => text(word, "", writer),
    }
}

/// `NAME=value` with its secret, or the secrets in it, replaced.
pub(super) fn variable(entry: &str, writer: Writer) -> String {
    match entry.split_once('=') {
        Some((name, value)) => format!("{name}={}", named(name, value, writer)),
        None => entry.to_owned(),
    }
}

/// The value of a variable, a label or an option.
pub fn named(name: &str, value: &str, writer: Writer) -> String {
    if names_a_secret(name, value) { writer(&shell_name(name)) } else { text(value, name, writer) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concealed(line: &str) -> String {
        let words: Vec<String> = line.split('|').map(str::to_owned).collect();
        arguments(&words, |name| format!("${name}")).join("|")
    }

    #[test]
    fn arguments_are_known_by_the_flag_before_them_and_by_themselves() {
        for (given, told) in [
            ("redis-server|--requirepass|s3cret|--port|1", "redis-server|--requirepass|$REQUIREPASS|--port|1"),
            ("app|--db-password=s3 cret", "app|--db-password=$DB_PASSWORD"),
            ("app|-token|s3cret", "app|-token|$TOKEN"),
            ("app|--token|--verbose", "app|--token|--verbose"),
            ("sh|-c|app --token s3cret && true", "sh|-c|app --token $TOKEN && true"),
            ("curl|-u|me:s3cret|http://x", "curl|-u|me:$PASSWORD|http://x"),
            ("run|--user|1000:1000", "run|--user|1000:1000"),
            ("/usr/bin/mysql|-uroot|-ps3cret", "/usr/bin/mysql|-uroot|-p$PASSWORD"),
            ("ssh|-p22", "ssh|-p22"),
            ("nginx|-g|daemon off;", "nginx|-g|daemon off;"),
        ] {
            assert_eq!(concealed(given), told);
        }
    }

    #[test]
    fn variables_are_known_by_their_names_and_values() {
        let concealed = |entry| variable(entry, |name| format!("${name}"));
        for (given, told) in [
            ("POSTGRES_PASSWORD=a=b c", "POSTGRES_PASSWORD=$POSTGRES_PASSWORD"),
            ("DATABASE_URL=postgres://u:p@db/x", "DATABASE_URL=postgres://u:$DATABASE_URL_PASSWORD@db/x"),
            ("TZ=UTC", "TZ=UTC"),
            ("EMPTY=", "EMPTY="),
            ("PASSWORD=", "PASSWORD="),
            ("bare", "bare"),
        ] {
            assert_eq!(concealed(given), told);
        }
    }
}
