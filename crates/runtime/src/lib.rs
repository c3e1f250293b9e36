//! Goroutines, stacks, scheduler, heap and collector, channels, maps, strings, interfaces, panics, timers.
//!
//! A [`runtime::Runtime`] is one virtual machine instance; [`runtime::M`] is an OS thread that runs its goroutines ([`g::G`]) with the
//! resources of a processor ([`runtime::P`]). Engines (the interpreter) call in here at safepoints; natives through [`native`].

// Addresses of descriptors, frames and heap objects are raw pointers throughout: they come from verified code and from this
// crate itself. Marking each function that follows one `unsafe` would mark nearly all and tell nothing.
#![allow(clippy::not_unsafe_ptr_arg_deref)]

pub mod atomics;
pub mod chan;
pub mod copy;
pub mod defers;
pub mod entries;
pub mod equal;
mod fences;
pub mod func_table;
pub mod g;
pub mod globals;
pub mod gopanic;
pub mod heap;
pub mod iface;
pub mod itab;
pub mod layout;
pub mod learn;
pub mod limits;
pub mod link;
pub mod make_func;
pub mod map;
pub mod memstats;
pub mod native;
pub mod numeric;
pub mod panic;
pub mod reflect_call;
pub mod runtime;
pub mod sched;
pub mod sema;
pub mod signal;
pub mod sites;
pub mod slice;
pub mod stack;
pub mod stress;
pub mod strings;
pub mod stubs;
pub mod sync;
pub mod text;
pub mod tier;
pub mod timer;
pub mod traceback;
pub mod verify;
pub mod walk;
