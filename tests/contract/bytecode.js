/* An expression of HogQL, as the parser gives it, to instructions of the Hog
 * VM: what a filter and the fields of a payload are made of, no statements
 * and no functions of one's own. Source: the operations of @posthog/hogvm
 * (src/operation.ts) and what each takes from the stack (src/execute.ts). */
'use strict'

const OP = {
    GET_GLOBAL: 1, CALL_GLOBAL: 2, AND: 3, OR: 4, NOT: 5,
    TRUE: 29, FALSE: 30, NULL: 31, STRING: 32, INTEGER: 33, FLOAT: 34,
    DICT: 42, ARRAY: 43, TUPLE: 44, GET_PROPERTY: 45,
}
const COMPARISONS = {
    '==': 11, '!=': 12, '>': 13, '>=': 14, '<': 15, '<=': 16,
    'like': 17, 'ilike': 18, 'not like': 19, 'not ilike': 20,
    'in': 21, 'not in': 22,
}

function constant(value) {
    if (value === null) return [OP.NULL]
    if (typeof value === 'boolean') return [value ? OP.TRUE : OP.FALSE]
    if (typeof value === 'string') return [OP.STRING, value]
    return [Number.isInteger(value) ? OP.INTEGER : OP.FLOAT, value]
}

/* The first name is taken last: it is on top. */
function field(chain) {
    const names = [...chain].reverse().flatMap(constant)
    return [...names, OP.GET_GLOBAL, chain.length]
}

const all = (nodes) => nodes.flatMap(expression)

/* Both sides are taken from the top: the left one comes last. */
function comparison(node) {
    if (!(node.op in COMPARISONS)) throw new Error('operator ' + node.op)
    return [...expression(node.right), ...expression(node.left),
        COMPARISONS[node.op]]
}

const nodes = {
    Constant: (node) => constant(node.value),
    Field: (node) => field(node.chain),
    And: (node) => [...all(node.exprs), OP.AND, node.exprs.length],
    Or: (node) => [...all(node.exprs), OP.OR, node.exprs.length],
    Not: (node) => [...expression(node.expr), OP.NOT],
    CompareOperation: comparison,
    Tuple: (node) => [...all(node.exprs), OP.TUPLE, node.exprs.length],
    Array: (node) => [...all(node.exprs), OP.ARRAY, node.exprs.length],
    Call: (node) => [...all(node.args), OP.CALL_GLOBAL, node.name,
        node.args.length],
    ArrayAccess: (node) => [...expression(node.array),
        ...expression(node.property), OP.GET_PROPERTY],
}

function expression(node) {
    const make = nodes[node.node]
    if (!make) throw new Error('no instructions for ' + node.node)
    return make(node)
}

/* A whole program: '_H' and the version of the instructions come first. */
exports.compile = (node) => ['_H', 1, ...expression(node)]
