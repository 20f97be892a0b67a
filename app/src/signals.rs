//! Names of signals. For pages of one container and of what happened only.

/// By number, as Linux has them on the machines that containers run on.
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

/// The name of a signal, by its number as events tell it.
pub fn name(number: &str) -> String {
    let known = number.parse::<usize>().ok().and_then(|number| NAMES.get(number.checked_sub(1)?));
    known.map_or_else(|| number.to_owned(), |name| (*name).to_owned())
}

/// The signal that ended a process, by its exit code.
pub fn of_exit(code: i64) -> Option<&'static str> {
    let number = usize::try_from(code).ok()?.checked_sub(129)?;
    NAMES.get(number).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_names() {
        for (number, told) in [
            ("9", "SIGKILL"),
            ("15", "SIGTERM"),
            ("1", "SIGHUP"),
            ("31", "SIGSYS"),
            ("0", "0"),
            ("64", "64"),
            ("x", "x"),
        ] {
            assert_eq!(name(number), told);
        }
        for (code, told) in [
            (137, Some("SIGKILL")),
            (139, Some("SIGSEGV")),
            (143, Some("SIGTERM")),
            (128, None),
            (1, None),
            (-1, None),
            (255, None),
        ] {
            assert_eq!(of_exit(code), told, "{code}");
        }
    }
}
