//! What accesses to memory may have to do with each other.
//!
//! Slots of the frame whose addresses nobody has (`Ssa::exposed` says which have one) are written by stores that name them, and
//! by whatever may execute an instruction of the interpreter's. Other memory may be reached through any pointer.

use crate::ssa::{Addr, Base, Inst, Op, Ssa, Type, Value, Width};

/// Bytes of an access.
pub fn size(width: Width) -> i32 {
    match width {
        Width::S8 | Width::U8 => 1,
        Width::S16 | Width::U16 => 2,
        Width::S32 | Width::U32 => 4,
        Width::W | Width::P => 8,
    }
}

/// Memory that an instruction reads or writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Place {
    pub addr: Addr,
    /// Base and index; 0 where there is none.
    pub args: [Value; 2],
    pub size: i32,
    /// The word is a pointer wherever it is accessed like this.
    pub pointer: bool,
    /// The place holds no pointer, or not all of one.
    pub scalar: bool,
    /// It is in a closure: written by who makes it, through the same pointer or in its frame, and by nobody else.
    pub constant: bool,
}

impl Place {
    /// The memory of a load or store.
    pub fn of(ssa: &Ssa, inst: &Inst) -> Option<Place> {
        let (addr, width, count, pointer, float) = match inst.op {
            Op::Load(addr, width) => {
                let pointer = ssa.typ(inst.result?) == Type::Ptr;
                (addr, width, inst.args.len(), pointer, false)
            }
            Op::Store(addr, width) => {
                let float = ssa.is_computed(*inst.args.last()?);
                (addr, width, inst.args.len() - 1, false, float)
            }
            _ => return None,
        };
        let constant = addr.base == Base::Closure;
        let addr = Addr {
            base: if constant { Base::Value } else { addr.base },
            ..addr
        };
        let mut args = [0; 2];
        args[..count].copy_from_slice(&inst.args[..count]);
        Some(Place {
            addr,
            args,
            size: size(width),
            pointer: width == Width::P || pointer,
            scalar: float || size(width) != 8,
            constant,
        })
    }

    /// The values that the address has.
    pub fn address_mut(&mut self) -> &mut [Value] {
        let base = usize::from(self.addr.base == Base::Value);
        let count = base + usize::from(self.addr.scale != 0);
        &mut self.args[..count]
    }

    /// Whether the two are the same bytes for certain.
    pub fn is_at(&self, other: &Place) -> bool {
        (self.addr, self.args, self.size) == (other.addr, other.args, other.size)
    }

    /// The word of the frame, when the place is one.
    pub fn word(&self) -> Option<i32> {
        let whole = self.addr.base == Base::Frame
            && self.addr.scale == 0
            && self.size == 8
            && self.addr.disp % 8 == 0;
        whole.then_some(self.addr.disp / 8)
    }

    /// The words of the frame that an access without index is to.
    pub fn words(&self) -> std::ops::RangeInclusive<i32> {
        let last = self.addr.disp + self.size - 1;
        self.addr.disp.div_euclid(8)..=last.div_euclid(8)
    }

    fn range_overlaps(&self, other: &Place) -> bool {
        let (x, y) = (i64::from(self.addr.disp), i64::from(other.addr.disp));
        x < y + i64::from(other.size) && y < x + i64::from(self.size)
    }

    /// Whether an indexed access may, or another may because it is to an exposed slot.
    fn reaches(&self, ssa: &Ssa) -> bool {
        self.addr.scale != 0 || self.words().any(|word| ssa.is_exposed(word))
    }

    /// Whether the two may share a byte.
    pub fn overlaps(&self, other: &Place, ssa: &Ssa) -> bool {
        let bases = (self.addr.base, other.addr.base);
        let same_index = self.addr.scale == other.addr.scale && self.args == other.args;
        // Where bytes can be compared, what they hold says nothing: words of the frame hold now this, now that.
        let comparable = same_index && bases.0 == bases.1;
        if !comparable && (self.scalar && other.pointer || self.pointer && other.scalar) {
            return false;
        }
        if (self.constant || other.constant) && self.args != other.args && bases.0 == bases.1 {
            return false;
        }
        match bases {
            (Base::Value, Base::Absolute(_)) | (Base::Absolute(_), Base::Value)
                if self.constant || other.constant =>
            {
                false
            }
            (Base::Frame, Base::Frame) => {
                if same_index {
                    self.range_overlaps(other)
                } else {
                    // An array that is indexed is exposed.
                    self.reaches(ssa) && other.reaches(ssa)
                }
            }
            (Base::Frame, Base::Value) => self.reaches(ssa),
            (Base::Value, Base::Frame) => other.reaches(ssa),
            (Base::Value, Base::Value) => !same_index || self.range_overlaps(other),
            (Base::Absolute(x), Base::Absolute(y)) => {
                let (x, y) = (x as i64, y as i64);
                let (x, y) = (
                    x + i64::from(self.addr.disp),
                    y + i64::from(other.addr.disp),
                );
                self.addr.scale != 0
                    || other.addr.scale != 0
                    || x < y + i64::from(other.size) && y < x + i64::from(self.size)
            }
            (Base::Value, Base::Absolute(_)) | (Base::Absolute(_), Base::Value) => true,
            (Base::Context, Base::Context) => self.range_overlaps(other),
            // The program has no pointers to the frame's slots but to exposed ones, and none to the context.
            _ => false,
        }
    }
}

/// What an instruction does to memory, apart from its own place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    None,
    /// Writes its `Place`.
    Store,
    /// May write whatever pointers lead to.
    Heap,
    /// May write everything.
    All,
}

pub fn effect(op: Op) -> Effect {
    match op {
        Op::Store(..) => Effect::Store,
        Op::Load(..)
        | Op::Span(..)
        | Op::FrameAddr(_)
        | Op::Guard(_)
        | Op::Poll
        | Op::Anchor
        | Op::Param(_) => Effect::None,
        // What it writes nobody has an address of.
        Op::Alloc(_) => Effect::None,
        op if op.is_note() => Effect::None,
        Op::Call(..) | Op::Step(..) => Effect::All,
        // What another thread has written before may be read after it.
        Op::Atomic(..) | Op::Helper(_) | Op::Copy(_) | Op::Fill(..) => Effect::Heap,
        op if op.is_pure() => Effect::None,
        _ => Effect::All,
    }
}
