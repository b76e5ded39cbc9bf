#[cfg(not(loom))]
mod plain {
    use crate::{Chunk, Pool};

    fn filled(pool: &mut Pool, bytes: &[u8]) -> Chunk {
        let mut chunk = pool.lease().expect("below the bound");
        chunk.storage_mut()[..bytes.len()].copy_from_slice(bytes);
        chunk.fill(bytes.len());
        chunk
    }

    #[test]
    fn a_chunk_is_one_pointer() {
        assert_eq!(size_of::<Chunk>(), size_of::<usize>());
        assert_eq!(size_of::<Option<Chunk>>(), size_of::<usize>());
    }

    #[test]
    fn the_last_returned_chunk_is_used_first() {
        let mut pool = Pool::new(64, 8);
        let (mut first, mut second) = (pool.lease().unwrap(), pool.lease().unwrap());
        let (a, b) = (first.as_mut_ptr(), second.as_mut_ptr());
        drop(first);
        drop(second);
        let mut again = pool.lease().unwrap();
        assert_eq!(again.as_mut_ptr(), b);
        assert_eq!(pool.lease().unwrap().as_mut_ptr(), a);
    }

    #[test]
    fn the_pool_stops_at_its_bound_and_goes_on_when_one_returns() {
        let mut pool = Pool::new(16, 2);
        let (one, two) = (pool.lease().unwrap(), pool.lease().unwrap());
        assert!(pool.lease().is_none());
        assert_eq!(pool.lease_anyway().capacity(), 16);
        drop(one);
        assert_eq!(pool.leased(), 1);
        assert!(pool.lease().is_some());
        drop(two);
    }

    #[test]
    fn what_was_leased_beyond_the_bound_is_kept_for_the_next_and_what_is_beyond_that_is_freed() {
        let mut pool = Pool::new(16, 2);
        let free = |pool: &Pool| format!("{pool:?}").contains("free: 1,");
        let mut leased: Vec<Chunk> = (0..7).map(|_| pool.lease_anyway()).collect();
        assert_eq!(pool.leased(), 7);
        leased.truncate(3);
        assert!(pool.lease().is_none(), "three are out, and a free one is for who asks anyway");
        assert!(free(&pool), "three were beyond twice the bound: {pool:?}");
        let mut again = pool.lease_anyway();
        let storage = again.as_mut_ptr();
        drop(again);
        assert_eq!(pool.lease_anyway().as_mut_ptr(), storage, "kept");
    }

    #[test]
    fn what_comes_back_from_another_thread_is_found_beside_what_comes_back_here() {
        let mut pool = Pool::new(16, 8);
        let mut chunks: Vec<Chunk> = (0..4).map(|_| pool.lease_anyway()).collect();
        let mut storages: Vec<_> = chunks.iter_mut().map(Chunk::as_mut_ptr).collect();
        let there = chunks.split_off(3);
        std::thread::spawn(move || drop(there)).join().unwrap();
        chunks.truncate(2);
        assert_eq!(pool.lease_anyway().as_mut_ptr(), storages[2], "the last that came back here");
        assert_eq!(pool.leased(), 2);
        chunks.clear();
        chunks.extend((0..4).map(|_| pool.lease_anyway()));
        let mut again: Vec<_> = chunks.iter_mut().map(Chunk::as_mut_ptr).collect();
        storages.sort();
        again.sort();
        assert_eq!(again, storages, "no chunk was lost, and none was made");
    }

    #[test]
    fn bytes_are_consumed_from_the_front() {
        let mut pool = Pool::new(16, 1);
        let mut chunk = filled(&mut pool, b"abcdef");
        chunk.consume(2);
        assert_eq!(&chunk[..], b"cdef");
        drop(chunk);
        assert!(pool.lease().unwrap().is_empty());
    }

    #[test]
    fn chunks_outlive_their_pool_and_free_themselves_on_any_thread() {
        let mut pool = Pool::new(32, 64);
        let chunks: Vec<Chunk> = (0..32u8).map(|n| filled(&mut pool, &[n; 32])).collect();
        let threads: Vec<_> = chunks
            .into_iter()
            .enumerate()
            .map(|(n, chunk)| {
                std::thread::spawn(move || assert_eq!(&chunk[..], &[n as u8; 32][..]))
            })
            .collect();
        drop(pool);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }

    #[test]
    #[should_panic(expected = "exceeds")]
    fn a_fill_beyond_the_storage_is_refused() {
        Chunk::standalone(4).fill(5);
    }
}

#[cfg(loom)]
mod loom_tests {
    use crate::Pool;

    /// A chunk that comes back while its pool is dropped is freed exactly once, and so is the
    /// return list: loom's leak check and the allocator would say otherwise.
    #[test]
    fn return_races_with_the_pools_end() {
        loom::model(|| {
            let mut pool = Pool::new(8, 4);
            let (one, two) = (pool.lease().expect("room"), pool.lease().expect("room"));
            let thread = loom::thread::spawn(move || drop(one));
            drop(two);
            drop(pool);
            thread.join().expect("dropping a chunk does not panic");
        });
    }

    /// What comes back is seen whole by the next lease.
    #[test]
    fn return_races_with_a_lease() {
        loom::model(|| {
            let mut pool = Pool::new(8, 2);
            let one = pool.lease().expect("room");
            let thread = loom::thread::spawn(move || {
                let mut one = one;
                one.storage_mut()[0] = 7;
                drop(one);
            });
            let two = pool.lease().expect("room");
            thread.join().expect("dropping a chunk does not panic");
            let again = pool.lease();
            assert!(again.is_some(), "the returned chunk is found");
            drop(two);
        });
    }
}
