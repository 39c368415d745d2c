//! From a priced estimate to a price that was sent: approval, submission, hand-over.
//!
//! All three are rows that never change what they say: an approval is bound to the content it was
//! given for, a submission keeps the figures and files that went out, a hand-over what the job was
//! given.

mod checks;
mod content;
mod handover;
mod rows;

pub use checks::{Finding, SubmissionCheck, Verdict, broken, checks, separation};
pub use content::{content_hash, short_hash};
pub use handover::{
    BudgetLine, HandoverCodes, HandoverPlan, RevenueLine, SUB_JOB_LEVELS_MAX, SectionCodes, plan,
};
pub use rows::{
    Approval, FileRef, Handover, HandoverState, HandoverTarget, Revocation, Submission,
};
