use crate::misuse::Misuse;
use crate::tokens::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

/// The parts of an async function without parameters.
pub(crate) struct Function {
    pub(crate) attributes: Vec<TokenTree>,
    pub(crate) visibility: Vec<TokenTree>,
    pub(crate) name: Ident,
    /// The arrow and the type behind it, or nothing.
    pub(crate) output: Vec<TokenTree>,
    pub(crate) body: Group,
}

impl Function {
    /// Takes a function apart; `attribute` is what the misuse is of.
    pub(crate) fn parse(item: TokenStream, attribute: &str) -> Result<Function, Misuse> {
        let mut rest: Vec<TokenTree> = item.into_iter().collect();
        let wants = |at: Span| Misuse::new(at, format!("{attribute} belongs on an async function"));
        let behind_attributes = 2 * rest.chunks(2).take_while(|pair| is_attribute(pair)).count();
        let begin = rest.get(behind_attributes).map_or_else(Span::call_site, TokenTree::span);
        let Some(keyword) = rest.iter().position(|token| is_word(token, "fn")) else {
            return Err(wants(begin));
        };
        let mut signature = rest.split_off(keyword).into_iter();
        let mut qualifiers = rest.split_off(behind_attributes);
        let attributes = rest;

        let Some(TokenTree::Ident(name)) = signature.nth(1) else { return Err(wants(begin)) };
        let visibility_len = qualifiers.len().min(visibility_len(&qualifiers));
        let words = qualifiers.split_off(visibility_len);
        match &words[..] {
            [word] if is_word(word, "async") => {}
            [] => {
                let message =
                    format!("write `async fn {name}`: {attribute} runs an async function");
                return Err(Misuse::new(name.span(), message));
            }
            [word, ..] => {
                let message = format!("{attribute} takes `async fn` without other qualifiers");
                return Err(Misuse::new(word.span(), message));
            }
        }
        match signature.next() {
            Some(TokenTree::Group(parameters))
                if parameters.delimiter() == Delimiter::Parenthesis =>
            {
                if !parameters.stream().is_empty() {
                    let message =
                        format!("{attribute} gives no arguments: write `async fn {name}()`");
                    return Err(Misuse::new(parameters.span(), message));
                }
            }
            other => {
                let at = other.map_or(name.span(), |token| token.span());
                return Err(Misuse::new(at, format!("{attribute} takes no generic function")));
            }
        }
        let mut output: Vec<TokenTree> = signature.collect();
        if let Some(clause) = output.iter().find(|token| is_word(token, "where")) {
            let message = format!("{attribute} takes no `where` clause");
            return Err(Misuse::new(clause.span(), message));
        }
        match output.pop() {
            Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => {
                Ok(Function { attributes, visibility: qualifiers, name, output, body })
            }
            _ => Err(Misuse::new(name.span(), format!("{attribute} needs a function with a body"))),
        }
    }

    /// Finds the attribute that begins with `name`, and gives what it consists of.
    pub(crate) fn attribute(&self, name: &str) -> Option<Group> {
        self.attributes.iter().find_map(|token| match token {
            TokenTree::Group(group) => {
                let first = group.stream().into_iter().next()?;
                is_word(&first, name).then(|| group.clone())
            }
            _ => None,
        })
    }
}

fn is_attribute(pair: &[TokenTree]) -> bool {
    matches!(pair, [TokenTree::Punct(hash), TokenTree::Group(_)] if hash.as_char() == '#')
}

/// Tells how many tokens `pub`, `pub(...)`, or what a macro passed on as a visibility takes.
fn visibility_len(tokens: &[TokenTree]) -> usize {
    match tokens {
        [word, TokenTree::Group(_), ..] if is_word(word, "pub") => 2,
        [word, ..] if is_word(word, "pub") => 1,
        [TokenTree::Group(passed_on), ..] if passed_on.delimiter() == Delimiter::None => 1,
        _ => 0,
    }
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident.to_string().as_str() == word)
}
