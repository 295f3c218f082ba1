//! A module: models and endpoints whose names on the wire stand behind that of the module. The golden models of one are
//! compiled here.

#[allow(unreachable_pub)]
mod shop_shared {
    include!("../../../codegen/tests/golden/models/models_of_a_module.rs");
}

use streampod::prelude::*;

use crate::kit::{call, json, read, server};
use crate::socket::{Socket, start};
use shop_shared::{Currency, Discount, Price, TooDear, TooDearRange, Voucher};

/// Another module, whose models it uses.
#[allow(unreachable_pub)]
mod auth {
    use streampod::Model;

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(name = "serverpod_auth.UserInfo")]
    pub struct UserInfo {
        pub blocked: bool,
    }
}

/// A class of the module that no file declares.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(name = "shop_shared.Money")]
#[allow(unreachable_pub)]
pub struct Money(i64);

struct Prices;

#[endpoint(name = "shop_shared.prices")]
impl Prices {
    async fn convert(&self, _session: &Session, price: Price, currency: Currency) -> Result<Price> {
        Ok(Price { currency, ..price })
    }

    async fn apply(&self, _session: &Session, discount: Discount) -> Result<Discount> {
        Ok(discount)
    }

    async fn buy(&self, _session: &Session) -> Result<()> {
        Err(too_dear().into())
    }

    fn watch(&self, _session: &Session) -> impl Stream<Item = Result<Price>> {
        stream! { yield Ok(Price::new(1.5)); }
    }
}

fn too_dear() -> TooDear {
    TooDear {
        prices: [("lamp".to_owned(), Some(Price::new(9.5)))].into(),
        range: Some(TooDearRange { from: Price::new(1.0), to: Price::new(2.0) }),
        buyer: Some(auth::UserInfo { blocked: false }),
        budget: Some(Money(5)),
    }
}

fn shop() -> Server {
    server().endpoint(Prices).models(shop_shared::all)
}

#[test]
fn its_models_have_its_name_on_the_wire() {
    let text = r#"{"prices":{"lamp":{"amount":9.5,"currency":"euro"}},"range":{"n":{"from":{"amount":1.0,"currency":"euro"},"to":{"amount":2.0,"currency":"euro"}}},"buyer":{"blocked":false},"budget":5}"#;
    assert_eq!(json(&too_dear()), text);
    assert_eq!(read::<TooDear>(text), Ok(too_dear()));
    let voucher = Voucher { worth: Some(Price::new(5.0)), ..Voucher::new("Ten".to_owned(), Vec::new()) };
    assert_eq!(
        json(&Discount::Voucher(voucher)),
        r#"{"__className__":"shop_shared.Voucher","title":"Ten","worth":{"amount":5.0,"currency":"euro"},"others":[]}"#
    );
}

#[test]
fn the_schema_tells_models_and_endpoints_by_its_name() {
    let schema = shop().schema();
    let mut names: Vec<_> = schema.models.iter().map(|model| model.name()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "serverpod_auth.UserInfo",
            "shop_shared.Currency",
            "shop_shared.Discount",
            "shop_shared.Money",
            "shop_shared.Price",
            "shop_shared.TooDear",
            "shop_shared.Voucher",
        ]
    );
    assert_eq!(schema.class("shop_shared.Voucher").unwrap().extends.as_deref(), Some("shop_shared.Discount"));
    let endpoint = &schema.endpoints[0];
    assert_eq!(endpoint.name, "shop_shared.prices");
    assert!(endpoint.methods.iter().any(|method| method.name == "watch" && method.is_streaming()));
}

#[tokio::test]
async fn its_endpoints_are_called_by_its_name() {
    let body = r#"{"method":"convert","price":{"amount":1.5},"currency":"yen"}"#;
    let (status, answer) = call(shop(), "/shop_shared.prices", body).await;
    assert_eq!((status.as_u16(), answer.as_str()), (200, r#"{"amount":1.5,"currency":"yen"}"#));
    let (status, answer) =
        call(shop(), "/shop_shared.prices/convert?currency=yen", r#"{"price":{"amount":1.5}}"#).await;
    assert_eq!((status.as_u16(), answer.as_str()), (200, r#"{"amount":1.5,"currency":"yen"}"#));
    let body =
        r#"{"method":"apply","discount":{"__className__":"shop_shared.Voucher","title":"Ten","others":[]}}"#;
    let (status, answer) = call(shop(), "/shop_shared.prices", body).await;
    assert_eq!(
        (status.as_u16(), answer.as_str()),
        (200, r#"{"__className__":"shop_shared.Voucher","title":"Ten","others":[]}"#)
    );
    let (status, answer) = call(shop(), "/shop_shared.prices", r#"{"method":"buy"}"#).await;
    assert_eq!(status.as_u16(), 400);
    assert!(answer.starts_with(r#"{"className":"shop_shared.TooDear","data":{"#), "{answer}");
    let (status, _) = call(shop(), "/prices", r#"{"method":"buy"}"#).await;
    assert_eq!(status.as_u16(), 404);
}

#[tokio::test]
async fn its_streams_carry_its_name() {
    let server = start(|server| server.endpoint(Prices).models(shop_shared::all)).await;
    let mut socket = Socket::connect(&server).await;
    let call = socket.open("shop_shared.prices", "watch", "").await;
    socket.expect(call.opened("success")).await;
    let element = socket.receive().await;
    assert_eq!(element["type"], "msm");
    assert_eq!(element["data"]["en"], "shop_shared.prices");
    let value =
        serde_json::json!({"className": "shop_shared.Price", "data": {"amount": 1.5, "currency": "euro"}});
    assert_eq!(element["data"]["o"], value);
    socket.expect(call.closed("done")).await;
    server.shutdown().await;
}
