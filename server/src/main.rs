//! Parse, telemetry, build, run; nothing else.

use server::{
    config::Config,
    process,
    startup::{Application, stop_signal},
};
use std::{
    io::{IsTerminal as _, stderr},
    process::ExitCode,
};
use tracing_subscriber::EnvFilter;

// Two, however many cores there are: while one renders a page the other goes on streaming, and each has memory of its own.
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let config = Config::from_command_line();
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(stderr().is_terminal()).with_writer(stderr).init();
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Told whatever --log says: it is why there is no server.
            eprintln!("quaylight: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the address is this program's answer to being started")]
async fn run(config: Config) -> anyhow::Result<()> {
    let application = Application::build(config).await?;
    process::allow_open_files();
    // Before the address is told: whoever reads it may stop the server at once.
    let stopped = stop_signal()?;
    println!("Quaylight on http://{}, watching {}", application.address(), application.engine());
    application.run_until(stopped).await;
    Ok(())
}
