-- One script, so that what it decides is decided once over all processes. Times are the server's,
-- in milliseconds. KEYS: of one target, its breaker (hash), places (zset: holder, until when)
-- and starts (list, newest first); and the epoch, common to all.
--
-- The epoch is a run of the server between two losses of its memory. What was counted in another
-- epoch cannot be trusted: the caller is asked to count again from the log.
local breaker, places, starts, epoch_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local op, holder = ARGV[1], ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function number(field) return tonumber(redis.call('HGET', breaker, field) or '0') end
local function keep() redis.call('PEXPIRE', breaker, 604800000) end

if op == 'state' then
  redis.call('ZREMRANGEBYSCORE', places, '-inf', now)
  return {number('open_until') - now, number('openings'), number('failures'),
          redis.call('ZCARD', places)}
end

if op == 'hold' then
  redis.call('ZADD', places, now + tonumber(ARGV[3]), holder)
  redis.call('PEXPIRE', places, tonumber(ARGV[3]) * 4)
  return {'held'}
end

if op == 'drop' then
  return {redis.call('ZREM', places, holder)}
end

if op == 'leave' then
  local ending, threshold, open_for, longest, shut_for =
    ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
  redis.call('ZREM', places, holder)
  local openings = number('openings')
  local open = number('open_until') > now
  local probed = redis.call('HGET', breaker, 'probe') == holder
  if probed then redis.call('HDEL', breaker, 'probe', 'probe_until') end
  if ending == 'served' then
    redis.call('HDEL', breaker, 'failures', 'openings', 'open_until', 'probe', 'probe_until')
    return {'closed'}
  end
  if ending == 'failed' then
    local failures = redis.call('HINCRBY', breaker, 'failures', 1)
    local tripped = failures >= threshold
    local due = shut_for > 0 or (openings == 0 and tripped)
    if not open and (due or (openings > 0 and probed)) then
      -- A target that says when to come back is left alone until then, and no longer.
      local wait = tripped and math.min(open_for * 2 ^ math.min(openings, 30), longest) or 0
      redis.call('HSET', breaker, 'openings', tripped and openings + 1 or math.max(openings, 1),
                 'open_until', string.format('%.0f', now + math.max(wait, shut_for)))
    elseif open and shut_for > 0 and now + shut_for > number('open_until') then
      redis.call('HSET', breaker, 'open_until', string.format('%.0f', now + shut_for))
    end
    keep()
  end
  if number('open_until') > now then return {'open'} end
  return {number('openings') > 0 and 'half_open' or 'closed'}
end

-- enter: ARGV 3 at once, 4 length of a place, 5 and 6 the rate (0: none), 7 what to do with what
-- was counted in the log (0: nothing was, 1: take it): 8 number of places, then
-- {holder, length}..., then the ages of starts, oldest first.
local at_once, length, most, period =
  tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local epoch, born = redis.call('HGET', epoch_key, 'epoch'), 0
if not epoch or string.sub(epoch, 1, #run) ~= run then
  epoch, born = run .. ':' .. time[1] .. '.' .. time[2], now
  redis.call('HSET', epoch_key, 'epoch', epoch, 'born', string.format('%.0f', born))
else
  born = tonumber(redis.call('HGET', epoch_key, 'born'))
end
if redis.call('HGET', breaker, 'epoch') ~= epoch then
  -- Whoever had entered before the loss has it in the log a moment later.
  if most > 0 and now - born < 2000 then return {'rate', 2000 - (now - born)} end
  if ARGV[7] ~= '1' then return {'unknown', 0} end
  redis.call('DEL', starts)
  local i, seeded = 9, tonumber(ARGV[8])
  for _ = 1, seeded do
    redis.call('ZADD', places, 'NX', now + tonumber(ARGV[i + 1]), ARGV[i])
    i = i + 2
  end
  while ARGV[i] do
    redis.call('LPUSH', starts, string.format('%.0f', now - tonumber(ARGV[i])))
    i = i + 1
  end
  redis.call('HSET', breaker, 'epoch', epoch)
end
keep()

redis.call('ZREMRANGEBYSCORE', places, '-inf', now)
local open_until = number('open_until')
if open_until > now then return {'breaker_open', open_until - now} end
local half_open = number('openings') > 0
if half_open and number('probe_until') > now then
  return {'breaker_open', math.min(number('probe_until') - now, 2000)}
end
if redis.call('ZSCORE', places, holder) or redis.call('ZCARD', places) >= at_once then
  return {'at_once', 1000}
end
if most > 0 then
  local oldest = redis.call('LINDEX', starts, most - 1)
  if oldest and tonumber(oldest) + period > now then
    return {'rate', tonumber(oldest) + period - now}
  end
  redis.call('LPUSH', starts, string.format('%.0f', now))
  redis.call('LTRIM', starts, 0, most - 1)
  redis.call('PEXPIRE', starts, period + 60000)
end
redis.call('ZADD', places, now + length, holder)
redis.call('PEXPIRE', places, length * 4)
if half_open then
  redis.call('HSET', breaker, 'probe', holder, 'probe_until', string.format('%.0f', now + length))
end
return {'passed', 0}
