use super::*;

fn at(nanos: u64) -> Time {
    Time::from_nanos(nanos)
}

fn after(missed: MissedTicks, due: u64, now: u64) -> u64 {
    let ticks = interval(Duration::from_nanos(10)).missed_ticks(missed);
    ticks.after(at(due), at(now)).as_nanos()
}

#[test]
fn a_tick_in_time_is_followed_by_the_next_whatever_the_policy() {
    for missed in [MissedTicks::Burst, MissedTicks::Delay, MissedTicks::Skip] {
        assert_eq!(after(missed, 100, 100), 110);
        assert_eq!(after(missed, 100, 109), 110);
    }
}

#[test]
fn a_late_tick_is_followed_as_the_policy_says() {
    for (now, burst, delay, skip) in
        [(110, 110, 120, 120), (111, 110, 121, 120), (134, 110, 144, 140), (140, 110, 150, 150)]
    {
        assert_eq!(after(MissedTicks::Burst, 100, now), burst);
        assert_eq!(after(MissedTicks::Delay, 100, now), delay);
        assert_eq!(after(MissedTicks::Skip, 100, now), skip);
    }
}

#[test]
fn an_enormous_period_saturates() {
    for missed in [MissedTicks::Burst, MissedTicks::Delay, MissedTicks::Skip] {
        let ticks = interval(Duration::MAX).missed_ticks(missed);
        assert!(ticks.after(at(5), at(9)).is_never());
        assert!(ticks.after(Time::NEVER, Time::NEVER).is_never());
    }
}
