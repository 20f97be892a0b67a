//! Tests along every arrow of the diagram in [`super`], then of random inputs (`history`). Here:
//! the simulated page they use.

mod hidden;
mod history;
mod static_mode;
mod stream;
mod user_requests;

use super::{Command::*, ConnectionState::*, *};
use crate::model::Timestamp;

/// A page with simulated time.
struct Page {
    machine: Machine,
    millis: u64,
    random: f64,
}

impl Page {
    fn new() -> Self {
        let millis = 1_000_000;
        Self { machine: Machine::new(Timestamp::from_millis(millis)), millis, random: 0.0 }
    }

    fn started() -> Self {
        let mut page = Self::new();
        assert_eq!(page.handle(Input::Start), [Open { stream: 1, fresh: false }]);
        page
    }

    fn live() -> Self {
        let mut page = Self::started();
        assert_eq!(page.handle(Input::Content { stream: 1 }), []);
        page
    }

    /// In Static, after its last stream attempt failed and its first snapshot was requested.
    fn in_static() -> (Self, u32) {
        let mut page = Self::live();
        let mut stream = 1;
        while page.state() != Static {
            page.fail(stream, StreamProblem::Ended);
            stream += u32::from(page.state() != Static);
            if page.state() != Static {
                assert_eq!(page.wait_for_commands(), [Open { stream, fresh: false }]);
            }
        }
        (page, stream)
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis)
    }

    fn handle(&mut self, input: Input) -> Vec<Command> {
        self.machine.handle(input, self.now(), self.random)
    }

    fn fail(&mut self, stream: u32, problem: StreamProblem) -> Vec<Command> {
        self.handle(Input::StreamFailed { stream, problem })
    }

    /// Lets time pass, with a tick whenever the machine requests one. Returns its commands, with
    /// milliseconds since the start of the wait.
    fn wait(&mut self, millis: u64) -> Vec<(u64, Command)> {
        let (start, end) = (self.millis, self.millis + millis);
        let mut done = Vec::new();
        while let Some(due) = self.machine.due().filter(|due| due.as_millis() <= end) {
            self.millis = due.as_millis().max(self.millis);
            done.extend(self.handle(Input::Tick).into_iter().map(|command| (self.millis - start, command)));
        }
        self.millis = end;
        done
    }

    /// Lets time pass until the machine issues commands.
    fn wait_for_commands(&mut self) -> Vec<Command> {
        loop {
            let Some(due) = self.machine.due() else { panic!("the machine waits for nothing") };
            self.millis = due.as_millis().max(self.millis);
            let commands = self.handle(Input::Tick);
            if !commands.is_empty() {
                return commands;
            }
        }
    }

    fn view(&self) -> Connection {
        self.machine.connection(|local| local)
    }

    fn state(&self) -> ConnectionState {
        self.view().state
    }

    fn problem(&self) -> String {
        self.view().problem.unwrap_or_default()
    }
}

fn after(instant: Timestamp, millis: u64) -> Timestamp {
    Timestamp::from_millis(instant.as_millis() + millis)
}

fn says(problem: &impl ToString, page: &Page) {
    assert_eq!(page.problem(), problem.to_string());
}
