//! Parse, telemetry, build, run; nothing else.

use server::{config::Config, startup::Application};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let config = Config::from_command_line();
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the address is this program's answer to being started")]
async fn run(config: Config) -> anyhow::Result<()> {
    let application = Application::build(config).await?;
    println!("Quaylight on http://{}, watching {}", application.address(), application.engine());
    application.run_until_stopped().await
}
