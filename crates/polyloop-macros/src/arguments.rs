use crate::backend::backend;
use crate::misuse::Misuse;
use crate::timeout::timeout_ns;
use crate::tokens::{Span, TokenStream, TokenTree};

/// What stands in the parentheses of an attribute.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) backend: Option<TokenStream>,
    pub(crate) config: Option<TokenStream>,
    pub(crate) timeout_ns: Option<u64>,
}

impl Arguments {
    /// Reads `name = value, ...`, of which an attribute knows the `known` names.
    ///
    /// A value ends at the next comma outside parentheses, brackets and braces.
    pub(crate) fn parse(tokens: TokenStream, known: &[&str]) -> Result<Arguments, Misuse> {
        let mut arguments = Arguments::default();
        let mut tokens = tokens.into_iter();
        let mut seen = Vec::new();
        while let Some(first) = tokens.next() {
            let (name, at) = (first.to_string(), first.span());
            if !known.contains(&name.as_str()) {
                let known = known.join(", ");
                return Err(Misuse::new(
                    at,
                    format!("unknown argument `{name}`; known are {known}"),
                ));
            }
            if seen.contains(&name) {
                return Err(Misuse::new(at, format!("`{name}` is given twice")));
            }
            if !tokens.next().is_some_and(|token| is_punct(&token, '=')) {
                return Err(Misuse::new(at, format!("`{name}` needs a value: `{name} = ...`")));
            }
            let value: TokenStream = tokens.by_ref().take_while(|t| !is_punct(t, ',')).collect();
            if value.is_empty() {
                return Err(Misuse::new(at, format!("`{name}` needs a value: `{name} = ...`")));
            }
            arguments.set(&name, at, value)?;
            seen.push(name);
        }
        Ok(arguments)
    }

    fn set(&mut self, name: &str, at: Span, value: TokenStream) -> Result<(), Misuse> {
        match name {
            "backend" => self.backend = Some(backend(value)?),
            "config" => self.config = Some(value),
            _ => self.timeout_ns = Some(timeout_ns(at, value)?),
        }
        Ok(())
    }
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}
