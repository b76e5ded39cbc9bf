use super::{Cell, Settings, cells};
use crate::peer::Peer;

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
}

impl Plan {
    /// Chooses, and asks every chosen peer whether it can run here.
    pub(crate) fn new(choice: &Choice, settings: &Settings) -> Plan {
        let wanted = |cell: &Cell| {
            let named = choice.only.iter().any(|part| cell.name.contains(part.as_str()));
            // A cell that is asked for by name is measured however quick the run is.
            if choice.only.is_empty() { !settings.quick || cell.in_quick } else { named }
        };
        let chosen = |peer: &Peer| choice.peers.is_empty() || choice.peers.contains(peer);
        let mut plan = Plan {
            cells: cells().into_iter().filter(wanted).collect(),
            peers: Vec::new(),
            refused: Vec::new(),
        };
        for peer in Peer::ALL.into_iter().filter(chosen) {
            match peer.refusal() {
                None => plan.peers.push(peer),
                Some(reason) => plan.refused.push((peer, reason)),
            }
        }
        plan
    }

    /// Gives how many measurements that will be.
    pub(crate) fn steps(&self, repetitions: u32) -> u64 {
        self.cells.len() as u64 * self.peers.len() as u64 * u64::from(repetitions)
    }
}

#[cfg(test)]
mod tests;
