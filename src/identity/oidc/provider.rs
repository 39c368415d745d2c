//! One provider: how it is set, and whether that makes sense.

use super::discovery::Discovery;
use crate::connect::{Outgoing, secrets::Secret};
use crate::estimating::user::Role;
use std::collections::BTreeMap;
use url::{Host, Url};

/// The longest identity of a provider.
const ID_CHARS_MAX: usize = 40;
/// What an issuer for people of every tenant is called: it would let anybody in.
const EVERY_TENANT: [&str; 3] = ["/common/", "/organizations/", "/consumers/"];

/// What is set about a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderSettings {
    /// Name in addresses: lower-case letters, digits and hyphens.
    pub id: String,
    /// Name on the button.
    pub name: String,
    /// Its address, exactly as its tokens say it.
    pub issuer: String,
    /// What it calls oxFlow.
    pub client_id: String,
    /// The secret it shares with oxFlow; none for a public client.
    pub client_secret: Option<Secret>,
    /// What to ask for beside `openid`.
    pub scopes: Vec<String>,
    /// Whether its e-mail addresses count as verified where it does not say that they are not.
    pub trust_email: bool,
    /// The claim with groups or app roles.
    pub role_claim: String,
    /// Which role each value of the claim gives.
    pub roles: BTreeMap<String, Role>,
    /// The role of somebody who signs in first and whom no value gives one; none refuses them.
    pub first_role: Option<Role>,
    /// The short name of the only organisation it lets into; none for all.
    pub organisation: Option<String>,
}

/// A provider.
pub struct Provider {
    /// What is set about it.
    pub settings: ProviderSettings,
    pub(super) discovery: Discovery,
}

impl Provider {
    /// A provider as it is set, spoken to through `outgoing`.
    ///
    /// # Errors
    /// What makes no sense about it, in a sentence.
    pub fn new(settings: ProviderSettings, outgoing: &Outgoing) -> Result<Provider, String> {
        let wrong = |why: &str| Err(format!("sign-in provider {:?}: {why}", settings.id));
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let id = &settings.id;
        if id.is_empty() || id.len() > ID_CHARS_MAX || !id.chars().all(fits) {
            return wrong("an id has 1 to 40 lower-case letters, digits and hyphens");
        }
        if settings.name.trim().is_empty() || settings.client_id.trim().is_empty() {
            return wrong("name and client_id are needed");
        }
        let Ok(issuer) = Url::parse(&settings.issuer) else {
            return wrong("issuer is no address");
        };
        let here = match issuer.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if issuer.scheme() != "https" && !(issuer.scheme() == "http" && here) {
            return wrong("issuer must start with https://");
        }
        let path = format!("{}/", issuer.path());
        if EVERY_TENANT.iter().any(|tenant| path.contains(tenant)) {
            return wrong(
                "issuer is for people of every tenant; put the id of your own tenant in its place",
            );
        }
        if !settings.roles.is_empty() && settings.role_claim.is_empty() {
            return wrong("roles need role_claim, the claim they stand in");
        }
        let discovery = Discovery::of(&settings.issuer, outgoing)
            .map_err(|why| format!("sign-in provider {id:?}: it cannot be spoken to: {why}"))?;
        Ok(Provider { settings, discovery })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(issuer: &str) -> ProviderSettings {
        ProviderSettings {
            id: "entra".to_owned(),
            name: "Microsoft".to_owned(),
            issuer: issuer.to_owned(),
            client_id: "c".to_owned(),
            client_secret: Some(Secret::new("hush\n")),
            scopes: Vec::new(),
            trust_email: false,
            role_claim: "roles".to_owned(),
            roles: BTreeMap::new(),
            first_role: None,
            organisation: None,
        }
    }

    fn wrong(issuer: &str) -> String {
        let outgoing = Outgoing::new(Vec::new()).unwrap();
        Provider::new(settings(issuer), &outgoing).err().unwrap_or_default()
    }

    #[test]
    fn an_issuer_is_one_tenant_over_tls() {
        let own = "https://login.microsoftonline.com/8f3c/v2.0";
        assert_eq!(wrong(own), "");
        assert_eq!(wrong("http://127.0.0.1:4000"), "");
        for tenant in ["common", "organizations", "consumers"] {
            let said = wrong(&format!("https://login.microsoftonline.com/{tenant}/v2.0"));
            assert!(said.contains("your own tenant"), "{said}");
        }
        assert!(wrong("http://login.example").contains("https://"));
        assert!(wrong("login.example").contains("no address"));
        let nobody = ProviderSettings { id: "Entra".to_owned(), ..settings(own) };
        assert!(Provider::new(nobody, &Outgoing::new(Vec::new()).unwrap()).is_err());
    }

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        assert!(!format!("{:?}", settings("https://x.example")).contains("hush"));
    }
}
