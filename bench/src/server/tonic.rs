//! tonic, with what its generator would make of `service Bench { rpc Text(stream TextMessage) returns (stream TextMessage); … }`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use futures_util::{Stream, StreamExt, stream};
use prost::Message;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService, ServerStreamingService, StreamingService};
use tonic::{Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;
use tower_service::Service;

use crate::payload::{SampleMessage, TextMessage};

type Elements<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Serves until the process is ended.
pub(crate) async fn serve(address: SocketAddr) -> anyhow::Result<()> {
    // By default, hyper lets a connection have 200 calls.
    let mut server = tonic::transport::Server::builder().max_concurrent_streams(100_000);
    Ok(server.add_service(Bench).serve(address).await?)
}

#[derive(Clone)]
struct Bench;

impl NamedService for Bench {
    const NAME: &'static str = "bench.Bench";
}

impl Service<http::Request<Body>> for Bench {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            Ok(match request.uri().path() {
                "/bench.Bench/Text" => {
                    let mut grpc = Grpc::new(ProstCodec::<TextMessage, TextMessage>::default());
                    grpc.streaming(Echo, request).await
                }
                "/bench.Bench/Sample" => {
                    let mut grpc = Grpc::new(ProstCodec::<SampleMessage, SampleMessage>::default());
                    grpc.streaming(Echo, request).await
                }
                "/bench.Bench/Once" => {
                    let mut grpc = Grpc::new(ProstCodec::<TextMessage, TextMessage>::default());
                    grpc.server_streaming(Once, request).await
                }
                _ => Status::unimplemented("no such method").into_http(),
            })
        })
    }
}

/// Sends every message back.
struct Echo;

impl<T: Message + Default + 'static> StreamingService<T> for Echo {
    type Response = T;
    type ResponseStream = Elements<T>;
    type Future = BoxFuture<'static, Result<Response<Elements<T>>, Status>>;

    fn call(&mut self, request: Request<Streaming<T>>) -> Self::Future {
        Box::pin(async move { Ok(Response::new(request.into_inner().boxed() as Elements<T>)) })
    }
}

/// Sends one message back, and ends.
struct Once;

impl ServerStreamingService<TextMessage> for Once {
    type Response = TextMessage;
    type ResponseStream = Elements<TextMessage>;
    type Future = BoxFuture<'static, Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<TextMessage>) -> Self::Future {
        let one = stream::once(std::future::ready(Ok(request.into_inner())));
        Box::pin(async move { Ok(Response::new(one.boxed() as Elements<TextMessage>)) })
    }
}
