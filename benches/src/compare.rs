/// Adds a row: the same work on polyloop's backends and on its peers.
///
/// `$elements` is how often what the row is called after happens in a round.
#[macro_export]
macro_rules! compare {
    ($criterion:expr, $row:literal, $elements:expr, |$peer:ident, $rounds:ident| $work:expr) => {{
        let mut group = $criterion.benchmark_group($row);
        group.throughput(::criterion::Throughput::Elements($elements));
        group.sample_size(20).measurement_time(::std::time::Duration::from_secs(2));
        $crate::on_each_peer!(|$peer| {
            group.bench_function($crate::Peer::name(&$peer), |bencher| {
                bencher.iter_custom(|$rounds| $work);
            });
        });
        group.finish();
    }};
}

/// Does something with each peer in turn; its type differs each time.
#[macro_export]
macro_rules! on_each_peer {
    (|$peer:ident| $body:block) => {{
        if let Some($peer) = $crate::Polyloop::new("polyloop-mio", ::polyloop::Backend::Mio) {
            $body
        }
        if let Some($peer) = $crate::Polyloop::new("polyloop-uring", ::polyloop::Backend::IoUring) {
            $body
        }
        if let Some($peer) = $crate::Polyloop::new("polyloop-polling", ::polyloop::Backend::Polling)
        {
            $body
        }
        {
            let $peer = $crate::Tokio::new();
            $body
        }
        {
            let $peer = $crate::Smol::default();
            $body
        }
    }};
}
