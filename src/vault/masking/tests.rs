//! The policy that is shipped covers every field there is.

use super::*;

const SHIPPED: &str = include_str!("../../../snapshots/masking.toml");

#[test]
fn the_shipped_policy_treats_every_field_of_every_entity() {
    Policy::parse(SHIPPED).unwrap();
    assert!(fields().len() > 300, "the types are asked for their fields");
}

#[test]
fn a_field_left_out_and_one_that_is_none_are_refused_by_name() {
    let without = SHIPPED.replace("plug.rate", "plug.rat");
    let said = Policy::parse(&without).unwrap_err().to_string();
    assert!(said.contains("items.plug.rate"), "{said}");
    let odd = SHIPPED.replace("format = 1", "format = 1\n[items]\nnothing = \"keep\"");
    assert!(Policy::parse(&odd).is_err());
}
