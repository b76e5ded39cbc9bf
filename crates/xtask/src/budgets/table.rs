use std::fmt;

/// The numbers that are committed, and with what they were counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    /// The architecture first, then the compiler, the C library and valgrind.
    pub(super) facts: String,
    pub(super) rows: Vec<Row>,
}

/// What one operation costs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) backend: String,
    pub(super) operation: String,
    pub(super) instructions: f64,
    /// Where callgrind's profile of it is; nothing of what was recorded.
    pub(super) profile: String,
}

const FACTS: &str = "# counted with: ";

const HEAD: &str = "\
# Instructions of one operation; `cargo run -p xtask -- budgets` compares, with --bless it writes this file.
# docs/benchmarking.md says what is counted and how to look into it.
";

const COLUMNS: &str = "backend\toperation\tinstructions";

impl Table {
    pub(super) fn parse(text: &str) -> Result<Table, String> {
        let mut table = Table::default();
        for (index, line) in text.lines().enumerate() {
            if let Some(facts) = line.strip_prefix(FACTS) {
                table.facts = facts.to_owned();
            } else if !line.starts_with('#') && line != COLUMNS {
                let row = Row::parse(line);
                table.rows.push(row.ok_or_else(|| format!("line {} is no row", index + 1))?);
            }
        }
        Ok(table)
    }

    /// Finds the row of the same operation on the same backend.
    pub(super) fn find(&self, like: &Row) -> Option<&Row> {
        find(&self.rows, like)
    }

    pub(super) fn architecture(&self) -> &str {
        architecture(&self.facts)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}{FACTS}{}\n{COLUMNS}", self.facts)?;
        for Row { backend, operation, instructions, .. } in &self.rows {
            writeln!(f, "{backend}\t{operation}\t{}", instructions.round())?;
        }
        Ok(())
    }
}

impl Row {
    fn parse(line: &str) -> Option<Row> {
        let mut fields = line.split('\t');
        let (backend, operation) = (fields.next()?.to_owned(), fields.next()?.to_owned());
        let instructions = fields.next()?.parse().ok()?;
        Some(Row { backend, operation, instructions, profile: String::new() })
    }

    pub(super) fn name(&self) -> String {
        format!("{}, {}", self.backend, self.operation)
    }
}

pub(super) fn find<'a>(rows: &'a [Row], like: &Row) -> Option<&'a Row> {
    rows.iter().find(|row| row.backend == like.backend && row.operation == like.operation)
}

pub(super) fn architecture(facts: &str) -> &str {
    facts.split(',').next().unwrap_or_default()
}
