use std::cell::Cell;
use std::rc::Rc;

use polyloop::sync::{BoundedSemaphore, Semaphore};
use polyloop::{ErrorKind, create_task, gather, yield_now};

use crate::run;

#[test]
fn at_most_so_many_are_inside_at_once() {
    run(async {
        let (semaphore, inside) = (Rc::new(Semaphore::new(3)), Rc::new(Cell::new(0)));
        let most = gather((0..10).map(|n| {
            let (semaphore, inside) = (semaphore.clone(), inside.clone());
            async move {
                let _permit = semaphore.acquire().await;
                inside.set(inside.get() + 1);
                let most = inside.get();
                for _ in 0..n % 3 {
                    yield_now().await;
                }
                inside.set(inside.get() - 1);
                most
            }
        }));
        assert_eq!(most.await.unwrap().into_iter().max(), Some(3));
        assert_eq!(semaphore.available_permits(), 3);
    });
}

#[test]
fn a_released_permit_is_the_first_waiters_at_once() {
    run(async {
        let semaphore = Rc::new(Semaphore::new(0));
        let waiter = semaphore.clone();
        let task = create_task(async move { waiter.acquire().await.forget() });
        yield_now().await;
        semaphore.release();
        assert!(semaphore.locked(), "nobody else gets it");
        assert!(semaphore.try_acquire().is_none());
        task.await.unwrap();
        assert_eq!(semaphore.available_permits(), 0);
    });
}

#[test]
fn release_adds_permits_beyond_the_first_number() {
    let semaphore = Semaphore::new(1);
    semaphore.release();
    assert_eq!(format!("{semaphore:?}"), "Semaphore { available_permits: 2, .. }");
    let (first, second) = (semaphore.try_acquire(), semaphore.try_acquire_owned());
    assert!(first.is_some() && second.is_some() && semaphore.locked());
}

#[test]
#[should_panic = "at most usize::MAX permits"]
fn release_beyond_what_can_be_counted_panics() {
    Semaphore::new(usize::MAX).release();
}

#[test]
fn a_bounded_semaphore_refuses_what_was_not_forgotten() {
    run(async {
        let semaphore = BoundedSemaphore::new(2);
        let refused = || semaphore.release().unwrap_err().kind() == ErrorKind::InvalidInput;
        assert!(refused());
        let guard = semaphore.acquire().await;
        assert!(refused(), "the guard gives this one back");
        drop(guard);
        semaphore.acquire().await.forget();
        semaphore.try_acquire_owned().unwrap().forget();
        assert!(semaphore.locked());
        semaphore.release().unwrap();
        semaphore.release().unwrap();
        assert!(refused());
        assert_eq!(semaphore.available_permits(), 2);
    });
}

#[test]
fn the_error_of_a_bounded_semaphore_says_what_was_wrong() {
    let error = BoundedSemaphore::new(1).release().unwrap_err();
    assert_eq!(
        error.to_string(),
        "release a bounded semaphore more often than it was acquired: invalid input"
    );
}

#[test]
fn an_owned_permit_needs_no_semaphore() {
    run(async {
        let semaphore = Semaphore::new(1);
        let (permit, later) = (semaphore.acquire_owned().await, semaphore.acquire_owned());
        drop(semaphore);
        let task = create_task(async move { drop(later.await) });
        yield_now().await;
        drop(permit);
        task.await.unwrap();
    });
}
