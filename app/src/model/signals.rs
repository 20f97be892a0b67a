//! Names and numbers of Unix signals. Used by the pages of one container and of events only.

/// Names by number, as on Linux.
const NAMES: [&str; 31] = [
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
    "SIGSEGV",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGSTKFLT",
    "SIGCHLD",
    "SIGCONT",
    "SIGSTOP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGWINCH",
    "SIGIO",
    "SIGPWR",
    "SIGSYS",
];

/// First of the real-time signals, as Linux programs count them.
const FIRST_REAL_TIME: u8 = 34;
const LAST_REAL_TIME: u8 = 64;

/// Number of a signal in any notation: `SIGTERM`, `term`, `15`, `SIGRTMIN+3`.
pub fn number(text: &str) -> Option<u8> {
    let text = text.trim().to_ascii_uppercase();
    let text = text.strip_prefix("SIG").unwrap_or(&text);
    if let Ok(number) = text.parse::<u8>() {
        return (1..=LAST_REAL_TIME).contains(&number).then_some(number);
    }
    let place = |rest: &str, sign: char| match rest {
        "" => Some(0),
        rest => rest.strip_prefix(sign)?.parse::<u8>().ok(),
    };
    if let Some(rest) = text.strip_prefix("RTMIN") {
        return place(rest, '+')?.checked_add(FIRST_REAL_TIME).filter(|number| *number <= LAST_REAL_TIME);
    }
    if let Some(rest) = text.strip_prefix("RTMAX") {
        return LAST_REAL_TIME.checked_sub(place(rest, '-')?).filter(|number| *number >= FIRST_REAL_TIME);
    }
    let known = NAMES.iter().position(|name| name.strip_prefix("SIG") == Some(text))?;
    u8::try_from(known + 1).ok()
}

/// Name of a signal from its number as text, as in events; an unknown number stays unchanged.
pub fn name(number: &str) -> String {
    let known = number.parse::<usize>().ok().and_then(|number| NAMES.get(number.checked_sub(1)?));
    known.map_or_else(|| number.to_owned(), |name| (*name).to_owned())
}

/// Name of the signal that ended a process, from its exit code.
pub fn of_exit(code: i64) -> Option<&'static str> {
    let number = usize::try_from(code).ok()?.checked_sub(129)?;
    NAMES.get(number).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signal_numbers_are_found_in_any_notation() {
        for (text, expected) in [
            ("SIGTERM", Some(15)),
            ("term", Some(15)),
            ("15", Some(15)),
            (" SIGQUIT", Some(3)),
            ("SIGRTMIN+3", Some(37)),
            ("RTMIN", Some(34)),
            ("SIGRTMAX-1", Some(63)),
            ("SIGRTMIN+31", None),
            ("SIGRTMAX-31", None),
            ("0", None),
            ("65", None),
            ("SIGNONE", None),
            ("", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn signals_have_names() {
        for (number, expected) in [
            ("9", "SIGKILL"),
            ("15", "SIGTERM"),
            ("1", "SIGHUP"),
            ("31", "SIGSYS"),
            ("0", "0"),
            ("64", "64"),
            ("x", "x"),
        ] {
            assert_eq!(name(number), expected);
        }
        for (code, expected) in [
            (137, Some("SIGKILL")),
            (139, Some("SIGSEGV")),
            (143, Some("SIGTERM")),
            (128, None),
            (1, None),
            (-1, None),
            (255, None),
        ] {
            assert_eq!(of_exit(code), expected, "{code}");
        }
    }
}
