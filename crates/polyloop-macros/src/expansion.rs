use crate::arguments::Arguments;
use crate::function::Function;
use crate::misuse::Misuse;
use crate::tokens::{Delimiter, Group, Span, TokenStream, TokenTree};

/// Which attribute is expanded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attribute {
    Main,
    Test,
}

impl Attribute {
    fn name(self) -> &'static str {
        match self {
            Attribute::Main => "#[polyloop::main]",
            Attribute::Test => "#[polyloop::test]",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Attribute::Main => &["backend", "config"],
            Attribute::Test => &["backend", "config", "timeout"],
        }
    }
}

/// Expands an attribute, or gives the misuse as an error of the compiler, beside an item that
/// causes no further ones.
pub(crate) fn expand(
    attribute: Attribute,
    arguments: TokenStream,
    item: TokenStream,
) -> TokenStream {
    let function = match Function::parse(item.clone(), attribute.name()) {
        Ok(function) => function,
        Err(misuse) => return misuse.into_tokens().into_iter().chain(stand_in(item)).collect(),
    };
    let (arguments, misuse) = match Arguments::parse(arguments, attribute.arguments()) {
        Ok(arguments) => (arguments, None),
        Err(misuse) => (Arguments::default(), Some(misuse)),
    };
    let misuse =
        misuse.or_else(|| (attribute == Attribute::Test).then(|| test_twice(&function))?);
    let expanded = match attribute {
        Attribute::Main => main(function, arguments),
        Attribute::Test => test(function, arguments),
    };
    let misuse = misuse.map(Misuse::into_tokens).unwrap_or_default();
    misuse.into_iter().chain(expanded).collect()
}

/// Makes a synchronous function that runs the async one, of which it is the only user.
fn main(function: Function, arguments: Arguments) -> TokenStream {
    // Complaints about the type of what the function gives point to that type.
    // The arrow is two tokens.
    let at = function.output.get(2).map_or_else(|| function.name.span(), TokenTree::span);
    let name = function.name.clone();
    let output = function.output.clone();
    let run = chain([
        source("let outcome = ::polyloop::__macros::run"),
        parenthesized(chain([
            source("::polyloop::Runner::builder()"),
            settings(&arguments),
            source(","),
            TokenTree::from(name).into(),
        ])),
        source(";"),
        source("use ::polyloop::__macros::{PlainOutcome as _, ResultOutcome as _};"),
        source_at("(&::polyloop::__macros::Outcome::of(&outcome)).ending().end(outcome)", at),
    ]);
    wrap(function, output.into_iter().collect(), run)
}

/// Makes a test of the standard harness that runs the async function on each backend.
fn test(function: Function, arguments: Arguments) -> TokenStream {
    let panic = function.attribute("should_panic").map(|attribute| {
        // The text stands in `should_panic = "..."` or `should_panic(expected = "...")`.
        let text = literal(attribute.stream()).unwrap_or_else(|| source("\"\""));
        chain([source(".should_panic"), parenthesized(text)])
    });
    let timeout = arguments.timeout_ns.map(|ns| source(&format!(".timeout_ns({ns})")));
    let backend = arguments.backend.clone().map(|backend| setting("pin", backend));
    let name = function.name.clone();
    let run = chain([
        source(&format!("::polyloop::__macros::TestPlan::new(\"{name}\")")),
        backend.unwrap_or_default(),
        arguments.config.map(|config| setting("config", config)).unwrap_or_default(),
        timeout.unwrap_or_default(),
        panic.unwrap_or_default(),
        source(".run"),
        parenthesized(TokenTree::from(name).into()),
    ]);
    chain([source("#[::core::prelude::v1::test]"), wrap(function, TokenStream::new(), run)])
}

/// Makes the outer function: the async one inside, and what runs it.
fn wrap(function: Function, outer_output: TokenStream, run: TokenStream) -> TokenStream {
    let name = TokenTree::from(function.name);
    let inner = chain([
        source("async fn"),
        name.clone().into(),
        source("()"),
        function.output.into_iter().collect(),
        TokenTree::from(function.body).into(),
    ]);
    chain([
        function.attributes.into_iter().collect(),
        function.visibility.into_iter().collect(),
        source("fn"),
        name.into(),
        source("()"),
        outer_output,
        TokenTree::from(Group::new(Delimiter::Brace, chain([inner, run]))).into(),
    ])
}

fn settings(arguments: &Arguments) -> TokenStream {
    let backend = arguments.backend.clone().map(|backend| setting("backend", backend));
    let config = arguments.config.clone().map(|config| setting("config", config));
    chain([backend.unwrap_or_default(), config.unwrap_or_default()])
}

fn setting(method: &str, value: TokenStream) -> TokenStream {
    chain([source(&format!(".{method}")), parenthesized(value)])
}

/// Complains about a test that the standard harness would run on its own too.
fn test_twice(function: &Function) -> Option<Misuse> {
    let attribute = function.attribute("test")?;
    let message = "remove #[test]: #[polyloop::test] makes the function a test";
    Some(Misuse::new(attribute.span(), message))
}

/// Keeps an item that cannot be expanded, unless it is an async `main`, which would be one more
/// error.
fn stand_in(item: TokenStream) -> TokenStream {
    let words: Vec<String> = item.clone().into_iter().map(|token| token.to_string()).collect();
    let is_async = words.iter().any(|word| word == "async");
    if is_async && words.windows(2).any(|pair| pair == ["fn", "main"]) {
        return source("fn main() {}");
    }
    item
}

fn literal(tokens: TokenStream) -> Option<TokenStream> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Literal(_) => Some(token.into()),
        TokenTree::Group(group) => literal(group.stream()),
        _ => None,
    })
}

fn chain<const N: usize>(parts: [TokenStream; N]) -> TokenStream {
    parts.into_iter().flatten().collect()
}

fn parenthesized(inner: TokenStream) -> TokenStream {
    TokenTree::from(Group::new(Delimiter::Parenthesis, inner)).into()
}

fn source(text: &str) -> TokenStream {
    text.parse().expect("what is written here is tokens")
}

/// Makes tokens that errors report as standing at `at`.
fn source_at(text: &str, at: Span) -> TokenStream {
    fn move_to(tokens: TokenStream, at: Span) -> TokenStream {
        let moved = |token: TokenTree| {
            let mut token = match token {
                TokenTree::Group(group) => {
                    Group::new(group.delimiter(), move_to(group.stream(), at)).into()
                }
                other => other,
            };
            token.set_span(Span::call_site().located_at(at));
            token
        };
        tokens.into_iter().map(moved).collect()
    }
    move_to(source(text), at)
}
