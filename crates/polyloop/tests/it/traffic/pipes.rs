//! Pipes, and through them a child process.

use futures::io::{AsyncReadExt, AsyncWriteExt};
use polyloop::process::{Command, PIPE};
use polyloop::{StreamReader, create_task};

use super::exchange::{read_all, write_all};
use super::payload::{Checked, Next, Random};
use super::{TOTAL, run};

#[test]
fn a_pipe_carries_64_mib() {
    run(async {
        let (reader, mut writer) = polyloop::io::pipe().await.unwrap();
        create_task(async move { write_all(&mut writer, TOTAL, 7).await }).detach();
        let mut reader = StreamReader::over(reader);
        assert_eq!(read_all(&mut reader, 8).await, TOTAL);
        assert_eq!(AsyncReadExt::read(&mut reader, &mut [0; 1]).await.unwrap(), 0);
    });
}

/// What a child is given comes back, and it ends after this side has ended.
#[test]
fn the_pipes_of_a_child_carry_64_mib_each_way_and_it_ends_second() {
    run(async {
        let mut cat = Command::new("cat").stdin(PIPE).stdout(PIPE).await.unwrap();
        let mut input = cat.stdin().take().unwrap();
        let mut output = cat.stdout().take().unwrap();
        create_task(async move {
            write_all(&mut input, TOTAL, 9).await;
            input.close().await.unwrap();
        })
        .detach();
        assert_eq!(read_all(&mut output, 10).await, TOTAL);
        assert!(cat.wait().await.unwrap().success());
    });
}

/// A child ends what it says, and only then reads what it is given.
#[test]
fn the_pipes_of_a_child_carry_64_mib_each_way_and_it_ends_first() {
    run(async {
        let script = "head -c 67108864 /dev/zero; exec >&-; wc -c >&2";
        let child = polyloop::create_subprocess_shell(script);
        let mut child = child.stdin(PIPE).stdout(PIPE).stderr(PIPE).await.unwrap();
        let mut output = child.stdout().take().unwrap();
        let (mut buf, mut random, mut total) = (vec![1; 1 << 20], Random::new(11), 0);
        loop {
            let size = random.size();
            match output.read(&mut buf[..size]).await.unwrap() {
                0 => break,
                count => {
                    assert!(buf[..count].iter().all(|byte| *byte == 0));
                    total += count;
                }
            }
        }
        assert_eq!(total, TOTAL);
        let mut input = child.stdin().take().unwrap();
        write_all(&mut input, TOTAL, 12).await;
        input.close().await.unwrap();
        let mut counted = Vec::new();
        let errors = child.stderr().as_mut().unwrap();
        errors.read_to_end(&mut counted).await.unwrap();
        assert_eq!(String::from_utf8(counted).unwrap().trim(), TOTAL.to_string());
        assert!(child.wait().await.unwrap().success());
    });
}

/// A child that is killed: what it has written is read to its end, and writing to it is an error.
#[test]
fn a_child_that_is_killed_in_the_middle_leaves_what_it_wrote_and_an_end() {
    for seed in 0..4 {
        run(async move {
            let mut cat = Command::new("cat").stdin(PIPE).stdout(PIPE).await.unwrap();
            let mut input = cat.stdin().take().unwrap();
            let mut output = cat.stdout().take().unwrap();
            let flooding = create_task(async move {
                let (mut next, mut random) = (Next::new(usize::MAX), Random::new(seed));
                loop {
                    let piece = next.take(random.size());
                    if let Err(error) = AsyncWriteExt::write_all(&mut input, piece).await {
                        return (error, usize::MAX - next.left);
                    }
                }
            });
            let enough = 1 + Random::new(seed + 100).below(3_000_000) as usize;
            let mut checked = Checked::new();
            let mut buf = [0; 10_000];
            let mut killed = false;
            loop {
                match output.read(&mut buf).await.unwrap() {
                    0 => break,
                    count => checked.take(&buf[..count]),
                }
                if checked.total >= enough && !std::mem::replace(&mut killed, true) {
                    cat.kill().unwrap();
                }
            }
            assert!(killed, "seed {seed}: an end after {} bytes", checked.total);
            let (error, written) = flooding.await.unwrap();
            assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe, "seed {seed}: {error}");
            assert!(checked.total <= written);
            assert!(!cat.wait().await.unwrap().success());
        });
    }
}
