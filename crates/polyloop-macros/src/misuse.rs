use crate::tokens::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};

/// What is wrong with how an attribute is used, and where.
#[derive(Debug)]
pub(crate) struct Misuse {
    span: Span,
    message: String,
}

impl Misuse {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Misuse {
        Misuse { span, message: message.into() }
    }

    /// Makes the item that is this error.
    pub(crate) fn into_tokens(self) -> TokenStream {
        let text: TokenStream =
            format!("{:?}", self.message).parse().expect("a string literal is a token");
        let path = ["core", "compile_error"].into_iter().flat_map(|word| {
            let colons = [Punct::new(':', Spacing::Joint), Punct::new(':', Spacing::Alone)];
            let word = TokenTree::from(Ident::new(word, self.span));
            colons.map(TokenTree::from).into_iter().chain([word])
        });
        let message = Group::new(Delimiter::Brace, text);
        let bang = Punct::new('!', Spacing::Alone);
        path.chain([bang.into(), message.into()])
            .map(|mut token: TokenTree| {
                token.set_span(self.span);
                token
            })
            .collect()
    }
}
