use super::Level::{Debug, Error, Fatal, Info, Trace, Warn};
use super::*;

fn assert_levels(lines: &[(&str, Option<Level>)]) {
    let wrong: Vec<_> = lines
        .iter()
        .map(|(text, level)| (text, level, level_of(text, text.starts_with('{'))))
        .filter(|(_, level, found)| *level != found)
        .collect();
    assert!(wrong.is_empty(), "line, expected, found: {wrong:#?}");
}

#[test]
fn levels_are_found_in_words() {
    assert_levels(&[
        ("2026-11-23 09:30:00,125 ERROR main: boom", Some(Error)),
        ("INFO  started", Some(Info)),
        ("[error] upstream closed", Some(Error)),
        ("2026/11/23 09:30:00 [warn] 31#31: slow", Some(Warn)),
        ("2026/11/23 09:30:00 [crit] 31#31: *1 SSL_do_handshake() failed", Some(Fatal)),
        ("LOG:  checkpoint complete", Some(Info)),
        ("FATAL:  password authentication failed", Some(Fatal)),
        ("2026-11-23 09:30:00.125 UTC [1] LOG:  database system is ready", Some(Info)),
        ("2026-11-23 09:30:00.125 UTC [12] ERROR:  relation \"x\" does not exist", Some(Error)),
        ("2026-11-23 09:30:00.125 UTC [12] app@shop DEBUG1:  parse", Some(Debug)),
        ("error: no such file", Some(Error)),
        ("npm ERR! code 1", Some(Error)),
        ("npm WARN deprecated x", Some(Warn)),
        ("09:30:00 DBG cache miss", Some(Debug)),
        ("[T] deep", Some(Trace)),
        ("WARNING: deprecated", Some(Warn)),
        ("CRITICAL|disk full", Some(Fatal)),
        // .NET
        ("fail: Microsoft.AspNetCore.Server[1]", Some(Error)),
        ("dbug: Microsoft.Hosting[0]", Some(Debug)),
        ("info: Microsoft.Hosting[14]", Some(Info)),
        ("warn: X[1]", Some(Warn)),
        ("crit: X[1]", Some(Fatal)),
        ("trce: X[1]", Some(Trace)),
        ("[09:30:00 ERR] Serilog says so", Some(Error)),
        ("2026-11-23 09:30:00.125 +00:00 [INF] hello", Some(Info)),
        ("[09:30:00] [WRN] [1] Jellyfin", Some(Warn)),
        // Minecraft
        ("[10:00:00] [Server thread/WARN]: Can't keep up!", Some(Warn)),
        ("[10:00:00] [Server thread/INFO]: Done", Some(Info)),
        ("[10:00:00 ERROR]: Paper", Some(Error)),
        // PHP
        ("[2026-11-23T09:30:00.125+00:00] production.ERROR: no route {\"a\":1}", Some(Error)),
        ("[2026-11-23 09:30:00] local.DEBUG: x", Some(Debug)),
        ("[2026-11-23 09:30:00] request.CRITICAL: Uncaught", Some(Fatal)),
        ("PHP Fatal error:  Uncaught TypeError", Some(Fatal)),
        ("PHP Warning:  Undefined variable", Some(Warn)),
        ("[23-Nov-2026 09:30:00] NOTICE: fpm is running", Some(Info)),
        // logrus
        ("ERRO[0001] failed", Some(Error)),
        ("WARN[0001] slow", Some(Warn)),
        ("INFO[0001] up", Some(Info)),
        ("DEBU[0001] x", Some(Debug)),
        ("FATA[0001] gone", Some(Fatal)),
        ("PANI[0001] gone", Some(Fatal)),
        ("TRAC[0001] x", Some(Trace)),
        // Databases and brokers
        ("2026-11-23  9:30:00 0 [Note] mariadbd: ready for connections.", Some(Info)),
        ("2026-11-23  9:30:00 0 [Warning] Aborted connection", Some(Warn)),
        ("2026-11-23  9:30:00 0 [ERROR] InnoDB: broken", Some(Error)),
        ("2026-11-23T09:30:00.125Z 0 [System] [MY-010931] [Server] ready", Some(Info)),
        ("2026.11.23 09:30:00.125 [ 1 ] {} <Error> Application: gone", Some(Error)),
        ("2026-11-23 09:30:00.125 [error] <0.123.0> closed", Some(Error)),
        ("[2026-11-23T09:30:00,125][WARN ][o.e.b.B] [node-1] low disk", Some(Warn)),
        ("[2026-11-23 09:30:00,125] ERROR [Broker id=1] gone (kafka.server.X)", Some(Error)),
        ("2026-11-23 09:30:00,125 [myid:1] - WARN  [main:Q@1] - none", Some(Warn)),
        // Web servers
        ("[Mon Nov 23 09:30:00.125 2026] [core:error] [pid 1:tid 2] AH00126", Some(Error)),
        ("[Mon Nov 23 09:30:00.125 2026] [mpm_event:notice] [pid 1] AH00489", Some(Info)),
        ("[Mon Nov 23 09:30:00.125 2026] [:warn] [pid 1] x", Some(Warn)),
        ("[WARNING]  (1) : config : missing timeouts", Some(Warn)),
        ("2026-11-23T09:30:00Z ERR Router error error=\"x\"", Some(Error)),
        ("2026/11/23 09:30:00.125\tERROR\thttp\tx\t{\"a\":1}", Some(Error)),
        // JVM
        ("2026-11-23T09:30:00.125Z  INFO 1 --- [           main] c.e.App : Started", Some(Info)),
        ("09:30:00.125 [main] DEBUG c.e.App - x", Some(Debug)),
        ("SEVERE: it broke", Some(Error)),
        // Python
        ("ERROR:root:boom", Some(Error)),
        ("2026-11-23 09:30:00,125 - mymodule - ERROR - boom", Some(Error)),
        ("INFO:     Started server process [1]", Some(Info)),
        ("[2026-11-23 09:30:00 +0000] [1] [CRITICAL] WORKER TIMEOUT", Some(Fatal)),
        ("[2026-11-23 09:30:00,125: WARNING/MainProcess] slow", Some(Warn)),
        ("2026-11-23 09:30:00.125 ERROR (MainThread) [homeassistant.core] x", Some(Error)),
        // Rust, Elixir, Go, Docker
        ("2026-11-23T09:30:00.125Z  WARN my_crate::x: slow", Some(Warn)),
        ("[2026-11-23T09:30:00Z ERROR my_crate] boom", Some(Error)),
        ("09:30:00.125 [error] GenServer terminating", Some(Error)),
        ("2026-11-23T09:30:00.125Z [ERROR] agent: x", Some(Error)),
        ("panic: runtime error: index out of range", Some(Fatal)),
        ("[Info] Bootstrap: Starting", Some(Info)),
        ("main.c:3:5: error: expected expression", Some(Error)),
        ("(node:1) Warning: Setting x", Some(Warn)),
    ]);
}

#[test]
fn levels_are_found_in_special_notations() {
    assert_levels(&[
        ("<3>boom", Some(Error)),
        ("<6>up", Some(Info)),
        // Facility 1: 8 and 3.
        ("<11>1 2026-11-23T09:30:00Z host app - - - boom", Some(Error)),
        ("<200>no priority", None),
        ("<b>bold</b>", None),
        ("E1123 09:30:00.125000       1 reflector.go:1] failed", Some(Error)),
        ("E0102 15:04:05.000000 1 x.go:1] boom", Some(Error)),
        ("E1234 is a part number", None),
        ("E, [2026-11-23T09:30:00.125 #1] ERROR -- : boom", Some(Error)),
        ("I, [2026-11-23T09:30:00.125 #1]  INFO -- : up", Some(Info)),
        ("1:M 23 Nov 2026 09:30:00.125 # Server initialized", Some(Warn)),
        ("1:M 23 Nov 2026 09:30:00.125 * Ready", Some(Info)),
        ("1:M 23 Nov 2026 09:30:00.125 - 1 clients", Some(Debug)),
        ("2026-11-23T09:30:00.125+0000 E NETWORK  [conn1] gone", Some(Error)),
        ("=ERROR REPORT==== 23-Nov-2026::09:30:00 ===", Some(Error)),
        ("Traceback (most recent call last):", Some(Error)),
        ("Exception in thread \"main\" java.lang.NullPointerException", Some(Error)),
        ("java.lang.IllegalStateException: closed", Some(Error)),
        ("TypeError: x is not a function", Some(Error)),
        ("thread 'main' panicked at src/main.rs:2:5:", Some(Error)),
        ("** (RuntimeError) boom", Some(Error)),
    ]);
}

#[test]
fn levels_are_found_in_pairs_and_json() {
    assert_levels(&[
        ("time=2026 level=warn msg=\"slow\"", Some(Warn)),
        ("time=\"2026-11-23T09:30:00Z\" level=error msg=\"x\"", Some(Error)),
        ("ts=1 caller=x.go lvl=dbug", Some(Debug)),
        ("level=\"error\" x=1", Some(Error)),
        ("level=info msg=\"error\"", Some(Info)),
        ("msg=\"set level=error\" level=info", Some(Info)),
        ("logger=x t=2026-11-23T09:30:00Z level=info msg=\"Request Completed\"", Some(Info)),
        (r#"{"level":"warn","msg":"x"}"#, Some(Warn)),
        (r#"{"level":50,"msg":"x"}"#, Some(Error)),
        (r#"{"level":10}"#, Some(Trace)),
        (r#"{"severity":"CRITICAL"}"#, Some(Fatal)),
        (r#"{"Level":"Information"}"#, Some(Info)),
        (r#"{"log.level":"error"}"#, Some(Error)),
        (r#"{"log":{"level":"error"},"message":"x"}"#, Some(Error)),
        (r#"{"level":3}"#, Some(Error)),
        (r#"{"level":"20"}"#, Some(Debug)),
        (r#"{"version":"1.1","host":"h","short_message":"x","level":3}"#, Some(Error)),
        (r#"{"PRIORITY":"3","MESSAGE":"x"}"#, Some(Error)),
        (r#"{"message":"x","context":{},"level":400,"level_name":"ERROR","channel":"app"}"#, Some(Error)),
        (r#"{"levelno":40,"message":"x"}"#, Some(Error)),
        (r#"{"severityNumber":17,"body":"x"}"#, Some(Error)),
        (r#"{"t":{"$date":"2026-11-23T09:30:00.125+00:00"},"s":"E","c":"NETWORK","id":1,"msg":"x"}"#, Some(Error)),
        (r#"{"reqId":"a","level":3,"app":"core","message":"x"}"#, Some(Error)),
        (r#"{"@t":"2026-11-23T09:30:00Z","@mt":"x","@l":"Warning"}"#, Some(Warn)),
        ("2026-11-23 09:30:00 web {\"level\":\"error\",\"msg\":\"x\"}", Some(Error)),
    ]);
}

#[test]
fn similar_texts_have_no_level() {
    assert_levels(&[
        ("compression level=3", None),
        ("Setting log level=debug", None),
        ("sublevel=error", None),
        ("GET /x?level=error HTTP/1.1", None),
        ("--log-level=error", None),
        (r#"{"level":0,"msg":"x"}"#, None),
        (r#"{"level":1,"msg":"x","logger":"y"}"#, None),
        (r#"{"level":3,"msg":"x","v":3}"#, None),
        (r#"{"level":99}"#, None),
        (r#"{"msg":"ERROR"}"#, None),
        (r#"{"s":"Error"}"#, None),
        ("error=0", None),
        ("errors: 0, warnings: 0", None),
        ("error: 0", None),
        ("debug: false", None),
        ("Tests run: 5, Failures: 0, Error: 0", None),
        ("no errors", None),
        ("0 error(s)", None),
        ("no error: all fine", None),
        ("last error: none", None),
        ("GET /api/ERROR/1 200", None),
        ("there was an error in the machine", None),
        ("10.0.0.1 - \"GET / HTTP/1.1\" 200 12", None),
        ("Using log level ERROR", None),
        ("Set LOG_LEVEL to DEBUG", None),
        ("responses of the ERROR queue", None),
        ("ERROR_LOG=/var/log/x", None),
        ("DEBUG=true", None),
        ("Default: yes", None),
        ("Log: x", None),
        ("<error>no log</error>", None),
        ("(C) 2026 Company", None),
        ("", None),
        ("é", None),
        ("ошибка: нет", None),
    ]);
}

#[test]
fn continuation_lines_are_recognized() {
    for text in [
        "\tat com.example.Main.main(Main.java:3)",
        "    at Object.<anonymous> (/app/index.js:1:1)",
        "  File \"/app/x.py\", line 3, in <module>",
        "at Main.java:3",
        "Caused by: java.io.IOException: x",
        "... 12 more",
        "#0 /app/index.php(3): f()",
        "goroutine 1 [running]:",
        "stack backtrace:",
        "2026-11-23 09:30:00.125 UTC [12] STATEMENT:  select 1",
        "During handling of the above exception, another exception occurred:",
    ] {
        assert!(continues(text, false), "{text}");
    }
    for text in ["another", "", "   ", "at", "#1: first", "main.main()", "}", "{"] {
        assert!(!continues(text, false), "{text}");
    }
    assert!(continues("main.main()", true) && continues("}", true) && !continues("GET /(x)", true));
}

#[test]
fn names_round_trip() {
    for level in Level::ALL {
        assert_eq!(Level::parse(level.as_str()), Some(level));
    }
}
