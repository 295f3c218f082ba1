use std::collections::BTreeMap;
use streampod::{Exception, Model};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Model)]
#[model(name = "shop_shared.Currency")]
pub enum Currency {
    Euro,
    Yen,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    name = "shop_shared.Discount",
    fields(
        title: String,
    ),
)]
pub enum Discount {
    Voucher(Voucher),
}

/// What something costs.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(name = "shop_shared.Price")]
pub struct Price {
    pub amount: f64,
    #[model(default = Currency::Euro)]
    pub currency: Currency,
}

impl Price {
    /// A value of these fields; the others have their defaults.
    pub fn new(amount: f64) -> Self {
        Self {
            amount,
            currency: Currency::Euro,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Exception)]
#[model(name = "shop_shared.TooDear")]
pub struct TooDear {
    pub prices: BTreeMap<String, Option<Price>>,
    pub range: Option<TooDearRange>,
    pub buyer: Option<super::auth::UserInfo>,
    pub budget: Option<super::Money>,
}

impl TooDear {
    /// A value of these fields; the others have their defaults.
    pub fn new(prices: BTreeMap<String, Option<Price>>) -> Self {
        Self {
            prices,
            range: None,
            buyer: None,
            budget: None,
        }
    }
}

/// A record of [`TooDear`].
#[derive(Debug, Clone, PartialEq, Model)]
#[model(record)]
pub struct TooDearRange {
    pub from: Price,
    pub to: Price,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(name = "shop_shared.Voucher", extends = Discount)]
pub struct Voucher {
    pub title: String,
    pub worth: Option<Price>,
    /// The module's own names can be written out.
    pub others: Vec<Voucher>,
}

impl Voucher {
    /// A value of these fields; the others have their defaults.
    pub fn new(title: String, others: Vec<Voucher>) -> Self {
        Self {
            title,
            worth: None,
            others,
        }
    }
}

/// Makes all of these models known: what `Server::models` takes.
pub fn all(catalog: &mut ::streampod::wire::Catalog) {
    catalog.add::<Currency>();
    catalog.add::<Discount>();
    catalog.add::<Price>();
    catalog.add::<TooDear>();
    catalog.add::<Voucher>();
}
