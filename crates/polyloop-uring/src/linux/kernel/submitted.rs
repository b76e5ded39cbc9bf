use io_uring::opcode;

/// Counts what a ring was given, by opcode, and how often the kernel was entered.
///
/// Tests prove by it that an op goes the native way, and how much one system call carries.
#[derive(Clone, Debug)]
pub struct Submitted {
    counts: [u64; Submitted::OPCODES],
    enters: u64,
}

/// The opcodes that this crate uses, with the kernel's names.
const NAMES: &[(u8, &str)] = &[
    (opcode::Fsync::CODE, "FSYNC"),
    (opcode::PollAdd::CODE, "POLL_ADD"),
    (opcode::SendMsg::CODE, "SENDMSG"),
    (opcode::RecvMsg::CODE, "RECVMSG"),
    (opcode::Accept::CODE, "ACCEPT"),
    (opcode::AsyncCancel::CODE, "ASYNC_CANCEL"),
    (opcode::Connect::CODE, "CONNECT"),
    (opcode::OpenAt::CODE, "OPENAT"),
    (opcode::Read::CODE, "READ"),
    (opcode::Write::CODE, "WRITE"),
    (opcode::Writev::CODE, "WRITEV"),
    (opcode::Send::CODE, "SEND"),
    (opcode::Recv::CODE, "RECV"),
    (opcode::Shutdown::CODE, "SHUTDOWN"),
    (opcode::Readv::CODE, "READV"),
    (opcode::Statx::CODE, "STATX"),
    (opcode::RenameAt::CODE, "RENAMEAT"),
    (opcode::UnlinkAt::CODE, "UNLINKAT"),
    (opcode::MkDirAt::CODE, "MKDIRAT"),
    (opcode::SymlinkAt::CODE, "SYMLINKAT"),
    (opcode::LinkAt::CODE, "LINKAT"),
    (opcode::Ftruncate::CODE, "FTRUNCATE"),
    (opcode::WaitId::CODE, "WAITID"),
];

impl Submitted {
    const OPCODES: usize = 64;

    pub(super) const fn new() -> Submitted {
        Submitted { counts: [0; Submitted::OPCODES], enters: 0 }
    }

    pub(super) fn count_entry(&mut self, opcode: u32) {
        if let Some(count) = self.counts.get_mut(opcode as usize) {
            *count += 1;
        }
    }

    pub(super) fn count_enter(&mut self) {
        self.enters += 1;
    }

    /// Gives how many entries of an opcode (`IORING_OP_…`, by its number) were submitted.
    pub fn of(&self, opcode: u8) -> u64 {
        self.counts.get(usize::from(opcode)).copied().unwrap_or(0)
    }

    /// Gives how many entries of an opcode were submitted, by the kernel's name of it without
    /// its prefix (`RECV`); zero for a name that this crate never submits.
    pub fn of_name(&self, name: &str) -> u64 {
        NAMES.iter().find(|(_, known)| *known == name).map_or(0, |(opcode, _)| self.of(*opcode))
    }

    /// Visits the opcodes that this crate uses, by name, with their counts.
    pub fn by_name(&self) -> impl Iterator<Item = (&'static str, u64)> {
        NAMES.iter().map(|(opcode, name)| (*name, self.of(*opcode)))
    }

    /// Gives how many entries were submitted altogether.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Gives how often the kernel was entered: system calls for submitting and waiting.
    pub const fn enters(&self) -> u64 {
        self.enters
    }
}
