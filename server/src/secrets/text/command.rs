//! Passwords among the words of a command line: clients that take them as `-pSECRET`, `-a SECRET` or `-u USER:SECRET`.
//!
//! A program is known wherever it stands: behind an entrypoint, `sudo`, `timeout 5` or `sh -c`. A text is cut into words twice, at
//! every blank and as a shell does, because `ps` drops the quotes that a script has.

use super::{Found, Next};
use std::ops::Range;

/// How a client takes a password.
#[derive(Debug, Clone, Copy)]
enum Takes {
    /// `-pSECRET`.
    Attached(&'static str),
    /// `-a SECRET` and `-aSECRET`.
    Flag(&'static str),
    /// `-u USER:SECRET` and `-uUSER:SECRET`, with this between them.
    User(&'static str, char),
    /// `-passin pass:SECRET`.
    Pass(&'static str),
    /// `-H 'Name: SECRET'`.
    Header(&'static str),
    /// `-b SECRET`, where it is no file's name.
    Cookie(&'static str),
    /// The nth word behind one of these.
    Nth(&'static [&'static str], usize),
    /// As [`Self::Flag`], behind this word.
    After(&'static str, &'static str),
    /// `htpasswd -b FILE USER SECRET`, `htpasswd -nb USER SECRET`.
    Htpasswd,
}

use Takes::{After, Attached, Cookie, Flag, Header, Htpasswd, Nth, Pass, User};

/// What the program with this name takes; `None` for a name that is not known. Those that take nothing end what another took.
fn client(name: &str) -> Option<&'static [Takes]> {
    let takes: &[Takes] = match name {
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
        | "mongoexport" | "mongoimport" | "mongostat" | "mongotop" | "mongofiles" | "sshpass" | "rabbitmqadmin" => {
            &[Flag("-p")]
        }
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
        "openssl" => &[Pass("-passin"), Pass("-passout"), Pass("-pass"), Flag("-k"), Flag("-K")],
        "htpasswd" => &[Htpasswd],
        "docker" | "podman" | "nerdctl" | "buildah" | "skopeo" | "helm" | "oras" | "crane" => {
            &[After("login", "-p"), User("--creds", ':'), User("--src-creds", ':'), User("--dest-creds", ':')]
        }
        "mc" => &[Nth(&["set", "add"], 4), Nth(&["user"], 4)],
        "aws" | "npm" | "yarn" | "pnpm" | "git" | "gcloud" | "pip" => &[Nth(&[SECRET_NAME], 1)],
        "vault" | "consul" | "bao" => &[Nth(&["login"], 1)],
        "ssh" | "scp" | "sftp" | "rsync" => &[],
        _ => return None,
    };
    Some(takes)
}

/// Stands for a word that names a secret, as in `aws configure set aws_secret_access_key SECRET`.
const SECRET_NAME: &str = "";
/// Longest name in [`client`].
const MAX_CLIENT: usize = 20;

/// A password within a word: its number, and where in it.
pub(in crate::secrets) type InWord = (usize, Range<usize>);

/// Finds them in a text, which may hold command lines.
pub(super) fn in_text(text: &str, found: &mut Vec<Found>) {
    let mut add = |words: &[Range<usize>]| {
        for (word, place) in in_words(words.iter().map(|word| &text[word.clone()]), true) {
            let start = words[word].start;
            let place = within_quotes(text, start + place.start..start + place.end);
            if !place.is_empty() && !is_reference(&text[place.clone()]) {
                found.push(Found::new(place, "PASSWORD"));
            }
        }
    };
    add(&at_blanks(text));
    if text.contains(['"', '\'']) {
        add(&as_a_shell(text));
    }
}

/// `-p'SECRET'` keeps its quotes, also where a blank ends the word between them.
fn within_quotes(text: &str, place: Range<usize>) -> Range<usize> {
    let begins = matches!(text.as_bytes().get(place.start), Some(b'"' | b'\'')) && !place.is_empty();
    place.start + usize::from(begins)..place.end
}

/// `$PASSWORD` and `${PASSWORD}` name a secret, and hold none.
pub(super) fn is_reference(value: &str) -> bool {
    const MAX_NAME: usize = 64;
    let Some(name) = value.strip_prefix('$').filter(|name| name.len() <= MAX_NAME) else { return false };
    // Compose writes each `$` twice; `$(cat /run/secrets/db)` is cut at its blank.
    let name = name.strip_prefix('$').unwrap_or(name);
    let name = name.strip_prefix('{').map_or(name, |name| name.strip_suffix('}').unwrap_or(name));
    let is_of_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    name.starts_with(|letter: char| letter.is_ascii_uppercase()) && name.bytes().all(is_of_name)
        || name.starts_with("(cat")
}

/// Words between blanks.
fn at_blanks(text: &str) -> Vec<Range<usize>> {
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

/// Words as a shell reads them; what is wholly in quotes comes without them. A quote that is not closed is a letter.
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

/// What was read of a command so far.
#[derive(Default)]
struct Reading {
    takes: &'static [Takes],
    /// Words since one that counts them, and how many there are to be.
    counting: Option<usize>,
    /// What the word before asks of this one.
    wanted: Option<Takes>,
    seen: Option<&'static str>,
}

/// Finds them among words. Words of a text may stand in quotes and brackets; those of an argument list are as they are.
pub(in crate::secrets) fn in_words<'a>(words: impl Iterator<Item = &'a str>, are_of_text: bool) -> Vec<InWord> {
    let mut found = Vec::new();
    let mut reading = Reading::default();
    for (number, whole) in words.enumerate() {
        let (offset, word) = if are_of_text { unwrapped(whole) } else { (0, whole) };
        if let Some(place) = reading.take(word) {
            found.push((number, offset + place.start..offset + place.end));
        }
        if are_of_text && whole.ends_with(';') || matches!(whole, "|" | "||" | "&&" | "&" | ";") {
            reading = Reading::default();
        }
    }
    found
}

/// Without the quotes and brackets around it.
fn unwrapped(word: &str) -> (usize, &str) {
    let mut begun = word;
    while let Some(rest) = begun.strip_prefix("$(").or_else(|| begun.strip_prefix(['"', '\'', '`', '(', '\\'])) {
        begun = rest;
    }
    let offset = word.len() - begun.len();
    // Commas and colons stand behind a quote: `exec: "mysql -pSECRET": not found`.
    let bare = begun.trim_end_matches(['"', '\'', '`', ')', ';', '\\', ':', ',']);
    let has_quote = begun[bare.len()..].contains(['"', '\'', '`']);
    (offset, if has_quote { bare } else { begun.trim_end_matches([')', ';', '\\']) })
}

impl Reading {
    /// The password in a word.
    fn take(&mut self, word: &str) -> Option<Range<usize>> {
        if let Some(wanted) = self.wanted.take()
            && (!word.starts_with('-') || matches!(wanted, User(..)))
        {
            return value(wanted, word);
        }
        if let Some(place) = self.counted(word) {
            return Some(place);
        }
        let name = word.rsplit('/').next().unwrap_or(word);
        if name.len() <= MAX_CLIENT
            && let Some(takes) = client(name)
        {
            *self = Self { takes, ..Self::default() };
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

    fn by(&mut self, takes: Takes, word: &str) -> Option<Range<usize>> {
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
                // A long flag has its value behind `=`, and a pair is found as such.
                let attached = word.strip_prefix(flag)?;
                let attached = if flag.starts_with("--") { attached.strip_prefix('=')? } else { attached };
                let is_short = flag.len() == 2 || flag.starts_with("--");
                let place = value(takes, attached).filter(|_| is_short && !attached.is_empty())?;
                let before = word.len() - attached.len();
                Some(before + place.start..before + place.end)
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
            Htpasswd => {
                let flags = word.strip_prefix('-').filter(|flags| flags.contains('b'))?;
                self.counting = Some(if flags.contains('n') { 2 } else { 3 });
                None
            }
        }
    }
}

/// `-fsSu` is `-u` at the end of others.
fn ends_cluster(flag: &str, word: &str) -> bool {
    const MAX_CLUSTER: usize = 8;
    let letters = word.strip_prefix('-').filter(|letters| letters.len() <= MAX_CLUSTER);
    flag.len() == 2
        && letters.is_some_and(|letters| {
            letters.bytes().all(|letter| letter.is_ascii_alphabetic()) && letters.ends_with(&flag[1..])
        })
}

/// The password in the value of a flag.
fn value(takes: Takes, word: &str) -> Option<Range<usize>> {
    let behind = |separator: char| {
        let at = word.find(separator)? + separator.len_utf8();
        (at < word.len()).then_some(at..word.len())
    };
    match takes {
        User(_, separator) => behind(separator),
        Pass(_) => word.starts_with("pass:").then(|| behind(':')).flatten(),
        Header(_) => {
            let (name, _) = word.split_once(':')?;
            let place = behind(':').filter(|_| crate::secrets::names_a_secret(name, "x"))?;
            let blanks = word[place.clone()].len() - word[place.clone()].trim_start().len();
            let start = place.start + blanks;
            let scheme = ["Bearer ", "Basic ", "Token ", "ApiKey "].into_iter().find(|scheme| {
                word.as_bytes()[start..]
                    .get(..scheme.len())
                    .is_some_and(|text| text.eq_ignore_ascii_case(scheme.as_bytes()))
            });
            Some(start + scheme.map_or(0, str::len)..place.end).filter(|place| !place.is_empty())
        }
        Cookie(_) => word.contains('=').then_some(0..word.len()),
        _ => (!word.is_empty()).then_some(0..word.len()),
    }
}
