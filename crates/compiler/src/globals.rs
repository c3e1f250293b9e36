//! Package variables and package initialisation. A variable whose initial value is known without running anything gets it
//! when the first function that mentions it is compiled, so that tables of packages that a program does not use cost nothing.

use std::sync::Arc;

use bytecode::func::{FuncId, Function};
use rustc_hash::{FxHashMap, FxHashSet};
use syntax::{CompositeLit, Expr, ExprKind, Pos, VarDecl};
use types::{Arena, Const, Initializer, Mode, ObjId, ObjKind, PkgId, Type, TypeId};

use crate::func::{Fx, Rep, To, finish_builder};
use crate::place::Place;
use crate::{Compiler, Host};

#[derive(Default)]
pub(crate) struct Globals {
    addresses: FxHashMap<ObjId, *mut u8>,
    /// Cells with constants, for interfaces that hold them.
    cells: FxHashMap<(TypeId, Vec<u8>), *mut u8>,
    /// Initialisers that need no code and have not been carried out.
    pending: FxHashMap<ObjId, (PkgId, Arc<VarDecl>, u32, Arena)>,
    /// Variables that the package's init function leaves alone.
    fixed: FxHashSet<ObjId>,
}

impl Compiler {
    /// The address of a package variable.
    pub fn global(&mut self, host: &mut dyn Host, obj: ObjId) -> *mut u8 {
        let addr = match self.globals.addresses.get(&obj) {
            Some(&addr) => addr,
            None => {
                let t = self.program.resolve(obj);
                let typ = self.rtype(t);
                let addr = host.alloc_global(typ);
                self.globals.addresses.insert(obj, addr);
                addr
            }
        };
        if let Some((pkg, decl, index, arena)) = self.globals.pending.remove(&obj) {
            let t = self.program.resolve(obj);
            let mut fx = Fx::plain(self, host, FuncId(0), String::new(), 0);
            fx.enter(pkg, arena);
            fx.write_static(&decl.values[index as usize], t, addr);
        }
        addr
    }

    /// Immortal memory with a constant of a type, for interfaces; `None` for what is kept in the interface itself.
    pub(crate) fn const_cell(
        &mut self,
        host: &mut dyn Host,
        value: &Const,
        t: TypeId,
    ) -> Option<*mut u8> {
        let lay = self.lay(t);
        if lay.rep == Rep::Ptr || lay.is_iface() {
            return None;
        }
        let t = self.program.store.canon(t);
        let key = match value {
            Const::Str(s) => s.to_vec(),
            Const::Bool(b) => vec![u8::from(*b)],
            Const::Complex(c) => [c.0.to_f64().to_bits(), c.1.to_f64().to_bits()]
                .map(u64::to_le_bytes)
                .concat(),
            v => match lay.rep {
                Rep::Int { .. } => v.to_int().bits64().to_le_bytes().to_vec(),
                _ => v.to_f64().to_bits().to_le_bytes().to_vec(),
            },
        };
        if let Some(&cell) = self.globals.cells.get(&(t, key.clone())) {
            return Some(cell);
        }
        let typ = self.rtype(t);
        let cell = host.alloc_global(typ);
        self.write_constant(value, t, cell);
        self.globals.cells.insert((t, key), cell);
        Some(cell)
    }

    /// Writes a constant into memory.
    fn write_constant(&mut self, value: &Const, t: TypeId, at: *mut u8) {
        let lay = self.lay(t);
        let bytes: Vec<u8> = match lay.rep {
            Rep::Int { bytes, .. } => {
                let bits = match value {
                    Const::Bool(b) => u64::from(*b),
                    v => v.to_int().bits64(),
                };
                bits.to_le_bytes()[..bytes as usize].to_vec()
            }
            Rep::F32 => value.to_f32().to_bits().to_le_bytes().to_vec(),
            Rep::F64 => value.to_f64().to_bits().to_le_bytes().to_vec(),
            Rep::Str => {
                let text = value.as_str().cloned().unwrap_or_default();
                if text.is_empty() {
                    return;
                }
                let text: &'static [u8] = Box::leak(text.to_vec().into_boxed_slice());
                [
                    (text.as_ptr() as usize).to_le_bytes(),
                    text.len().to_le_bytes(),
                ]
                .concat()
            }
            Rep::Block => {
                let (re, im) = (value.real(), value.imag());
                if lay.size == 16 {
                    [
                        re.to_f64().to_bits().to_le_bytes(),
                        im.to_f64().to_bits().to_le_bytes(),
                    ]
                    .concat()
                } else {
                    [
                        re.to_f32().to_bits().to_le_bytes(),
                        im.to_f32().to_bits().to_le_bytes(),
                    ]
                    .concat()
                }
            }
            Rep::Ptr => value.to_int().bits64().to_le_bytes().to_vec(),
            other => panic!("a constant kept as {other:?}"),
        };
        // SAFETY: `at` is memory of the type, made by `alloc_global`; nobody else uses it yet.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len()) };
    }

    /// Sorts out the initialisers that need no code; whether anything is left to run.
    pub(crate) fn needs_init_code(
        &mut self,
        host: &mut dyn Host,
        pkg: PkgId,
        from: usize,
        inits: usize,
    ) -> bool {
        let package = self.program.package(pkg);
        let mut needed = package.inits.len() > inits;
        let list = package.init_order[from..].to_vec();
        for init in list {
            let arena = init.rhs.arena;
            if init.lhs.len() == 1 && init.decl.values.len() == init.decl.names.len() {
                let obj = init.lhs[0];
                let t = self.program.resolve(obj);
                let mut fx = Fx::plain(self, host, FuncId(0), String::new(), 0);
                fx.enter(pkg, arena);
                if fx.is_static(&init.decl.values[init.index as usize], t) {
                    self.globals.fixed.insert(obj);
                    // Code may have been compiled against the variable already.
                    let entry = (pkg, init.decl.clone(), init.index, arena);
                    self.globals.pending.insert(obj, entry);
                    if self.globals.addresses.contains_key(&obj) {
                        self.global(host, obj);
                    }
                    continue;
                }
            }
            needed = true;
        }
        needed
    }

    pub(crate) fn compile_package_init(
        &mut self,
        host: &mut dyn Host,
        id: FuncId,
        pkg: PkgId,
        from: usize,
        inits: usize,
    ) -> Option<Function> {
        let package = self.program.package(pkg);
        let name = format!("{}.init", package.path);
        let list = package.init_order[from..].to_vec();
        let calls = package.inits[inits..].to_vec();
        let fixed = self.globals.fixed.clone();
        let mut fx = Fx::plain(self, host, id, name, 0);
        fx.pkg = pkg;
        let mut current = None;
        let mut first = Pos::NONE;
        for init in &list {
            if init.lhs.len() == 1 && fixed.contains(&init.lhs[0]) {
                continue;
            }
            if current != Some(init.rhs.arena) {
                fx.enter(pkg, init.rhs.arena);
                current = Some(init.rhs.arena);
            }
            let value = &init.decl.values[init.index as usize];
            fx.pos(value.pos);
            if !first.is_valid() {
                first = value.pos;
            }
            fx.initialize(init, value);
        }
        for obj in calls {
            let func = fx.c.decl_func(fx.host, obj, &[].into());
            fx.f.b.call(func, 0, 0);
        }
        fx.emit(bytecode::isa::Op::Ret, (), (), ());
        let line = fx.line_of(first);
        let b = fx.f.b;
        finish_builder(self, b, first, line)
    }
}

impl Fx<'_> {
    /// Makes a package-level arena that of what is lowered next.
    fn enter(&mut self, pkg: PkgId, arena: Arena) {
        let (Arena::File(file) | Arena::Decl(file, _)) = arena else {
            panic!("a package initialiser in a body");
        };
        self.pkg = pkg;
        self.arena = arena;
        self.info = self.c.arena_info(arena).expect("checked initialisers");
        self.escape = Arc::default();
        self.lit_names = None;
        self.file = Some(self.c.program.file(file).source.clone());
    }

    fn initialize(&mut self, init: &Initializer, value: &Expr) {
        let mark = self.mark();
        if let [obj] = init.lhs[..]
            && init.decl.values.len() == init.decl.names.len()
        {
            let t = self.obj_type(obj);
            let slot = self.in_order([value], |fx| fx.convert_to(value, t, To::Any));
            let place = self.obj_place(obj);
            self.store(&place, slot, t);
        } else {
            let values = self.values(value);
            for (&obj, (slot, t)) in init.lhs.iter().zip(values) {
                let vt = self.obj_type(obj);
                let place = self.obj_place(obj);
                if !matches!(place, Place::Blank) {
                    let slot = self.box_value(slot, t, vt, To::Any);
                    self.store(&place, slot, vt);
                }
            }
        }
        self.release(mark);
    }

    /// Whether the value of type `t` can be written without running code.
    pub fn is_static(&mut self, e: &Expr, t: TypeId) -> bool {
        let e = e.unparen();
        let iface = self.is_iface(t);
        match self.info.type_of(e.id).mode {
            Mode::Const => return !iface,
            Mode::Nil => return true,
            _ => {}
        }
        if iface {
            return false;
        }
        match &e.kind {
            ExprKind::CompositeLit(lit) => self.is_static_literal(lit, t),
            ExprKind::Unary {
                op: syntax::UnaryOp::Addr,
                x,
            } => match &x.unparen().kind {
                ExprKind::CompositeLit(lit) => {
                    let elem = self.elem(t);
                    matches!(self.under(elem), Type::Struct(_) | Type::Array(..))
                        && self.is_static_literal(lit, elem)
                }
                _ => self.static_variable(x).is_some() || self.static_element(x).is_some(),
            },
            ExprKind::Ident(_) | ExprKind::Selector { .. } => {
                self.named_object(e).is_some_and(|obj| {
                    matches!(self.c.program.obj(obj).kind, ObjKind::Func(_)) && self.no_instance(e)
                })
            }
            _ => false,
        }
    }

    fn no_instance(&self, e: &Expr) -> bool {
        let id = match &e.kind {
            ExprKind::Selector { sel, .. } => sel.id,
            _ => e.id,
        };
        !self.info.instances.contains_key(&id)
    }

    fn static_variable(&self, x: &Expr) -> Option<ObjId> {
        let obj = self.named_object(x)?;
        self.c.program.obj(obj).var().map(|_| obj)
    }

    /// An element of an array that is a package variable, by a constant index: the variable, and the element's offset.
    fn static_element(&mut self, x: &Expr) -> Option<(ObjId, u64)> {
        let ExprKind::Index(index) = &x.unparen().kind else {
            return None;
        };
        let obj = self.static_variable(&index.x)?;
        let t = self.c.program.resolve(obj);
        let Type::Array(_, elem) = self.under(t) else {
            return None;
        };
        let at = self.info.type_of(index.indices[0].id);
        let i = matches!(at.mode, Mode::Const).then(|| at.value.to_int().bits64())?;
        Some((obj, i * self.lay(elem).size))
    }

    fn is_static_literal(&mut self, lit: &CompositeLit, t: TypeId) -> bool {
        match self.under(t) {
            Type::Struct(s) => lit.elts.iter().enumerate().all(|(i, elt)| match &elt.kind {
                ExprKind::KeyValue { key, value } => key
                    .as_ident()
                    .and_then(|k| s.fields.iter().find(|f| f.name == k.name))
                    .is_some_and(|f| self.is_static(value, f.ty)),
                _ => self.is_static(elt, s.fields[i].ty),
            }),
            Type::Array(_, elem) | Type::Slice(elem) => {
                lit.elts.iter().all(|elt| match &elt.kind {
                    ExprKind::KeyValue { value, .. } => self.is_static(value, elem),
                    _ => self.is_static(elt, elem),
                })
            }
            Type::Pointer(elem)
                if matches!(self.under(elem), Type::Struct(_) | Type::Array(..)) =>
            {
                self.is_static_literal(lit, elem)
            }
            _ => false,
        }
    }

    /// Writes a value that `is_static`.
    pub fn write_static(&mut self, e: &Expr, t: TypeId, at: *mut u8) {
        let e = e.unparen();
        let tv = self.info.type_of(e.id);
        match tv.mode {
            Mode::Const => {
                let value = tv.value.clone();
                self.c.write_constant(&value, t, at);
                return;
            }
            Mode::Nil => return,
            _ => {}
        }
        let pointer: *const u8 = match &e.kind {
            ExprKind::CompositeLit(lit) => {
                if let Type::Pointer(elem) = self.under(t) {
                    self.static_cell(lit, elem)
                } else {
                    self.write_static_literal(lit, t, at);
                    return;
                }
            }
            ExprKind::Unary { x, .. } => match &x.unparen().kind {
                ExprKind::CompositeLit(lit) => {
                    let elem = self.elem(t);
                    self.static_cell(lit, elem)
                }
                _ => match self.static_element(x) {
                    Some((obj, offset)) => {
                        self.c.global(self.host, obj).wrapping_add(offset as usize)
                    }
                    None => {
                        let obj = self.static_variable(x).expect("a package variable");
                        self.c.global(self.host, obj)
                    }
                },
            },
            _ => {
                let func = self.static_func(e).expect("a declared function");
                // SAFETY: handles are immortal.
                unsafe { (&raw const (*func).closure).cast() }
            }
        };
        // SAFETY: `at` is memory for a pointer.
        unsafe { at.cast::<*const u8>().write(pointer) };
    }

    fn static_cell(&mut self, lit: &CompositeLit, t: TypeId) -> *mut u8 {
        let typ = self.rt(t);
        let cell = self.host.alloc_global(typ);
        self.write_static_literal(lit, t, cell);
        cell
    }

    fn write_static_literal(&mut self, lit: &CompositeLit, t: TypeId, at: *mut u8) {
        match self.under(t) {
            Type::Struct(s) => {
                let offsets = self.c.program.store.offsetsof(t);
                for (i, elt) in lit.elts.iter().enumerate() {
                    let (index, value) = match &elt.kind {
                        ExprKind::KeyValue { key, value } => {
                            let name = key.as_ident().expect("a field name").name;
                            (
                                s.fields
                                    .iter()
                                    .position(|f| f.name == name)
                                    .expect("a field"),
                                &**value,
                            )
                        }
                        _ => (i, elt),
                    };
                    if s.fields[index].name.is_blank() {
                        continue;
                    }
                    // SAFETY: the field lies within the struct's memory.
                    let field = unsafe { at.add(offsets[index] as usize) };
                    self.write_static(value, s.fields[index].ty, field);
                }
            }
            Type::Array(_, elem) => self.write_static_elements(lit, elem, at),
            Type::Slice(elem) => {
                let len = self.literal_len(lit);
                let array = self.c.program.store.array(len as i64, elem);
                let typ = self.rt(array);
                let cell = self.host.alloc_global(typ);
                self.write_static_elements(lit, elem, cell);
                let words = [cell as u64, len, len];
                // SAFETY: `at` is memory for a slice.
                unsafe { at.cast::<[u64; 3]>().write(words) };
            }
            other => panic!("static literal of {other:?}"),
        }
    }

    pub fn write_static_elements(&mut self, lit: &CompositeLit, elem: TypeId, at: *mut u8) {
        let size = self.lay(elem).size;
        let mut index = 0;
        for elt in &lit.elts {
            let value = match &elt.kind {
                ExprKind::KeyValue { key, value } => {
                    index = self.const_index(key).expect("a constant index");
                    value
                }
                _ => elt,
            };
            // SAFETY: the element lies within the array's memory.
            let part = unsafe { at.add((index * size) as usize) };
            match &value.kind {
                ExprKind::CompositeLit(inner) if !matches!(self.under(elem), Type::Pointer(_)) => {
                    self.write_static_literal(inner, elem, part);
                }
                _ => self.write_static(value, elem, part),
            }
            index += 1;
        }
    }
}
