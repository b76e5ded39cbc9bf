use std::io::IoSlice;

use polyloop_core::{ErrorKind, EventLoop, Key, Result};

use super::MutantLoop;
use crate::mutants::fault::Fault;

impl MutantLoop {
    pub(super) fn send(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        if self.fault == Fault::ManySlicesRefused && bufs.len() > 1024 {
            return Err(ErrorKind::InvalidInput.into());
        }
        let sent = match self.inner.try_send(key, bufs) {
            Err(error) if self.fault == Fault::BrokenSendTaken && !error.is_would_block() => {
                bufs.iter().map(|buf| buf.len()).sum()
            }
            sent => sent.map_err(|error| self.alter_error(error))?,
        };
        Ok(if self.fault == Fault::SentTwiceTold { sent * 2 } else { sent })
    }

    pub(super) fn send_soon(&mut self, key: Key, bufs: &[IoSlice<'_>]) -> Result<usize> {
        let len = bufs.iter().map(|buf| buf.len()).sum();
        match self.fault {
            Fault::SoonLost => return Ok(len),
            Fault::SoonAlwaysTaken => {
                return Ok(self.inner.try_send_soon(key, bufs).unwrap_or(len));
            }
            Fault::SoonLate => {
                let late = std::mem::replace(
                    &mut self.late,
                    bufs.iter().flat_map(|buf| buf.to_vec()).collect(),
                );
                if !late.is_empty() {
                    self.inner.try_send(key, &[IoSlice::new(&late)])?;
                }
                return Ok(len);
            }
            _ => {}
        }
        self.inner.try_send_soon(key, bufs).map_err(|error| self.alter_error(error))
    }
}
