//! The broker on real Redis servers, each test on its own.

#![allow(clippy::unwrap_used)]

mod contract;
mod first_connection;
mod kit;
mod login;
mod logs;
mod outages;
mod subscriptions;
mod tls;
mod waiting;
mod wire;
