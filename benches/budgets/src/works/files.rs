//! Reads of a file that the kernel has in memory: the way of an op through the frontend and back.

use polyloop::Runner;
use polyloop::fs::File;

use super::Work;
use crate::section::Section;

pub(super) const WORKS: &[Work] = &[("file read", read)];

const ROUNDS: u64 = 1_000;
const BLOCK: usize = 4096;

fn read(runner: &Runner) {
    let path = std::env::temp_dir().join(format!("polyloop-budgets-{}", std::process::id()));
    std::fs::write(&path, [7; BLOCK]).expect("a file is written");
    let opened = path.clone();
    let done = runner.run(async move {
        let file = File::open(opened).await.expect("it is there");
        let mut block = vec![0; BLOCK];
        let mut section = None;
        for round in 0..=ROUNDS {
            let (count, back) = file.read_owned_at(block, 0).await;
            assert_eq!(count.expect("read"), BLOCK);
            block = back;
            if round == 0 {
                section = Some(Section::begin("read 4 KiB of a file that is in memory"));
            }
        }
        section.expect("set in the first round").end(ROUNDS);
    });
    std::fs::remove_file(&path).expect("it is there");
    done.expect("the loop runs");
}
