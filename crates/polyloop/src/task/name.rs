use std::fmt;

/// What a task is called: what it was given, or `Task-` and a number.
pub(super) enum TaskName {
    Numbered(u64),
    Given(Box<str>),
}

impl Default for TaskName {
    fn default() -> TaskName {
        TaskName::Numbered(0)
    }
}

impl fmt::Display for TaskName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TaskName::Numbered(number) => write!(f, "Task-{number}"),
            TaskName::Given(name) => f.write_str(name),
        }
    }
}
