//! Finds passwords in command lines, such as `-pSECRET`, `-a SECRET` or `-u USER:SECRET`. Pure.
//!
//! A program is recognized anywhere: after an entrypoint, `sudo`, `timeout 5` or `sh -c`. A text is
//! split twice, at spaces and by shell rules, because `ps` removes the quotes of a script.

use super::{FoundSecret, Next};
use std::ops::Range;

/// Syntax of a password argument.
#[derive(Debug, Clone, Copy)]
enum PasswordSyntax {
    /// `-pSECRET`.
    Attached(&'static str),
    /// `-a SECRET` and `-aSECRET`.
    Flag(&'static str),
    /// `-u USER:SECRET` and `-uUSER:SECRET`, with this separator.
    User(&'static str, char),
    /// Maximum length of the path before the secret, in bytes.
    Pass(&'static str),
    /// `-H 'Name: SECRET'`.
    Header(&'static str),
    /// `-b SECRET`, unless it is a file name.
    Cookie(&'static str),
    /// The nth word after one of these words.
    Nth(&'static [&'static str], usize),
    /// Like [`Self::Flag`], but only after this word.
    After(&'static str, &'static str),
    /// The nth argument that is not a flag.
    Argument(usize),
    /// `-m METHOD`, which is not a password.
    Skip(&'static str),
    /// `htpasswd -b FILE USER SECRET`, `htpasswd -nb USER SECRET`.
    Htpasswd,
}

use PasswordSyntax::{After, Argument, Attached, Cookie, Flag, Header, Htpasswd, Nth, Pass, Skip, User};

/// Password arguments of a program; `None` for unknown names. Programs without any end the
/// arguments of an earlier program.
fn client(name: &str) -> Option<&'static [PasswordSyntax]> {
    let takes: &[PasswordSyntax] = match name {
        "mysql"
        | "mysqladmin"
        | "mysqldump"
        | "mysqlcheck"
        | "mysqlimport"
        | "mysqlshow"
        | "mysqlslap"
        | "mysqlsh"
        | "mysqlbinlog"
        | "mysqlpump"
        | "mysql_upgrade"
        | "mysql_config_editor"
        | "mysqltest"
        | "mariadb"
        | "mariadb-admin"
        | "mariadb-dump"
        | "mariadb-check"
        | "mariadb-import"
        | "mariadb-show"
        | "mariadb-slap"
        | "mariadb-binlog"
        | "mariadb-upgrade"
        | "mariadb-backup"
        | "mariabackup"
        | "xtrabackup"
        | "innobackupex"
        | "7z"
        | "7za"
        | "7zr"
        | "7zz" => &[Attached("-p")],
        "rar" | "unrar" => &[Attached("-p"), Attached("-hp")],
        "mycli" | "mydumper" | "myloader" | "cqlsh" | "mongo" | "mongosh" | "mongodump" | "mongorestore"
        | "mongoexport" | "mongoimport" | "mongostat" | "mongotop" | "mongofiles" | "sshpass" | "rabbitmqadmin"
        | "cypher-shell" | "mcrcon" | "useradd" | "usermod" => &[Flag("-p")],
        "redis-cli" | "redis-benchmark" | "valkey-cli" | "valkey-benchmark" | "keydb-cli" => {
            &[Flag("-a"), Nth(&["auth", "AUTH"], 1), Nth(&["requirepass", "masterauth"], 1)]
        }
        "ldapsearch" | "ldapadd" | "ldapmodify" | "ldapdelete" | "ldapwhoami" | "ldapcompare" | "ldapmodrdn"
        | "ldapexop" => &[Flag("-w")],
        "ldappasswd" => &[Flag("-w"), Flag("-s"), Flag("-a")],
        "sqlcmd" | "bcp" | "osql" | "mosquitto_pub" | "mosquitto_sub" | "mosquitto_rr" | "ipmitool" | "zip"
        | "unzip" => &[Flag("-P")],
        "snmpget" | "snmpwalk" | "snmpset" | "snmpbulkwalk" | "snmpstatus" | "snmpbulkget" | "snmpgetnext" => {
            &[Flag("-c"), Flag("-A"), Flag("-X")]
        }
        "curl" => &[
            User("-u", ':'),
            User("--user", ':'),
            User("-U", ':'),
            User("--proxy-user", ':'),
            Header("-H"),
            Header("--header"),
            Header("--proxy-header"),
            Cookie("-b"),
            Cookie("--cookie"),
        ],
        "wget" => &[Header("--header")],
        "http" | "https" | "xh" => &[User("-a", ':'), User("--auth", ':')],
        "ab" | "siege" | "hey" | "wrk" => &[User("-A", ':'), User("-a", ':'), Header("-H")],
        "etcdctl" => &[User("--user", ':')],
        "lftp" => &[User("-u", ',')],
        "smbclient" | "rpcclient" | "smbget" | "net" | "smbcacls" | "wmic" => &[User("-U", '%')],
        "rabbitmqctl" => &[Nth(&["add_user", "change_password", "authenticate_user"], 2)],
        "openssl" => &[
            Pass("-passin"),
            Pass("-passout"),
            Pass("-pass"),
            Flag("-k"),
            Flag("-K"),
            Flag("-salt"),
            Nth(&["passwd"], 1),
        ],
        "slappasswd" => &[Flag("-s")],
        "mkpasswd" => &[Argument(1), Skip("-m"), Skip("-R"), Skip("--method"), Skip("--rounds"), Flag("-S")],
        "wpa_passphrase" => &[Argument(2)],
        "caddy" => &[Flag("--plaintext"), After("hash-password", "-p")],
        "samba-tool" => &[Nth(&["create", "add"], 2)],
        "samba.sh" => &[User("-u", ';')],
        "swaks" => &[Flag("-ap")],
        "steamcmd" | "steamcmd.sh" => &[Nth(&["+login"], 2)],
        "rclone" => &[Nth(&["obscure"], 1)],
        "cloudflared" => &[Nth(&["install"], 1)],
        "ngrok" => &[Nth(&["authtoken", "add-authtoken"], 1)],
        "htpasswd" => &[Htpasswd],
        "docker" | "podman" | "nerdctl" | "buildah" | "skopeo" | "helm" | "oras" | "crane" => {
            &[After("login", "-p"), User("--creds", ':'), User("--src-creds", ':'), User("--dest-creds", ':')]
        }
        "mc" => &[Nth(&["set", "add"], 4), Nth(&["user"], 4)],
        "aws" | "npm" | "yarn" | "pnpm" | "git" | "gcloud" | "pip" => &[Nth(&[SECRET_NAME], 1)],
        "vault" | "bao" => &[Nth(&["login"], 1)],
        "consul" => &[Nth(&["login"], 1), Flag("-encrypt")],
        "ssh" | "scp" | "sftp" | "rsync" => &[],
        _ => return None,
    };
    Some(takes)
}

/// Matches any word that names a secret, as in `aws configure set aws_secret_access_key SECRET`.
const SECRET_NAME: &str = "";
/// Length of the longest program name in [`client`], in bytes.
const MAX_CLIENT_NAME_BYTES: usize = 20;

/// A password within a word: the index of the word, and the range in it.
pub(in crate::secrets) type InWord = (usize, Range<usize>);

/// Finds passwords in a text, which may contain command lines.
pub(super) fn in_text(text: &str, found: &mut Vec<FoundSecret>) {
    let mut add = |words: &[Range<usize>]| {
        for (word, range) in in_words(words.iter().map(|word| &text[word.clone()]), true) {
            let start = words[word].start;
            let range = within_quotes(text, start + range.start..start + range.end);
            if !range.is_empty() && !is_reference(&text[range.clone()]) {
                found.push(FoundSecret::new(range, "PASSWORD"));
            }
        }
    };
    add(&at_whitespace(text));
    if text.contains(['"', '\'']) {
        add(&as_a_shell(text));
    }
}

/// Excludes the opening quote of `-p'SECRET'`, even if a space ends the word before the closing
/// quote.
fn within_quotes(text: &str, range: Range<usize>) -> Range<usize> {
    let begins = matches!(text.as_bytes().get(range.start), Some(b'"' | b'\'')) && !range.is_empty();
    range.start + usize::from(begins)..range.end
}

/// True for `$PASSWORD` and `${PASSWORD}`, which refer to a secret but contain none.
pub(super) fn is_reference(value: &str) -> bool {
    const MAX_NAME: usize = 64;
    let Some(name) = value.strip_prefix('$').filter(|name| name.len() <= MAX_NAME) else { return false };
    // Compose doubles each `$`; `$(cat /run/secrets/db)` ends at its space.
    let name = name.strip_prefix('$').unwrap_or(name);
    let name = name.strip_prefix('{').map_or(name, |name| name.strip_suffix('}').unwrap_or(name));
    let is_of_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    name.starts_with(|letter: char| letter.is_ascii_uppercase()) && name.bytes().all(is_of_name)
        || name.starts_with("(cat")
}

/// Splits at whitespace.
fn at_whitespace(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = 0;
    for word in text.split(char::is_whitespace) {
        if !word.is_empty() {
            words.push(start..start + word.len());
        }
        start += word.len();
        start += if start < text.len() { super::width(text, start) } else { 0 };
    }
    words
}

/// Splits like a shell. Fully quoted words are returned without quotes; an unclosed quote is a
/// normal character.
fn as_a_shell(text: &str) -> Vec<Range<usize>> {
    let (mut double, mut single) = (Next::new(text, |letter| letter == '"'), Next::new(text, |letter| letter == '\''));
    let bytes = text.as_bytes();
    let (mut words, mut start, mut at) = (Vec::new(), None::<usize>, 0);
    while at < bytes.len() {
        match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' => {
                words.extend(start.take().map(|start| bare(text, start..at)));
            }
            quote @ (b'"' | b'\'') => {
                start.get_or_insert(at);
                let end = if quote == b'"' { double.from(at + 1) } else { single.from(at + 1) };
                if end < bytes.len() {
                    at = end;
                }
            }
            _ => {
                start.get_or_insert(at);
            }
        }
        at += 1;
    }
    words.extend(start.map(|start| bare(text, start..bytes.len())));
    words
}

fn bare(text: &str, word: Range<usize>) -> Range<usize> {
    let bytes = &text.as_bytes()[word.clone()];
    let quoted = bytes.len() >= 2 && matches!(bytes[0], b'"' | b'\'') && bytes[bytes.len() - 1] == bytes[0];
    if quoted { word.start + 1..word.end - 1 } else { word }
}

/// State of reading a command.
#[derive(Default)]
struct CommandReader {
    takes: &'static [PasswordSyntax],
    /// Number of words until the password.
    counting: Option<usize>,
    /// Syntax of the next word, given by the previous one.
    wanted: Option<PasswordSyntax>,
    seen: Option<&'static str>,
}

/// Finds passwords in words. Words of a text may have quotes and brackets; those of an argument
/// list are exact.
pub(in crate::secrets) fn in_words<'a>(words: impl Iterator<Item = &'a str>, are_of_text: bool) -> Vec<InWord> {
    let mut found = Vec::new();
    let mut reader = CommandReader::default();
    for (number, whole) in words.enumerate() {
        let (offset, word) = if are_of_text { unwrapped(whole) } else { (0, whole) };
        if let Some(range) = reader.take(word) {
            found.push((number, offset + range.start..offset + range.end));
        }
        if are_of_text && whole.ends_with(';') || matches!(whole, "|" | "||" | "&&" | "&" | ";") {
            reader = CommandReader::default();
        }
    }
    found
}

/// Removes quotes and brackets around a word.
fn unwrapped(word: &str) -> (usize, &str) {
    let mut begun = word;
    while let Some(rest) = begun.strip_prefix("$(").or_else(|| begun.strip_prefix(['"', '\'', '`', '(', '\\'])) {
        begun = rest;
    }
    let offset = word.len() - begun.len();
    // Commas and colons may follow a quote: `exec: "mysql -pSECRET": not found`.
    let bare = begun.trim_end_matches(['"', '\'', '`', ')', ';', '\\', ':', ',']);
    let has_quote = begun[bare.len()..].contains(['"', '\'', '`']);
    (offset, if has_quote { bare } else { begun.trim_end_matches([')', ';', '\\']) })
}

impl CommandReader {
    /// Finds the password in the next word.
    fn take(&mut self, word: &str) -> Option<Range<usize>> {
        if let Some(wanted) = self.wanted.take()
            && (!word.starts_with('-') || matches!(wanted, User(..)))
        {
            return value(wanted, word);
        }
        if let Some(range) = self.counted(word) {
            return Some(range);
        }
        let name = word.rsplit('/').next().unwrap_or(word);
        if name.len() <= MAX_CLIENT_NAME_BYTES
            && let Some(takes) = client(name)
        {
            let counting = takes.iter().find_map(|takes| if let Argument(nth) = takes { Some(*nth) } else { None });
            *self = Self { takes, counting, ..Self::default() };
            return None;
        }
        let takes = self.takes;
        takes.iter().find_map(|takes| self.by(*takes, word))
    }

    /// Counts down to the word that is a password.
    fn counted(&mut self, word: &str) -> Option<Range<usize>> {
        let left = self.counting.filter(|_| !word.starts_with('-') && !word.is_empty())?;
        self.counting = (left > 1).then(|| left - 1);
        (left == 1).then_some(0..word.len())
    }

    fn by(&mut self, takes: PasswordSyntax, word: &str) -> Option<Range<usize>> {
        match takes {
            Attached(flag) => word.strip_prefix(flag).filter(|rest| !rest.is_empty()).map(|_| flag.len()..word.len()),
            Flag(flag) | After(_, flag) | User(flag, _) | Pass(flag) | Header(flag) | Cookie(flag) => {
                if let After(before, _) = takes {
                    self.seen = if word == before { Some(before) } else { self.seen };
                    self.seen?;
                }
                if word == flag || matches!(takes, User(..)) && ends_cluster(flag, word) {
                    self.wanted = Some(takes);
                    return None;
                }
                // A long flag has its value after `=`; other pairs are found elsewhere.
                let attached = word.strip_prefix(flag)?;
                let attached = if flag.starts_with("--") { attached.strip_prefix('=')? } else { attached };
                let is_short = flag.len() == 2 || flag.starts_with("--");
                let range = value(takes, attached).filter(|_| is_short && !attached.is_empty())?;
                let before = word.len() - attached.len();
                Some(before + range.start..before + range.end)
            }
            Nth(after, count) => {
                let is_after = |known: &str| match known {
                    SECRET_NAME => word.len() <= 64 && crate::secrets::names_a_secret(word, "x"),
                    known => word == known,
                };
                if after.iter().any(|known| is_after(known)) {
                    self.counting = Some(count);
                }
                None
            }
            Argument(_) => None,
            Skip(flag) => {
                self.wanted = (word == flag).then_some(takes).or(self.wanted);
                None
            }
            Htpasswd => {
                let flags = word.strip_prefix('-').filter(|flags| flags.contains('b'))?;
                self.counting = Some(if flags.contains('n') { 2 } else { 3 });
                None
            }
        }
    }
}

/// True if a cluster of short flags ends with this flag: `-fsSu` ends with `-u`.
fn ends_cluster(flag: &str, word: &str) -> bool {
    const MAX_CLUSTER: usize = 8;
    let letters = word.strip_prefix('-').filter(|letters| letters.len() <= MAX_CLUSTER);
    flag.len() == 2
        && letters.is_some_and(|letters| {
            letters.bytes().all(|letter| letter.is_ascii_alphabetic()) && letters.ends_with(&flag[1..])
        })
}

/// Finds the password in the value of a flag.
fn value(takes: PasswordSyntax, word: &str) -> Option<Range<usize>> {
    let behind = |separator: char| {
        let at = word.find(separator)? + separator.len_utf8();
        (at < word.len()).then_some(at..word.len())
    };
    match takes {
        User(_, separator) => behind(separator),
        Pass(_) => word.starts_with("pass:").then(|| behind(':')).flatten(),
        Header(_) => {
            let (name, _) = word.split_once(':')?;
            let range = behind(':').filter(|_| crate::secrets::names_a_secret(name, "x"))?;
            let spaces = word[range.clone()].len() - word[range.clone()].trim_start().len();
            let start = range.start + spaces;
            let scheme = ["Bearer ", "Basic ", "Token ", "ApiKey "].into_iter().find(|scheme| {
                word.as_bytes()[start..]
                    .get(..scheme.len())
                    .is_some_and(|text| text.eq_ignore_ascii_case(scheme.as_bytes()))
            });
            Some(start + scheme.map_or(0, str::len)..range.end).filter(|range| !range.is_empty())
        }
        Cookie(_) => word.contains('=').then_some(0..word.len()),
        Skip(_) => None,
        _ => (!word.is_empty()).then_some(0..word.len()),
    }
}
