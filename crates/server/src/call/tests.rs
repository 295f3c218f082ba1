use std::sync::Barrier;
use std::thread;

use streampod_schema as schema;
use streampod_wire::{Incoming, MethodHead};

use super::*;

const FRAME: &str = r#"{"type":"omsc","data":{"en":"e","m":"m","cid":"00000000-0000-0000-0000-000000000001","args":"{}","is":[]}}"#;

/// A call without a method.
fn call() -> Arc<CallCore> {
    let method = schema::Method {
        name: "m".to_owned(),
        docs: String::new(),
        deprecated: None,
        require_login: false,
        scopes: Vec::new(),
        parameters: Vec::new(),
        returns: schema::Returns::Stream(schema::Type::Int),
    };
    let endpoint =
        schema::Endpoint { name: "e".to_owned(), methods: vec![method], ..schema::Endpoint::default() };
    let head = Arc::new(MethodHead::new(&endpoint, 0));
    let framing = Framing { room: 0, close: |_, _| (), large_bytes: usize::MAX, close_large: |_, _, _| () };
    let link = Arc::new(Link::new(&Limits::default(), framing));
    let mut wire = link.wire.lock();
    let Incoming::Open(open) = wire.receive(FRAME) else { panic!("not opened") };
    let slot = wire.open(&open, &head).unwrap();
    drop(wire);
    Arc::new(CallCore::new(link, slot))
}

/// What a poll does not see any more, the call is polled again for. The change and the poll are at the same time, in so many ways.
#[test]
fn a_change_during_a_poll_is_seen_by_it_or_the_next() {
    const ROUNDS: usize = 300_000;
    let call = call();
    let (changed, round, done) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let start = Barrier::new(2);
    let wait = |counter: &AtomicUsize, value: usize| {
        let mut spins = 0;
        while counter.load(Ordering::Acquire) != value {
            spins += 1;
            if spins % 1000 == 0 { thread::yield_now() } else { std::hint::spin_loop() }
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            start.wait();
            for number in 1..=ROUNDS {
                wait(&round, number);
                (0..number % 7 * 3).for_each(|_| std::hint::spin_loop());
                changed.store(true, Ordering::Release);
                call.wake_by_ref();
                done.store(number, Ordering::Release);
            }
        });
        start.wait();
        let mut lost = 0;
        for number in 1..=ROUNDS {
            changed.store(false, Ordering::Relaxed);
            call.set_polled();
            call.wake_by_ref();
            call.link.queue.lock().ready.clear();
            round.store(number, Ordering::Release);
            (0..number % 11 * 2).for_each(|_| std::hint::spin_loop());
            call.set_polled();
            let seen = changed.load(Ordering::Acquire);
            wait(&done, number);
            lost += usize::from(!seen && call.link.queue.lock().ready.is_empty());
        }
        assert_eq!(lost, 0);
    });
}
