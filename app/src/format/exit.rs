//! Texts for exit codes.

use std::borrow::Cow;

/// Usual meaning of an exit code; codes over 128 name the signal that ended the process.
pub fn exit_reason(code: i64, oom_killed: bool) -> Cow<'static, str> {
    if oom_killed {
        return "out of memory: killed by the kernel".into();
    }
    let words = match code {
        0 => "finished normally",
        1 => "exited with an error",
        125 => "the engine could not run it",
        126 => "its command cannot be executed",
        127 => "its command was not found",
        129 => "hung up (SIGHUP)",
        130 => "interrupted (SIGINT)",
        131 => "quit (SIGQUIT)",
        134 => "aborted (SIGABRT)",
        135 => "bus error (SIGBUS)",
        136 => "arithmetic error (SIGFPE)",
        137 => "killed (SIGKILL)",
        139 => "segmentation fault (SIGSEGV)",
        143 => "terminated (SIGTERM)",
        signal @ 129..=192 => return format!("terminated by signal {}", signal - 128).into(),
        _ => return format!("exited with code {code}").into(),
    };
    words.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_have_a_meaning() {
        for (code, oom_killed, words) in [
            (0, false, "finished normally"),
            (1, false, "exited with an error"),
            (3, false, "exited with code 3"),
            (137, false, "killed (SIGKILL)"),
            (137, true, "out of memory: killed by the kernel"),
            (139, false, "segmentation fault (SIGSEGV)"),
            (141, false, "terminated by signal 13"),
            (143, false, "terminated (SIGTERM)"),
            (255, false, "exited with code 255"),
            (-1, false, "exited with code -1"),
        ] {
            assert_eq!(exit_reason(code, oom_killed), words);
        }
    }
}
