//! What a measurement is: its load, its contenders, its figures and its goals.

/// One measurement of several servers.
pub(crate) struct Work {
    /// What `--only` takes.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What its panel in the chart is called, if it has one.
    pub(crate) panel: Option<&'static str>,
    /// The load's scenario with its options.
    pub(crate) load: &'static [&'static str],
    pub(crate) measure: Measure,
    pub(crate) setting: Setting,
    /// Streampod is the first.
    pub(crate) contenders: &'static [Contender],
    pub(crate) goals: &'static [Goal],
}

/// What a work runs in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    /// One server.
    Alone,
    /// Another server publishes, and a Redis connects both.
    Cluster,
    /// One server with so many files; only in full runs, and where limits permit it.
    Crowded(u64),
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
    /// CPU time for a message grows by so much, or less, from the first of these contenders to any other.
    Growth(f64, &'static [&'static str]),
    /// Nothing is to be reached: the same growth of another server, to compare with.
    Compare(&'static [&'static str]),
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

    /// What it is, where it stands alone.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::PerCpuSecond => "messages per second of the server's CPU",
            Self::P50 => "microseconds, at half of the rate that TT reaches",
            Self::P99 => "microseconds that one in a hundred exceeds",
            Self::BytesPerConnection => "resident bytes for each connection",
            Self::BytesPerCall => "resident bytes for each call",
        }
    }
}
