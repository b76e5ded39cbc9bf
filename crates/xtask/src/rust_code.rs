//! Tells code from comments and literals in Rust source, without a parser.

#[cfg(test)]
mod tests;

/// Returns `source` with comments and literals blanked out; line numbers stay as they are.
pub(crate) fn code_only(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let blank = comment_len(rest).or_else(|| literal_len(rest));
        // Words are taken whole, so that a word ending in `r` is not read as a raw string.
        let len = blank.unwrap_or_else(|| word_len(rest).max(first.len_utf8()));
        let (token, after) = rest.split_at(len);
        match blank {
            Some(_) => code.extend(token.chars().map(|c| if c == '\n' { c } else { ' ' })),
            None => code.push_str(token),
        }
        rest = after;
    }
    code
}

/// Tells whether `word` occurs in `code` as a whole word.
pub(crate) fn has_word(code: &str, word: &str) -> bool {
    code.split(|c: char| !is_word_char(c)).any(|found| found == word)
}

fn comment_len(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        let (step, change) = match rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        at += step;
        depth += change;
        if depth == 0 {
            break;
        }
    }
    Some(at)
}

fn literal_len(rest: &str) -> Option<usize> {
    raw_string_len(rest).or_else(|| match rest.as_bytes() {
        [b'"', ..] => Some(quoted_len(rest, b'"')),
        [b'\'', b'\\', ..] => Some(quoted_len(rest, b'\'')),
        // A lifetime has no closing quote after its first character.
        [b'\'', ..] => {
            let len = 1 + rest[1..].chars().next()?.len_utf8();
            rest[len..].starts_with('\'').then_some(len + 1)
        }
        _ => None,
    })
}

fn raw_string_len(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r"].into_iter().find(|prefix| rest.starts_with(prefix))?;
    let body = rest[prefix.len()..].trim_start_matches('#');
    let hashes = rest.len() - prefix.len() - body.len();
    let end = format!("\"{}", "#".repeat(hashes));
    let body_len = body.strip_prefix('"')?.find(&end).map_or(body.len(), |at| 1 + at + end.len());
    Some(prefix.len() + hashes + body_len)
}

fn quoted_len(rest: &str, quote: u8) -> usize {
    let mut is_escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            _ if byte == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn word_len(rest: &str) -> usize {
    rest.find(|c: char| !is_word_char(c)).unwrap_or(rest.len())
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
