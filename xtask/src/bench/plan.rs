//! What is measured, and what it should reach.

use super::work::{Contender, Figure, Goal, Measure, Setting, Work};

/// Everything that is measured.
pub(crate) const PLAN: &[Work] = &[
    Work {
        name: "echo",
        title: "Echo of a String of 200 bytes, 100 connections with 16 in flight",
        panel: Some("Echo, 100 connections × 16 in flight"),
        load: &["echo", "--connections", "100", "--in-flight", "16"],
        measure: Measure::PerCpuSecond,
        setting: Setting::Alone,
        contenders: &[
            STREAMPOD,
            TONIC,
            TONIC_EACH,
            TONIC_CLIENT,
            TT,
            TT_BATCHED,
            FLOOR,
            AXUM_WS,
            JSONRPSEE,
            SOCKETIOXIDE,
            NODE,
        ],
        goals: &[
            Goal::AtLeast(1.4, TONIC_LABEL),
            Goal::AtLeast(1.4, TONIC_EACH.label),
            Goal::AtLeast(1.4, TONIC_CLIENT.label),
            Goal::AtLeast(5.0, TT_LABEL),
            Goal::AtLeast(0.45, FLOOR_LABEL),
        ],
    },
    Work {
        name: "sample",
        title: "Echo of a model of 200 bytes, 100 connections with 16 in flight",
        panel: Some("Echo of a model, 100 connections × 16 in flight"),
        load: &["echo", "--payload", "sample", "--connections", "100", "--in-flight", "16"],
        measure: Measure::PerCpuSecond,
        setting: Setting::Alone,
        contenders: &[STREAMPOD, TONIC, TONIC_EACH, TONIC_CLIENT],
        goals: &[
            Goal::AtLeast(1.0, TONIC_LABEL),
            Goal::AtLeast(1.0, TONIC_EACH.label),
            Goal::AtLeast(1.0, TONIC_CLIENT.label),
        ],
    },
    Work {
        name: "echo-one",
        title: "Echo of a String of 200 bytes, 1 connection with 64 in flight",
        panel: Some("Echo, 1 connection × 64 in flight"),
        load: &["echo", "--connections", "1", "--in-flight", "64"],
        measure: Measure::PerCpuSecond,
        setting: Setting::Alone,
        contenders: &[
            STREAMPOD,
            TONIC,
            TONIC_EACH,
            TONIC_CLIENT,
            TT,
            TT_BATCHED,
            FLOOR,
            AXUM_WS,
            JSONRPSEE,
            SOCKETIOXIDE,
            NODE,
        ],
        goals: &[
            Goal::AtLeast(1.1, TONIC_LABEL),
            Goal::AtLeast(1.1, TONIC_EACH.label),
            Goal::AtLeast(1.1, TONIC_CLIENT.label),
        ],
    },
    Work {
        name: "sample-one",
        title: "Echo of a model of 200 bytes, 1 connection with 64 in flight",
        panel: Some("Echo of a model, 1 connection × 64 in flight"),
        load: &["echo", "--payload", "sample", "--connections", "1", "--in-flight", "64"],
        measure: Measure::PerCpuSecond,
        setting: Setting::Alone,
        contenders: &[STREAMPOD, TONIC, TONIC_EACH, TONIC_CLIENT],
        goals: &[
            Goal::AtLeast(0.9, TONIC_LABEL),
            Goal::AtLeast(0.9, TONIC_EACH.label),
            Goal::AtLeast(0.9, TONIC_CLIENT.label),
        ],
    },
    Work {
        name: "echo-single",
        title: "Echo of a String of 200 bytes, 100 connections with 1 in flight",
        panel: Some("Echo, 100 connections × 1 in flight"),
        load: &["echo", "--connections", "100", "--in-flight", "1"],
        measure: Measure::PerCpuSecond,
        setting: Setting::Alone,
        contenders: &[STREAMPOD, TT, TONIC, FLOOR, AXUM_WS, JSONRPSEE, SOCKETIOXIDE, NODE],
        goals: &[Goal::AtLeast(0.9, TT_LABEL)],
    },
    Work {
        name: "sample-single",
        title: "Echo of a model of 200 bytes, 100 connections with 1 in flight; TT only moves its bytes",
        panel: None,
        load: &["echo", "--payload", "sample", "--connections", "100", "--in-flight", "1"],
        measure: Measure::PerCpuSecond,
        setting: Setting::Alone,
        contenders: &[STREAMPOD, TT, TONIC],
        goals: &[Goal::AtLeast(0.9, TT_LABEL)],
    },
    Work {
        name: "latency",
        title: "Latency of an echo on 100 connections, at half the rate that TT reaches one by one with 16 in flight",
        panel: Some("Latency of an echo, median"),
        load: &["latency", "--connections", "100"],
        measure: Measure::Latency,
        setting: Setting::Alone,
        contenders: &[STREAMPOD, TT, TT_BATCHED, TONIC, FLOOR],
        goals: &[Goal::AtMost(Figure::P50, 1.2, TT_LABEL), Goal::AtMost(Figure::P99, 1.5, TT_LABEL)],
    },
    Work {
        name: "fan-out",
        title: "One post to 2,000 subscribers, each on its own connection",
        panel: Some("One post to 2,000 subscribers"),
        load: &["fan-out", "--connections", "2000", "--in-flight", "1"],
        measure: Measure::PerCpuSecond,
        setting: Setting::Alone,
        contenders: &[STREAMPOD, LOOP, JSONRPSEE, NODE],
        goals: &[Goal::AtLeast(0.8, LOOP_LABEL)],
    },
    Work {
        name: "fan-out-bursts",
        title: "Bursts of 16 posts to 2,000 subscribers; the floor sends each burst with one write",
        panel: Some("Bursts of 16 posts to 2,000 subscribers"),
        load: &["fan-out", "--connections", "2000", "--in-flight", "16"],
        measure: Measure::PerCpuSecond,
        setting: Setting::Alone,
        contenders: &[STREAMPOD, LOOP, FLOOR, JSONRPSEE, NODE],
        goals: &[
            Goal::AtLeast(0.6, FLOOR_LABEL),
            Goal::AtLeast(6.0, LOOP_LABEL),
            Goal::AtLeast(10.0, JSONRPSEE_LABEL),
        ],
    },
    Work {
        name: "idle",
        title: "Memory of a connection with one idle call that listens to a channel; 10,000 of them",
        panel: Some("Memory of an idle connection"),
        load: &["idle", "--connections", "10000", "--in-flight", "1"],
        measure: Measure::BytesPerConnection,
        setting: Setting::Alone,
        contenders: &[STREAMPOD, TT_IDLE, TONIC],
        goals: &[Goal::Below(4096.0), Goal::AtMost(Figure::BytesPerConnection, 1.0, TT_LABEL)],
    },
    Work {
        name: "idle-crowd",
        title: "The same, 50,000 of them",
        panel: None,
        load: &["idle", "--connections", "50000", "--in-flight", "1"],
        measure: Measure::BytesPerConnection,
        setting: Setting::Crowded(50_200),
        contenders: &[STREAMPOD, TT_IDLE, TONIC],
        goals: &[Goal::Below(4096.0), Goal::AtMost(Figure::BytesPerConnection, 1.0, TT_LABEL)],
    },
    Work {
        name: "idle-calls",
        title: "Memory of an idle call; 100 connections with 1,000 of them",
        panel: Some("Memory of an idle call"),
        load: &["idle", "--connections", "100", "--in-flight", "1000"],
        measure: Measure::BytesPerCall,
        setting: Setting::Alone,
        contenders: &[STREAMPOD, STREAMPOD_SPANS, TONIC],
        goals: &[Goal::Below(1024.0)],
    },
    Work {
        name: "calls",
        title: "Calls that answer once and end, 16 in flight on 1 connection",
        panel: Some("Calls that answer once and end"),
        load: &["calls", "--connections", "1", "--in-flight", "16"],
        measure: Measure::PerCpuSecond,
        setting: Setting::Alone,
        contenders: &[STREAMPOD, TONIC, JSONRPSEE],
        goals: &[Goal::AtLeast(2.0, TONIC_LABEL), Goal::AtLeast(2.0, JSONRPSEE_LABEL)],
    },
    Work {
        name: "http",
        title: "Ordinary calls over HTTP, 100 connections with 1 in flight",
        panel: Some("Ordinary calls over HTTP"),
        load: &["echo", "--connections", "100", "--in-flight", "1"],
        measure: Measure::PerCpuSecond,
        setting: Setting::Alone,
        contenders: &[STREAMPOD_HTTP, AXUM],
        goals: &[Goal::AtLeast(0.8, AXUM_LABEL)],
    },
    Work {
        name: "cluster",
        title: "Events from another server through Redis, on 10 channels",
        panel: Some("Events from another server through Redis"),
        load: &["cluster", "--connections", "10", "--in-flight", "2000"],
        measure: Measure::PerCpuSecond,
        setting: Setting::Cluster,
        contenders: &[STREAMPOD, SUBSCRIBER],
        goals: &[Goal::AtLeast(0.8, SUBSCRIBER_LABEL)],
    },
    Work {
        name: "growth-connections",
        title: "Cost as connections grow: echo, 10 connections at a time have 16 messages in flight",
        panel: None,
        load: &["echo", "--connections", "10", "--active", "10", "--in-flight", "16"],
        measure: Measure::PerCpuSecond,
        setting: Setting::Alone,
        contenders: &[
            sized(CONNECTIONS[0], STREAMPOD, &["--connections", "10"]),
            sized(CONNECTIONS[1], STREAMPOD, &["--connections", "100"]),
            sized(CONNECTIONS[2], STREAMPOD, &["--connections", "1000"]),
            sized(CONNECTIONS[3], STREAMPOD, &["--connections", "10000"]),
            sized(FLOOR_CONNECTIONS[0], FLOOR, &["--connections", "10"]),
            sized(FLOOR_CONNECTIONS[1], FLOOR, &["--connections", "100"]),
            sized(FLOOR_CONNECTIONS[2], FLOOR, &["--connections", "1000"]),
            sized(FLOOR_CONNECTIONS[3], FLOOR, &["--connections", "10000"]),
        ],
        goals: &[Goal::Growth(1.5, &CONNECTIONS), Goal::Compare(&FLOOR_CONNECTIONS)],
    },
    Work {
        name: "growth-calls",
        title: "Cost as calls grow: echo on 10 connections with 64 in flight, one message after the other on each call",
        panel: None,
        load: &["interleaved", "--connections", "10", "--in-flight", "64"],
        measure: Measure::PerCpuSecond,
        setting: Setting::Alone,
        contenders: &[
            sized(CALLS[0], STREAMPOD, &["--calls", "1"]),
            sized(CALLS[1], STREAMPOD, &["--calls", "10"]),
            sized(CALLS[2], STREAMPOD, &["--calls", "100"]),
            sized(CALLS[3], STREAMPOD, &["--calls", "1000"]),
        ],
        goals: &[Goal::Growth(1.5, &CALLS)],
    },
    Work {
        name: "growth-channels",
        title: "Cost as channels grow: 64 posts in flight, one after the other on each channel, each to one subscriber",
        panel: None,
        load: &["channels", "--in-flight", "64"],
        measure: Measure::PerCpuSecond,
        setting: Setting::Alone,
        contenders: &[
            sized(CHANNELS[0], STREAMPOD, &["--calls", "1"]),
            sized(CHANNELS[1], STREAMPOD, &["--calls", "10"]),
            sized(CHANNELS[2], STREAMPOD, &["--calls", "100"]),
            sized(CHANNELS[3], STREAMPOD, &["--calls", "1000"]),
            sized(CHANNELS[4], STREAMPOD, &["--calls", "10000"]),
        ],
        goals: &[Goal::Growth(1.5, &CHANNELS)],
    },
];

/// What the rate of [`Measure::Latency`] is half of.
pub(crate) const HIGHEST_RATE: (&Contender, &[&str]) =
    (&TT, &["echo", "--connections", "100", "--in-flight", "16"]);

const fn contender(label: &'static str, server: &'static str, peer: &'static str) -> Contender {
    Contender { label, server, peer, instead: &[] }
}

const STREAMPOD: Contender = contender("Streampod", "streampod", "streampod");
const TONIC: Contender = contender(TONIC_LABEL, "tonic", "grpc");
const TONIC_EACH: Contender = contender("tonic, a frame for each", "tonic", "grpc-each");
const TONIC_CLIENT: Contender = contender("tonic, its own client", "tonic", "grpc-client");
const TT: Contender = contender(TT_LABEL, "tungstenite", "raw");
const TT_BATCHED: Contender = contender("TT, batched", "tungstenite-batched", "raw");
const FLOOR: Contender = contender(FLOOR_LABEL, "floor", "raw");
const LOOP: Contender = contender(LOOP_LABEL, "floor-each", "raw");
const JSONRPSEE: Contender = contender(JSONRPSEE_LABEL, "jsonrpsee", "json-rpc");
const AXUM_WS: Contender = contender("axum ws", "axum", "raw");
const SOCKETIOXIDE: Contender = contender("socketioxide", "socketioxide", "socket-io");
const NODE: Contender = contender("node ws", "node", "raw");
const STREAMPOD_HTTP: Contender = Contender { peer: "http", ..STREAMPOD };
const AXUM: Contender = contender(AXUM_LABEL, "axum", "http");
const STREAMPOD_SPANS: Contender = contender("Streampod with spans", "streampod-spans", "streampod");
const SUBSCRIBER: Contender = contender(SUBSCRIBER_LABEL, "redis-subscriber", "raw");
/// On what is idle, a raw server has no calls.
const TT_IDLE: Contender = Contender { instead: &["--in-flight", "0"], ..TT };

const TONIC_LABEL: &str = "tonic";
const TT_LABEL: &str = "TT, one by one";
const FLOOR_LABEL: &str = "floor";
const LOOP_LABEL: &str = "loop of send";
const JSONRPSEE_LABEL: &str = "jsonrpsee";
const AXUM_LABEL: &str = "axum";
const SUBSCRIBER_LABEL: &str = "bare subscriber";

const CONNECTIONS: [&str; 4] =
    ["10 connections", "100 connections", "1,000 connections", "10,000 connections"];
const FLOOR_CONNECTIONS: [&str; 4] = [
    "floor, 10 connections",
    "floor, 100 connections",
    "floor, 1,000 connections",
    "floor, 10,000 connections",
];
const CALLS: [&str; 4] = ["1 call", "10 calls", "100 calls", "1,000 calls"];
const CHANNELS: [&str; 5] = ["1 channel", "10 channels", "100 channels", "1,000 channels", "10,000 channels"];

const fn sized(label: &'static str, of: Contender, instead: &'static [&'static str]) -> Contender {
    Contender { label, instead, ..of }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_name_contenders() {
        for work in PLAN {
            let is_measured = |label: &str| work.contenders.iter().any(|contender| contender.label == label);
            for goal in work.goals {
                let labels = match goal {
                    Goal::AtLeast(_, label) | Goal::AtMost(_, _, label) => std::slice::from_ref(label),
                    Goal::Below(_) => &[],
                    Goal::Growth(_, labels) | Goal::Compare(labels) => labels,
                };
                assert!(labels.iter().all(|label| is_measured(label)), "{}: {labels:?}", work.name);
            }
        }
    }
}
