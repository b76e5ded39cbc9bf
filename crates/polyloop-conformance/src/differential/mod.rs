//! The same random row of ops, played on the loop under test and on the model.
//!
//! A [`script`] is drawn from a seed and knows no loop. [`player`] plays it: it submits, turns
//! and cancels as the script says, checks by itself what must hold on every loop (each op ends
//! once, what arrives is the front of what was sent, in order), and records what must be the same
//! on all of them: kinds of errors, the streams that ran undisturbed, what files hold, what is
//! left in the end. In which turn something ends, and where a receive cuts a stream, is nobody's
//! promise and is not recorded.

mod direction;
mod player;
mod script;

use polyloop_core::LoopConfig;

use crate::harness::Harness;
use crate::model::ModelLoop;
use crate::random::Random;
use crate::rig::{Rig, Transport};

/// Steps of a row.
const STEPS: usize = 200;

/// Plays random rows on a loop of the harness and on the model, and compares.
pub(crate) fn compare_with_the_model(harness: &Harness) {
    for row in 0..harness.rows() {
        let seed = harness.seed().wrapping_add(row);
        let script = script::draw(&mut Random::new(seed), STEPS);
        let config = LoopConfig::default();
        let model = Rig::new(Box::new(ModelLoop::new(&config)), harness.patience(), Transport::Tcp);
        let expected = player::play(model, &script);
        let seen = player::play(harness.rig(), &script);
        for (step, (expected, seen)) in expected.iter().zip(&seen).enumerate() {
            assert_eq!(seen, expected, "POLYLOOP_SEED={seed}, record {step}, against the model");
        }
        assert_eq!(seen.len(), expected.len(), "POLYLOOP_SEED={seed}: as many records");
    }
}
