//! A file as the answer to a request.

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, SystemTime};

use polyloop::fs::File;

use crate::range::{self, Part};
use crate::response::{Failure, Head};
use crate::site;

/// What is asked of a page, apart from its name.
#[derive(Default)]
pub(crate) struct Wish {
    pub(crate) range: Option<String>,
    pub(crate) has_since: Option<String>,
}

/// A file that can be sent.
pub(crate) struct Page {
    pub(crate) file: File,
    media_type: &'static str,
    len: u64,
    modified: Option<SystemTime>,
}

/// How a wish for a page is answered.
pub(crate) struct Answer {
    status: &'static str,
    /// What is sent of the file.
    pub(crate) part: Range<u64>,
}

impl Page {
    /// Opens a file; what cannot be read is not found, whatever the reason.
    pub(crate) async fn open(path: &Path) -> Result<Page, Failure> {
        let file = File::open(path).await.map_err(|_| Failure::NotFound)?;
        let known = file.metadata().await.map_err(|_| Failure::NotFound)?;
        if !known.is_file() {
            return Err(Failure::NotFound);
        }
        Ok(Page { file, media_type: site::type_of(path), len: known.len, modified: known.modified })
    }

    /// Says what is sent.
    pub(crate) fn answer(&self, wish: &Wish) -> Answer {
        if self.is_known_since(wish) {
            return Answer { status: "304 Not Modified", part: 0..0 };
        }
        match wish.range.as_deref().map_or(Part::Whole, |field| range::read(field, self.len)) {
            Part::Whole => Answer { status: "200 OK", part: 0..self.len },
            Part::Bytes(part) => Answer { status: "206 Partial Content", part },
            Part::Nothing => Answer { status: "416 Range Not Satisfiable", part: 0..0 },
        }
    }

    /// Gives `use_it` the head of an answer.
    pub(crate) fn with_head<R>(
        &self,
        answer: &Answer,
        keeps_alive: bool,
        use_it: impl FnOnce(&Head<'_>) -> R,
    ) -> R {
        use_it(&Head {
            status: answer.status,
            media_type: self.media_type,
            len: answer.part.end - answer.part.start,
            keeps_alive,
            fields: &Fields { page: self, answer },
        })
    }

    /// Tells whether the client has what is there. HTTP counts whole seconds.
    fn is_known_since(&self, wish: &Wish) -> bool {
        let since = wish.has_since.as_deref().and_then(|date| httpdate::parse_http_date(date).ok());
        match (self.modified, since) {
            (Some(modified), Some(since)) => modified < since + Duration::from_secs(1),
            _ => false,
        }
    }
}

/// The fields that only files have.
struct Fields<'a> {
    page: &'a Page,
    answer: &'a Answer,
}

impl fmt::Display for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (part, len) = (&self.answer.part, self.page.len);
        f.write_str("Accept-Ranges: bytes\r\n")?;
        match self.answer.status.get(..3) {
            Some("206") => {
                write!(f, "Content-Range: bytes {}-{}/{len}\r\n", part.start, part.end - 1)?
            }
            Some("416") => write!(f, "Content-Range: bytes */{len}\r\n")?,
            _ => {}
        }
        match self.page.modified {
            Some(modified) => {
                write!(f, "Last-Modified: {}\r\n", httpdate::fmt_http_date(modified))
            }
            None => Ok(()),
        }
    }
}
