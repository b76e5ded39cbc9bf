//! What is served: a greeting, or the files of a folder.

use std::path::PathBuf;

use crate::date::Clock;
use crate::page::Wish;
use crate::request::{Method, Request};
use crate::response::Failure;
use crate::site::Site;

/// What the connections share.
pub(crate) struct Service {
    pub(crate) clock: Clock,
    site: Option<Site>,
}

/// What a request is answered with.
pub(crate) enum Reply {
    Greeting,
    Failure(Failure),
    File(PathBuf, Wish),
}

impl Service {
    pub(crate) fn new(site: Option<Site>) -> Service {
        Service { clock: Clock::default(), site }
    }

    pub(crate) fn reply_to(&self, request: &Request<'_>) -> Reply {
        match (&self.site, request.method) {
            (_, Method::Other) => Reply::Failure(Failure::MethodNotAllowed),
            (None, _) => Reply::Greeting,
            (Some(site), _) => match site.path_of(request.target) {
                None => Reply::Failure(Failure::NotFound),
                Some(path) => {
                    let owned = |field: Option<&str>| field.map(str::to_owned);
                    let (range, has_since) = (owned(request.range), owned(request.has_since));
                    Reply::File(path, Wish { range, has_since })
                }
            },
        }
    }
}
