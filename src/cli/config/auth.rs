use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use super::secrets::named;
use super::text::FromText;
use crate::connect::secrets::Secret;
use crate::estimating::user::Role;
use crate::identity::{Lifetimes, ProviderSettings};

super::concern! {
    /// Who may come in.
    Auth, "auth" {
        /// How people sign in: `none` (the server refuses to start), `oidc` (with an OpenID provider) or `development` (anyone picks a user from a list; loopback only).
        mode: SignIn = SignIn::None,
        /// Seconds after which a session that nobody uses is over.
        session_idle_seconds: u64 = 43_200,
        /// Seconds after which a session is over, used or not.
        session_seconds_max: u64 = 1_209_600,
        /// OpenID providers, each a `[[auth.providers]]` of the file (docs/sign-in.md).
        providers: Vec<Provider> = Vec::new(),
    }
}

/// How people sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum SignIn {
    /// Not decided: only the demonstration may start.
    None,
    /// With an OpenID provider.
    Oidc,
    /// Anyone picks a user from a list; only on a loopback address.
    Development,
}

/// An OpenID provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Name in addresses: lower-case letters, digits and hyphens.
    pub id: String,
    /// Name on the button.
    pub name: String,
    /// Its address, exactly as its tokens say it.
    pub issuer: String,
    /// What it calls oxFlow.
    pub client_id: String,
    /// The secret it shares with oxFlow, by its name: `secret:NAME`.
    pub client_secret: Option<String>,
    /// File with the secret.
    pub client_secret_file: Option<PathBuf>,
    /// Environment variable with the secret, where it is neither.
    pub client_secret_variable: Option<String>,
    /// What to ask for beside `openid`.
    #[serde(default = "usual_scopes")]
    pub scopes: Vec<String>,
    /// Whether its e-mail addresses count as verified where it does not say.
    #[serde(default)]
    pub trust_email: bool,
    /// The claim with groups or app roles.
    #[serde(default = "usual_claim")]
    pub role_claim: String,
    /// Which role each value of the claim gives.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
    /// The role of somebody nobody added and whom no value gives one.
    pub first_role: Option<Role>,
    /// Short name of the only organisation it lets into.
    pub organisation: Option<String>,
}

fn usual_scopes() -> Vec<String> {
    vec!["profile".to_owned(), "email".to_owned()]
}

fn usual_claim() -> String {
    "roles".to_owned()
}

impl FromText for SignIn {
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "oidc" => Ok(Self::Oidc),
            "development" => Ok(Self::Development),
            _ => Err("one of none, oidc, development".to_owned()),
        }
    }
}

impl FromText for Vec<Provider> {
    fn from_text(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Named {
            providers: Vec<Provider>,
        }
        let read: Result<Named, _> = toml::from_str(&format!("providers = {text}"));
        let said = |error: toml::de::Error| format!("a TOML array of tables: {}", error.message());
        read.map(|named| named.providers).map_err(said)
    }
}

impl Auth {
    /// How long sessions last.
    pub fn lifetimes(&self) -> Lifetimes {
        Lifetimes {
            idle: Duration::from_secs(self.session_idle_seconds),
            life: Duration::from_secs(self.session_seconds_max),
        }
    }

    /// The providers with their secrets; `data` is the data folder.
    ///
    /// # Errors
    /// A secret that is not where it is said to be, or two providers by one id.
    pub fn providers(&self, data: &Path) -> anyhow::Result<Vec<ProviderSettings>> {
        for (at, provider) in self.providers.iter().enumerate() {
            if self.providers.iter().take(at).any(|other| other.id == provider.id) {
                bail!("two sign-in providers have the id {:?}", provider.id);
            }
        }
        self.providers.iter().map(|provider| provider.settings(data)).collect()
    }
}

impl Provider {
    fn settings(&self, data: &Path) -> anyhow::Result<ProviderSettings> {
        let of = |what: &str| format!("sign-in provider {:?}: {what}", self.id);
        let client_secret = match (
            &self.client_secret,
            &self.client_secret_file,
            &self.client_secret_variable,
        ) {
            (None, None, None) => None,
            (Some(value), None, None) => {
                let secret = named(&of("client_secret"), value, data)?;
                // Written out it would be read by whoever reads the file.
                Some(secret.with_context(|| of("client_secret must be secret:NAME"))?)
            }
            (None, Some(path), None) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| of(&format!("cannot read {}", path.display())))?;
                Some(Secret::new(&text))
            }
            (None, None, Some(name)) => {
                let text =
                    std::env::var(name).with_context(|| of(&format!("the variable {name}")))?;
                Some(Secret::new(&text))
            }
            _ => bail!(of(
                "only one of client_secret, client_secret_file and client_secret_variable can be set"
            )),
        };
        Ok(ProviderSettings {
            id: self.id.clone(),
            name: self.name.clone(),
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret,
            scopes: self.scopes.clone(),
            trust_email: self.trust_email,
            role_claim: self.role_claim.clone(),
            roles: self.roles.clone(),
            first_role: self.first_role,
            organisation: self.organisation.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"[{ id = "entra", name = "Microsoft", issuer = "https://i.example",
        client_id = "c", roles = { "oxflow-admins" = "admin" } }]"#;

    #[test]
    fn providers_are_read_with_what_is_usual() {
        let text = TEXT.replace('\n', "");
        let providers = Vec::<Provider>::from_text(&text).unwrap();
        assert_eq!(providers[0].scopes, ["profile", "email"]);
        assert_eq!(providers[0].roles["oxflow-admins"], Role::Admin);
        let twice = Auth { providers: [providers.clone(), providers].concat(), ..Auth::default() };
        assert!(twice.providers(Path::new("data")).unwrap_err().to_string().contains("entra"));
        let message = Vec::<Provider>::from_text("[{ id = 1 }]").unwrap_err();
        assert!(message.starts_with("a TOML array"), "{message}");
    }

    #[test]
    fn a_secret_that_is_not_there_is_told_by_place() {
        let mut provider = Vec::<Provider>::from_text(&TEXT.replace('\n', "")).unwrap().remove(0);
        provider.client_secret_file = Some("/nowhere/secret".into());
        let message = format!("{:#}", provider.settings(Path::new("data")).unwrap_err());
        assert!(message.contains("entra") && message.contains("/nowhere/secret"), "{message}");
        provider.client_secret_variable = Some("NOT_SET_ANYWHERE".to_owned());
        assert!(provider.settings(Path::new("data")).is_err());
        provider.client_secret_file = None;
        let message = format!("{:#}", provider.settings(Path::new("data")).unwrap_err());
        assert!(message.contains("NOT_SET_ANYWHERE"), "{message}");
    }
}
