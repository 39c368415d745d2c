//! Past rates: whoever asks while they are being read is answered with what is known.

use super::Bench;

#[test]
fn a_question_while_the_past_is_read_is_answered_at_once() {
    let w = Bench::new();
    w.approved();
    w.run(w.submission());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let ask = || runtime.block_on(w.ws().references()).unwrap();
    let reader = w.ws().references.reading.lock();
    let known = ask();
    assert!(known.still_reading && known.references.is_empty(), "somebody else reads");
    drop(reader);
    let known = ask();
    assert!(!known.still_reading && !known.references.is_empty());
}
