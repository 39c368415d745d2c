//! `oxflow rules`: the catalogue of business rules, as text.

use std::io::{BufWriter, Write, stdout};

use clap::Args;

use crate::estimating::rules::{Kind, Module, Rule};

/// What `rules` takes.
#[derive(Debug, Args)]
pub struct Flags {
    /// Only rules whose number, code, title or text holds this
    #[arg(value_name = "TEXT")]
    containing: Option<String>,

    /// Each rule with what triggers it, what it says and why
    #[arg(long)]
    long: bool,
}

/// Prints the rules by module, one line each, or in full.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(flags: &Flags) -> anyhow::Result<()> {
    let wanted = flags.containing.as_deref().unwrap_or_default().to_lowercase();
    let mut out = BufWriter::new(stdout().lock());
    for module in Module::ALL {
        let mut rules = module.rules().iter().filter(|rule| holds(rule, &wanted)).peekable();
        if rules.peek().is_some() {
            writeln!(out, "{}", module.title())?;
            for rule in rules {
                print(&mut out, rule, flags.long)?;
            }
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(())
}

fn holds(rule: &Rule, wanted: &str) -> bool {
    let texts = [rule.code, rule.title, rule.trigger, rule.statement, rule.explanation];
    rule.id.to_string().to_lowercase().contains(wanted)
        || texts.iter().any(|text| text.to_lowercase().contains(wanted))
}

fn print(out: &mut impl Write, rule: &Rule, long: bool) -> std::io::Result<()> {
    write!(out, "  {}  {:<11}  {}", rule.id, kind(rule.kind), rule.title)?;
    match (rule.enforced, rule.awaits()) {
        (true, _) => writeln!(out)?,
        (false, Some(part)) => writeln!(out, " (comes with: {part})")?,
        (false, None) => writeln!(out, " (not enforced in this release)")?,
    }
    if long {
        writeln!(out, "          code     {}", rule.code)?;
        writeln!(out, "          when     {}", rule.trigger)?;
        writeln!(out, "          where    {}", rule.checked_in())?;
        writeln!(out, "          rule     {}", rule.statement)?;
        writeln!(out, "          because  {}", rule.explanation)?;
    }
    Ok(())
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Block => "block",
        Kind::Acknowledge => "acknowledge",
        Kind::Invariant => "invariant",
    }
}
