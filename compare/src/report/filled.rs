//! A page that is written by hand, but for a table of the report's.

use std::io;
use std::path::Path;

/// The page.
const PAGE: &str = "benchmarking.md";
/// What stands around the table.
const BEGIN: &str = "<!-- targets: `polyloop-compare` writes from here -->\n";
const END: &str = "<!-- targets: to here -->\n";

/// Writes the table into the page, if that is in the folder.
pub(crate) fn fill(folder: &Path, table: &str) -> io::Result<()> {
    let path = folder.join(PAGE);
    let page = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        page => page?,
    };
    let filled = filled(&page, table).ok_or_else(|| {
        io::Error::other(format!("{} has no place for the targets", path.display()))
    })?;
    std::fs::write(path, filled)
}

/// Gives the page with the table between its marks.
fn filled(page: &str, table: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{table}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_changes() {
        let page = format!("before\n{BEGIN}old\n{END}after\n");
        let expected = format!("before\n{BEGIN}\n| new |\n\n{END}after\n");
        assert_eq!(filled(&page, "| new |\n").unwrap(), expected);
        assert_eq!(filled(&expected, "| new |\n").unwrap(), expected);
        assert_eq!(filled("no marks\n", "| new |\n"), None);
    }
}
