use crate::misuse::Misuse;
use crate::tokens::{TokenStream, TokenTree};

/// The names that `polyloop::Backend` parses, and their variants.
const KNOWN: [(&str, &str); 4] =
    [("auto", "Auto"), ("io-uring", "IoUring"), ("mio", "Mio"), ("polling", "Polling")];

/// Reads the value of `backend = ...`: a name, or an expression that is a `Backend`.
pub(crate) fn backend(value: TokenStream) -> Result<TokenStream, Misuse> {
    let mut tokens = value.clone().into_iter();
    let (Some(TokenTree::Literal(literal)), None) = (tokens.next(), tokens.next()) else {
        return Ok(value);
    };
    let text = literal.to_string();
    let known = KNOWN.iter().find(|(name, _)| text == format!("{name:?}"));
    let Some((_, variant)) = known else {
        let names = KNOWN.map(|(name, _)| format!("{name:?}")).join(", ");
        return Err(Misuse::new(
            literal.span(),
            format!("unknown backend {text}; known are {names}, or an expression of type Backend"),
        ));
    };
    let path = format!("::polyloop::Backend::{variant}");
    Ok(path.parse().expect("a path is tokens"))
}
