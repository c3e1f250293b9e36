//! The flow graph of escape analysis and its solution.
//!
//! A location is a variable or an allocation site. An edge `dst <- src` with a number of dereferences says that a value computed from `src` reaches `dst`:
//! 0 for a copy, n > 0 for what n pointers lead to, -1 for the address of `src`. A location whose address reaches something that outlives it
//! must live on the heap. (The formulation is that of gc's escape analysis; see cmd/compile/internal/escape's
//! package comment for the idea.)

use types::ObjId;

/// Index of a location.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Loc(pub u32);

/// Everything that outlives all functions.
pub const HEAP: Loc = Loc(0);

/// What a location stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Site {
    Heap,
    Var(ObjId),
    /// An allocation by a node of the function's arena.
    Expr(syntax::NodeId),
    /// A value on its way, which nobody names.
    Temp,
}

/// A node of the graph.
#[derive(Debug)]
pub struct Location {
    pub site: Site,
    /// The analysed function (index in the batch) and the function literal in it.
    pub func: u32,
    pub literal: u32,
    pub loop_depth: u32,
    /// Parameter number (receiver first), for parameters of declared functions.
    pub param: Option<u32>,
    /// Result number, for results of declared functions.
    pub result: Option<u32>,
    /// Lives on the heap.
    pub escapes: bool,
    /// What flows in: source, dereferences.
    pub edges: Vec<(Loc, i32)>,
    /// What reaches the heap or results from this parameter: least number of dereferences.
    pub leaks_to_heap: Option<i32>,
    pub leaks_to_results: Vec<(u32, i32)>,
}

/// The graph of one batch of functions.
#[derive(Debug)]
pub struct Graph {
    pub locations: Vec<Location>,
    /// Enclosing literal of each function literal, by (function, literal).
    pub literal_parents: Vec<Vec<u32>>,
}

impl Graph {
    pub fn new() -> Graph {
        let mut graph = Graph {
            locations: Vec::new(),
            literal_parents: Vec::new(),
        };
        let heap = graph.add(Site::Heap, 0, 0, 0);
        debug_assert_eq!(heap, HEAP);
        graph.at_mut(heap).escapes = true;
        graph
    }

    pub fn add(&mut self, site: Site, func: u32, literal: u32, loop_depth: u32) -> Loc {
        self.locations.push(Location {
            site,
            func,
            literal,
            loop_depth,
            param: None,
            result: None,
            escapes: false,
            edges: Vec::new(),
            leaks_to_heap: None,
            leaks_to_results: Vec::new(),
        });
        Loc(self.locations.len() as u32 - 1)
    }

    pub fn at(&self, loc: Loc) -> &Location {
        &self.locations[loc.0 as usize]
    }

    pub fn at_mut(&mut self, loc: Loc) -> &mut Location {
        &mut self.locations[loc.0 as usize]
    }

    /// A value computed from `src` by `derefs` dereferences reaches `dst`.
    pub fn flow(&mut self, dst: Loc, src: Loc, derefs: i32) {
        if src == HEAP || (dst == src && derefs >= 0) {
            return;
        }
        if dst == HEAP && derefs < 0 {
            self.at_mut(src).escapes = true;
            return;
        }
        self.at_mut(dst).edges.push((src, derefs));
    }

    /// Finds what escapes, and what leaks from parameters.
    pub fn solve(&mut self) {
        let count = self.locations.len();
        let mut queued = vec![true; count];
        let mut work: Vec<u32> = (0..count as u32).rev().collect();
        // Least dereferences found on this walk, and in which walk, by location.
        let mut best = vec![(0i32, 0u32); count];
        let mut walk = 0;
        let mut pending: Vec<u32> = Vec::new();
        while let Some(root) = work.pop() {
            queued[root as usize] = false;
            walk += 1;
            best[root as usize] = (0, walk);
            pending.push(root);
            while let Some(at) = pending.pop() {
                let derefs = best[at as usize].0;
                // The address of the location reaches the root.
                let address = derefs < 0;
                let base = derefs.max(0);
                if at != root || address {
                    let outlives = self.outlives(Loc(root), Loc(at));
                    if outlives
                        && self.locations[at as usize].param.is_some()
                        && !self.locations[at as usize].escapes
                    {
                        self.leak(at, root, base);
                    }
                    if address && outlives && !self.locations[at as usize].escapes {
                        self.locations[at as usize].escapes = true;
                        if !queued[at as usize] {
                            queued[at as usize] = true;
                            work.push(at);
                        }
                        continue;
                    }
                }
                for i in 0..self.locations[at as usize].edges.len() {
                    let (src, edge) = self.locations[at as usize].edges[i];
                    if self.locations[src.0 as usize].escapes {
                        continue;
                    }
                    let total = base + edge;
                    let known = best[src.0 as usize];
                    if known.1 != walk || total < known.0 {
                        best[src.0 as usize] = (total, walk);
                        pending.push(src.0);
                    }
                }
            }
        }
        // What an escaping parameter's own cell holds leaks with it.
        for i in 0..count {
            let location = &mut self.locations[i];
            if location.param.is_some() && location.escapes {
                location.leaks_to_heap = Some(0);
            }
        }
    }

    fn leak(&mut self, param: u32, root: u32, derefs: i32) {
        let result = self.locations[root as usize].result;
        let heap = self.locations[root as usize].escapes;
        let location = &mut self.locations[param as usize];
        match result {
            Some(result) if !heap => match location
                .leaks_to_results
                .iter_mut()
                .find(|(r, _)| *r == result)
            {
                Some(known) => known.1 = known.1.min(derefs),
                None => location.leaks_to_results.push((result, derefs)),
            },
            _ => {
                let least = location
                    .leaks_to_heap
                    .map_or(derefs, |known| known.min(derefs));
                location.leaks_to_heap = Some(least);
            }
        }
    }

    /// Whether values in `root` may live longer than the location `l`.
    fn outlives(&self, root: Loc, l: Loc) -> bool {
        let (root, l) = (self.at(root), self.at(l));
        if root.escapes || root.result.is_some() {
            return true;
        }
        if root.func != l.func {
            // Between functions of a batch values pass as arguments (which die first) and results (see above).
            return false;
        }
        if root.literal == l.literal {
            return root.loop_depth < l.loop_depth;
        }
        // A variable of an enclosing function outlives what a literal inside makes.
        self.encloses(root.func, root.literal, l.literal)
    }

    fn encloses(&self, func: u32, outer: u32, mut inner: u32) -> bool {
        while inner != 0 {
            inner = self.literal_parents[func as usize][inner as usize];
            if inner == outer {
                return true;
            }
        }
        false
    }
}
