//! What is measured, and what it should reach.

/// One measurement of several servers.
pub(crate) struct Work {
    /// What `--only` takes.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// The load's scenario with its options.
    pub(crate) load: &'static [&'static str],
    pub(crate) measure: Measure,
    /// Streampod is the first.
    pub(crate) contenders: &'static [Contender],
    pub(crate) goals: &'static [Goal],
}

/// A server under load.
pub(crate) struct Contender {
    pub(crate) label: &'static str,
    /// What the program calls the server, and what it speaks.
    pub(crate) server: &'static str,
    pub(crate) peer: &'static str,
    /// What it is measured with instead of the work's options.
    pub(crate) instead: &'static [&'static str],
}

/// What counts of what the load reports.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Messages, deliveries or calls per second of the server's core.
    PerCpuSecond,
    /// Median and 99th percentile of the latency, at half of the rate that tokio-tungstenite reaches.
    Latency,
    /// Resident bytes for each connection.
    BytesPerConnection,
    /// Resident bytes for each call.
    BytesPerCall,
}

/// What Streampod should reach.
pub(crate) enum Goal {
    /// So many times what the named contender reaches, or more.
    AtLeast(f64, &'static str),
    /// So many times what the named contender takes of this figure, or less.
    AtMost(Figure, f64, &'static str),
    /// So much, or less.
    Below(f64),
}

/// One of the numbers of a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    PerCpuSecond,
    P50,
    P99,
    BytesPerConnection,
    BytesPerCall,
}

impl Measure {
    /// Its figures, the first of which decides.
    pub(crate) fn figures(self) -> &'static [Figure] {
        match self {
            Self::PerCpuSecond => &[Figure::PerCpuSecond],
            Self::Latency => &[Figure::P50, Figure::P99],
            Self::BytesPerConnection => &[Figure::BytesPerConnection],
            Self::BytesPerCall => &[Figure::BytesPerCall],
        }
    }
}

impl Figure {
    /// Its name in what the load prints.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::PerCpuSecond => "perCpuSecond",
            Self::P50 => "p50Micros",
            Self::P99 => "p99Micros",
            Self::BytesPerConnection => "bytesPerConnection",
            Self::BytesPerCall => "bytesPerCall",
        }
    }

    /// Its name in tables.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::PerCpuSecond => "per CPU second",
            Self::P50 => "p50, µs",
            Self::P99 => "p99, µs",
            Self::BytesPerConnection => "bytes per connection",
            Self::BytesPerCall => "bytes per call",
        }
    }
}

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
/// On what is idle, a raw server has no calls.
const TT_IDLE: Contender = Contender { instead: &["--in-flight", "0"], ..TT };

const TONIC_LABEL: &str = "tonic";
const TT_LABEL: &str = "TT, one by one";
const FLOOR_LABEL: &str = "floor";
const LOOP_LABEL: &str = "loop of send";
const JSONRPSEE_LABEL: &str = "jsonrpsee";
const AXUM_LABEL: &str = "axum";

/// Everything that is measured.
pub(crate) const PLAN: &[Work] = &[
    Work {
        name: "echo",
        title: "Echo of a String of 200 bytes, 100 connections with 16 in flight",
        load: &["echo", "--connections", "100", "--in-flight", "16"],
        measure: Measure::PerCpuSecond,
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
        load: &["echo", "--payload", "sample", "--connections", "100", "--in-flight", "16"],
        measure: Measure::PerCpuSecond,
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
        load: &["echo", "--connections", "1", "--in-flight", "64"],
        measure: Measure::PerCpuSecond,
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
        load: &["echo", "--payload", "sample", "--connections", "1", "--in-flight", "64"],
        measure: Measure::PerCpuSecond,
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
        load: &["echo", "--connections", "100", "--in-flight", "1"],
        measure: Measure::PerCpuSecond,
        contenders: &[STREAMPOD, TT, TONIC, FLOOR, AXUM_WS, JSONRPSEE, SOCKETIOXIDE, NODE],
        goals: &[Goal::AtLeast(0.9, TT_LABEL)],
    },
    Work {
        name: "sample-single",
        title: "Echo of a model of 200 bytes, 100 connections with 1 in flight; TT only moves its bytes",
        load: &["echo", "--payload", "sample", "--connections", "100", "--in-flight", "1"],
        measure: Measure::PerCpuSecond,
        contenders: &[STREAMPOD, TT, TONIC],
        goals: &[Goal::AtLeast(0.9, TT_LABEL)],
    },
    Work {
        name: "latency",
        title: "Latency of an echo on 100 connections, at half the rate that TT reaches one by one with 16 in flight",
        load: &["latency", "--connections", "100"],
        measure: Measure::Latency,
        contenders: &[STREAMPOD, TT, TT_BATCHED, TONIC],
        goals: &[Goal::AtMost(Figure::P50, 1.2, TT_LABEL), Goal::AtMost(Figure::P99, 1.5, TT_LABEL)],
    },
    Work {
        name: "fan-out",
        title: "One post to 2,000 subscribers, each on its own connection",
        load: &["fan-out", "--connections", "2000", "--in-flight", "1"],
        measure: Measure::PerCpuSecond,
        contenders: &[STREAMPOD, LOOP, JSONRPSEE, NODE],
        goals: &[Goal::AtLeast(0.8, LOOP_LABEL)],
    },
    Work {
        name: "fan-out-bursts",
        title: "Bursts of 16 posts to 2,000 subscribers; the floor sends each burst with one write",
        load: &["fan-out", "--connections", "2000", "--in-flight", "16"],
        measure: Measure::PerCpuSecond,
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
        load: &["idle", "--connections", "10000", "--in-flight", "1"],
        measure: Measure::BytesPerConnection,
        contenders: &[STREAMPOD, TT_IDLE, TONIC],
        goals: &[Goal::Below(4096.0), Goal::AtMost(Figure::BytesPerConnection, 1.0, TT_LABEL)],
    },
    Work {
        name: "idle-calls",
        title: "Memory of an idle call; 100 connections with 1,000 of them",
        load: &["idle", "--connections", "100", "--in-flight", "1000"],
        measure: Measure::BytesPerCall,
        contenders: &[STREAMPOD, TONIC],
        goals: &[Goal::Below(1024.0)],
    },
    Work {
        name: "calls",
        title: "Calls that answer once and end, 16 in flight on 1 connection",
        load: &["calls", "--connections", "1", "--in-flight", "16"],
        measure: Measure::PerCpuSecond,
        contenders: &[STREAMPOD, TONIC, JSONRPSEE],
        goals: &[Goal::AtLeast(2.0, TONIC_LABEL), Goal::AtLeast(2.0, JSONRPSEE_LABEL)],
    },
    Work {
        name: "http",
        title: "Ordinary calls over HTTP, 100 connections with 1 in flight",
        load: &["echo", "--connections", "100", "--in-flight", "1"],
        measure: Measure::PerCpuSecond,
        contenders: &[STREAMPOD_HTTP, AXUM],
        goals: &[Goal::AtLeast(0.8, AXUM_LABEL)],
    },
];

/// What the rate of [`Measure::Latency`] is half of.
pub(crate) const HIGHEST_RATE: (&Contender, &[&str]) =
    (&TT, &["echo", "--connections", "100", "--in-flight", "16"]);
