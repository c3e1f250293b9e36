//! Channels and select.
//!
//! A channel is a heap object with a ring buffer and two queues of *wait records* ([`Sudog`]), one for each case of each parked operation.
//! A wait record holds the element itself, so that whoever completes the operation never touches the parked
//! goroutine's stack: a sender's record carries the value from the moment it parks, a receiver's gets it, and the goroutine moves it into its
//! frame when it runs again. Records are garbage-collected objects, reachable from the goroutine (`G::wait`) and from the
//! channel; a processor keeps used ones for the next operation ([`Records`]).
//!
//! A parked operation is finished by its goroutine; `G::wake` says which record fired.
//!
//! Every access to a channel's queues and buffer happens between `lock` and `unlock`. A select locks all its channels, in the order of their addresses. The
//! operation that it completes is claimed by an atomic exchange (`fired`), since its records are on several channels.

use std::ptr;
use std::sync::Mutex;

use bytecode::rtype::RType;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::g::{G, WaitReason};
use crate::iface::{load_value, zero_value};
use crate::layout::composed_layout;
use crate::runtime::M;
use crate::sync::claim::Claim;
use crate::sync::lock::SpinLock;

/// What is derived from a channel type once.
pub struct ChanInfo {
    pub elem: *const RType,
    elem_size: usize,
    /// A `Sudog` with an element behind it.
    record: RType,
    header: RType,
}

// SAFETY: descriptors are immutable and immortal.
unsafe impl Send for ChanInfo {}
// SAFETY: as above.
unsafe impl Sync for ChanInfo {}

/// The channel types in use, by element type.
#[derive(Default)]
pub struct ChanTypes {
    infos: Mutex<FxHashMap<usize, &'static ChanInfo>>,
}

impl ChanTypes {
    fn info(&self, elem: *const RType) -> &'static ChanInfo {
        let mut infos = self.infos.lock().unwrap_or_else(|e| e.into_inner());
        infos.entry(elem as usize).or_insert_with(|| {
            // SAFETY: a channel type's element.
            let part = unsafe { &*elem };
            let head = size_of::<Sudog>();
            // Sudog: next, prev, chain, head, chan.
            let record = composed_layout(head + part.size, &[1, 2, 3, 4, 5], &[(head, part)]);
            // Chan: buf, the queues' ends.
            let header = composed_layout(size_of::<Chan>(), &[2, 5, 6, 7, 8], &[]);
            Box::leak(Box::new(ChanInfo {
                elem,
                elem_size: part.size,
                record,
                header,
            }))
        })
    }
}

/// A case of a parked channel operation.
#[repr(C)]
pub struct Sudog {
    g: *mut G,
    next: *mut Sudog,
    prev: *mut Sudog,
    /// Next case of the same select.
    chain: *mut Sudog,
    /// First case of the same select, null outside select.
    head: *mut Sudog,
    chan: *mut Chan,
    /// In the first case: set by whoever completes one of the select's cases.
    fired: Claim,
    case: u16,
    sends: bool,
    queued: bool,
    /// The operation went through (not ended by close).
    success: bool,
    // The element follows.
}

impl Sudog {
    fn elem(this: *mut Sudog) -> *mut u8 {
        this.wrapping_add(1).cast()
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
struct WaitQueue {
    first: *mut Sudog,
    last: *mut Sudog,
}

/// A channel, what a value of channel type points to.
#[repr(C)]
pub struct Chan {
    /// Elements in the buffer, and room.
    len: usize,
    cap: usize,
    buf: *mut u8,
    recv_at: usize,
    send_at: usize,
    receivers: WaitQueue,
    senders: WaitQueue,
    info: *const ChanInfo,
    lock: SpinLock,
    closed: bool,
    /// Belongs to a timer: shows no buffer.
    timer: bool,
}

/// What no channel allows: plain run-time errors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Misuse {
    SendOnClosed,
    CloseOfClosed,
    CloseOfNil,
}

impl Misuse {
    pub fn text(self) -> &'static str {
        match self {
            Misuse::SendOnClosed => "send on closed channel",
            Misuse::CloseOfClosed => "close of closed channel",
            Misuse::CloseOfNil => "close of nil channel",
        }
    }
}

/// How an operation ended: two bytes, so that it is returned in a register. (Written to memory by the byte and read by the word it would wait for the writes.)
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Done,
    /// A receive from a closed, empty channel: the element is zero.
    Closed,
    /// Not possible at once (and the caller did not want to wait).
    WouldBlock,
    /// The goroutine is queued; park it with this reason.
    Parked(WaitReason),
    /// A panic with this text.
    Panic(Misuse),
}

const _: () = assert!(size_of::<Outcome>() == 2);

impl Outcome {
    /// Of a receive that waits for nobody: 0 for nothing, 1 for an element, 2 for a closed channel.
    pub fn received(self) -> u64 {
        match self {
            Outcome::Done => 1,
            Outcome::Closed => 2,
            _ => 0,
        }
    }
}

/// Where a received element goes.
#[derive(Clone, Copy)]
pub enum Target {
    /// Frame slots of the running goroutine.
    Slots(*mut u64),
    /// Memory that does not move.
    Memory(*mut u8),
    Discard,
}

impl Target {
    unsafe fn put(self, m: &mut M, info: &ChanInfo, from: *const u8) {
        // SAFETY: by the caller, `from` addresses an element and the target has room for it.
        unsafe {
            match self {
                Target::Slots(slots) => load_value(&*info.elem, from, slots),
                Target::Memory(to) => {
                    copy_elem(m, info, from, to);
                }
                Target::Discard => {}
            }
        }
    }
    unsafe fn zero(self, m: &mut M, info: &ChanInfo) {
        // SAFETY: by the caller, the target has room for an element.
        unsafe {
            match self {
                Target::Slots(slots) => zero_value(&*info.elem, slots),
                Target::Memory(to) => {
                    m.barrier_values(&*info.elem, to, 1);
                    ptr::write_bytes(to, 0, info.elem_size);
                }
                Target::Discard => {}
            }
        }
    }
}

impl WaitQueue {
    unsafe fn push(&mut self, m: &mut M, record: *mut Sudog) {
        // SAFETY: by the caller, a record that is in no queue; the channel is locked.
        unsafe {
            m.barrier_object(record.cast());
            m.barrier_object(self.last.cast());
            (*record).next = ptr::null_mut();
            (*record).prev = self.last;
            (*record).queued = true;
            if self.last.is_null() {
                self.first = record;
            } else {
                (*self.last).next = record;
            }
            self.last = record;
        }
    }

    unsafe fn remove(&mut self, m: &mut M, record: *mut Sudog) {
        // SAFETY: by the caller, a record of this queue; the channel is locked.
        unsafe {
            let (prev, next) = ((*record).prev, (*record).next);
            for touched in [record, prev, next] {
                m.barrier_object(touched.cast());
            }
            if prev.is_null() {
                self.first = next
            } else {
                (*prev).next = next
            }
            if next.is_null() {
                self.last = prev
            } else {
                (*next).prev = prev
            }
            (*record).prev = ptr::null_mut();
            (*record).next = ptr::null_mut();
            (*record).queued = false;
        }
    }

    /// The first record whose operation is still open. Cases of selects that another case has completed are dropped on the way.
    #[inline]
    unsafe fn peek(&mut self, m: &mut M) -> *mut Sudog {
        // SAFETY: records in a queue are alive; the channel is locked.
        unsafe {
            loop {
                let first = self.first;
                if first.is_null() {
                    return first;
                }
                let head = (*first).head;
                if head.is_null() || (*head).fired.is_open() {
                    return first;
                }
                self.remove(m, first);
            }
        }
    }

    /// Takes the first open record and claims its operation.
    #[inline]
    unsafe fn take(&mut self, m: &mut M) -> *mut Sudog {
        // SAFETY: as in `peek`.
        unsafe {
            loop {
                let first = self.peek(m);
                if first.is_null() {
                    return first;
                }
                self.remove(m, first);
                let head = (*first).head;
                if head.is_null() || (*head).fired.take() {
                    return first;
                }
            }
        }
    }
}

/// `make(chan T, cap)`; an error text when the capacity is impossible.
pub fn make(m: &mut M, typ: *const RType, cap: i64) -> Result<*mut Chan, &'static str> {
    // SAFETY: a channel type's descriptor.
    let info = m.rt().chan_types.info(unsafe { (*typ).elem });
    let too_large = usize::try_from(cap)
        .ok()
        .and_then(|cap| cap.checked_mul(info.elem_size.max(1)));
    if too_large.is_none_or(|size| size > 1 << 47) {
        return Err("makechan: size out of range");
    }
    let cap = cap as usize;
    let chan = m.alloc(&info.header).cast::<Chan>();
    // SAFETY: a fresh zeroed header.
    unsafe {
        (*chan).cap = cap;
        (*chan).info = info;
        if cap > 0 && info.elem_size > 0 {
            (*chan).buf = m.alloc_array(info.elem, cap);
        }
    }
    Ok(chan)
}

impl Chan {
    unsafe fn slot(&self, i: usize) -> *mut u8 {
        // SAFETY: i < cap; elements without size have no buffer.
        unsafe { self.buf.wrapping_add(i * (*self.info).elem_size) }
    }

    fn next(&self, i: usize) -> usize {
        if i + 1 == self.cap { 0 } else { i + 1 }
    }

    /// A record for the running goroutine.
    unsafe fn record(&mut self, m: &mut M) -> *mut Sudog {
        // SAFETY: by the caller, the channel is locked; what the processor keeps are records of the type, in no queue.
        unsafe {
            let mut record = m.p().records.take(self.info);
            if record.is_null() {
                record = m.alloc(&(*self.info).record).cast();
            }
            m.barrier_object(record.cast());
            m.barrier_object(ptr::from_mut(self).cast());
            (*record).next = ptr::null_mut();
            (*record).g = m.g;
            (*record).chan = self;
            (*record).success = false;
            (*record).fired.renew();
            record
        }
    }
}

/// The processor keeps a record for the next operation.
unsafe fn release(m: &mut M, record: *mut Sudog) {
    // SAFETY: by the caller, a record of the running goroutine that is in no queue.
    unsafe {
        let info = &*(*(*record).chan).info;
        m.barrier_values(&*info.elem, Sudog::elem(record), 1);
        for touched in [(*record).head, (*record).chain] {
            m.barrier_object(touched.cast());
        }
        clear(Sudog::elem(record), info.elem_size);
        (*record).head = ptr::null_mut();
        (*record).chain = ptr::null_mut();
        (*record).g = ptr::null_mut();
        m.p().records.put(info, record);
    }
}

/// Wait records that a processor keeps, by type: an operation that waits takes one without a lock and without allocating. They are no roots: every collection forgets
/// them when it ends.
#[derive(Default)]
pub(crate) struct Records([Kept; 4]);

#[derive(Clone, Copy)]
struct Kept {
    info: *const ChanInfo,
    first: *mut Sudog,
    count: usize,
}

impl Default for Kept {
    fn default() -> Kept {
        Kept {
            info: ptr::null(),
            first: ptr::null_mut(),
            count: 0,
        }
    }
}

impl Kept {
    fn take(&mut self) -> *mut Sudog {
        let record = self.first;
        if !record.is_null() {
            // SAFETY: records that are kept are alive and linked by `next`.
            self.first = unsafe { std::mem::replace(&mut (*record).next, ptr::null_mut()) };
            self.count -= 1;
        }
        record
    }
}

/// Records of a type that a processor keeps.
const KEPT: usize = 64;

impl Records {
    fn of(&mut self, info: *const ChanInfo) -> &mut Kept {
        &mut self.0[(info as usize / size_of::<ChanInfo>()) % 4]
    }

    /// A record of the type that nobody uses, or null.
    fn take(&mut self, info: *const ChanInfo) -> *mut Sudog {
        let kept = self.of(info);
        if kept.info == info {
            kept.take()
        } else {
            ptr::null_mut()
        }
    }

    fn put(&mut self, info: *const ChanInfo, record: *mut Sudog) {
        let kept = self.of(info);
        if kept.info != info || kept.count == KEPT {
            // The others become garbage.
            while !kept.take().is_null() {}
            kept.info = info;
        }
        // SAFETY: by the caller (`release`), the record is its own.
        unsafe { (*record).next = kept.first };
        kept.first = record;
        kept.count += 1;
    }

    /// Before a collection sweeps.
    pub(crate) fn forget(&mut self) {
        for kept in &mut self.0 {
            // Some of them may be marked: those must not point to others that are not.
            while !kept.take().is_null() {}
        }
    }
}

/// Lets the goroutine of a completed record run.
unsafe fn wake(m: &mut M, record: *mut Sudog, success: bool) {
    // SAFETY: by the caller, a record just taken from its queue.
    unsafe {
        (*record).success = success;
        let g = (*record).g;
        (*g).wake = record as u64;
        m.ready(g);
    }
}

unsafe fn copy_elem(m: &mut M, info: &ChanInfo, from: *const u8, to: *mut u8) {
    // SAFETY: by the caller, both address elements.
    unsafe {
        m.barrier_copy(&*info.elem, to, from, 1);
        if info.elem_size == 8 {
            to.cast::<u64>()
                .write_unaligned(from.cast::<u64>().read_unaligned());
        } else {
            ptr::copy_nonoverlapping(from, to, info.elem_size);
        }
    }
}

unsafe fn clear(elem: *mut u8, size: usize) {
    // SAFETY: by the caller, an element.
    unsafe {
        if size == 8 {
            elem.cast::<u64>().write_unaligned(0);
        } else {
            ptr::write_bytes(elem, 0, size);
        }
    }
}

/// Sends if that is possible without waiting. The channel is locked.
unsafe fn send_now(m: &mut M, chan: *mut Chan, from: *const u8) -> Outcome {
    // SAFETY: by the caller, a channel and an element.
    unsafe {
        let c = &mut *chan;
        let info = &*c.info;
        if c.closed {
            return Outcome::Panic(Misuse::SendOnClosed);
        }
        let receiver = c.receivers.take(m);
        if !receiver.is_null() {
            copy_elem(m, info, from, Sudog::elem(receiver));
            wake(m, receiver, true);
            return Outcome::Done;
        }
        if c.len < c.cap {
            copy_elem(m, info, from, c.slot(c.send_at));
            c.send_at = c.next(c.send_at);
            c.len += 1;
            return Outcome::Done;
        }
        Outcome::WouldBlock
    }
}

/// Receives if that is possible without waiting. The channel is locked.
unsafe fn recv_now(m: &mut M, chan: *mut Chan, target: Target) -> Outcome {
    // SAFETY: by the caller, a channel and a place for an element.
    unsafe {
        let c = &mut *chan;
        let info = &*c.info;
        if c.len > 0 {
            let slot = c.slot(c.recv_at);
            target.put(m, info, slot);
            m.barrier_values(&*info.elem, slot, 1);
            clear(slot, info.elem_size);
            c.recv_at = c.next(c.recv_at);
            c.len -= 1;
            // The buffer was full if somebody waits to send: now there is room.
            let sender = c.senders.take(m);
            if !sender.is_null() {
                copy_elem(m, info, Sudog::elem(sender), c.slot(c.send_at));
                c.send_at = c.next(c.send_at);
                c.len += 1;
                wake(m, sender, true);
            }
            return Outcome::Done;
        }
        let sender = c.senders.take(m);
        if !sender.is_null() {
            target.put(m, info, Sudog::elem(sender));
            wake(m, sender, true);
            return Outcome::Done;
        }
        if c.closed {
            target.zero(m, info);
            return Outcome::Closed;
        }
        Outcome::WouldBlock
    }
}

/// `chan <- value` by the running goroutine. When it is `Parked`, call `finish` after it has been woken.
///
/// # Safety
/// A channel or null; `from` addresses an element (memory, or slots in memory layout).
pub unsafe fn send(m: &mut M, chan: *mut Chan, from: *const u8) -> Outcome {
    // SAFETY: by the contract.
    unsafe {
        if chan.is_null() {
            return Outcome::Parked(WaitReason::ChanSendNil);
        }
        (*chan).lock.lock();
        let mut outcome = send_now(m, chan, from);
        if outcome == Outcome::WouldBlock {
            let record = (*chan).record(m);
            copy_elem(m, &*(*chan).info, from, Sudog::elem(record));
            (*record).sends = true;
            (*chan).senders.push(m, record);
            (*m.g).wait = record.cast();
            outcome = Outcome::Parked(WaitReason::ChanSend);
        }
        (*chan).lock.unlock();
        outcome
    }
}

/// `<-chan` by the running goroutine. When it is `Parked`, call `finish` after it has been woken.
///
/// # Safety
/// A channel or null; the target has room for an element.
pub unsafe fn recv(m: &mut M, chan: *mut Chan, target: Target) -> Outcome {
    // SAFETY: by the contract.
    unsafe {
        if chan.is_null() {
            return Outcome::Parked(WaitReason::ChanReceiveNil);
        }
        (*chan).lock.lock();
        let mut outcome = recv_now(m, chan, target);
        if outcome == Outcome::WouldBlock {
            let record = (*chan).record(m);
            (*record).sends = false;
            (*chan).receivers.push(m, record);
            (*m.g).wait = record.cast();
            outcome = Outcome::Parked(WaitReason::ChanReceive);
        }
        (*chan).lock.unlock();
        outcome
    }
}

/// Finishes a parked `send` or `recv` of the goroutine that runs again.
///
/// # Safety
/// The running goroutine parked in one of them and has been woken; the target has room for an element.
pub unsafe fn finish(m: &mut M, target: Target) -> Outcome {
    // SAFETY: by the contract, `wait` is the operation's record.
    unsafe {
        let g = &mut *m.g;
        let record = g.wait.cast::<Sudog>();
        g.wait = ptr::null_mut();
        g.wake = 0;
        let outcome = completed(m, record, || target);
        release(m, record);
        outcome
    }
}

/// How the operation of a record that fired has ended; `target` names the place for what was received.
unsafe fn completed(m: &mut M, record: *mut Sudog, target: impl FnOnce() -> Target) -> Outcome {
    // SAFETY: by the caller, the running goroutine's record; the target has room for an element.
    unsafe {
        let (sends, success) = ((*record).sends, (*record).success);
        if !sends {
            target().put(m, &*(*(*record).chan).info, Sudog::elem(record));
        }
        match (success, sends) {
            (true, _) => Outcome::Done,
            (false, true) => Outcome::Panic(Misuse::SendOnClosed),
            (false, false) => Outcome::Closed,
        }
    }
}

/// `close(chan)`.
///
/// # Safety
/// A channel or null.
pub unsafe fn close(m: &mut M, chan: *mut Chan) -> Outcome {
    // SAFETY: by the contract.
    unsafe {
        if chan.is_null() {
            return Outcome::Panic(Misuse::CloseOfNil);
        }
        let c = &mut *chan;
        c.lock.lock();
        if c.closed {
            c.lock.unlock();
            return Outcome::Panic(Misuse::CloseOfClosed);
        }
        c.closed = true;
        // There may be many: they are woken when the channel is free again. Their records are linked by `next`, which is unused outside the queues.
        let mut woken: *mut Sudog = ptr::null_mut();
        loop {
            let mut record = c.receivers.take(m);
            if record.is_null() {
                record = c.senders.take(m);
            }
            if record.is_null() {
                break;
            }
            (*record).next = woken;
            woken = record;
        }
        c.lock.unlock();
        // In the order in which they came.
        let mut first: *mut Sudog = ptr::null_mut();
        while !woken.is_null() {
            let next = std::mem::replace(&mut (*woken).next, first);
            first = woken;
            woken = next;
        }
        while !first.is_null() {
            let next = std::mem::replace(&mut (*first).next, ptr::null_mut());
            wake(m, first, false);
            first = next;
        }
        Outcome::Done
    }
}

/// `len(chan)`.
///
/// # Safety
/// A channel or null.
pub unsafe fn len(chan: *const Chan) -> usize {
    // SAFETY: by the contract.
    unsafe {
        if chan.is_null() || (*chan).timer {
            0
        } else {
            (*chan).len
        }
    }
}

/// `cap(chan)`.
///
/// # Safety
/// A channel or null.
pub unsafe fn cap(chan: *const Chan) -> usize {
    // SAFETY: by the contract.
    unsafe {
        if chan.is_null() || (*chan).timer {
            0
        } else {
            (*chan).cap
        }
    }
}

/// Makes a channel with room for one element a timer's: it shows no buffer.
///
/// # Safety
/// A channel.
pub unsafe fn mark_timer(chan: *mut Chan) {
    // SAFETY: by the contract.
    unsafe { (*chan).timer = true }
}

/// Throws away what is in the buffer: a stopped or reset timer leaves no stale value.
///
/// # Safety
/// A channel or null.
pub unsafe fn drain(m: &mut M, chan: *mut Chan) {
    // SAFETY: by the contract.
    unsafe {
        if chan.is_null() {
            return;
        }
        (*chan).lock.lock();
        // With an empty buffer a waiting sender or the closing would be next: those stay.
        for _ in 0..(*chan).len {
            recv_now(m, chan, Target::Discard);
        }
        (*chan).lock.unlock();
    }
}

/// A case of a select statement.
#[derive(Clone, Copy)]
pub struct Case {
    pub chan: *mut Chan,
    pub sends: bool,
    /// The element to send.
    pub from: *const u8,
    pub target: Target,
}

/// Whether a case could go ahead now.
unsafe fn is_ready(m: &mut M, case: &Case) -> bool {
    // SAFETY: by the caller, the channel is valid and locked.
    unsafe {
        if case.chan.is_null() {
            return false;
        }
        let c = &mut *case.chan;
        if case.sends {
            c.closed || c.len < c.cap || !c.receivers.peek(m).is_null()
        } else {
            c.len > 0 || c.closed || !c.senders.peek(m).is_null()
        }
    }
}

/// A send that waits for nobody.
///
/// # Safety
/// As for `send`.
pub unsafe fn try_send(m: &mut M, chan: *mut Chan, from: *const u8) -> Outcome {
    // SAFETY: by the contract.
    unsafe {
        if chan.is_null() || would_block(chan, true) {
            return Outcome::WouldBlock;
        }
        (*chan).lock.lock();
        let outcome = send_now(m, chan, from);
        (*chan).lock.unlock();
        outcome
    }
}

/// A receive that waits for nobody.
///
/// # Safety
/// As for `recv`.
pub unsafe fn try_recv(m: &mut M, chan: *mut Chan, target: Target) -> Outcome {
    // SAFETY: by the contract.
    unsafe {
        if chan.is_null() || would_block(chan, false) {
            return Outcome::WouldBlock;
        }
        (*chan).lock.lock();
        let outcome = recv_now(m, chan, target);
        (*chan).lock.unlock();
        outcome
    }
}

/// A look without the lock: true if at some moment since the call the operation was not possible. Polling a channel then costs its threads nothing. The fields are read
/// in an order in which no change in between can mislead: a closed channel stays closed.
unsafe fn would_block(chan: *const Chan, sends: bool) -> bool {
    // SAFETY: by the caller, a channel; single words, which others may be writing.
    unsafe {
        let closed = || (&raw const (*chan).closed).read_volatile();
        let len = || (&raw const (*chan).len).read_volatile();
        let (cap, queue) = (
            (*chan).cap,
            if sends {
                &(*chan).receivers
            } else {
                &(*chan).senders
            },
        );
        let nobody = || (&raw const queue.first).read_volatile().is_null();
        if sends {
            !closed() && if cap == 0 { nobody() } else { len() == cap }
        } else {
            (if cap == 0 { nobody() } else { len() == 0 }) && !closed()
        }
    }
}

/// The channels of the cases, each once, in one order for all goroutines.
fn lock_order(cases: &[Case]) -> SmallVec<[*mut Chan; 8]> {
    let mut chans: SmallVec<[*mut Chan; 8]> = cases
        .iter()
        .map(|case| case.chan)
        .filter(|chan| !chan.is_null())
        .collect();
    chans.sort_unstable();
    chans.dedup();
    chans
}

/// select: tries the ready cases in random fair choice. `Done` and `Closed` come with the case that went ahead; without a ready case `WouldBlock`
/// (if there is a default), or the goroutine is queued on all channels and `Parked`: then call `finish_select` after it has been woken.
///
/// # Safety
/// Channels or null; elements and targets as for `send` and `recv`.
pub unsafe fn select(m: &mut M, cases: &[Case], has_default: bool) -> (Outcome, usize) {
    // SAFETY: by the contract.
    unsafe {
        if let [case] = cases
            && has_default
        {
            let outcome = if case.sends {
                try_send(m, case.chan, case.from)
            } else {
                try_recv(m, case.chan, case.target)
            };
            return (outcome, 0);
        }
        let locks = lock_order(cases);
        for &chan in &locks {
            (*chan).lock.lock();
        }
        let result = if let Some(done) = go_ahead(m, cases) {
            done
        } else if has_default {
            (Outcome::WouldBlock, 0)
        } else if cases.is_empty() {
            (Outcome::Parked(WaitReason::SelectNoCases), 0)
        } else {
            enqueue(m, cases);
            (Outcome::Parked(WaitReason::Select), 0)
        };
        for &chan in &locks {
            (*chan).lock.unlock();
        }
        result
    }
}

/// Goes ahead with one of the cases that can, in random fair choice; which one. None when there is none. The channels are locked.
unsafe fn go_ahead(m: &mut M, cases: &[Case]) -> Option<(Outcome, usize)> {
    // SAFETY: as in `select`.
    unsafe {
        loop {
            let ready: SmallVec<[u16; 16]> = (0..cases.len() as u16)
                .filter(|&i| is_ready(m, &cases[usize::from(i)]))
                .collect();
            let pick = match ready.len() {
                0 => return None,
                1 => 0,
                n => (m.rt().random() % n as u64) as usize,
            };
            let chosen = usize::from(ready[pick]);
            let case = &cases[chosen];
            let outcome = if case.sends {
                send_now(m, case.chan, case.from)
            } else {
                recv_now(m, case.chan, case.target)
            };
            // Whom it would have met is in a select, too, and has just been met on another channel.
            if outcome != Outcome::WouldBlock {
                return Some((outcome, chosen));
            }
        }
    }
}

/// Puts a record for every case into its channel's queue.
unsafe fn enqueue(m: &mut M, cases: &[Case]) {
    // SAFETY: as in `select`; the channels are locked. Allocation never collects, so the chain is safe before it is stored.
    unsafe {
        let mut head: *mut Sudog = ptr::null_mut();
        let mut last: *mut Sudog = ptr::null_mut();
        for (i, case) in cases
            .iter()
            .enumerate()
            .filter(|(_, case)| !case.chan.is_null())
        {
            let c = &mut *case.chan;
            let record = c.record(m);
            if head.is_null() {
                head = record;
            } else {
                (*last).chain = record;
            }
            last = record;
            (*record).head = head;
            (*record).case = i as u16;
            (*record).sends = case.sends;
            if case.sends {
                copy_elem(m, &*c.info, case.from, Sudog::elem(record));
                c.senders.push(m, record);
            } else {
                c.receivers.push(m, record);
            }
        }
        (*m.g).wait = head.cast();
    }
}

/// Finishes a parked select: how it ended, and the case. `target_of` names the place for a received element by case.
///
/// # Safety
/// The running goroutine parked in a select and has been woken; targets have room.
pub unsafe fn finish_select(
    m: &mut M,
    target_of: impl FnOnce(usize) -> Target,
) -> (Outcome, usize) {
    // SAFETY: by the contract, `wait` is the first record of the select, `wake` the one that fired.
    unsafe {
        let g = &mut *m.g;
        let head = g.wait.cast::<Sudog>();
        let fired = g.wake as *mut Sudog;
        g.wait = ptr::null_mut();
        g.wake = 0;
        let case = usize::from((*fired).case);
        let outcome = completed(m, fired, || target_of(case));
        // First all of them leave their queues: as long as one is in a queue, others look at the head's mark.
        let mut record = head;
        while !record.is_null() {
            let c = &mut *(*record).chan;
            c.lock.lock();
            if (*record).queued {
                if (*record).sends {
                    c.senders.remove(m, record)
                } else {
                    c.receivers.remove(m, record)
                }
            }
            c.lock.unlock();
            record = (*record).chain;
        }
        let mut record = head;
        while !record.is_null() {
            let next = (*record).chain;
            release(m, record);
            record = next;
        }
        (outcome, case)
    }
}
