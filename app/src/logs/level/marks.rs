//! Levels in notations of particular programs and loggers, and lines that continue the one before.

use super::Level;

/// The level from the first characters of a line.
pub(super) fn level(head: &str) -> Option<Level> {
    of_syslog(head)
        .or_else(|| of_klog(head))
        .or_else(|| of_ruby(head))
        .or_else(|| of_redis(head))
        .or_else(|| of_mongo(head))
        .or_else(|| of_erlang(head))
        .or_else(|| of_crash(head))
}

/// Level in the format of syslog, `<3>text` and `<11>1 2026-…`: facility times eight plus severity.
fn of_syslog(head: &str) -> Option<Level> {
    let (number, _) = head.strip_prefix('<')?.split_once('>')?;
    let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    let priority = number.parse::<u64>().ok().filter(|priority| is_number && *priority < 192)?;
    Level::of_syslog(priority % 8)
}

/// Level in the format of klog: `E1123 09:30:00.125000`.
fn of_klog(head: &str) -> Option<Level> {
    let letters = head.as_bytes().first_chunk::<9>()?;
    let is_digit = |at: usize| letters[at].is_ascii_digit();
    let is_klog = (1..5).all(is_digit) && letters[5] == b' ' && is_digit(6) && is_digit(7) && letters[8] == b':';
    is_klog.then(|| Level::of_letter(letters[0])).flatten()
}

/// Level in the format of Ruby: `E, [2026-11-23T09:30:00.125 #1] ERROR -- : text`.
fn of_ruby(head: &str) -> Option<Level> {
    let letters = head.as_bytes().first_chunk::<5>()?;
    let is_ruby = letters[1..4] == *b", [" && letters[4].is_ascii_digit();
    is_ruby.then(|| Level::of_letter(letters[0])).flatten()
}

/// Level in the format of Redis: `1:M 23 Nov 2026 09:30:00.125 # text`.
fn of_redis(head: &str) -> Option<Level> {
    let (process, rest) = head.split_once(' ')?;
    let (number, role) = process.split_once(':')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || !matches!(role, "M" | "S" | "C" | "X") {
        return None;
    }
    // Day, month, year, time.
    match rest.split(' ').nth(4)? {
        "#" => Some(Level::Warn),
        "*" => Some(Level::Info),
        "-" | "." => Some(Level::Debug),
        _ => None,
    }
}

/// Level in the format of MongoDB before it wrote JSON: `2026-11-23T09:30:00.125+0000 E NETWORK
/// [conn1] text`.
fn of_mongo(head: &str) -> Option<Level> {
    let mut words = head.split(' ');
    let (time, letter, component) = (words.next()?, words.next()?, words.next()?);
    let is_time = time.len() >= 20 && time.starts_with(|first: char| first.is_ascii_digit()) && time.contains('T');
    let is_component =
        component == "-" || (component.len() > 1 && component.bytes().all(|byte| byte.is_ascii_uppercase()));
    let &[letter] = letter.as_bytes() else { return None };
    (is_time && is_component).then(|| Level::of_letter(letter)).flatten()
}

/// Level in the format of Erlang: `=ERROR REPORT==== 23-Nov-2026::09:30:00 ===`.
fn of_erlang(head: &str) -> Option<Level> {
    let (kind, _) = head.strip_prefix('=')?.split_once(" REPORT=")?;
    match kind {
        "CRASH" | "SUPERVISOR" => Some(Level::Error),
        "PROGRESS" => Some(Level::Info),
        kind => Level::parse(kind),
    }
}

/// Level of crash messages, which are recognized by their first words.
fn of_crash(head: &str) -> Option<Level> {
    const CRASHES: [&str; 6] = [
        "Traceback (most recent call last)",
        "Exception in thread ",
        "Unhandled exception",
        "Uncaught exception",
        "** (",
        "npm ERR!",
    ];
    if CRASHES.iter().any(|begin| head.starts_with(begin)) {
        return Some(Level::Error);
    }
    // Rust: thread 'main' panicked at src/main.rs:2:5.
    if head.starts_with("thread '") && head.contains("' panicked at ") {
        return Some(Level::Error);
    }
    is_exception(head).then_some(Level::Error)
}

/// True for an exception: `java.lang.IllegalStateException: text`, `TypeError: text`.
fn is_exception(head: &str) -> bool {
    let name = head.split([':', ' ']).next().unwrap_or_default();
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'$' | b'\\'));
    let last = name.rsplit(['.', '\\']).next().unwrap_or_default();
    let is_named = |end: &str| last.len() > end.len() && last.ends_with(end);
    let follows = head[name.len()..].is_empty() || head[name.len()..].starts_with(": ");
    is_name
        && follows
        && last.starts_with(|first: char| first.is_ascii_uppercase())
        && (is_named("Exception") || is_named("Error"))
}

/// True if a line continues the previous one. `after_trace` is true if the previous line did, too,
/// which makes unmarked lines recognizable.
pub(super) fn continues(text: &str, after_trace: bool) -> bool {
    const PREFIXES: [&str; 17] = [
        "at ",
        "Caused by:",
        "Suppressed:",
        "... ",
        "During handling of the above exception",
        "The above exception was the direct cause",
        "goroutine ",
        "created by ",
        "[signal ",
        "Stack trace:",
        "[stacktrace]",
        "stack backtrace:",
        "note: run with `RUST_BACKTRACE",
        "--- End of ",
        "  thrown in ",
        "exit status ",
        "Process exited",
    ];
    if text.starts_with(['\t', ' ']) {
        return !text.trim_start().is_empty();
    }
    if PREFIXES.iter().any(|prefix| text.starts_with(prefix)) || is_numbered_frame(text) || is_detail(text) {
        return true;
    }
    // Go's frames, the error after a Python trace, and closing brackets.
    after_trace
        && (is_call(text)
            || is_error_name(text)
            || matches!(text.trim_end(), "}" | ")" | "]" | "})" | "};" | "]}" | "},"))
}

/// True for a frame of PHP: `#0 /app/index.php(3): f()`.
fn is_numbered_frame(text: &str) -> bool {
    let rest = text.strip_prefix('#').unwrap_or_default();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && digits < 4 && rest[digits..].starts_with(' ')
}

/// True for a call in a Go stack trace: `main.handler(0xc000010000, 0x1)`.
fn is_call(text: &str) -> bool {
    let Some((name, _)) = text.split_once('(').filter(|_| text.ends_with(')')) else { return false };
    name.contains('.') && !name.contains(' ')
}

/// True for the error at the end of a Python stack trace: `requests.exceptions.Timeout: text`.
fn is_error_name(text: &str) -> bool {
    let name = text.split(": ").next().unwrap_or_default().trim_end_matches(':');
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'));
    let last = name.rsplit_once('.').map(|(_, last)| last);
    is_name && last.is_some_and(|last| last.starts_with(|first: char| first.is_ascii_uppercase()))
}

/// True for details of an error by Postgres, which prints them in lines of their own, with the same
/// prefix.
fn is_detail(text: &str) -> bool {
    const DETAILS: [&str; 6] = ["DETAIL:  ", "HINT:  ", "STATEMENT:  ", "CONTEXT:  ", "QUERY:  ", "LOCATION:  "];
    let mut end = text.len().min(super::MAX_HEADER_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    DETAILS.iter().any(|detail| head.find(detail).is_some_and(|at| at == 0 || head[..at].ends_with(' ')))
}
