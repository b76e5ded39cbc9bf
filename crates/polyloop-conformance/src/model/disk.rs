use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use polyloop_core::{
    Error, ErrorKind, FileKind, FileSpec, Key, Metadata, Op, OpId, Output, Removal, Result, Slab,
};

use super::flaw::Flaw;
use super::resource::{Body, OpenFile, Resource};
use super::world::Pending;
use crate::sys::errno;

/// What there is by path, and the jobs that the next turn does.
///
/// Whether the directory of a path is there is not looked at.
#[derive(Default)]
pub(super) struct Disk {
    names: BTreeMap<PathBuf, Named>,
    queue: VecDeque<OpId>,
}

pub(super) type Content = Rc<RefCell<Vec<u8>>>;

/// What a path names.
#[derive(Clone)]
enum Named {
    File(Content),
    Directory,
    Link(PathBuf),
}

impl Disk {
    pub(super) fn queue(&mut self, id: OpId) {
        self.queue.push_back(id);
    }

    pub(super) fn next_job(&mut self) -> Option<OpId> {
        self.queue.pop_front()
    }

    pub(super) fn open(&mut self, spec: &FileSpec) -> Result<OpenFile> {
        let write = spec.write || spec.append;
        if !spec.read && !write {
            return Err(Error::from_errno(errno::INVALID_ARGUMENT));
        }
        let content = match self.find(&spec.path, true) {
            Ok(_) if spec.create_new => return Err(Error::from_errno(errno::FILE_EXISTS)),
            Ok(Named::File(content)) => content,
            Ok(_) => return Err(Error::from_errno(errno::IS_DIRECTORY)),
            Err(_) if spec.create || spec.create_new => {
                let content = Content::default();
                self.names.insert(spec.path.clone(), Named::File(content.clone()));
                content
            }
            Err(error) => return Err(error),
        };
        if spec.truncate {
            content.borrow_mut().clear();
        }
        Ok(OpenFile { content, read: spec.read, write, append: spec.append })
    }

    /// Counts the names of the file that a job is about.
    pub(super) fn links_of(
        &self,
        pending: Option<&Pending>,
        resources: &Slab<Key, Resource>,
    ) -> u64 {
        let key = pending.and_then(|pending| pending.op.key());
        match key.and_then(|key| resources.get(key)).map(|found| &found.body) {
            Some(Body::File(file)) => self.links(&file.content),
            _ => 0,
        }
    }

    /// Does an op of paths.
    pub(super) fn do_path_op(&mut self, op: &Op, flaw: Option<Flaw>) -> Result<Output> {
        match op {
            Op::StatPath { path, follow } => {
                let follow = *follow || flaw == Some(Flaw::LinkAlwaysFollowed);
                let found = match self.find(path, follow)? {
                    Named::File(content) if flaw == Some(Flaw::PathLengthUntold) => {
                        told(&Content::default(), self.links(&content))
                    }
                    Named::File(content) => told(&content, self.links(&content)),
                    Named::Directory => of_kind(FileKind::Directory),
                    Named::Link(_) => of_kind(FileKind::Symlink),
                };
                return Ok(Output::Metadata(Box::new(found)));
            }
            Op::Rename { from, to } => {
                let named = self.find(from, false)?;
                if flaw != Some(Flaw::RenameKeepsName) {
                    self.names.remove(from);
                }
                self.names.insert(to.clone(), named);
            }
            Op::Remove { path, what } => self.remove(path, *what, flaw)?,
            Op::MakeDirectory { path, .. } => self.make(path, Named::Directory)?,
            Op::Link { original, link } => {
                let named = match self.find(original, false)? {
                    Named::File(content) if flaw == Some(Flaw::LinkCopies) => {
                        let copy = content.borrow().clone();
                        Named::File(Rc::new(RefCell::new(copy)))
                    }
                    named => named,
                };
                self.make(link, named)?;
            }
            Op::Symlink { target, link } => self.make(link, Named::Link(target.clone()))?,
            _ => return Err(ErrorKind::Unsupported.into()),
        }
        Ok(Output::Done)
    }

    fn remove(&mut self, path: &Path, what: Removal, flaw: Option<Flaw>) -> Result<()> {
        match (self.find(path, false)?, what) {
            (Named::Directory, Removal::File) => {
                return Err(Error::from_errno(errno::IS_DIRECTORY));
            }
            (Named::Directory, Removal::EmptyDirectory) => {
                let is_full = self.names.keys().any(|name| name.parent() == Some(path));
                if is_full && flaw != Some(Flaw::FullDirectoryRemoved) {
                    return Err(Error::from_errno(errno::NOT_EMPTY));
                }
            }
            (_, Removal::EmptyDirectory) => return Err(Error::from_errno(errno::NOT_DIRECTORY)),
            (_, Removal::File) => {}
        }
        self.names.remove(path);
        Ok(())
    }

    fn make(&mut self, path: &Path, named: Named) -> Result<()> {
        if self.names.contains_key(path) {
            return Err(Error::from_errno(errno::FILE_EXISTS));
        }
        self.names.insert(path.to_owned(), named);
        Ok(())
    }

    fn find(&self, path: &Path, follow: bool) -> Result<Named> {
        match self.names.get(path) {
            Some(Named::Link(target)) if follow => self.find(target, false),
            Some(named) => Ok(named.clone()),
            None => Err(Error::from_errno(errno::NO_SUCH_FILE)),
        }
    }

    fn links(&self, content: &Content) -> u64 {
        let same =
            |named: &&Named| matches!(named, Named::File(other) if Rc::ptr_eq(other, content));
        self.names.values().filter(same).count() as u64
    }
}

/// Tells about a file.
pub(super) fn told(content: &Content, links: u64) -> Metadata {
    let mut metadata = of_kind(FileKind::Regular);
    metadata.len = content.borrow().len() as u64;
    metadata.links = links;
    metadata.inode = Rc::as_ptr(content).addr() as u64;
    metadata
}

fn of_kind(kind: FileKind) -> Metadata {
    let mut metadata = Metadata::default();
    metadata.kind = kind;
    metadata
}
