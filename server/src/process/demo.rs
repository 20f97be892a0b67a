//! The demo engine: the simulator in this process. Without the feature `demo`, the simulator is not
//! compiled, and a demo scenario is an invalid setting.

#[cfg(feature = "demo")]
mod embedded {
    use anyhow::Context as _;
    use app::model::EngineName;
    use simulator::{Options, Simulator};

    pub use simulator::{SimulatorHandle as DemoEngine, scenario::Scenario};

    /// Seed of a demo engine. Two demo engines have different containers; the default one has the
    /// same at each start.
    fn seed(name: EngineName) -> u64 {
        let fold = |seed: u64, byte: u8| seed.wrapping_mul(31).wrapping_add(byte.into());
        if name == EngineName::LOCAL { Options::default().seed } else { name.as_str().bytes().fold(7, fold) }
    }

    /// Starts a demo engine, which runs until its handle is dropped or shut down.
    ///
    /// # Errors
    /// If its socket cannot be created.
    pub async fn start(name: EngineName, scenario: Scenario) -> anyhow::Result<DemoEngine> {
        let options = Options { scenario, seed: seed(name), ..Options::default() };
        Simulator::start(options).await.context("the demo engine could not start")
    }
}

#[cfg(not(feature = "demo"))]
mod missing {
    use std::str::FromStr;

    /// Scenario of a demo engine, which this build does not include.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Scenario {}

    impl std::fmt::Display for Scenario {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            match *self {}
        }
    }

    impl FromStr for Scenario {
        type Err = String;

        fn from_str(_: &str) -> Result<Self, Self::Err> {
            Err("this program was compiled without the demo engine".to_owned())
        }
    }

    /// A demo engine, which this build does not include.
    #[derive(Debug)]
    pub enum DemoEngine {}

    impl DemoEngine {
        /// Unreachable: no scenario can be created.
        pub fn endpoint(&self) -> String {
            match *self {}
        }

        /// Unreachable: no scenario can be created.
        pub fn failed(&self) -> std::future::Pending<()> {
            match *self {}
        }

        /// Unreachable: no scenario can be created.
        pub async fn shutdown(self) {
            match self {}
        }
    }

    /// Unreachable: no scenario can be created.
    ///
    /// # Errors
    /// Never, because no scenario can be created.
    pub async fn start(_: app::model::EngineName, scenario: Scenario) -> anyhow::Result<DemoEngine> {
        match scenario {}
    }
}

#[cfg(feature = "demo")]
pub use embedded::{DemoEngine, Scenario, start};
#[cfg(not(feature = "demo"))]
pub use missing::{DemoEngine, Scenario, start};
