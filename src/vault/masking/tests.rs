use super::*;
#[test]
fn list_fields() {
    for (table, path) in fields() {
        println!("FIELD {table} {path}");
    }
}
