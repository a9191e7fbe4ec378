-- What wrk sends: wrk … -s load.lua URL -- METHOD PREFIX SUFFIX FIRST KEYS ORDER [BODIES BODY_BYTES]
--
-- Requests of METHOD for PREFIX..number..SUFFIX, with numbers from FIRST on, KEYS of them; without the number if KEYS
-- is 0. ORDER is `turn` (one after the other) or `random`. Bodies are taken from the file BODIES, which holds many of
-- BODY_BYTES each, one after the other. Each thread begins elsewhere. Prints one line of JSON.

local threads = 0

function setup(thread)
  thread:set("thread_number", threads)
  threads = threads + 1
end

local function read_bodies(path, bytes)
  local file = assert(io.open(path, "rb"))
  local bodies = {}
  for body in function() return file:read(bytes) end do
    assert(#body == bytes, path .. " does not hold whole bodies")
    bodies[#bodies + 1] = body
  end
  file:close()
  return bodies
end

function init(args)
  head = args[1] .. " " .. args[2]
  tail = args[3] .. " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\n"
  first, keys, random = tonumber(args[4]), tonumber(args[5]), args[6] == "random"
  sent = thread_number * math.floor(keys / 2)
  bodies = {}
  if args[7] then
    bodies = read_bodies(args[7], tonumber(args[8]))
    tail = tail .. "Content-Length: " .. args[8] .. "\r\n"
  end
  tail = tail .. "\r\n"
  math.randomseed(thread_number + 1)
end

function request()
  local number = ""
  if keys > 0 then number = first + (random and math.random(0, keys - 1) or sent % keys) end
  local body = #bodies > 0 and bodies[sent % #bodies + 1] or ""
  sent = sent + 1
  return head .. number .. tail .. body
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "bytes": %d, "p50_ms": %.3f, "p99_ms": %.3f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
