//! The diagram of [`super`], walked along every arrow; then at random (`history`). Here: the page that all of them are told about.

mod by_hand;
mod fallen_back;
mod hidden;
mod history;
mod stream;

use super::{Command::*, ConnectionState::*, *};
use crate::model::Timestamp;

/// A page with time of its own.
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
        assert_eq!(page.tell(Input::Start), [Open { stream: 1, fresh: false }]);
        page
    }

    fn live() -> Self {
        let mut page = Self::started();
        assert_eq!(page.tell(Input::Content { stream: 1 }), []);
        page
    }

    /// In Static, its last stream attempt failed, its first snapshot asked for.
    fn fallen_back() -> (Self, u32) {
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

    fn tell(&mut self, input: Input) -> Vec<Command> {
        self.machine.handle(input, self.now(), self.random)
    }

    fn fail(&mut self, stream: u32, problem: StreamProblem) -> Vec<Command> {
        self.tell(Input::StreamFailed { stream, problem })
    }

    /// Lets time pass, ticking whenever the machine asked for it; what it did, and how long after the start of the wait.
    fn wait(&mut self, millis: u64) -> Vec<(u64, Command)> {
        let (start, end) = (self.millis, self.millis + millis);
        let mut done = Vec::new();
        while let Some(due) = self.machine.due().filter(|due| due.as_millis() <= end) {
            self.millis = due.as_millis().max(self.millis);
            done.extend(self.tell(Input::Tick).into_iter().map(|command| (self.millis - start, command)));
        }
        self.millis = end;
        done
    }

    /// Lets time pass until the machine does something.
    fn wait_for_commands(&mut self) -> Vec<Command> {
        loop {
            let Some(due) = self.machine.due() else { panic!("the machine waits for nothing") };
            self.millis = due.as_millis().max(self.millis);
            let commands = self.tell(Input::Tick);
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
