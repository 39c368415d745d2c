use serde::{Deserialize, Serialize};

use super::text::FromText;

super::concern! {
    /// Who may come in.
    Auth, "auth" {
        /// How people sign in: `none` (the server refuses to start) or `development` (anyone picks a user from a list; loopback only).
        mode: SignIn = SignIn::None,
    }
}

/// How people sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum SignIn {
    /// Not decided: only the demonstration may start.
    None,
    /// Anyone picks a user from a list; only on a loopback address.
    Development,
}

impl FromText for SignIn {
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "development" => Ok(Self::Development),
            _ => Err("one of none, development".to_owned()),
        }
    }
}
