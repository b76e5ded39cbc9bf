use std::fmt::Display;
use std::str::FromStr;

use polyloop::{Error, ErrorKind, Result};

/// The arguments of the process that nobody has asked for yet.
///
/// A program asks for each option that it knows, and then calls [`Arguments::finish`], which
/// refuses the rest.
#[derive(Debug)]
pub struct Arguments {
    rest: Vec<String>,
}

impl Arguments {
    /// Gives the arguments of this process.
    pub fn of_process() -> Arguments {
        Arguments { rest: std::env::args().skip(1).collect() }
    }

    /// Takes `name VALUE` out, and reads the value.
    ///
    /// # Errors
    ///
    /// *Invalid input* if the value is missing or cannot be read, saying which and why.
    pub fn value<T: FromStr<Err: Display>>(&mut self, name: &str) -> Result<Option<T>> {
        let Some(position) = self.rest.iter().position(|argument| argument == name) else {
            return Ok(None);
        };
        self.rest.remove(position);
        if position == self.rest.len() {
            return Err(invalid(format_args!("read the command line: {name} needs a value")));
        }
        let value = self.rest.remove(position);
        value
            .parse()
            .map(Some)
            .map_err(|error| invalid(format_args!("read the option {name} {value}: {error}")))
    }

    /// Takes the flag `name` out, and tells whether it was there.
    pub fn flag(&mut self, name: &str) -> bool {
        let position = self.rest.iter().position(|argument| argument == name);
        position.is_some_and(|position| self.rest.remove(position) == name)
    }

    /// Takes the next argument that is not an option.
    pub fn positional(&mut self) -> Option<String> {
        let position = self.rest.iter().position(|argument| !argument.starts_with('-'))?;
        Some(self.rest.remove(position))
    }

    /// Checks that everything was understood.
    ///
    /// # Errors
    ///
    /// *Invalid input* if something is left, naming it and the `usage`.
    pub fn finish(self, usage: &str) -> Result<()> {
        match self.rest.first() {
            None => Ok(()),
            Some(left) => {
                Err(invalid(format_args!("understand the argument {left} (usage: {usage})")))
            }
        }
    }
}

fn invalid(what: impl Display) -> Error {
    Error::new(ErrorKind::InvalidInput).attempting(what)
}
