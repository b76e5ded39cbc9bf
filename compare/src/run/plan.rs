use super::{Cell, Settings, cells};
use crate::peer::Peer;
use crate::report::targets_need;

/// What no target refers to.
const NOT_FOR_TARGETS: [Peer; 3] = [Peer::BareMio, Peer::Uv, Peer::PolyloopPolling];

/// What the user chose.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    /// Parts of names of cells; none means all.
    pub(crate) only: Vec<String>,
    /// The peers; none means all.
    pub(crate) peers: Vec<Peer>,
}

/// What will be measured, and what cannot be.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) cells: Vec<Cell>,
    pub(crate) peers: Vec<Peer>,
    pub(crate) refused: Vec<(Peer, String)>,
    /// Whether the peers were named, so that none of them is left out for its time.
    named: bool,
}

impl Plan {
    /// Chooses, and asks every chosen peer whether it can run here.
    pub(crate) fn new(choice: &Choice, settings: &Settings) -> Plan {
        let wanted = |cell: &Cell| {
            let named = choice.only.iter().any(|part| cell.name.contains(part.as_str()));
            // A cell that is asked for by name is measured however quick the run is.
            let chosen = choice.only.is_empty() && (!settings.quick || cell.in_quick);
            (chosen || named) && (!settings.targets || targets_need(&cell.name))
        };
        let chosen = |peer: &Peer| match &choice.peers[..] {
            [] => !settings.targets || !NOT_FOR_TARGETS.contains(peer),
            peers => peers.contains(peer),
        };
        let mut plan = Plan {
            cells: cells().into_iter().filter(wanted).collect(),
            peers: Vec::new(),
            refused: Vec::new(),
            named: !choice.peers.is_empty(),
        };
        for peer in Peer::ALL.into_iter().filter(chosen) {
            match peer.refusal() {
                None => plan.peers.push(peer),
                Some(reason) => plan.refused.push((peer, reason)),
            }
        }
        plan
    }

    /// Says why a peer does not do a work that is planned, if so.
    pub(crate) fn leaves_out(&self, peer: Peer, cell: &Cell) -> Option<&'static str> {
        let left_out = if self.named { None } else { cell.leaves_out(peer) };
        peer.lacks(cell.work()).or(left_out)
    }

    /// Gives how many measurements that will be.
    pub(crate) fn steps(&self, settings: &Settings) -> u64 {
        let repetitions = self.cells.iter().map(|cell| u64::from(cell.repetitions(settings)));
        repetitions.sum::<u64>() * self.peers.len() as u64
    }
}

#[cfg(test)]
mod tests;
