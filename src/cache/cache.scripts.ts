import type { Redis, Result } from 'ioredis';

/**
 * `found` with the entry; `leased`: it is the asker's to fill; `busy`: another fills it; `changing`: nobody may; `away`:
 * Redis does not answer.
 */
export type Looked = { state: 'found'; entry: string } | { state: 'leased' | 'busy' | 'changing' | 'away' };

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** Of each entry what `Looked` tells. */
    lookOrLease(
      numberOfKeys: number,
      ...keysLeaseMsTokensAndHeads: (string | number)[]
    ): Result<[Exclude<Looked['state'], 'away'>, string?][], Context>;
    /** The lease of an entry that still begins so; 0 when it does not, or another has the lease. */
    leaseAgain(entry: string, lease: string, token: string, leaseMs: number, head: string): Result<number, Context>;
    /** Stores each entry whose lease is still the holder's, and gives the lease back; 0 where it was taken away. */
    fill(numberOfKeys: number, ...keysTokensTextsAndTtls: (string | number)[]): Result<number[], Context>;
    /** Gives back a lease that led to nothing. */
    giveBack(lease: string, token: string): Result<number, Context>;
    /** From here on nobody fills these entries, until `endChange` with the same token or until the mark ends. */
    beginChange(numberOfKeys: number, ...keysTokenAndTtl: (string | number)[]): Result<number, Context>;
    endChange(numberOfKeys: number, ...keysAndToken: string[]): Result<number, Context>;
    /** Stores the entry unless a newer one is there, or one was removed that was newer. */
    writeUnlessNewer(
      entry: string,
      removal: string,
      text: string,
      version: number,
      ttlSeconds: number,
    ): Result<number, Context>;
    /** Removes the entry, and for a while refuses to store an older one. */
    dropVersion(entry: string, removal: string, version: number, seconds: number): Result<number, Context>;
  }
}

/** Begins the mark that stands for an entry while it is being changed; no entry begins so. */
export const CHANGE_MARK = '!';

/** KEYS: entries and their leases in turn. ARGV: milliseconds, then a token and the head wanted of each entry. */
const LOOK_OR_LEASE = `
  local function look(key, lease, token, head)
    local entry = redis.call('GET', key)
    if entry then
      if string.sub(entry, 1, 1) == '${CHANGE_MARK}' then return { 'changing' } end
      if string.sub(entry, 1, #head) == head then return { 'found', entry } end
    end
    if redis.call('SET', lease, token, 'PX', ARGV[1], 'NX') then return { 'leased' } end
    return { 'busy' }
  end
  local answers = {}
  for i = 1, #KEYS, 2 do
    answers[#answers + 1] = look(KEYS[i], KEYS[i + 1], ARGV[i + 1], ARGV[i + 2])
  end
  return answers`;

const LEASE_AGAIN = `
  if redis.call('GETRANGE', KEYS[1], 0, #ARGV[3] - 1) ~= ARGV[3] then return 0 end
  if redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2], 'NX') then return 1 end
  return 0`;

/** KEYS: entries and their leases in turn. ARGV: a token, a text and milliseconds of each entry. */
const FILL = `
  local function fill(key, lease, token, text, ttl)
    if redis.call('GET', lease) ~= token then return 0 end
    redis.call('DEL', lease)
    redis.call('SET', key, text, 'PX', ttl)
    return 1
  end
  local stored = {}
  for i = 1, #KEYS / 2 do
    stored[i] = fill(KEYS[2 * i - 1], KEYS[2 * i], ARGV[3 * i - 2], ARGV[3 * i - 1], ARGV[3 * i])
  end
  return stored`;

const GIVE_BACK = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  return redis.call('DEL', KEYS[1])`;

/** KEYS: entries and their leases in turn. ARGV: token, milliseconds. */
const BEGIN_CHANGE = `
  for i = 1, #KEYS, 2 do
    redis.call('SET', KEYS[i], '${CHANGE_MARK}' .. ARGV[1], 'PX', ARGV[2])
    redis.call('DEL', KEYS[i + 1])
  end
  return #KEYS`;

/** The mark of another change that began later stays: its end removes it. */
const END_CHANGE = `
  for i = 1, #KEYS, 2 do
    local entry = redis.call('GET', KEYS[i])
    if entry and (string.sub(entry, 1, 1) ~= '${CHANGE_MARK}' or entry == '${CHANGE_MARK}' .. ARGV[1]) then
      redis.call('DEL', KEYS[i])
    end
    redis.call('DEL', KEYS[i + 1])
  end
  return #KEYS`;

const WRITE_UNLESS_NEWER = `
  local version = tonumber(ARGV[2])
  local dropped = redis.call('GET', KEYS[2])
  if dropped and tonumber(dropped) > version then return 0 end
  local stored = redis.call('GET', KEYS[1])
  if stored then
    local readable, entry = pcall(cjson.decode, stored)
    if readable and type(entry) == 'table' and (tonumber(entry.version) or version) > version then return 0 end
  end
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3])
  return 1`;

const DROP_VERSION = `
  local dropped = redis.call('GET', KEYS[2])
  local version = ARGV[1]
  if dropped and tonumber(dropped) > tonumber(version) then version = dropped end
  redis.call('DEL', KEYS[1])
  redis.call('SET', KEYS[2], version, 'EX', ARGV[2])
  return 1`;

/** Each becomes a command of the client: sent whole once, then by its hash. */
export function defineCacheCommands(redis: Redis): void {
  redis.defineCommand('lookOrLease', { lua: LOOK_OR_LEASE });
  redis.defineCommand('leaseAgain', { numberOfKeys: 2, lua: LEASE_AGAIN });
  redis.defineCommand('fill', { lua: FILL });
  redis.defineCommand('giveBack', { numberOfKeys: 1, lua: GIVE_BACK });
  redis.defineCommand('beginChange', { lua: BEGIN_CHANGE });
  redis.defineCommand('endChange', { lua: END_CHANGE });
  redis.defineCommand('writeUnlessNewer', { numberOfKeys: 2, lua: WRITE_UNLESS_NEWER });
  redis.defineCommand('dropVersion', { numberOfKeys: 2, lua: DROP_VERSION });
}
