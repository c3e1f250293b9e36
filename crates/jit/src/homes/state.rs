//! Which things are equal for certain: a partition of words of the frame, slots and values.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::ssa::Value;

/// The number of an equivalence class. Between blocks it is that of its first member: words come first, then slots, then values.
type Class = u32;

/// What holds between blocks. A value that is not named is equal to nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    words: Vec<Class>,
    slots: Vec<Class>,
    values: Vec<(Value, Class)>,
}

impl State {
    /// Each slot is what is at its home.
    pub fn new(words: usize, homes: impl Iterator<Item = usize>) -> State {
        State {
            words: (0..words as Class).collect(),
            slots: homes.map(|w| w as Class).collect(),
            values: Vec::new(),
        }
    }

    /// What is equal in both.
    pub fn meet(&self, other: &State) -> State {
        if self == other {
            return self.clone();
        }
        let mut naming = Naming::default();
        let mut number = 0;
        let mut pair = |x: Class, y: Class| {
            number += 1;
            naming.name((x, y), number - 1)
        };
        let both = |x: &[Class], y: &[Class], pair: &mut dyn FnMut(Class, Class) -> Class| {
            let pairs = x.iter().zip(y);
            pairs.map(|(x, y)| pair(*x, *y)).collect::<Vec<Class>>()
        };
        let words = both(&self.words, &other.words, &mut pair);
        let slots = both(&self.slots, &other.slots, &mut pair);
        let first = words.len() + slots.len();
        let mut values = Vec::new();
        let mut rest = other.values.iter().peekable();
        for (v, x) in &self.values {
            while rest.next_if(|(w, _)| w < v).is_some() {}
            if let Some((_, y)) = rest.next_if(|(w, _)| w == v) {
                values.push((*v, naming.name((*x, *y), first as Class + v)));
            }
        }
        State::named(words, slots, values)
    }

    fn named(words: Vec<Class>, slots: Vec<Class>, mut values: Vec<(Value, Class)>) -> State {
        let first = (words.len() + slots.len()) as Class;
        // A class of values has the number of one of them.
        let others = values
            .iter()
            .filter(|(v, class)| *class >= first && *class != first + v);
        let shared: FxHashSet<Class> = others.map(|(_, class)| *class).collect();
        values.retain(|(_, class)| *class < first || shared.contains(class));
        State {
            words,
            slots,
            values,
        }
    }
}

/// Gives each class, which is one of pairs of classes, the number of the first member that asks.
#[derive(Default)]
struct Naming {
    /// By the first of the pair: the second that was seen first with it, and the number. Most have no other.
    first: Vec<Option<(Class, Class)>>,
    more: FxHashMap<(Class, Class), Class>,
}

impl Naming {
    fn name(&mut self, class: (Class, Class), member: Class) -> Class {
        let at = class.0 as usize;
        if at >= self.first.len() {
            self.first.resize(at + 1, None);
        }
        match self.first[at] {
            None => {
                self.first[at] = Some((class.1, member));
                member
            }
            Some((second, number)) if second == class.1 => number,
            Some(_) => *self.more.entry(class).or_insert(member),
        }
    }
}

/// What holds within a block.
#[derive(Clone)]
pub struct Now {
    pub words: Vec<Class>,
    pub slots: Vec<Class>,
    pub values: FxHashMap<Value, Class>,
    /// Whether what should hold is asked for.
    pub checks: bool,
    next: Class,
}

impl Now {
    pub fn new(entry: &State, checks: bool) -> Now {
        let all = entry.words.iter().chain(&entry.slots);
        let all = all.chain(entry.values.iter().map(|(_, class)| class));
        Now {
            checks,
            next: all.max().map_or(0, |c| c + 1),
            words: entry.words.clone(),
            slots: entry.slots.clone(),
            values: entry.values.iter().copied().collect(),
        }
    }

    /// A class of its own.
    pub fn fresh(&mut self) -> Class {
        self.next += 1;
        self.next - 1
    }

    pub fn value(&mut self, v: Value) -> Class {
        if let Some(class) = self.values.get(&v) {
            return *class;
        }
        let class = self.fresh();
        self.values.insert(v, class);
        class
    }

    pub fn define(&mut self, v: Value, class: Class) {
        self.values.insert(v, class);
    }

    /// The value is a new one, of which nothing is known.
    pub fn forget(&mut self, v: Option<Value>) {
        if let Some(v) = v {
            self.values.remove(&v);
        }
    }

    /// Memory and the slots that are there may be others than the values that were equal to them: pointers into a stack that has moved.
    pub fn move_memory(&mut self) {
        let mut new: FxHashMap<Class, Class> = FxHashMap::default();
        for class in self.words.iter_mut().chain(&mut self.slots) {
            *class = *new.entry(*class).or_insert_with(|| {
                self.next += 1;
                self.next - 1
            });
        }
    }

    /// What holds along an edge that gives parameters these values. Of other values only those that `keep` holds of are wanted.
    pub fn along(&self, params: &[Value], args: &[Value], keep: &dyn Fn(Value) -> bool) -> State {
        let mut then = self.clone();
        let classes: Vec<Class> = args.iter().map(|v| then.value(*v)).collect();
        for (p, class) in params.iter().zip(&classes) {
            then.values.insert(*p, *class);
        }
        let mut naming = Naming::default();
        let mut number = 0;
        let mut name = |class: &Class| {
            number += 1;
            naming.name((*class, 0), number - 1)
        };
        let words: Vec<Class> = then.words.iter().map(&mut name).collect();
        let slots: Vec<Class> = then.slots.iter().map(&mut name).collect();
        let mut values: Vec<(Value, Class)> = then.values.into_iter().collect();
        values.retain(|(v, _)| keep(*v) || params.contains(v));
        values.sort_unstable();
        let first = (words.len() + slots.len()) as Class;
        for (v, class) in &mut values {
            *class = naming.name((*class, 0), first + *v);
        }
        State::named(words, slots, values)
    }
}
