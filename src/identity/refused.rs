//! Why somebody was not signed in.

use crate::workspace::control::ControlError;

/// Why somebody was not signed in. Nothing here tells whether somebody else is known.
#[derive(Debug, thiserror::Error)]
pub enum SignInRefused {
    /// There is no such person.
    #[error("There is no such person.")]
    Unknown,
    /// The person may not sign in any more (BR-117).
    #[error("This person is deactivated and cannot sign in.")]
    Deactivated,
    /// People sign in in another way here.
    #[error("People sign in in another way here.")]
    NotOffered,
    /// The operating system gave no randomness for a token.
    #[error("No secure token can be made.")]
    NoRandomness,
    /// It took too long, was begun in another browser or tab, or was done already.
    #[error("This sign-in took too long, was begun in another tab, or was used already.")]
    Expired,
    /// The provider does not answer, or not as a provider should.
    #[error("The sign-in provider cannot be reached.")]
    Unreachable,
    /// The provider said no.
    #[error("The sign-in provider refused.")]
    ProviderSaid,
    /// What the provider gave does not prove anything.
    #[error("What the sign-in provider sent cannot be trusted.")]
    Unproved,
    /// The provider does not say who it is in a way that can be used.
    #[error("The sign-in provider tells no verified e-mail address.")]
    NoEmail,
    /// Nobody let this person in.
    #[error("Nobody has added you here yet.")]
    NotInvited,
    /// The provider gives the person no role.
    #[error("You have no role here.")]
    NoRole,
    /// The link for the first Admin was used, or is too old.
    #[error("The link for the first Admin was used already, or is too old.")]
    SetupOver,
    /// It could not be stored.
    #[error("The sign-in could not be stored: {0}")]
    Storage(ControlError),
}

impl SignInRefused {
    /// Stable kebab-case code.
    pub fn code(&self) -> &'static str {
        match self {
            SignInRefused::Unknown => "not-found",
            SignInRefused::Deactivated => "user-deactivated",
            SignInRefused::NotOffered => "sign-in-not-offered",
            SignInRefused::NoRandomness | SignInRefused::Storage(_) => "internal-error",
            SignInRefused::Expired => "sign-in-expired",
            SignInRefused::Unreachable => "provider-unreachable",
            SignInRefused::ProviderSaid => "provider-refused",
            SignInRefused::Unproved => "sign-in-unproved",
            SignInRefused::NoEmail => "email-unverified",
            SignInRefused::NotInvited => "not-invited",
            SignInRefused::NoRole => "no-role",
            SignInRefused::SetupOver => "setup-over",
        }
    }
}

impl From<ControlError> for SignInRefused {
    fn from(error: ControlError) -> SignInRefused {
        match error {
            ControlError::Deactivated => SignInRefused::Deactivated,
            error => SignInRefused::Storage(error),
        }
    }
}
