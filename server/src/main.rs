//! Entry point: reads the settings, sets up logging, runs a command or the server.

use server::{
    commands,
    config::{Cli, Config, LogFormat, warn_of_unknown_variables},
    process::usage,
    startup::{Application, stop_signal},
};
use std::{
    io::{IsTerminal as _, Write as _, stderr, stdout},
    process::ExitCode,
};
use tracing_subscriber::EnvFilter;

// Two on any machine: while one renders a page, the other keeps streaming. Each has its own memory
// arena.
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let (cli, matches) = match Cli::read(std::env::args_os().collect()) {
        Ok(read) => read,
        Err(error) => error.exit(),
    };
    let ended = match cli.command.clone() {
        Some(command) => commands::run(cli, command, &matches).await,
        None => {
            log(&cli.config);
            warn_of_unknown_variables();
            serve(cli.config).await.map(|()| ExitCode::SUCCESS)
        }
    };
    ended.unwrap_or_else(|error| {
        // Printed at any log level: it explains why the server does not start.
        let _ = writeln!(stderr(), "quaylight: {error:#}");
        ExitCode::FAILURE
    })
}

/// Logs to standard error.
fn log(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr).log_internal_errors(false);
    match config.log_format {
        LogFormat::Text => lines.with_ansi(stderr().is_terminal()).init(),
        // Fields on the level of time and level, as most collectors expect.
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(false).init(),
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let application = Application::build(config).await?;
    usage::raise_open_files_limit();
    // Before the address is printed, because a reader may stop the server immediately.
    let stopped = stop_signal()?;
    // The server runs even if its output is not read.
    let _ = writeln!(stdout(), "Quaylight on http://{}, watching {}", application.address(), application.engine());
    #[cfg(debug_assertions)]
    panic_for_tests(&application);
    if let Err(failure) = application.run_until(stopped).await {
        let _ = writeln!(stderr(), "quaylight: {failure}");
        // Exits immediately: the runtime would wait for threads that may be stuck.
        std::process::exit(1);
    }
    Ok(())
}

/// Debug builds only: `QUAYLIGHT_PANIC_TASK` names a task that panics soon after the start, for
/// tests.
#[cfg(debug_assertions)]
fn panic_for_tests(application: &Application) {
    const AFTER: std::time::Duration = std::time::Duration::from_secs(2);
    let Ok(task) = std::env::var("QUAYLIGHT_PANIC_TASK") else { return };
    let supervisor = application.supervisor();
    tokio::spawn(async move {
        tokio::time::sleep(AFTER).await;
        supervisor.panic_in(task.leak());
    });
}
