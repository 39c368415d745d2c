//! The companies of the demonstration, and the package of the worked example from its invitations
//! to the award in the estimate.

use super::{DemoError, Maker, at_days};
use crate::estimating::{
    company::CompanyRoles,
    edit::{
        AdjustmentInput, CurrencyInput, Edit, PackageEdit, PackageFields, QuoteFields,
        QuoteLineInput,
    },
    id::EstimateId,
    library::{CompanyFields, ContactInput, LibraryEdit},
    quotes::GstBasis,
};
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

/// Companies and a package, as the file has them.
#[derive(Deserialize)]
pub(super) struct MarketData {
    company: Vec<CompanyData>,
    package: PackageData,
}

#[derive(Deserialize)]
struct CompanyData {
    name: String,
    roles: Vec<String>,
    contact: (String, String, String),
    regions: Vec<String>,
    trades: Vec<String>,
}

#[derive(Deserialize)]
struct PackageData {
    code: String,
    name: String,
    note: String,
    items: Vec<String>,
    deadline_days: i64,
    received_days: i64,
    valid_days: i64,
    quote: Vec<QuoteData>,
}

#[derive(Deserialize)]
struct QuoteData {
    company: String,
    gst: GstBasis,
    rates: Vec<String>,
    qualifications: Option<String>,
    adjustments: Vec<AdjustmentInput>,
    #[serde(default)]
    chosen: bool,
}

impl Maker<'_> {
    pub(super) fn companies(&self, market: &MarketData) -> Result<(), DemoError> {
        let edits = market.company.iter().map(CompanyData::edit).collect();
        self.library("Enter the companies", self.lead, edits).map(drop)
    }

    /// Puts the package out, takes its quotes in and the award over, as people did it.
    pub(super) fn package(
        &self,
        market: &MarketData,
        estimate: EstimateId,
        rows: &HashMap<&str, Uuid>,
    ) -> Result<(), DemoError> {
        let data = &market.package;
        let missing = |what: &str| DemoError::Data(format!("{} names no {what}", data.code));
        let known = |code: &String| rows.get(&**code).copied().ok_or_else(|| missing(code));
        let items = data.items.iter().map(known).collect::<Result<Vec<_>, _>>()?;
        let id = Uuid::now_v7();
        let set = Box::new(PackageFields {
            code: Some(data.code.clone()),
            name: Some(data.name.clone()),
            note: Some(Some(data.note.clone())),
            item_ids: Some(items.clone()),
            resource_ids: None,
            deadline: Some(at_days(data.deadline_days)?),
        });
        let published = self.workspace.published();
        let company = |name: &String| {
            let row = published.library.companies().find(|row| *row.name == **name);
            row.map(|row| row.id.0).ok_or_else(|| missing(name))
        };
        let companies = data.quote.iter().map(|quote| company(&quote.company));
        let company_ids = companies.collect::<Result<Vec<_>, _>>()?;
        let put_out = vec![
            PackageEdit::Add { id: Some(id), set },
            PackageEdit::Invite { id, company_ids },
            PackageEdit::Issue { id },
        ];
        self.packages(estimate, "Put the surfacing to the market", put_out)?;
        let published = self.workspace.published();
        let row = published.estimate(estimate).ok_or_else(|| missing("estimate"))?;
        let mut quotes = Vec::new();
        let mut award = Vec::new();
        for quote in &data.quote {
            let own = row.packages().quotes().find(|row| *row.name == *quote.company);
            let quote_id = own.map(|row| row.id.0).ok_or_else(|| missing(&quote.company))?;
            let set = Box::new(quote.fields(data, &items)?);
            quotes.push(PackageEdit::Quote { id, quote_id, version: None, set });
            if quote.chosen {
                let accept = Vec::new();
                award.push(PackageEdit::Award { id, quote_id, reason: None, accept });
            }
        }
        self.packages(estimate, "Enter the quotes for the surfacing", quotes)?;
        self.packages(estimate, "Compare the quotes", vec![PackageEdit::Compare { id }])?;
        award.push(PackageEdit::Transfer { id, accept: Vec::new() });
        self.packages(estimate, "Award the surfacing to the lowest", award)
    }

    fn packages(
        &self,
        estimate: EstimateId,
        label: &str,
        edits: Vec<PackageEdit>,
    ) -> Result<(), DemoError> {
        let edits = edits.into_iter().map(|edit| Edit::Package { edit: Box::new(edit) }).collect();
        self.edits(estimate, self.lead, label, edits)
    }
}

impl CompanyData {
    fn edit(&self) -> LibraryEdit {
        let is = |role: &str| self.roles.iter().any(|one| one == role);
        let (name, email, phone) = self.contact.clone();
        let set = CompanyFields {
            name: Some(self.name.clone()),
            roles: Some(CompanyRoles {
                client: is("client"),
                supplier: is("supplier"),
                subcontractor: is("subcontractor"),
            }),
            contacts: Some(vec![ContactInput { name, email, phone }]),
            regions: Some(self.regions.clone()),
            trades: Some(self.trades.clone()),
            ..CompanyFields::default()
        };
        LibraryEdit::AddCompany { id: None, set: Box::new(set) }
    }
}

impl QuoteData {
    fn fields(&self, package: &PackageData, items: &[Uuid]) -> Result<QuoteFields, DemoError> {
        let line = |(item, rate): (&Uuid, &String)| QuoteLineInput {
            member_id: Some(*item),
            rate: (!rate.is_empty()).then(|| rate.clone()),
            ..QuoteLineInput::default()
        };
        Ok(QuoteFields {
            received_at: Some(at_days(package.received_days)?),
            valid_until: Some(Some(at_days(package.valid_days)?)),
            gst: Some(Some(self.gst)),
            currency: Some(Some(CurrencyInput { code: "NZD".to_owned(), exchange: None })),
            lines: Some(items.iter().zip(&self.rates).map(line).collect()),
            adjustments: Some(self.adjustments.clone()),
            qualifications: self.qualifications.clone().map(Some),
            ..QuoteFields::default()
        })
    }
}
