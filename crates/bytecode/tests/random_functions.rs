//! The verifier takes any bytes for a function: it refuses them or not, and never panics.

use bytecode::func::{FuncId, Function};
use bytecode::isa::{Instr, OP_COUNT, OPS};
use bytecode::registry::TypeRegistry;
use bytecode::rtype::Kind;
use bytecode::verify::verify;
use proptest::collection::vec;
use proptest::prelude::*;

/// A function of these words whose header agrees with itself more often than chance would have it.
fn function(code: Vec<u64>, shape: [u8; 4], kinds: u64, maps: Vec<u64>) -> Function {
    let registry = TypeRegistry::new();
    let int = registry.basic(Kind::Int);
    let string = registry.basic(Kind::String);
    let [out, locals, args, results] = shape.map(|n| u32::from(n % 6));
    let frame = out + locals;
    let slots = (frame + 1 + args + results) as usize;
    let kind =
        |slot: usize| slot >= out as usize && slot != frame as usize && kinds >> slot & 1 != 0;
    let bits = |word: u64| {
        (0..slots)
            .map(|slot| kind(slot) && word >> slot & 1 != 0)
            .collect()
    };
    Function {
        name: "main.random".to_owned(),
        id: FuncId(0),
        flags: (kinds >> 56) as u32 & 7,
        code,
        frame_slots: frame,
        out_slots: out,
        arg_slots: args,
        result_slots: results,
        slot_is_pointer: (0..slots).map(kind).collect(),
        entry_map: 0,
        panic_map: maps.len() as u32 / 2,
        address_taken: Vec::new(),
        maps: maps.into_iter().map(bits).collect(),
        recover_pc: (kinds >> 60 == 1).then_some(kinds as u32 % 8),
        lines: Vec::new(),
        files: Vec::new(),
        decl_line: 0,
        vars: Vec::new(),
        arg_words: Vec::new(),
        func_pool: Vec::new(),
        type_pool: vec![
            int,
            string,
            registry.map(string, int),
            registry.chan(string, 3),
            registry.interface(&[]),
        ],
        string_pool: vec![(*b"abc").into()],
        global_pool: Vec::new(),
        native_pool: vec!["os.Exit".into()],
    }
}

/// Words that look like instructions: an operation, fields that are small more often than not, small extension words.
fn code() -> impl Strategy<Value = Vec<u64>> {
    let field = prop_oneof![4 => 0u16..12, 1 => any::<u16>()];
    let word = prop_oneof![
        6 => (0..OP_COUNT as u16, field.clone(), field.clone(), field)
            .prop_map(|(op, a, b, c)| Instr::new(OPS[usize::from(op)].op, a, b, c).pack()),
        3 => 0u64..6,
        1 => any::<u64>(),
    ];
    vec(word, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_words_never_panic(
        words in code(),
        shape in any::<[u8; 4]>(),
        kinds in any::<u64>(),
        maps in vec(any::<u64>(), 0..4),
    ) {
        let _ = verify(&function(words, shape, kinds, maps));
    }

    /// Headers that agree with nothing.
    #[test]
    fn random_headers_never_panic(
        words in code(),
        header in any::<[u32; 6]>(),
        kinds in any::<u64>(),
    ) {
        let mut f = function(words, [1, 2, 1, 1], kinds, vec![0]);
        (f.frame_slots, f.out_slots, f.arg_slots) = (header[0], header[1], header[2]);
        (f.result_slots, f.entry_map, f.panic_map) = (header[3], header[4], header[5]);
        f.recover_pc = Some(header[0]);
        let _ = verify(&f);
    }

    /// One instruction of each kind with every field at random, then a return.
    #[test]
    fn single_instructions_never_panic(
        op in 0..OP_COUNT,
        fields in any::<[u8; 3]>(),
        ext in vec(0u64..5, 0..6),
        kinds in any::<u64>(),
    ) {
        let [a, b, c] = fields.map(|f| u16::from(f % 16));
        let mut words = vec![Instr::new(OPS[op].op, a, b, c).pack()];
        words.extend(ext);
        words.push(Instr::new(bytecode::isa::Op::Ret, 0, 0, 0).pack());
        let _ = verify(&function(words, [3, 5, 3, 1], kinds, vec![0, !0]));
    }
}
