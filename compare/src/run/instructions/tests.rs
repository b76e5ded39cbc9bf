use super::*;

#[test]
fn the_sum_is_found_in_what_callgrind_says() {
    let said = "==7== Callgrind, a call-graph generating cache profiler\n==7== \n\
                ==7== Events    : Ir\n==7== Collected : 4567\n";
    assert_eq!(instructions_in(said), Some(4567));
    assert_eq!(instructions_in("==7== killed\n"), None);
}
