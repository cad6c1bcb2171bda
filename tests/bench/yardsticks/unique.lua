-- Each request carries the body of $BENCH_BODY with a uuid of its own, so
-- that none is a duplicate: version 7, rising, as PostHog makes them.
local file = assert(io.open(os.getenv("BENCH_BODY"), "rb"))
local body = file:read("*a")
file:close()
local from, to = body:find('"uuid":"', 1, true)
local head, rest = body:sub(1, to), body:sub(to + 37)
local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init()
    count = 0
    base = os.time() * 1000 + tonumber(os.getenv("BENCH_ROUND") or 0) * 50000
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
end

function request()
    count = count + 1
    local ms = base + math.floor(count / 16)
    local uuid = string.format("%08x-%04x-7%03x-8%03x-%012x",
        math.floor(ms / 65536), ms % 65536, count % 4096, number, count)
    return wrk.format(nil, nil, nil, head .. uuid .. rest)
end

function done(summary, latency)
    io.write(string.format("RESULT %.1f %d %d %.0f %.0f\n",
        summary.requests / summary.duration * 1e6,
        summary.errors.status,
        summary.errors.connect + summary.errors.read +
            summary.errors.write + summary.errors.timeout,
        latency:percentile(50), latency:percentile(99.9)))
end
