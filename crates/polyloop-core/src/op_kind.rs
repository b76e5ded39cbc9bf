use crate::Op;

macro_rules! op_kinds {
    ($($kind:ident => $name:literal),* $(,)?) => {
        /// The kind of an [`Op`], to index capabilities and count by.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub enum OpKind {
            $(#[doc = concat!("[`Op::", stringify!($kind), "`].")] $kind,)*
        }

        impl OpKind {
            /// Every kind, in the order of [`OpKind::index`].
            pub const ALL: &'static [OpKind] = &[$(OpKind::$kind),*];

            /// Gives the kind's name as logs and tables show it.
            #[inline]
            pub const fn name(self) -> &'static str {
                match self { $(OpKind::$kind => $name),* }
            }

            /// Gives the kind's position in [`OpKind::ALL`].
            #[inline]
            pub const fn index(self) -> usize {
                self as usize
            }
        }

        impl Op {
            /// Gives the op's kind.
            #[inline]
            pub const fn kind(&self) -> OpKind {
                match self { $(Op::$kind { .. } => OpKind::$kind),* }
            }
        }
    };
}

op_kinds! {
    Open => "open",
    Accept => "accept",
    AcceptMulti => "accept multishot",
    Connect => "connect",
    Recv => "receive",
    RecvMulti => "receive multishot",
    Send => "send",
    SendVectored => "send vectored",
    SendFile => "send file",
    RecvFrom => "receive from",
    SendTo => "send to",
    Poll => "poll",
    PollMulti => "poll multishot",
    Shutdown => "shutdown",
    Close => "close",
    ReadAt => "read at",
    WriteAt => "write at",
    ReadVectoredAt => "read vectored at",
    WriteVectoredAt => "write vectored at",
    Truncate => "truncate",
    Stat => "stat",
    StatPath => "stat path",
    Rename => "rename",
    Remove => "remove",
    MakeDirectory => "make directory",
    Link => "link",
    Symlink => "symlink",
    Sync => "sync",
    AwaitExit => "await exit",
    Detach => "detach",
    Extension => "extension",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_every_kind_at_its_index() {
        for (index, kind) in OpKind::ALL.iter().enumerate() {
            assert_eq!(kind.index(), index, "{}", kind.name());
        }
    }
}
