//! What an operator may set, and where: built-in values, then `oxflow.toml`, then `OXFLOW_*`
//! variables, then flags; the later wins. A name nobody knows is refused, never passed over.

use std::path::Path;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::http::settings::Setting;

mod auth;
mod jobs;
mod limits;
mod log;
mod outgoing;
mod programmes;
mod secrets;
mod server;
mod storage;
mod text;
mod vault;

pub use auth::{Auth, SignIn};
pub use jobs::Jobs;
pub use limits::Limits;
pub use log::{Log, LogFormat};
pub use outgoing::Outgoing;
pub use programmes::Programmes;
pub use secrets::{named, secrets_in};
pub use server::Server;
pub use storage::Storage;
pub use vault::{Every, Vault};

/// The file read when no `--config` names another, if it is there.
pub const FILE_NAME: &str = "oxflow.toml";

/// What the name of every variable starts with.
const VARIABLE_PREFIX: &str = "OXFLOW_";
/// The variable of the salt of `oxflow clone`: a secret of one command and no setting.
pub const SALT_VARIABLE: &str = "OXFLOW_MASK_SALT";
/// Variables that are secrets and no settings.
const NO_SETTINGS: [&str; 3] = [SALT_VARIABLE, secrets::KEY_VARIABLE, secrets::OLD_KEY_VARIABLE];

/// Variables with a name shorter than section and key: the one that every deployment sets.
const SHORT_VARIABLES: [(&str, &str); 1] = [("storage.data", "OXFLOW_DATA")];

/// What of the configuration an Admin is shown: how people sign in, and how much may be asked for.
/// Providers are shown apart, without their secrets.
const SHOWN: [&str; 3] = ["server.public_url", "auth.", "limits."];
const PROVIDERS: &str = "auth.providers";

/// Declares one concern of the configuration: a documented struct, its built-in values, and how
/// each of its keys is set from text. The keys of file, variables and documentation all come
/// from here, so they cannot differ.
macro_rules! concern {
    (
        $(#[doc = $about:literal])+
        $name:ident, $section:literal {
            $( $(#[doc = $doc:literal])+ $field:ident: $kind:ty = $default:expr, )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name { $( $(#[doc = $doc])+ pub $field: $kind, )+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default, )+ }
            }
        }

        impl super::Concern for $name {
            const SECTION: &'static str = $section;

            fn keys() -> Vec<(&'static str, String)> {
                vec![ $( (stringify!($field), [$($doc),+].concat().trim().to_owned()), )+ ]
            }

            fn set(&mut self, key: &str, text: &str) -> Result<(), String> {
                match key {
                    $( stringify!($field) => {
                        self.$field = super::text::FromText::from_text(text)?;
                    } )+
                    _ => return Err(format!("there is no key {key}")),
                }
                Ok(())
            }
        }
    };
}
pub(crate) use concern;

/// A section of the configuration, as [`concern!`] declares it.
trait Concern: Default + Serialize {
    const SECTION: &'static str;

    /// Every key with what it does.
    fn keys() -> Vec<(&'static str, String)>;

    /// Sets one key from text.
    fn set(&mut self, key: &str, text: &str) -> Result<(), String>;
}

/// Everything an operator may set, one field per concern.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server answers.
    pub server: Server,
    /// Where data lives.
    pub storage: Storage,
    /// Who may come in.
    pub auth: Auth,
    /// How much one request or one organisation may ask for.
    pub limits: Limits,
    /// How long work runs on in the background, and what is kept of it.
    pub jobs: Jobs,
    /// Requests to other servers.
    pub outgoing: Outgoing,
    /// Programmes of other software.
    pub programmes: Programmes,
    /// The back-up in an object store.
    pub vault: Vault,
    /// What is written about the server's work.
    pub log: Log,
}

impl Config {
    /// Reads the layers below the flags: `file` (or [`FILE_NAME`] when it is there), then the
    /// `OXFLOW_*` among `variables`.
    ///
    /// # Errors
    /// A file that cannot be read or parsed, an unknown key or variable, or a value of the wrong
    /// kind; each names the file and line, or the variable.
    pub fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let mut config = match file {
            Some(path) => Self::from_file(path)?,
            None if Path::new(FILE_NAME).exists() => Self::from_file(Path::new(FILE_NAME))?,
            None => Self::default(),
        };
        for (name, text) in variables {
            if name.starts_with(VARIABLE_PREFIX) && !NO_SETTINGS.contains(&&*name) {
                config.set_variable(&name, &text)?;
            }
        }
        Ok(config)
    }

    fn from_file(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the configuration {} cannot be read", path.display()))?;
        toml::from_str(&text).with_context(|| format!("in the configuration {}", path.display()))
    }

    fn set_variable(&mut self, name: &str, text: &str) -> anyhow::Result<()> {
        let settings = Self::settings();
        let setting = settings.iter().find(|setting| setting.variable == name);
        let Some((section, key)) = setting.and_then(|setting| setting.key.split_once('.')) else {
            let known: Vec<String> = settings.into_iter().map(|s| s.variable).collect();
            bail!("{name} is no setting of oxFlow; the variables are {}", known.join(", "));
        };
        let set = match section {
            Server::SECTION => self.server.set(key, text),
            Storage::SECTION => self.storage.set(key, text),
            Auth::SECTION => self.auth.set(key, text),
            Limits::SECTION => self.limits.set(key, text),
            Jobs::SECTION => self.jobs.set(key, text),
            Outgoing::SECTION => self.outgoing.set(key, text),
            Programmes::SECTION => self.programmes.set(key, text),
            Vault::SECTION => self.vault.set(key, text),
            Log::SECTION => self.log.set(key, text),
            _ => Err(format!("there is no section {section}")),
        };
        set.map_err(|reason| anyhow::anyhow!("{name}={text}: {reason}"))
    }

    /// Everything that can be set, in the order of the documentation.
    #[must_use]
    pub fn settings() -> Vec<Setting> {
        Config::default().described()
    }

    /// The settings that an Admin is shown, with their values.
    #[must_use]
    pub fn in_force(&self) -> Vec<Setting> {
        let mut settings = self.described();
        settings.retain(|setting| {
            let key = &*setting.key;
            key != PROVIDERS && SHOWN.iter().any(|shown| key.starts_with(shown))
        });
        settings
    }

    /// Every setting with its value.
    fn described(&self) -> Vec<Setting> {
        let mut settings = of(&self.server);
        settings.extend(of(&self.storage));
        settings.extend(of(&self.auth));
        settings.extend(of(&self.limits));
        settings.extend(of(&self.jobs));
        settings.extend(of(&self.outgoing));
        settings.extend(of(&self.programmes));
        settings.extend(of(&self.vault));
        settings.extend(of(&self.log));
        settings
    }
}

/// The `OXFLOW_*` variables of this process; others may hold what is not text and are no concern
/// here.
///
/// # Errors
/// A value that is not text.
pub fn variables() -> anyhow::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for (name, value) in std::env::vars_os() {
        let Ok(name) = name.into_string() else { continue };
        if name.starts_with(VARIABLE_PREFIX) && !NO_SETTINGS.contains(&&*name) {
            let Ok(value) = value.into_string() else { bail!("{name} is not valid UTF-8") };
            found.push((name, value));
        }
    }
    Ok(found)
}

/// The variable of a setting.
fn variable(key: &str) -> String {
    SHORT_VARIABLES.iter().find(|(of, _)| *of == key).map_or_else(
        || format!("{VARIABLE_PREFIX}{}", key.replace('.', "_").to_uppercase()),
        |(_, short)| (*short).to_owned(),
    )
}

fn of<C: Concern>(concern: &C) -> Vec<Setting> {
    let written = |concern: &C| toml::Table::try_from(concern).unwrap_or_default();
    let (values, defaults) = (written(concern), written(&C::default()));
    C::keys()
        .into_iter()
        .map(|(name, about)| {
            let key = format!("{}.{name}", C::SECTION);
            let text = |of: &toml::Table| of.get(name).map(ToString::to_string).unwrap_or_default();
            let (value, default) = (text(&values), text(&defaults));
            Setting { variable: variable(&key), key, value, default, about }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> anyhow::Result<Config> {
        let owned = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        Config::load(None, owned)
    }

    fn file(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.toml");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn a_variable_wins_over_the_file_and_the_file_over_what_is_built_in() {
        let (_folder, path) =
            file("[server]\nlisten = \"127.0.0.1:4000\"\n[storage]\ndata = \"/srv/ox\"\n");
        let variables = [("OXFLOW_SERVER_LISTEN".to_owned(), "127.0.0.1:5000".to_owned())];
        let config = Config::load(Some(&path), variables).unwrap();
        assert_eq!(config.server.listen.port(), 5000);
        assert_eq!(config.storage.data, Path::new("/srv/ox"));
        assert_eq!(config.log, Log::default());
    }

    #[test]
    fn the_folder_of_data_has_the_short_name() {
        let config = with(&[("OXFLOW_DATA", "/srv/oxflow")]).unwrap();
        assert_eq!(config.storage.data, Path::new("/srv/oxflow"));
    }

    #[test]
    fn an_admin_is_shown_what_is_set_and_no_secret() {
        let (_folder, path) = file(
            "[server]\nmetrics_token = \"hush\"\n[limits]\ntoken_per_minute = 7\n\
             [[auth.providers]]\nid = \"i\"\nname = \"I\"\nissuer = \"https://i.example\"\n\
             client_id = \"c\"\nclient_secret = \"hush\"\n",
        );
        let shown = Config::load(Some(&path), []).unwrap().in_force();
        assert!(!format!("{shown:?}").contains("hush"));
        let one = shown.iter().find(|setting| setting.key == "limits.token_per_minute").unwrap();
        assert_eq!((&*one.value, &*one.default), ("7", "100"));
        assert!(shown.iter().any(|setting| setting.key == "auth.mode"));
        assert!(shown.iter().all(|s| {
            ["server.public_url", "auth.", "limits."].iter().any(|known| s.key.starts_with(known))
        }));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_name_line_and_file() {
        for (text, key) in [("[server]\nlissen = 1\n", "lissen"), ("[sever]\n", "sever")] {
            let (_folder, path) = file(text);
            let message = format!("{:#}", Config::load(Some(&path), []).unwrap_err());
            assert!(message.contains("site.toml") && message.contains(key), "{message}");
            assert!(message.contains("line "), "{message}");
        }
    }

    #[test]
    fn an_unknown_variable_and_a_bad_value_are_refused_by_name() {
        for name in ["OXFLOW_LISTEN", "OXFLOW_SERVER_LISSEN", "OXFLOW_STORAGE_DATA", "OXFLOW_"] {
            let message = with(&[(name, "1")]).unwrap_err().to_string();
            assert!(message.starts_with(name), "{message}");
            assert!(message.contains("OXFLOW_DATA"), "{message}");
        }
        let message = with(&[("OXFLOW_SERVER_LISTEN", "here")]).unwrap_err().to_string();
        assert!(message.starts_with("OXFLOW_SERVER_LISTEN=here: "), "{message}");
        assert!(with(&[("HOME", "/root")]).is_ok());
    }

    #[test]
    fn every_setting_can_be_set_from_its_variable() {
        for setting in Config::settings() {
            let value = setting.default.trim_matches('"').to_owned();
            if !value.is_empty() {
                let config = with(&[(&setting.variable, &value)]).unwrap();
                assert_eq!(config, Config::default(), "{}", setting.key);
            }
            assert!(!setting.about.is_empty());
        }
    }

    #[test]
    fn the_readme_lists_every_setting_with_its_variable_and_value() {
        let rows = Config::settings().into_iter().map(|setting| {
            let default = if setting.default.is_empty() {
                "none".to_owned()
            } else {
                format!("`{}`", setting.default)
            };
            let Setting { key, variable, about, .. } = setting;
            format!("| `{key}` | `{variable}` | {default} | {about} |\n")
        });
        let readme = include_str!("../../../README.md");
        let listed =
            readme.lines().filter(|line| line.starts_with("| `") && line.contains("OXFLOW_"));
        let listed: String = listed.map(|line| format!("{line}\n")).collect();
        let rows: String = rows.collect();
        assert_eq!(listed, rows, "README.md should list:\n{rows}");
    }
}
