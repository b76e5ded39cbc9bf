//! What `traffic` asks of every stream, of those over TLS.

use std::time::Duration;

use polyloop::{Loop, gather, wait_for};

use super::*;
use crate::run;
use crate::traffic::ends::Kind;
use crate::traffic::{Random, accepts, exchange, given_up, resets, transports};

#[test]
fn every_stream_carries_64_mib_each_way_whichever_end_ends_first() {
    Kind::TLS.iter().copied().for_each(exchange::exchange);
}

#[test]
fn transports_carry_64_mib_each_way_whichever_end_ends_first() {
    transports::exchange(Kind::Tls);
}

#[test]
fn a_reset_in_the_middle_comes_after_every_byte_that_came_before() {
    // Dropped streams of this crate's own end their TLS in order first, so those are not here.
    resets::reset(&[Kind::Tls]);
}

#[test]
fn an_abort_in_the_middle_is_a_reset_after_a_whole_beginning() {
    transports::reset(Kind::Tls);
}

#[test]
fn reads_that_are_given_up_at_random_points_lose_no_byte() {
    Kind::TLS.iter().copied().for_each(given_up::reads);
}

/// Handshakes are given up at random moments by either side. Those that are not echo, and nothing is
/// left of the others.
#[test]
fn handshakes_that_are_given_up_at_random_points_leave_nothing() {
    run(async {
        let before = Loop::current().unwrap().census();
        let authority = TestAuthority::new();
        let (connector, acceptor) = (connector(&authority), acceptor(&authority));
        let visits = gather((0..4_u64).map(move |seed| {
            let (connector, acceptor) = (connector.clone(), acceptor.clone());
            async move {
                let mut random = Random::new(seed + 1);
                let (mut visited, mut given_up) = (0, 0);
                for number in 0..25 {
                    // In small pieces, so that it takes many iterations.
                    let (near, far) = relayed(100).await;
                    let (accepting, patience) = (acceptor.clone(), some(random.below(8)));
                    let serving = create_task(async move {
                        let accepting = accepting.accept(far);
                        if let Ok(Ok(stream)) = wait_for(accepting, patience).await {
                            // The client may have given up by now.
                            let _ = accepts::echo(stream).await;
                        }
                    });
                    let connecting = connector.connect(NAME, near);
                    match wait_for(connecting, some(random.below(8))).await {
                        Ok(Ok(mut stream)) => {
                            // The server may not have gone as far, and give up yet.
                            let mut echoed = [0; 8];
                            if stream.write_all(&[number; 8]).await.is_ok()
                                && stream.read(&mut echoed).await.is_ok()
                            {
                                assert_eq!(echoed, [number; 8]);
                                visited += 1;
                            }
                        }
                        Ok(Err(_)) => {}
                        Err(_) => given_up += 1,
                    }
                    serving.await.unwrap();
                }
                (visited, given_up)
            }
        }));
        let visits: Vec<(u32, u32)> = visits.await.unwrap();
        let sum = |which: fn(&(u32, u32)) -> u32| visits.iter().map(which).sum::<u32>();
        assert!(sum(|it| it.0) > 0 && sum(|it| it.1) > 0, "{visits:?}");
        let settled = async {
            while Loop::current().unwrap().census() != before {
                polyloop::sleep(Duration::from_millis(1)).await;
            }
        };
        let settled = polyloop::timeout(Duration::from_secs(20), settled).await;
        assert!(settled.is_ok(), "{:?} is left", Loop::current().unwrap().census());
    });
}

/// So many milliseconds; the most is as long as it takes.
fn some(patience: u64) -> Duration {
    if patience >= 5 { Duration::from_secs(20) } else { Duration::from_millis(patience) }
}
