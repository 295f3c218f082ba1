//! Connections, and moving their bytes.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Socket, Type};

use super::dialect::Dialect;
use super::ticker::Ticker;

const READ_BYTES: usize = 256 * 1024;
/// Fewer than the ports that a system gives to clients by default.
const CONNECTIONS_PER_ADDRESS: usize = 20_000;
/// How many connections are opened at a time.
const OPENED_TOGETHER: usize = 64;
const TICKER: Token = Token(usize::MAX);

/// All connections of a load.
pub(crate) struct Engine {
    poll: Poll,
    events: Events,
    connections: Vec<Connection>,
    /// What one read brings and one write sends, for all connections.
    input: Vec<u8>,
    out: Vec<u8>,
    patience: Duration,
    last_answer: Instant,
    ticker: Option<Ticker>,
}

struct Connection {
    socket: TcpStream,
    dialect: Box<dyn Dialect>,
    /// The beginning of a frame whose end was not read yet.
    carry: Vec<u8>,
    unsent: Vec<u8>,
    /// How many messages to send.
    owed: usize,
    /// How many answers are to come.
    expected: usize,
}

impl Engine {
    /// Connects, and waits until each connection is open.
    pub(crate) fn connect(
        patience: Duration,
        dialects: impl IntoIterator<Item = (SocketAddr, Box<dyn Dialect>)>,
    ) -> anyhow::Result<Self> {
        let poll = Poll::new()?;
        let mut connections = Vec::new();
        let mut dialects = dialects.into_iter().enumerate().peekable();
        while dialects.peek().is_some() {
            let opening = dialects.by_ref().take(OPENED_TOGETHER).map(|(index, (address, dialect))| {
                let opening = Opening::start(address, index, dialect, patience);
                opening.with_context(|| format!("opening connection {index} to {address}"))
            });
            for mut connection in finish(opening.collect::<anyhow::Result<_>>()?, connections.len())? {
                let token = Token(connections.len());
                let interest = Interest::READABLE | Interest::WRITABLE;
                poll.registry().register(&mut connection.socket, token, interest)?;
                connections.push(connection);
            }
        }
        let (events, input, out) = (Events::with_capacity(1024), vec![0; READ_BYTES], Vec::new());
        Ok(Self {
            poll,
            events,
            connections,
            input,
            out,
            patience,
            last_answer: Instant::now(),
            ticker: None,
        })
    }

    /// Has [`turn`](Self::turn) return at every multiple of `interval` from now on, too.
    pub(crate) fn tick(&mut self, interval: Duration) -> anyhow::Result<()> {
        self.ticker = Some(Ticker::new(self.poll.registry(), TICKER, interval)?);
        Ok(())
    }

    /// How many connections there are.
    pub(crate) fn len(&self) -> usize {
        self.connections.len()
    }

    /// Sends messages, as soon as the server takes them, that will bring as many answers here.
    pub(crate) fn send(&mut self, index: usize, count: usize) -> anyhow::Result<()> {
        let connection = &mut self.connections[index];
        connection.owed += count;
        connection.expected += count;
        self.out.clear();
        connection.send(&mut self.out)
    }

    /// Says that answers will come here to what another connection publishes.
    pub(crate) fn expect(&mut self, index: usize, count: usize) {
        self.connections[index].expected += count;
    }

    /// Sends what is answered elsewhere.
    pub(crate) fn publish(&mut self, index: usize, count: usize) -> anyhow::Result<()> {
        self.connections[index].owed += count;
        self.out.clear();
        self.connections[index].send(&mut self.out)
    }

    /// Waits for answers, no longer than `timeout`. `answered` is told the connection and how many answers came, and says how
    /// many messages follow them.
    ///
    /// # Errors
    ///
    /// Fails on a wrong answer, a connection that ends, and if nothing came for too long.
    pub(crate) fn turn(
        &mut self,
        timeout: Duration,
        mut answered: impl FnMut(usize, usize) -> usize,
    ) -> anyhow::Result<u64> {
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
            _ => {}
        }
        let mut answers = 0;
        for event in &self.events {
            if event.token() == TICKER {
                self.ticker.iter().for_each(Ticker::read);
                continue;
            }
            let index = event.token().0;
            let connection = &mut self.connections[index];
            self.out.clear();
            let came = connection
                .receive(&mut self.input, &mut self.out)
                .with_context(|| format!("on connection {index}"))?;
            answers += came as u64;
            let more = if came > 0 { answered(index, came) } else { 0 };
            connection.owed += more;
            let left = connection.expected.checked_sub(came);
            let left = left.with_context(|| format!("connection {index} got an answer too many"))?;
            connection.expected = left + more;
            connection.send(&mut self.out)?;
        }
        if answers > 0 {
            self.last_answer = Instant::now();
        } else if self.last_answer.elapsed() > self.patience && self.expected() > 0 {
            bail!("no answer for {:?}; {} are missing", self.patience, self.expected());
        }
        Ok(answers)
    }

    /// Waits for all answers that are missing.
    ///
    /// # Errors
    ///
    /// Fails if one does not come.
    pub(crate) fn drain(&mut self) -> anyhow::Result<()> {
        self.last_answer = Instant::now();
        while self.expected() > 0 {
            self.turn(Duration::from_millis(100), |_, _| 0)?;
        }
        Ok(())
    }

    fn expected(&self) -> usize {
        self.connections.iter().map(|connection| connection.expected).sum()
    }
}

/// Connects from one of the addresses of this machine, as one has too few ports for all connections.
fn connect(address: SocketAddr, index: usize, patience: Duration) -> anyhow::Result<std::net::TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let source = Ipv4Addr::LOCALHOST.to_bits() + (index / CONNECTIONS_PER_ADDRESS) as u32;
    if index >= CONNECTIONS_PER_ADDRESS {
        socket.bind(&SocketAddr::from((Ipv4Addr::from_bits(source), 0)).into())?;
    }
    socket.connect(&address.into())?;
    let socket = std::net::TcpStream::from(socket);
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(patience))?;
    Ok(socket)
}

/// A connection that is not open yet.
struct Opening {
    socket: std::net::TcpStream,
    dialect: Box<dyn Dialect>,
    input: Vec<u8>,
    filled: usize,
}

impl Opening {
    fn start(
        address: SocketAddr,
        index: usize,
        mut dialect: Box<dyn Dialect>,
        patience: Duration,
    ) -> anyhow::Result<Self> {
        let mut socket = connect(address, index, patience)?;
        let mut out = Vec::new();
        dialect.hello(&mut out);
        socket.write_all(&out)?;
        Ok(Self { socket, dialect, input: vec![0; 4 * 1024], filled: 0 })
    }

    /// Waits for something of the server, and answers it.
    fn step(&mut self) -> anyhow::Result<()> {
        if self.filled == self.input.len() {
            self.input.resize(self.filled * 2, 0);
        }
        let read = self.socket.read(&mut self.input[self.filled..]);
        let read = read.context("waiting for the connection to open")?;
        anyhow::ensure!(read > 0, "the server closed it");
        self.filled += read;
        let mut out = Vec::new();
        let consumed = self.dialect.receive(&self.input[..self.filled], &mut out)?.consumed;
        self.input.copy_within(consumed..self.filled, 0);
        self.filled -= consumed;
        Ok(self.socket.write_all(&out)?)
    }

    fn open(self) -> anyhow::Result<Connection> {
        self.socket.set_nonblocking(true)?;
        let (socket, carry) = (TcpStream::from_std(self.socket), self.input[..self.filled].to_vec());
        Ok(Connection { socket, dialect: self.dialect, carry, unsent: Vec::new(), owed: 0, expected: 0 })
    }
}

/// Opens connections, the first of which has the number `first`: a step on each in turn, so that the server answers many at once.
fn finish(mut opening: Vec<Opening>, first: usize) -> anyhow::Result<Vec<Connection>> {
    loop {
        let mut is_done = true;
        for (index, connection) in opening.iter_mut().enumerate() {
            if !connection.dialect.is_open() {
                connection.step().with_context(|| format!("opening connection {}", first + index))?;
                is_done = false;
            }
        }
        if is_done {
            return opening.into_iter().map(Opening::open).collect();
        }
    }
}

impl Connection {
    /// Reads what is there, and says how many answers that were.
    fn receive(&mut self, input: &mut [u8], out: &mut Vec<u8>) -> anyhow::Result<usize> {
        let mut answers = 0;
        loop {
            let carried = self.carry.len();
            input[..carried].copy_from_slice(&self.carry);
            let read = match self.socket.read(&mut input[carried..]) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(answers),
                Err(error) => return Err(error.into()),
            };
            let filled = carried + read;
            let progress = self.dialect.receive(&input[..filled], out)?;
            answers += progress.answers;
            self.carry.clear();
            self.carry.extend_from_slice(&input[progress.consumed..filled]);
            // Less than there was room for: there is no more, and another read would only say so.
            if filled < input.len() {
                return Ok(answers);
            }
        }
    }

    /// Sends what is in `out`, and what is owed.
    fn send(&mut self, out: &mut Vec<u8>) -> anyhow::Result<()> {
        let now = self.owed.min(self.dialect.room());
        if now > 0 {
            self.dialect.send(now, out);
            self.owed -= now;
        }
        if !self.unsent.is_empty() {
            self.unsent.append(out);
            std::mem::swap(&mut self.unsent, out);
            self.unsent.clear();
        }
        let mut sent = 0;
        while sent < out.len() {
            match self.socket.write(&out[sent..]) {
                Ok(written) => sent += written,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        self.unsent.extend_from_slice(&out[sent..]);
        Ok(())
    }
}
