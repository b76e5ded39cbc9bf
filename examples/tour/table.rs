use std::fmt;

use polyloop::{Backend, Error, ErrorKind, Result};

use crate::lessons::Outcome;

/// What every backend gave for every lesson. Each row has the same lessons in the same order.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<(String, Vec<Outcome>)>,
}

impl Table {
    pub(crate) fn add(&mut self, backend: &Backend, outcomes: Vec<Outcome>) {
        self.rows.push((backend.name().to_owned(), outcomes));
    }

    /// Fails if an answer is not the expected one, or a lesson took another time than it should.
    pub(crate) fn check(&self) -> Result<()> {
        let wrong: Vec<String> = self
            .rows
            .iter()
            .flat_map(|(backend, outcomes)| outcomes.iter().map(move |outcome| (backend, outcome)))
            .filter(|(_, outcome)| !outcome.is_right())
            .map(|(backend, outcome)| format!("{} on {backend}: {outcome}", outcome.lesson))
            .collect();
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Io(std::io::ErrorKind::InvalidData))
                .attempting(format_args!("get the same on every backend ({})", wrong.join("; ")))),
        }
    }
}

impl Outcome {
    fn is_right(&self) -> bool {
        self.answer == self.expected && self.at_least <= self.took && self.took < self.less_than
    }
}

/// What was expected and what was found.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (expected, answer, took) = (&self.expected, &self.answer, self.took);
        let (at_least, less_than) = (self.at_least, self.less_than);
        write!(f, "{answer:?} in {took:?}, not {expected:?} in {at_least:?} to {less_than:?}")
    }
}

/// One line for each lesson, one column for each backend.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:32}{:>14}", "lesson", "expected ms")?;
        for (backend, _) in &self.rows {
            write!(f, "{backend:>14}")?;
        }
        let Some((_, lessons)) = self.rows.first() else { return Ok(()) };
        for (index, lesson) in lessons.iter().enumerate() {
            let expected = format!("{}", lesson.at_least.as_millis());
            write!(f, "\n{:32}{expected:>14}", lesson.lesson)?;
            for (_, outcomes) in &self.rows {
                let outcome = &outcomes[index];
                let verdict = if outcome.is_right() { "ok" } else { "WRONG" };
                let cell = format!("{:.1} {verdict}", outcome.took.as_secs_f64() * 1e3);
                write!(f, "{cell:>14}")?;
            }
        }
        Ok(())
    }
}
