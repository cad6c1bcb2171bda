/* The filters of a destination to an expression, by PostHog's rules
 * (posthog/cdp/filters.py, posthog/hogql/property.py): all of "properties",
 * and any of "events"; a list of one is its value, a longer one is IN, and an
 * empty one holds for everything. */
'use strict'

const constant = (value) => ({ node: 'Constant', value })
const field = (chain) => ({ node: 'Field', chain })
const compare = (op, left, right) =>
    ({ node: 'CompareOperation', op, left, right })

function together(node, exprs) {
    return exprs.length === 1 ? exprs[0] : { node, exprs }
}

const roots = {
    event: (key) => ['properties', key],
    person: (key) => ['person', 'properties', key],
    event_metadata: (key) => [key],
}

function exact(left, value) {
    if (!Array.isArray(value)) return compare('==', left, constant(value))
    if (value.length === 0) return constant(true)
    if (value.length === 1) return compare('==', left, constant(value[0]))
    return compare('in', left, { node: 'Tuple', exprs: value.map(constant) })
}

function property(rule) {
    if (!roots[rule.type]) throw new Error('property type ' + rule.type)
    const left = field(roots[rule.type](rule.key))
    if (rule.operator === 'exact') return exact(left, rule.value)
    if (rule.operator === 'icontains' && typeof rule.value === 'string')
        return compare('ilike', { node: 'Call', name: 'toString',
            args: [left] }, constant('%' + rule.value + '%'))
    throw new Error('operator ' + rule.operator)
}

function entry(of) {
    const name = of.id === null ? constant(true)
        : compare('==', field(['event']), constant(of.id))
    return together('And', [name, ...(of.properties || []).map(property)])
}

exports.expression = (filters) => {
    const rules = (filters.properties || []).map(property)
    const entries = (filters.events || []).map(entry)
    if (entries.length) rules.push(together('Or', entries))
    return rules.length ? together('And', rules) : constant(true)
}
