use std::fmt;

/// All the errors of a group, in the order in which they came; never none.
///
/// It is an error itself if they can be shown.
///
/// # Examples
///
/// ```
/// use polyloop::{TaskError, TaskGroup};
///
/// #[derive(Debug, PartialEq)]
/// enum Failure {
///     Missing(u32),
///     Task,
/// }
///
/// impl From<TaskError> for Failure {
///     fn from(_: TaskError) -> Failure {
///         Failure::Task
///     }
/// }
///
/// polyloop::run(async {
///     let result = TaskGroup::run(async |group| {
///         group.create_task(async { Err::<(), _>(Failure::Missing(1)) });
///         group.create_task(async { panic!("two"); #[allow(unreachable_code)] Ok(()) });
///         Ok(())
///     });
///     let (missing, others) = result.await.unwrap_err().split(|e| matches!(e, Failure::Missing(_)));
///     assert_eq!(missing.unwrap().errors(), [Failure::Missing(1)]);
///     assert_eq!(others.unwrap().into_first(), Failure::Task);
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExceptionGroup<E> {
    errors: Vec<E>,
}

impl<E> ExceptionGroup<E> {
    /// Makes a group of errors; none of no errors.
    pub fn new(errors: impl IntoIterator<Item = E>) -> Option<ExceptionGroup<E>> {
        let errors: Vec<E> = errors.into_iter().collect();
        (!errors.is_empty()).then_some(ExceptionGroup { errors })
    }

    /// Gives the errors.
    pub fn errors(&self) -> &[E] {
        &self.errors
    }

    /// Gives the errors one after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, E> {
        self.errors.iter()
    }

    /// Gives the error that came first.
    pub fn first(&self) -> &E {
        &self.errors[0]
    }

    /// Gives the error that came first, and forgets the others.
    pub fn into_first(self) -> E {
        self.errors.into_iter().next().expect("a group has an error")
    }

    /// Splits the errors into those for which a predicate holds and the others, as asyncio's
    /// `except*` does.
    pub fn split(
        self,
        predicate: impl FnMut(&E) -> bool,
    ) -> (Option<ExceptionGroup<E>>, Option<ExceptionGroup<E>>) {
        let (matching, others): (Vec<E>, Vec<E>) = self.errors.into_iter().partition(predicate);
        (ExceptionGroup::new(matching), ExceptionGroup::new(others))
    }

    /// Makes a group of other errors of this one, one for each.
    pub fn map<F>(self, map: impl FnMut(E) -> F) -> ExceptionGroup<F> {
        ExceptionGroup { errors: self.errors.into_iter().map(map).collect() }
    }
}

impl<E: fmt::Display> fmt::Display for ExceptionGroup<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [error] = &*self.errors {
            return error.fmt(f);
        }
        write!(f, "{} errors", self.errors.len())?;
        for (n, error) in self.errors.iter().enumerate() {
            write!(f, "{}{error}", if n == 0 { ": " } else { "; " })?;
        }
        Ok(())
    }
}

/// It has no source: what it shows is all of its errors.
impl<E: fmt::Debug + fmt::Display> std::error::Error for ExceptionGroup<E> {}

impl<E> From<ExceptionGroup<E>> for std::io::Error
where
    E: fmt::Debug + fmt::Display + Send + Sync + 'static,
{
    fn from(errors: ExceptionGroup<E>) -> std::io::Error {
        std::io::Error::other(errors)
    }
}

impl<E> IntoIterator for ExceptionGroup<E> {
    type Item = E;
    type IntoIter = std::vec::IntoIter<E>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.into_iter()
    }
}

impl<'a, E> IntoIterator for &'a ExceptionGroup<E> {
    type Item = &'a E;
    type IntoIter = std::slice::Iter<'a, E>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.iter()
    }
}
