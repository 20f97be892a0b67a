//! Measured and documented values, for the terminal and as Markdown.

#![allow(clippy::print_stdout, reason = "its result")]

/// One row.
#[derive(Debug)]
pub(crate) struct Row {
    what: String,
    measured: String,
    /// Empty without a documented value.
    promised: String,
    kept: Option<bool>,
}

impl Row {
    /// A measurement without a documented value.
    pub(crate) fn note(what: impl Into<String>, measured: impl Into<String>) -> Self {
        Self { what: what.into(), measured: measured.into(), promised: String::new(), kept: None }
    }

    /// A measurement with a documented value, and whether it is met.
    pub(crate) fn promise(
        what: impl Into<String>,
        measured: impl Into<String>,
        promised: impl Into<String>,
        kept: bool,
    ) -> Self {
        Self { what: what.into(), measured: measured.into(), promised: promised.into(), kept: Some(kept) }
    }

    fn verdict(&self) -> &'static str {
        match self.kept {
            None => "",
            Some(true) => "yes",
            Some(false) => "NO",
        }
    }
}

/// Rows by section.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<(String, Vec<Row>)>);

impl Table {
    pub(crate) fn add(&mut self, section: &str, rows: Vec<Row>) {
        self.0.push((section.to_owned(), rows));
    }

    pub(crate) fn print(&self) {
        let width = self.0.iter().flat_map(|(_, rows)| rows).map(|row| row.what.chars().count()).max().unwrap_or(0);
        for (section, rows) in &self.0 {
            println!("\n{section}");
            for row in rows {
                let Row { what, measured, promised, .. } = row;
                let promised =
                    if promised.is_empty() { String::new() } else { format!("  [{promised}: {}]", row.verdict()) };
                println!("  {what:width$}  {measured}{promised}");
            }
        }
        println!();
    }

    pub(crate) fn markdown(&self, machine: &str) -> String {
        let mut text = format!("{machine}\n\n| Measure | Result | Target | Met |\n|---|---|---|---|\n");
        for row in self.0.iter().flat_map(|(_, rows)| rows) {
            text += &format!("| {} | {} | {} | {} |\n", row.what, row.measured, row.promised, row.verdict());
        }
        text
    }
}

/// Prints a progress message.
pub(crate) fn say(line: &str) {
    println!("bench  {line}");
}
