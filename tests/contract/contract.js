/* Holds what contract.py wrote against PostHog's own packages. Every line of
 * its input is a claim, one JSON object:
 *   kind "payload"  template, globals, wanted   the VM renders wanted, or
 *                                               text to the byte
 *   kind "filter"   filters, globals, wanted    the VM says wanted
 *   kind "query"    sql, wanted                 the parser takes it, or not
 *   kind "post"     url, headers, secret, bodies
 *                   undici's pool gets a 2xx for each
 * What needs a package that is not there is skipped, and named. Prints TAP. */
'use strict'
const crypto = require('crypto')
const fs = require('fs')
const { isDeepStrictEqual } = require('util')
const { compile } = require('./bytecode')
const rules = require('./rules')

/* What HogQL knows of the functions that we call: posthog/hogql/functions.
 * The parser takes every name. */
const FUNCTIONS = new Set(['count', 'countIf', 'uniqIf', 'min', 'toString',
    'toFloat', 'toDateTime', 'toUnixTimestamp64Milli', 'lower', 'ifNull',
    'nullIf', 'isNull', 'replaceRegexpAll', 'now', 'toIntervalDay'])

const CONNECTIONS = 50

function have(name) {
    try {
        return require(name)
    } catch (why) {
        if (why.code !== 'MODULE_NOT_FOUND') throw why
        return null
    }
}

const packages = {
    vm: ['@posthog/hogvm', have('@posthog/hogvm')],
    parser: ['@posthog/hogql-parser', have('@posthog/hogql-parser')],
    undici: ['undici', have('undici')],
}
let number = 0, failed = 0

function report(ok, sentence, why) {
    number++
    if (!ok) failed++
    console.log(`${ok ? 'ok' : 'not ok'} ${number} - ${sentence}`)
    if (!ok && why) console.log('# ' + String(why).replace(/\n/g, '\n# '))
}

/* The names of the packages that a claim needs and that are not there. */
function lacking(needs) {
    return needs.filter((need) => !packages[need][1])
        .map((need) => packages[need][0])
}

/* The VM as the worker calls it. */
function evaluate(bytecode, globals) {
    const vm = packages.vm[1]
    const done = vm.exec(bytecode, {
        globals, timeout: 100, maxAsyncSteps: 0,
        external: { regex: { match: (regex, text) => new RegExp(
            regex.replace(/^\(\?i\)/, ''), regex.startsWith('(?i)') ? 'i' : ''
        ).test(text) } },
    })
    if (!done.finished || done.error) throw done.error || new Error('no end')
    return vm.convertHogToJS(done.result)
}

function render(parser, template, globals) {
    if (Array.isArray(template))
        return template.map((item) => render(parser, item, globals))
    if (template && typeof template === 'object')
        return Object.fromEntries(Object.entries(template).map(
            ([key, item]) => [key, render(parser, item, globals)]))
    if (typeof template !== 'string') return template
    return evaluate(compile(parsed(
        parser.parseFullTemplateString("F'" + template, true))), globals)
}

function parsed(json) {
    const tree = JSON.parse(json)
    if (tree.error) throw new Error(tree.message)
    return tree
}

/* What a filter sees is another thing than what a template sees. */
function filterGlobals(globals) {
    const seen = {
        event: globals.event.event, uuid: globals.event.uuid,
        elements_chain: globals.event.elements_chain || '',
        timestamp: globals.event.timestamp,
        properties: globals.event.properties,
        distinct_id: globals.event.distinct_id,
        person: globals.person || null,
    }
    for (let i = 0; i < 5; i++) seen['$group_' + i] = null
    for (const group of Object.values(globals.groups || {}))
        seen['$group_' + group.index] = group.id
    return seen
}

function callsIn(node, found = new Set()) {
    if (!node || typeof node !== 'object') return found
    if (node.node === 'Call') found.add(node.name)
    for (const item of Object.values(node)) callsIn(item, found)
    return found
}

const judges = {
    payload: { needs: ['vm', 'parser'], judge(claim, parser) {
        const got = render(parser, claim.template, claim.globals)
        return 'text' in claim
            ? [JSON.stringify(got) === claim.text, JSON.stringify(got)]
            : [isDeepStrictEqual(got, claim.wanted), JSON.stringify(got)]
    } },
    filter: { needs: ['vm'], judge(claim) {
        const got = evaluate(compile(rules.expression(claim.filters)),
            filterGlobals(claim.globals))
        return [got === claim.wanted, 'the VM says ' + got]
    } },
    query: { needs: ['parser'], judge(claim, parser) {
        const tree = JSON.parse(parser.parseSelect(claim.sql, true))
        const foreign = [...callsIn(tree)].filter((n) => !FUNCTIONS.has(n))
        const why = tree.error ? tree.message
            : foreign.length ? 'HogQL has no ' + foreign.join(', ') : ''
        return [!why === claim.wanted, why + '\n' + claim.sql]
    } },
}

/* Standard Webhooks, as the template "HTTP Webhook" signs. */
function sign(secret, id, body) {
    const stamp = String(Math.floor(Date.now() / 1000))
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return {
        'webhook-id': id, 'webhook-timestamp': stamp,
        'webhook-signature': 'v1,' + crypto.createHmac('sha256', key)
            .update(`${id}.${stamp}.${body}`).digest('base64'),
    }
}

async function post(claim) {
    const at = new URL(claim.url)
    const pool = new packages.undici[1].Pool(at.origin,
        { connections: CONNECTIONS })
    const answers = await Promise.all(claim.bodies.map(async (body, i) => {
        const signed = claim.secret ? sign(claim.secret, 'msg_' + i, body) : {}
        const answer = await pool.request({ path: at.pathname, method: 'POST',
            headers: { ...claim.headers, ...signed }, body })
        await answer.body.dump()
        return answer.statusCode
    }))
    await pool.close()
    const refused = answers.filter((status) => status < 200 || status > 299)
    report(!refused.length, `${claim.name}: ${answers.length} bodies`,
        `${refused.length} were answered ${[...new Set(refused)]}`)
}

async function main() {
    const claims = fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)
        .map((line) => JSON.parse(line))
    const parser = packages.parser[1] && await packages.parser[1].default()
    const missing = new Map()
    for (const claim of claims) {
        const needs = claim.kind === 'post' ? ['undici']
            : judges[claim.kind].needs
        const absent = lacking(needs)
        if (absent.length) {
            for (const name of absent)
                missing.set(name, (missing.get(name) || 0) + 1)
        } else if (claim.kind === 'post') {
            await post(claim)
        } else {
            try {
                const [ok, why] = judges[claim.kind].judge(claim, parser)
                report(ok, claim.name, 'wanted ' + (claim.text ||
                    JSON.stringify(claim.wanted)) + '\ngot ' + why)
            } catch (why) {
                report(false, claim.name, why.message)
            }
        }
    }
    for (const [name, count] of missing)
        console.log(`# skipped: ${count} without ${name}`)
    console.log(`1..${number}`)
    process.exitCode = failed ? 1 : 0
}

main()
