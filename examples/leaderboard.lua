-- leaderboard.lua - scores with ranks; who was first with a score stays before who came later.
--
--   KEYS[1] name of the board; the script keeps
--     <name>:scores  sorted set of members: score, and within one score who came first
--     <name>:exact   hash of members: their scores as given
--     <name>:turn    counter of changes
--   ARGV[1] command, then its arguments:
--     best <member> <score>     keeps the higher one -> { score, rank }
--     add  <member> <points>    adds to the score     -> { score, rank }
--     top  <count>                                    -> { member, score, member, score, ... }
--     around <member> <count>   the neighbours        -> { rank of the first, member, score, ... }, or nil
--     remove <member>                                 -> 1, or 0 if it was not there
--
-- Ranks begin with 1. Scores are whole numbers from 0 to 2^30: a sorted set's score has
-- 53 bits, of which the lower 22 count down by turns, so that of equals the earlier leads.
--
--   ferrous-sandboxctl run examples/leaderboard.lua game , best ada 120
local name = KEYS[1]
if not name then return redis.error_reply('BOARD one key is needed: the name of the board') end

local scores, exact, turn = name .. ':scores', name .. ':exact', name .. ':turn'
local TURNS = 4194304
local MOST = 1073741824

local function number(text, what)
  local value = tonumber(text)
  if not value or value < 0 or value > MOST or value ~= math.floor(value) then
    error({ err = 'BOARD ' .. what .. ' must be a whole number from 0 to ' .. MOST })
  end
  return value
end

local function rank_of(member)
  local rank = redis.call('ZREVRANK', scores, member)
  return rank and rank + 1
end

local function set(member, score)
  local place = TURNS - 1 - redis.call('INCR', turn) % TURNS
  redis.call('ZADD', scores, score * TURNS + place, member)
  redis.call('HSET', exact, member, score)
end

-- { member, score, ... } of the ranks from..to, both from 0.
local function list(from, to)
  local members = redis.call('ZREVRANGE', scores, from, to)
  local answer = {}
  for _, member in ipairs(members) do
    answer[#answer + 1] = member
    answer[#answer + 1] = tonumber(redis.call('HGET', exact, member))
  end
  return answer
end

local commands = {}

function commands.best(member, score)
  if not member then error({ err = 'BOARD best needs a member' }) end
  score = number(score, 'a score')
  local held = tonumber(redis.call('HGET', exact, member) or '-1')
  if score > held then set(member, score) end
  return { math.max(score, held), rank_of(member) }
end

function commands.add(member, points)
  if not member then error({ err = 'BOARD add needs a member' }) end
  local score = tonumber(redis.call('HGET', exact, member) or '0') + number(points, 'points')
  set(member, number(score, 'the sum'))
  return { score, rank_of(member) }
end

function commands.top(count)
  count = number(count, 'a count')
  if count == 0 then return {} end
  return list(0, count - 1)
end

function commands.around(member, count)
  local rank = member and rank_of(member)
  if not rank then return nil end
  count = number(count, 'a count')
  local first = math.max(0, rank - 1 - count)
  local answer = list(first, rank - 1 + count)
  table.insert(answer, 1, first + 1)
  return answer
end

function commands.remove(member)
  redis.call('HDEL', exact, member or '')
  return redis.call('ZREM', scores, member or '')
end

local command = commands[ARGV[1] or '']
if not command then
  return redis.error_reply('BOARD unknown command: ' .. tostring(ARGV[1]))
end
return command(unpack(ARGV, 2))
