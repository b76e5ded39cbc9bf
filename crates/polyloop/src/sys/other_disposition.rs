//! What a signal does now cannot be asked safely here.

use super::Disposition;
use crate::signal::SignalKind;

pub(crate) fn of(_: SignalKind) -> Disposition {
    Disposition::Default
}
