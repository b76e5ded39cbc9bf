//! The attributes, documented where their examples compile.

/// Runs an async function on a new loop: the `main` of a program, mostly.
///
/// The function is called and run to its end as by [`run`](crate::run), and what it gives is what
/// the function then gives. If the runner fails (no backend can run here; Ctrl-C), a function
/// that gives a `Result` gives that failure, converted with `E: From<polyloop::Error>`; any other
/// panics with the reason, and ends the process with status 130 after Ctrl-C.
///
/// # Arguments
///
/// * `backend = "mio"`: one of `"auto"`, `"io-uring"`, `"mio"`, `"polling"`, checked when the
///   program is compiled, or an expression that is a [`Backend`](crate::Backend).
/// * `config = expression`: a [`LoopConfig`](crate::LoopConfig), the loop's bounds.
///
/// # Examples
///
/// ```
/// #[polyloop::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let answer = polyloop::create_task(async { "42" }).await?;
///     let answer: u8 = answer.parse()?;
///     assert_eq!(answer, 42);
///     Ok(())
/// }
/// ```
///
/// ```no_run
/// #[polyloop::main(backend = "polling", config = few())]
/// async fn main() {
///     assert_eq!(polyloop::backend_info().name(), "polling");
/// }
///
/// fn few() -> polyloop::LoopConfig {
///     let mut config = polyloop::LoopConfig::default();
///     config.ops_max = 64;
///     config
/// }
/// ```
///
/// An error that cannot be made of polyloop's is a compile error:
///
/// ```compile_fail,E0277
/// #[polyloop::main]
/// async fn main() -> Result<(), String> {
///     Ok(())
/// }
/// ```
pub use polyloop_macros::main;
/// Runs an async function as a test, once on each backend that can be built here.
///
/// A backend that polyloop brings and that refuses is left out with a printed line that begins
/// with `skipped:`; if the environment variable `POLYLOOP_EXPECT` (names, with commas between)
/// names it, the test fails. With `POLYLOOP_BACKEND` set, that backend alone is run. When the time
/// is up the test fails, if its loop still turns: what blocks the thread cannot be ended.
///
/// Other attributes stay on the function; with `#[should_panic]` it must panic on each backend.
/// A function that gives a `Result` fails with `Err`.
///
/// # Arguments
///
/// * `backend = ...`: runs on this backend only, whatever the environment says; a name or an
///   expression, as for [`main`](macro@crate::main).
/// * `timeout = "10s"`: how long the test may take on one backend; seconds as a number, or a text
///   that ends in `ms`, `s`, `m` or `h`. A minute if it is left out.
/// * `config = expression`: a [`LoopConfig`](crate::LoopConfig), the loops' bounds.
///
/// # Examples
///
/// ```
/// #[polyloop::test]
/// async fn a_message_comes_back() -> polyloop::Result<()> {
///     let listener = polyloop::TcpListener::bind("127.0.0.1:0").await?;
///     let mut client = polyloop::TcpStream::connect(listener.local_addr()?).await?;
///     let (mut server, _) = listener.accept().await?;
///     client.write_all(b"hello").await?;
///     assert_eq!(&server.read_chunk().await?.unwrap()[..], b"hello");
///     Ok(())
/// }
///
/// #[polyloop::test(backend = "mio", timeout = "10s")]
/// #[should_panic(expected = "too late")]
/// async fn giving_up_is_a_panic() {
///     polyloop::sleep(std::time::Duration::from_millis(1)).await;
///     panic!("too late");
/// }
/// ```
pub use polyloop_macros::test;
